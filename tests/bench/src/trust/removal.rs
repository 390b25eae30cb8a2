//! A team with 40 devices in 200 charts loses a tablet.

use super::fixture::{Plan, recorded};
use super::stage::{Clock, Counting, Stage, cpu_s};
use super::{Limit, line};
use crate::region::{ask, settle};
use crate::rpc::{now, sleep};
use meguri_commands::Code;
use meguri_commands::host::Host;
use meguri_device::Device;
use meguri_device::net::HttpNet;
use meguri_device::relay::Relay;
use meguri_replica::Replica;
use meguri_wire::sign::Signer;
use meguri_wire::{DeviceId, SpaceId};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;

const PLAN: Plan = Plan { name: "removal", colleagues: 39, charts: 200, entries: 5 };
/// In the product one idle chart a second; here the device's clock is put forward instead of waiting.
const SECOND_MS: i64 = 1_000;
const SECONDS_MAX: usize = 4_000;
const LOOK_MS: f64 = 2.0;

/// When a removed device is refused, by asking as it until then; ms since `begun` was noted.
pub fn refused_at(relay: &Relay) -> f64 {
    let mut since = Vec::new();
    loop {
        match relay.heads(&since) {
            Ok(reply) => since = reply.next,
            Err(failure) if failure.code == Code::Removed => return now(),
            Err(failure) => panic!("{:?}", failure.body()),
        }
        sleep(LOOK_MS);
    }
}

/// Removes a device and notes how long the relay still answered it, ms.
pub fn remove(admin: &Device, lost: &Relay, device: DeviceId) -> f64 {
    assert!(lost.heads(&[]).is_ok(), "the lost device is known");
    std::thread::scope(|scope| {
        let refused = scope.spawn(|| refused_at(lost));
        sleep(50.0);
        let begun = now();
        ask(admin, "team.remove", json!({"deviceId": device.to_string(), "reason": "lost"}));
        refused.join().expect("an answer") - begun
    })
}

fn epochs(replica: &Replica) -> Vec<(SpaceId, u64)> {
    let rows = replica.spaces().expect("spaces");
    rows.into_iter()
        .map(|row| (row.space, replica.space(&row.space).expect("a space").expect("a space").newest_epoch()))
        .collect()
}

/// Until no chart owes a key, the device's clock a second further each time.
pub fn rotate(device: &Device, clock: &Clock) {
    let rotations = || device.status().unwrap_or_else(|f| panic!("{:?}", f.body())).rotations;
    while rotations() == 0 {
        sleep(1.0);
    }
    for _ in 0..SECONDS_MAX {
        if rotations() == 0 {
            return;
        }
        clock.forward(SECOND_MS);
        device.tick().unwrap_or_else(|f| panic!("{:?}", f.body()));
    }
    panic!("{} charts still owe a key", rotations());
}

pub fn run(cache: &Path, runs: usize) {
    let fixture = recorded(cache, &PLAN);
    let (mut cut, mut cpu, mut sent, mut wall, mut paced) = (vec![], vec![], vec![], vec![], vec![]);
    for _ in 0..runs {
        let stage = Stage::set(cache, &fixture, true);
        let (clock, net) = (Arc::new(Clock::default()), Arc::new(Counting::default()));
        let device = stage.admin(clock.clone(), net.clone());
        device.clone().keep_syncing();
        settle(&device);
        sleep(1_500.0); // acknowledgements and the stream of hints
        let replica = device.replica().unwrap_or_else(|_| panic!("locked"));
        let before = epochs(&replica);
        assert_eq!(before.len(), PLAN.charts);
        let signer = Arc::new(fixture.meta.colleague(PLAN.colleagues - 1));
        let id = DeviceId(signer.kid());
        let lost = Relay::new(Arc::new(HttpNet::new(None).expect("a network")), &[&stage.url], signer);
        let (begun, cpu_begun, sent_begun) = (now(), cpu_s(), net.sent());
        cut.push(remove(&device, &lost, id));
        rotate(&device, &clock);
        wall.push((now() - begun) / 1e3);
        cpu.push(cpu_s() - cpu_begun);
        sent.push((net.sent() - sent_begun) as f64 / 1e6);
        paced.push((now() - begun) / 1e3 + clock.ahead_ms() as f64 / 1e3);
        for ((space, n), (_, m)) in before.iter().zip(epochs(&replica)) {
            assert_eq!(m, n + 1, "{space} has its new key");
        }
        settle(&device);
    }
    line("a lost tablet of 40: until the relay refuses it, from the admin's decision", "ms", Limit::Most(1000.0), cut);
    line("  its 200 charts rotated: processor time of the rotating device", "s", Limit::Most(30.0), cpu);
    line("  uploaded by it", "MB", Limit::Most(2.0), sent);
    line("  wall with the pauses of one second left out", "s", Limit::None, wall);
    line("  on the device's clock, one idle chart a second", "s", Limit::None, paced);
}
