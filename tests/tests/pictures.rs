//! A picture that has not arrived says so, is fetched by itself, and a thumbnail is only what was made as one.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail loudly")]

use meguri_commands::Code;
use meguri_commands::host::Host;
use meguri_testkit::{Person, Region, Weather};
use meguri_wire::control::FacilityType;
use serde_json::{Value, json};

/// A BMP of 64 × 48 in two colours.
fn picture() -> Vec<u8> {
    let (width, height) = (64_u32, 48_u32);
    let size = 54 + width * height * 3;
    let mut out = b"BM".to_vec();
    for number in [size, 0, 54, 40, width, height] {
        out.extend(number.to_le_bytes());
    }
    out.extend([1, 0, 24, 0]);
    out.extend([0; 24]);
    for at in 0..width * height {
        out.extend(if at % 7 < 3 { [40, 60, 200] } else { [220, 230, 240] });
    }
    out
}

fn first(person: &Person, patient: &str) -> Value {
    person.call("chart.timeline", json!({"patientId": patient})).unwrap()["entries"][0].clone()
}

#[test]
fn it_comes_later_and_by_itself() {
    let mut region = Region::new(91);
    let (nurse, doctor) = region.nurse_and_doctor();
    let patient = nurse.register("佐藤", "花子", "サトウ", "ハナコ");
    let mut photo =
        serde_json::to_value(nurse.device().blob_put(&picture(), "image/bmp").unwrap()).unwrap()["photo"].take();
    photo["caption"] = json!("仙骨部");
    nurse.write(&patient, &[("photo", photo.clone())]).unwrap();
    assert_eq!(first(&nurse, &patient).get("blobMissing"), None, "her own is here");
    doctor.net().set_weather(Weather { no_blobs: true, ..Weather::default() });
    for person in [&nurse, &nurse, &doctor, &doctor] {
        person.sync();
        region.pass_ms(61_000);
    }
    let entry = first(&doctor, &patient);
    assert_eq!(entry["blobMissing"], json!(true), "the entry is here, its picture is not");
    assert_eq!(doctor.call("sync.status", json!({})).unwrap()["picturesMissing"], json!(1));
    let id = |part: &str| entry["body"][part]["id"].as_str().unwrap().to_owned();
    let uuid = entry["id"].as_str().unwrap().parse().unwrap();
    assert!(doctor.device().open_picture(&id("blob").parse().unwrap(), uuid).is_err());

    doctor.net().set_weather(Weather::default());
    doctor.sync();
    assert_eq!(first(&doctor, &patient).get("blobMissing"), None, "fetched without being looked at");
    assert_eq!(
        doctor.call("sync.status", json!({})).unwrap()["picturesMissing"],
        json!(0),
        "an open screen sees that it came"
    );
    doctor.net().set_weather(Weather { offline: true, ..Weather::default() });
    let whole = doctor.device().open_picture(&id("blob").parse().unwrap(), uuid).unwrap();
    let thumb = doctor.device().open_thumb(&id("blob").parse().unwrap(), uuid).unwrap();
    assert_eq!(thumb, doctor.device().open_picture(&id("thumb").parse().unwrap(), uuid).unwrap());
    assert_ne!(whole, thumb);
    let url = |blob: &str, thumb: bool| {
        doctor.call("blob.read", json!({"blobId": blob, "entryId": entry["id"], "thumb": thumb}))
    };
    let small = url(&id("blob"), true).unwrap()["url"].as_str().unwrap().to_owned();
    assert!(small.starts_with(&format!("/blob/{}?", id("thumb"))), "{small}");
    let other = "ab".repeat(32);
    assert_eq!(url(&other, true).unwrap_err().code, Code::NotFound);
}

/// What was just taken is seen before it is signed, and as long as its draft stands.
#[test]
fn a_draft_shows_its_own_picture() {
    let mut region = Region::new(93);
    let nurse = region.facility("しおかぜ訪問看護", FacilityType::VisitingNursing, "小野寺 由美", "nurse", 0);
    nurse.sync();
    let patient = nurse.register("佐藤", "花子", "サトウ", "ハナコ");
    let photo =
        serde_json::to_value(nurse.device().blob_put(&picture(), "image/bmp").unwrap()).unwrap()["photo"].take();
    let draft = |kind: &str, body: Value| {
        let visit = "0198a0c4-0000-7000-8000-000000000001";
        let req = json!({"patientId": patient, "visitId": visit, "kind": kind, "body": body});
        nurse.call("draft.save", req).unwrap()["id"].clone()
    };
    let read = |entry: &Value| {
        nurse.call("blob.read", json!({"blobId": photo["blob"]["id"], "entryId": entry, "thumb": true}))
    };
    let (taken, words) =
        (draft("photo", photo.clone()), draft("note", json!({"s": "", "o": "発赤", "a": "", "p": ""})));
    let thumb = photo["thumb"]["id"].as_str().unwrap();
    assert!(read(&taken).unwrap()["url"].as_str().unwrap().starts_with(&format!("/blob/{thumb}?")));
    let id = taken.as_str().unwrap().parse().unwrap();
    assert!(nurse.device().open_picture(&photo["blob"]["id"].as_str().unwrap().parse().unwrap(), id).is_ok());
    assert_eq!(read(&words).unwrap_err().code, Code::NotFound, "another draft holds no key to it");
    nurse.call("draft.discard", json!({"id": taken})).unwrap();
    assert_eq!(read(&taken).unwrap_err().code, Code::NotFound);
}

/// A sealed picture that is gone from the device holds up nobody else's work.
#[test]
fn a_lost_file_stops_its_own_chart_only() {
    let mut region = Region::new(92);
    let nurse = region.facility("しおかぜ訪問看護", FacilityType::VisitingNursing, "小野寺 由美", "nurse", 0);
    nurse.sync();
    let (one, two) =
        (nurse.register("佐藤", "花子", "サトウ", "ハナコ"), nurse.register("鈴木", "一郎", "スズキ", "イチロウ"));
    let photo =
        serde_json::to_value(nurse.device().blob_put(&picture(), "image/bmp").unwrap()).unwrap()["photo"].take();
    nurse.write(&one, &[("photo", photo.clone())]).unwrap();
    nurse.write(&two, &[("note", json!({"s": "訴え", "o": "", "a": "", "p": ""}))]).unwrap();
    for part in ["blob", "thumb"] {
        let name = photo[part]["id"].as_str().unwrap();
        let files = find(region.folder(), name);
        assert_eq!(files.len(), 1);
        std::fs::remove_file(&files[0]).unwrap();
    }
    for _ in 0..4 {
        nurse.sync();
        region.pass_ms(400_000);
    }
    let state = |patient: &str| first(&nurse, patient)["delivery"]["state"].clone();
    assert_eq!(state(&one), "only-here");
    assert_ne!(state(&two), "only-here");
}

fn find(folder: &std::path::Path, name: &str) -> Vec<std::path::PathBuf> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        if entry.path().is_dir() {
            out.extend(find(&entry.path(), name));
        } else if entry.file_name().to_string_lossy() == name {
            out.push(entry.path());
        }
    }
    out
}
