//! Who may only read a chart is told so by their own device, before anything is written.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail loudly")]

use meguri_commands::host::Host;
use meguri_commands::{Code, LIST, Needs};
use meguri_device::relay::Relay;
use meguri_testkit::{Person, Region};
use meguri_wire::Control;
use meguri_wire::api::{PushFrame, PushRequest, PushResult};
use meguri_wire::control::{Role, SetRole};
use serde_json::json;
use std::sync::Arc;

/// The founder of a chart makes another team a reader of it.
fn make_reader(region: &Region, founder: &Person, patient: &str, team: meguri_wire::TeamId) {
    let replica = founder.device().replica().unwrap();
    let (own, secrets) = replica.device().unwrap().unwrap();
    let space = replica.space_of(patient.parse().unwrap()).unwrap().unwrap();
    let state = replica.space(&space).unwrap().unwrap();
    let signer = secrets.signer(&own.team).unwrap();
    let body = SetRole { team, role: Role::Reader };
    let control = Control {
        feed: Some(space),
        cseq: state.tip() + 1,
        prev_hash: state.hash_at(state.tip()).copied(),
        body: body.into(),
    };
    let frame = PushFrame { frame: control.sign(&signer).unwrap().raw, attachments: Vec::new() };
    let relay = Relay::new(region.line(), &Region::relay_url(), Arc::new(signer));
    let reply = relay.push(&PushRequest { frames: vec![frame] }, None).unwrap();
    assert!(matches!(reply.results[0], PushResult::Accepted { .. }), "{:?}", reply.results);
}

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
    make_reader(&region, &nurse, &patient, doctor.team());
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
