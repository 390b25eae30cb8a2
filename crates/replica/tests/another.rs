//! An installation becomes another device: what it had not sent is there before and after, and arrives once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)] // a failing test should stop at its line

mod region;

use std::collections::BTreeMap;

use meguri_replica::{DeviceInfo, DraftRow, EntryRow, Replica, ReplicaError, Status, TimelineQuery};
use meguri_seal::DeviceSecrets;
use meguri_wire::control::*;
use meguri_wire::{Attachment, Control, DeviceId, Frame, Hash, SpaceId, StoreId};
use region::*;
use serde_json::json;
use uuid::Uuid;

fn list(replica: &Replica, patient: Uuid) -> Vec<EntryRow> {
    replica.timeline(&TimelineQuery { patient, limit: 500, ..TimelineQuery::default() }).unwrap().entries
}

/// A second device of bob, in his team's feed.
fn another(region: &mut Region) -> (DeviceInfo, DeviceSecrets) {
    let secrets = DeviceSecrets::make(&mut region.rng);
    let (bob, public) = (&region.bob, secrets.public().unwrap());
    let (team, device) = (bob.team(), public.id(&bob.team()));
    let author = bob.info.device.0;
    let sealed = bob.generation.seal_envelope(Some(&team), device.0, &public.kem_key, author, &mut Seeded(3)).unwrap();
    let (keys, envelope) = (public.keys(), Hash::of(&sealed));
    let body = AddDevice { staff: bob.info.staff, role: DeviceRole::Member, keys, envelope };
    let control = Control { feed: Some(team), cseq: 2, prev_hash: Some(bob.genesis.id), body: body.into() };
    let frame = control.sign(&bob.signer()).unwrap();
    let info = DeviceInfo { device, incarnation: [7; 8], ..bob.info };
    let beside = [sealed, public.kem_key.clone()].map(|bytes| Attachment { recipient: device.0, bytes });
    region.relay.push(&frame, beside.to_vec());
    (info, secrets)
}

fn who() -> serde_json::Value {
    json!({ "name": { "family": "髙橋", "given": "さくら" }, "kana": { "family": "タカハシ", "given": "サクラ" }, "birthDate": "1942-03-14" })
}

struct Pair {
    region: Region,
    a: Replica,
    b: Replica,
    space: SpaceId,
    patient: Uuid,
    dir: tempfile::TempDir,
}

fn pair(seed: u64) -> Pair {
    let dir = tempfile::tempdir().unwrap();
    let mut region = Region::new(seed);
    let a = region.replica(&dir.path().join("a.db"), &region.alice);
    let b = region.replica(&dir.path().join("b.db"), &region.bob);
    let (patient, space) = (id(1), region.chart(&a, id(1)));
    region.sync(&a);
    a.append(&append(space, patient, vec![note(5, NOW - 5, "前から")], identity(patient, &who()))).unwrap();
    region.sync(&a);
    region.sync(&b);
    b.append(&append(space, patient, vec![note(6, NOW - 4, "送ったもの")], Vec::new())).unwrap();
    region.sync(&b);
    region.sync(&a);
    Pair { region, a, b, space, patient, dir }
}

/// What a screen shows, but for the device that wrote it.
type Shown = (Vec<EntryRow>, Vec<(String, Vec<Vec<u8>>)>, Vec<DraftRow>, Vec<String>, u64);

fn shown(replica: &Replica, patient: Uuid) -> Shown {
    let mut rows = list(replica, patient);
    for row in &mut rows {
        (row.author, row.space) = (DeviceId([0; 16]), SpaceId::default());
    }
    let values = |(key, values): (String, Vec<meguri_replica::StateValue>)| {
        let mut bytes: Vec<_> = values.into_iter().map(|value| value.bytes).collect();
        bytes.sort();
        (key, bytes)
    };
    let state = replica.state_values(patient, "").unwrap().into_iter().map(values).collect();
    let disputed = replica.conflicts(patient).unwrap().into_iter().map(|(key, _)| key).collect();
    (rows, state, replica.drafts(None).unwrap(), disputed, replica.unsent_count().unwrap())
}

