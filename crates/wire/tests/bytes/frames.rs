use coset::CborSerializable;
use meguri_wire::api::*;
use meguri_wire::cbor::Cbor;
use meguri_wire::chain::{Head, SignedHead, h_next, h0};
use meguri_wire::control::*;
use meguri_wire::cose::CONTEXT_ITEM;
use meguri_wire::feed::FeedState;
use meguri_wire::sign::{Ed25519Signer, Signer};
use meguri_wire::*;
use proptest::prelude::*;

fn signer() -> Ed25519Signer {
    Ed25519Signer::own_id(&[0x42; 32]).unwrap()
}

prop_compose! {
    fn envelopes()(all in prop::collection::btree_map(any::<[u8; 16]>(), any::<[u8; 32]>(), 0..5))
        -> Vec<Envelope> {
        all.into_iter().map(|(recipient, hash)| Envelope { recipient, hash: Hash(hash) }).collect()
    }
}

prop_compose! {
    fn heads()(all in prop::collection::vec((any::<[u8; 32]>(), any::<u64>(), any::<[u8; 32]>()), 0..4))
        -> Vec<CitedHead> {
        all.into_iter()
            .map(|(team, cseq, hash)| CitedHead { team: team.into(), cseq, hash: hash.into() })
            .collect()
    }
}

fn generations() -> impl Strategy<Value = Generation> {
    let bytes = || prop::collection::vec(any::<u8>(), 0..60);
    (any::<u64>(), bytes(), bytes(), envelopes()).prop_map(|(gen_no, public_key, previous, envelopes)| Generation {
        gen_no,
        public_key,
        previous,
        envelopes,
    })
}

fn bodies() -> impl Strategy<Value = Body> {
    let id16 = any::<[u8; 16]>;
    let id32 = any::<[u8; 32]>;
    prop_oneof![
        (id16(), generations()).prop_map(|(device, generation)| {
            let device = device.into();
            let reason = RemoveReason::Lost;
            RemoveDevice { device, reason, generation }.into()
        }),
        (id16(), id32(), id32(), id32()).prop_map(|(staff, key, kem, envelope)| AddDevice {
            staff: staff.into(),
            role: DeviceRole::Admin,
            keys: DeviceKeys { signing_key: key, kem_key_hash: Hash(kem) },
            envelope: Hash(envelope),
        }
        .into()),
        (any::<u64>(), id32(), heads(), envelopes(), any::<[u8; 32]>()).prop_map(
            |(n, kcv, heads, recipients, half)| {
                let mut sealed = [0; 48];
                sealed[..32].copy_from_slice(&half);
                let wrapped = vec![Wrapped { m: n / 2, sealed }];
                Epoch { n, kcv, heads, recipients, wrapped }.into()
            }
        ),
        (id16(), heads(), id32(), any::<Option<u64>>(), any::<Option<(u64, [u8; 32])>>()).prop_map(
            |(team, heads, envelope, expires, listing)| AddMember {
                team: team.into(),
                role: Role::Writer,
                heads,
                listing: listing.map(|(cseq, hash)| Listing { cseq, hash: hash.into() }),
                envelope: Hash(envelope),
                expires,
            }
            .into()
        ),
        Just(Archive.into()),
        any::<u64>().prop_map(|epoch| Fault { epoch }.into()),
        (48u64.., any::<u64>()).prop_map(|(kind, n)| Body::Unknown { kind, raw: n.to_bytes() }),
    ]
}

fn controls() -> impl Strategy<Value = Control> {
    (any::<[u8; 16]>(), 2u64.., any::<[u8; 32]>(), bodies()).prop_map(|(feed, cseq, prev, body)| Control {
        feed: Some(feed.into()),
        cseq,
        prev_hash: Some(prev.into()),
        body,
    })
}

fn items() -> impl Strategy<Value = Item> {
    let seen = prop_oneof![
        Just(Seen::nothing()),
        (any::<[u8; 8]>(), 1u64.., any::<[u8; 32]>()).prop_map(|(store, ssn, h)| Seen::at(store, ssn, Hash(h))),
    ];
    let blobs = prop::collection::vec(any::<[u8; 32]>(), 0..4);
    let sealed = prop::collection::vec(any::<u8>(), 0..300);
    let ids = (any::<[u8; 16]>(), any::<[u8; 16]>(), any::<[u8; 32]>());
    (ids, 0u64..9, 1u64.., 1u64.., seen, blobs, any::<[u8; 32]>(), sealed).prop_map(
        |((feed, doc, prev), class, dseq, epoch, seen, blobs, salt, ciphertext)| Item {
            feed: feed.into(),
            class,
            doc: (class != 1).then_some(doc.into()),
            dseq,
            prev_item_hash: (dseq > 1).then_some(prev.into()),
            epoch,
            seen,
            blob_ids: blobs.into_iter().map(BlobId).collect(),
            salt,
            ciphertext,
        },
    )
}

