//! Recorded regions: a relay's data folder and its admin's profile, made once and kept under the cache folder. A team
//! with so many devices, charts of three to six member teams, so many entries in each, one item an entry as an online
//! device writes them, by devices of all member teams in turn over five years.

use crate::device::append;
use crate::entries::{Workload, new_id};
use crate::light::around;
use crate::region::{AUTHORITY, Chart, Region, ask, enlarge, settle};
use crate::rpc::now;
use meguri_chart::{Actor, Doc, DocName};
use meguri_commands::host::Host;
use meguri_device::Device;
use meguri_device::relay::Relay;
use meguri_replica::{EntryBody, NewEntry};
use meguri_seal::{ChangeRecord, DeviceSecrets, Plain, Unsealed, seal_item};
use meguri_wire::api::{PushFrame, PushRequest, PushResult};
use meguri_wire::frame::CLASS_RECORD;
use meguri_wire::ids::doc_id;
use meguri_wire::sign::{Ed25519Signer, Signer};
use meguri_wire::{DeviceId, FrameId, Seen, TeamId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use uuid::Uuid;

/// A recording of another version is made anew.
const VERSION: u32 = 1;
/// Other facilities, of which a chart has two to five.
const OTHERS: usize = 5;
const YEARS: std::ops::RangeInclusive<i32> = 2022..=2026;
/// 2022-01-01 00:00 JST.
const BEGIN_MS: i64 = 1_640_962_800_000;
const YEAR_MS: i64 = 31_536_000_000;
const FRAMES_AT_ONCE: usize = 500;
/// Charts that are written into last, and the entries of each that come then.
const TODAY: usize = 10;
const TODAY_ENTRIES: usize = 5;

/// What a region holds.
pub struct Plan {
    /// Its folder's name.
    pub name: &'static str,
    /// Devices of the admin's team beside the admin's own.
    pub colleagues: usize,
    /// Its charts.
    pub charts: usize,
    /// Entries of each.
    pub entries: usize,
}

/// A recorded region.
pub struct Fixture {
    /// `relay`, `a`.
    pub folder: PathBuf,
    /// What is known of it.
    pub meta: Meta,
}

/// What is known of a recorded region.
#[derive(Serialize, Deserialize)]
pub struct Meta {
    /// Its charts.
    pub charts: Vec<Chart>,
    /// Those written into last.
    pub today: Vec<usize>,
    /// The team, hex, and the secrets of the colleagues' devices, hex of their own form.
    pub team: String,
    /// See above.
    pub colleagues: Vec<String>,
}

impl Meta {
    /// The signer of a colleague's device.
    pub fn colleague(&self, n: usize) -> Ed25519Signer {
        let team: TeamId = self.team.parse().expect("a team");
        secrets(&self.colleagues[n]).signer(&team).expect("a signer")
    }
}

fn secrets(text: &str) -> DeviceSecrets {
    DeviceSecrets::from_bytes(&hex::decode(text).expect("hex")).expect("secrets")
}

/// The region of this plan, made now if it is not there.
pub fn recorded(cache: &Path, plan: &Plan) -> Fixture {
    let folder = cache.join("trust").join(format!("{}-v{VERSION}-{}x{}", plan.name, plan.charts, plan.entries));
    let meta = folder.join("meta.json");
    if !meta.exists() {
        let begun = now();
        let draft = folder.with_extension("new");
        for old in [&draft, &folder] {
            if old.exists() {
                std::fs::remove_dir_all(old).expect("an old recording goes");
            }
        }
        std::fs::create_dir_all(&draft).expect("a folder");
        let made = record(cache, &draft, plan);
        std::fs::write(draft.join("meta.json"), serde_json::to_vec(&made).expect("JSON")).expect("a file");
        std::fs::rename(&draft, &folder).expect("the recording");
        eprintln!("{}: recorded in {:.0} s", plan.name, (now() - begun) / 1e3);
    }
    let meta = serde_json::from_slice(&std::fs::read(&meta).expect("a recording")).expect("a recording");
    Fixture { folder, meta }
}

fn record(cache: &Path, folder: &Path, plan: &Plan) -> Meta {
    let workload = std::fs::read(cache.join("workload.json")).expect("workload.json in the cache folder");
    let workload: Workload = serde_json::from_slice(&workload).expect("a workload");
    let mut region = Region::begin(&folder.join("relay"));
    let (a, team) = region.facility(&folder.join("a"), "計測訪問看護ステーション", "小野寺 由美");
    let others: Vec<(TeamId, DeviceSecrets)> = (0..OTHERS)
        .map(|_| {
            let (team, crowd) = region.crowd(1);
            (team, secrets(&crowd.devices[0]))
        })
        .collect();
    settle(&a);
    let replica = a.replica().unwrap_or_else(|_| panic!("a replica"));
    let (info, own) = replica.device().expect("a replica").expect("a device");
    let signer = Arc::new(own.signer(&team).expect("a signer"));
    let relay = Relay::new(region.net(), &[format!("http://{AUTHORITY}")], signer.clone());
    let mut state = replica.team(&team).expect("a replica").expect("a team");
    let generation = replica.newest_generation(&team).expect("a replica").expect("a generation");
    let colleagues = enlarge(&relay, &mut state, &generation, &signer, info.staff, plan.colleagues);
    settle(&a);
    let charts = found(&a, &others, plan);
    let mut pens: HashMap<DeviceId, Chain> = HashMap::new();
    let hands = |chart: usize| -> Vec<Ed25519Signer> {
        let ours = colleagues.iter().take(5).map(|secrets| secrets.signer(&team));
        let theirs = others.iter().take(circle(chart)).map(|(team, secrets)| secrets.signer(team));
        ours.chain(theirs).map(|signer| signer.expect("a signer")).collect()
    };
    let today: Vec<usize> = (0..plan.charts).filter(|n| n % plan.charts.div_ceil(TODAY) == 7).collect();
    let mut late = Vec::new();
    for (n, chart) in charts.iter().enumerate() {
        pens.clear();
        let mut frames = frames_of(chart, &hands(n), &workload, n, plan.entries, &mut pens);
        if today.contains(&n) {
            late.extend(frames.split_off(frames.len().saturating_sub(TODAY_ENTRIES)));
        }
        send(&relay, frames);
    }
    send(&relay, late);
    settle(&a);
    for (n, chart) in charts.iter().enumerate() {
        let query = meguri_replica::TimelineQuery { patient: chart.patient(), limit: 1, ..Default::default() };
        let total = replica.timeline(&query).expect("a page").total;
        assert_eq!(u64::from(total), plan.entries as u64, "chart {n} is whole");
    }
    replica.empty_log().expect("the log is emptied");
    let colleagues = colleagues.iter().map(|secrets| hex::encode(secrets.to_bytes())).collect();
    Meta { charts, today, team: team.to_string(), colleagues }
}

/// How many other facilities a chart has.
fn circle(chart: usize) -> usize {
    2 + chart % (OTHERS - 1)
}

fn found(a: &Device, others: &[(TeamId, DeviceSecrets)], plan: &Plan) -> Vec<Chart> {
    let replica = a.replica().unwrap_or_else(|_| panic!("a replica"));
    let mut patients = Vec::new();
    for n in 0..plan.charts {
        let teams: Vec<TeamId> = others.iter().take(circle(n)).map(|(team, _)| *team).collect();
        a.set_circle(&teams).unwrap_or_else(|f| panic!("circle: {:?}", f.body()));
        let identity = json!({
            "name": {"family": "計測", "given": format!("第{n}")}, "kana": {"family": "ケイソク", "given": "ダイ"},
            "birthDate": "1942-03-14", "sex": "female",
        });
        let made = ask(a, "patient.register", json!({"identity": identity, "acceptSimilar": true}));
        patients.push(made["patientId"].as_str().expect("an id").parse::<Uuid>().expect("an id"));
    }
    settle(a);
    let charts = patients.into_iter().enumerate().map(|(n, patient)| {
        let space = replica.space_of(patient).expect("a space").expect("a space");
        let key = replica.epoch_key(&space).expect("a key").expect("a key");
        let members = replica.space(&space).expect("a space").expect("a space").members.len();
        assert_eq!(members, circle(n) + 1, "every facility is a member");
        let text = hex::encode(key.secret().bytes());
        Chart { patient: patient.to_string(), space: space.to_string(), epoch: key.n, key: text, entries: plan.entries }
    });
    charts.collect()
}

/// Where a device's chain in one space stands.
type Chain = (u64, FrameId);

/// Every entry of a chart as a frame of its own, in order of time.
fn frames_of(
    chart: &Chart,
    hands: &[Ed25519Signer],
    workload: &Workload,
    n: usize,
    entries: usize,
    pens: &mut HashMap<DeviceId, Chain>,
) -> Vec<Vec<u8>> {
    let (space, key) = (chart.space(), chart.key());
    let per_year = entries.div_ceil(YEARS.count());
    let mut frames = Vec::new();
    for (year_no, year) in YEARS.enumerate() {
        let mut doc = Doc::new(space.0, DocName::Log(year)).expect("a document");
        for k in 0..per_year.min(entries - year_no * per_year) {
            let signer = &hands[(k / 7) % hands.len()];
            let device = DeviceId(signer.kid());
            let begin_ms = BEGIN_MS + i64::try_from(year_no).expect("a year") * (YEAR_MS + YEAR_MS / 1460);
            let at_ms =
                begin_ms + YEAR_MS / i64::try_from(per_year).expect("a count") * i64::try_from(k).expect("a count");
            let (kind, body) = workload.entries[(n * entries + year_no * per_year + k) % workload.entries.len()].body();
            let actor = Actor::new(device.0, [1; 8]);
            let id = new_id(at_ms).into_bytes();
            let change = doc.put_entry(&actor, id, kind, at_ms, &around(&body)).expect("a change");
            let record = ChangeRecord { written_at_ms: at_ms, zone_min: 540, clock_offset_ms: 0, change: change.bytes };
            let tail = pens.get(&device).copied();
            let fields = Unsealed {
                feed: space,
                class: CLASS_RECORD,
                doc: Some(doc_id(&space, &DocName::Log(year).to_string())),
                dseq: tail.map_or(1, |(dseq, _)| dseq + 1),
                prev_item_hash: tail.map(|(_, id)| id),
                seen: Seen::nothing(),
                blob_ids: Vec::new(),
            };
            let dseq = fields.dseq;
            let mut salt = [0; 32];
            getrandom::fill(&mut salt).expect("randomness");
            let plain = Plain::changes(&[record]).expect("it packs");
            let item = seal_item(&key, &device, fields, &plain, salt).expect("it seals");
            let frame = item.sign(signer).expect("it is signed");
            pens.insert(device, (dseq, frame.id));
            frames.push(frame.raw);
        }
    }
    frames
}

fn send(relay: &Relay, frames: Vec<Vec<u8>>) {
    let mut frames = frames.into_iter().map(|frame| PushFrame { frame, attachments: Vec::new() }).peekable();
    while frames.peek().is_some() {
        let request = PushRequest { frames: frames.by_ref().take(FRAMES_AT_ONCE).collect() };
        let reply = relay.push(&request, None).unwrap_or_else(|f| panic!("push: {:?}", f.body()));
        let refused = reply.results.iter().find(|result| !matches!(result, PushResult::Accepted { .. }));
        assert!(refused.is_none(), "{refused:?}");
    }
}

/// One entry written now, as the product does.
pub fn write(device: &Device, chart: &Chart) -> Uuid {
    use meguri_device::env::{Env, SystemEnv};
    let at_ms = SystemEnv.now_ms();
    let note = meguri_clinical::entry_kind("note").expect("a kind");
    let body = note.encode(&json!({"s": "計測", "o": "", "a": "", "p": ""})).unwrap_or_else(|r| panic!("{r:?}"));
    let id = new_id(at_ms);
    let body = EntryBody { zone_min: 540, body, ..EntryBody::default() };
    let replica = device.replica().unwrap_or_else(|_| panic!("locked"));
    append(&replica, chart, at_ms, NewEntry { id, kind: "note".to_owned(), at_ms, body });
    device.written();
    id
}