/// Twenty entries, a correction, a withdrawal, state beside a colleague's, a draft; none of it sent.
fn fill(p: &mut Pair) {
    let birth = |date: &str| identity(p.patient, &json!({ "birthDate": date }));
    for n in 0..20 {
        p.b.append(&append(p.space, p.patient, vec![note(100 + n, NOW + n as i64, "まだ")], Vec::new())).unwrap();
    }
    let (mut fixed, mut gone) = (note(200, NOW + 30, "直した"), note(201, NOW + 31, "消す"));
    (fixed.body.amends, fixed.body.reason) = (Some(id(100)), Some("誤記".into()));
    (gone.body.voids, gone.body.reason, gone.body.body) = (Some(id(6)), Some("取り違え".into()), Vec::new());
    p.b.append(&append(p.space, p.patient, vec![fixed, gone, vitals(202, NOW + 32, "36.5")], birth("1942-03-15")))
        .unwrap();
    let kana = identity(p.patient, &json!({ "kana": { "family": "タカハシ", "given": "サクラコ" } }));
    p.b.append(&append(p.space, p.patient, Vec::new(), kana)).unwrap();
    // A colleague changes one of these fields at the same time; it comes before anything here is sent.
    p.a.append(&append(p.space, p.patient, vec![note(300, NOW + 40, "同僚")], birth("1942-03-16"))).unwrap();
    p.region.sync(&p.a);
    p.b.ingest(&p.region.relay.page(&p.b), NOW).unwrap();
    p.b.append(&append(p.space, p.patient, vec![note(203, NOW + 41, "同僚のあと")], Vec::new())).unwrap();
    let (visit, kind, body_json) = ("v".into(), "note".into(), "{}".into());
    p.b.draft_put(&DraftRow { id: id(9), patient: p.patient, visit, kind, body_json, updated_ms: 1 }).unwrap();
}

/// Everything has come to the colleague, once, by the person, and nothing is marked as touched.
fn arrives(p: &mut Pair, device: DeviceId) {
    let done = p.region.sync(&p.b);
    assert_eq!((done.waiting, done.parked), (0, 0));
    let done = p.region.sync(&p.a);
    assert_eq!((done.waiting, done.parked), (0, 0));
    assert_eq!(p.b.unsent_count().unwrap(), 0);
    let (mut at_a, mut at_b) = (list(&p.a, p.patient), list(&p.b, p.patient));
    assert!(at_a.iter().all(|row| row.status != Status::Tampered && row.sent));
    let mine = |row: &&EntryRow| row.person.staff == p.region.bob.info.staff;
    assert_eq!(at_a.iter().filter(mine).count(), 24 - 1); // the corrected one is among the versions
    assert!(at_a.iter().any(|row| row.author == device));
    at_a.iter_mut().chain(&mut at_b).for_each(|row| row.is_new = false);
    assert_eq!(at_a, at_b);
    assert_eq!(shown(&p.a, p.patient).1, shown(&p.b, p.patient).1);
    assert_eq!(p.a.conflicts(p.patient).unwrap().len(), 1, "the field both changed, and no other");
}

#[test]
fn the_same_is_shown_before_and_after_and_arrives_once() {
    for seed in 20..24 {
        let mut p = pair(seed);
        fill(&mut p);
        let (info, secrets) = another(&mut p.region);
        p.b.ingest(&p.region.relay.page(&p.b), NOW).unwrap();
        let before = shown(&p.b, p.patient);
        assert_eq!(before.3.len(), 1);
        p.b.become_another(&info, &secrets, &BTreeMap::new(), &[]).unwrap();
        assert_eq!(shown(&p.b, p.patient), before);
        drop(p.b);
        p.b = Replica::open(&p.dir.path().join("b.db"), &KEY).unwrap();
        assert_eq!(shown(&p.b, p.patient), before);
        p.b.rebuild().unwrap();
        assert_eq!(shown(&p.b, p.patient), before);
        arrives(&mut p, info.device);
    }
}

#[test]
fn what_arrived_although_no_answer_came_is_no_second_entry() {
    let mut p = pair(30);
    fill(&mut p);
    let (info, secrets) = another(&mut p.region);
    p.b.ingest(&p.region.relay.page(&p.b), NOW).unwrap();
    for frame in p.b.seal_next(&p.space, 4 << 20, &mut p.region.rng).unwrap() {
        p.region.relay.push(&frame, Vec::new());
    }
    p.region.sync(&p.a); // she has them by the old device
    p.b.become_another(&info, &secrets, &BTreeMap::new(), &[]).unwrap();
    p.region.sync(&p.b);
    p.region.sync(&p.a);
    for replica in [&p.a, &p.b] {
        let rows = list(replica, p.patient);
        assert_eq!(rows.len(), 25);
        assert!(rows.iter().all(|row| row.status != Status::Tampered && row.sent));
    }
    assert_eq!(p.b.unsent_count().unwrap(), 0);
}

