//! What was sealed opens, and only as it was sealed.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failing test may panic")]

mod support;

use meguri_seal::derive::Sealer;
use meguri_seal::item::{CODEC_PLAIN, CODEC_ZSTD, KIND_CHANGES};
use meguri_seal::{
    ChangeRecord, DeviceSecrets, EpochKey, EpochOpening, EpochRecipient, Generation, GenerationEnvelope, KeySlots,
    Plain, SealError, Secret, Unsealed, open_item, seal_item,
};
use meguri_wire::limits::ITEM_UNPACKED_MAX;
use meguri_wire::{DeviceId, DocId, FeedId, Hash, Item, Seen, StaffId};
use proptest::prelude::*;
use support::Seeded;

const FEED: FeedId = FeedId([7; 16]);
const TEAM: FeedId = FeedId([8; 16]);
const DEVICE: DeviceId = DeviceId([9; 16]);

fn fields() -> Unsealed {
    Unsealed {
        feed: FEED,
        class: 0,
        doc: Some(DocId([1; 16])),
        dseq: 1,
        prev_item_hash: None,
        seen: Seen::at([2; 8], 5, Hash([3; 32])),
        blob_ids: vec![],
    }
}

fn records(n: usize) -> Vec<ChangeRecord> {
    (0..n)
        .map(|i| ChangeRecord {
            written_at_ms: 1_770_000_000_000 + i as i64,
            zone_min: 540,
            clock_offset_ms: -20,
            change: format!("change {i} of a visit, 体温 36.5, 血圧 128/76").into_bytes(),
        })
        .collect()
}

/// A chunk as Automerge writes it: magic, checksum, type 1, length, dependencies, the rest.
fn chunk(dependencies: &[[u8; 32]], rest: &[u8]) -> (Vec<u8>, [u8; 32]) {
    let mut body = vec![u8::try_from(dependencies.len()).unwrap()];
    body.extend(dependencies.concat());
    body.extend(rest);
    let mut hashed = vec![1];
    let mut length = body.len();
    while length >= 0x80 {
        hashed.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
        length >>= 7;
    }
    hashed.push(u8::try_from(length).unwrap());
    hashed.extend(body);
    let hash: [u8; 32] = ring::digest::digest(&ring::digest::SHA256, &hashed).as_ref().try_into().unwrap();
    ([&[0x85, 0x6f, 0x4a, 0x83][..], &hash[..4], &hashed].concat(), hash)
}

fn record(change: &[u8]) -> ChangeRecord {
    ChangeRecord { written_at_ms: 1, zone_min: 540, clock_offset_ms: 0, change: change.to_vec() }
}

proptest::proptest! {
    #[test]
    fn changes_come_back_to_the_byte_whatever_they_stand_on(
        steps in proptest::collection::vec((0usize..4, proptest::collection::vec(proptest::num::u8::ANY, 0..400)), 0..12),
    ) {
        let mut records = Vec::new();
        let mut hashes = vec![[7; 32]];
        for (shape, rest) in steps {
            let last = *hashes.last().unwrap();
            let (change, hash) = match shape {
                0 => chunk(&[], &rest),
                1 => chunk(&[last], &rest),
                2 => chunk(&[hashes[0], last], &rest),
                _ => (rest, last), // not a change at all
            };
            records.push(record(&change));
            hashes.push(hash);
        }
        proptest::prop_assert_eq!(Plain::changes(&records).unwrap().to_changes().unwrap(), records);
    }
}

#[test]
fn a_chain_of_changes_is_sent_without_the_hashes_that_follow_from_it() {
    let (mut before, mut whole, mut records) = ([7; 32], 0, Vec::new());
    for n in 0..100u8 {
        let (change, hash) = chunk(&[before], &[n; 40]);
        whole += change.len();
        records.push(record(&change));
        before = hash;
    }
    let plain = Plain::changes(&records).unwrap();
    let unpacked = plain.unpack().unwrap().len();
    assert!(unpacked + 99 * 38 < whole + 100 * 12, "{unpacked} of {whole}");
    assert_eq!(plain.to_changes().unwrap(), records);
}

