//! Keys, seals and feeds by themselves: what an unlock, an item, an envelope, a picture and a long feed cost. One JSON
//! line each: name, median and p99 in ms, limit where one is promised.

use crate::entries::new_id;
use crate::region::{PASSPHRASE, hold};
use crate::rpc::now;
use meguri_chart::{Actor, Doc, DocName};
use meguri_commands::host::Host;
use meguri_device::authoring;
use meguri_device::env::{EnvRng, SystemEnv};
use meguri_device::net::HttpNet;
use meguri_seal::{ChangeRecord, DeviceSecrets, EpochKey, EpochOpening, EpochRecipient, Generation, Plain, Secret};
use meguri_seal::{Unsealed, open_blob, open_item, seal_blob, seal_item};
use meguri_wire::control::{AddStaff, TeamKind};
use meguri_wire::feed::TeamState;
use meguri_wire::frame::CLASS_RECORD;
use meguri_wire::{Control, DeviceId, FeedId, Frame, Seen, StaffId};
use serde_json::json;
use std::sync::Arc;

const CONTROLS: u64 = 10_000;

fn line(name: &str, ms: Vec<f64>) {
    say(name, None, ms);
}

fn promised(name: &str, limit_ms: f64, ms: Vec<f64>) {
    say(name, Some(limit_ms), ms);
}

fn say(name: &str, limit_ms: Option<f64>, mut ms: Vec<f64>) {
    ms.sort_by(f64::total_cmp);
    let at = |part: f64| (ms[((ms.len() - 1) as f64 * part).round() as usize] * 1e3).round() / 1e3;
    let worst = if ms.len() > 20 { at(0.99) } else { at(1.0) };
    println!("{}", json!({"name": name, "median": at(0.5), "p99": worst, "limit": limit_ms}));
}

fn times(count: usize, mut work: impl FnMut()) -> Vec<f64> {
    let one = |_| {
        let begun = now();
        work();
        now() - begun
    };
    (0..count).map(one).collect()
}

/// Prints every line.
pub fn run() {
    let mut rng = EnvRng(Arc::new(SystemEnv));
    unlock();
    items(&mut rng);
    envelopes(&mut rng);
    pictures(&mut rng);
    feed(&mut rng);
}

fn unlock() {
    let folder = std::env::temp_dir().join(format!("meguri-bench-{}", std::process::id()));
    let net = Arc::new(HttpNet::new(None).expect("a network"));
    let device = hold(&folder, net.clone());
    device.profile_create(PASSPHRASE).unwrap_or_else(|f| panic!("profile: {:?}", f.body()));
    drop(device);
    let opening = || {
        let device = hold(&folder, net.clone());
        device.unlock_passphrase(PASSPHRASE).unwrap_or_else(|f| panic!("unlock: {:?}", f.body()));
    };
    promised("unlock a profile by passphrase", 500.0, times(5, opening));
    std::fs::remove_dir_all(&folder).expect("the folder goes");
}

fn items(rng: &mut EnvRng) {
    let space = FeedId([3; 16]);
    let secrets = DeviceSecrets::make(rng);
    let signer = secrets.signer(&FeedId([4; 16])).expect("a signer");
    let public = secrets.public().expect("keys");
    let device: DeviceId = public.id(&FeedId([4; 16]));
    let key = EpochKey::make(1, rng);
    let mut doc = Doc::new(space.0, DocName::Log(2026)).expect("a document");
    let actor = Actor::new(device.0, [1; 8]);
    let body = vec![0x5a; 120];
    let change = doc.put_entry(&actor, new_id(0).into_bytes(), "vitals", 0, &body).expect("a change");
    let records = vec![ChangeRecord { written_at_ms: 0, zone_min: 540, clock_offset_ms: 0, change: change.bytes }];
    let seal = || {
        let fields = Unsealed {
            feed: space,
            class: CLASS_RECORD,
            doc: None,
            dseq: 1,
            prev_item_hash: None,
            seen: Seen::nothing(),
            blob_ids: Vec::new(),
        };
        let fields = Unsealed { doc: Some(meguri_wire::ids::doc_id(&space, "log-2026")), ..fields };
        let plain = Plain::changes(&records).expect("it packs");
        seal_item(&key, &device, fields, &plain, [9; 32]).and_then(|item| item.sign(&signer).map_err(Into::into))
    };
    let frame = seal().unwrap_or_else(|_| panic!("it seals"));
    line("pack, seal and sign one entry", times(2000, || drop(seal())));
    let open = || {
        let frame = Frame::decode(&frame.raw).expect("a frame");
        frame.verify(&public.signing_key).expect("it is signed");
        let plain = open_item(&key, &device, frame.item().expect("an item")).expect("it opens");
        plain.to_changes().expect("changes");
    };
    line("verify, open and unpack it", times(2000, open));
}

fn envelopes(rng: &mut EnvRng) {
    let generation = Generation::make_first(rng);
    let public = generation.public_key().expect("a key");
    let (feed, team, author) = (FeedId([3; 16]), FeedId([4; 16]), DeviceId([5; 16]));
    let key = EpochKey::make(1, rng);
    let to = EpochRecipient { feed: &feed, team: &team, gen_no: 1, public_key: &public, author: &author };
    let sealed = key.seal_envelope(&to, rng).expect("it seals");
    line("seal a chart's key to a team (X-Wing)", times(200, || drop(key.seal_envelope(&to, rng))));
    let kcv = key.kcv().expect("a check value");
    let opening = EpochOpening { feed: &feed, n: 1, kcv: &kcv, team: &team, author: &author };
    line("open it", times(200, || drop(EpochKey::open_envelope(&generation, &opening, &sealed).expect("it opens"))));
}

fn pictures(rng: &mut EnvRng) {
    let key = Secret::make(rng);
    let bytes = vec![7; 3_000_000];
    let (id, sealed) = seal_blob(&key, &bytes).expect("it seals");
    line("seal 3 MB", times(50, || drop(seal_blob(&key, &bytes).expect("it seals"))));
    line("open 3 MB", times(50, || drop(open_blob(&key, &id, &sealed).expect("it opens"))));
}

fn feed(rng: &mut EnvRng) {
    let secrets = DeviceSecrets::make(rng);
    let generation = Generation::make_first(rng);
    let genesis = authoring::team_genesis(TeamKind::Facility, StaffId([1; 16]), "林", &secrets, &generation, rng);
    let genesis = genesis.unwrap_or_else(|_| panic!("genesis")).frame;
    let team = genesis.id.feed();
    let signer = secrets.signer(&team).expect("a signer");
    let mut tip = (1, genesis.id);
    let mut frames = Vec::new();
    for n in 0..CONTROLS {
        let mut staff = [0; 16];
        staff[..8].copy_from_slice(&(n + 2).to_be_bytes());
        let staff = StaffId(staff);
        let name = generation.seal_name(&staff, "林", [2; 32]).expect("a name");
        let body = AddStaff { staff, name }.into();
        let control = Control { feed: Some(team), cseq: tip.0 + 1, prev_hash: Some(tip.1), body };
        let frame = control.sign(&signer).expect("a control");
        tip = (tip.0 + 1, frame.id);
        frames.push(frame.raw);
    }
    let check = || {
        let mut state = TeamState::begin(&genesis).unwrap_or_else(|_| panic!("genesis"));
        for raw in &frames {
            let frame = Frame::decode(raw).expect("a frame");
            let step = state.check(&frame).unwrap_or_else(|_| panic!("a control"));
            state.apply(step);
        }
    };
    promised("check a feed of 10,000 controls", 1000.0, times(3, check));
}
