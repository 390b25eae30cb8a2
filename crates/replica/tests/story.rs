//! Real files, real frames: what is written is found again, whatever happens between.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)] // a failing test should stop at its line

mod region;

use meguri_chart::{Doc, DocName};
use meguri_replica::{DraftRow, Replica, ReplicaError, Status, TimelineQuery, Wait};
use meguri_seal::EpochKey;
use meguri_wire::control::Wrapped;
use region::*;
use serde_json::json;
use tempfile::tempdir;
use uuid::Uuid;

fn list(replica: &Replica, patient: Uuid) -> Vec<meguri_replica::EntryRow> {
    replica.timeline(&TimelineQuery { patient, limit: 500, ..TimelineQuery::default() }).unwrap().entries
}

fn who() -> serde_json::Value {
    json!({ "name": { "family": "髙橋", "given": "さくら" }, "kana": { "family": "タカハシ", "given": "サクラ" }, "birthDate": "1942-03-14" })
}

/// Two replicas with one chart.
struct Pair {
    region: Region,
    a: Replica,
    b: Replica,
    space: meguri_wire::SpaceId,
    patient: Uuid,
    dir: tempfile::TempDir,
}

fn pair() -> Pair {
    let dir = tempdir().unwrap();
    let mut region = Region::new(7);
    let a = region.replica(&dir.path().join("a.db"), &region.alice);
    let b = region.replica(&dir.path().join("b.db"), &region.bob);
    let patient = id(1);
    let space = region.chart(&a, patient);
    region.sync(&a);
    a.append(&append(space, patient, Vec::new(), identity(patient, &who()))).unwrap();
    region.sync(&a);
    region.sync(&b);
    Pair { region, a, b, space, patient, dir }
}

#[test]
fn what_is_written_is_there_after_opening_again() {
    let p = pair();
    p.a.append(&append(p.space, p.patient, vec![note(10, NOW, "浮腫あり"), vitals(11, NOW + 1, "36.5")], Vec::new()))
        .unwrap();
    let before = list(&p.a, p.patient);
    assert_eq!(before.len(), 2);
    drop(p.a);
    let path = p.dir.path().join("a.db");
    assert_eq!(Replica::open(&path, &[1; 32]).unwrap_err(), ReplicaError::BadKey);
    assert_eq!(Replica::create(&path, &KEY).unwrap_err(), ReplicaError::Exists);
    assert_eq!(Replica::open(&p.dir.path().join("none.db"), &KEY).unwrap_err(), ReplicaError::NotFound);
    let again = Replica::open(&path, &KEY).unwrap();
    assert_eq!(list(&again, p.patient), before);
    assert_eq!(again.unsent_count().unwrap(), 2);
    let measures = &again.measures(p.patient, &[TEMPERATURE], NOW - 5, NOW + 5).unwrap()[0];
    assert_eq!(measures.len(), 1);
    assert_eq!(measures[0].text, "36.5");
    assert!(again.integrity().unwrap().is_empty());
    again.append(&append(p.space, p.patient, vec![note(12, NOW, "続き")], Vec::new())).unwrap();
    assert_eq!(
        again.append(&append(p.space, p.patient, vec![note(12, NOW, "同じ番号")], Vec::new())).unwrap_err(),
        ReplicaError::Exists
    );
    assert_eq!(list(&again, p.patient).len(), 3);
}

#[test]
fn a_save_lies_in_the_log_whose_room_was_made_before() {
    let p = pair();
    let path = p.dir.path().join("a.db");
    drop(p.a);
    let log = p.dir.path().join("a.db-wal");
    let again = Replica::open(&path, &KEY).unwrap();
    let room = std::fs::metadata(&log).unwrap().len();
    assert_eq!(room, 1024 * 1024);
    again.append(&append(p.space, p.patient, vec![note(12, NOW, "続き")], Vec::new())).unwrap();
    assert_eq!(std::fs::metadata(&log).unwrap().len(), room, "a save does not grow it");
    // What a machine without power leaves behind.
    let left = tempdir().unwrap();
    for name in ["a.db", "a.db-wal"] {
        std::fs::copy(p.dir.path().join(name), left.path().join(name)).unwrap();
    }
    let found = list(&Replica::open(&left.path().join("a.db"), &KEY).unwrap(), p.patient);
    assert_eq!(found, list(&again, p.patient));
    again.empty_log().unwrap();
    again.append(&append(p.space, p.patient, vec![note(13, NOW, "さらに")], Vec::new())).unwrap();
    assert_eq!(std::fs::metadata(&log).unwrap().len(), room, "emptied, it keeps its room");
    assert!(again.integrity().unwrap().is_empty());
}