#[test]
fn a_first_change_stands_on_nothing() {
    let mut out = meguri_wire::cbor::Out::default();
    out.array(1);
    out.array(5);
    for n in [1, 540, 0] {
        out.i64(n);
    }
    out.bytes(b"rest");
    out.u64(1);
    let plain = Plain { kind: KIND_CHANGES, codec: CODEC_PLAIN, bytes: out.finish() };
    assert_eq!(plain.to_changes().unwrap_err(), SealError::BadBytes);
}

#[test]
fn an_item_opens_with_its_key_device_and_head_only() {
    let mut rng = Seeded::new("item");
    let key = EpochKey::make(3, &mut rng);
    let plain = Plain::changes(&records(100)).unwrap();
    assert_eq!((plain.kind, plain.codec), (KIND_CHANGES, CODEC_ZSTD));
    let item = seal_item(&key, &DEVICE, fields(), &plain, [4; 32]).unwrap();
    assert_eq!(open_item(&key, &DEVICE, &item).unwrap().to_changes().unwrap(), records(100));

    let shut = |item: &Item| open_item(&key, &DEVICE, item).unwrap_err();
    let other = DeviceId([10; 16]);
    assert_eq!(open_item(&key, &other, &item).unwrap_err(), SealError::DoesNotOpen);
    let another = EpochKey::make(3, &mut rng);
    assert_eq!(open_item(&another, &DEVICE, &item).unwrap_err(), SealError::DoesNotOpen);
    assert_eq!(shut(&Item { epoch: 4, ..item.clone() }), SealError::WrongKey);
    for changed in [
        Item { feed: TEAM, ..item.clone() },
        Item { class: 2, ..item.clone() },
        Item { doc: Some(DocId([2; 16])), ..item.clone() },
        Item { dseq: 2, ..item.clone() },
        Item { seen: Seen::nothing(), ..item.clone() },
        Item { blob_ids: vec![meguri_wire::BlobId([1; 32])], ..item.clone() },
        Item { salt: [5; 32], ..item.clone() },
    ] {
        assert_eq!(shut(&changed), SealError::DoesNotOpen);
    }
}

#[test]
fn what_would_unpack_beyond_the_limit_is_refused_unread() {
    let bomb = vec![0; ITEM_UNPACKED_MAX + 1];
    assert_eq!(Plain::pack(0, &bomb), Err(SealError::TooLarge));
    let bytes = zstd::bulk::compress(&bomb, 3).unwrap();
    assert!(bytes.len() < 1_000);
    let plain = Plain { kind: 0, codec: CODEC_ZSTD, bytes };
    assert_eq!(plain.unpack(), Err(SealError::TooLarge));
    let most = zstd::bulk::compress(&bomb[1..], 3).unwrap();
    assert_eq!(Plain { bytes: most.clone(), ..plain.clone() }.unpack().unwrap().len(), ITEM_UNPACKED_MAX);
    let two = Plain { bytes: [most.clone(), most].concat(), ..plain.clone() };
    assert_eq!(two.unpack(), Err(SealError::BadBytes));
    let mut stream = zstd::stream::write::Encoder::new(Vec::new(), 3).unwrap();
    for part in [b"a frame ", b"unsized "] {
        std::io::Write::write_all(&mut stream, part).unwrap();
        std::io::Write::flush(&mut stream).unwrap();
    }
    let unsized_frame = stream.finish().unwrap();
    assert_eq!(Plain { bytes: unsized_frame, ..plain.clone() }.unpack(), Err(SealError::BadBytes));
    let later = Plain { codec: 9, ..plain };
    assert_eq!(later.unpack(), Err(SealError::VersionTooOld));
}

