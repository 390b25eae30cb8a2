//! When entries arrived: the network of the device under test is listened to, and after each pull the replica is asked
//! until it has durably reached what the pull brought. The product itself is not changed and not slowed.

use crate::region::Meta;
use crate::rpc::{now, sleep};
use meguri_clinical::entry_kind;
use meguri_commands::host::Host;
use meguri_device::Device;
use meguri_device::net::{HttpNet, Net, NetError, NetRequest, NetResponse};
use meguri_replica::{EntryRow, TimelineQuery};
use meguri_wire::FeedId;
use meguri_wire::api::PullBuffer;
use std::collections::HashMap;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use uuid::Uuid;

/// How far feeds came by one pull.
type Brought = HashMap<FeedId, u64>;
/// Entries looked at after a move; more never arrive at once while one watches.
const NEWEST: u32 = 60;

/// The real network with an ear on pulls.
pub struct Ear {
    inner: HttpNet,
    told: Mutex<Option<Sender<Brought>>>,
}

impl Ear {
    /// Nobody listens yet.
    pub fn new() -> Ear {
        Ear { inner: HttpNet::new(None).expect("a network"), told: Mutex::default() }
    }

    fn listen(&self) -> Receiver<Brought> {
        let (told, heard) = channel();
        *self.told.lock().expect("an ear") = Some(told);
        heard
    }
}

impl Net for Ear {
    fn request(&self, request: NetRequest) -> Result<NetResponse, NetError> {
        let pull = request.path == "/v1/pull";
        let response = self.inner.request(request)?;
        if pull && let Some(told) = self.told.lock().expect("an ear").as_ref() {
            let mut buffer = PullBuffer::default();
            buffer.push(&response.body);
            let mut brought = Brought::new();
            while let Ok(Some(record)) = buffer.next_record() {
                brought.insert(record.feed, record.ssn);
            }
            // The device goes on whether or not somebody listens.
            let _ = told.send(brought);
        }
        Ok(response)
    }

    fn events(
        &self,
        request: NetRequest,
        watchdog_ms: u64,
        hints: &mut dyn FnMut(&[String]) -> bool,
    ) -> Result<(), NetError> {
        self.inner.events(request, watchdog_ms, hints)
    }
}

/// What a watched device has seen, and when.
#[derive(Default)]
pub struct Seen {
    /// Entries by id.
    pub entries: Mutex<HashMap<Uuid, f64>>,
    /// Photos that are whole on disk.
    pub photos: Mutex<HashMap<Uuid, f64>>,
}

/// Notes arrivals from now on.
pub fn watch(device: Arc<Device>, ear: &Ear, meta: &Meta, seen: Arc<Seen>) {
    let patients: HashMap<FeedId, Uuid> = meta.charts.values().map(|chart| (chart.space(), chart.patient())).collect();
    let heard = ear.listen();
    std::thread::spawn(move || {
        let replica = device.replica().unwrap_or_else(|_| panic!("a replica"));
        while let Ok(brought) = heard.recv() {
            loop {
                let cursors: HashMap<FeedId, u64> =
                    replica.cursors().expect("cursors").into_iter().map(|(feed, ssn, _)| (feed, ssn)).collect();
                if brought.iter().all(|(feed, ssn)| cursors.get(feed).is_some_and(|at| at >= ssn)) {
                    break;
                }
                sleep(0.1);
            }
            let t = now();
            for patient in brought.keys().filter_map(|feed| patients.get(feed)) {
                let query = TimelineQuery { patient: *patient, limit: NEWEST, ..TimelineQuery::default() };
                for row in replica.timeline(&query).expect("a page").entries {
                    note(&device, &seen, row, t);
                }
            }
        }
    });
}

fn note(device: &Arc<Device>, seen: &Arc<Seen>, row: EntryRow, t: f64) {
    let mut entries = seen.entries.lock().expect("what was seen");
    if entries.contains_key(&row.id) {
        return;
    }
    entries.insert(row.id, t);
    if row.kind != "photo" || !row.is_new {
        return;
    }
    let (device, seen) = (device.clone(), seen.clone());
    std::thread::spawn(move || {
        let facts = entry_kind("photo").expect("a kind").facts(&row.body).expect("facts");
        for blob in facts.blobs {
            let id = blob.id.parse().expect("a blob id");
            while device.open_picture(&id, row.id).is_err() {
                sleep(2.0); // The device itself may be fetching the same picture.
            }
        }
        seen.photos.lock().expect("what was seen").insert(row.id, now());
    });
}
