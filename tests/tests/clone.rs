//! Two installs from one copy of a profile: both go on writing, and nothing that either wrote is lost.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail loudly")]

use meguri_commands::call;
use meguri_commands::host::{Host, new_id};
use meguri_device::Device;
use meguri_device::device::Outside;
use meguri_device::env::SystemEnv;
use meguri_device::keystore::NoKeystore;
use meguri_testkit::{PASSPHRASE, Person, Region};
use meguri_wire::control::FacilityType;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn note(text: &str) -> Value {
    json!({"s": text, "o": "", "a": "", "p": ""})
}

fn write(device: &Device, patient: &str, text: &str) {
    let visit = new_id(device).to_string();
    let req = json!({"patientId": patient, "visitId": visit, "kind": "note", "body": note(text)});
    let draft = call(device, "draft.save", req).unwrap();
    let at = json!({"ms": device.now_ms(), "zoneMin": 540});
    let req = json!({"patientId": patient, "draftIds": [draft["id"]], "at": at, "accepted": []});
    call(device, "entry.confirm", req).unwrap();
}

fn texts(device: &Device, patient: &str) -> Vec<String> {
    let page = call(device, "chart.timeline", json!({"patientId": patient, "limit": 200})).unwrap();
    let text = |entry: &Value| entry["body"]["s"].as_str().unwrap().to_owned();
    let mut texts: Vec<String> = page["entries"].as_array().unwrap().iter().map(text).collect();
    texts.sort();
    texts
}

#[test]
fn both_copies_go_on() {
    let mut region = Region::new(95);
    let mut nurse: Person =
        region.facility("しおかぜ訪問看護", FacilityType::VisitingNursing, "小野寺 由美", "nurse", 0);
    nurse.sync();
    let patient = nurse.register("佐藤", "花子", "サトウ", "ハナコ");
    nurse.write(&patient, &[("note", note("0 前"))]).unwrap();
    nurse.sync();
    nurse.sync();
    let elsewhere = tempfile::tempdir().unwrap();
    let folder = nurse.stop().to_owned();
    copy(&folder, elsewhere.path());
    nurse.start();
    let outside = Outside { env: Arc::new(SystemEnv), net: region.line(), keystore: Arc::new(NoKeystore) };
    let copy = Device::hold(elsewhere.path(), outside).unwrap();
    copy.unlock_passphrase(PASSPHRASE).unwrap();

    nurse.write(&patient, &[("note", note("1 元の端末"))]).unwrap();
    write(&copy, &patient, "2 写しの端末");
    nurse.sync();
    for _ in 0..4 {
        copy.sync_now().unwrap();
        region.pass_ms(400_000);
        nurse.sync();
    }
    write(&copy, &patient, "3 写しの端末");
    for _ in 0..3 {
        copy.sync_now().unwrap();
        nurse.sync();
        region.pass_ms(400_000);
    }
    let all = ["0 前", "1 元の端末", "2 写しの端末", "3 写しの端末"];
    assert_eq!(texts(&copy, &patient), all);
    assert_eq!(texts(nurse.device(), &patient), all);
    assert_eq!(copy.sync_status().unwrap().unsent, 0);
}
