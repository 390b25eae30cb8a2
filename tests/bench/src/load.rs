//! The load role: many light devices in one process.

use crate::entries::Entry;
use crate::light::{Light, stamp};
use crate::region::{Crowd, Meta};
use crate::rpc::{now, serve};
use meguri_device::net::HttpNet;
use meguri_seal::DeviceSecrets;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::runtime::Runtime;

/// Devices that say hello at once.
const AT_ONCE: usize = 25;

struct Load {
    runtime: Runtime,
    devices: Mutex<Vec<Arc<Light>>>,
}

/// Serves until `close`.
pub fn run() {
    // Making the device's network chooses the one crypto library for every client of this process.
    drop(HttpNet::new(None).expect("a network"));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let load = Load { runtime, devices: Mutex::default() };
    serve(move |cmd, ask| match cmd {
        "start" => load.start(ask),
        "run" => load.run(ask),
        _ => json!({}),
    });
}

impl Load {
    fn start(&self, ask: &Value) -> Value {
        let meta: Meta = serde_json::from_value(ask["meta"].clone()).expect("a region");
        let crowd: Crowd =
            serde_json::from_slice(&std::fs::read(meta.home.join("crowd.json")).expect("a crowd")).expect("a crowd");
        let wanted = usize::try_from(ask["n"].as_u64().expect("n")).expect("n");
        assert!(crowd.devices.len() >= wanted, "the recording has {} light devices", crowd.devices.len());
        let (team, charts) = (crowd.team.parse().expect("a team"), meta.charts.values().collect::<Vec<_>>());
        let url = ask["url"].as_str().expect("an address");
        let year = i32::try_from(ask["year"].as_i64().expect("a year")).expect("a year");
        let lights: Vec<Arc<Light>> = crowd
            .devices
            .iter()
            .take(wanted)
            .enumerate()
            .map(|(n, secrets)| {
                let secrets = DeviceSecrets::from_bytes(&hex::decode(secrets).expect("hex")).expect("secrets");
                Arc::new(Light::new(url, &team, &secrets, charts[n % charts.len()].clone(), year))
            })
            .collect();
        self.runtime.block_on(async {
            for some in lights.chunks(AT_ONCE) {
                let begun: Vec<_> = some
                    .iter()
                    .map(|light| {
                        let light = light.clone();
                        tokio::spawn(async move {
                            let events = light.begin().await;
                            let (ear, feet) = (light.clone(), light);
                            tokio::spawn(async move { ear.listen(events).await });
                            tokio::spawn(async move { feet.follow().await });
                        })
                    })
                    .collect();
                for one in begun {
                    one.await.expect("a device begins");
                }
            }
        });
        *self.devices.lock().expect("devices") = lights;
        json!({"clients": wanted})
    }

    fn run(&self, ask: &Value) -> Value {
        let entries: Arc<Vec<Entry>> = Arc::new(serde_json::from_value(ask["entries"].clone()).expect("entries"));
        let period = ask["period"].as_f64().expect("a period");
        let until = now() + ask["secs"].as_f64().expect("seconds") * 1e3;
        let next = Arc::new(AtomicUsize::default());
        let lights = self.devices.lock().expect("devices").clone();
        let count = lights.len();
        let sent = self.runtime.block_on(async {
            let running: Vec<_> = lights
                .into_iter()
                .enumerate()
                .map(|(n, light)| {
                    let (entries, next) = (entries.clone(), next.clone());
                    tokio::spawn(async move {
                        let mut sent = Vec::new();
                        pause(period * n as f64 / count as f64).await;
                        while now() < until {
                            let due = now() + period;
                            let entry = &entries[next.fetch_add(1, Ordering::Relaxed) % entries.len()];
                            let (id, at_ms) = stamp();
                            sent.push(json!([id.to_string(), now()]));
                            light.write(entry, id, at_ms).await;
                            pause(due - now()).await;
                        }
                        sent
                    })
                })
                .collect();
            let mut all = Vec::new();
            for one in running {
                all.extend(one.await.expect("a device writes"));
            }
            all
        });
        json!({"sent": sent})
    }
}

async fn pause(ms: f64) {
    tokio::time::sleep(Duration::from_secs_f64(ms.max(0.0) / 1e3)).await;
}
