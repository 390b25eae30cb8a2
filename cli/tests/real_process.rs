//! The real binary as a process of its own: exit codes, two processes on one profile, a full disk, kill -9.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail loudly")]

mod process;

use meguri_testkit::{PASSPHRASE, Region};
use meguri_wire::control::FacilityType;
use process::{answer, call, confirm, draft, meguri, nurse, refusal, timeline};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Kills in all unless `MEGURI_TEST_KILLS` says otherwise.
const KILLS: u64 = 24;
const WRITERS: u64 = 4;

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

/// One writer among several at one relay.
struct Writer {
    folder: PathBuf,
    patient: String,
    number: u64,
}

#[test]
fn killed_at_any_moment_it_keeps_what_it_said_it_kept() {
    let kills = std::env::var("MEGURI_TEST_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(KILLS);
    let mut region = Region::new(4);
    let reader = region.facility("佐伯内科医院", FacilityType::Clinic, "佐伯 健", "physician", 0);
    reader.sync();
    let front = region.front();
    let writers: Vec<Writer> = (0..WRITERS)
        .map(|number| {
            let mut nurse =
                region.facility("しおかぜ訪問看護", FacilityType::VisitingNursing, "小野寺 由美", "nurse", 0);
            nurse.sync();
            reader.sync();
            nurse.share_with(&[reader.team()]);
            let patient = nurse.register("佐藤", "花子", "サトウ", "ハナコ");
            nurse.lead_to(&front.url());
            Writer { folder: nurse.stop().to_owned(), patient, number }
        })
        .collect();
    let entries: Vec<Vec<String>> = std::thread::scope(|scope| {
        let running: Vec<_> =
            writers.iter().map(|writer| scope.spawn(|| write_and_kill(writer, kills / WRITERS))).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    reader.sync();
    reader.sync();
    for (writer, mut entries) in writers.iter().zip(entries) {
        let mut there: Vec<String> = reader.timeline(&writer.patient).into_iter().map(|(id, ..)| id).collect();
        there.sort();
        entries.sort();
        assert_eq!(there, entries, "the reader has all, each once");
    }
    drop(front);
}

/// Each draft is confirmed by a process that is killed a little later each time, and every third kill hits a process that
/// sends. Afterwards every draft is either still a draft or an entry, never neither and never both; what was answered is an
/// entry; everything is sent.
fn write_and_kill(writer: &Writer, kills: u64) -> Vec<String> {
    let Writer { folder, patient, number: own } = writer;
    let (mut drafts, mut answered) = (Vec::new(), Vec::new());
    for number in 0..kills {
        let wait_ms = (number * 97 + own * 31) % 400;
        if number % 3 == 2 {
            kill_after(meguri(folder).arg("sync"), wait_ms);
            continue;
        }
        let saved = answer(folder, "draft.save", &draft(patient, number));
        let request = confirm(patient, &saved["id"]).to_string();
        let stdout = kill_after(meguri(folder).args(["call", "entry.confirm", &request]), wait_ms);
        if let Ok(made) = serde_json::from_slice::<Value>(&stdout) {
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
    for _ in 0..3 {
        assert!(meguri(folder).arg("sync").output().unwrap().status.success());
    }
    assert_eq!(answer(folder, "sync.status", &json!({}))["unsent"], 0);
    entries
}

fn kill_after(command: &mut Command, wait_ms: u64) -> Vec<u8> {
    let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(wait_ms));
    process.kill().unwrap();
    process.wait_with_output().unwrap().stdout
}
