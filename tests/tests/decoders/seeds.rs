//! One good input of each family at least: the golden vectors, and what has none because it is never sent.

use super::bodies;
use image::{ImageFormat, RgbaImage};
use meguri_chart::DocName;
use meguri_replica::{HandedDraft, Intent};
use meguri_seal::export::{ChartExport, DocumentHeads, FeedCopy, FrameCopy, SetAside};
use meguri_seal::{ChangeRecord, EpochKey, Plain, Secret};
use meguri_wire::api::PullRecord;
use meguri_wire::cbor::{Cbor, Out};
use meguri_wire::control::{Admit, Fault, RemoveReason, Repudiate, Role, SetRole};
use meguri_wire::cose::Cose;
use meguri_wire::feed::FeedState;
use meguri_wire::{BlobId, DeviceId, DocId, FeedId, Frame, FrameId, Hash, StaffId, StoreId};
use serde_json::{Value, json};
use std::io::Cursor;

#[allow(dead_code, reason = "the builders serve other tests too")]
#[path = "../../../crates/wire/tests/rules/world.rs"]
mod world;

pub fn good(family: &str) -> Vec<Vec<u8>> {
    match family {
        "api" => field(&wire("api"), "bytes"),
        "blob" => hexes(&seal("blobs"), &["sealed", "content"]),
        "change" => changes(),
        "changes" => packed(),
        "clinical" => clinical(),
        "clinical_text" => {
            texts(&["36.5", "３６，５", "-0.05", "1942-03-14", "昭和17年3月14日", "ｻﾄｳ ﾊﾅｺ", "令和元年"])
        }
        "control" => frames().iter().filter_map(|frame| Some(frame.control()?.body.to_bytes())).collect(),
        "document" => documents(),
        "draft" => drafts(),
        "enrolment" => enrolment(),
        "envelope" => envelopes(),
        "export" => exports(),
        "frame" => frames().into_iter().map(|frame| frame.raw).chain(field(&wire("refused"), "raw")).collect(),
        "head" => heads(),
        "intent" => intents(),
        "item" => packed().iter().map(|bytes| plaintext(0, bytes)).chain(plaintexts()).collect(),
        "key_file" => [hexes(&seal("keys"), &["device_secrets"]), hexes(&seal("slots"), &["keys_cbor"])].concat(),
        "payload" => frames().iter().map(|frame| Cose::from_bytes(&frame.raw).unwrap().payload).collect(),
        "picture" => pictures(),
        "pull_stream" => vec![stream()],
        "request" => requests(),
        "sealed_key" => hexes(&seal("keys"), &["generation_2_previous", "epoch_5_wraps_4", "epoch_4_key"]),
        "sealed_text" => sealed_text(),
        "snapshot" => snapshots(),
        "text" => words(),
        other => panic!("no good input of {other}"),
    }
}

