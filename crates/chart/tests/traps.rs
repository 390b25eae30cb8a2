//! Each trap of the document library is first shown to bite without the rules,
//! then shown to be parked with them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::collapsible_if)] // a failing test should stop at its line

use automerge::legacy::{Key, ObjectId, Op, OpId, OpType};
use automerge::{ActorId, Automerge, Change as AmChange, ExpandedChange, ObjType, ReadDoc, ScalarValue};
use meguri_chart::{Actor, Change, Doc, DocName, Grown, Incoming, ParkReason, Prepared, Verdict};
use std::num::NonZeroU64;
use std::panic::{AssertUnwindSafe, catch_unwind};

const SPACE: [u8; 16] = [7; 16];
const ALICE: [u8; 16] = [0xa1; 16];
const MALLORY: [u8; 16] = [0xee; 16];

fn actor(device: [u8; 16]) -> Actor {
    Actor::new(device, [0, 0, 0, 0, 0, 0, 0, 1])
}

fn log() -> Doc {
    Doc::new(SPACE, DocName::Log(2027)).unwrap()
}

fn id(n: u8) -> [u8; 16] {
    let mut id = [n; 16];
    id[6] = 0x70;
    id[8] = 0x80;
    id
}

fn entry(doc: &mut Doc, device: [u8; 16], n: u8) -> Change {
    doc.put_entry(&actor(device), id(n), "note", 1_800_000_000_000, b"body").unwrap()
}

fn expand(change: &Change) -> ExpandedChange {
    AmChange::try_from(&change.bytes[..]).unwrap().decode()
}

fn pack(expanded: ExpandedChange) -> Vec<u8> {
    AmChange::from(expanded).raw_bytes().to_vec()
}

fn verdict(doc: &mut Doc, author: [u8; 16], bytes: &[u8]) -> Verdict {
    let changes = [bytes.to_vec()];
    doc.apply(&[Incoming { author, changes: &changes }]).verdicts.remove(0)
}

/// The bare library with the same content, for showing what happens without the rules.
fn bare(doc: &Doc) -> Automerge {
    Automerge::load(&doc.save().unwrap()).unwrap()
}

fn bare_apply(am: &mut Automerge, bytes: &[u8]) -> Result<(), String> {
    let work = AssertUnwindSafe(|| {
        let change = AmChange::try_from(bytes).map_err(|e| e.to_string())?;
        am.apply_changes([change]).map_err(|e| e.to_string())
    });
    catch_unwind(work).unwrap_or_else(|_| Err("panic".to_string()))
}

#[test]
fn foreign_actor_blocks_the_real_author_unless_parked() {
    let mut alice = log();
    let mut expanded = expand(&entry(&mut log(), MALLORY, 1));
    for op in &mut expanded.operations {
        if let ObjectId::Id(OpId(_, owner)) = &mut op.obj {
            if *owner == expanded.actor_id {
                *owner = ActorId::from(actor(ALICE).0);
            }
        }
    }
    expanded.actor_id = ActorId::from(actor(ALICE).0);
    let forged = pack(expanded);
    // Without the rule: Alice's own first change, same actor and seq, no longer merges.
    let mut am = bare(&alice);
    bare_apply(&mut am, &forged).unwrap();
    let own = entry(&mut alice, ALICE, 2);
    let bitten = bare_apply(&mut am, &own.bytes);
    assert!(bitten.is_err() || !am.get_heads().iter().any(|h| h.0 == own.hash), "the trap no longer bites: {bitten:?}");
    // With it.
    let mut doc = log();
    assert_eq!(verdict(&mut doc, MALLORY, &forged), Verdict::Parked(ParkReason::ForeignActor));
    assert!(matches!(verdict(&mut doc, ALICE, &own.bytes), Verdict::Applied(_)));
}

