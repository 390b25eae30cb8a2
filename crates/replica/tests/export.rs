//! What a replica exports is proven by the program that knows no replica.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failing test should stop at its line")]

mod region;

use meguri_chart::{Actor, Doc, DocName};
use meguri_replica::ReplicaError;
use meguri_verify::{Options, Report, What, prove};
use meguri_wire::{FeedId, SpaceId, StoreId};
use region::*;

/// Enough that [`meguri_replica::Replica::tidy`] writes a snapshot.
const UNSENT: u64 = 100;

fn proof(replica: &meguri_replica::Replica, space: &SpaceId) -> Report {
    let export = replica.chart_export(space, NOW).unwrap();
    prove(&export, &Options { cores: 2, open: true, directory: None })
}

fn entries(report: &Report) -> usize {
    report.lines.iter().filter(|line| matches!(line.what, What::Entry { .. })).count()
}

#[test]
fn the_export_is_what_came_by_the_feeds_whatever_waits_or_was_parked() {
    let dir = tempfile::tempdir().unwrap();
    let mut region = Region::new(41);
    let a = region.replica(&dir.path().join("a.db"), &region.alice);
    let b = region.replica(&dir.path().join("b.db"), &region.bob);
    let (patient, store) = (id(1), StoreId([7; 16]));
    a.set_store(&store).unwrap();
    b.set_store(&store).unwrap();
    let space = region.chart(&a, patient);
    assert_eq!(a.chart_export(&space, NOW).unwrap_err(), ReplicaError::NotFound);
    region.sync(&a);
    let who = serde_json::json!({ "name": { "family": "髙橋", "given": "さくら" } });
    a.append(&append(space, patient, vec![note(10, NOW, "一")], identity(patient, &who))).unwrap();
    region.sync(&a);
    region.sync(&b);
    b.append(&append(space, patient, vec![note(20, NOW, "二")], Vec::new())).unwrap();
    region.sync(&b);
    foreign_change(&mut region, &b, &space);
    region.sync(&b);
    b.append(&append(space, patient, vec![note(21, NOW, "三")], Vec::new())).unwrap();
    region.sync(&b);

    // Much that is unsent stands in a snapshot of the file; what others wrote comes after it.
    let long = "よく眠れた。".repeat(60);
    for n in 0..UNSENT {
        a.append(&append(space, patient, vec![note(1000 + n, NOW, &long)], Vec::new())).unwrap();
    }
    while a.tidy().unwrap() {}
    a.ingest(&region.relay.page(&a), NOW).unwrap();
    assert_eq!(a.unsent_count().unwrap(), UNSENT);
    for replica in [&a, &b] {
        let report = proof(replica, &space);
        assert!(report.is_proven(), "{:?}", report.broken);
        assert_eq!((entries(&report), report.set_aside.len()), (3, 1));
        assert!(report.summary.witnessed > 3);
    }
    region.sync(&a);
    let report = proof(&a, &space);
    assert!(report.is_proven(), "{:?}", report.broken);
    assert_eq!(entries(&report), 3 + UNSENT as usize);
    a.rebuild().unwrap();
    assert!(proof(&a, &space).is_proven());
    assert_eq!(a.chart_export(&FeedId([1; 16]), NOW).unwrap_err(), ReplicaError::NotFound);
}

/// Bob's device signs an item whose change is another device's: valid as a frame, refused by the document's rules.
fn foreign_change(region: &mut Region, b: &meguri_replica::Replica, space: &SpaceId) {
    let key = b.epoch_key(space).unwrap().unwrap();
    let tail = b.space(space).unwrap().unwrap().tail(&region.bob.info.device).unwrap().clone();
    let mut foreign = Doc::new(space.0, DocName::Log(2027)).unwrap();
    let change = foreign.put_entry(&Actor::new([9; 16], [0; 8]), [3; 16], "note", NOW, b"x").unwrap().bytes;
    let record = meguri_seal::ChangeRecord { written_at_ms: NOW, zone_min: 540, clock_offset_ms: 0, change };
    let fields = meguri_seal::Unsealed {
        feed: *space,
        class: 0,
        doc: Some(meguri_wire::ids::doc_id(space, "log-2027")),
        dseq: tail.dseq + 1,
        prev_item_hash: Some(tail.id),
        seen: meguri_wire::Seen::nothing(),
        blob_ids: Vec::new(),
    };
    let plain = meguri_seal::Plain::changes(&[record]).unwrap();
    let item = meguri_seal::seal_item(&key, &region.bob.info.device, fields, &plain, [5; 32]).unwrap();
    region.relay.push(&item.sign(&region.bob.signer()).unwrap(), Vec::new());
}