#[test]
fn a_document_is_whole_while_its_changes_wait_in_the_outbox() {
    let mut p = pair();
    p.a.append(&append(p.space, p.patient, vec![note(10, NOW, "甲")], Vec::new())).unwrap();
    let (path, twin) = (p.dir.path().join("a.db"), p.dir.path().join("twin.db"));
    p.a.empty_log().unwrap();
    std::fs::copy(&path, &twin).unwrap();
    // The copy sends what waits in both, and somebody writes after it: to the first both come from outside.
    p.region.sync(&Replica::open(&twin, &KEY).unwrap());
    p.region.sync(&p.b);
    p.b.append(&append(p.space, p.patient, vec![note(20, NOW + 1, "乙")], Vec::new())).unwrap();
    p.region.sync(&p.b);
    p.a.ingest(&p.region.relay.page(&p.a), NOW).unwrap();
    p.a.append(&append(p.space, p.patient, vec![note(11, NOW + 2, "丙")], Vec::new())).unwrap();
    drop(p.a);
    for (n, text) in [(12_u8, "丁"), (13, "戊")] {
        let again = Replica::open(&path, &KEY).unwrap();
        again.append(&append(p.space, p.patient, vec![note(n.into(), NOW + i64::from(n), text)], Vec::new())).unwrap();
        assert_eq!(again.entry(p.patient, id(n.into())).unwrap().unwrap().title, text);
    }
    let again = Replica::open(&path, &KEY).unwrap();
    assert_eq!(list(&again, p.patient).len(), 5);
    assert_eq!(again.unsent_count().unwrap(), 4);
    again.rebuild().unwrap();
    again.append(&append(p.space, p.patient, vec![note(14, NOW + 14, "己")], Vec::new())).unwrap();
    assert_eq!(list(&again, p.patient).len(), 6);
}

#[test]
fn more_charts_than_stay_loaded_are_built_again_with_their_outbox() {
    let dir = tempdir().unwrap();
    let mut region = Region::new(9);
    let a = region.replica(&dir.path().join("a.db"), &region.alice);
    let charts: Vec<(Uuid, meguri_wire::SpaceId)> = (1..=300).map(|n| (id(n), region.chart(&a, id(n)))).collect();
    region.sync(&a);
    for turn in 1..=2 {
        for (n, (patient, space)) in (0..).zip(&charts) {
            a.append(&append(*space, *patient, vec![note(turn * 10_000 + n, NOW, "続き")], Vec::new())).unwrap();
        }
    }
    a.rebuild().unwrap();
    assert!(charts.iter().all(|(patient, _)| list(&a, *patient).len() == 2));
}

#[test]
fn a_newer_schema_is_refused_and_left_alone() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("a.db");
    drop(Replica::create(&path, &KEY).unwrap());
    {
        let conn = rusqlite::Connection::open(&path).unwrap();
        conn.execute_batch(&format!("PRAGMA key = \"x'{}'\"; PRAGMA user_version = 900;", "42".repeat(32))).unwrap();
    }
    let refused = Replica::open(&path, &KEY).unwrap_err();
    assert_eq!(refused, ReplicaError::Newer);
    assert_eq!(refused.to_string(), "database_newer");
}

/// A key of an older epoch that does not open under the newest is a reason for a Fault; what it locks waits for the next.
#[test]
fn rubbish_wraps_are_a_fault_and_the_next_epoch_heals_them() {
    let mut p = pair();
    p.a.append(&append(p.space, p.patient, vec![note(10, NOW, "甲")], Vec::new())).unwrap();
    p.region.sync(&p.a);
    let first = p.a.chart_export(&p.space, NOW).unwrap().keys.remove(0);
    let second = EpochKey::make(2, &mut p.region.rng);
    p.region.rotate(&p.a, &p.space, &second, vec![Wrapped { m: 1, sealed: [9; 48] }]);
    assert!(p.region.sync(&p.a).faults.is_empty(), "who holds the older key needs no wrap");
    p.a.append(&append(p.space, p.patient, vec![note(11, NOW + 1, "乙")], Vec::new())).unwrap();
    p.region.sync(&p.a);
    assert_eq!(p.region.sync(&p.b).faults, []);
    assert_eq!(list(&p.b, p.patient).len(), 2);
    // A device that comes later, to which the first key's envelope is not given any more.
    let path = p.dir.path().join("c.db");
    let c = Replica::create(&path, &KEY).unwrap();
    c.set_device(&p.region.bob.info, &p.region.bob.secrets).unwrap();
    let mut page = p.region.relay.page(&c);
    for record in page.iter_mut().filter(|record| record.feed == p.space && record.ssn <= 3) {
        record.attachments.clear();
    }
    let done = c.ingest(&page, NOW).unwrap();
    assert_eq!((done.faults, done.parked), (vec![p.space], 0));
    assert_eq!(list(&c, p.patient), [], "the later entry stands on the one that does not open");
    let third = EpochKey::make(3, &mut p.region.rng);
    let wrap = |older: &EpochKey| Wrapped { m: older.n, sealed: third.wrap(&p.space, older).unwrap() };
    let wraps = vec![wrap(&first), wrap(&second)];
    p.region.rotate(&p.a, &p.space, &third, wraps);
    let done = c.ingest(&p.region.relay.page(&c), NOW).unwrap();
    assert_eq!((done.faults, done.waiting), (Vec::new(), 0));
    assert_eq!(list(&c, p.patient), list(&p.b, p.patient));
}