fn frames() -> impl Strategy<Value = Frame> {
    prop_oneof![
        controls().prop_map(|control| control.sign(&signer()).unwrap()),
        items().prop_map(|item| item.sign(&signer()).unwrap()),
    ]
}

proptest! {
    #[test]
    fn decoding_gives_back_what_was_signed(frame in frames()) {
        let again = Frame::decode(&frame.raw).unwrap();
        prop_assert_eq!(&again, &frame);
        prop_assert!(again.verify(&signer().public_key()).is_ok());
    }

    #[test]
    fn a_changed_byte_is_an_error_or_another_unsigned_frame(
        frame in frames(), at in any::<prop::sample::Index>(), flip in 1u8..
    ) {
        let mut raw = frame.raw.clone();
        let at = at.index(raw.len());
        raw[at] ^= flip;
        if let Ok(other) = Frame::decode(&raw) {
            prop_assert_ne!(other.id, frame.id);
            prop_assert!(other.verify(&signer().public_key()).is_err());
        }
    }

    #[test]
    fn a_cut_or_longer_frame_is_refused(frame in frames(), at in any::<prop::sample::Index>()) {
        prop_assert!(Frame::decode(&frame.raw[..at.index(frame.raw.len())]).is_err());
        let mut longer = frame.raw.clone();
        longer.push(0);
        prop_assert_eq!(Frame::decode(&longer), Err(Code::BadBytes));
    }

    #[test]
    fn decoders_are_total(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = Frame::decode(&bytes);
        let _ = SignedHead::decode_verify(&bytes, &[9; 32]);
        let _ = PushRequest::from_bytes(&bytes);
        let _ = PushReply::from_bytes(&bytes);
        let _ = PullRequest::from_bytes(&bytes);
        let _ = HeadsReply::from_bytes(&bytes);
        let _ = Info::from_bytes(&bytes);
        let _ = ErrorBody::from_bytes(&bytes);
        let _ = AckRequest::from_bytes(&bytes);
        let _ = FeedState::from_bytes(&bytes);
        let mut buffer = PullBuffer::default();
        buffer.push(&bytes);
        while let Ok(Some(_)) = buffer.next_record() {}
    }

    #[test]
    fn a_mutated_payload_inside_valid_cose_is_total(
        frame in frames(), at in any::<prop::sample::Index>(), value in any::<u8>()
    ) {
        let mut cose = coset::CoseSign1::from_slice(&frame.raw).unwrap();
        let payload = cose.payload.as_mut().unwrap();
        let at = at.index(payload.len());
        payload[at] = value;
        let raw = cose.to_vec().unwrap();
        if let Ok(other) = Frame::decode(&raw) {
            prop_assert_eq!(other.raw, raw);
        }
    }

    #[test]
    fn the_pull_stream_may_be_cut_anywhere(cuts in prop::collection::vec(1usize..90, 1..9)) {
        let record = |ssn| PullRecord {
            feed: [1; 16].into(),
            ssn,
            received_ms: 7,
            frame: vec![5; 70],
            attachments: vec![Attachment { recipient: [2; 16], bytes: vec![6; 40] }],
        };
        let records: Vec<PullRecord> = (1..20).map(record).collect();
        let stream: Vec<u8> = records.iter().flat_map(Cbor::to_bytes).collect();
        let mut buffer = PullBuffer::default();
        let mut got = Vec::new();
        let mut at = 0;
        for step in cuts.iter().cycle() {
            let end = (at + step).min(stream.len());
            buffer.push(&stream[at..end]);
            at = end;
            while let Some(record) = buffer.next_record().unwrap() {
                got.push(record);
            }
            if at == stream.len() {
                break;
            }
        }
        prop_assert!(buffer.is_empty());
        prop_assert_eq!(got, records);
    }
}

fn item() -> Item {
    Item {
        feed: [1; 16].into(),
        class: 0,
        doc: Some([2; 16].into()),
        dseq: 1,
        prev_item_hash: None,
        epoch: 1,
        seen: Seen::nothing(),
        blob_ids: vec![],
        salt: [3; 32],
        ciphertext: vec![4; 32],
    }
}