#[test]
fn start_op_near_the_limit_ends_a_document_unless_parked() {
    let first = entry(&mut log(), MALLORY, 1);
    let mut bitten = 0;
    for start in [u64::from(u32::MAX) - 1, u64::from(u32::MAX), u64::MAX / 2] {
        let mut expanded = expand(&first);
        expanded.start_op = NonZeroU64::new(start).unwrap();
        for op in &mut expanded.operations {
            if let ObjectId::Id(OpId(counter, owner)) = &mut op.obj {
                if *owner == expanded.actor_id {
                    *counter = start;
                }
            }
        }
        let forged = pack(expanded);
        let mut am = bare(&log());
        let applied = bare_apply(&mut am, &forged);
        // Without the rule the document, or the next local change of anybody, is lost.
        let after = catch_unwind(AssertUnwindSafe(|| {
            applied.and_then(|()| {
                let mut tx = am.transaction();
                for n in 0..4 {
                    automerge::transaction::Transactable::put(&mut tx, automerge::ROOT, format!("k{n}"), n)
                        .map_err(|e| e.to_string())?;
                }
                tx.commit();
                let again = Automerge::load(&am.save()).map_err(|e| e.to_string())?;
                if again.get(automerge::ROOT, "k3").map_err(|e| e.to_string())?.is_none() {
                    Err("lost".to_string())
                } else {
                    Ok(())
                }
            })
        }));
        bitten += usize::from(!matches!(after, Ok(Ok(()))));
        println!("start_op {start}: {}", if matches!(after, Ok(Ok(()))) { "survives" } else { "document lost" });
        let mut doc = log();
        assert!(matches!(verdict(&mut doc, MALLORY, &forged), Verdict::Parked(_)));
        assert!(matches!(verdict(&mut doc, MALLORY, &first.bytes), Verdict::Applied(_)));
    }
    assert!(bitten > 0, "the trap no longer bites");
}

#[test]
fn start_op_off_by_one_is_parked() {
    let mut expanded = expand(&entry(&mut log(), MALLORY, 1));
    let start = expanded.start_op.get() + 1;
    expanded.start_op = NonZeroU64::new(start).unwrap();
    for op in &mut expanded.operations {
        if let ObjectId::Id(OpId(counter, owner)) = &mut op.obj {
            if *owner == expanded.actor_id {
                *counter += 1;
            }
        }
    }
    assert_eq!(verdict(&mut log(), MALLORY, &pack(expanded)), Verdict::Parked(ParkReason::BadStartOp));
}

/// A change by Mallory over Alice's entry with the given operation.
fn hostile(change: &Change, action: OpType, obj: ObjectId, key: &str, pred: Vec<OpId>) -> Vec<u8> {
    let base = expand(change);
    let next = base.start_op.get() + base.operations.len() as u64;
    pack(ExpandedChange {
        operations: vec![Op { action, obj, key: Key::Map(key.into()), pred: pred.into(), insert: false }],
        actor_id: ActorId::from(actor(MALLORY).0),
        hash: None,
        seq: 1,
        start_op: NonZeroU64::new(next).unwrap(),
        time: 0,
        message: None,
        deps: vec![automerge::ChangeHash(change.hash)],
        extra_bytes: vec![],
        author: None,
    })
}

#[test]
fn deletes_and_rewrites_of_an_entry_are_parked() {
    let mut alice = log();
    let change = entry(&mut alice, ALICE, 1);
    let made = expand(&change);
    let entries = made.operations[0].obj.clone();
    let Key::Map(key) = made.operations[0].key.clone() else { panic!("map key") };
    let entry_op = OpId(made.start_op.get(), made.actor_id.clone());
    let body_op = OpId(made.start_op.get() + 3, made.actor_id.clone());
    let delete = hostile(&change, OpType::Delete, entries.clone(), &key, vec![entry_op.clone()]);
    let overwrite = hostile(&change, OpType::Put(ScalarValue::Null), entries.clone(), &key, vec![entry_op.clone()]);
    let rewrite = hostile(
        &change,
        OpType::Put(ScalarValue::Bytes(b"forged".to_vec())),
        ObjectId::Id(entry_op.clone()),
        "b",
        vec![body_op],
    );
    let hide = hostile(&change, OpType::Make(ObjType::Map), ObjectId::Root, "entries", vec![]);
    // Without the rule.
    let mut am = bare(&alice);
    bare_apply(&mut am, &delete).unwrap();
    let map = am.get(automerge::ROOT, "entries").unwrap().unwrap().1;
    assert!(am.get(&map, key.as_str()).unwrap().is_none(), "the trap no longer bites");
    // With it.
    let before = alice.entries();
    for (bytes, reason) in [
        (delete, ParkReason::NotACreation),
        (overwrite, ParkReason::NotACreation),
        (rewrite, ParkReason::NotACreation),
        (hide, ParkReason::NotACreation),
    ] {
        assert_eq!(verdict(&mut alice, MALLORY, &bytes), Verdict::Parked(reason));
    }
    assert_eq!(alice.entries(), before);
}

