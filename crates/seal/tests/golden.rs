//! Golden bytes in `tests/golden/seal`: what is sealed today opens for ever, and
//! a second implementation can check itself. `MEGURI_GOLDEN=write` writes them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failing test may panic")]

mod support;

use meguri_seal::enrol::{commit, digits};
use meguri_seal::envelope::{EnvelopeInfo, open_with, public_key, seal_to};
use meguri_seal::export::{DocumentHeads, FeedCopy, FrameCopy, SetAside};
use meguri_seal::item::{CODEC_PLAIN, KIND_ACCESS, KIND_CHANGES, KIND_CHECKPOINT, KIND_DRAFT, KIND_FAULT};
use meguri_seal::{
    ChangeRecord, ChartExport, DeviceSecrets, EnrolSecret, EpochKey, EpochOpening, EpochRecipient, Generation, KdfCost,
    KeySlots, Offer, Outcome, Plain, Reveal, Secret, Slot, SlotKind, Unsealed, open_blob, open_item, seal_blob,
    seal_item,
};
use meguri_wire::cbor::Cbor;
use meguri_wire::control::CitedHead;
use meguri_wire::frame::{CLASS_CHECKPOINT, CLASS_RECORD, CLASS_TRACE};
use meguri_wire::{BlobId, DeviceId, DocId, FeedId, FrameId, Hash, Item, Seen, StaffId, StoreId};
use serde_json::{Value, json};
use support::Seeded;

/// The stored value; written first in write mode.
fn kept(name: &str, made: &Value) -> Value {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/seal");
    let path = format!("{folder}/{name}.json");
    if std::env::var("MEGURI_GOLDEN").is_ok_and(|mode| mode == "write") {
        std::fs::create_dir_all(folder).unwrap();
        let text = serde_json::to_string_pretty(made).unwrap();
        std::fs::write(&path, text + "\n").unwrap();
    }
    serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap()
}

/// The stored value, which must be what is made today.
fn golden(name: &str, made: &Value) -> Value {
    let stored = kept(name, made);
    assert!(*made == stored, "{name} is stale");
    stored
}

fn bytes(stored: &Value, key: &str) -> Vec<u8> {
    hex::decode(stored[key].as_str().unwrap()).unwrap()
}

const FEED: FeedId = FeedId([0x11; 16]);
const TEAM: FeedId = FeedId([0x22; 16]);
const DEVICE: DeviceId = DeviceId([0x33; 16]);

#[test]
fn x_wing_envelopes() {
    let mut rng = Seeded::new("golden envelope");
    let private = Secret::new([0x44; 32]);
    let public = public_key(&private).unwrap();
    let infos = [
        EnvelopeInfo::Epoch { feed: &FEED, n: 7, kcv: &[0x55; 32], recipient: &TEAM, gen_no: 3, author: &DEVICE.0 },
        EnvelopeInfo::Generation {
            team: Some(&TEAM),
            gen_no: 2,
            public_key: &public,
            recipient: &DEVICE.0,
            author: &[0x66; 16],
        },
        EnvelopeInfo::Generation {
            team: None,
            gen_no: 1,
            public_key: &public,
            recipient: &[0x77; 16],
            author: &[0x77; 16],
        },
        EnvelopeInfo::Mailbox { mailbox: &[0x88; 32], slot: 3 },
    ];
    let sealed = infos.iter().map(|info| {
        json!({
            "info": hex::encode(info.to_bytes()),
            "plaintext": hex::encode([0x99; 32]),
            "envelope": hex::encode(seal_to(&public, info, &[0x99; 32], &mut rng).unwrap()),
        })
    });
    let made = json!({
        "suite": "HPKE base, KEM 0x647a, KDF 0x0001, AEAD 0x0003, AAD empty",
        "private_key": hex::encode(private.bytes()),
        "public_key": hex::encode(&public),
        "envelopes": sealed.collect::<Vec<_>>(),
    });
    let stored = golden("envelopes", &made);
    for (info, case) in infos.iter().zip(stored["envelopes"].as_array().unwrap()) {
        let opened = open_with(&private, info, &bytes(case, "envelope")).unwrap();
        assert_eq!(*opened, bytes(case, "plaintext"));
    }
}

