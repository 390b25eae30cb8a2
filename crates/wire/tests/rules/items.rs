use crate::world::*;
use meguri_wire::control::*;
use meguri_wire::feed::{Stop, WaitFor};
use meguri_wire::sign::Asked;
use meguri_wire::{Code, Frame, Item, Seen};

#[test]
fn items_are_a_dense_chain_per_device() {
    let mut region = Region::shared();
    let first = region.write(10);
    region.write(20);
    let good = region.item(10);
    assert_eq!(good.prev_item_hash, Some(first.id));
    assert!(region.check_item(10, &good).is_ok());
    let gap = Item { dseq: 3, ..good.clone() };
    let waits = Err(Stop::Waiting(WaitFor::Before));
    assert_eq!(region.check_item(10, &gap), waits);
    let bad = Item { prev_item_hash: Some([1; 32].into()), ..good };
    assert_eq!(code(region.check_item(10, &bad)), Code::BadPrevious);
    assert_eq!(WaitFor::Before.code(), Code::Gap);
}

#[test]
fn one_number_twice_is_a_conflict_in_one_store_and_superseded_across_two() {
    let mut region = Region::keyed();
    let original = region.item(10);
    let frame = region.write(10);
    let mut twin = original.clone();
    twin.salt = [9; 32];
    assert_eq!(code(region.check_item(10, &twin)), Code::ChainConflict);
    twin.seen = Seen::at([8; 8], 1, [0; 32].into());
    assert_eq!(code(region.check_item(10, &twin)), Code::Superseded);
    let again = region.space.check(&region.known, &frame);
    assert_eq!(code(again), Code::AlreadySo);
}

#[test]
fn what_was_verified_ahead_is_not_asked_again_and_a_wrong_key_still_is() {
    let region = Region::keyed();
    let key = |n: u64| keys(n).signing_key;
    let good = region.sign(10, &region.item(10));
    let ahead_of = |frame: &Frame, key: [u8; 32]| {
        let mut frames = [frame.clone(), frame.clone()];
        Frame::verify_ahead(frames.iter_mut().map(|frame| (frame, key)), |asked| {
            asked.iter().map(Asked::holds).collect()
        });
        let [one, other] = frames;
        assert_eq!(one, other);
        other
    };
    let ahead = ahead_of(&good, key(10));
    assert_eq!(good, ahead);
    assert!(ahead.verify(&key(10)).is_ok());
    assert_eq!(ahead.verify(&key(99)), Err(Code::BadSignature));
    assert!(region.space.check(&region.known, &ahead).is_ok());
    let forged = region.item(10).sign(&signer(99).as_device(region.device(10))).unwrap();
    for tried in [key(10), key(99)] {
        let forged = ahead_of(&forged, tried);
        assert_eq!(code(region.space.check(&region.known, &forged)), Code::BadSignature);
    }
}

#[test]
fn items_are_signed_by_their_author() {
    let region = Region::keyed();
    let forged = region.item(10).sign(&signer(99).as_device(region.device(10))).unwrap();
    let forged = region.space.check(&region.known, &forged);
    assert_eq!(code(forged), Code::BadSignature);
}

#[test]
fn an_epoch_must_exist() {
    let mut region = Region::new();
    let item = region.item(10);
    assert_eq!(code(region.check_item(10, &item)), Code::EpochUnknown);
    region.rotate(10);
    assert!(region.check_item(10, &item).is_ok());
    region.rotate(10);
    assert!(region.check_item(10, &item).is_ok(), "old is valid");
}

#[test]
fn a_reader_writes_traces_only() {
    let mut region = Region::shared();
    let body = region.break_glass(2, 9);
    region.put(20, body);
    assert!(region.check_item(30, &region.trace(30)).is_ok());
    for class in [0, 2, 7] {
        let item = Item { class, ..region.item(30) };
        assert_eq!(code(region.check_item(30, &item)), Code::RoleTooLow);
    }
}

