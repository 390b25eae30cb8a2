//! Enrolment told as a story, and what a relay between the two could try.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failing test may panic")]

mod support;

use meguri_seal::enrol::{commit, digits};
use meguri_seal::{DeviceSecrets, EnrolSecret, Offer, Outcome, Reveal, SealError, Slot};
use meguri_wire::FrameId;
use meguri_wire::cbor::Cbor;
use meguri_wire::control::CitedHead;
use proptest::prelude::*;
use support::Seeded;

fn offer(admin: &DeviceSecrets) -> Offer {
    let head = CitedHead { team: FrameId([1; 32]), cseq: 4, hash: FrameId([2; 32]) };
    Offer { head, admin: admin.public().unwrap(), relay_key: [3; 32] }
}

#[test]
fn a_newcomer_joins_by_a_spoken_code() {
    let mut rng = Seeded::new("join");
    let (admin, newcomer) = (DeviceSecrets::make(&mut rng), DeviceSecrets::make(&mut rng));
    let shown = EnrolSecret::make_spoken(&mut rng);
    let typed = EnrolSecret::from_code(&shown.to_code().to_lowercase()).unwrap();
    assert_eq!(shown.mailbox().unwrap(), typed.mailbox().unwrap());

    let slot0 = shown.seal_slot(Slot::Offer, &offer(&admin).to_bytes()).unwrap();
    let seen = Offer::from_bytes(&typed.open_slot(Slot::Offer, &slot0).unwrap()).unwrap();
    let reveal = Reveal { nonce: [8; 32], keys: newcomer.public().unwrap() };
    let slot1 = typed.seal_slot(Slot::Commit, &commit(&reveal.nonce, &reveal.keys)).unwrap();
    let committed = shown.open_slot(Slot::Commit, &slot1).unwrap();
    let slot3 = typed.seal_slot_to(Slot::Reveal, &seen.admin.kem_key, &reveal.to_bytes(), &mut rng).unwrap();
    let revealed = Reveal::from_bytes(&shown.open_slot_with(Slot::Reveal, admin.kem(), &slot3).unwrap()).unwrap();
    revealed.check(&committed).unwrap();
    let committed: [u8; 32] = committed.try_into().unwrap();
    let there = digits(&revealed.nonce, &[9; 32], &committed, &offer(&admin)).unwrap();
    let here = digits(&reveal.nonce, &[9; 32], &commit(&reveal.nonce, &reveal.keys), &seen).unwrap();
    assert_eq!(there, here);
    assert_eq!(here.len(), 6);

    let outcome = Outcome {
        certificate: vec![1, 2, 3],
        directory: Some(FrameId([4; 32])),
        roots: vec![[5; 32]],
        pins: Some((meguri_wire::BlobId([6; 32]), [7; 32])),
        policy: vec![],
    };
    let slot4 = shown.seal_slot_to(Slot::Outcome, &revealed.keys.kem_key, &outcome.to_bytes(), &mut rng).unwrap();
    let opened = typed.open_slot_with(Slot::Outcome, newcomer.kem(), &slot4).unwrap();
    assert_eq!(Outcome::from_bytes(&opened).unwrap(), outcome);
    assert_eq!(typed.open_slot_with(Slot::Outcome, admin.kem(), &slot4), Err(SealError::DoesNotOpen));
}

#[test]
fn what_lies_between_cannot_swap_keys_slots_or_mailboxes() {
    let mut rng = Seeded::new("between");
    let (admin, newcomer, thief) =
        (DeviceSecrets::make(&mut rng), DeviceSecrets::make(&mut rng), DeviceSecrets::make(&mut rng));
    let secret = EnrolSecret::make_scanned(&mut rng);
    let honest = Reveal { nonce: [8; 32], keys: newcomer.public().unwrap() };
    let committed = commit(&honest.nonce, &honest.keys);
    let swapped = Reveal { keys: thief.public().unwrap(), ..honest.clone() };
    assert_eq!(swapped.check(&committed), Err(SealError::CommitMismatch));
    assert_eq!(Reveal { nonce: [7; 32], ..honest.clone() }.check(&committed), Err(SealError::CommitMismatch));

    let shown = digits(&honest.nonce, &[9; 32], &committed, &offer(&admin)).unwrap();
    assert_ne!(shown, digits(&honest.nonce, &[9; 32], &committed, &offer(&thief)).unwrap());
    assert_ne!(shown, digits(&honest.nonce, &[8; 32], &committed, &offer(&admin)).unwrap());

    let slot = secret.seal_slot(Slot::Commit, &committed).unwrap();
    assert_eq!(secret.open_slot(Slot::Nonce, &slot), Err(SealError::DoesNotOpen));
    let other = EnrolSecret::make_scanned(&mut rng);
    assert_eq!(other.open_slot(Slot::Commit, &slot), Err(SealError::DoesNotOpen));
    assert_ne!(other.mailbox().unwrap(), secret.mailbox().unwrap());
}

#[test]
fn codes_forgive_how_people_type_and_name_what_is_wrong() {
    let mut rng = Seeded::new("code");
    let secret = EnrolSecret::make_spoken(&mut rng);
    let code = secret.to_code();
    assert_eq!(code.len(), 26);
    let spaced: String =
        code.chars().enumerate().flat_map(|(i, c)| [(i % 4 == 0).then_some('-'), Some(c)]).flatten().collect();
    assert_eq!(EnrolSecret::from_code(&spaced).unwrap(), secret);
    let full_width: String = code.chars().map(|c| char::from_u32(c as u32 + 0xfee0).unwrap()).collect();
    assert_eq!(EnrolSecret::from_code(&full_width).unwrap(), secret);
    let misread = code.replace('0', "o").replace('1', "l");
    assert_eq!(EnrolSecret::from_code(&misread).unwrap(), secret);
    assert_eq!(EnrolSecret::from_code(&code[1..]), Err(SealError::CodeLength));
    assert_eq!(EnrolSecret::from_code(&code.replace(&code[..1], "U")), Err(SealError::CodeCharacter));
    let scanned = EnrolSecret::make_scanned(&mut rng);
    assert_eq!(scanned.to_code().len(), 52);
    assert_eq!(EnrolSecret::from_code(&scanned.to_code()).unwrap(), scanned);
}

#[test]
fn about_three_typos_in_four_are_seen_at_once() {
    let mut rng = Seeded::new("typos");
    let (mut seen, mut all) = (0, 0);
    for _ in 0..40 {
        let code = EnrolSecret::make_spoken(&mut rng).to_code();
        for at in 0..code.len() {
            let mut typed: Vec<u8> = code.bytes().collect();
            typed[at] = if typed[at] == b'7' { b'8' } else { b'7' };
            all += 1;
            let result = EnrolSecret::from_code(&String::from_utf8(typed).unwrap());
            seen += u32::from(result == Err(SealError::CodeTypo));
        }
    }
    assert!((68..=82).contains(&(seen * 100 / all)), "{seen} of {all}");
}

proptest! {
    #[test]
    fn every_code_comes_back(seed in any::<u64>()) {
        let mut rng = Seeded::new(&seed.to_string());
        for secret in [EnrolSecret::make_spoken(&mut rng), EnrolSecret::make_scanned(&mut rng)] {
            prop_assert_eq!(EnrolSecret::from_code(&secret.to_code()).unwrap(), secret);
        }
    }
}