#[test]
fn a_second_put_of_an_id_is_kept_beside_the_first() {
    let mut alice = log();
    let own = entry(&mut alice, ALICE, 1);
    let mut mallory = log();
    let other = mallory.put_entry(&actor(MALLORY), id(1), "note", 1, b"forged").unwrap();
    let Verdict::Applied(scanned) = verdict(&mut alice, MALLORY, &other.bytes) else { panic!("applies") };
    assert_ne!(scanned[0].hash, own.hash);
    assert_eq!(alice.entries().len(), 2, "both puts stay readable");
}

/// Recomputes length-preserving mutations with a valid checksum.
fn with_valid_checksum(mut bytes: Vec<u8>) -> Vec<u8> {
    let digest = sha256(&bytes[8..]);
    bytes[4..8].copy_from_slice(&digest[..4]);
    bytes
}

/// SHA-256 by way of the library: the hash of a change is that of its chunk.
fn sha256(chunk: &[u8]) -> [u8; 32] {
    let mut bytes = vec![0x85, 0x6f, 0x4a, 0x83, 0, 0, 0, 0];
    bytes.extend_from_slice(chunk);
    catch_unwind(|| AmChange::try_from(&bytes[..]).map(|c| c.hash().0).unwrap_or([0; 32])).unwrap_or([0; 32])
}

#[test]
fn mutated_changes_with_valid_checksums_never_spoil_a_document() {
    std::panic::set_hook(Box::new(|_| {}));
    let mut core = Doc::new(SPACE, DocName::Core).unwrap();
    let values: Vec<_> = (0..6u8).map(|n| (format!("identity/x/{n}"), Some(vec![n; 5]))).collect();
    let first = core.put_state(&actor(ALICE), &values).unwrap().unwrap();
    let values: Vec<_> = (0..6u8).map(|n| (format!("identity/x/{n}"), Some(vec![n + 9; 5]))).collect();
    let second = core.put_state(&actor(ALICE), &values).unwrap().unwrap();
    let mut base = Doc::new(SPACE, DocName::Core).unwrap();
    assert!(matches!(verdict(&mut base, ALICE, &first.bytes), Verdict::Applied(_)));
    let (mut bitten, mut parked, mut harmless, mut refused) = (0, 0, 0, 0);
    for at in 12..second.bytes.len() {
        for flip in [0x01u8, 0x40, 0x80, 0xff] {
            let mut bytes = second.bytes.clone();
            bytes[at] ^= flip;
            let bytes = with_valid_checksum(bytes);
            let mut am = bare(&base);
            let applied = bare_apply(&mut am, &bytes);
            let loads = catch_unwind(AssertUnwindSafe(|| Automerge::load(&am.save()).is_ok())).unwrap_or(false);
            if applied == Err("panic".into()) || (applied.is_ok() && !loads) {
                bitten += 1;
            }
            let mut doc = base.clone();
            let verdict = verdict(&mut doc, ALICE, &bytes);
            // Put straight into a document it comes to the same, or to a refusal of the whole.
            let mut grown = base.clone();
            let item = Prepared::of(DocName::Core, &Incoming { author: ALICE, changes: &[bytes] });
            match grown.grow(vec![item]).filter(|_| grown.is_whole()).as_deref() {
                Some([Grown::Applied(scanned)]) => assert_eq!(verdict, Verdict::Applied(scanned.clone())),
                Some([Grown::Parked(reason)]) => assert_eq!(verdict, Verdict::Parked(*reason)),
                Some([Grown::Waiting(_)]) => assert_eq!(verdict, Verdict::Waiting),
                Some(_) => panic!("one item has one verdict"),
                None => {
                    refused += 1;
                    assert_eq!(verdict, Verdict::Parked(ParkReason::NotApplicable));
                }
            }
            match verdict {
                Verdict::Parked(_) => {
                    parked += 1;
                    assert_eq!(doc.heads(), base.heads());
                }
                Verdict::Applied(_) | Verdict::Waiting => harmless += 1,
            }
            doc.save().expect("whatever was tried, the document saves and loads");
        }
    }
    let _ = std::panic::take_hook();
    println!(
        "mutations: {bitten} bite the bare library, {parked} parked, {harmless} harmless, {refused} refused straight"
    );
    assert!(bitten > 0 && refused > 0, "the trap no longer bites");
    assert!(parked > bitten);
}