#[test]
fn another_encoding_of_the_same_is_refused() {
    let bad = Err(SealError::BadBytes);
    // The plaintext of an item: kind 0 in two bytes.
    let key = EpochKey::from_parts(1, Secret::new([1; 32]));
    let mut item = seal_item(&key, &DEVICE, fields(), &Plain::changes(&[]).unwrap(), [5; 32]).unwrap();
    let sealer = Sealer::derive(&[1; 32], &item.salt, &[b"item", FEED.as_bytes(), DEVICE.as_bytes()]).unwrap();
    item.ciphertext = sealer.seal(&item.aad(), vec![0x84, 1, 0x18, 0, 0, 0x41, 0x80, 0x80]).unwrap();
    assert_eq!(open_item(&key, &DEVICE, &item), bad);
    item.ciphertext = sealer.seal(&item.aad(), vec![0x84, 1, 0, 0, 0x41, 0x80, 0x80]).unwrap();
    assert_eq!(open_item(&key, &DEVICE, &item).unwrap().to_changes(), Ok(vec![]));
    // Changes: the hour in two bytes, and an empty list behind a frame that is skipped.
    let plain = |codec, bytes: &[u8]| Plain { kind: KIND_CHANGES, codec, bytes: bytes.to_vec() };
    assert_eq!(plain(CODEC_PLAIN, &[0x81, 0x84, 0x18, 0, 0, 0, 0x41, 1]).to_changes(), Err(SealError::BadBytes));
    assert_eq!(plain(CODEC_ZSTD, b"\x50\x2a\x4d\x18\x04\x00\x00\x00abcd").unpack(), Err(SealError::BadBytes));
    // What a device keeps its keys in.
    let secrets = DeviceSecrets::make(&mut Seeded::new("secrets")).to_bytes();
    assert!(DeviceSecrets::from_bytes(&secrets).is_ok());
    let longer = [&[0x83, 0x18, 1][..], &secrets[2..]].concat();
    assert_eq!(DeviceSecrets::from_bytes(&longer), Err(SealError::BadBytes));
    assert!(KeySlots::from_bytes(&[0x82, 1, 0x80]).is_ok());
    assert_eq!(KeySlots::from_bytes(&[0x82, 0x18, 1, 0x80]), Err(SealError::BadBytes));
}

#[test]
fn an_unknown_kind_survives_and_is_not_read_as_changes() {
    let key = EpochKey::make(1, &mut Seeded::new("kind"));
    let later = Plain { kind: 77, codec: 5, bytes: b"from a newer program".to_vec() };
    let item = seal_item(&key, &DEVICE, fields(), &later, [4; 32]).unwrap();
    let opened = open_item(&key, &DEVICE, &item).unwrap();
    assert_eq!(opened, later);
    assert_eq!(opened.to_changes(), Err(SealError::VersionTooOld));
}

#[test]
fn a_generation_travels_to_a_device_and_opens_those_before() {
    let mut rng = Seeded::new("generation");
    let first = Generation::make_first(&mut rng);
    let second = first.make_next(&mut rng);
    let tablet = DeviceSecrets::make(&mut rng);
    let keys = tablet.public().unwrap();
    let (me, author) = (keys.id(&TEAM).0, [3; 16]);
    let envelope = second.seal_envelope(Some(&TEAM), me, &keys.kem_key, author, &mut rng).unwrap();
    let public_key = second.public_key().unwrap();
    let bound = GenerationEnvelope { team: Some(&TEAM), gen_no: 2, public_key: &public_key, recipient: me, author };
    let opened = Generation::open_envelope(tablet.kem(), &bound, &envelope).unwrap();
    assert_eq!(opened, second);

    let sealed = second.seal_previous(&first).unwrap();
    assert_eq!(sealed.len(), 48);
    assert_eq!(opened.open_previous(&sealed).unwrap(), first);
    assert_eq!(first.seal_previous(&second), Err(SealError::WrongKey));
    assert_eq!(first.open_previous(&sealed), Err(SealError::BadBytes));

    let first_key = first.public_key().unwrap();
    for wrong in [
        GenerationEnvelope { team: None, ..bound },
        GenerationEnvelope { team: Some(&FEED), ..bound },
        GenerationEnvelope { gen_no: 1, ..bound },
        GenerationEnvelope { public_key: &first_key, ..bound },
        GenerationEnvelope { recipient: [1; 16], ..bound },
        GenerationEnvelope { author: [1; 16], ..bound },
    ] {
        let error = Generation::open_envelope(tablet.kem(), &wrong, &envelope).unwrap_err();
        assert_eq!(error, SealError::DoesNotOpen);
    }
    let error = Generation::open_envelope(&Secret::new([1; 32]), &bound, &envelope).unwrap_err();
    assert_eq!(error, SealError::DoesNotOpen);
}

