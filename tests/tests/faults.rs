//! Faults that need a hand inside: a member who sends rubbish, and a database file that may not grow.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests fail loudly")]

use meguri_commands::Code;
use meguri_commands::host::Host;
use meguri_device::relay::Relay;
use meguri_replica::{Append, EntryBody, NewEntry};
use meguri_testkit::{Person, Region};
use meguri_wire::api::{PushFrame, PushRequest, PushResult};
use meguri_wire::control::FacilityType;
use meguri_wire::ids::doc_id;
use meguri_wire::sign::Signer;
use meguri_wire::{Item, Seen};
use serde_json::{Value, json};
use std::sync::Arc;

fn note(number: u64) -> [(&'static str, Value); 1] {
    [("note", json!({"s": format!("訴え {number}"), "o": "", "a": "", "p": ""}))]
}

/// A nurse, a physician and a pharmacist with one chart that has arrived everywhere.
fn three(seed: u64) -> (Region, Vec<Person>, String) {
    let mut region = Region::new(seed);
    let people = vec![
        region.facility("しおかぜ訪問看護", FacilityType::VisitingNursing, "小野寺 由美", "nurse", 0),
        region.facility("佐伯内科医院", FacilityType::Clinic, "佐伯 健", "physician", 0),
        region.facility("みなと薬局", FacilityType::Pharmacy, "土屋 玲", "pharmacist", 0),
    ];
    let teams: Vec<_> = people.iter().map(Person::team).collect();
    for person in &people {
        person.sync();
    }
    people[0].share_with(&teams);
    let patient = people[0].register("佐藤", "花子", "サトウ", "ハナコ");
    rounds(&region, &people);
    (region, people, patient)
}

fn rounds(region: &Region, people: &[Person]) {
    for _ in 0..3 {
        for person in people {
            person.sync();
        }
        region.pass_ms(61_000);
    }
}

/// An item that is signed and numbered as it should be and seals nothing.
fn send_rubbish(person: &Person, patient: &str) {
    let replica = person.device().replica().unwrap();
    let (own, secrets) = replica.device().unwrap().unwrap();
    let space = replica.space_of(patient.parse().unwrap()).unwrap().unwrap();
    let state = replica.space(&space).unwrap().unwrap();
    let tail = state.tail(&own.device);
    let item = Item {
        feed: space,
        class: 0,
        doc: Some(doc_id(&space, "log-2026")),
        dseq: tail.map_or(1, |tail| tail.dseq + 1),
        prev_item_hash: tail.map(|tail| tail.id),
        epoch: state.newest_epoch(),
        seen: Seen::nothing(),
        blob_ids: Vec::new(),
        salt: [9; 32],
        ciphertext: vec![7; 300],
    };
    let signer: Arc<dyn Signer + Send + Sync> = Arc::new(secrets.signer(&own.team).unwrap());
    let frame = item.sign(signer.as_ref()).unwrap();
    let relay = Relay::new(person.line(), &["http://relay.test"], signer);
    let request = PushRequest { frames: vec![PushFrame { frame: frame.raw, attachments: Vec::new() }] };
    let reply = relay.push(&request, None).unwrap();
    assert!(matches!(reply.results[0], PushResult::Accepted { .. }), "the relay cannot tell rubbish");
}

#[test]
fn one_corrupt_item_among_good_ones_is_parked_everywhere_and_named() {
    let (region, people, patient) = three(31);
    people[0].write(&patient, &note(1)).unwrap();
    people[0].sync();
    send_rubbish(&people[2], &patient);
    people[0].write(&patient, &note(2)).unwrap();
    people[1].write(&patient, &note(3)).unwrap();
    rounds(&region, &people);
    for person in &people[..2] {
        assert_eq!(person.timeline(&patient).len(), 3, "the good ones are at {person:?}");
        let parked = person.call("sync.parked", json!({})).unwrap()["items"].clone();
        assert_eq!(parked.as_array().unwrap().len(), 1, "{parked}");
        assert_eq!(parked[0]["author"]["facility"], "みなと薬局", "{parked}");
        assert!(parked[0]["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{parked}");
        let state = person.sync();
        assert_eq!(
            (&state["state"], &state["params"]["n"], &state["unsent"]),
            (&json!("parked"), &json!("1"), &json!(0))
        );
    }
}

#[test]
fn a_database_that_may_not_grow_keeps_drafts_and_takes_everything_later() {
    let (region, people, patient) = three(32);
    let nurse = people[0].device().replica().unwrap();
    nurse.cap_pages(nurse.pages().unwrap()).unwrap();
    let mut kept = 0;
    let full = loop {
        match people[0].write(&patient, &note(kept)) {
            Ok(_) => kept += 1,
            Err(failure) => break failure,
        }
        assert!(kept < 2_000, "the cap holds");
    };
    assert_eq!((full.code, full.code.exit()), (Code::StorageFull, 8));
    let page = people[0].call("chart.timeline", json!({"patientId": patient, "limit": 1})).unwrap();
    assert_eq!(page["total"], kept, "reading goes on, and what was confirmed is there");
    people[0].sync();
    assert_eq!(nurse.integrity().unwrap(), Vec::<String>::new());
    let doctor = people[1].device().replica().unwrap();
    doctor.cap_pages(doctor.pages().unwrap()).unwrap();
    people[1].sync();
    for replica in [&nurse, &doctor] {
        replica.cap_pages(u32::MAX).unwrap();
    }
    people[0].write(&patient, &note(9_999)).unwrap();
    for _ in 0..3 {
        rounds(&region, &people);
        region.pass_ms(310_000);
    }
    for person in &people {
        let page = person.call("chart.timeline", json!({"patientId": patient, "limit": 1})).unwrap();
        assert_eq!(page["total"], kept + 1, "{person:?}");
        assert_eq!(person.sync()["unsent"], 0);
    }
}

/// The first verified put of an id stands; a later one is kept, ignored and shown.
#[test]
fn an_entry_written_again_under_its_id_stands_and_is_marked_everywhere() {
    let (region, people, patient) = three(33);
    let id = people[0].write(&patient, &note(1)).unwrap().remove(0);
    people[0].sync();
    let pharmacy = people[2].device().replica().unwrap();
    let patient_id = patient.parse().unwrap();
    let forged = json!({"s": "偽", "o": "", "a": "", "p": ""});
    let body = meguri_clinical::entry_kind("note").unwrap().encode(&forged).unwrap();
    let at_ms = people[2].device().now_ms();
    pharmacy
        .append(&Append {
            space: pharmacy.space_of(patient_id).unwrap().unwrap(),
            patient: patient_id,
            entries: vec![NewEntry {
                id: id.parse().unwrap(),
                kind: "note".into(),
                at_ms,
                body: EntryBody { zone_min: 540, body, ..EntryBody::default() },
            }],
            state: Vec::new(),
            written_at_ms: at_ms,
            zone_min: 540,
            discard_drafts: Vec::new(),
        })
        .unwrap();
    rounds(&region, &people);
    for person in &people[..2] {
        let page = person.call("chart.timeline", json!({"patientId": patient})).unwrap();
        let entries = page["entries"].as_array().unwrap();
        assert_eq!(entries.len(), 1, "{person:?}: {page}");
        assert_eq!((&entries[0]["body"]["s"], &entries[0]["status"]), (&json!("訴え 1"), &json!("tampered")));
        assert_eq!(entries[0]["author"]["name"], "小野寺 由美");
    }
}

/// Clocks order nothing: one ten years off, either way, is said and stops neither writing nor reading.
#[test]
fn a_clock_ten_years_off_is_said_and_nothing_is_lost() {
    const DECADE_MS: i64 = 10 * 365 * 86_400_000;
    for (seed, skew_ms) in [(91, DECADE_MS), (92, -DECADE_MS)] {
        let mut region = Region::new(seed);
        let nurse = region.facility("しおかぜ訪問看護", FacilityType::VisitingNursing, "小野寺 由美", "nurse", 0);
        let doctor = region.facility("佐伯内科医院", FacilityType::Clinic, "佐伯 健", "physician", skew_ms);
        nurse.share_with(&[doctor.team()]);
        nurse.sync();
        doctor.sync();
        nurse.sync();
        let patient = nurse.register("佐藤", "花子", "サトウ", "ハナコ");
        let people = [nurse, doctor];
        writes(&people[0], &patient, 1);
        rounds(&region, &people);
        writes(&people[1], &patient, 2);
        writes(&people[0], &patient, 3);
        rounds(&region, &people);
        let [nurse, doctor] = &people;
        let (at_nurse, at_doctor) = (nurse.timeline(&patient), doctor.timeline(&patient));
        assert_eq!(at_nurse, at_doctor, "the same order, whatever the own clock says");
        assert_eq!(at_nurse.len(), 3);
        let said = |person: &Person| person.sync()["state"].as_str().unwrap().to_owned();
        assert_eq!((said(nurse).as_str(), said(doctor).as_str()), ("up-to-date", "clock-wrong"));
        let offset: i64 = doctor.sync()["params"]["offsetMs"].as_str().unwrap().parse().unwrap();
        assert_eq!(offset, -skew_ms);
        // When the relay took it is by the relay's clock; when it was written by the device's.
        let page = nurse.call("chart.timeline", json!({"patientId": patient, "limit": 9})).unwrap();
        let off = page["entries"].as_array().unwrap().iter().find(|entry| entry["body"]["s"] == "訴え 2").unwrap();
        assert!((off["at"]["ms"].as_i64().unwrap() - doctor.device().now_ms()).abs() < 86_400_000, "{off}");
        let received = off["receivedAt"].as_i64().unwrap();
        assert!((received - nurse.device().now_ms()).abs() < 86_400_000, "{off}");
    }
}

fn writes(person: &Person, patient: &str, number: u64) {
    person.write(patient, &note(number)).unwrap();
}