#[test]
fn a_wrong_checksum_is_not_noticed_by_the_library_but_parked() {
    let mut change = entry(&mut log(), ALICE, 1).bytes;
    change[4] ^= 0xff;
    let mut am = bare(&log());
    assert!(bare_apply(&mut am, &change).is_ok(), "the trap no longer bites");
    assert_eq!(verdict(&mut log(), ALICE, &change), Verdict::Parked(ParkReason::BadChecksum));
}

#[test]
fn load_incremental_accepts_damage_and_load_does_not() {
    let mut doc = log();
    for n in 1..40 {
        entry(&mut doc, ALICE, n);
    }
    let good = doc.save().unwrap();
    let mut silent = 0;
    for at in (0..good.len()).step_by(7) {
        let mut bytes = good.clone();
        bytes[at] ^= 0x5a;
        let mut am = bare(&log());
        let lenient = catch_unwind(AssertUnwindSafe(|| am.load_incremental(&bytes)));
        if matches!(lenient, Ok(Ok(_))) {
            silent += 1;
        }
        assert!(Doc::load(SPACE, DocName::Log(2027), &bytes).is_err(), "byte {at}");
    }
    assert!(silent > 0, "the trap no longer bites");
    assert!(Doc::load([8; 16], DocName::Log(2027), &good).is_err(), "a document of another space");
    assert!(Doc::load(SPACE, DocName::Log(2028), &good).is_err(), "another document of the space");
    assert_eq!(Doc::load(SPACE, DocName::Log(2027), &good).unwrap().entries(), doc.entries());
}

#[test]
fn a_bad_item_among_good_ones_is_parked_alone() {
    let (mut alice, mut mallory) = (log(), log());
    let good: Vec<Change> = (1..20).map(|n| entry(&mut alice, ALICE, n)).collect();
    let mut bad = entry(&mut mallory, MALLORY, 99).bytes;
    bad.truncate(bad.len() - 3);
    let mut items: Vec<(_, Vec<Vec<u8>>)> = good.iter().map(|c| (ALICE, vec![c.bytes.clone()])).collect();
    items.insert(7, (MALLORY, vec![bad]));
    let incoming: Vec<_> = items.iter().map(|(author, changes)| Incoming { author: *author, changes }).collect();
    let mut doc = log();
    let outcome = doc.apply(&incoming);
    assert_eq!(outcome.verdicts.iter().filter(|v| matches!(v, Verdict::Applied(_))).count(), 19);
    assert_eq!(outcome.verdicts[7], Verdict::Parked(ParkReason::BadBytes));
    assert_eq!(doc.entries(), alice.entries());
}

#[test]
fn two_installs_with_one_actor_do_not_merge_and_two_incarnations_do() {
    let (mut one, mut copy) = (log(), log());
    let (own, other) = (entry(&mut one, ALICE, 1), entry(&mut copy, ALICE, 2));
    // Without the rule: the library refuses the second writer's change, or drops it.
    let mut am = bare(&one);
    let bitten = bare_apply(&mut am, &other.bytes);
    assert!(
        bitten.is_err() || !am.get_heads().iter().any(|h| h.0 == other.hash),
        "the trap no longer bites: {bitten:?}"
    );
    // With it: named, and the document goes on.
    assert!(matches!(verdict(&mut one, ALICE, &other.bytes), Verdict::Parked(_)));
    assert_eq!(one.entries().len(), 1);
    let mut again = log();
    let next = Actor::new(ALICE, [0, 0, 0, 0, 0, 0, 0, 2]);
    let third = again.put_entry(&next, id(3), "note", 1_800_000_000_000, b"body").unwrap();
    assert!(matches!(verdict(&mut one, ALICE, &third.bytes), Verdict::Applied(_)), "another incarnation merges");
    assert_ne!(own.hash, third.hash);
    assert_eq!(one.entries().len(), 2);
}

