//! The device role: a real profile on SQLCipher (WAL, `synchronous = FULL`), the real sync loop, HTTP to the relay.

use crate::entries::{Entry, Workload, new_id};
use crate::region::{self, Chart, Meta, PASSPHRASE, copy, hold};
use crate::rpc::{now, random, serve, sleep};
use crate::watch::{Ear, Seen, watch};
use meguri_clinical::entry_kind;
use meguri_commands::call;
use meguri_commands::host::Host;
use meguri_device::Device;
use meguri_device::env::{Env, EnvRng, SystemEnv};
use meguri_replica::{Append, EntryBody, NewEntry, Replica, TimelineQuery};
use meguri_wire::ids::Hash;
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use uuid::Uuid;

/// Where the profile keeps the relay's address.
pub const META_RELAY: &str = "relay";

#[derive(Default)]
struct State {
    folder: Mutex<PathBuf>,
    device: Mutex<Option<Arc<Device>>>,
    ear: Mutex<Option<Arc<Ear>>>,
    meta: Mutex<Option<Meta>>,
    seen: Arc<Seen>,
}

/// Serves until `close`.
pub fn run() {
    let state = State::default();
    serve(move |cmd, ask| match cmd {
        "open" => state.open(ask),
        "seed" => state.seed(ask),
        "connect" => state.connect(ask),
        "pull" => state.pull(ask),
        "watch" => state.watch(),
        "live" => state.live(ask),
        "durable" => state.durable(ask),
        "seen" => state.seen(),
        "photo" => state.photo(ask),
        "loadChart" => state.load_chart(ask),
        "close" => state.close(),
        // Nothing is loaded before syncing: the outbox is in the file.
        "prep" => json!({"ms": 0}),
        other => panic!("no such command: {other}"),
    });
}

fn entries_of(ask: &Value) -> Vec<Entry> {
    serde_json::from_value(ask["entries"].clone()).expect("entries")
}

fn text(ask: &Value, key: &str) -> String {
    ask[key].as_str().unwrap_or_default().to_owned()
}

impl State {
    fn device(&self) -> Arc<Device> {
        self.device.lock().expect("a device").clone().expect("an open device")
    }

    fn replica(&self) -> Arc<Replica> {
        self.device().replica().unwrap_or_else(|_| panic!("locked"))
    }

    fn meta(&self) -> Meta {
        self.meta.lock().expect("the region").clone().expect("the region")
    }

    fn open(&self, ask: &Value) -> Value {
        let folder = PathBuf::from(text(ask, "dir"));
        *self.folder.lock().expect("a folder") = folder.clone();
        let (meta, home) = (&ask["meta"], text(ask, "home"));
        if !home.is_empty() {
            copy(&Path::new(&home).join("b"), &folder);
        } else if !meta.is_object() {
            return json!({}); // Recording begins.
        }
        if meta.is_object() {
            *self.meta.lock().expect("the region") = Some(serde_json::from_value(meta.clone()).expect("a region"));
        }
        let ear = Arc::new(Ear::new());
        let device = hold(&folder, ear.clone());
        device.unlock_passphrase(PASSPHRASE).unwrap_or_else(|f| panic!("unlock: {:?}", f.body()));
        *self.device.lock().expect("a device") = Some(Arc::new(device));
        *self.ear.lock().expect("an ear") = Some(ear);
        json!({})
    }

    fn seed(&self, ask: &Value) -> Value {
        let folder = self.folder.lock().expect("a folder").clone();
        let file = std::fs::read(text(ask, "workload")).expect("a workload");
        let workload: Workload = serde_json::from_slice(&file).expect("a workload");
        let light = std::env::var("MEGURI_BENCH_LIGHT").ok().and_then(|n| n.parse().ok()).unwrap_or(0);
        let home = PathBuf::from(format!("{}.home", folder.display()));
        if home.exists() {
            std::fs::remove_dir_all(&home).expect("an old recording goes");
        }
        let (device, meta) = region::make(&folder, &home, &workload, light);
        *self.device.lock().expect("a device") = Some(Arc::new(device));
        let replica = self.replica();
        let begun = now();
        for entry in &workload.entries {
            let at = entry.at_ms();
            append(&replica, &meta.charts[&entry.chart], at, entry.entry(new_id(at)));
        }
        let ms = now() - begun;
        let shown = serde_json::to_value(&meta).expect("JSON");
        *self.meta.lock().expect("the region") = Some(meta);
        json!({"meta": shown, "ms": ms})
    }

    fn lead_to(&self, ask: &Value) {
        self.replica().meta_put(META_RELAY, text(ask, "url").as_bytes()).expect("an address");
    }

    fn connect(&self, ask: &Value) -> Value {
        self.lead_to(ask);
        let begun = now();
        self.device().keep_syncing();
        json!({"t": begun, "ms": now() - begun})
    }

    /// Until every entry of every chart is committed here.
    fn pull(&self, ask: &Value) -> Value {
        let meta: Meta = serde_json::from_value(ask["meta"].clone()).expect("a region");
        self.lead_to(ask);
        let replica = self.replica();
        let begun = now();
        self.device().keep_syncing();
        let mut missing: Vec<&Chart> = meta.charts.values().collect();
        while let Some(chart) = missing.last() {
            let query = TimelineQuery { patient: chart.patient(), limit: 1, ..TimelineQuery::default() };
            let total = replica.timeline(&query).map_or(0, |page| page.total);
            if usize::try_from(total).is_ok_and(|total| total >= chart.entries) {
                missing.pop();
            } else {
                sleep(2.0);
            }
        }
        let ms = now() - begun;
        *self.meta.lock().expect("the region") = Some(meta);
        json!({"ms": ms, "entries": ask["n"]})
    }