/// Signed, named for the team and whole, but sealed to a key that nobody there has.
#[test]
fn an_envelope_for_another_key_is_a_fault_and_the_next_epoch_heals_it() {
    let mut p = pair();
    p.a.append(&append(p.space, p.patient, vec![note(10, NOW, "甲")], Vec::new())).unwrap();
    p.region.sync(&p.a);
    assert_eq!(p.region.sync(&p.b).faults, []);
    let first = p.a.chart_export(&p.space, NOW).unwrap().keys.remove(0);
    let second = EpochKey::make(2, &mut p.region.rng);
    let stranger = Person::make(&mut p.region.rng).generation.public_key().unwrap();
    let wrap =
        |newer: &EpochKey, older: &EpochKey| Wrapped { m: older.n, sealed: newer.wrap(&p.space, older).unwrap() };
    p.region.rotate_to(&p.a, &p.space, &second, vec![wrap(&second, &first)], Some(&stranger));
    p.region.sync(&p.a);
    p.a.append(&append(p.space, p.patient, vec![note(11, NOW + 1, "乙")], Vec::new())).unwrap();
    p.region.sync(&p.a);
    let done = p.region.sync(&p.b);
    assert_eq!((done.faults, done.parked, done.waiting), (vec![p.space], 0, 1));
    assert_eq!(p.b.first_wait().unwrap(), Some(Wait::Key(p.space)));
    assert_eq!(list(&p.b, p.patient).len(), 1, "what came before stays");
    let third = EpochKey::make(3, &mut p.region.rng);
    p.region.rotate(&p.a, &p.space, &third, vec![wrap(&third, &first), wrap(&third, &second)]);
    let done = p.region.sync(&p.b);
    assert_eq!((done.faults, done.waiting), (Vec::new(), 0));
    assert_eq!(p.b.first_wait().unwrap(), None);
    assert_eq!(list(&p.b, p.patient).len(), 2);
}

/// The signature does not cover it, so the one encoding has none: with one more byte it is another frame, and none.
#[test]
fn a_header_the_relay_added_makes_of_a_frame_one_that_is_parked() {
    let mut p = pair();
    p.a.append(&append(p.space, p.patient, vec![note(10, NOW, "甲")], Vec::new())).unwrap();
    p.region.sync(&p.a);
    let mut changed = p.region.relay.page(&p.b);
    let raw = &mut changed.last_mut().unwrap().frame;
    assert_eq!(raw[23], 0xa0, "the empty unprotected map");
    raw.splice(23..24, [0xa1, 0x03, 0x61, 0x61]);
    let done = p.b.ingest(&changed, NOW).unwrap();
    assert_eq!((done.parked, done.waiting), (1, 0));
    assert_eq!(list(&p.b, p.patient), []);
}