#[test]
fn generations_and_epochs() {
    let mut rng = Seeded::new("golden keys");
    let (first, second) =
        (Generation::from_parts(1, Secret::new([1; 32])), Generation::from_parts(2, Secret::new([2; 32])));
    let (older, newer) = (EpochKey::from_parts(4, Secret::new([4; 32])), EpochKey::from_parts(5, Secret::new([5; 32])));
    let staff = StaffId([0x12; 16]);
    let key = second.public_key().unwrap();
    let to = EpochRecipient { feed: &FEED, team: &TEAM, gen_no: 2, public_key: &key, author: &DEVICE };
    let device = DeviceSecrets::make(&mut rng);
    let made = json!({
        "feed": hex::encode(FEED.0), "team": hex::encode(TEAM.0), "device": hex::encode(DEVICE.0),
        "generation_1_seed": hex::encode(first.seed().bytes()),
        "generation_2_seed": hex::encode(second.seed().bytes()),
        "generation_2_public_key": hex::encode(&key),
        "generation_2_previous": hex::encode(second.seal_previous(&first).unwrap()),
        "staff": hex::encode(staff.0), "name": "佐藤 花子",
        "name_sealed_by_generation_2": hex::encode(second.seal_name(&staff, "佐藤 花子", [0x13; 32]).unwrap()),
        "epoch_4_key": hex::encode(older.secret().bytes()),
        "epoch_5_key": hex::encode(newer.secret().bytes()),
        "epoch_5_kcv": hex::encode(newer.kcv().unwrap()),
        "epoch_5_wraps_4": hex::encode(newer.wrap(&FEED, &older).unwrap()),
        "epoch_5_envelope_to_generation_2": hex::encode(newer.seal_envelope(&to, &mut rng).unwrap()),
        "reason": "救急搬送", "reason_sealed_by_epoch_5": hex::encode(newer.seal_reason(&FEED, "救急搬送", [0x14; 32]).unwrap()),
        "device_secrets": hex::encode(&*device.to_bytes()),
        "device_id_in_team": hex::encode(device.public().unwrap().id(&TEAM).0),
    });
    let stored = golden("keys", &made);
    assert_eq!(second.open_previous(&bytes(&stored, "generation_2_previous")).unwrap(), first);
    assert_eq!(second.open_name(&staff, &bytes(&stored, "name_sealed_by_generation_2")).unwrap(), "佐藤 花子");
    let wrapped = bytes(&stored, "epoch_5_wraps_4").try_into().unwrap();
    assert_eq!(newer.unwrap(&FEED, 4, &wrapped).unwrap(), older);
    let kcv = bytes(&stored, "epoch_5_kcv").try_into().unwrap();
    let opening = EpochOpening { feed: &FEED, n: 5, kcv: &kcv, team: &TEAM, author: &DEVICE };
    let envelope = bytes(&stored, "epoch_5_envelope_to_generation_2");
    assert_eq!(EpochKey::open_envelope(&second, &opening, &envelope).unwrap(), newer);
    assert_eq!(newer.open_reason(&FEED, &bytes(&stored, "reason_sealed_by_epoch_5")).unwrap(), "救急搬送");
    assert_eq!(DeviceSecrets::from_bytes(&bytes(&stored, "device_secrets")).unwrap(), device);
}

#[test]
fn items() {
    let key = EpochKey::from_parts(5, Secret::new([5; 32]));
    let record = ChangeRecord {
        written_at_ms: 1_770_000_000_000,
        zone_min: 540,
        clock_offset_ms: -1_200,
        change: vec![0xc0; 300],
    };
    let plain = Plain::changes(std::slice::from_ref(&record)).unwrap();
    let fields = Unsealed {
        feed: FEED,
        class: 0,
        doc: Some(DocId([0x21; 16])),
        dseq: 9,
        prev_item_hash: Some(FrameId([0x22; 32])),
        seen: Seen::at([0x23; 8], 41, Hash([0x24; 32])),
        blob_ids: vec![BlobId([0x25; 32])],
    };
    let item = seal_item(&key, &DEVICE, fields, &plain, [0x26; 32]).unwrap();
    let plain_item = seal_item(
        &key,
        &DEVICE,
        Unsealed {
            dseq: 1,
            prev_item_hash: None,
            blob_ids: vec![],
            seen: Seen::nothing(),
            class: 1,
            doc: None,
            feed: FEED,
        },
        &Plain { kind: 2, codec: 0, bytes: b"opened chart".to_vec() },
        [0x27; 32],
    )
    .unwrap();
    let made = json!({
        "epoch_5_key": hex::encode(key.secret().bytes()), "device": hex::encode(DEVICE.0),
        "aad": hex::encode(plain_item.aad()), "salt": hex::encode(plain_item.salt), "kind": 2, "codec": 0,
        "bytes": hex::encode(b"opened chart"), "ciphertext": hex::encode(&plain_item.ciphertext),
    });
    golden("items", &made);
    // Another zstd may pack in other bytes; those packed once must open for ever.
    let made = json!({
        "epoch_5_key": hex::encode(key.secret().bytes()), "device": hex::encode(DEVICE.0),
        "aad": hex::encode(item.aad()), "salt": hex::encode(item.salt), "kind": 0, "codec": 1,
        "written_at_ms": record.written_at_ms, "zone_min": 540, "clock_offset_ms": -1_200,
        "change": hex::encode(&record.change), "ciphertext": hex::encode(&item.ciphertext),
    });
    let stored = kept("items-packed", &made);
    assert_eq!(bytes(&stored, "aad"), item.aad());
    let stored_item = Item { ciphertext: bytes(&stored, "ciphertext"), ..item };
    assert_eq!(open_item(&key, &DEVICE, &stored_item).unwrap().to_changes().unwrap(), [record]);
}

