//! Bad input and faults, on the real program: each with its code, its exit status and what its sentence needs, and nothing
//! is lost.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail loudly")]

mod process;

use base64::Engine;
use meguri_seal::KeySlots;
use meguri_testkit::{Front, PASSPHRASE, Person, Region, Weather};
use meguri_wire::control::FacilityType;
use process::{answer, call, call_piped, confirm, draft, json_of, meguri, nurse, refusal, refused, timeline, write};
use serde_json::{Value, json};
use std::io::Cursor;
use std::path::{Path, PathBuf};

const YEAR_MS: i64 = 365 * 86_400_000;

#[test]
fn values_that_cannot_be_and_empty_notes_stay_drafts() {
    let mut region = Region::new(11);
    let (mut nurse, patient) = nurse(&mut region);
    let folder = nurse.stop().to_owned();
    let mut wanted = draft(&patient, 1);
    wanted["kind"] = json!("vitals");
    wanted["body"] = json!({"items": [{"key": "temp", "value": "63.5", "attributes": {}}], "notMeasured": []});
    let saved = answer(&folder, "draft.save", &wanted);
    let finding = &saved["findings"][0];
    assert_eq!((&finding["severity"], &finding["code"]), (&json!("refuse"), &json!("out_of_range")), "{saved}");
    for param in ["low", "high", "unit"] {
        assert!(finding["params"][param].is_string(), "{param}: {saved}");
    }
    let (status, code, params) = refused(&call(&folder, "entry.confirm", &confirm(&patient, &saved["id"])));
    assert_eq!((status, code.as_str(), &params["reason"]), (Some(3), "refused", &json!("out_of_range")));
    assert!(params["field"].is_string(), "{params}");
    let mut wanted = draft(&patient, 2);
    wanted["body"] = json!({"s": " \u{3000}", "o": "", "a": "", "p": ""});
    let empty = answer(&folder, "draft.save", &wanted);
    let (status, code, params) = refused(&call(&folder, "entry.confirm", &confirm(&patient, &empty["id"])));
    assert_eq!((status, code.as_str(), &params["reason"]), (Some(3), "refused", &json!("empty")));
    let left = answer(&folder, "draft.list", &json!({"patientId": patient}));
    assert_eq!(left["drafts"].as_array().unwrap().len(), 2, "both are still there to be corrected");
    assert_eq!(timeline(&folder, &patient), Vec::<String>::new());
}

/// A PNG that says it is this large and holds nothing.
fn png(width: u32, height: u32) -> Vec<u8> {
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = Vec::new();
    header.extend(width.to_be_bytes());
    header.extend(height.to_be_bytes());
    header.extend([8, 2, 0, 0, 0]);
    for (name, data) in [(b"IHDR", header), (b"IDAT", vec![0x78, 0x01, 0x03, 0, 0, 0, 0, 1]), (b"IEND", Vec::new())] {
        out.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        let chunk: Vec<u8> = name.iter().chain(&data).copied().collect();
        out.extend(&chunk);
        out.extend(crc32(&chunk).to_be_bytes());
    }
    out
}

/// ISO 3309, as PNG has it.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 })
    })
}

fn jpeg() -> Vec<u8> {
    let image = image::RgbImage::from_fn(64, 48, |x, y| image::Rgb([(x * 4) as u8, (y * 5) as u8, 90]));
    let mut out = Cursor::new(Vec::new());
    image.write_to(&mut out, image::ImageFormat::Jpeg).unwrap();
    out.into_inner()
}

fn put(folder: &Path, patient: &str, media_type: &str, bytes: &[u8]) -> (Option<i32>, String) {
    let base64 = base64::engine::general_purpose::STANDARD.encode(bytes);
    let request = json!({"patientId": patient, "mediaType": media_type, "base64": base64});
    refusal(&call_piped(&mut meguri(folder), "blob.put", &request))
}