#[test]
fn two_replicas_end_equal_through_sealed_frames() {
    let mut p = pair();
    assert_eq!(p.b.patient(p.patient).unwrap().unwrap().name.0, "髙橋", "the identity came through");
    p.a.append(&append(p.space, p.patient, vec![note(10, NOW, "甲")], Vec::new())).unwrap();
    p.b.append(&append(p.space, p.patient, vec![note(20, NOW + 5, "乙"), vitals(21, NOW + 6, "37.2")], Vec::new()))
        .unwrap();
    assert_eq!(p.b.patient(p.patient).unwrap().unwrap().unsent, 2);
    p.region.sync(&p.a);
    p.region.sync(&p.b);
    let done = p.region.sync(&p.a);
    assert_eq!((done.waiting, done.parked, done.gaps.len()), (0, 0, 0));
    let (a, b) = (list(&p.a, p.patient), list(&p.b, p.patient));
    assert_eq!(a.len(), 3);
    for (x, y) in a.iter().zip(&b) {
        assert_eq!(
            (x.id, &x.body, x.ssn, x.received_ms, x.author, x.status),
            (y.id, &y.body, y.ssn, y.received_ms, y.author, y.status)
        );
        assert!(x.sent);
    }
    assert_eq!(a.iter().filter(|e| e.is_new).count(), 2);
    p.a.mark_seen(p.patient, i64::MAX).unwrap();
    assert!(list(&p.a, p.patient).iter().all(|e| !e.is_new));
    assert_eq!((p.a.unsent_count().unwrap(), p.b.unsent_count().unwrap()), (0, 0));
    assert_eq!(p.a.cursors().unwrap(), p.b.cursors().unwrap());
    // Once connected, a fresh round moves nothing.
    assert!(p.region.sync(&p.a).moved.is_empty());
    assert!(p.region.sync(&p.b).moved.is_empty());
}

#[test]
fn sealed_bytes_stay_the_same_until_they_come_back() {
    let mut p = pair();
    p.a.append(&append(p.space, p.patient, vec![note(10, NOW, "甲")], Vec::new())).unwrap();
    let first = p.a.seal_next(&p.space, 4 << 20, &mut p.region.rng).unwrap();
    p.a.append(&append(p.space, p.patient, vec![note(11, NOW, "乙")], Vec::new())).unwrap();
    drop(p.a);
    let a = Replica::open(&p.dir.path().join("a.db"), &KEY).unwrap();
    let second = a.seal_next(&p.space, 4 << 20, &mut p.region.rng).unwrap();
    assert_eq!(first[0].raw, second[0].raw);
    assert_eq!(second.len(), 2);
    let dseqs: Vec<u64> = second.iter().map(|f| f.item().unwrap().dseq).collect();
    assert_eq!(dseqs, [2, 3], "dense after the identity's item");
    assert_eq!(second[1].item().unwrap().prev_item_hash, Some(second[0].id));
}

#[test]
fn a_new_device_that_gets_everything_in_one_page_or_in_pieces_ends_equal() {
    let mut p = pair();
    for n in 0..30 {
        p.a.append(&append(p.space, p.patient, vec![note(100 + n, NOW + n as i64, "記録")], Vec::new())).unwrap();
        p.region.sync(&p.a);
    }
    let bob = &p.region.bob;
    let fresh = Replica::create(&p.dir.path().join("c.db"), &KEY).unwrap();
    fresh.set_device(&bob.info, &bob.secrets).unwrap();
    let mut page = p.region.relay.page(&fresh);
    // The space first, team feeds and directory last: everything waits, then falls into place.
    page.sort_by_key(|record| (record.feed != p.space, record.feed, record.ssn));
    let (head, rest) = page.split_at(20);
    let waiting = fresh.ingest(head, NOW).unwrap();
    assert!(waiting.waiting > 0 && waiting.new_entries == 0);
    let done = fresh.ingest(rest, NOW).unwrap();
    assert_eq!((done.waiting, done.parked), (0, 0));
    assert_eq!(list(&fresh, p.patient).len(), 30);
    // A page that does not continue is not taken.
    let gap = fresh
        .ingest(
            &[{
                let mut r = page[0].clone();
                r.ssn = 999;
                r
            }],
            NOW,
        )
        .unwrap();
    assert_eq!(gap.gaps, [p.space]);
}

