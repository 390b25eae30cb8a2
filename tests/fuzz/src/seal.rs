//! What was sealed, and by whom: bytes nobody with a key made do not open; what a member made may be anything inside.

use super::canonical;
use meguri_seal::derive::Sealer;
use meguri_seal::enrol::{commit, digits};
use meguri_seal::envelope::EnvelopeInfo;
use meguri_seal::item::{CODEC_PLAIN, CODEC_ZSTD, KIND_CHANGES};
use meguri_seal::{
    DeviceSecrets, EnrolSecret, EpochKey, EpochOpening, Generation, GenerationEnvelope, KeySlots, Offer, Outcome,
    Plain, Reveal, SealError, Secret, Slot, open_blob, open_item, seal_blob,
};
use meguri_wire::cbor::{In, Out};
use meguri_wire::limits::ITEM_UNPACKED_MAX;
use meguri_wire::{BlobId, DeviceId, DocId, FeedId, Item, Seen, StaffId};
use std::sync::LazyLock;

/// What the golden vectors of `tests/golden/seal` are made with.
const FEED: FeedId = FeedId([0x11; 16]);
const TEAM: FeedId = FeedId([0x22; 16]);
const DEVICE: DeviceId = DeviceId([0x33; 16]);
const STAFF: StaffId = StaffId([0x12; 16]);
const SALT: [u8; 32] = [0x26; 32];
static PRIVATE: LazyLock<Secret> = LazyLock::new(|| Secret::new([0x44; 32]));
static OLDER: LazyLock<Generation> = LazyLock::new(|| Generation::from_parts(1, Secret::new([1; 32])));
static GENERATION: LazyLock<Generation> = LazyLock::new(|| Generation::from_parts(2, Secret::new([2; 32])));
static EPOCH: LazyLock<EpochKey> = LazyLock::new(|| EpochKey::from_parts(5, Secret::new([5; 32])));
static KCV: LazyLock<[u8; 32]> = LazyLock::new(|| EPOCH.kcv().expect("of 32 bytes"));
static PUBLIC: LazyLock<Vec<u8>> = LazyLock::new(|| GENERATION.public_key().expect("of 32 bytes"));
static BLOB: LazyLock<Secret> = LazyLock::new(|| Secret::new([0x31; 32]));
static SPOKEN: LazyLock<EnrolSecret> =
    LazyLock::new(|| EnrolSecret::from_code("8JRPQAMJQA5HD96W3MR8FS1EPN").expect("the golden code"));

/// What a device keeps its keys in: its secrets and its key slots. Slots are not tried, for a cost is memory.
pub fn key_file(bytes: &[u8]) {
    if let Ok(secrets) = DeviceSecrets::from_bytes(bytes) {
        assert_eq!(*secrets.to_bytes(), bytes, "taken in another encoding");
        let _ = secrets.public();
    }
    if let Ok(slots) = KeySlots::from_bytes(bytes) {
        assert_eq!(slots.to_bytes(), bytes, "taken in another encoding");
        assert!(slots.kinds().count() <= 32);
    }
    assert_eq!(Secret::from_slice(bytes).is_ok(), bytes.len() == 32);
}

/// A mailbox: what stands in the slots, the slots as the relay holds them, codes as people type them.
pub fn enrolment(bytes: &[u8]) {
    if let Some(offer) = canonical::<Offer>(bytes) {
        let number = digits(&[1; 32], &[2; 32], &[3; 32], &offer).expect("six digits");
        assert!(number.len() == 6 && number.bytes().all(|b| b.is_ascii_digit()));
    }
    if let Some(reveal) = canonical::<Reveal>(bytes) {
        assert_eq!(reveal.check(&commit(&reveal.nonce, &reveal.keys)), Ok(()));
        assert_eq!(reveal.check(bytes), Err(SealError::CommitMismatch));
    }
    canonical::<Outcome>(bytes);
    for slot in [Slot::Offer, Slot::Commit, Slot::Nonce, Slot::Reveal, Slot::Outcome] {
        if let Ok(opened) = SPOKEN.open_slot(slot, bytes) {
            assert_eq!(SPOKEN.seal_slot(slot, &opened).as_deref(), Ok(bytes));
        }
    }
    let sealed = SPOKEN.seal_slot(Slot::Commit, bytes).expect("any plaintext");
    assert_eq!(SPOKEN.open_slot(Slot::Commit, &sealed).as_deref(), Ok(bytes));
    if let Ok(secret) = EnrolSecret::from_code(&String::from_utf8_lossy(bytes)) {
        assert!(EnrolSecret::from_code(&secret.to_code()).is_ok_and(|again| again == secret));
    }
}

/// An HPKE envelope of each purpose: what was changed does not open.
pub fn envelope(bytes: &[u8]) {
    let info =
        EnvelopeInfo::Epoch { feed: &FEED, n: 7, kcv: &[0x55; 32], recipient: &TEAM, gen_no: 3, author: &DEVICE.0 };
    if let Ok(opened) = meguri_seal::envelope::open_with(&PRIVATE, &info, bytes) {
        assert_eq!(*opened, [0x99; 32], "only the golden one opens");
    }
    let opening = EpochOpening { feed: &FEED, n: 5, kcv: &KCV, team: &TEAM, author: &DEVICE };
    if let Ok(key) = EpochKey::open_envelope(&GENERATION, &opening, bytes) {
        assert_eq!(key, *EPOCH, "only the golden one opens");
    }
    let bound = GenerationEnvelope {
        team: Some(&TEAM),
        gen_no: 2,
        public_key: &PUBLIC,
        recipient: DEVICE.0,
        author: [0x66; 16],
    };
    let opened = Generation::open_envelope(&PRIVATE, &bound, bytes);
    assert!(opened.is_err(), "no golden one carries this seed");
    let opened = SPOKEN.open_slot_with(Slot::Outcome, &PRIVATE, bytes);
    assert!(opened.is_err(), "no golden one is for this mailbox");
}

