//! A new device in a team with 200 charts of five years.

use super::fixture::{Plan, recorded};
use super::stage::{Clock, Counting, Stage};
use super::{Limit, line};
use crate::region::{Chart, PASSPHRASE, ask, hold, settle};
use crate::rpc::{now, sleep};
use meguri_commands::host::Host;
use meguri_device::Device;
use meguri_device::net::HttpNet;
use meguri_replica::{Replica, TimelineQuery};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;

const PLAN: Plan = Plan { name: "newcomer", colleagues: 9, charts: 200, entries: 1_000 };
const LOOK_MS: f64 = 20.0;

/// A device fresh from the shop that an admin has just approved, and what it joins with.
pub struct Approved {
    /// It.
    pub device: Arc<Device>,
    join: Value,
    /// When the approval was through, ms.
    pub at: f64,
}

impl Approved {
    /// The two screens, up to the admin's approval.
    pub fn by(admin: &Device, folder: &Path) -> Approved {
        let net = Arc::new(HttpNet::new(None).expect("a network"));
        let device = Arc::new(hold(folder, net));
        device.clone().keep_syncing();
        let person = json!({"name": "三浦 千秋", "profession": "nurse"});
        let offer = ask(admin, "enrol.offer", json!({"newStaff": person, "admin": false}));
        let join = json!({"codeOrUrl": offer["url"], "passphrase": PASSPHRASE});
        ask(&device, "enrol.join", join.clone());
        let look = || ask(admin, "enrol.offer", json!({"offerId": offer["offerId"]}));
        look();
        let digits = ask(&device, "enrol.join", join.clone())["digits"].clone();
        assert!(digits.is_string() && digits == look()["digits"], "both show the same");
        ask(admin, "enrol.approve", json!({"offerId": offer["offerId"], "digitsMatch": true}));
        Approved { device, join, at: now() }
    }

    /// Joins; returns when the first round is over.
    pub fn join(&self) {
        assert_eq!(ask(&self.device, "enrol.join", self.join.clone())["state"], "done");
    }
}

fn whole(replica: &Replica, chart: &Chart) -> bool {
    let query = TimelineQuery { patient: chart.patient(), limit: 50, ..TimelineQuery::default() };
    let total = replica.timeline(&query).map_or(0, |page| page.total);
    usize::try_from(total).is_ok_and(|total| total >= chart.entries)
}

/// Until all of these are whole; ms.
fn wait(replica: &Replica, mut missing: Vec<&Chart>) -> f64 {
    while let Some(chart) = missing.last() {
        if whole(replica, chart) {
            missing.pop();
        } else {
            sleep(LOOK_MS);
        }
    }
    now()
}

fn bytes(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"));
    entries.map(|e| if e.path().is_dir() { bytes(&e.path()) } else { e.metadata().map_or(0, |m| m.len()) }).sum()
}

pub fn run(cache: &Path, runs: usize) {
    let fixture = recorded(cache, &PLAN);
    let (mut first, mut all, mut disk) = (vec![], vec![], vec![]);
    for _ in 0..runs {
        let stage = Stage::set(cache, &fixture, false);
        let admin = stage.admin(Arc::new(Clock::default()), Arc::new(Counting::default()));
        admin.clone().keep_syncing();
        settle(&admin);
        let approved = Approved::by(&admin, &stage.place("fresh"));
        let replica = approved.device.replica().unwrap_or_else(|_| panic!("locked"));
        std::thread::scope(|scope| {
            let joined = scope.spawn(|| approved.join());
            let today = fixture.meta.today.iter().map(|n| &fixture.meta.charts[*n]).collect();
            first.push((wait(&replica, today) - approved.at) / 1e3);
            wait(&replica, fixture.meta.charts.iter().collect());
            replica.flush().expect("it is on the disk");
            all.push((now() - approved.at) / 1e3);
            joined.join().expect("it has joined");
        });
        disk.push(bytes(&stage.place("fresh")) as f64 / 1e6);
    }
    let name = "a new device, 200 charts of 1,000 entries: the ten written into last are whole";
    line(name, "s", Limit::Most(10.0), first);
    line("  everything", "s", Limit::Most(60.0), all);
    line("  its folder", "MB", Limit::None, disk);
}
