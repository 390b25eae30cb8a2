//! The real binary as a process of its own: exit codes, two processes on one profile, a full disk, kill -9.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail loudly")]

use meguri_testkit::{PASSPHRASE, Person, Region};
use meguri_wire::control::FacilityType;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

/// Kills in all unless `MEGURI_TEST_KILLS` says otherwise.
const KILLS: u64 = 24;
const WRITERS: u64 = 4;

fn meguri(profile: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_meguri"));
    command.arg("--profile").arg(profile).env("MEGURI_PASSPHRASE", PASSPHRASE).stdin(Stdio::null());
    command
}

fn call(profile: &Path, name: &str, request: &Value) -> Output {
    meguri(profile).args(["call", name, &request.to_string()]).output().unwrap()
}

fn answer(profile: &Path, name: &str, request: &Value) -> Value {
    let output = call(profile, name, request);
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Exit status and code of a refusal.
fn refusal(output: &Output) -> (Option<i32>, String) {
    let body: Value = serde_json::from_slice(&output.stderr).unwrap_or_default();
    (output.status.code(), body["code"].as_str().unwrap_or_default().to_owned())
}

/// A station's nurse with one patient; the process that made her has ended.
fn nurse(region: &mut Region) -> (Person, String) {
    let mut nurse = region.facility("しおかぜ訪問看護", FacilityType::VisitingNursing, "小野寺 由美", "nurse", 0);
    nurse.sync();
    let patient = nurse.register("佐藤", "花子", "サトウ", "ハナコ");
    nurse.stop();
    (nurse, patient)
}

fn draft(patient: &str, number: u64) -> Value {
    let body = json!({"s": format!("訴え {number}"), "o": "", "a": "", "p": ""});
    let visit = "01980000-0000-7000-8000-000000000001";
    json!({"patientId": patient, "visitId": visit, "kind": "note", "body": body})
}

fn confirm(patient: &str, draft: &Value) -> Value {
    json!({"patientId": patient, "draftIds": [draft], "at": {"ms": 1_795_305_600_000_i64, "zoneMin": 540}, "accepted": []})
}

#[test]
fn every_ending_has_its_exit_code() {
    let mut region = Region::new(1);
    let (mut nurse, patient) = nurse(&mut region);
    let folder = nurse.stop().to_owned();
    assert_eq!(refusal(&call(&folder, "no.command", &json!({}))), (Some(2), "unknown_command".into()));
    assert_eq!(refusal(&call(&folder, "patient.show", &json!({"who": 1}))), (Some(2), "bad_request".into()));
    assert_eq!(meguri(&folder).arg("--nonsense").output().unwrap().status.code(), Some(2));
    let empty = json!({"s": " ", "o": "", "a": "", "p": ""});
    let mut wanted = draft(&patient, 1);
    wanted["body"] = empty;
    let saved = answer(&folder, "draft.save", &wanted);
    assert_eq!(refusal(&call(&folder, "entry.confirm", &confirm(&patient, &saved["id"]))).0, Some(3));
    let nobody = json!({"patientId": "01980000-0000-7000-8000-00000000ffff"});
    assert_eq!(refusal(&call(&folder, "patient.show", &nobody)), (Some(5), "not_found".into()));
    let wrong = meguri(&folder).env("MEGURI_PASSPHRASE", "kaze to nami no uta").args(["call", "home.show"]).output();
    assert_eq!(refusal(&wrong.unwrap()), (Some(4), "wrong_passphrase".into()));
    let nothing = folder.with_file_name("nobody");
    assert_eq!(refusal(&call(&nothing, "home.show", &json!({}))), (Some(5), "no_profile".into()));
    assert_eq!(refusal(&meguri(&folder).arg("sync").output().unwrap()), (Some(7), "offline".into()));
}

#[test]
fn a_second_process_is_told_that_the_profile_is_busy() {
    let mut region = Region::new(2);
    let mut person = region.facility("しおかぜ訪問看護", FacilityType::VisitingNursing, "小野寺 由美", "nurse", 0);
    let folder = person.stop().to_owned();
    person.start();
    assert_eq!(refusal(&call(&folder, "home.show", &json!({}))), (Some(4), "busy".into()));
    person.stop();
    assert!(call(&folder, "home.show", &json!({})).status.success());
}

/// `RLIMIT_FSIZE` stands for a full disk: writes fail in the middle, nothing that was saved is lost.
#[test]
#[cfg(unix)]
fn a_full_disk_loses_nothing() {
    let mut region = Region::new(3);
    let (mut nurse, patient) = nurse(&mut region);
    let folder = nurse.stop().to_owned();
    let saved = answer(&folder, "draft.save", &draft(&patient, 1));
    let request = confirm(&patient, &saved["id"]).to_string();
    let full = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 4; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_meguri"), "--profile"])
        .arg(&folder)
        .args(["call", "entry.confirm", &request])
        .env("MEGURI_PASSPHRASE", PASSPHRASE)
        .output()
        .unwrap();
    assert_eq!(full.status.code(), Some(8), "{}", String::from_utf8_lossy(&full.stderr));
    let drafts = answer(&folder, "draft.list", &json!({"patientId": patient}));
    assert_eq!(drafts["drafts"][0]["id"], saved["id"], "the draft is still there");
    let made = answer(&folder, "entry.confirm", &confirm(&patient, &saved["id"]));
    assert_eq!(timeline(&folder, &patient), [made["entryIds"][0].as_str().unwrap()]);
}

fn timeline(folder: &Path, patient: &str) -> Vec<String> {
    let page = answer(folder, "chart.timeline", &json!({"patientId": patient, "limit": 200}));
    page["entries"].as_array().unwrap().iter().map(|e| e["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn killed_at_any_moment_it_keeps_what_it_said_it_kept() {
    let kills = std::env::var("MEGURI_TEST_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(KILLS);
    let mut region = Region::new(4);
    let profiles: Vec<(PathBuf, String)> = (0..WRITERS)
        .map(|_| {
            let (mut nurse, patient) = nurse(&mut region);
            (nurse.stop().to_owned(), patient)
        })
        .collect();
    std::thread::scope(|scope| {
        for (writer, (folder, patient)) in profiles.iter().enumerate() {
            scope.spawn(move || write_and_kill(folder, patient, writer as u64, kills / WRITERS));
        }
    });
}

/// Each draft is confirmed by a process that is killed a little later each time. Afterwards every draft is either
/// still a draft or an entry, never neither and never both; what was answered is an entry.
fn write_and_kill(folder: &Path, patient: &str, writer: u64, kills: u64) {
    let mut drafts = Vec::new();
    let mut answered = Vec::new();
    for number in 0..kills {
        let saved = answer(folder, "draft.save", &draft(patient, number));
        let request = confirm(patient, &saved["id"]).to_string();
        let mut process = meguri(folder)
            .args(["call", "entry.confirm", &request])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis((number * 97 + writer * 31) % 700));
        process.kill().unwrap();
        let output = process.wait_with_output().unwrap();
        if let Ok(made) = serde_json::from_slice::<Value>(&output.stdout) {
            answered.push(made["entryIds"][0].as_str().unwrap().to_owned());
        }
        drafts.push(saved["id"].as_str().unwrap().to_owned());
    }
    let left = answer(folder, "draft.list", &json!({"patientId": patient}));
    let left: Vec<&str> = left["drafts"].as_array().unwrap().iter().map(|d| d["id"].as_str().unwrap()).collect();
    let entries = timeline(folder, patient);
    assert!(answered.iter().all(|id| entries.contains(id)), "answered and lost");
    assert!(left.iter().all(|id| drafts.iter().any(|d| d == id)));
    assert_eq!(left.len() + entries.len(), drafts.len(), "each draft is a draft or an entry");
}