#[test]
fn a_corrupt_item_among_good_ones_is_parked_alone() {
    let mut p = pair();
    p.b.append(&append(p.space, p.patient, vec![note(20, NOW, "一")], Vec::new())).unwrap();
    p.region.sync(&p.b);
    // Bob's device signs an item whose change deletes: valid as a frame, refused by the document's rules.
    let key = p.b.epoch_key(&p.space).unwrap().unwrap();
    let state = p.b.space(&p.space).unwrap().unwrap();
    let tail = state.tail(&p.region.bob.info.device).unwrap().clone();
    let mut foreign = Doc::new(p.space.0, DocName::Log(2027)).unwrap();
    let change = foreign.put_entry(&meguri_chart::Actor::new([9; 16], [0; 8]), [3; 16], "note", NOW, b"x").unwrap();
    let record =
        meguri_seal::ChangeRecord { written_at_ms: NOW, zone_min: 540, clock_offset_ms: 0, change: change.bytes };
    let fields = meguri_seal::Unsealed {
        feed: p.space,
        class: 0,
        doc: Some(meguri_wire::ids::doc_id(&p.space, "log-2027")),
        dseq: tail.dseq + 1,
        prev_item_hash: Some(tail.id),
        seen: meguri_wire::Seen::nothing(),
        blob_ids: Vec::new(),
    };
    let plain = meguri_seal::Plain::changes(&[record]).unwrap();
    let item = meguri_seal::seal_item(&key, &p.region.bob.info.device, fields, &plain, [5; 32]).unwrap();
    let bad = item.sign(&p.region.bob.signer()).unwrap();
    p.region.relay.push(&bad, Vec::new());
    p.region.sync(&p.b);
    p.b.append(&append(p.space, p.patient, vec![note(21, NOW, "二")], Vec::new())).unwrap();
    p.region.sync(&p.b);
    let done = p.region.sync(&p.a);
    assert_eq!((done.new_entries, done.parked, done.waiting), (2, 1, 0));
    for replica in [&p.a, &p.b] {
        let parked = replica.parked().unwrap();
        assert_eq!(parked.len(), 1);
        assert_eq!(parked[0].reason, "change_foreign_actor");
        assert_eq!(parked[0].patient, Some(p.patient));
        assert_eq!(list(replica, p.patient).len(), 2);
    }
}

#[test]
fn corrections_and_withdrawals_leave_every_version_readable() {
    let mut p = pair();
    p.a.append(&append(p.space, p.patient, vec![vitals(10, NOW, "39.5"), note(11, NOW, "取り消す記録")], Vec::new()))
        .unwrap();
    let mut fixed = vitals(12, NOW, "36.5");
    fixed.body.amends = Some(id(10));
    fixed.body.reason = Some("入力誤り".into());
    let mut void = note(13, NOW, "空");
    void.body.body = Vec::new();
    void.body.voids = Some(id(11));
    void.body.reason = Some("別の方の記録".into());
    p.a.append(&append(p.space, p.patient, vec![fixed, void], Vec::new())).unwrap();
    p.region.sync(&p.a);
    p.region.sync(&p.b);
    for replica in [&p.a, &p.b] {
        let page =
            replica.timeline(&TimelineQuery { patient: p.patient, limit: 50, ..TimelineQuery::default() }).unwrap();
        let mut shown: Vec<_> = page.entries.iter().map(|e| (e.id, e.status)).collect();
        shown.sort();
        assert_eq!(shown, [(id(11), Status::Voided), (id(12), Status::Confirmed)]);
        assert_eq!(page.total, 2);
        let voided = replica.entry(p.patient, id(11)).unwrap().unwrap();
        assert_eq!(voided.reason.as_deref(), Some("別の方の記録"));
        assert_eq!(voided.amended_by, Some(id(13)));
        let versions: Vec<_> = replica.versions(p.patient, id(12)).unwrap().iter().map(|e| (e.id, e.status)).collect();
        assert_eq!(versions, [(id(10), Status::Amended), (id(12), Status::Confirmed)]);
        let measures = &replica.measures(p.patient, &[TEMPERATURE], 0, i64::MAX).unwrap()[0];
        assert_eq!(measures.iter().map(|m| m.text.as_str()).collect::<Vec<_>>(), ["36.5"]);
    }
}

#[test]
fn two_who_change_one_field_are_both_kept_until_a_person_decides() {
    let mut p = pair();
    let put = |replica: &Replica, phone: &str| {
        replica
            .append(&append(p.space, p.patient, Vec::new(), identity(p.patient, &json!({ "phone": phone }))))
            .unwrap();
    };
    put(&p.a, "0235-00-0001");
    put(&p.b, "0235-00-0002");
    for _ in 0..2 {
        p.region.sync(&p.a);
        p.region.sync(&p.b);
    }
    let (a, b) = (p.a.conflicts(p.patient).unwrap(), p.b.conflicts(p.patient).unwrap());
    assert_eq!(a.len(), 1);
    assert_eq!(a[0].1.len(), 2);
    assert_eq!(a, b);
    for replica in [&p.a, &p.b] {
        assert_eq!(replica.waiting().unwrap().conflicts, 1);
        assert_eq!(replica.patient(p.patient).unwrap().unwrap().conflicts, 1);
        assert_eq!(replica.recent(5).unwrap().len(), 0, "state is no entry");
    }
    let chosen = a[0].1[0].bytes.clone();
    p.b.append(&append(p.space, p.patient, Vec::new(), vec![(a[0].0.clone(), Some(chosen))])).unwrap();
    p.region.sync(&p.b);
    p.region.sync(&p.a);
    for replica in [&p.a, &p.b] {
        assert!(replica.conflicts(p.patient).unwrap().is_empty());
        assert_eq!(replica.waiting().unwrap().conflicts, 0);
        assert_eq!(replica.patient(p.patient).unwrap().unwrap().conflicts, 0);
    }
}