#[test]
fn pictures_that_are_none_are_named_and_leave_nothing_behind() {
    let mut region = Region::new(12);
    let (mut nurse, patient) = nurse(&mut region);
    let folder = nurse.stop().to_owned();
    let good = jpeg();
    let mut heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec();
    heic.resize(400, 0);
    let mut large = good.clone();
    large.resize(70 * 1024 * 1024, 0);
    let cases: [(&str, &[u8], &str); 7] = [
        ("image/jpeg", &large, "picture_too_large"),
        ("image/png", &png(30_000, 30_000), "picture_too_many_pixels"),
        ("image/heic", &heic, "picture_heic"),
        ("image/jpeg", &heic, "picture_heic"),
        ("image/png", &good, "picture_type_mismatch"),
        ("image/jpeg", &good[..good.len() / 3], "picture_corrupt"),
        ("image/jpeg", b"MZ this is a program", "not_a_picture"),
    ];
    for (media_type, bytes, code) in cases {
        assert_eq!(put(&folder, &patient, media_type, bytes), (Some(3), code.to_owned()), "{media_type}");
    }
    assert_eq!(std::fs::read_dir(folder.join("blobs")).unwrap().count(), 0, "nothing of them was kept");
    assert_eq!(put(&folder, &patient, "image/jpeg", &good).0, Some(0), "a good one is taken afterwards");
}

/// A nurse and a physician with one chart; the nurse is a process, at a relay behind a socket.
struct Pair {
    region: Region,
    front: Front,
    folder: PathBuf,
    patient: String,
    doctor: Person,
}

fn pair(seed: u64) -> Pair {
    let mut region = Region::new(seed);
    let mut nurse = region.facility("しおかぜ訪問看護", FacilityType::VisitingNursing, "小野寺 由美", "nurse", 0);
    let doctor = region.facility("佐伯内科医院", FacilityType::Clinic, "佐伯 健", "physician", 0);
    nurse.sync();
    doctor.sync();
    nurse.share_with(&[doctor.team()]);
    let patient = nurse.register("佐藤", "花子", "サトウ", "ハナコ");
    nurse.sync();
    nurse.sync();
    doctor.sync();
    let front = region.front();
    nurse.lead_to(&front.url());
    let folder = nurse.stop().to_owned();
    Pair { region, front, folder, patient, doctor }
}

impl Pair {
    fn sync(&self) -> Value {
        json_of(&meguri(&self.folder).arg("sync").output().unwrap())
    }

    fn at_the_doctor(&self) -> Vec<String> {
        self.doctor.sync();
        sorted(self.doctor.timeline(&self.patient).into_iter().map(|(id, ..)| id).collect())
    }
}

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort();
    ids
}

fn fine(state: &Value) -> bool {
    ["up-to-date", "clock-wrong"].contains(&state["state"].as_str().unwrap()) && state["unsent"] == 0
}

#[test]
fn a_relay_that_breaks_off_in_the_middle_takes_everything_once() {
    let mut pair = pair(13);
    let mut wanted = Vec::new();
    let weathers = [
        Weather { lose_request: 100, ..Weather::default() },
        Weather { lose_answer: 100, ..Weather::default() },
        Weather { lose_answer: 40, twice: 60, ..Weather::default() },
    ];
    for (number, weather) in (1..).zip(weathers) {
        wanted.push(write(&pair.folder, &pair.patient, number));
        pair.front.line.set_weather(weather);
        let output = meguri(&pair.folder).arg("sync").output().unwrap();
        if weather.lose_request + weather.lose_answer >= 100 {
            assert_eq!(refusal(&output), (Some(7), "offline".into()));
        }
        // It comes back as another process.
        pair.region.restart_relay(&[&pair.doctor]);
        pair.region.lead(&pair.front);
    }
    pair.front.line.set_weather(Weather::default());
    assert!(fine(&pair.sync()), "{}", pair.sync());
    let wanted = sorted(wanted);
    assert_eq!(pair.at_the_doctor(), wanted);
    assert_eq!(sorted(timeline(&pair.folder, &pair.patient)), wanted);
    let front = std::mem::replace(&mut pair.front, pair.region.front());
    drop(front);
    let gone = meguri(&pair.folder).arg("sync").output().unwrap();
    assert_eq!(refusal(&gone), (Some(7), "offline".into()), "nobody listens there any more");
}