fn golden(path: &str) -> Value {
    let path = format!("{}/golden/{path}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn wire(name: &str) -> Value {
    golden(&format!("wire/{name}"))
}

fn seal(name: &str) -> Value {
    golden(&format!("seal/{name}"))
}

fn hexes(vector: &Value, keys: &[&str]) -> Vec<Vec<u8>> {
    keys.iter().map(|key| hex::decode(vector[key].as_str().unwrap()).unwrap()).collect()
}

/// One field of every vector of a list.
fn field(vectors: &Value, key: &str) -> Vec<Vec<u8>> {
    vectors.as_array().unwrap().iter().flat_map(|vector| hexes(vector, &[key])).collect()
}

fn texts(all: &[&str]) -> Vec<Vec<u8>> {
    all.iter().map(|text| text.as_bytes().to_vec()).collect()
}

fn frames() -> Vec<Frame> {
    let raw = ["directory", "team", "space", "notebook", "items"].iter().flat_map(|name| field(&wire(name), "raw"));
    raw.map(|raw| Frame::decode(&raw).unwrap()).collect()
}

fn heads() -> Vec<Vec<u8>> {
    let raw = field(&wire("heads"), "raw");
    let payloads: Vec<Vec<u8>> = raw.iter().map(|raw| Cose::from_bytes(raw).unwrap().payload).collect();
    [raw, payloads].concat()
}

fn requests() -> Vec<Vec<u8>> {
    let vectors = wire("requests");
    let text = |vector: &Value, key: &str| vector[key].as_str().unwrap().to_owned();
    let signed = vectors["requests"].as_array().unwrap().iter();
    let signed = signed.map(|request| text(request, "signature-input") + "\n" + &text(request, "signature"));
    signed.chain([text(&vectors["nonce"], "nonce")]).map(String::into_bytes).collect()
}

/// One chart with a frame of each kind, as fields and as a file.
fn exports() -> Vec<Vec<u8>> {
    let of = |feed, records: Vec<Frame>| FeedCopy {
        feed,
        ssn: records.len() as u64,
        records: (1..).zip(records).map(|(ssn, f)| FrameCopy { ssn, received_ms: 7, frame: f.raw }).collect(),
        h: Hash([6; 32]),
        set_aside: vec![SetAside { ssn: 2, reason: "change_bad_seq".to_owned() }],
    };
    let of_kind = |name: &str| {
        let raw = field(&wire(name), "raw");
        let records: Vec<Frame> = raw.iter().map(|raw| Frame::decode(raw).unwrap()).collect();
        of(records[0].feed(), records)
    };
    let chart = of_kind("space");
    let whole = ChartExport {
        space: chart.feed,
        exported_ms: 7,
        store: Some(StoreId([7; 16])),
        directory: Some(of_kind("directory")),
        teams: vec![of_kind("team")],
        chart,
        head: field(&wire("heads"), "raw").pop(),
        keys: vec![EpochKey::from_parts(1, Secret::new([1; 32]))],
        names: vec![(StaffId([1; 16]), "試験 花子".to_owned())],
        documents: vec![DocumentHeads { doc: DocId([3; 16]), heads: vec![[4; 32]] }],
        blobs: vec![BlobId([5; 32])],
    };
    let least = ChartExport {
        store: None,
        directory: None,
        teams: Vec::new(),
        chart: of(whole.space, Vec::new()),
        head: None,
        keys: Vec::new(),
        ..whole.clone()
    };
    vec![whole.to_bytes(), least.to_bytes(), bodies::sealed_export(&least.to_bytes())]
}

fn drafts() -> Vec<Vec<u8>> {
    let body_json = r#"{"s":"よく眠れた","o":"","a":"","p":""}"#.to_owned();
    let draft = HandedDraft {
        id: uuid::Uuid::from_bytes([7; 16]),
        visit: "visit-1".to_owned(),
        kind: "note".to_owned(),
        body_json,
        updated_ms: -1,
    };
    vec![draft.to_bytes()]
}

fn intents() -> Vec<Vec<u8>> {
    let (device, team) = (DeviceId([1; 16]), FeedId([2; 16]));
    let all = [
        Intent::RemoveDevice(device, RemoveReason::Compromised),
        Intent::RemoveStaff(StaffId([3; 16]), RemoveReason::Retired),
        Intent::AddMember(team, Role::Writer),
        Intent::SetRole(SetRole { team, role: Role::Manager }),
        Intent::RemoveMember(team),
        Intent::Admit(Admit { device, upto: 3, last: FrameId([4; 32]) }),
        Intent::Repudiate(Repudiate { device, from: 1, upto: 300 }),
        Intent::Fault(Fault { epoch: 70_000 }),
    ];
    all.iter().map(Cbor::to_bytes).collect()
}

fn words() -> Vec<Vec<u8>> {
    let ids = ["10".repeat(16), "ab".repeat(32), format!("{} 7", "0f".repeat(16)), format!("{} 0", "00".repeat(16))];
    let codes = wire("codes").as_array().unwrap().iter().map(|code| code[0].as_str().unwrap().to_owned()).collect();
    let docs = ["core", "log-2027", "log--001"].map(str::to_owned);
    [ids.to_vec(), codes, docs.to_vec()].concat().into_iter().map(String::into_bytes).collect()
}

fn stream() -> Vec<u8> {
    let record = |(frame, ssn): (Frame, u64)| {
        PullRecord { feed: frame.feed(), ssn, received_ms: 7, frame: frame.raw, attachments: Vec::new() }.to_bytes()
    };
    let golden = field(&wire("api"), "bytes").into_iter().filter(|bytes| PullRecord::from_bytes(bytes).is_ok());
    golden.chain(frames().into_iter().zip(1..).skip(9).map(record)).flatten().collect()
}

/// Feeds of each kind after their golden controls, or a region's.
fn snapshots() -> Vec<Vec<u8>> {
    let region = world::Region::shared();
    let directory = region.known.directory.clone().unwrap();
    let states: Vec<FeedState> = [FeedState::Directory(directory), FeedState::Space(region.space)]
        .into_iter()
        .chain(region.known.teams.into_values().map(FeedState::Team))
        .collect();
    let bare = states.iter().map(|state| match state {
        FeedState::Directory(state) => state.to_bytes(),
        FeedState::Team(state) => state.to_bytes(),
        FeedState::Space(state) => state.to_bytes(),
    });
    bare.chain(states.iter().map(Cbor::to_bytes)).collect()
}

fn enrolment() -> Vec<Vec<u8>> {
    let vector = seal("enrolment");
    let codes = texts(&[vector["code"].as_str().unwrap(), vector["scanned_code"].as_str().unwrap()]);
    let inside = ["offer", "reveal", "outcome", "outcome_without_directory"];
    let slots = ["slot_0", "slot_1", "slot_2", "slot_3", "slot_4"];
    [hexes(&vector, &inside), hexes(&vector, &slots), codes].concat()
}

fn envelopes() -> Vec<Vec<u8>> {
    let mut all = field(&seal("envelopes")["envelopes"], "envelope");
    all.extend(hexes(&seal("keys"), &["epoch_5_envelope_to_generation_2"]));
    all
}

fn sealed_text() -> Vec<Vec<u8>> {
    let padded = [texts(&["救急搬送"])[0].clone(), vec![0x80, 0, 0]].concat();
    let mut all = hexes(&seal("keys"), &["name_sealed_by_generation_2", "reason_sealed_by_epoch_5"]);
    all.push(padded);
    all
}

fn plaintext(kind: u64, bytes: &[u8]) -> Vec<u8> {
    let codec = u64::from(bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]));
    let mut out = Out::default();
    out.array(4);
    out.u64(1);
    out.u64(kind);
    out.u64(codec);
    out.bytes(bytes);
    out.finish()
}

