//! Who renews a key that does not open somewhere.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)] // a failing test should stop at its line

mod region;

use meguri_wire::control::*;
use meguri_wire::{Control, Frame};
use region::*;

/// A store that was filled again may lack the envelope of the manager's facility: a colleague's new device there has no key,
/// and would make one that carries nothing on.
#[test]
fn whoever_holds_a_key_renews_it_before_a_manager_who_does_not() {
    let dir = tempfile::tempdir().unwrap();
    let mut region = Region::new(11);
    let a = region.replica(&dir.path().join("a.db"), &region.alice);
    let b = region.replica(&dir.path().join("b.db"), &region.bob);
    let (patient, space) = (id(1), region.chart(&a, id(1)));
    region.sync(&a);
    a.append(&append(space, patient, vec![note(5, NOW - 5, "前から")], Vec::new())).unwrap();
    region.sync(&a);
    region.sync(&b);
    for record in region.relay.feeds.get_mut(&space).unwrap() {
        record.attachments.retain(|beside| beside.recipient != region.alice.team().0);
    }
    let fresh = region.replica(&dir.path().join("fresh.db"), &region.alice);
    assert!(fresh.epoch_key(&space).unwrap().is_none());
    for replica in [&a, &b, &fresh] {
        assert_eq!(replica.owed(None).unwrap(), [], "nobody has said that a key is lacking");
    }
    let mut frames = region.relay.feeds[&space].iter().map(|record| Frame::decode(&record.frame).unwrap());
    let last = frames.rfind(|frame| frame.control().is_some()).unwrap();
    let control = Control { feed: Some(space), cseq: 4, prev_hash: Some(last.id), body: Fault { epoch: 1 }.into() };
    region.relay.push(&control.sign(&region.alice.signer()).unwrap(), Vec::new());
    for (replica, first) in [(&a, true), (&b, true), (&fresh, false)] {
        region.sync(replica);
        assert_eq!(replica.owed(None).unwrap(), [(space, first)]);
    }
}
