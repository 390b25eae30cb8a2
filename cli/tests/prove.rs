//! A chart is exported by the real program and proven by another that knows neither profile nor relay.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail loudly")]

mod process;

use meguri_testkit::{PASSPHRASE, Region};
use meguri_wire::control::FacilityType;
use process::{json_of, meguri, refusal, refused, timeline, write};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

const FOR_THE_FILE: &str = "hana to tsuki no uta 17";

/// The program beside the one under test, where it is looked for; built here, as nothing else of this package needs it.
fn built() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let beside = Path::new(env!("CARGO_BIN_EXE_meguri"));
        let program = beside.with_file_name(format!("meguri-verify{}", std::env::consts::EXE_SUFFIX));
        // The workspace's tests have built it; alone it would be built anew, with features of its own.
        if program.is_file() {
            return program;
        }
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--offline", "--package", "meguri-verify", "--bin", "meguri-verify"]);
        if beside.parent().unwrap().ends_with("release") {
            build.arg("--release");
        }
        assert!(build.status().unwrap().success());
        program
    })
}

fn export(profile: &Path, patient: &str, file: &Path) -> Output {
    let mut command = meguri(profile);
    command.env("MEGURI_EXPORT_PASSPHRASE", FOR_THE_FILE).args(["export-chart", "--patient", patient]).arg(file);
    command.output().unwrap()
}

/// Of another process that has neither a home nor a profile.
fn verify(passphrase: &str, arguments: &[&str], file: &Path) -> Output {
    let mut command = Command::new(built());
    command.env_clear().env("MEGURI_PASSPHRASE", passphrase).args(arguments).arg(file).output().unwrap()
}

fn lines(output: &Output) -> Vec<Value> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_chart_of_two_facilities_is_proven_without_the_app() {
    let mut region = Region::new(31);
    let mut doctor = region.facility("佐伯内科医院", FacilityType::Clinic, "佐伯 健", "physician", 0);
    let mut nurse = region.facility("しおかぜ訪問看護", FacilityType::VisitingNursing, "小野寺 由美", "nurse", 0);
    doctor.sync();
    nurse.sync();
    nurse.share_with(&[doctor.team()]);
    let patient = nurse.register("佐藤", "花子", "サトウ", "ハナコ");
    let note = |s: &str| serde_json::json!({"s": s, "o": "", "a": "", "p": ""});
    nurse.write(&patient, &[("note", note("痛みなし"))]).unwrap();
    for _ in 0..3 {
        nurse.sync();
        doctor.sync();
    }
    doctor.write(&patient, &[("note", note("薬を減らす"))]).unwrap();
    for _ in 0..3 {
        doctor.sync();
        nurse.sync();
    }
    let folder = nurse.stop().to_owned();
    doctor.stop();
    // What has not left the device is no part of the proof.
    write(&folder, &patient, 9);
    assert_eq!(timeline(&folder, &patient).len(), 3);
    let file = folder.with_file_name("chart.meguri");
    let made = json_of(&export(&folder, &patient, &file));
    assert_eq!((&made["setAside"], made["frames"].as_u64() > Some(4)), (&0.into(), true));

    let output = verify(FOR_THE_FILE, &["--json", "--bodies"], &file);
    let said = lines(&output);
    assert_eq!(output.status.code(), Some(0), "{said:#?}");
    let summary = said.last().unwrap();
    assert_eq!((&summary["proven"], &summary["entries"], &summary["people"]), (&true.into(), &2.into(), &2.into()));
    assert_eq!(summary["frames"].as_u64().unwrap() as usize, said.len() - 1 - more_lines(&said));
    let entries: Vec<&Value> = said.iter().filter(|line| line["type"] == "entry").collect();
    assert_eq!(entries[0]["author"]["facility"], "しおかぜ訪問看護");
    assert_eq!(entries[0]["author"]["nameSaid"], "小野寺 由美");
    assert_eq!(entries[1]["author"]["facility"], "佐伯内科医院");
    assert!(entries[0]["body"].to_string().contains("痛みなし"));
    let quiet = verify(FOR_THE_FILE, &[], &file);
    let text = String::from_utf8(quiet.stdout).unwrap();
    assert!(text.ends_with("\nproven\n") && !text.contains("痛みなし"));

    // The same by way of the app's own program.
    built();
    let by_way = meguri(&folder).env("MEGURI_PASSPHRASE", FOR_THE_FILE).arg("verify").arg(&file).output().unwrap();
    assert_eq!((by_way.status.code(), String::from_utf8(by_way.stdout).unwrap()), (Some(0), text));
}

/// Lines beyond one a frame: an item may hold several changes.
fn more_lines(said: &[Value]) -> usize {
    let places: std::collections::BTreeSet<String> =
        said[..said.len() - 1].iter().map(|line| format!("{} {}", line["feed"], line["position"])).collect();
    said.len() - 1 - places.len()
}

#[test]
fn every_refusal_has_its_exit_code_and_nothing_lies_open() {
    let mut region = Region::new(32);
    let (mut nurse, patient) = process::nurse(&mut region);
    nurse.start();
    nurse.sync();
    nurse.sync();
    let folder = nurse.stop().to_owned();
    let file = folder.with_file_name("chart.meguri");
    let weak = meguri(&folder)
        .env("MEGURI_EXPORT_PASSPHRASE", "password2026")
        .args(["export-chart", "--patient", &patient])
        .arg(&file)
        .output()
        .unwrap();
    assert_eq!(refusal(&weak), (Some(3), "passphrase_short".into()));
    let nobody = "01980000-0000-7000-8000-00000000ffff";
    assert_eq!(refusal(&export(&folder, nobody, &file)), (Some(5), "not_found".into()));
    assert!(export(&folder, &patient, &file).status.success());
    let again = refused(&export(&folder, &patient, &file));
    assert_eq!((again.0, again.1.as_str(), &again.2["reason"]), (Some(3), "refused", &"exists".into()));
    let bytes = std::fs::read(&file).unwrap();
    for word in ["佐藤", "花子", "小野寺", "しおかぜ", FOR_THE_FILE] {
        assert!(!bytes.windows(word.len()).any(|part| part == word.as_bytes()), "{word}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(verify(FOR_THE_FILE, &["--quiet"], &file).status.code(), Some(0));
    let other = ["--quiet", "--directory", "00000000000000000000000000000000"];
    assert_eq!(verify(FOR_THE_FILE, &other, &file).status.code(), Some(1));
    assert_eq!(verify(PASSPHRASE, &[], &file).status.code(), Some(2));
    assert_eq!(verify(FOR_THE_FILE, &["--nonsense"], &file).status.code(), Some(2));
    assert_eq!(verify(FOR_THE_FILE, &[], &folder.join("keys.cbor")).status.code(), Some(2));
    assert_eq!(verify(FOR_THE_FILE, &[], &folder.join("none")).status.code(), Some(2));
    let damaged = folder.with_file_name("damaged");
    let half = bytes.len() / 2;
    std::fs::write(&damaged, [&bytes[..half], &[bytes[half] ^ 1], &bytes[half + 1..]].concat()).unwrap();
    assert_eq!(verify(FOR_THE_FILE, &[], &damaged).status.code(), Some(2));
}