#[test]
fn a_seed_that_gives_another_public_key_is_a_wrong_key() {
    let mut rng = Seeded::new("lie");
    let (announced, sent) = (Generation::make_first(&mut rng), Generation::make_first(&mut rng));
    let tablet = DeviceSecrets::make(&mut rng);
    let kem_key = tablet.public().unwrap().kem_key;
    let public_key = announced.public_key().unwrap();
    let info = meguri_seal::envelope::EnvelopeInfo::Generation {
        team: None,
        gen_no: 1,
        public_key: &public_key,
        recipient: &[1; 16],
        author: &[2; 16],
    };
    let envelope = meguri_seal::envelope::seal_to(&kem_key, &info, sent.seed().bytes(), &mut rng).unwrap();
    let bound =
        GenerationEnvelope { team: None, gen_no: 1, public_key: &public_key, recipient: [1; 16], author: [2; 16] };
    assert_eq!(Generation::open_envelope(tablet.kem(), &bound, &envelope), Err(SealError::WrongKey));
}

#[test]
fn one_envelope_opens_all_epochs_and_a_removed_team_opens_no_later_one() {
    let mut rng = Seeded::new("epochs");
    let team = Generation::make_first(&mut rng);
    let removed = Generation::make_first(&mut rng);
    let keys: Vec<_> = (1..=3).map(|n| EpochKey::make(n, &mut rng)).collect();
    let public_key = team.public_key().unwrap();
    let to = EpochRecipient { feed: &FEED, team: &TEAM, gen_no: 1, public_key: &public_key, author: &DEVICE };
    let envelope = keys[2].seal_envelope(&to, &mut rng).unwrap();
    let kcv = keys[2].kcv().unwrap();
    let opening = EpochOpening { feed: &FEED, n: 3, kcv: &kcv, team: &TEAM, author: &DEVICE };
    let newest = EpochKey::open_envelope(&team, &opening, &envelope).unwrap();
    assert_eq!(newest, keys[2]);
    for older in &keys[..2] {
        let wrapped = keys[2].wrap(&FEED, older).unwrap();
        let unwrapped = newest.unwrap(&FEED, older.n, &wrapped).unwrap();
        unwrapped.check(&older.kcv().unwrap()).unwrap();
        assert_eq!(&unwrapped, older);
        assert_eq!(newest.unwrap(&TEAM, older.n, &wrapped), Err(SealError::DoesNotOpen));
        assert_eq!(newest.unwrap(&FEED, older.n + 1, &wrapped), Err(SealError::DoesNotOpen));
        assert_eq!(keys[1].unwrap(&FEED, older.n, &wrapped), Err(SealError::DoesNotOpen));
        assert_eq!(older.wrap(&FEED, &keys[2]), Err(SealError::WrongKey));
    }
    let shut = |generation: &Generation, opening: &EpochOpening<'_>| {
        EpochKey::open_envelope(generation, opening, &envelope).unwrap_err()
    };
    assert_eq!(shut(&removed, &opening), SealError::DoesNotOpen);
    for wrong in [
        EpochOpening { feed: &TEAM, ..opening },
        EpochOpening { n: 2, ..opening },
        EpochOpening { kcv: &[0; 32], ..opening },
        EpochOpening { team: &FEED, ..opening },
        EpochOpening { author: &DeviceId([1; 16]), ..opening },
    ] {
        assert_eq!(shut(&team, &wrong), SealError::DoesNotOpen);
    }
    assert_eq!(keys[0].check(&kcv), Err(SealError::WrongKey));
}

#[test]
fn names_and_reasons_are_read_under_their_key_and_look_alike_in_length() {
    let mut rng = Seeded::new("names");
    let team = Generation::make_first(&mut rng);
    let staff = StaffId([1; 16]);
    let short = team.seal_name(&staff, "原 葵", [1; 32]).unwrap();
    let long = team.seal_name(&staff, "長谷部 さくら子 訪問看護師", [2; 32]).unwrap();
    assert_eq!(short.len(), long.len());
    assert_eq!(team.open_name(&staff, &short).unwrap(), "原 葵");
    assert_eq!(team.open_name(&StaffId([2; 16]), &short), Err(SealError::DoesNotOpen));
    assert_eq!(team.open_name(&staff, &short[..20]), Err(SealError::BadBytes));
    let later = team.make_next(&mut rng);
    assert_eq!(later.open_name(&staff, &short), Err(SealError::DoesNotOpen));
    let key = EpochKey::make(1, &mut rng);
    let reason = key.seal_reason(&FEED, "救急搬送", [3; 32]).unwrap();
    assert_eq!(key.open_reason(&FEED, &reason).unwrap(), "救急搬送");
    assert_eq!(key.open_reason(&TEAM, &reason), Err(SealError::DoesNotOpen));
    assert_eq!(key.seal_reason(&FEED, &"あ".repeat(2_000), [3; 32]), Err(SealError::TooLarge));
}

