//! What stands before the clock starts, because the peers have nothing like it: a relay with its directory, two
//! facilities with a device each, a chart per name with both as members, and for the fan-in a third facility with many
//! devices. Everything is signed, sealed and checked as in use.

use crate::entries::Workload;
use meguri_commands::call;
use meguri_commands::host::Host;
use meguri_device::Device;
use meguri_device::authoring::{self, Newcomer, Signed};
use meguri_device::device::{Founding, Outside};
use meguri_device::env::{Env, EnvRng, SystemEnv};
use meguri_device::keystore::NoKeystore;
use meguri_device::net::Net;
use meguri_device::relay::Relay;
use meguri_relay::keys::Keys;
use meguri_relay::operate::{init, invite, system_clock};
use meguri_relay::store::sqlite::{SqliteLimits, SqliteStore};
use meguri_relay::{App, Settings};
use meguri_seal::{DeviceSecrets, Generation};
use meguri_testkit::{Dice, RouterNet};
use meguri_wire::api::{PushFrame, PushRequest, PushResult};
use meguri_wire::control::{AddFacility, Body, DirectoryBody, DirectoryGenesis, FacilityType, Relay as RelayRecord};
use meguri_wire::control::{DeviceRole, TeamKind};
use meguri_wire::feed::TeamState;
use meguri_wire::sign::{Ed25519Signer, Signer};
use meguri_wire::{Control, FeedId, FrameId, SpaceId, StaffId, TeamId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::runtime::Runtime;
use uuid::Uuid;

/// The relay's public name in signed requests, whatever port it listens on.
pub const AUTHORITY: &str = "relay.bench";
/// Every profile's passphrase.
pub const PASSPHRASE: &str = "yuki to sumire no michi";
const ROUNDS_MAX: usize = 400;
/// Frames of one push while the light devices are added.
const ADDED_AT_ONCE: usize = 100;

/// What the roles know of a recorded region.
#[derive(Clone, Serialize, Deserialize)]
pub struct Meta {
    /// Folder with the relay's data, the second device and the light devices.
    pub home: PathBuf,
    /// Charts by the workload's names.
    pub charts: BTreeMap<String, Chart>,
}

/// A chart of it.
#[derive(Clone, Serialize, Deserialize)]
pub struct Chart {
    /// The product's patient.
    pub patient: String,
    /// Space id, hex.
    pub space: String,
    /// The epoch and its key, hex: for counting what a relay holds and for the light devices. Nobody else is given it.
    pub epoch: u64,
    /// See above.
    pub key: String,
    /// Entries the workload puts into it.
    pub entries: usize,
}

impl Chart {
    /// The patient.
    pub fn patient(&self) -> Uuid {
        self.patient.parse().expect("a patient")
    }

    /// The space.
    pub fn space(&self) -> SpaceId {
        self.space.parse().expect("a space id")
    }

    /// The key that opens its items.
    pub fn key(&self) -> meguri_seal::EpochKey {
        let bytes: [u8; 32] = hex::decode(&self.key).expect("hex").try_into().expect("32 bytes");
        meguri_seal::EpochKey::from_parts(self.epoch, meguri_seal::Secret::new(bytes))
    }
}

/// The light devices of the fan-in: members of one team.
#[derive(Serialize, Deserialize)]
pub struct Crowd {
    /// Their team, hex.
    pub team: String,
    /// Their secrets, hex of their own form.
    pub devices: Vec<String>,
}

/// A relay in this process, with its directory.
pub struct Region {
    runtime: Runtime,
    store: Arc<SqliteStore>,
    app: Arc<App>,
    root: Ed25519Signer,
    last: Option<(FeedId, u64, FrameId)>,
}

impl Region {
    /// A new one; its data folder stays.
    pub fn begin(data: &Path) -> Region {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let (store, app) = runtime.block_on(async {
            init::init(data, None).await.expect("a relay");
            let keys = Keys::read(data).expect("keys");
            let store = Arc::new(SqliteStore::open(data, SqliteLimits::default()).expect("a store"));
            let settings = Settings {
                authority: AUTHORITY.to_owned(),
                requests_per_s: 1_000_000,
                requests_burst: 1_000_000,
                bytes_per_hour: 1 << 40,
                ..Settings::default()
            };
            let app = App::open(store.clone(), data, &keys, settings, system_clock()).await.expect("an app");
            (store, app)
        });
        let root = Ed25519Signer::own_id(&[7; 32]).expect("a root key");
        let mut region = Region { runtime, store, app, root, last: None };
        let roots = vec![region.root.public_key()];
        let name = "計測地域".to_owned();
        region.record(DirectoryBody::Genesis(DirectoryGenesis { nonce: [1; 16], name, threshold: 1, roots }));
        let key = region.app.relay_key();
        region.record(DirectoryBody::Relay(RelayRecord { urls: vec![format!("http://{AUTHORITY}")], key }));
        region
    }

    fn record(&mut self, body: DirectoryBody) {
        let control = Control {
            feed: self.last.map(|(feed, ..)| feed),
            cseq: self.last.map_or(1, |(_, cseq, _)| cseq + 1),
            prev_hash: self.last.map(|(.., id)| id),
            body: Body::Directory(body),
        };
        let frame = control.sign_directory(&[&self.root]).expect("a directory record");
        self.runtime.block_on(self.app.bring_in(frame.raw.clone())).unwrap_or_else(|_| panic!("directory"));
        self.last = Some((self.last.map_or_else(|| frame.id.feed(), |(feed, ..)| feed), control.cseq, frame.id));
    }

    fn list(&mut self, name: &str, team: FrameId) {
        let (name, facility_type) = (name.to_owned(), FacilityType::Other);
        self.record(DirectoryBody::AddFacility(AddFacility { name, code: String::new(), facility_type, team }));
    }

    /// A line to the relay.
    pub fn net(&self) -> Arc<dyn Net> {
        Arc::new(RouterNet::new(meguri_relay::app(self.app.clone()), Dice::new(1)))
    }

    fn setup_code(&self) -> String {
        self.runtime.block_on(invite::invite_into(self.store.as_ref())).expect("a setup code")
    }

    /// A facility with its first device.
    pub fn facility(&mut self, folder: &Path, name: &str, person: &str) -> (Device, TeamId) {
        let device = hold(folder, self.net());
        device.profile_create(PASSPHRASE).expect("a profile");
        let founding = Founding {
            relay_url: format!("http://{AUTHORITY}"),
            setup_code: self.setup_code(),
            name: person.to_owned(),
            profession: "nurse".to_owned(),
        };
        let genesis = device.found_team(&founding, None).unwrap_or_else(|f| panic!("team: {:?}", f.body()));
        self.list(name, genesis);
        (device, genesis.feed())
    }

    /// A facility whose devices are keys alone.
    pub fn crowd(&mut self, count: usize) -> (TeamId, Crowd) {
        let mut rng = EnvRng(Arc::new(SystemEnv));
        let first = DeviceSecrets::make(&mut rng);
        let generation = Generation::make_first(&mut rng);
        let genesis =
            authoring::team_genesis(TeamKind::Facility, StaffId([1; 16]), "林 一", &first, &generation, &mut rng);
        let genesis = genesis.unwrap_or_else(|_| panic!("genesis"));
        let team = genesis.frame.id.feed();
        let mut state = TeamState::begin(&genesis.frame).unwrap_or_else(|_| panic!("genesis"));
        let signer = Arc::new(first.signer(&team).expect("a signer"));
        let relay = Relay::new(self.net(), &[format!("http://{AUTHORITY}")], signer.clone());
        let id = genesis.frame.id;
        push(&relay, vec![genesis], Some(&self.setup_code()));
        self.list("計測薬局", id);
        let mut devices = vec![first];
        devices.extend(enlarge(&relay, &mut state, &generation, &signer, StaffId([1; 16]), count.saturating_sub(1)));
        let devices = devices.iter().map(|secrets| hex::encode(secrets.to_bytes())).collect();
        (team, Crowd { team: team.to_string(), devices })
    }
}

/// So many devices more in a team, each keys alone.
pub fn enlarge(
    relay: &Relay,
    state: &mut TeamState,
    generation: &Generation,
    signer: &Ed25519Signer,
    staff: StaffId,
    count: usize,
) -> Vec<DeviceSecrets> {
    let mut rng = EnvRng(Arc::new(SystemEnv));
    let mut devices = Vec::new();
    let mut waiting = Vec::new();
    while devices.len() < count {
        let secrets = DeviceSecrets::make(&mut rng);
        let keys = secrets.public().expect("keys");
        let newcomer = Newcomer { staff, name: None, role: DeviceRole::Member, keys: &keys };
        let added = authoring::add_device(state, generation, signer, &newcomer, &mut rng);
        for signed in added.unwrap_or_else(|_| panic!("a device")) {
            let step = state.check(&signed.frame).unwrap_or_else(|_| panic!("a device"));
            state.apply(step);
            waiting.push(signed);
        }
        devices.push(secrets);
        if waiting.len() >= ADDED_AT_ONCE || devices.len() == count {
            push(relay, std::mem::take(&mut waiting), None);
        }
    }
    devices
}

fn push(relay: &Relay, signed: Vec<Signed>, setup: Option<&str>) {
    let frames = signed.into_iter().map(|s| PushFrame { frame: s.frame.raw, attachments: s.attachments }).collect();
    let reply = relay.push(&PushRequest { frames }, setup).unwrap_or_else(|f| panic!("push: {:?}", f.body()));
    assert!(reply.results.iter().all(|r| matches!(r, PushResult::Accepted { .. })), "{:?}", reply.results);
}

/// A profile folder with the outside of the real program.
pub fn hold(folder: &Path, net: Arc<dyn Net>) -> Device {
    hold_at(folder, Arc::new(SystemEnv), net)
}

/// The same with a clock of its own.
pub fn hold_at(folder: &Path, env: Arc<dyn Env>, net: Arc<dyn Net>) -> Device {
    let outside = Outside { env, net, keystore: Arc::new(NoKeystore) };
    Device::hold(folder, outside).unwrap_or_else(|f| panic!("profile: {:?}", f.body()))
}

/// A command that must succeed.
pub fn ask(device: &Device, name: &str, req: Value) -> Value {
    call(device, name, req).unwrap_or_else(|failure| panic!("{name}: {:?}", failure.body()))
}

/// Until everything is sent and nothing is left to fetch.
pub fn settle(device: &Device) {
    for _ in 0..ROUNDS_MAX {
        let state = ask(device, "sync.now", json!({}));
        if state["state"] == "up-to-date" && state["unsent"] == 0 {
            return;
        }
        crate::rpc::sleep(50.0);
    }
    panic!("the region does not come to rest: {}", ask(device, "sync.status", json!({})));
}

/// Makes everything. `folder` becomes the first device's profile, still running and with an empty outbox.
pub fn make(folder: &Path, home: &Path, workload: &Workload, light: usize) -> (Device, Meta) {
    std::fs::create_dir_all(home).expect("a folder");
    let mut region = Region::begin(&home.join("relay"));
    let (a, _) = region.facility(folder, "計測訪問看護ステーション", "小野寺 由美");
    let (b, second) = region.facility(&home.join("b"), "計測診療所", "佐伯 健");
    drop(b);
    let mut circle = vec![second];
    if light > 0 {
        let (team, crowd) = region.crowd(light);
        circle.push(team);
        std::fs::write(home.join("crowd.json"), serde_json::to_vec(&crowd).expect("JSON")).expect("a file");
    }
    settle(&a);
    a.set_circle(&circle).unwrap_or_else(|f| panic!("circle: {:?}", f.body()));
    let mut patients = BTreeMap::new();
    for (n, chart) in workload.charts.iter().enumerate() {
        let identity = json!({
            "name": {"family": "計測", "given": format!("第{n}")}, "kana": {"family": "ケイソク", "given": "ダイ"},
            "birthDate": "1942-03-14", "sex": "female",
        });
        let made = ask(&a, "patient.register", json!({"identity": identity, "acceptSimilar": true}));
        patients.insert(chart.clone(), made["patientId"].as_str().expect("an id").parse::<Uuid>().expect("an id"));
    }
    settle(&a);
    let replica = a.replica().unwrap_or_else(|_| panic!("a replica"));
    let charts = patients.into_iter().map(|(name, patient)| {
        let space = replica.space_of(patient).expect("a space").expect("a space");
        let key = replica.epoch_key(&space).expect("a key").expect("a key");
        let members = replica.space(&space).expect("a space").expect("a space").members.len();
        assert_eq!(members, circle.len() + 1, "every facility is a member");
        let entries = workload.entries.iter().filter(|e| e.chart == name).count();
        let key_text = hex::encode(key.secret().bytes());
        (name, Chart { patient: patient.to_string(), space: space.to_string(), epoch: key.n, key: key_text, entries })
    });
    let meta = Meta { home: std::path::absolute(home).expect("a path"), charts: charts.collect() };
    (a, meta)
}

/// Copies a folder.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a copy");
        }
    }
}