#[test]
fn a_chart_that_was_never_sent_begins_again() {
    let mut p = pair(40);
    let team = p.b.team(&p.region.bob.team()).unwrap().unwrap();
    let genesis = |nonce: u8, signer: &meguri_wire::sign::Ed25519Signer| -> Frame {
        let body =
            SpaceGenesis { nonce: [nonce; 16], space_kind: SpaceKind::Chart, team: team.id(), head: team.head() };
        Control { feed: None, cseq: 1, prev_hash: None, body: body.into() }.sign(signer).unwrap()
    };
    let (patient, old) = (id(2), genesis(1, &p.region.bob.signer()));
    p.b.add_space(&old.feed(), patient, &old, &[p.region.alice.team()]).unwrap();
    let entries = vec![note(400, NOW, "初回"), note(401, NOW + 1, "二回目")];
    p.b.append(&append(old.feed(), patient, entries, identity(patient, &who()))).unwrap();
    p.b.append(&append(old.feed(), patient, Vec::new(), identity(patient, &json!({ "birthDate": "1950-01-01" }))))
        .unwrap();
    let before = shown(&p.b, patient);
    let (info, secrets) = another(&mut p.region);
    assert_eq!(p.b.become_another(&info, &secrets, &BTreeMap::new(), &[]).unwrap_err(), ReplicaError::NotReady);
    assert_eq!(shown(&p.b, patient), before);
    let unfounded = p.b.unfounded().unwrap();
    assert_eq!(unfounded.iter().map(|row| row.space).collect::<Vec<_>>(), [old.feed()]);
    assert_eq!(unfounded[0].members_wanted, [p.region.alice.team()]);
    let new = genesis(2, &secrets.signer(&info.team).unwrap());
    p.b.become_another(&info, &secrets, &BTreeMap::from([(old.feed(), new.clone())]), &[]).unwrap();
    assert_eq!(shown(&p.b, patient), before);
    assert_eq!(p.b.space_of(patient).unwrap(), Some(new.feed()));
    assert_eq!(p.b.pending_genesis(&new.feed()).unwrap().unwrap().raw, new.raw);
    p.b.rebuild().unwrap();
    p.b.append(&append(new.feed(), patient, vec![note(402, NOW + 2, "続き")], Vec::new())).unwrap();
    assert_eq!(list(&p.b, patient).len(), 3);
}

#[test]
fn who_wrote_it_stays_known_while_teams_are_on_their_way_back() {
    let mut p = pair(60);
    fill(&mut p);
    let (info, secrets) = another(&mut p.region);
    p.b.ingest(&p.region.relay.page(&p.b), NOW).unwrap();
    p.b.begin_store(&StoreId([9; 16]), &BTreeMap::new()).unwrap();
    let before = shown(&p.b, p.patient);
    assert!(before.0.iter().any(|row| row.person.staff == p.region.alice.info.staff));
    p.b.rebuild().unwrap();
    assert_eq!(shown(&p.b, p.patient), before);
    p.b.become_another(&info, &secrets, &BTreeMap::new(), &[]).unwrap();
    let (rows, state, ..) = shown(&p.b, p.patient);
    assert_eq!((rows, state), (before.0, before.1));
}

#[test]
fn another_person_takes_nothing_over() {
    let mut p = pair(50);
    fill(&mut p);
    let before = shown(&p.b, p.patient);
    let (info, secrets) = another(&mut p.region);
    for other in
        [DeviceInfo { staff: p.region.alice.info.staff, ..info }, DeviceInfo { team: p.region.alice.team(), ..info }]
    {
        let refused = p.b.become_another(&other, &secrets, &BTreeMap::new(), &[]).unwrap_err();
        assert_eq!(refused, ReplicaError::OtherPerson);
    }
    assert_eq!(shown(&p.b, p.patient), before);
    assert_eq!(p.b.device_info().unwrap().unwrap().device, p.region.bob.info.device);
    p.region.sync(&p.b);
    assert_eq!(p.b.unsent_count().unwrap(), 0);
}