/// A former generation's seed and an older epoch's key under the present one: as found, and with anything inside.
pub fn sealed_key(bytes: &[u8]) {
    if let Ok(found) = GENERATION.open_previous(bytes) {
        assert_eq!(found, *OLDER, "only the golden one opens");
    }
    if let Ok(sealed) = <&[u8; 48]>::try_from(bytes) {
        assert!(EPOCH.unwrap(&FEED, 3, sealed).is_err(), "no golden one is of epoch 3");
        if let Ok(found) = EPOCH.unwrap(&FEED, 4, sealed) {
            assert_eq!(found.secret().bytes(), &[4; 32], "only the golden one opens");
        }
    }
    let sealer = Sealer::derive(GENERATION.seed().bytes(), &[], &[b"prev"]).expect("a derived key");
    let sealed = sealer.seal(&[], bytes.to_vec()).expect("any plaintext");
    match GENERATION.open_previous(&sealed) {
        Ok(found) => assert_eq!((found.gen_no, found.seed().bytes().as_slice()), (1, bytes)),
        Err(error) => assert_eq!((error, bytes.len() == 32), (SealError::BadBytes, false)),
    }
}

/// Names of the staff and reasons of a break-glass: as found, and with anything inside.
pub fn sealed_text(bytes: &[u8]) {
    if let Ok(name) = GENERATION.open_name(&STAFF, bytes) {
        assert_eq!(name, "佐藤 花子", "only the golden one opens");
    }
    if let Ok(reason) = EPOCH.open_reason(&FEED, bytes) {
        assert_eq!(reason, "救急搬送", "only the golden one opens");
    }
    let sealer = Sealer::derive(EPOCH.secret().bytes(), &SALT, &[b"reason", FEED.as_bytes()]).expect("a derived key");
    let sealed = [SALT.to_vec(), sealer.seal(&[], bytes.to_vec()).expect("any plaintext")].concat();
    if let Ok(reason) = EPOCH.open_reason(&FEED, &sealed) {
        assert!(bytes.starts_with(reason.as_bytes()));
        assert_eq!(bytes.get(reason.len()), Some(&0x80));
    }
}

/// The plaintext of an item that a member sealed: as it stands, with its padding, and with its changes.
pub fn item(bytes: &[u8]) {
    let opened = open_item(&EPOCH, &DEVICE, &sealed(bytes.to_vec()));
    if let Ok(plain) = &opened {
        assert!(bytes.starts_with(&encoded(plain)), "taken in another encoding");
    }
    let padded = [bytes, &[0x80, 0, 0]].concat();
    let Ok(plain) = open_item(&EPOCH, &DEVICE, &sealed(padded)) else { return };
    assert_eq!(encoded(&plain), bytes, "taken in another encoding");
    unpacked(&plain);
}

fn sealed(plaintext: Vec<u8>) -> Item {
    let mut item = Item {
        feed: FEED,
        class: 0,
        doc: Some(DocId([0x21; 16])),
        dseq: 1,
        prev_item_hash: None,
        epoch: EPOCH.n,
        seen: Seen::nothing(),
        blob_ids: Vec::new(),
        salt: SALT,
        ciphertext: Vec::new(),
    };
    let info: [&[u8]; 3] = [b"item", FEED.as_bytes(), DEVICE.as_bytes()];
    let sealer = Sealer::derive(EPOCH.secret().bytes(), &SALT, &info).expect("a derived key");
    item.ciphertext = sealer.seal(&item.aad(), plaintext).expect("any plaintext");
    item
}

fn encoded(plain: &Plain) -> Vec<u8> {
    let mut out = Out::default();
    out.array(4);
    out.u64(1);
    out.u64(plain.kind);
    out.u64(plain.codec);
    out.bytes(&plain.bytes);
    out.finish()
}

/// Changes as they stand in an item, plain and packed.
pub fn changes(bytes: &[u8]) {
    for codec in [CODEC_PLAIN, CODEC_ZSTD] {
        unpacked(&Plain { kind: KIND_CHANGES, codec, bytes: bytes.to_vec() });
    }
}

fn unpacked(plain: &Plain) {
    let Ok(bytes) = plain.unpack() else { return };
    if plain.codec == CODEC_ZSTD {
        assert!(plain.bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]), "one zstd frame");
        assert!(bytes.len() <= ITEM_UNPACKED_MAX);
    }
    let Ok(records) = plain.to_changes() else { return };
    let mut input = In::new(&bytes);
    assert!(input.any().is_ok() && input.at_end(), "taken in another encoding");
    assert!(records.iter().map(|record| record.change.len()).sum::<usize>() <= ITEM_UNPACKED_MAX);
    let packed = Plain::changes(&records).expect("what was read");
    assert_eq!(packed.to_changes().as_ref(), Ok(&records));
}

/// A blob: as found, and of any content.
pub fn blob(bytes: &[u8]) {
    let id = BlobId::of(bytes);
    if let Ok(content) = open_blob(&BLOB, &id, bytes) {
        assert_eq!(seal_blob(&BLOB, &content), Ok((id, bytes.to_vec())), "sealed in one way");
    }
    assert!(open_blob(&BLOB, &BlobId([9; 32]), bytes).is_err());
    let (id, sealed) = seal_blob(&BLOB, bytes).expect("a small blob");
    assert_eq!(open_blob(&BLOB, &id, &sealed).as_deref(), Ok(bytes));
}