#[test]
fn a_few_bytes_that_stand_for_any_number_of_operations_are_parked() {
    const OPERATIONS: usize = 50_000;
    let mut core = Doc::new(SPACE, DocName::Core).unwrap();
    let first = core.put_state(&actor(MALLORY), &[("k".to_string(), None), ("l".to_string(), Some(vec![]))]);
    let mut expanded = expand(&first.unwrap().unwrap());
    let operation = expanded.operations[0].clone();
    expanded.operations = vec![operation; OPERATIONS];
    let forged = pack(expanded);
    // Without the rule each is walked and kept, and their number is whatever the writer says.
    assert!(forged.len() < 300, "{} bytes", forged.len());
    assert_eq!(AmChange::try_from(&forged[..]).unwrap().len(), OPERATIONS, "the trap no longer bites");
    let mut doc = Doc::new(SPACE, DocName::Core).unwrap();
    assert_eq!(verdict(&mut doc, MALLORY, &forged), Verdict::Parked(ParkReason::BadBytes));
    // A compressed change is of unknown size.
    let large = entry_of(vec![0; 100_000]);
    let mut packed = AmChange::try_from(&large[..]).unwrap();
    assert!(packed.bytes().len() < 1_000, "the trap no longer bites");
    assert_eq!(verdict(&mut log(), ALICE, &packed.bytes()), Verdict::Parked(ParkReason::BadBytes));
    assert!(matches!(verdict(&mut log(), ALICE, &large), Verdict::Applied(_)));
}

fn entry_of(body: Vec<u8>) -> Vec<u8> {
    log().put_entry(&actor(ALICE), id(9), "note", 1_800_000_000_000, &body).unwrap().bytes
}

#[test]
fn the_shortest_honest_operations_are_no_more_than_the_bytes() {
    let mut alice = Doc::new(SPACE, DocName::Core).unwrap();
    let keys = || (0..1_500).map(|n| format!("{n:x}"));
    let put: Vec<_> = keys().map(|key| (key, Some(vec![]))).collect();
    let delete: Vec<_> = keys().map(|key| (key, None)).collect();
    let mut doc = Doc::new(SPACE, DocName::Core).unwrap();
    for values in [put, delete] {
        let change = alice.put_state(&actor(ALICE), &values).unwrap().unwrap();
        assert!(matches!(verdict(&mut doc, ALICE, &change.bytes), Verdict::Applied(_)));
    }
    assert_eq!(doc.heads(), alice.heads());
}

#[test]
fn a_document_that_grows_takes_what_waits_and_parks_what_is_bad() {
    let (mut alice, mut bob) = (log(), log());
    let first: Vec<Change> = (1..5).map(|n| entry(&mut alice, ALICE, n)).collect();
    for change in &first {
        assert!(matches!(verdict(&mut bob, ALICE, &change.bytes), Verdict::Applied(_)));
    }
    let on_top = entry(&mut bob, MALLORY, 9);
    let mut bad = on_top.bytes.clone();
    bad.truncate(bad.len() - 3);
    let item =
        |author, bytes: &[u8]| Prepared::of(DocName::Log(2027), &Incoming { author, changes: &[bytes.to_vec()] });
    let mut doc = log();
    let mut grown = doc.grow(vec![item(MALLORY, &on_top.bytes), item(MALLORY, &bad)]).unwrap();
    assert!(matches!(grown.pop(), Some(Grown::Parked(ParkReason::BadBytes))));
    let Some(Grown::Waiting(waiting)) = grown.pop() else { panic!("what it stands on is missing") };
    let mut items = vec![waiting];
    items.extend(first.iter().map(|change| item(ALICE, &change.bytes)));
    items.push(item(ALICE, &first[0].bytes));
    let grown = doc.grow(items).unwrap();
    assert!(grown.iter().all(|grown| matches!(grown, Grown::Applied(effects) if effects.len() == 1)));
    assert!(doc.is_whole());
    assert_eq!((doc.heads(), doc.entries()), (bob.heads(), bob.entries()));
}