#[test]
fn an_independent_cose_library_agrees() {
    let frame = item().sign(&signer()).unwrap();
    let cose = coset::CoseSign1::from_slice(&frame.raw).unwrap();
    assert_eq!(cose.protected.header.key_id, signer().kid());
    let key = signer().public_key();
    cose.verify_signature(CONTEXT_ITEM.as_bytes(), |signature, message| {
        meguri_wire::sign::verify(&key, message, signature.try_into().unwrap())
    })
    .unwrap();
}

#[test]
fn an_added_unprotected_header_is_bad_bytes() {
    let frame = item().sign(&signer()).unwrap();
    let mut cose = coset::CoseSign1::from_slice(&frame.raw).unwrap();
    cose.unprotected.content_type = Some(coset::ContentType::Text("a".to_owned()));
    assert_eq!(Frame::decode(&cose.to_vec().unwrap()), Err(Code::BadBytes));
    let tagged = coset::CoseSign1::from_slice(&frame.raw).unwrap();
    let tagged = coset::TaggedCborSerializable::to_tagged_vec(tagged).unwrap();
    assert_eq!(Frame::decode(&tagged), Err(Code::BadBytes));
}

#[test]
fn another_version_is_named_before_its_length() {
    let frame = item().sign(&signer()).unwrap();
    let mut cose = coset::CoseSign1::from_slice(&frame.raw).unwrap();
    cose.payload = Some(vec![0x83, 0x02, 0x00, 0x00]);
    assert_eq!(Frame::decode(&cose.to_vec().unwrap()), Err(Code::VersionTooOld));
}

#[test]
fn a_signature_for_one_context_is_none_for_another() {
    let frame = item().sign(&signer()).unwrap();
    let cose = coset::CoseSign1::from_slice(&frame.raw).unwrap();
    let other = cose.verify_signature(b"meguri/v1/control", |signature, message| {
        let key = signer().public_key();
        meguri_wire::sign::verify(&key, message, signature.try_into().unwrap())
    });
    assert!(other.is_err());
}

#[test]
fn items_have_the_fields_their_class_asks_for() {
    let with_doc = Item { class: 1, ..item() };
    assert_eq!(with_doc.sign(&signer()).unwrap_err(), Code::BadBytes);
    let without = Item { doc: None, ..item() };
    assert_eq!(without.sign(&signer()).unwrap_err(), Code::BadBytes);
    let unchained = Item { dseq: 2, ..item() };
    assert_eq!(unchained.sign(&signer()).unwrap_err(), Code::BadBytes);
    let half_seen = Seen { ssn: 1, ..Seen::nothing() };
    let half_seen = Item { seen: half_seen, ..item() };
    assert_eq!(half_seen.sign(&signer()).unwrap_err(), Code::BadBytes);
    let large = Item { ciphertext: vec![0; 256 * 1024], ..item() };
    assert_eq!(large.sign(&signer()).unwrap_err(), Code::TooLarge);
}

#[test]
fn heads_verify_under_the_relays_key_only() {
    let relay = Ed25519Signer::own_id(&[1; 32]).unwrap();
    let feed = FeedId([5; 16]);
    let h = h_next(&h0(&feed), 1, 1_700_000_000_000, &FrameId([6; 32]));
    let head = SignedHead::sign(Head::new([7; 16].into(), feed, 1, h), &relay);
    let read = SignedHead::decode_verify(&head.raw, &relay.public_key()).unwrap();
    assert_eq!(read, head);
    let other = SignedHead::decode_verify(&head.raw, &signer().public_key());
    assert_eq!(other, Err(Code::BadSignature));
}

#[test]
fn a_hint_is_written_in_one_way() {
    let hint = Hint { feed: [0x0f; 16].into(), ssn: 7 };
    assert_eq!(hint.to_string().parse(), Ok(hint));
    let feed = "0f".repeat(16);
    for other in ["+7", "07", " 7", "7 ", "-7", "18446744073709551616", ""] {
        assert_eq!(format!("{feed} {other}").parse::<Hint>(), Err(Code::BadBytes), "{other}");
    }
}

#[test]
fn codes_have_one_text_each() {
    for code in Code::ALL {
        assert_eq!(code.text().parse::<Code>(), Ok(*code));
        assert!(code.status() >= 400 && code.status() < 600);
    }
}