/// One item of each kind of plaintext, unpacked; kinds 1 to 4 have no body of their own yet, so any bytes stand there.
#[test]
fn plaintexts() {
    let key = EpochKey::from_parts(5, Secret::new([5; 32]));
    let record = |change| ChangeRecord { written_at_ms: 1_770_000_000_000, zone_min: 540, clock_offset_ms: -7, change };
    let whole = [record(vec![0xc0; 20]), record(vec![0xc1; 30])];
    let linked = two_linked().map(record);
    let changes = |records: &[ChangeRecord]| Plain::changes(records).unwrap().unpack().unwrap();
    let bytes = |text: &str| text.as_bytes().to_vec();
    let cases = [
        ("changes", KIND_CHANGES, CLASS_RECORD, changes(&whole)),
        ("changes_linked", KIND_CHANGES, CLASS_RECORD, changes(&linked)),
        ("draft", KIND_DRAFT, CLASS_RECORD, bytes("a draft")),
        ("access", KIND_ACCESS, CLASS_TRACE, bytes("an access")),
        ("fault_detail", KIND_FAULT, CLASS_TRACE, bytes("a fault")),
        ("checkpoint", KIND_CHECKPOINT, CLASS_CHECKPOINT, bytes("a checkpoint")),
    ];
    let mut made = Vec::new();
    for (n, (name, kind, class, bytes)) in (1..).zip(cases) {
        let fields = Unsealed {
            feed: FEED,
            class,
            doc: (class != CLASS_TRACE).then_some(DocId([0x21; 16])),
            dseq: n,
            prev_item_hash: (n > 1).then_some(FrameId([0x22; 32])),
            seen: Seen::at([0x23; 8], 41, Hash([0x24; 32])),
            blob_ids: vec![],
        };
        let plain = Plain { kind, codec: CODEC_PLAIN, bytes };
        let item = seal_item(&key, &DEVICE, fields, &plain, [0x28; 32]).unwrap();
        assert_eq!(open_item(&key, &DEVICE, &item).unwrap(), plain);
        made.push(json!({
            "name": name, "epoch_5_key": hex::encode(key.secret().bytes()), "device": hex::encode(DEVICE.0),
            "aad": hex::encode(item.aad()), "salt": hex::encode(item.salt), "kind": kind, "codec": CODEC_PLAIN,
            "bytes": hex::encode(&plain.bytes), "ciphertext": hex::encode(&item.ciphertext),
        }));
    }
    let source = include_str!("../src/item.rs").lines().filter_map(|line| line.strip_prefix("pub const KIND_"));
    for line in source {
        let kind: u64 = line.split(" = ").nth(1).unwrap().trim_end_matches(';').parse().unwrap();
        assert!(made.iter().any(|vector| vector["kind"] == kind), "{line} has no vector");
    }
    golden("plaintexts", &Value::Array(made));
}

#[test]
fn blobs() {
    let key = Secret::new([0x31; 32]);
    let short = b"a wound, 3 cm".to_vec();
    let long: Vec<u8> = (0..(1 << 20) + 1_000).map(|i: u32| (i % 251) as u8).collect();
    let (short_id, sealed) = seal_blob(&key, &short).unwrap();
    let (long_id, sealed_long) = seal_blob(&key, &long).unwrap();
    let made = json!({
        "key": hex::encode(key.bytes()),
        "content": hex::encode(&short), "sealed": hex::encode(&sealed), "id": short_id.to_string(),
        "long_content": "byte i is i mod 251, 1049576 bytes", "long_sealed_length": sealed_long.len(), "long_id": long_id.to_string(),
    });
    let stored = golden("blobs", &made);
    assert_eq!(open_blob(&key, &short_id, &bytes(&stored, "sealed")).unwrap(), short);
}