#[test]
fn pages_cut_short_doubled_and_out_of_order_end_in_the_same_chart() {
    let pair = pair(14);
    let body = |n: u64| json!({"s": format!("往診 {n}"), "o": "", "a": "", "p": ""});
    let mut wanted: Vec<String> = Vec::new();
    for number in 0..6 {
        wanted.extend(pair.doctor.write(&pair.patient, &[("note", body(number))]).unwrap());
        pair.doctor.sync();
    }
    pair.front.line.set_weather(Weather { cut: 60, mixed: 100, twice: 30, ..Weather::default() });
    for _ in 0..6 {
        let _ = meguri(&pair.folder).arg("sync").output().unwrap();
    }
    pair.front.line.set_weather(Weather::default());
    assert!(fine(&pair.sync()));
    let parked = answer(&pair.folder, "sync.parked", &json!({}));
    assert_eq!(sorted(timeline(&pair.folder, &pair.patient)), sorted(wanted));
    assert_eq!(parked["items"], json!([]));
}

#[test]
fn a_clock_ten_years_off_is_told_and_nothing_stops() {
    let mut pair = pair(15);
    let mut wanted = Vec::new();
    for years in [10, -20] {
        pair.region.pass_ms(years * YEAR_MS);
        wanted.push(write(&pair.folder, &pair.patient, u64::try_from(years + 100).unwrap()));
        let state = pair.sync();
        assert_eq!((&state["state"], &state["unsent"]), (&json!("clock-wrong"), &json!(0)));
        let offset: i64 = state["params"]["offsetMs"].as_str().unwrap().parse().unwrap();
        assert!(offset.abs() > 8 * YEAR_MS, "{state}");
    }
    // Twelve hours and more have passed: the key is gone, the passphrase is asked for.
    pair.doctor.crash();
    assert_eq!(pair.at_the_doctor(), sorted(wanted));
}

#[test]
fn enrolment_codes_mistyped_used_and_late() {
    let mut pair = pair(16);
    pair.doctor.lead_to(&pair.front.url());
    pair.doctor.crash();
    let offer = || {
        let wanted = json!({"newStaff": {"name": "三浦 千秋", "profession": "nurse"}});
        pair.doctor.call("enrol.offer", wanted).unwrap()["url"].as_str().unwrap().to_owned()
    };
    let join = |name: &str, url: &str| {
        let request = json!({"codeOrUrl": url, "passphrase": PASSPHRASE});
        call(&pair.folder.with_file_name(name), "enrol.join", &request)
    };
    let url = offer();
    assert_eq!(refusal(&join("first", &url[..url.len() - 2])), (Some(3), "bad_enrol_code".into()));
    assert_eq!(json_of(&join("first", &url))["state"], "waiting");
    assert_eq!(refusal(&join("second", &url)), (Some(3), "enrol_used".into()));
    let late = offer();
    pair.region.pass_ms(11 * 60_000);
    assert_eq!(refusal(&join("third", &late)), (Some(3), "enrol_expired".into()));
}

#[test]
fn a_profile_of_a_newer_program_is_left_as_it_is() {
    let mut region = Region::new(17);
    let (mut nurse, patient) = nurse(&mut region);
    let folder = nurse.stop().to_owned();
    let written = write(&folder, &patient, 1);
    let slots = KeySlots::from_bytes(&std::fs::read(folder.join("keys.cbor")).unwrap()).unwrap();
    let key = slots.open(PASSPHRASE, None).unwrap();
    let version = |to: Option<u32>| -> u32 {
        let conn = rusqlite::Connection::open(folder.join("replica.db")).unwrap();
        conn.execute_batch(&format!("PRAGMA key = \"x'{}'\"", hex::encode(key.bytes()))).unwrap();
        if let Some(to) = to {
            conn.execute_batch(&format!("PRAGMA user_version = {to}")).unwrap();
        }
        conn.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap()
    };
    let ours = version(None);
    assert_eq!(version(Some(ours + 1)), ours + 1);
    let before = std::fs::read(folder.join("replica.db")).unwrap();
    assert_eq!(refusal(&call(&folder, "home.show", &json!({}))), (Some(8), "newer_profile".into()));
    assert!(std::fs::read(folder.join("replica.db")).unwrap() == before, "not a byte was touched");
    version(Some(ours));
    assert_eq!(timeline(&folder, &patient), [written]);
}