#[test]
fn the_same_value_from_two_people_is_no_question() {
    let mut p = pair();
    let card = format!("name-card/{}/card", p.region.alice.info.staff);
    for (replica, written) in [(&p.a, b"one".to_vec()), (&p.b, b"two".to_vec())] {
        let mut state = identity(p.patient, &json!({ "phone": "0235-00-0001" }));
        state.push((card.clone(), Some(written)));
        replica.append(&append(p.space, p.patient, Vec::new(), state)).unwrap();
    }
    for _ in 0..2 {
        p.region.sync(&p.a);
        p.region.sync(&p.b);
    }
    let values = p.a.state_values(p.patient, &format!("identity/{}/phone", p.patient)).unwrap();
    assert_eq!(values[0].1.len(), 2, "both are kept");
    assert_eq!(p.a.conflicts(p.patient).unwrap(), []);
    assert_eq!(p.a.waiting().unwrap().conflicts, 0);
}

/// Nobody says who somebody else is.
#[test]
fn a_name_card_counts_where_its_person_wrote_it() {
    let mut p = pair();
    let alice = p.region.alice.info;
    let card = |name: &str| {
        let mut bytes = Vec::new();
        ciborium::into_writer(&json!({ "name": name, "profession": "nurse" }), &mut bytes).unwrap();
        vec![(format!("name-card/{}/card", alice.staff), Some(bytes))]
    };
    p.a.append(&append(p.space, p.patient, Vec::new(), card("小野寺 由美"))).unwrap();
    p.region.sync(&p.a);
    p.region.sync(&p.b);
    p.b.append(&append(p.space, p.patient, Vec::new(), card("だれか 別人"))).unwrap();
    p.region.sync(&p.b);
    p.region.sync(&p.a);
    for replica in [&p.a, &p.b] {
        assert_eq!(replica.person(&alice.team, &alice.staff).unwrap().name, "小野寺 由美");
        replica.rebuild().unwrap();
        assert_ne!(replica.person(&alice.team, &alice.staff).unwrap().name, "だれか 別人");
    }
    // Her device finds its card changed, and puts it back with what it writes next.
    p.a.append(&append(p.space, p.patient, Vec::new(), card("小野寺 由美"))).unwrap();
    p.region.sync(&p.a);
    p.region.sync(&p.b);
    assert_eq!(p.b.person(&alice.team, &alice.staff).unwrap().name, "小野寺 由美");
}

#[test]
fn what_waits_is_counted_until_it_has_gone_or_come() {
    let mut p = pair();
    let part = |n: u8| json!({ "id": format!("{n:02x}").repeat(32), "key": "ab".repeat(32), "sha256": "cd".repeat(32), "size": 9, "mediaType": "image/jpeg" });
    let body = json!({ "blob": part(1), "thumb": part(2), "width": 4, "height": 3 });
    let body = meguri_clinical::entry_kind("photo").unwrap().encode(&body).unwrap();
    let body = meguri_replica::EntryBody { zone_min: 540, body, ..Default::default() };
    let photo = meguri_replica::NewEntry { id: id(20), kind: "photo".into(), at_ms: NOW, body };
    p.a.append(&append(p.space, p.patient, vec![photo, note(21, NOW, "変わりない")], Vec::new())).unwrap();
    let draft = DraftRow {
        id: id(22),
        patient: p.patient,
        visit: "v".into(),
        kind: "note".into(),
        body_json: "{}".into(),
        updated_ms: NOW,
    };
    p.a.draft_put(&draft).unwrap();
    let here = p.a.waiting().unwrap();
    assert_eq!((here.unsent, here.drafts, here.pictures), (2, 1, 0));
    assert_eq!(here.unsent as usize, p.a.unsent_entries(p.patient).unwrap().len());
    p.region.sync(&p.a);
    p.region.sync(&p.b);
    assert_eq!(p.a.waiting().unwrap().unsent, 0);
    assert_eq!(p.b.waiting().unwrap().pictures, 1, "one entry, although two blobs of it are missing");
    for blob in p.b.blobs_missing(10).unwrap() {
        p.b.blob_arrived(&blob).unwrap();
    }
    assert_eq!(p.b.waiting().unwrap().pictures, 0);
}

