//! Golden vectors: `tests/golden/wire/*.json`, made from fixed seeds. The test
//! fails when a file is stale; `MEGURI_UPDATE_GOLDEN=1` writes them anew, which
//! after the freeze of v1 needs a decision page.
// A failing step in a test is a failing test; the builders serve other tests too.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, dead_code, missing_docs)]

mod documented;
#[path = "../rules/world.rs"]
mod world;

use meguri_wire::api::*;
use meguri_wire::cbor::Cbor;
use meguri_wire::chain::{Head, SignedHead, h_next, h0};
use meguri_wire::control::*;
use meguri_wire::cose::{Cose, Signatures};
use meguri_wire::feed::{DirectoryState, SpaceState, TeamState};
use meguri_wire::ids::{device_id, doc_id, key_id};
use meguri_wire::nonce::make_nonce;
use meguri_wire::request::{Parts, sign_request, signature_base};
use meguri_wire::sign::{Ed25519Signer, Signer};
use meguri_wire::*;
use serde_json::{Value, json};
use world::*;

const NOW_MS: u64 = 1_800_000_000_000;

fn golden(name: &str, value: &Value) {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/wire");
    let path = format!("{root}/{name}.json");
    let text = format!("{}\n", serde_json::to_string_pretty(value).unwrap());
    if std::env::var_os("MEGURI_UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(root).unwrap();
        std::fs::write(&path, &text).unwrap();
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(stored == text, "{name}.json is stale: bytes on the wire changed");
}

fn h(bytes: impl AsRef<[u8]>) -> String {
    hex::encode(bytes)
}

/// A frame with what it takes to check it elsewhere.
fn frame_vector(name: &str, frame: &Frame, signers: &[[u8; 32]]) -> Value {
    let cose = Cose::from_bytes(&frame.raw).unwrap();
    let control = frame.control();
    json!({
        "name": name,
        "raw": h(&frame.raw),
        "id": frame.id.to_string(),
        "feed": frame.feed().to_string(),
        "kind": control.map(|c| c.body.kind()),
        "cseq": control.map(|c| c.cseq),
        "payload": h(cose.payload),
        "aad": frame.item().map(|item| h(item.aad())),
        "shape": match cose.signatures { Signatures::One(..) => "sign1", Signatures::Many(_) => "sign" },
        "signers": signers.iter().map(h).collect::<Vec<_>>(),
    })
}

fn key(n: u64) -> [u8; 32] {
    signer(n).public_key()
}

#[test]
fn ids() {
    let team = FeedId([1; 16]);
    let kem = Hash::of(b"an X-Wing public key stands here");
    let feed = FeedId([2; 16]);
    let (id, start) = (FrameId([3; 32]), h0(&feed));
    golden(
        "ids",
        &json!({
            "device_id": { "team": team.to_string(), "signing_key": h(key(10)), "kem_key_hash": kem.to_string(),
                "device": device_id(&team, &key(10), &kem).to_string() },
            "key_id": { "signing_key": h(key(10)), "id": key_id(&key(10)).to_string() },
            "doc_id": { "space": feed.to_string(), "name": "log-2027", "doc": doc_id(&feed, "log-2027").to_string() },
            "h0": { "feed": feed.to_string(), "h": start.to_string() },
            "h_next": { "previous": start.to_string(), "ssn": 1, "received_ms": NOW_MS, "id": id.to_string(),
                "h": h_next(&start, 1, NOW_MS, &id).to_string() },
        }),
    );
}

#[test]
fn directory() {
    let genesis = directory_genesis();
    let mut state = DirectoryState::begin(&genesis).unwrap();
    let mut out = vec![frame_vector("genesis", &genesis, &[key(1001), key(1002)])];
    let team = team_genesis(10).id;
    let suspended = true;
    let mut roots = vec![key(1002), key(1004)];
    roots.sort();
    let bodies: [(&str, Body); 8] = [
        (
            "add_facility",
            AddFacility {
                name: "つばさ訪問看護ステーション".to_owned(),
                code: "0690012".to_owned(),
                facility_type: FacilityType::VisitingNursing,
                team,
            }
            .into(),
        ),
        ("suspend_facility", SuspendFacility { team, suspended }.into()),
        ("relay", Relay { urls: vec!["https://relay.example".to_owned()], key: key(2000) }.into()),
        ("pack", Pack { hash: Hash::of(b"rules") }.into()),
        ("notice", Notice { text: "停電のお知らせ".to_owned() }.into()),
        ("min_version", MinVersion { version: 1_002_003 }.into()),
        ("root_change", RootChange { threshold: 1, roots }.into()),
        ("unknown_64", Body::Unknown { kind: 64, raw: vec![0x82, 0x01, 0x41, 0xff] }),
    ];
    for (name, body) in bodies {
        let by: &[u64] = if state.threshold == 1 { &[1004] } else { &[1001, 1002] };
        let frame = directory_control(&state, by, body);
        let step = state.check(&frame).unwrap();
        state.apply(step);
        let keys: Vec<[u8; 32]> = by.iter().map(|n| key(*n)).collect();
        out.push(frame_vector(name, &frame, &keys));
    }
    golden("directory", &Value::Array(out));
}

#[test]
fn team_feed() {
    let genesis = team_genesis(10);
    let mut state = TeamState::begin(&genesis).unwrap();
    let mut out = vec![frame_vector("genesis", &genesis, &[key(10)])];
    let mut take = |state: &mut TeamState, name: &str, frame: Frame, by: u64| {
        grow(state, &frame);
        out.push(frame_vector(name, &frame, &[key(by)]));
    };
    let name = b"sealed name".to_vec();
    let frame = team_control(&state, 10, AddStaff { staff: staff(2), name });
    take(&mut state, "add_staff", frame, 10);
    let device = AddDevice { staff: staff(2), ..add_device(11, DeviceRole::Member) };
    let frame = team_control(&state, 10, device);
    take(&mut state, "add_device", frame, 10);
    let kit = Kit { signing_key: key(60), kem_key_hash: Hash::of(b"kit"), envelope: Hash::of(b"kit envelope") };
    let frame = team_control(&state, 10, kit);
    take(&mut state, "kit", frame, 10);
    let body = add_device(12, DeviceRole::Admin).into();
    let frame = next(state.id(), &state.hashes, body).sign(&signer(60)).unwrap();
    take(&mut state, "add_device_by_kit", frame, 60);
    let lost = remove_device(&state, 10, RemoveReason::Lost);
    let frame = team_control(&state, 12, lost);
    take(&mut state, "remove_device", frame, 12);
    let recipients = [device_of(&state, 12).0];
    let leave = RemoveStaff { staff: staff(2), reason: RemoveReason::Retired, generation: generation(3, recipients) };
    let frame = team_control(&state, 12, leave);
    take(&mut state, "remove_staff", frame, 12);
    golden("team", &Value::Array(out));
}

#[test]
fn space_feed() {
    let mut region = Region::new();
    let genesis = space_genesis(region.state(0), 10, SpaceKind::Chart);
    let mut out = vec![frame_vector("genesis", &genesis, &[key(10)])];
    let mut take = |region: &mut Region, name: &str, by: u64, body: Body| {
        let frame = region.control(by, body);
        region.take(&frame);
        out.push(frame_vector(name, &frame, &[key(by)]));
    };
    let body = region.epoch().into();
    take(&mut region, "epoch_1", 10, body);
    let mut body = region.add_member(1, Role::Writer);
    body.expires = Some(NOW_MS);
    take(&mut region, "add_member", 11, body.into());
    let team = region.teams[1];
    let role = Role::Manager;
    take(&mut region, "set_role", 10, SetRole { team, role }.into());
    let body = region.break_glass(2, NOW_MS).into();
    take(&mut region, "break_glass", 20, body);
    take(&mut region, "review", 10, Review { break_glass: 5 }.into());
    take(&mut region, "fault", 30, Fault { epoch: 1 }.into());
    let team = region.teams[2];
    let reason = RemoveMemberReason::Expired;
    take(&mut region, "remove_member", 21, RemoveMember { team, reason }.into());
    let body = region.epoch().into();
    take(&mut region, "epoch_2", 20, body);
    let device = region.device(21);
    let last = FrameId([8; 32]);
    take(&mut region, "admit", 10, Admit { device, upto: 3, last }.into());
    take(&mut region, "repudiate", 10, Repudiate { device, from: 1, upto: 2 }.into());
    take(&mut region, "archive", 10, Archive.into());
    golden("space", &Value::Array(out));
}

/// What a chart's vectors cannot show: the listing is null, and a stay without an end.
#[test]
fn notebook_feed() {
    let mut region = Region::new();
    let genesis = space_genesis(region.state(0), 10, SpaceKind::Notebook);
    region.space = SpaceState::begin(&region.known, &genesis).unwrap();
    let mut out = vec![frame_vector("genesis", &genesis, &[key(10)])];
    let mut take = |region: &mut Region, name: &str, body: Body| {
        let frame = region.control(10, body);
        region.take(&frame);
        out.push(frame_vector(name, &frame, &[key(10)]));
    };
    let body = region.epoch().into();
    take(&mut region, "epoch_1", body);
    let body = AddMember { listing: None, expires: Some(NOW_MS), ..region.add_member(1, Role::Writer) };
    take(&mut region, "add_member_without_listing", body.into());
    let body = BreakGlass { listing: None, ..region.break_glass(2, NOW_MS) };
    take(&mut region, "break_glass_without_listing", body.into());
    let (team, reason) = (region.teams[2], RemoveMemberReason::Removed);
    take(&mut region, "remove_member", RemoveMember { team, reason }.into());
    let body = AddMember { expires: None, ..region.add_member(2, Role::Reader) };
    assert!(body.listing.is_some());
    take(&mut region, "add_member_without_end", body.into());
    let (team, reason) = (region.teams[1], RemoveMemberReason::Removed);
    take(&mut region, "remove_member_again", RemoveMember { team, reason }.into());
    let body = AddMember { listing: None, expires: None, ..region.add_member(1, Role::Reader) };
    take(&mut region, "add_member_without_listing_and_end", body.into());
    golden("notebook", &Value::Array(out));
}

#[test]
fn items() {
    let mut region = Region::shared();
    let mut out = Vec::new();
    let first = Item { seen: Seen::nothing(), ..region.item(10) };
    let blobs = vec![BlobId([1; 32]), BlobId([2; 32])];
    let later = Item { class: 9, doc: None, ..region.item(10) };
    let all = [("record", first), ("trace", region.trace(10)), ("checkpoint", region.item(10)), ("class_9", later)];
    for (name, item) in all {
        let tail = region.space.tail(&region.device(10)).cloned();
        let item = Item {
            class: match name {
                "record" => 0,
                "trace" => 1,
                "checkpoint" => 2,
                _ => 9,
            },
            dseq: tail.as_ref().map_or(0, |t| t.dseq) + 1,
            prev_item_hash: tail.map(|t| t.id),
            blob_ids: if name == "checkpoint" { blobs.clone() } else { vec![] },
            ..item
        };
        let frame = region.sign(10, &item);
        region.take(&frame);
        out.push(frame_vector(name, &frame, &[key(10)]));
    }
    let space: &SpaceState = &region.space;
    assert_eq!(space.tails.len(), 1);
    golden("items", &Value::Array(out));
}

#[test]
fn heads() {
    let feed = FeedId([2; 16]);
    let relay = Ed25519Signer::own_id(&seed(2000)).unwrap();
    let running = h_next(&h0(&feed), 1, NOW_MS, &FrameId([3; 32]));
    let head = SignedHead::sign(Head::new(StoreId([7; 16]), feed, 1, running), &relay);
    golden(
        "heads",
        &json!([{ "raw": h(head.raw), "relay_key": h(relay.public_key()), "store_id": h([7; 16]),
            "feed": feed.to_string(), "ssn": 1, "h": running.to_string() }]),
    );
}

#[test]
fn requests() {
    let device = DeviceId([0xab; 16]);
    let by = signer(10).as_device(device);
    let nonce_key = [0x11; 32];
    let nonce = make_nonce(&nonce_key, NOW_MS);
    let blob = format!("/v1/blobs/{}", "c0".repeat(32));
    let requests = [
        ("GET", "/v1/heads", "since=AAEC", None),
        ("POST", "/v1/push", "", Some(&b"body"[..])),
        ("PUT", blob.as_str(), "offset=1048576", Some(&b"part"[..])),
        ("POST", "/v1/acks", "", Some(&b""[..])),
        ("GET", "/v1/events", "", None),
    ];
    let vectors: Vec<Value> = requests
        .into_iter()
        .map(|(method, path, query, body)| {
            let parts = Parts { method, authority: "relay.example:8443", path, query, body };
            let signed = sign_request(&by, &parts, &nonce);
            json!({
                "method": method, "authority": parts.authority, "path": path, "query": query,
                "body": body.map(h), "keyid": device.to_string(), "key": h(key(10)), "nonce": nonce,
                "base": signature_base(&parts, &device, &nonce),
                "signature-input": signed.input, "signature": signed.signature,
                "content-digest": signed.digest,
            })
        })
        .collect();
    golden(
        "requests",
        &json!({ "requests": vectors,
            "nonce": { "key": h(nonce_key), "now_ms": NOW_MS, "nonce": nonce } }),
    );
}

fn body_vector<T: Cbor + PartialEq + std::fmt::Debug>(name: &str, value: &T) -> Value {
    let bytes = value.to_bytes();
    assert_eq!(&T::from_bytes(&bytes).unwrap(), value);
    json!({ "name": name, "bytes": h(bytes) })
}

#[test]
fn api() {
    let feed = FeedId([2; 16]);
    let attachment = Attachment { recipient: [4; 16], bytes: vec![5; 8] };
    let ack = Ack { feed, ssn: 3, h: Hash([6; 32]) };
    let device_ack = DeviceAck { device: DeviceId([1; 16]), ack: ack.clone() };
    let refused = ErrorBody { code: Code::EpochOld, params: vec![("epoch".to_owned(), "4".to_owned())] };
    let heads = vec![vec![9; 4]];
    let results = vec![
        PushResult::Accepted { ssn: 1, received_ms: NOW_MS, h: Hash([6; 32]) },
        PushResult::Quarantined,
        PushResult::Refused(refused.clone()),
        PushResult::Skipped,
    ];
    let pull = |kind| PullFeed { feed, after_ssn: 0, kind };
    let info = Info {
        versions: vec![1],
        relay_key: key(2000),
        store_id: StoreId([7; 16]),
        authority: "relay.example:8443".to_owned(),
        directory: Some(feed),
        limits: vec![("push_bytes_max".to_owned(), 1_048_576)],
        nonce: make_nonce(&[0x11; 32], NOW_MS),
        now_ms: NOW_MS,
        software: "0.1.0".to_owned(),
    };
    let out = json!([
        body_vector("info", &info),
        body_vector("info", &Info { directory: None, limits: vec![], ..info.clone() }),
        body_vector(
            "heads_reply",
            &HeadsReply {
                heads: heads.clone(),
                acks: vec![device_ack],
                next: vec![1, 2],
                late: vec![LateCount { feed, n: 3 }]
            }
        ),
        body_vector(
            "pull_request",
            &PullRequest {
                feeds: vec![pull(PullKind::All), pull(PullKind::ControlAndCheckpoint)],
                bytes_max: 1_048_576,
            }
        ),
        body_vector(
            "pull_record",
            &PullRecord { feed, ssn: 1, received_ms: NOW_MS, frame: vec![8; 4], attachments: vec![attachment.clone()] }
        ),
        body_vector(
            "push_request",
            &PushRequest { frames: vec![PushFrame { frame: vec![8; 4], attachments: vec![attachment.clone()] }] }
        ),
        body_vector("attachment", &attachment),
        body_vector("push_result", &results[0]),
        body_vector("push_result", &results[1]),
        body_vector("push_result", &results[2]),
        body_vector("push_result", &results[3]),
        body_vector("push_reply", &PushReply { results, heads }),
        body_vector("ack", &ack),
        body_vector("ack_request", &AckRequest { acks: vec![ack] }),
        body_vector(
            "quarantine_reply",
            &QuarantineReply { entries: vec![QuarantineEntry { frame: vec![8; 4], received_ms: NOW_MS }] }
        ),
        body_vector("error_body", &refused),
    ]);
    let variants: std::collections::BTreeSet<u8> = match PushReply::from_bytes(&unhexed(&out, "push_reply")) {
        Ok(reply) => reply.results.iter().map(variant).collect(),
        Err(code) => panic!("{code}"),
    };
    assert_eq!(variants.len(), 4);
    golden("api", &out);
}

/// A new variant does not compile until it stands here, and then wants its vector.
fn variant(result: &PushResult) -> u8 {
    match result {
        PushResult::Accepted { .. } => 0,
        PushResult::Quarantined => 1,
        PushResult::Refused(_) => 2,
        PushResult::Skipped => 3,
    }
}

fn unhexed(vectors: &Value, name: &str) -> Vec<u8> {
    let vector = vectors.as_array().unwrap().iter().find(|vector| vector["name"] == name);
    hex::decode(vector.unwrap()["bytes"].as_str().unwrap()).unwrap()
}

#[test]
fn hints() {
    let hints = [(FeedId([2; 16]), 0), (FeedId([0xab; 16]), u64::MAX)];
    let vectors = hints
        .map(|(feed, ssn)| json!({ "feed": feed.to_string(), "ssn": ssn, "data": Hint { feed, ssn }.to_string() }));
    golden("hints", &json!(vectors));
}

#[test]
fn codes() {
    let codes: Vec<Value> = Code::ALL.iter().map(|code| json!([code.text(), code.status()])).collect();
    golden("codes", &Value::Array(codes));
}

/// Bytes every implementation refuses, with the code.
#[test]
fn refused() {
    let good = region_item();
    let cose = Cose::from_bytes(&good.raw).unwrap();
    let Signatures::One(kid, signature) = cose.signatures else { panic!("one signature") };
    let with_payload = |payload: Vec<u8>| {
        let signatures = Signatures::One(kid, signature);
        Cose { payload, signatures }.to_bytes()
    };
    let mut trailing = good.raw.clone();
    trailing.push(0);
    let mut map = good.raw.clone();
    let unprotected = 1 + 1 + 21;
    assert_eq!(map[unprotected], 0xa0, "the empty unprotected map");
    map.splice(unprotected..=unprotected, [0xa1, 0x03, 0x61, 0x61]);
    let mut tagged = vec![0xd2];
    tagged.extend_from_slice(&good.raw);
    let mut long_int = cose.payload.clone();
    long_int.splice(1..2, [0x18, 0x01]);
    let mut version = cose.payload.clone();
    version[1] = 2;
    let mut short = cose.payload.clone();
    short[0] = 0x8a;
    let cases = [
        ("trailing_byte", trailing, Code::BadBytes),
        ("unprotected_header", map, Code::BadBytes),
        ("tagged", tagged, Code::BadBytes),
        ("long_integer", with_payload(long_int), Code::BadBytes),
        ("version_2", with_payload(version), Code::VersionTooOld),
        ("ten_fields", with_payload(short), Code::BadBytes),
        ("version_before_length", with_payload(vec![0x81, 0x02]), Code::VersionTooOld),
        ("empty", vec![], Code::BadBytes),
    ];
    let refused = |name: &str, raw: &[u8], code: Code| json!({ "name": name, "raw": h(raw), "code": code.text() });
    let mut out: Vec<Value> = cases
        .iter()
        .map(|(name, raw, code)| {
            assert_eq!(Frame::decode(raw).unwrap_err(), *code, "{name}");
            refused(name, raw, *code)
        })
        .collect();
    for (name, frame, found) in critical_kinds() {
        assert_eq!(found, Code::VersionTooOld, "{name}");
        out.push(refused(name, &frame.raw, found));
    }
    golden("refused", &Value::Array(out));
}

/// Critical kinds that v1 does not have, and what the feeds say to them.
fn critical_kinds() -> [(&'static str, Frame, Code); 3] {
    let body = |kind| Body::Unknown { kind, raw: vec![0x80] };
    let region = Region::keyed();
    let directory = region.known.directory.clone().unwrap();
    let in_directory = directory_control(&directory, &[1001, 1002], body(8));
    let in_team = team_control(region.state(0), 10, body(22));
    let in_space = region.control(10, body(43));
    let codes = [
        code(directory.check(&in_directory)),
        code(region.state(0).check(&in_team)),
        code(region.space.check(&region.known, &in_space)),
    ];
    [
        ("critical_kind_of_a_directory", in_directory, codes[0]),
        ("critical_kind_of_a_team", in_team, codes[1]),
        ("critical_kind_of_a_space", in_space, codes[2]),
    ]
}

fn region_item() -> Frame {
    let region = Region::keyed();
    region.sign(10, &region.item(10))
}