fn plaintexts() -> Vec<Vec<u8>> {
    let kinds = seal("plaintexts").as_array().unwrap().clone();
    kinds.iter().map(|vector| plaintext(vector["kind"].as_u64().unwrap(), &hexes(vector, &["bytes"])[0])).collect()
}

/// Changes of an item: linked, whole and packed.
fn packed() -> Vec<Vec<u8>> {
    let record = |change| ChangeRecord { written_at_ms: 1_795_305_600_000, zone_min: 540, clock_offset_ms: -7, change };
    let whole: Vec<ChangeRecord> = changes().into_iter().map(record).collect();
    let long = Plain::changes(&[record(vec![0xc0; 600])]).unwrap();
    let whole = Plain::changes(&whole).unwrap();
    let mut all = hexes(&seal("changes-linked"), &["unpacked"]);
    all.extend([whole.unpack().unwrap(), whole.bytes, long.unpack().unwrap(), long.bytes]);
    all
}

fn changes() -> Vec<Vec<u8>> {
    let (mut log, actor) = bodies::start(DocName::Log(2026));
    let entry = log.put_entry(&actor, [3; 16], "note", 1_795_305_600_000, b"body").unwrap();
    let (mut core, actor) = bodies::start(DocName::Core);
    let state = core.put_state(&actor, &[("identity/x/name".to_owned(), Some(b"name".to_vec()))]).unwrap().unwrap();
    vec![entry.bytes, state.bytes]
}

fn documents() -> Vec<Vec<u8>> {
    let (mut log, actor) = bodies::start(DocName::Log(2026));
    for n in 0..3 {
        log.put_entry(&actor, [n; 16], "note", 1_795_305_600_000, b"body").unwrap();
    }
    let (mut core, actor) = bodies::start(DocName::Core);
    core.put_state(&actor, &[("identity/x/name".to_owned(), Some(b"name".to_vec()))]).unwrap();
    vec![log.save().unwrap(), core.save().unwrap()]
}

fn clinical() -> Vec<Vec<u8>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/clinical/tests/golden");
    let stored = super::files(folder.as_ref());
    let stored = stored.into_iter().map(|path| hex::decode(std::fs::read_to_string(path).unwrap().trim()).unwrap());
    let name = json!({"family": "佐藤", "given": "花子"});
    let kana = json!({"family": "サトウ", "given": "ハナコ"});
    let identity = [("name", name), ("kana", kana), ("birthDate", json!("1942-03-14")), ("sex", json!("female"))];
    let identity = identity
        .iter()
        .map(|(field, value)| meguri_clinical::state_kind("identity").unwrap().encode_field(field, value).unwrap());
    let limit = json!({"low": "36.0", "high": "37.5", "reason": "医師指示"});
    let limit = meguri_clinical::state_kind("threshold").unwrap().encode_field("limit", &limit).unwrap();
    stored.chain(identity).chain([limit]).collect()
}

fn pictures() -> Vec<Vec<u8>> {
    let pixels = RgbaImage::from_fn(9, 7, |x, y| image::Rgba([(x * 20) as u8, (y * 30) as u8, 90, 255]));
    let formats =
        [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Gif, ImageFormat::Bmp, ImageFormat::Tiff, ImageFormat::WebP];
    let encoded = |format| {
        let mut out = Cursor::new(Vec::new());
        let image = image::DynamicImage::from(pixels.clone());
        let image = if format == ImageFormat::Jpeg { image.to_rgb8().into() } else { image };
        image.write_to(&mut out, format).unwrap();
        out.into_inner()
    };
    formats.into_iter().map(encoded).collect()
}