const HOUR: i64 = 3_600_000;

#[test]
fn what_is_here_counts_as_here_and_what_is_only_here_is_lacking_elsewhere() {
    let mut p = pair();
    let put = |replica: &Replica, n: u64| {
        replica.append(&append(p.space, p.patient, vec![note(n, NOW, "変わりない")], Vec::new())).unwrap();
    };
    let own = |replica: &Replica| replica.device_info().unwrap().unwrap();
    let lacks = |replica: &Replica, of: &Replica| {
        let members = replica.members(p.patient).unwrap();
        let mut devices = members.iter().flat_map(|member| &member.devices);
        devices.find(|device| device.device == own(of).device).unwrap().lacks
    };
    put(&p.a, 40);
    p.region.sync(&p.a);
    p.region.sync(&p.b);
    let (_, upto, _) = p.b.cursors().unwrap().into_iter().find(|(feed, ..)| *feed == p.space).unwrap();
    assert_eq!(lacks(&p.a, &p.b), None, "nothing was acknowledged");
    assert_eq!((lacks(&p.a, &p.a), lacks(&p.b, &p.b)), (Some(0), Some(0)), "no device waits for its own answer");
    let held = p.b.delivered(&p.space).unwrap();
    assert!(held.contains(&(own(&p.b).team, upto)), "what I read has come to my facility");
    p.a.put_ack(&own(&p.b).device, &p.space, upto).unwrap();
    assert_eq!(lacks(&p.a, &p.b), Some(0));
    put(&p.a, 41);
    assert_eq!((lacks(&p.a, &p.b), lacks(&p.a, &p.a)), (Some(1), Some(0)), "what is only here has not come to them");
}

#[test]
fn late_is_what_came_hours_after_something_written_later() {
    let mut p = pair();
    let write = |replica: &Replica, n: u64, written_at_ms: i64| {
        let entry = note(n, written_at_ms, "変わりない");
        let one = append(p.space, p.patient, vec![entry], Vec::new());
        replica.append(&meguri_replica::Append { written_at_ms, ..one }).unwrap();
    };
    let late = |replica: &Replica| -> Vec<Uuid> {
        list(replica, p.patient).into_iter().filter(|row| row.late).map(|row| row.id).collect()
    };
    // Months of work that arrive in one go, in their order.
    for n in 40..45 {
        write(&p.a, n, NOW - (60 - n as i64) * 24 * HOUR);
    }
    p.region.sync(&p.a);
    p.region.sync(&p.b);
    assert_eq!(late(&p.b), Vec::<Uuid>::new());
    // Bob is out of reach while alice writes and sends; his work of the morning comes in the evening.
    write(&p.b, 50, NOW + HOUR);
    write(&p.a, 51, NOW + 2 * HOUR);
    p.region.relay.clock = 2 * HOUR as u64;
    p.region.sync(&p.a);
    write(&p.b, 52, NOW + 9 * HOUR);
    p.region.relay.clock = 9 * HOUR as u64;
    p.region.sync(&p.b);
    p.region.sync(&p.a);
    assert_eq!(late(&p.a), [id(50)]);
    assert_eq!(p.a.news(10).unwrap().iter().filter(|row| row.late).count(), 1);
    assert_eq!(late(&p.b), late(&p.a), "the relay's times say so, whoever reads");
    // A clock that runs ahead makes nobody else late.
    write(&p.a, 53, NOW + 10_000 * HOUR);
    p.region.sync(&p.a);
    write(&p.b, 54, NOW + 10 * HOUR);
    p.region.relay.clock = 20 * HOUR as u64;
    p.region.sync(&p.b);
    p.region.sync(&p.a);
    assert_eq!(late(&p.a), [id(50)]);
}

#[test]
fn a_full_disk_loses_nothing_and_goes_on() {
    let p = pair();
    p.a.append(&append(p.space, p.patient, vec![note(10, NOW, "前")], Vec::new())).unwrap();
    let cap = p.a.pages().unwrap() + 8;
    p.a.cap_pages(cap).unwrap();
    let long = "満".repeat(3000);
    let mut written = Vec::new();
    let full = loop {
        let n = 100 + written.len() as u64;
        match p.a.append(&append(p.space, p.patient, vec![note(n, NOW, &long)], Vec::new())) {
            Ok(()) => written.push(id(n)),
            Err(error) => break error,
        }
    };
    assert_eq!(full, ReplicaError::Full);
    assert_eq!(full.to_string(), "storage_full");
    let there = |replica: &Replica| list(replica, p.patient).len();
    assert_eq!(there(&p.a), 1 + written.len());
    p.a.cap_pages(1_000_000).unwrap();
    p.a.append(&append(p.space, p.patient, vec![note(9_000, NOW, &long)], Vec::new())).unwrap();
    assert_eq!(there(&p.a), 2 + written.len());
    drop(p.a);
    let again = Replica::open(&p.dir.path().join("a.db"), &KEY).unwrap();
    assert_eq!(there(&again), 2 + written.len());
}

