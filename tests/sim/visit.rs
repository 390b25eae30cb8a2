//! What one person does at one bedside, and what is there after the process ended in the middle of it.

use base64::Engine;
use meguri_commands::host::Host;
use meguri_testkit::Person;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::io::Cursor;

/// What was answered before the process ended.
#[derive(Default)]
pub struct Progress {
    pub drafts: Vec<String>,
    pub entries: Vec<String>,
}

/// A picture like no other.
pub fn picture(number: u64) -> Vec<u8> {
    let shade = |shift: u64| u8::try_from((number >> shift) & 255).unwrap();
    let image = image::RgbImage::from_pixel(16, 8, image::Rgb([shade(0), shade(8), 200]));
    let mut out = Cursor::new(Vec::new());
    image.write_to(&mut out, image::ImageFormat::Png).unwrap();
    out.into_inner()
}

fn bodies(person: &Person, patient: &str, number: u64, photo: bool) -> Vec<(&'static str, Value)> {
    let temp = format!("36.{}", number % 10);
    let mut out = vec![
        ("vitals", json!({"items": [{"key": "temp", "value": temp, "attributes": {}}], "notMeasured": []})),
        ("note", json!({"s": format!("訴え {number}"), "o": "", "a": "", "p": ""})),
    ];
    if photo {
        let base64 = base64::engine::general_purpose::STANDARD.encode(picture(number));
        let put = json!({"patientId": patient, "mediaType": "image/png", "base64": base64});
        let mut body = person.call("blob.put", put).expect("a picture is taken")["photo"].clone();
        body["caption"] = json!(format!("創部 {number}"));
        body["scaleInView"] = json!(false);
        out.push(("photo", body));
    }
    out
}

/// Saves the drafts of a visit and confirms them together.
pub fn record(person: &Person, patient: &str, number: u64, photo: bool, progress: &RefCell<Progress>) {
    let (mut drafts, mut accepted) = (Vec::new(), Vec::new());
    for (kind, body) in bodies(person, patient, number, photo) {
        let draft = json!({"patientId": patient, "visitId": visit_id(number), "kind": kind, "body": body});
        let saved = person.call("draft.save", draft).expect("a draft is saved");
        for finding in saved["findings"].as_array().into_iter().flatten() {
            accepted.push(json!({"draftId": saved["id"], "code": finding["code"], "field": finding["field"]}));
        }
        progress.borrow_mut().drafts.push(text(&saved["id"]));
        drafts.push(saved["id"].clone());
    }
    let at = json!({"ms": person.device().now_ms(), "zoneMin": 540});
    let confirm = json!({"patientId": patient, "draftIds": drafts, "at": at, "accepted": accepted});
    let made = person.call("entry.confirm", confirm).expect("a visit is confirmed");
    progress.borrow_mut().entries = made["entryIds"].as_array().unwrap().iter().map(text).collect();
}

/// Drafts and entries of a visit that are on this device.
pub fn found(person: &Person, patient: &str, number: u64) -> (Vec<String>, Vec<Value>) {
    let visit = visit_id(number);
    let list = person.call("draft.list", json!({"patientId": patient})).unwrap();
    let of_visit = |rows: &Value| -> Vec<Value> {
        rows.as_array().unwrap().iter().filter(|row| row["visitId"] == visit).cloned().collect()
    };
    let drafts = of_visit(&list["drafts"]).iter().map(|draft| text(&draft["id"])).collect();
    let page = person.call("chart.timeline", json!({"patientId": patient, "limit": 200})).unwrap();
    (drafts, of_visit(&page["entries"]))
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn visit_id(number: u64) -> String {
    format!("01980000-0000-7000-8000-{number:012x}")
}
