//! Every public decoder answers to any bytes: random ones, and good ones with a few changed, cut or doubled. None panics.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests fail loudly")]

use meguri_chart::{Actor, Doc, DocName, Incoming};
use meguri_seal::{
    ChangeRecord, DeviceSecrets, EnrolSecret, Generation, KeySlots, Offer, Outcome, Plain, Reveal, Secret,
};
use meguri_wire::api::{
    Ack, AckRequest, ErrorBody, HeadsReply, Hint, Info, PullBuffer, PullRecord, PullRequest, PushReply, PushRequest,
    QuarantineReply,
};
use meguri_wire::cbor::Cbor;
use meguri_wire::chain::SignedHead;
use meguri_wire::feed::{DirectoryState, FeedState, SpaceState, TeamState};
use meguri_wire::{Attachment, BlobId, Frame, StaffId};
use proptest::prelude::*;
use serde_json::json;

/// What is done to good bytes.
#[derive(Debug, Clone)]
struct Damage {
    flips: Vec<(prop::sample::Index, u8)>,
    cut: Option<prop::sample::Index>,
    doubled: bool,
}

fn damage() -> impl Strategy<Value = Damage> {
    let flips = prop::collection::vec((any::<prop::sample::Index>(), 1u8..), 0..4);
    (flips, prop::option::of(any::<prop::sample::Index>()), any::<bool>()).prop_map(|(flips, cut, doubled)| Damage {
        flips,
        cut,
        doubled,
    })
}

impl Damage {
    fn done(&self, good: &[u8]) -> Vec<u8> {
        let mut bytes = good.to_vec();
        for (at, flip) in &self.flips {
            let at = at.index(bytes.len());
            bytes[at] ^= flip;
        }
        if let Some(cut) = &self.cut {
            bytes.truncate(cut.index(bytes.len() + 1));
        }
        if self.doubled {
            bytes.extend_from_slice(good);
        }
        bytes
    }
}

fn wire(bytes: &[u8]) {
    let _ = Frame::decode(bytes);
    let _ = SignedHead::decode_verify(bytes, &[9; 32]);
    let _ = (Info::from_bytes(bytes), HeadsReply::from_bytes(bytes), PullRequest::from_bytes(bytes));
    let _ = (PullRecord::from_bytes(bytes), PushRequest::from_bytes(bytes), PushReply::from_bytes(bytes));
    let _ = (AckRequest::from_bytes(bytes), Ack::from_bytes(bytes), QuarantineReply::from_bytes(bytes));
    let _ = (ErrorBody::from_bytes(bytes), Attachment::from_bytes(bytes));
    let _ = (FeedState::from_bytes(bytes), DirectoryState::from_bytes(bytes));
    let _ = (TeamState::from_bytes(bytes), SpaceState::from_bytes(bytes));
    let mut buffer = PullBuffer::default();
    buffer.push(bytes);
    while let Ok(Some(_)) = buffer.next_record() {}
    let text = String::from_utf8_lossy(bytes);
    let _ = (text.parse::<Hint>(), text.parse::<BlobId>(), text.parse::<meguri_wire::Code>());
    let _ = meguri_wire::request::read_claim(&text, &text, true);
}

fn seal(bytes: &[u8]) {
    let secret = Secret::new([3; 32]);
    let _ = (DeviceSecrets::from_bytes(bytes), Secret::from_slice(bytes));
    let _ = (Offer::from_bytes(bytes), Reveal::from_bytes(bytes), Outcome::from_bytes(bytes));
    let _ = meguri_seal::open_blob(&secret, &BlobId::of(bytes), bytes);
    let generation = Generation::from_parts(2, Secret::new([4; 32]));
    let _ = (generation.open_previous(bytes), generation.open_name(&StaffId([1; 16]), bytes));
    let plain = Plain { kind: 0, codec: 1, bytes: bytes.to_vec() };
    let _ = (plain.unpack(), plain.to_changes());
    let _ = Plain { codec: 0, ..plain }.to_changes();
    let _ = EnrolSecret::from_code(&String::from_utf8_lossy(bytes));
    if let Ok(slots) = KeySlots::from_bytes(bytes) {
        let _ = KeySlots::from_bytes(&slots.to_bytes());
    }
}

fn clinical(bytes: &[u8]) {
    for kind in meguri_clinical::entry_kinds() {
        let _ = (kind.decode(bytes), kind.facts(bytes));
    }
    for kind in meguri_clinical::state_kinds() {
        for field in kind.fields() {
            let _ = kind.decode_field(field.name, bytes);
        }
    }
}

fn chart(bytes: &[u8]) {
    for name in [DocName::Core, DocName::Log(2026)] {
        let _ = Doc::load([7; 16], name, bytes);
        let mut doc = Doc::new([7; 16], name).unwrap();
        let before = doc.save().unwrap();
        let changes = [bytes.to_vec()];
        let _ = doc.apply(&[Incoming { author: [1; 16], changes: &changes }]);
        doc.save().expect("whatever came, it saves and loads");
        assert!(Doc::load([7; 16], name, &before).is_ok());
    }
}

/// Good bytes of each family.
fn good() -> Vec<Vec<u8>> {
    let note = json!({"s": "夜間の咳", "o": "", "a": "", "p": ""});
    let vitals = json!({"items": [{"key": "temp", "value": "36.5", "attributes": {}}], "notMeasured": []});
    let mut doc = Doc::new([7; 16], DocName::Log(2026)).unwrap();
    let actor = Actor::new([1; 16], [2; 8]);
    let change = doc.put_entry(&actor, [3; 16], "note", 1_795_305_600_000, b"body").unwrap();
    let record = ChangeRecord { written_at_ms: 1, zone_min: 540, clock_offset_ms: 0, change: change.bytes.clone() };
    let pull = PullRecord { feed: [1; 16].into(), ssn: 1, received_ms: 7, frame: vec![5; 70], attachments: Vec::new() };
    vec![
        meguri_clinical::entry_kind("note").unwrap().encode(&note).unwrap(),
        meguri_clinical::entry_kind("vitals").unwrap().encode(&vitals).unwrap(),
        doc.save().unwrap(),
        change.bytes,
        Plain::changes(&[record]).unwrap().bytes,
        pull.to_bytes(),
        AckRequest { acks: vec![Ack { feed: [1; 16].into(), ssn: 4, h: meguri_wire::Hash([2; 32]) }] }.to_bytes(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        wire(&bytes);
        seal(&bytes);
        clinical(&bytes);
        chart(&bytes);
    }

    #[test]
    fn damaged_bytes_are_answered(which in any::<prop::sample::Index>(), damage in damage()) {
        let all = good();
        let bytes = damage.done(&all[which.index(all.len())]);
        wire(&bytes);
        seal(&bytes);
        clinical(&bytes);
        chart(&bytes);
    }
}

#[test]
fn the_good_ones_are_good() {
    let all = good();
    assert!(meguri_clinical::entry_kind("note").unwrap().decode(&all[0]).is_ok());
    assert!(Doc::load([7; 16], DocName::Log(2026), &all[2]).is_ok());
    assert!(PullRecord::from_bytes(&all[5]).is_ok());
}
