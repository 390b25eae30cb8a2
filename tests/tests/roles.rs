//! Who may only read a chart is told so by their own device, before anything is written.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail loudly")]

use meguri_commands::{Code, LIST, Needs};
use meguri_testkit::{Region, Weather};
use serde_json::json;

#[test]
fn every_writing_command_refuses_a_reader() {
    let mut region = Region::new(81);
    let (nurse, doctor) = region.nurse_and_doctor();
    let patient = nurse.register("佐藤", "花子", "サトウ", "ハナコ");
    let note = || json!({"s": "訴え", "o": "", "a": "", "p": ""});
    let written = nurse.write(&patient, &[("note", note())]).unwrap();
    for person in [&nurse, &nurse, &doctor, &doctor] {
        person.sync();
        region.pass_ms(61_000);
    }
    let writing = || LIST.iter().filter(|command| command.needs == Needs::Writer);
    assert!(writing().count() >= 5);
    for command in writing() {
        let refused = doctor.call(command.name, json!({"patientId": patient})).unwrap_err();
        assert_eq!(refused.code, Code::BadRequest, "{}: a writer is asked for the rest", command.name);
    }
    doctor.write(&patient, &[("note", note())]).unwrap();
    let managing = LIST.iter().filter(|command| command.needs == Needs::Manager);
    for command in managing {
        let refused = doctor.call(command.name, json!({"patientId": patient})).unwrap_err();
        assert_eq!((refused.code, &*refused.params["reason"]), (Code::NotAllowed, "manager"), "{}", command.name);
        // A manager is asked for the rest, or answered.
        let past = nurse.call(command.name, json!({"patientId": patient}));
        assert!(past.as_ref().err().is_none_or(|refused| refused.code == Code::BadRequest), "{}", command.name);
    }
    let reader = json!({"patientId": patient, "facilityId": doctor.team().to_string(), "role": "reader"});
    assert_eq!(nurse.call("space.role", reader).unwrap(), json!({"done": true, "refused": null}));
    doctor.sync();
    for command in writing() {
        let refused = doctor.call(command.name, json!({"patientId": patient})).unwrap_err();
        assert_eq!(refused.code, Code::NotAllowed, "{}", command.name);
        assert_eq!(refused.params["reason"], "reader");
    }
    let amend = json!({"patientId": patient, "entryId": written[0], "body": note(), "reason": "訂正"});
    assert_eq!(doctor.call("entry.amend", amend).unwrap_err().code, Code::NotAllowed);
    assert_eq!(doctor.timeline(&patient).len(), 2, "reading goes on");
}

/// Written without a network by who may only read meanwhile: kept, said so, and sent once the role is back.
#[test]
fn what_a_former_writer_wrote_waits_for_the_role() {
    let mut region = Region::new(82);
    let (nurse, doctor) = region.nurse_and_doctor();
    let patient = nurse.register("佐藤", "花子", "サトウ", "ハナコ");
    let note = |text: &str| [("note", json!({"s": text, "o": "", "a": "", "p": ""}))];
    nurse.write(&patient, &note("前")).unwrap();
    let rounds = || {
        for person in [&nurse, &doctor, &nurse, &doctor] {
            person.sync();
            region.pass_ms(310_000);
        }
    };
    rounds();
    doctor.net().set_weather(Weather { offline: true, ..Weather::default() });
    doctor.write(&patient, &note("圏外で")).unwrap();
    let role = |role: &str| {
        let req = json!({"patientId": patient, "facilityId": doctor.team().to_string(), "role": role});
        assert_eq!(nurse.call("space.role", req).unwrap(), json!({"done": true, "refused": null}));
    };
    role("reader");
    doctor.net().set_weather(Weather::default());
    rounds();
    let state = doctor.sync();
    assert_eq!((&state["state"], &state["params"]["what"]), (&json!("waiting"), &json!("role")));
    assert_eq!(state["unsent"], 2, "the note, and the name card that comes before a first one");
    assert_eq!(doctor.timeline(&patient).len(), 2);
    assert_eq!(nurse.timeline(&patient).len(), 1);
    role("writer");
    rounds();
    assert_eq!(doctor.sync()["state"], "up-to-date");
    assert_eq!(nurse.timeline(&patient).len(), 2);
}
