//! A team with as many devices as a team may have.

use super::fixture::{Plan, recorded, write};
use super::newcomer::Approved;
use super::removal::{remove, rotate};
use super::stage::{Clock, Counting, Stage, cpu_s};
use super::{Limit, line};
use crate::region::settle;
use crate::rpc::{now, sleep};
use meguri_commands::host::Host;
use meguri_device::Device;
use meguri_device::net::HttpNet;
use meguri_device::relay::Relay;
use meguri_wire::DeviceId;
use meguri_wire::limits::{PUSH_BYTES_MAX, TEAM_DEVICES_MAX};
use meguri_wire::sign::Signer;
use std::path::Path;
use std::sync::Arc;

/// The admin's, these, and one that joins as people do it.
const PLAN: Plan = Plan { name: "crowded", colleagues: TEAM_DEVICES_MAX - 2, charts: 10, entries: 5 };

fn generation(device: &Device) -> u64 {
    let replica = device.replica().unwrap_or_else(|_| panic!("locked"));
    let team = replica.device_info().expect("a replica").expect("a device").team;
    replica.newest_generation(&team).expect("a replica").map_or(0, |generation| generation.gen_no)
}

fn until(what: &str, so: impl Fn() -> bool) -> f64 {
    let begun = now();
    while !so() {
        assert!(now() - begun < 60_000.0, "{what}");
        sleep(1.0);
    }
    now()
}

pub fn run(cache: &Path, runs: usize) {
    let fixture = recorded(cache, &PLAN);
    let [mut joining, mut cut, mut push, mut cpu, mut pulled, mut rotated] = [const { Vec::new() }; 6];
    for _ in 0..runs {
        let stage = Stage::set(cache, &fixture, true);
        let (clock, net) = (Arc::new(Clock::default()), Arc::new(Counting::default()));
        let admin = stage.admin(clock.clone(), net.clone());
        admin.clone().keep_syncing();
        settle(&admin);
        let approved = Approved::by(&admin, &stage.place("fresh"));
        approved.join();
        let other = approved.device.clone();
        settle(&other);
        joining.push(now() - approved.at);
        settle(&admin);
        sleep(1_500.0);
        let signer = Arc::new(fixture.meta.colleague(0));
        let id = DeviceId(signer.kid());
        let lost = Relay::new(Arc::new(HttpNet::new(None).expect("a network")), &[&stage.url], signer);
        net.largest_push();
        let (begun, cpu_begun) = (now(), cpu_s());
        cut.push(remove(&admin, &lost, id));
        cpu.push(cpu_s() - cpu_begun);
        let body = net.largest_push();
        assert!(body <= PUSH_BYTES_MAX as u64, "{body} bytes in one push");
        push.push(body as f64 / 1e3);
        until("the admin holds its own removal", || generation(&admin) == 2);
        pulled.push(until("the other device holds the next generation", || generation(&other) == 2) - begun);
        rotate(&admin, &clock);
        rotated.push((now() - begun) / 1e3);
        // What one of them writes now opens for the other, under the new key.
        let chart = &fixture.meta.charts[0];
        let entry = write(&other, chart);
        let there = admin.replica().unwrap_or_else(|_| panic!("locked"));
        until("it arrives", || there.entry(chart.patient(), entry).expect("a replica").is_some());
    }
    line("500 devices in a team: the 500th has joined with 10 charts, from its approval", "ms", Limit::None, joining);
    line("  one is removed, 499 envelopes: until the relay refuses it", "ms", Limit::Most(1000.0), cut);
    line("  the push that removes it, of 4,194 kB at most", "kB", Limit::Most(4194.304), push);
    line("  processor time of all devices here until then", "s", Limit::None, cpu);
    line("  another device holds the next generation, from the decision", "ms", Limit::None, pulled);
    line("  10 charts rotated, pauses left out", "s", Limit::None, rotated);
}