#[test]
fn device_secrets_are_stored_and_sign_as_their_device() {
    use meguri_wire::sign::Signer;
    let secrets = DeviceSecrets::make(&mut Seeded::new("device"));
    let bytes = secrets.to_bytes();
    assert_eq!(DeviceSecrets::from_bytes(&bytes).unwrap(), secrets);
    assert_eq!(DeviceSecrets::from_bytes(&bytes[..60]), Err(SealError::BadBytes));
    let keys = secrets.public().unwrap();
    let signer = secrets.signer(&TEAM).unwrap();
    assert_eq!(signer.kid(), keys.id(&TEAM).0);
    assert_eq!(secrets.genesis_signer().unwrap().kid(), keys.key_id().0);
    meguri_wire::sign::verify(&keys.signing_key, b"x", &signer.sign(b"x")).unwrap();
}

#[test]
fn no_secret_stands_in_debug() {
    let mut rng = Seeded::new("debug");
    let secrets = DeviceSecrets::make(&mut rng);
    let key = EpochKey::from_parts(1, Secret::new([0xab; 32]));
    let generation = Generation::from_parts(1, Secret::new([0xab; 32]));
    let plain = Plain::pack(0, b"36.5").unwrap();
    let shown = format!("{secrets:?} {key:?} {generation:?} {plain:?} {:?}", records(1));
    assert!(shown.contains("redacted"));
    for secret in ["171", "ab, ", "36.5", "51, 54"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_flipped_byte_shuts_an_item(bytes in proptest::collection::vec(any::<u8>(), 0..600), at in any::<usize>(), bit in 0..8u32) {
        let key = EpochKey::make(1, &mut Seeded::new("flip"));
        let plain = Plain::pack(4, &bytes).unwrap();
        let mut item = seal_item(&key, &DEVICE, fields(), &plain, [4; 32]).unwrap();
        prop_assert_eq!(open_item(&key, &DEVICE, &item).unwrap().unpack().unwrap(), bytes);
        let at = at % item.ciphertext.len();
        item.ciphertext[at] ^= 1 << bit;
        prop_assert_eq!(open_item(&key, &DEVICE, &item), Err(SealError::DoesNotOpen));
    }

    #[test]
    fn any_flipped_byte_shuts_an_envelope(at in any::<usize>(), bit in 0..8u32) {
        let mut rng = Seeded::new("flip");
        let tablet = DeviceSecrets::make(&mut rng);
        let keys = tablet.public().unwrap();
        let team = Generation::make_first(&mut rng);
        let public_key = team.public_key().unwrap();
        let mut envelope = team.seal_envelope(None, [1; 16], &keys.kem_key, [2; 16], &mut rng).unwrap();
        let at = at % envelope.len();
        envelope[at] ^= 1 << bit;
        let bound = GenerationEnvelope { team: None, gen_no: 1, public_key: &public_key, recipient: [1; 16], author: [2; 16] };
        prop_assert_eq!(Generation::open_envelope(tablet.kem(), &bound, &envelope), Err(SealError::DoesNotOpen));
    }

    #[test]
    fn rubbish_gives_an_error_and_no_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        let key = EpochKey::make(1, &mut Seeded::new("rubbish"));
        let mut item = seal_item(&key, &DEVICE, fields(), &Plain::pack(0, b"x").unwrap(), [4; 32]).unwrap();
        item.ciphertext = bytes.clone();
        prop_assert!(open_item(&key, &DEVICE, &item).is_err());
        let plain = Plain { kind: 0, codec: CODEC_ZSTD, bytes: bytes.clone() };
        let _ = plain.unpack();
        let _ = Plain { codec: 0, ..plain }.to_changes();
        let _ = meguri_seal::KeySlots::from_bytes(&bytes);
        prop_assert!(DeviceSecrets::from_bytes(&bytes).is_err());
        prop_assert!(meguri_seal::open_blob(&Secret::new([0; 32]), &meguri_wire::BlobId([0; 32]), &bytes).is_err());
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let _ = meguri_seal::EnrolSecret::from_code(&text);
    }
}