#[test]
fn late_items_are_quarantined_and_admitted_up_to_a_number() {
    let mut region = Region::shared();
    region.write(21);
    let late_one = region.sign(21, &region.item(21));
    let mut second = region.item(21);
    second.dseq = 3;
    second.prev_item_hash = Some(late_one.id);
    let late_two = region.sign(21, &second);
    region.remove(20, 21, RemoveReason::Lost);
    region.rotate(10);
    let refused = region.space.check(&region.known, &late_one);
    assert_eq!(code(refused), Code::Removed);

    let device = region.device(21);
    let tail = region.space.tail(&device).cloned();
    let late = |frame, tail: &Option<_>| region.space.check_late(&region.known, frame, tail.as_ref());
    assert_eq!(late(&late_two, &tail), Err(Stop::Waiting(WaitFor::Before)));
    let tail_one = Some(late(&late_one, &tail).unwrap());
    assert_eq!(late(&late_two, &tail_one).unwrap().dseq, 3);

    let admit = |upto, last| Admit { device, upto, last };
    assert_eq!(code(region.check(20, admit(2, late_one.id))), Code::RoleTooLow);
    assert_eq!(code(region.check(10, admit(1, late_one.id))), Code::AlreadySo);
    region.put(10, admit(2, late_one.id));
    region.take(&late_one);
    let beyond = region.space.check(&region.known, &late_two);
    assert_eq!(code(beyond), Code::Removed);
    region.put(10, admit(3, late_one.id));
    let other = region.space.check(&region.known, &late_two);
    assert_eq!(code(other), Code::ChainConflict);
}

#[test]
fn compromised_is_not_even_quarantined() {
    let mut region = Region::shared();
    let late = region.sign(21, &region.item(21));
    region.remove(20, 21, RemoveReason::Compromised);
    let refused = region.space.check_late(&region.known, &late, None);
    assert_eq!(code(refused), Code::Compromised);
}

#[test]
fn quarantine_takes_archived_and_unplaceable_but_nothing_valid() {
    let mut region = Region::shared();
    let item = region.sign(20, &region.item(20));
    let valid = region.space.check_late(&region.known, &item, None);
    assert_eq!(code(valid), Code::AlreadySo);
    region.put(10, Archive);
    assert!(region.space.check_late(&region.known, &item, None).is_ok());
    let stranger = region.sign(30, &region.item(30));
    assert!(region.space.check_late(&region.known, &stranger, None).is_ok());
}

/// Late work comes as one chain: what stands behind a hole waits for it, and no manager can name a middle piece.
#[test]
fn a_chain_with_a_hole_waits_and_is_never_let_in_across_it() {
    let mut region = Region::shared();
    let first = region.sign(21, &region.item(21));
    let second = region.sign(21, &Item { dseq: 2, prev_item_hash: Some(first.id), ..region.item(21) });
    let third = region.sign(21, &Item { dseq: 3, prev_item_hash: Some(second.id), ..region.item(21) });
    region.remove(20, 21, RemoveReason::Lost);
    region.rotate(10);
    let late = |frame, tail: Option<&_>| region.space.check_late(&region.known, frame, tail);
    let hole = Stop::Waiting(WaitFor::Before);
    let one = late(&first, None).unwrap();
    assert_eq!(late(&third, Some(&one)), Err(hole));
    assert_eq!(late(&second, None), Err(hole), "it does not begin in the middle either");
    let two = late(&second, Some(&one)).unwrap();
    assert_eq!(late(&third, Some(&two)).unwrap().dseq, 3);

    // Admitted up to the third: the first is let in, the third is not before the second.
    let device = region.device(21);
    region.put(10, Admit { device, upto: 3, last: third.id });
    assert_eq!(region.space.check(&region.known, &third).map(drop), Err(hole));
    region.take(&first);
    assert_eq!(region.space.check(&region.known, &third).map(drop), Err(hole));
    region.take(&second);
    region.take(&third);
    assert_eq!(region.space.tail(&device).unwrap().dseq, 3);
}

#[test]
fn repudiated_items_are_struck_through() {
    let mut region = Region::shared();
    region.write(20);
    let device = region.device(20);
    let strike = |from, upto| Repudiate { device, from, upto };
    assert_eq!(code(region.check(10, strike(2, 1))), Code::BadNumber);
    region.put(10, strike(1, 1));
    assert!(region.space.is_repudiated(&device, 1));
    assert!(!region.space.is_repudiated(&device, 2));
}