#[test]
fn slots() {
    let mut rng = Seeded::new("golden slots");
    let (db_key, keystore) = (Secret::new([0x41; 32]), Secret::new([0x42; 32]));
    let cost = KdfCost { memory_kib: 256, passes: 2, lanes: 1 };
    let mut slots = KeySlots::default();
    slots.put(SlotKind::KeystoreAndPassphrase, &db_key, "kumo7-Wx", Some(&keystore), cost, &mut rng).unwrap();
    slots.put(SlotKind::Passphrase, &db_key, "ゆき ＋ すみれ", None, cost, &mut rng).unwrap();
    let made = json!({
        "database_key": hex::encode(db_key.bytes()), "keystore_secret": hex::encode(keystore.bytes()),
        "passphrase_beside_keystore": "kumo7-Wx", "passphrase_alone": "ゆき ＋ すみれ",
        "keys_cbor": hex::encode(slots.to_bytes()),
    });
    let stored = KeySlots::from_bytes(&bytes(&golden("slots", &made), "keys_cbor")).unwrap();
    assert_eq!(stored.open("kumo7-Wx", Some(&keystore)).unwrap(), db_key);
    assert_eq!(stored.open("ゆき + すみれ", None).unwrap(), db_key);
}

#[test]
fn enrolment() {
    let mut rng = Seeded::new("golden enrolment");
    let secret = EnrolSecret::make_spoken(&mut rng);
    let scanned = EnrolSecret::make_scanned(&mut rng);
    let (admin_secrets, newcomer_secrets) = (DeviceSecrets::make(&mut rng), DeviceSecrets::make(&mut rng));
    let (admin, newcomer) = (admin_secrets.public().unwrap(), newcomer_secrets.public().unwrap());
    let head = CitedHead { team: FrameId([0x51; 32]), cseq: 6, hash: FrameId([0x52; 32]) };
    let offer = Offer { head, admin, relay_key: [0x53; 32] };
    let (n_newcomer, n_admin) = ([0x54; 32], [0x55; 32]);
    let committed = commit(&n_newcomer, &newcomer);
    let reveal = Reveal { nonce: n_newcomer, keys: newcomer.clone() };
    let outcome = Outcome {
        certificate: b"the whole AddDevice frame".to_vec(),
        directory: Some(FrameId([0x56; 32])),
        roots: vec![[0x57; 32], [0x58; 32]],
        pins: None,
        policy: br#"{"name":"\u4f50\u85e4 \u82b1\u5b50","profession":"nurse","pins":"8301f680"}"#.to_vec(),
    };
    let bare = Outcome { directory: None, roots: vec![], pins: Some((BlobId([1; 32]), [2; 32])), ..outcome.clone() };
    let mut seal_to = |slot, kem: &[u8], plain: &[u8]| secret.seal_slot_to(slot, kem, plain, &mut rng).unwrap();
    let slot_3 = seal_to(Slot::Reveal, &offer.admin.kem_key, &reveal.to_bytes());
    let slot_4 = seal_to(Slot::Outcome, &newcomer.kem_key, &outcome.to_bytes());
    let made = json!({
        "code": &*secret.to_code(), "mailbox": hex::encode(secret.mailbox().unwrap()),
        "scanned_code": &*scanned.to_code(), "scanned_mailbox": hex::encode(scanned.mailbox().unwrap()),
        "offer": hex::encode(offer.to_bytes()),
        "slot_0": hex::encode(secret.seal_slot(Slot::Offer, &offer.to_bytes()).unwrap()),
        "newcomer_nonce": hex::encode(n_newcomer), "newcomer_signing_key": hex::encode(newcomer.signing_key), "newcomer_kem_key": hex::encode(&newcomer.kem_key),
        "commit": hex::encode(committed), "admin_nonce": hex::encode(n_admin),
        "digits": digits(&n_newcomer, &n_admin, &committed, &offer).unwrap(),
        "slot_1": hex::encode(secret.seal_slot(Slot::Commit, &committed).unwrap()),
        "slot_2": hex::encode(secret.seal_slot(Slot::Nonce, &n_admin).unwrap()),
        "admin_kem_private_key": hex::encode(admin_secrets.kem().bytes()),
        "newcomer_kem_private_key": hex::encode(newcomer_secrets.kem().bytes()),
        "reveal": hex::encode(reveal.to_bytes()), "slot_3": hex::encode(slot_3),
        "outcome": hex::encode(outcome.to_bytes()), "slot_4": hex::encode(slot_4),
        "outcome_without_directory": hex::encode(bare.to_bytes()),
    });
    let stored = golden("enrolment", &made);
    let typed = EnrolSecret::from_code(stored["code"].as_str().unwrap()).unwrap();
    let opened = typed.open_slot(Slot::Offer, &bytes(&stored, "slot_0")).unwrap();
    assert_eq!(Offer::from_bytes(&opened).unwrap(), offer);
    let open = |slot, kem, key| typed.open_slot_with(slot, kem, &bytes(&stored, key)).unwrap();
    let opened = Reveal::from_bytes(&open(Slot::Reveal, admin_secrets.kem(), "slot_3")).unwrap();
    assert_eq!(opened.check(&typed.open_slot(Slot::Commit, &bytes(&stored, "slot_1")).unwrap()), Ok(()));
    assert_eq!(Outcome::from_bytes(&open(Slot::Outcome, newcomer_secrets.kem(), "slot_4")).unwrap(), outcome);
}

