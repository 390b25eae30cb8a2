//! Key slots of a profile.
#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

mod support;

use meguri_seal::{KdfCost, KeySlots, SealError, Secret, SlotKind};
use meguri_wire::cbor::Out;
use support::Seeded;

const CHEAP: KdfCost = KdfCost { memory_kib: 64, passes: 1, lanes: 1 };

fn both(rng: &mut Seeded) -> (KeySlots, Secret, Secret) {
    let (db_key, keystore) = (Secret::make(rng), Secret::make(rng));
    let mut slots = KeySlots::default();
    slots.put(SlotKind::KeystoreAndPassphrase, &db_key, "kumo7-Wx", Some(&keystore), CHEAP, rng).unwrap();
    slots.put(SlotKind::Passphrase, &db_key, "yuki to sumire no michi", None, CHEAP, rng).unwrap();
    (slots, db_key, keystore)
}

#[test]
fn each_slot_opens_with_what_it_needs() {
    let mut rng = Seeded::new("slots");
    let (slots, db_key, keystore) = both(&mut rng);
    let slots = KeySlots::from_bytes(&slots.to_bytes()).unwrap();
    assert_eq!(slots.open("kumo7-Wx", Some(&keystore)).unwrap(), db_key);
    assert_eq!(slots.open("yuki to sumire no michi", None).unwrap(), db_key);
    assert_eq!(slots.open("yuki to sumire no michi", Some(&keystore)).unwrap(), db_key);
    for (passphrase, keystore) in
        [("kumo7-Wx", None), ("kumo7-Wx", Some(Secret::make(&mut rng))), ("kumo7-wx", Some(keystore)), ("", None)]
    {
        assert_eq!(slots.open(passphrase, keystore.as_ref()), Err(SealError::WrongPassphrase));
    }
}

#[test]
fn a_new_passphrase_rewrites_the_slot_and_the_old_one_is_over() {
    let mut rng = Seeded::new("change");
    let (mut slots, db_key, _) = both(&mut rng);
    slots.put(SlotKind::Passphrase, &db_key, "hana to tsuki no uta", None, CHEAP, &mut rng).unwrap();
    assert_eq!(slots.kinds().collect::<Vec<_>>(), ["keystore+passphrase", "passphrase"]);
    assert_eq!(slots.open("yuki to sumire no michi", None), Err(SealError::WrongPassphrase));
    assert_eq!(slots.open("hana to tsuki no uta", None).unwrap(), db_key);
    slots.remove(SlotKind::Passphrase);
    assert_eq!(slots.open("hana to tsuki no uta", None), Err(SealError::NoSlot));
}

#[test]
fn a_passphrase_is_the_same_however_its_characters_are_composed() {
    let mut rng = Seeded::new("nfkc");
    let mut slots = KeySlots::default();
    let db_key = Secret::make(&mut rng);
    slots.put(SlotKind::Passphrase, &db_key, "がくや ＡＢＣ", None, CHEAP, &mut rng).unwrap();
    assert_eq!(slots.open("か\u{3099}くや ABC", None).unwrap(), db_key);
}

#[test]
fn a_slot_of_a_later_program_is_kept_byte_for_byte() {
    let mut rng = Seeded::new("later");
    let mut out = Out::default();
    out.array(2);
    out.u64(1);
    out.array(1);
    out.array(2);
    out.text("rescue");
    out.array(2);
    out.bytes(&[7; 40]);
    out.null();
    let bytes = out.finish();
    let mut slots = KeySlots::from_bytes(&bytes).unwrap();
    assert_eq!(slots.to_bytes(), bytes);
    assert_eq!(slots.open("x", None), Err(SealError::NoSlot));
    let db_key = Secret::make(&mut rng);
    slots.put(SlotKind::Passphrase, &db_key, "x", None, CHEAP, &mut rng).unwrap();
    let again = KeySlots::from_bytes(&slots.to_bytes()).unwrap();
    assert_eq!(again.kinds().collect::<Vec<_>>(), ["rescue", "passphrase"]);
    assert!(again.to_bytes().windows(40).any(|window| window == [7; 40]));
}

#[test]
fn costs_out_of_range_and_missing_secrets_are_refused() {
    let mut rng = Seeded::new("cost");
    let mut slots = KeySlots::default();
    let db_key = Secret::make(&mut rng);
    let huge = KdfCost { memory_kib: u32::MAX, ..CHEAP };
    assert_eq!(slots.put(SlotKind::Passphrase, &db_key, "x", None, huge, &mut rng), Err(SealError::TooLarge));
    let tiny = KdfCost { memory_kib: 1, ..CHEAP };
    assert_eq!(slots.put(SlotKind::Passphrase, &db_key, "x", None, tiny, &mut rng), Err(SealError::BadBytes));
    let kind = SlotKind::KeystoreAndPassphrase;
    assert_eq!(slots.put(kind, &db_key, "x", None, CHEAP, &mut rng), Err(SealError::NoSlot));
    assert_eq!(slots, KeySlots::default());
}
