//! Documents merge to the same content whatever the order, and the numbers of a long one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)] // a failing test should stop at its line

use meguri_chart::{Actor, Change, Doc, DocName, Incoming, Verdict};
use proptest::prelude::*;
use std::time::Instant;

const SPACE: [u8; 16] = [7; 16];

fn device(n: u8) -> [u8; 16] {
    [n + 1; 16]
}

fn actor(n: u8) -> Actor {
    Actor::new(device(n), [n; 8])
}

fn feed(doc: &mut Doc, from: &[(u8, Change)]) -> Vec<Verdict> {
    let bytes: Vec<(u8, Vec<Vec<u8>>)> = from.iter().map(|(n, c)| (*n, vec![c.bytes.clone()])).collect();
    let items: Vec<_> = bytes.iter().map(|(n, changes)| Incoming { author: device(*n), changes }).collect();
    doc.apply(&items).verdicts
}

#[derive(Debug, Clone)]
enum Step {
    Put { who: u8, key: u8, value: u8 },
    Delete { who: u8, key: u8 },
    Exchange { from: u8, to: u8 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..3u8, 0..4u8, any::<u8>()).prop_map(|(who, key, value)| Step::Put { who, key, value }),
        1 => (0..3u8, 0..4u8).prop_map(|(who, key)| Step::Delete { who, key }),
        2 => (0..3u8, 0..3u8).prop_map(|(from, to)| Step::Exchange { from, to }),
    ]
}

/// Three writers; returns all changes in an order in which each writer's stand.
fn history(steps: &[Step]) -> Vec<(u8, Change)> {
    let mut docs: Vec<Doc> = (0..3).map(|_| Doc::new(SPACE, DocName::Core).unwrap()).collect();
    let mut all: Vec<(u8, Change)> = Vec::new();
    for step in steps {
        match step {
            Step::Put { who, key, value } => {
                let put = [(format!("memo/m/{key}"), Some(vec![*value]))];
                all.extend(docs[*who as usize].put_state(&actor(*who), &put).unwrap().map(|c| (*who, c)));
            }
            Step::Delete { who, key } => {
                let put = [(format!("memo/m/{key}"), None)];
                all.extend(docs[*who as usize].put_state(&actor(*who), &put).unwrap().map(|c| (*who, c)));
            }
            Step::Exchange { from, to } => {
                let own: Vec<_> = all.iter().filter(|(who, _)| who == from).cloned().collect();
                feed(&mut docs[*to as usize], &own);
            }
        }
    }
    all
}

#[allow(clippy::type_complexity)] // heads and state, to compare
fn content(doc: &Doc) -> (Vec<[u8; 32]>, Vec<(String, Vec<Vec<u8>>)>) {
    let state = doc.read_state("").into_iter().map(|(k, v)| (k, v.into_iter().map(|v| v.bytes).collect())).collect();
    (doc.heads(), state)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn merging_commutes_associates_and_repeats(steps in prop::collection::vec(step(), 1..30), cut in 0..100usize, seed in any::<u64>()) {
        let all = history(&steps);
        let mut whole = Doc::new(SPACE, DocName::Core).unwrap();
        prop_assert!(feed(&mut whole, &all).iter().all(|v| matches!(v, Verdict::Applied(_))));
        // Any order in one batch.
        let mut shuffled = all.clone();
        let mut state = seed | 1;
        for i in (1..shuffled.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            shuffled.swap(i, (state >> 33) as usize % (i + 1));
        }
        let mut other = Doc::new(SPACE, DocName::Core).unwrap();
        prop_assert!(feed(&mut other, &shuffled).iter().all(|v| matches!(v, Verdict::Applied(_))));
        prop_assert_eq!(content(&whole), content(&other));
        // Any grouping, each part twice.
        let mut parts = Doc::new(SPACE, DocName::Core).unwrap();
        let cut = cut % (all.len() + 1);
        for part in [&all[..cut], &all[..cut], &all[cut..], &all[..]] {
            feed(&mut parts, part);
        }
        prop_assert_eq!(content(&whole), content(&parts));
        let loaded = Doc::load(SPACE, DocName::Core, &whole.save().unwrap()).unwrap();
        prop_assert_eq!(content(&whole), content(&loaded));
    }
}

#[test]
fn genesis_is_the_same_bytes_everywhere() {
    let one = Doc::new(SPACE, DocName::Log(2027)).unwrap();
    assert_eq!(one.heads(), Doc::new(SPACE, DocName::Log(2027)).unwrap().heads());
    assert_eq!(one.save().unwrap(), Doc::new(SPACE, DocName::Log(2027)).unwrap().save().unwrap());
    assert_ne!(one.heads(), Doc::new(SPACE, DocName::Core).unwrap().heads());
    // Frozen: another genesis would split every chart.
    let hex: String = one.heads()[0].iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(hex, GENESIS_LOG_2027);
}

const GENESIS_LOG_2027: &str = "d2ab3e83e290b27df5cb06467d9e896f648c9ca07eb153d7d801fa449c63dbd7";

