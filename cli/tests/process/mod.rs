//! The real binary as a process of its own.
#![allow(dead_code, reason = "each test file uses its part")]

use meguri_testkit::{PASSPHRASE, Person, Region};
use meguri_wire::control::FacilityType;
use serde_json::{Value, json};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

pub fn meguri(profile: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_meguri"));
    command.arg("--profile").arg(profile).env("MEGURI_PASSPHRASE", PASSPHRASE).stdin(Stdio::null());
    command
}

pub fn call(profile: &Path, name: &str, request: &Value) -> Output {
    meguri(profile).args(["call", name, &request.to_string()]).output().unwrap()
}

/// The request goes by standard input.
pub fn call_piped(command: &mut Command, name: &str, request: &Value) -> Output {
    let mut process = command
        .args(["call", name, "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = process.stdin.take().unwrap();
    let text = request.to_string();
    let writer = std::thread::spawn(move || drop(pipe.write_all(text.as_bytes())));
    let output = process.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

pub fn json_of(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

pub fn answer(profile: &Path, name: &str, request: &Value) -> Value {
    json_of(&call(profile, name, request))
}

/// Exit status and code of a refusal.
pub fn refusal(output: &Output) -> (Option<i32>, String) {
    let (status, code, _) = refused(output);
    (status, code)
}

/// Exit status, code and parameters of a refusal.
pub fn refused(output: &Output) -> (Option<i32>, String, Value) {
    let body: Value = serde_json::from_slice(&output.stderr).unwrap_or_default();
    (output.status.code(), body["code"].as_str().unwrap_or_default().to_owned(), body["params"].clone())
}

/// A station's nurse with one patient; the process that made her has ended.
pub fn nurse(region: &mut Region) -> (Person, String) {
    let mut nurse = region.facility("しおかぜ訪問看護", FacilityType::VisitingNursing, "小野寺 由美", "nurse", 0);
    nurse.sync();
    let patient = nurse.register("佐藤", "花子", "サトウ", "ハナコ");
    nurse.stop();
    (nurse, patient)
}

pub fn draft(patient: &str, number: u64) -> Value {
    let body = json!({"s": format!("訴え {number}"), "o": "", "a": "", "p": ""});
    let visit = "01980000-0000-7000-8000-000000000001";
    json!({"patientId": patient, "visitId": visit, "kind": "note", "body": body})
}

pub fn confirm(patient: &str, draft: &Value) -> Value {
    json!({"patientId": patient, "draftIds": [draft], "at": {"ms": 1_795_305_600_000_i64, "zoneMin": 540}, "accepted": []})
}

pub fn write(profile: &Path, patient: &str, number: u64) -> String {
    let saved = answer(profile, "draft.save", &draft(patient, number));
    let made = answer(profile, "entry.confirm", &confirm(patient, &saved["id"]));
    made["entryIds"][0].as_str().unwrap().to_owned()
}

pub fn timeline(folder: &Path, patient: &str) -> Vec<String> {
    let page = answer(folder, "chart.timeline", &json!({"patientId": patient, "limit": 200}));
    page["entries"].as_array().unwrap().iter().map(|e| e["id"].as_str().unwrap().to_owned()).collect()
}
