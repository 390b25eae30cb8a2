//! The demo region as its maker and its users meet it: made once, served by the relay's own `serve`, read by each of its
//! three people, and closed to everybody else.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a failing test may panic")]

use meguri_commands::call;
use meguri_commands::host::Host;
use meguri_device::Device;
use meguri_device::device::Outside;
use meguri_device::env::SystemEnv;
use meguri_device::keystore::NoKeystore;
use meguri_device::net::HttpNet;
use meguri_relay::operate::config::Config;
use meguri_relay::operate::serve;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

const PEOPLE: [(&str, &str); 3] = [("nurse", "小野寺 由美"), ("doctor", "佐伯 健"), ("pharmacist", "土屋 玲")];
const HIDDEN: &[&str] = &["小野寺", "土屋", "南浜市", "横になると苦しくて", "一包化の飲み残しなし"];

fn demo(folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_meguri")).arg("demo").arg(folder).output().unwrap()
}

fn open(folder: &Path) -> Device {
    let net = Arc::new(HttpNet::new(None).unwrap());
    let device =
        Device::hold(folder, Outside { env: Arc::new(SystemEnv), net, keystore: Arc::new(NoKeystore) }).unwrap();
    let shown = ask(&device, "profile.status", json!({}));
    ask(&device, "profile.unlock", json!({"passphrase": shown["demo"]["passphrase"]}));
    device
}

fn ask(device: &Device, name: &str, req: Value) -> Value {
    call(device, name, req).unwrap_or_else(|failure| panic!("{name}: {:?}", failure.body()))
}

fn timeline(device: &Device, patient: &Value) -> Vec<Value> {
    let page = ask(device, "chart.timeline", json!({"patientId": patient, "limit": 200}));
    page["entries"].as_array().unwrap().clone()
}

fn nothing_in_clear(folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            nothing_in_clear(&path);
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        for word in HIDDEN {
            assert!(!bytes.windows(word.len()).any(|part| part == word.as_bytes()), "{word} in {}", path.display());
        }
    }
}

#[test]
fn three_people_read_one_region_and_its_folder_keeps_it_closed() {
    let outside = tempfile::tempdir().unwrap();
    let folder = outside.path().join("region");
    let made = demo(&folder);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let made: Value = serde_json::from_slice(&made.stdout).unwrap();
    assert_eq!(made["patients"], 30);
    assert!(made["entries"].as_u64().unwrap() > 3000 && made["pictures"].as_u64().unwrap() > 10, "{made}");
    let again = demo(&folder);
    assert_eq!(again.status.code(), Some(3), "a region is never written over");
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 1, "nothing half made is left");

    let config = Config::load(Some(&folder.join("demo.toml")), std::iter::empty()).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.spawn(async move { serve::serve(&config).await });
    let devices = PEOPLE.map(|(name, _)| open(&folder.join(name)));
    let mut seen = Vec::new();
    for device in &devices {
        let state = ask(device, "sync.now", json!({}));
        assert_eq!((&state["state"], &state["unsent"]), (&json!("up-to-date"), &json!(0)));
        let rows = ask(device, "patient.search", json!({"query": ""}))["rows"].as_array().unwrap().clone();
        assert_eq!(rows.len(), 30);
        let texts: BTreeSet<String> = rows
            .iter()
            .flat_map(|row| timeline(device, &row["patientId"]))
            .map(|entry| format!("{} {} {}", entry["id"], entry["body"], entry["author"]["name"]))
            .collect();
        seen.push((rows, texts));
    }
    assert_eq!(seen[0].1, seen[1].1);
    assert_eq!(seen[1].1, seen[2].1);
    assert_eq!(seen[0].1.len() as u64, made["entries"].as_u64().unwrap());

    let rows = &seen[1].0;
    let everything: Vec<Value> = rows.iter().flat_map(|row| timeline(&devices[1], &row["patientId"])).collect();
    for (_, name) in PEOPLE {
        assert!(everything.iter().any(|entry| entry["author"]["name"] == name), "{name}");
    }
    let late =
        |entry: &&Value| entry["writtenAt"]["ms"].as_i64().unwrap() - entry["at"]["ms"].as_i64().unwrap() > 3_600_000;
    assert_eq!(everything.iter().filter(late).count(), 0, "written on the day it tells of");
    let photo = everything.iter().find(|entry| entry["kind"] == "photo").unwrap();
    let id = photo["body"]["blob"]["id"].as_str().unwrap().parse().unwrap();
    let entry = photo["id"].as_str().unwrap().parse().unwrap();
    let jpeg = devices[1].open_picture(&id, entry).unwrap();
    assert_eq!(jpeg.get(..3), Some(&[0xff, 0xd8, 0xff][..]), "the nurse's picture came to the physician");
    let unread = |device: &Device| -> u64 {
        let rows = ask(device, "patient.search", json!({"query": ""}))["rows"].as_array().unwrap().clone();
        rows.iter().map(|row| row["newCount"].as_u64().unwrap()).sum()
    };
    for device in &devices {
        assert!((1..200).contains(&unread(device)), "{} unread", unread(device));
        device.lock(true).unwrap();
    }
    nothing_in_clear(&folder);
}
