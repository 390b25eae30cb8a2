//! What a removed device hands in when it finds another life of the relay's storage: what the former one held of it, and
//! behind that what was never sent, as one chain.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)] // a failing test should stop at its line

mod region;

use std::collections::{BTreeMap, BTreeSet};

use meguri_replica::Replica;
use meguri_seal::open_item;
use meguri_wire::{FeedId, Frame, Hash, SpaceId, StoreId};
use region::*;

type Heads = BTreeMap<FeedId, (u64, Hash)>;

struct Bob {
    region: Region,
    replica: Replica,
    space: SpaceId,
    /// Before bob sent anything.
    before: Heads,
    _dir: tempfile::TempDir,
}

/// Bob has sent one note; a second is written and was never sealed.
fn bob(seed: u64) -> Bob {
    let dir = tempfile::tempdir().unwrap();
    let mut region = Region::new(seed);
    let a = region.replica(&dir.path().join("a.db"), &region.alice);
    let replica = region.replica(&dir.path().join("b.db"), &region.bob);
    let (patient, space) = (id(1), region.chart(&a, id(1)));
    region.sync(&a);
    a.append(&append(space, patient, vec![note(5, NOW - 5, "前から")], Vec::new())).unwrap();
    region.sync(&a);
    region.sync(&replica);
    let before = replica.cursors().unwrap().into_iter().map(|(feed, ssn, h)| (feed, (ssn, h))).collect();
    replica.append(&append(space, patient, vec![note(6, NOW - 4, "送ったもの")], Vec::new())).unwrap();
    region.sync(&replica);
    replica.append(&append(space, patient, vec![note(7, NOW - 3, "まだ")], Vec::new())).unwrap();
    Bob { region, replica, space, before, _dir: dir }
}

/// Both notes are handed in, numbered as the former store numbered the first, and open with the key of their epoch.
fn hands_in_both(mut bob: Bob, heads: &Heads) {
    let key = bob.replica.epoch_key(&bob.space).unwrap().unwrap();
    bob.replica.begin_store(&StoreId([9; 16]), heads).unwrap();
    bob.replica.seal_farewell(&mut bob.region.rng).unwrap();
    let mut chain: Vec<Frame> = Vec::new();
    while let Some((space, frames)) = bob.replica.next_farewell(&BTreeSet::new(), 4 << 20).unwrap() {
        assert_eq!(space, bob.space);
        let ids: Vec<_> = frames.iter().map(|frame| frame.id).collect();
        bob.replica.handed_in(&ids).unwrap();
        chain.extend(frames);
    }
    assert_eq!(bob.replica.farewell_left().unwrap(), 0, "nothing keeps the device");
    let items: Vec<_> = chain.iter().map(|frame| frame.item().unwrap()).collect();
    assert_eq!(items.iter().map(|item| item.dseq).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(items[1].prev_item_hash, Some(chain[0].id));
    for item in items {
        assert!(open_item(&key, &bob.region.bob.info.device, item).is_ok());
    }
}

#[test]
fn a_chart_that_the_new_store_lacks_keeps_no_removed_device() {
    let bob = bob(1);
    let heads = bob.before.iter().filter(|(feed, _)| **feed != bob.space).map(|(feed, head)| (*feed, *head)).collect();
    hands_in_both(bob, &heads);
}

#[test]
fn what_was_never_sent_follows_what_the_former_store_held() {
    let bob = bob(2);
    let heads = bob.before.clone();
    hands_in_both(bob, &heads);
}