    fn watch(&self) -> Value {
        let ear = self.ear.lock().expect("an ear").clone().expect("an ear");
        watch(self.device(), &ear, &self.meta(), self.seen.clone());
        json!({})
    }

    fn live(&self, ask: &Value) -> Value {
        let (device, replica, meta) = (self.device(), self.replica(), self.meta());
        let gap = ask["gap"].as_f64().expect("a gap");
        let mut sent = Vec::new();
        for entry in entries_of(ask) {
            let at = entry.at_ms();
            let id = new_id(at);
            open_chart(&replica, &meta.charts[&entry.chart], at);
            sent.push(json!([entry.id, now(), id.to_string()]));
            append(&replica, &meta.charts[&entry.chart], at, entry.entry(id));
            device.written();
            sleep(gap * (0.5 + random()));
        }
        json!({"sent": sent})
    }

    fn durable(&self, ask: &Value) -> Value {
        let (replica, meta) = (self.replica(), self.meta());
        let gap = ask["gap"].as_f64().unwrap_or(20.0);
        let mut ms = Vec::new();
        for entry in entries_of(ask) {
            let at = entry.at_ms();
            open_chart(&replica, &meta.charts[&entry.chart], at);
            let begun = now();
            append(&replica, &meta.charts[&entry.chart], at, entry.entry(new_id(at)));
            ms.push(now() - begun);
            sleep(gap);
        }
        json!({"ms": ms})
    }

    fn seen(&self) -> Value {
        let list = |map: &Mutex<std::collections::HashMap<Uuid, f64>>| -> Vec<Value> {
            map.lock().expect("what was seen").iter().map(|(id, t)| json!([id.to_string(), t])).collect()
        };
        json!({"seen": list(&self.seen.entries), "photos": list(&self.seen.photos)})
    }

    /// As the peers send 3 MB of bytes: sealed into the blob folder, written, uploaded before the item that lists it.
    /// What comes before with a camera's picture (decoding and cleaning it) is not in it.
    fn photo(&self, ask: &Value) -> Value {
        let meta = self.meta();
        let mut bytes = vec![0; usize::try_from(ask["bytes"].as_f64().expect("a size") as u64).expect("a size")];
        getrandom::fill(&mut bytes).expect("randomness");
        let begun = now();
        let blobs = self.folder.lock().expect("a folder").join("blobs");
        let blob = keep(&blobs, &bytes);
        let thumb = keep(&blobs, bytes.get(..20_000).expect("bytes"));
        let body = json!({"blob": blob, "thumb": thumb, "width": 4000, "height": 3000, "caption": ""});
        let body = entry_kind("photo").expect("a kind").encode(&body).unwrap_or_else(|r| panic!("photo: {r:?}"));
        let at_ms = SystemEnv.now_ms();
        let id = new_id(at_ms);
        let body = EntryBody { zone_min: 540, body, ..EntryBody::default() };
        let entry = NewEntry { id, kind: "photo".to_owned(), at_ms, body };
        append(&self.replica(), &meta.charts[&text(ask, "chart")], at_ms, entry);
        self.device().written();
        json!({"t": begun, "ms": now() - begun, "as": id.to_string()})
    }

    /// What a screen asks for first: the newest fifty entries.
    fn load_chart(&self, ask: &Value) -> Value {
        let (device, meta) = (self.device(), self.meta());
        let chart = &meta.charts[&text(ask, "chart")];
        let begun = now();
        let page = call(&*device, "chart.timeline", json!({"patientId": chart.patient, "limit": 50}));
        let page = page.unwrap_or_else(|f| panic!("timeline: {:?}", f.body()));
        let ms = now() - begun;
        let entries = page["entries"].as_array().expect("entries").len();
        assert_eq!(page["total"].as_u64(), Some(chart.entries as u64));
        json!({"ms": ms, "entries": entries, "bytes": page.to_string().len()})
    }

    fn close(&self) -> Value {
        drop(self.device.lock().expect("a device").take());
        json!({})
    }
}

/// Who writes has the chart open, and opening it makes the next save ready.
fn open_chart(replica: &Replica, chart: &Chart, at_ms: i64) {
    replica.warm(chart.patient(), at_ms).expect("its documents");
}

/// Writes one entry as the product does.
pub fn append(replica: &Replica, chart: &Chart, written_at_ms: i64, entry: NewEntry) {
    let append = Append {
        space: chart.space(),
        patient: chart.patient(),
        entries: vec![entry],
        state: Vec::new(),
        written_at_ms,
        zone_min: 540,
        discard_drafts: Vec::new(),
    };
    replica.append(&append).expect("it is written");
}

/// Seals bytes into the blob folder, durably.
fn keep(blobs: &Path, bytes: &[u8]) -> Value {
    let key = meguri_seal::Secret::make(&mut EnvRng(Arc::new(SystemEnv)));
    let (id, sealed) = meguri_seal::seal_blob(&key, bytes).expect("it is sealed");
    let draft = blobs.join(format!("{id}.new"));
    let mut file = std::fs::File::create(&draft).expect("a file");
    file.write_all(&sealed).and_then(|()| file.sync_all()).expect("it is written");
    std::fs::rename(&draft, blobs.join(id.to_string())).expect("it is there");
    std::fs::File::open(blobs).and_then(|folder| folder.sync_all()).expect("it is there");
    json!({
        "id": id.to_string(), "key": hex::encode(key.bytes()), "sha256": Hash::of(bytes).to_string(),
        "size": bytes.len(), "mediaType": "image/jpeg",
    })
}