#[test]
fn built_again_the_projection_is_the_same() {
    let mut p = pair();
    p.a.append(&append(p.space, p.patient, vec![note(10, NOW, "甲"), vitals(11, NOW, "36.5")], Vec::new())).unwrap();
    let mut fixed = note(12, NOW, "乙");
    fixed.body.amends = Some(id(10));
    p.b.append(&append(p.space, p.patient, vec![note(20, NOW, "丙")], Vec::new())).unwrap();
    p.region.sync(&p.a);
    p.region.sync(&p.b);
    p.region.sync(&p.a);
    p.a.append(&append(p.space, p.patient, vec![fixed], Vec::new())).unwrap(); // stays in the outbox
    let look = |r: &Replica| {
        (
            r.timeline(&TimelineQuery { patient: p.patient, limit: 50, ..TimelineQuery::default() })
                .map(|t| (t.entries, t.total))
                .unwrap(),
            r.versions(p.patient, id(12)).unwrap(),
            r.patient(p.patient).unwrap(),
            r.state_values(p.patient, "").unwrap(),
            r.measures(p.patient, &[TEMPERATURE], 0, i64::MAX).unwrap(),
            r.search_patients("サクラ", 5).unwrap(),
        )
    };
    let before = look(&p.a);
    p.a.rebuild().unwrap();
    assert_eq!(look(&p.a), before);
    // And it writes on from there.
    p.a.append(&append(p.space, p.patient, vec![note(30, NOW, "丁")], Vec::new())).unwrap();
    p.region.sync(&p.a);
    let done = p.region.sync(&p.b);
    assert_eq!((done.waiting, done.parked), (0, 0));
    assert_eq!(list(&p.b, p.patient).len(), list(&p.a, p.patient).len());
}

#[test]
fn nothing_readable_lies_in_the_folder() {
    let p = pair();
    let words = ["浮腫が強い", "SECRETNOTE", "髙橋", "タカハシ"];
    p.a.append(&append(p.space, p.patient, vec![note(10, NOW, "浮腫が強い SECRETNOTE")], Vec::new())).unwrap();
    let draft = DraftRow {
        id: id(5),
        patient: p.patient,
        visit: "v".into(),
        kind: "note".into(),
        body_json: "{\"s\":\"SECRETNOTE\"}".into(),
        updated_ms: 1,
    };
    p.a.draft_put(&draft).unwrap();
    assert_eq!(p.a.drafts(Some(p.patient)).unwrap(), [draft]);
    for file in std::fs::read_dir(p.dir.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        for word in words {
            assert!(!bytes.windows(word.len()).any(|w| w == word.as_bytes()), "{word} in the open");
        }
        assert!(!bytes.starts_with(b"SQLite format 3"));
    }
}

const TEMPERATURE: &str = "temp";

/// A chart is made ready on one thread while another writes into it.
#[test]
fn making_ready_and_writing_do_not_harm_each_other() {
    let p = pair();
    let path = p.dir.path().join("a.db");
    p.a.append(&append(p.space, p.patient, vec![note(100, NOW, "前")], Vec::new())).unwrap();
    drop(p.a);
    for round in 0..6_u64 {
        let replica = Replica::open(&path, &KEY).unwrap();
        std::thread::scope(|scope| {
            let warm = scope.spawn(|| replica.warm(p.patient, NOW));
            for n in 0..5 {
                let entry = note(200 + round * 5 + n, NOW + 1, "間");
                replica.append(&append(p.space, p.patient, vec![entry], Vec::new())).unwrap();
            }
            warm.join().unwrap().unwrap();
        });
        replica.append(&append(p.space, p.patient, vec![note(300 + round, NOW + 2, "後")], Vec::new())).unwrap();
    }
    let replica = Replica::open(&path, &KEY).unwrap();
    let before = list(&replica, p.patient);
    assert_eq!(before.len(), 1 + 6 * 6);
    replica.rebuild().unwrap(); // from the outbox: what documents and changes hold must agree
    assert_eq!(list(&replica, p.patient), before);
}