/// draft-connolly-cfrg-xwing-kem, appendix C, first vector: SHA-256 of its public key.
#[test]
fn the_x_wing_of_the_draft() {
    let seed = hex::decode("7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26").unwrap();
    let public = public_key(&Secret::from_slice(&seed).unwrap()).unwrap();
    assert!(hex::encode(&public).starts_with("e2236b35a8c24b39b10aa1323a96a919a2ced88400633a7b07131713fc14b2b5"));
    let whole = "2e816deebcd76c5c80d0cd2d174478871658e8e2ff42bc9d4a6e486372e856bb";
    assert_eq!(Hash::of(&public).to_string(), whole);
}

/// Two chunks, the second standing on the first.
fn two_linked() -> [Vec<u8>; 2] {
    let first = hex::decode("856f4a83").unwrap();
    let mut hashed = vec![1, 5, 0];
    hashed.extend(b"one!");
    let first = [first, ring::digest::digest(&ring::digest::SHA256, &hashed).as_ref()[..4].to_vec(), hashed.clone()];
    let mut body = vec![1, 36, 1];
    body.extend(ring::digest::digest(&ring::digest::SHA256, &hashed).as_ref());
    body.extend(b"two");
    let mut second = hex::decode("856f4a83").unwrap();
    second.extend(&ring::digest::digest(&ring::digest::SHA256, &body).as_ref()[..4]);
    second.extend(body);
    [first.concat(), second]
}

/// Two changes, the second standing on the first: what is packed is the second without header and dependency.
#[test]
fn linked_changes() {
    let record = |change| ChangeRecord { written_at_ms: 1_770_000_000_000, zone_min: 540, clock_offset_ms: -7, change };
    let records = two_linked().map(record);
    let plain = Plain::changes(&records).unwrap();
    assert_eq!(plain.to_changes().unwrap(), records);
    golden(
        "changes-linked",
        &json!({
            "unpacked": hex::encode(plain.unpack().unwrap()), "written_at_ms": 1_770_000_000_000_i64,
            "zone_min": 540, "clock_offset_ms": -7,
            "changes": records.iter().map(|record| hex::encode(&record.change)).collect::<Vec<_>>(),
        }),
    );
}

#[test]
fn a_charts_export() {
    let mut rng = Seeded::new("golden export");
    let cost = KdfCost { memory_kib: 256, passes: 2, lanes: 1 };
    let record = FrameCopy { ssn: 1, received_ms: 1_800_000_000_000, frame: vec![1, 2, 3] };
    let copy = |n: u8| FeedCopy {
        feed: FeedId([n; 16]),
        records: vec![record.clone()],
        ssn: 1,
        h: Hash([n; 32]),
        set_aside: vec![SetAside { ssn: 1, reason: "bad_bytes".into() }],
    };
    let export = ChartExport {
        space: FEED,
        exported_ms: 1_800_000_000_001,
        store: Some(StoreId([0x77; 16])),
        directory: Some(copy(1)),
        teams: vec![copy(2), copy(3)],
        chart: copy(0x11),
        head: None,
        keys: vec![EpochKey::from_parts(1, Secret::new([0x41; 32]))],
        names: vec![(StaffId([0x55; 16]), "試験 花子".into())],
        documents: vec![DocumentHeads { doc: DocId([0x66; 16]), heads: vec![[0x88; 32]] }],
        blobs: vec![BlobId([0x99; 32])],
    };
    let made = json!({
        "passphrase": "hana to tsuki no uta", "content": hex::encode(export.to_bytes()),
        "file": hex::encode(export.seal("hana to tsuki no uta", cost, &mut rng).unwrap()),
    });
    let stored = golden("export", &made);
    assert!(ChartExport::open("hana to tsuki no uta", &bytes(&stored, "file")).unwrap() == export);
}
