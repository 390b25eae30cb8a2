//! A profile and a relay's data as an earlier program left them must open for ever: they are read, synchronised and
//! written on. They are never made anew for a change to pass; a further pair (`profile-b`, `relay-b`) is added when there is
//! something new to keep. Made by
//! `MEGURI_FIXTURES=a cargo test -p meguri-tests --test fixtures -- --ignored make_fixtures`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests fail loudly")]

use base64::Engine;
use meguri_testkit::{Person, Region};
use meguri_wire::control::FacilityType;
use serde_json::{Value, json};
use std::io::Cursor;
use std::path::{Path, PathBuf};

const SEED: u64 = 2026;
const LATER_MS: i64 = 30 * 86_400_000;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn picture() -> Vec<u8> {
    let image = image::RgbImage::from_fn(160, 120, |x, y| {
        let near = (i64::from(x) - 80).pow(2) + (i64::from(y) - 60).pow(2) < 900;
        if near { image::Rgb([180, 60, 60]) } else { image::Rgb([230, 200, 180]) }
    });
    let mut out = Cursor::new(Vec::new());
    image.write_to(&mut out, image::ImageFormat::Jpeg).unwrap();
    out.into_inner()
}

fn note(text: &str) -> (&'static str, Value) {
    ("note", json!({"s": text, "o": "SpO2 低下なし", "a": "", "p": "次回も観察"}))
}

fn vitals(temp: &str, systolic: &str) -> (&'static str, Value) {
    let item = |key: &str, value: &str| json!({"key": key, "value": value, "attributes": {}});
    let items = [item("temp", temp), item("bp.sys", systolic), item("bp.dia", "72"), item("pulse", "88")];
    let refused = json!([{"key": "weight", "reason": "unable"}]);
    ("vitals", json!({"items": items, "notMeasured": refused, "remark": "臥位"}))
}

fn photo(person: &Person, patient: &str) -> (&'static str, Value) {
    let base64 = base64::engine::general_purpose::STANDARD.encode(picture());
    let put = json!({"patientId": patient, "mediaType": "image/jpeg", "base64": base64});
    let mut body = person.call("blob.put", put).unwrap()["photo"].clone();
    body["caption"] = json!("仙骨部");
    body["scaleInView"] = json!(true);
    ("photo", body)
}

/// Writes `profile-<name>` and `relay-<name>`; what is there is never written over.
#[test]
#[ignore = "makes what must not change any more"]
fn make_fixtures() {
    let name = std::env::var("MEGURI_FIXTURES").expect("MEGURI_FIXTURES names the pair");
    let (profile, relay) = (fixtures().join(format!("profile-{name}")), fixtures().join(format!("relay-{name}")));
    assert!(!profile.exists() && !relay.exists(), "a fixture is never written over");
    let mut region = Region::new(SEED);
    let mut nurse = region.facility("しおかぜ訪問看護", FacilityType::VisitingNursing, "小野寺 由美", "nurse", 0);
    let doctor = region.facility("佐伯内科医院", FacilityType::Clinic, "佐伯 健", "physician", 0);
    nurse.sync();
    doctor.sync();
    nurse.share_with(&[doctor.team()]);
    let patient = nurse.register("髙橋", "清", "タカハシ", "キヨシ");
    let first = nurse.write(&patient, &[vitals("36.5", "128"), note("夜間の咳"), photo(&nurse, &patient)]).unwrap();
    for _ in 0..2 {
        nurse.sync();
        doctor.sync();
        region.pass_ms(61_000);
    }
    doctor.write(&patient, &[note("去痰薬を追加"), vitals("37.2", "118")]).unwrap();
    doctor.sync();
    let amended =
        json!({"patientId": patient, "entryId": first[1], "body": note("夜間の咳、痰は少量").1, "reason": "追記"});
    nurse.call("entry.amend", amended).unwrap();
    let limit = json!({"low": "90", "reason": "主治医の指示"});
    let put = json!({"patientId": patient, "kind": "threshold", "id": "spo2", "fields": {"limit": limit}});
    nurse.call("state.put", put).unwrap();
    nurse.sync();
    let draft = json!({"patientId": patient, "visitId": "01980000-0000-7000-8000-000000000001", "kind": "note", "body": note("書きかけ").1});
    nurse.call("draft.save", draft).unwrap();
    nurse.write(&patient, &[note("まだ送っていない")]).unwrap();
    copy(nurse.stop(), &profile);
    let relay_data = region.folder().join("relay");
    drop((doctor, nurse));
    copy(&relay_data, &relay);
    // One file instead of one and its journal.
    let conn = rusqlite::Connection::open(relay.join("relay.db")).unwrap();
    conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
}