#[test]
fn two_who_change_one_field_are_both_shown_and_a_person_resolves() {
    let (mut a, mut b) = (Doc::new(SPACE, DocName::Core).unwrap(), Doc::new(SPACE, DocName::Core).unwrap());
    let key = "identity/p/phone".to_string();
    let from_a = a.put_state(&actor(0), &[(key.clone(), Some(b"1".to_vec()))]).unwrap().unwrap();
    let from_b = b.put_state(&actor(1), &[(key.clone(), Some(b"2".to_vec()))]).unwrap().unwrap();
    feed(&mut a, &[(1, from_b)]);
    feed(&mut b, &[(0, from_a)]);
    assert_eq!(a.read_key(&key).len(), 2);
    assert_eq!(a.read_key(&key), b.read_key(&key));
    let resolved = a.put_state(&actor(0), &[(key.clone(), Some(b"2".to_vec()))]).unwrap().unwrap();
    feed(&mut b, &[(0, resolved)]);
    assert_eq!(b.read_key(&key).len(), 1);
    assert_eq!(b.read_key(&key)[0].bytes, b"2");
    assert!(
        a.put_state(&actor(0), &[(key, Some(b"2".to_vec()))]).unwrap().is_none(),
        "the same value again is no change"
    );
}

#[test]
fn a_missing_dependency_waits_and_then_fits() {
    let mut a = Doc::new(SPACE, DocName::Log(2027)).unwrap();
    let changes: Vec<_> = (0..3u8).map(|n| (0, a.put_entry(&actor(0), [n; 16], "note", 5, b"x").unwrap())).collect();
    let mut b = Doc::new(SPACE, DocName::Log(2027)).unwrap();
    assert_eq!(feed(&mut b, &changes[1..]), vec![Verdict::Waiting, Verdict::Waiting]);
    assert!(feed(&mut b, &changes).iter().all(|v| matches!(v, Verdict::Applied(_))));
    assert_eq!(a.entries(), b.entries());
}

#[test]
fn numbers_of_a_document_of_4000_entries() {
    let mut writer = Doc::new(SPACE, DocName::Log(2027)).unwrap();
    let body = vec![0x5a; 350];
    let mut changes = Vec::new();
    let started = Instant::now();
    for n in 0..4_000u32 {
        let mut id = [0; 16];
        id[..4].copy_from_slice(&n.to_be_bytes());
        changes.push((0, writer.put_entry(&actor(0), id, "vitals", i64::from(n), &body).unwrap()));
    }
    let write_ms = started.elapsed().as_secs_f64() * 1e3;
    let snapshot = writer.save().unwrap();
    let started = Instant::now();
    let mut loaded = Doc::load(SPACE, DocName::Log(2027), &snapshot).unwrap();
    let load_ms = started.elapsed().as_secs_f64() * 1e3;
    let mut fresh = Doc::new(SPACE, DocName::Log(2027)).unwrap();
    let started = Instant::now();
    assert!(feed(&mut fresh, &changes).iter().all(|v| matches!(v, Verdict::Applied(_))));
    let batch_ms = started.elapsed().as_secs_f64() * 1e3;
    let more: Vec<_> = (0..60u32)
        .map(|n| {
            let mut id = [1; 16];
            id[..4].copy_from_slice(&n.to_be_bytes());
            (0, writer.put_entry(&actor(0), id, "vitals", i64::from(n), &body).unwrap())
        })
        .collect();
    let started = Instant::now();
    assert!(feed(&mut loaded, &more).iter().all(|v| matches!(v, Verdict::Applied(_))));
    let sixty_ms = started.elapsed().as_secs_f64() * 1e3;
    println!(
        "4,000 entries: write {:.3} ms each, snapshot {} KB, load {load_ms:.1} ms, apply all {batch_ms:.0} ms, apply 60 more {sixty_ms:.1} ms",
        write_ms / 4_000.0,
        snapshot.len() / 1024,
    );
    assert_eq!(loaded.entries().len(), 4_060);
}

#[test]
fn what_has_not_left_a_device_can_be_taken_off_the_heads() {
    let mut theirs = Doc::new(SPACE, DocName::Core).unwrap();
    let sent = theirs.put_state(&actor(1), &[("memo/m/1".into(), Some(vec![1]))]).unwrap().unwrap();
    let mut own = Doc::new(SPACE, DocName::Core).unwrap();
    let genesis = own.heads();
    let unsent: Vec<_> = (0..2u8)
        .map(|value| own.put_state(&actor(0), &[("memo/m/0".into(), Some(vec![value]))]).unwrap().unwrap().bytes)
        .collect();
    assert_eq!(own.heads_without(&unsent).unwrap(), genesis);
    feed(&mut own, &[(1, sent)]);
    assert_eq!(own.heads().len(), 2);
    assert_eq!(own.heads_without(&unsent).unwrap(), theirs.heads());
    assert_eq!(own.heads_without(&[]).unwrap(), own.heads());
    assert!(own.heads_without(&[vec![1]]).is_err());
}
