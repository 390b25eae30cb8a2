//! Vitals and a note go from a station's profile to a clinic's through a real
//! relay on loopback, and no folder holds a word of them in clear.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a failing test may panic")]

mod region;

use meguri_commands::host::{Host, new_id};
use meguri_commands::profile;
use meguri_device::Device;
use region::{PASSPHRASE, Region, ask, in_clear};
use serde_json::{Value, json};

const SECRETS: &[&str] = &["榎本", "エノモト", "夜、横になると苦しい", "下腿浮腫", "佐久間", PASSPHRASE];

fn write_visit(nurse: &Device, patient: &str) {
    let visit = new_id(nurse).to_string();
    let vitals = json!({"items": [{"key": "temp", "value": "36.6"}, {"key": "pulse", "value": "92"}]});
    let note = json!({"s": "夜、横になると苦しい。", "o": "下腿浮腫 増強。", "a": "", "p": ""});
    let mut drafts = Vec::new();
    let mut accepted = Vec::new();
    for (kind, body) in [("vitals", vitals), ("note", note)] {
        let saved =
            ask(nurse, "draft.save", json!({"patientId": patient, "visitId": visit, "kind": kind, "body": body}));
        for finding in saved["findings"].as_array().unwrap() {
            accepted.push(json!({"draftId": saved["id"], "code": finding["code"], "field": finding["field"]}));
        }
        drafts.push(saved["id"].clone());
    }
    let at = json!({"ms": nurse.now_ms(), "zoneMin": 540});
    ask(nurse, "entry.confirm", json!({"patientId": patient, "draftIds": drafts, "at": at, "accepted": accepted}));
}

fn sync(device: &Device) -> Value {
    ask(device, "sync.now", json!({}))
}

#[test]
fn an_offline_visit_reaches_the_clinic_and_nothing_lies_open() {
    let folder = tempfile::tempdir().unwrap();
    let mut region = Region::begin(folder.path());
    let (nurse, _) = region.facility("訪問看護ステーション", "佐久間 灯子", "nurse", None);
    let (doctor, clinic) = region.facility("診療所", "遠野 圭吾", "physician", Some(&nurse));
    sync(&nurse);
    sync(&doctor);

    nurse.set_circle(&[clinic]).unwrap();
    let patient = region::register(&nurse);
    region.stop();
    write_visit(&nurse, &patient);
    assert_eq!(sync(&nurse)["state"], "offline");
    let read = ask(&nurse, "chart.timeline", json!({"patientId": patient}));
    assert_eq!(read["entries"][0]["delivery"]["state"], "only-here");

    region.start();
    for _ in 0..3 {
        sync(&nurse);
        sync(&doctor);
    }
    let read = ask(&doctor, "chart.timeline", json!({"patientId": patient}));
    assert_eq!(read["entries"].as_array().unwrap().len(), 2);
    assert_eq!(read["entries"][0]["author"]["name"], "佐久間 灯子");
    assert_eq!(sync(&nurse)["state"], "up-to-date");
    let _: profile::status::Res = serde_json::from_value(ask(&doctor, "profile.status", json!({}))).unwrap();
    let needles: Vec<_> = SECRETS.iter().map(|word| word.as_bytes()).collect();
    assert_eq!(in_clear(folder.path(), &needles), Vec::<String>::new());
    let public = ["試験地域".as_bytes()];
    assert!(!in_clear(folder.path(), &public).is_empty(), "public words are found, so the search works");
}