/// Everything but locks.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let name = entry.file_name().into_string().unwrap();
        if entry.path().is_dir() {
            copy(&entry.path(), &to.join(name));
        } else if name != "lock" && !name.ends_with("-shm") && !name.ends_with(".log") {
            std::fs::copy(entry.path(), to.join(name)).unwrap();
        }
    }
}

#[test]
fn what_an_earlier_program_left_opens_syncs_and_is_written_on() {
    let pairs = std::fs::read_dir(fixtures()).unwrap().flatten();
    let pairs =
        pairs.filter_map(|entry| entry.file_name().into_string().unwrap().strip_prefix("profile-").map(str::to_owned));
    let mut opened = 0;
    for name in pairs {
        opens(&name);
        opened += 1;
    }
    assert!(opened > 0, "there is something to open");
}

fn opens(name: &str) {
    let mut region = Region::resume(&fixtures().join(format!("relay-{name}")), LATER_MS);
    let nurse = region.resident(&fixtures().join(format!("profile-{name}")));
    let found = nurse.call("patient.search", json!({"query": "高橋"})).unwrap();
    assert_eq!(found["rows"][0]["name"], json!({"family": "髙橋", "given": "清"}));
    let patient = found["rows"][0]["patientId"].as_str().unwrap().to_owned();
    let page = |what: &str| -> Value {
        let mut page = nurse.call("chart.timeline", json!({"patientId": patient, "limit": 50})).unwrap();
        assert!(page["entries"].is_array(), "{what}");
        page["entries"].take()
    };
    let entries = page("before");
    let entries = entries.as_array().unwrap();
    let texts: Vec<&str> = entries.iter().filter_map(|entry| entry["body"]["s"].as_str()).collect();
    for text in ["夜間の咳、痰は少量", "去痰薬を追加", "まだ送っていない"] {
        assert!(texts.contains(&text), "{text}: {texts:?}");
    }
    assert_eq!(entries.len(), 6, "{texts:?}");
    let temps: Vec<&Value> =
        entries.iter().filter_map(|entry| entry["body"]["items"].get(0)).map(|i| &i["value"]).collect();
    assert!(temps.contains(&&json!("36.5")) && temps.contains(&&json!("37.2")), "{temps:?}");
    let authors: Vec<&str> = entries.iter().filter_map(|entry| entry["author"]["name"].as_str()).collect();
    assert!(authors.contains(&"小野寺 由美") && authors.contains(&"佐伯 健"), "{authors:?}");
    let taken = entries.iter().find(|entry| entry["kind"] == "photo").unwrap();
    for part in ["blob", "thumb"] {
        let blob = taken["body"][part]["id"].as_str().unwrap().parse().unwrap();
        let jpeg = nurse.device().open_picture(&blob, taken["id"].as_str().unwrap().parse().unwrap()).unwrap();
        assert!(image::load_from_memory(&jpeg).is_ok(), "{part}");
    }
    let header = nurse.call("patient.show", json!({"patientId": patient})).unwrap();
    assert_eq!(header["thresholds"][0]["low"], "90", "{header}");
    let drafts = nurse.call("draft.list", json!({})).unwrap();
    assert_eq!(drafts["drafts"][0]["body"]["s"], "書きかけ");
    let said = nurse.sync();
    assert_eq!((&said["unsent"], &said["state"]), (&json!(0), &json!("up-to-date")), "{said}");
    nurse.write(&patient, &[note("今日も書ける"), photo(&nurse, &patient)]).unwrap();
    assert_eq!(nurse.sync()["unsent"], 0);
    assert_eq!(nurse.call("sync.parked", json!({})).unwrap()["items"], json!([]));
    assert_eq!(page("after").as_array().unwrap().len(), 8);
}
