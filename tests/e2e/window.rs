//! A visit in the app's own window, driven as a person would: the passphrase, the chart, vitals, a picture from the
//! camera, until a colleague at another facility has both. Then what the web view wrote to disk is searched for them.
//!
//! It needs a display, `WebKitWebDriver` and the built screens, so it is ignored unless asked for: `make test` does.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failing test may panic"
)]

mod driver;
mod region;

use driver::{Driven, Folders};
use meguri_commands::host::Host;
use meguri_device::Device;
use region::{PASSPHRASE, Region, ask, hold, in_clear};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};

const WAIT: Duration = Duration::from_secs(20);
/// What nobody may find outside the profile.
const SECRETS: [&str; 7] =
    ["榎本", "エノモト", "佐久間", "夜は楽に眠れた", "仙骨部のひとこと", "MEGURI-EXIF-PLACE", PASSPHRASE];
const JPEG: [&[u8]; 4] = [&[0xff, 0xd8, 0xff, 0xe0], &[0xff, 0xd8, 0xff, 0xe1], &[0xff, 0xd8, 0xff, 0xdb], b"JFIF\0"];

/// A picture as a camera gives it, with a place in its remarks.
fn camera_file(path: &Path) {
    let picture = image::RgbImage::from_fn(640, 480, |x, y| image::Rgb([(x / 3) as u8, (y / 2) as u8, (x ^ y) as u8]));
    let mut jpeg = Vec::new();
    picture.write_with_encoder(image::codecs::jpeg::JpegEncoder::new(&mut jpeg)).unwrap();
    let remark = b"Exif\0\0MEGURI-EXIF-PLACE";
    let length = u16::try_from(remark.len() + 2).unwrap().to_be_bytes();
    jpeg.splice(2..2, [&[0xff, 0xe1], &length[..], remark].concat());
    std::fs::write(path, jpeg).unwrap();
}

/// Words as UTF-8 and as web views keep them in memory, and the beginnings of pictures.
fn needles() -> Vec<Vec<u8>> {
    let wide = |word: &str| word.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let words = SECRETS.iter().flat_map(|word| [word.as_bytes().to_vec(), wide(word)]);
    words.chain(JPEG.iter().map(|magic| magic.to_vec())).collect()
}

fn found(folder: &Path) -> Vec<String> {
    let needles = needles();
    in_clear(folder, &needles.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

fn files(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|e| if e.path().is_dir() { files(&e.path()) } else { 1 }).sum()
}

/// The colleague's timeline once it holds so many entries.
fn timeline(device: &Device, patient: &str, entries: usize) -> Vec<Value> {
    let begun = Instant::now();
    loop {
        ask(device, "sync.now", json!({}));
        let page = ask(device, "chart.timeline", json!({"patientId": patient}));
        let found = page["entries"].as_array().unwrap().clone();
        if found.len() >= entries {
            return found;
        }
        assert!(begun.elapsed() < WAIT, "{} of {entries} entries came", found.len());
        std::thread::sleep(Duration::from_millis(100));
    }
}

async fn unlock(window: &Driven) {
    window.type_into("input[type=password]", PASSPHRASE).await;
    window.press("開く").await;
    window.sees("訪問").await;
}

async fn write_visit(window: &Driven, patient: &str) {
    window.follow("/patients").await;
    window.type_into("input[type=search]", "えのもと").await;
    window.follow(&format!("/patients/{patient}")).await;
    window.shot("chart-empty").await;
    window.follow(&format!("/patients/{patient}/visit")).await;
    window.type_into("input[aria-label='体温 ℃']", "36.8").await;
    window.type_into("input[aria-label='脈拍 /分']", "72").await;
    window.shot("visit-vitals").await;
    window.step("記録").await;
    window.type_into("textarea", "夜は楽に眠れた").await;
    window.step("写真").await;
    window.shows("img[alt='カメラの映像']").await;
    window.shot("visit-camera").await;
    window.click("button[aria-label='撮る']").await;
    window.sees("写真はこの端末に残りました").await;
    window.type_into("input[maxlength='500']", "仙骨部のひとこと").await;
    window.shot("visit-photo").await;
    window.step("確認").await;
    window.shot("visit-confirm").await;
    window.press("確定してこの端末に保存する").await;
    window.shows("img[src^='meguri:']").await;
    window.sees("36.8").await;
    window.shot("chart").await;
}

#[test]
#[ignore = "needs a display and WebKitWebDriver; make test runs it"]
fn a_visit_in_the_window_reaches_the_clinic_and_the_web_view_keeps_nothing() {
    let outside = tempfile::tempdir().unwrap();
    let mut region = Region::begin(outside.path());
    let (nurse, _) = region.facility("しおかぜ訪問看護", "佐久間 灯子", "nurse", None);
    let (doctor, clinic) = region.facility("遠野医院", "遠野 圭吾", "physician", Some(&nurse));
    for device in [&nurse, &doctor] {
        ask(device, "sync.now", json!({}));
    }
    nurse.set_circle(&[clinic]).unwrap();
    let identity = json!({"name": {"family": "榎本", "given": "スミ"}, "kana": {"family": "エノモト", "given": "スミ"}, "birthDate": "1938-04-12", "sex": "female"});
    let made = ask(&nurse, "patient.register", json!({"identity": identity, "acceptSimilar": false}));
    let patient = made["patientId"].as_str().unwrap();
    nurse.lock(true).unwrap();
    drop(nurse);

    let camera = outside.path().join("camera.jpg");
    camera_file(&camera);
    let folders = Folders::new(&outside.path().join("web"));
    let profile = outside.path().join("nurse");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let window = Driven::open(&folders, &profile, &camera).await;
        window.shot("lock").await;
        assert_eq!(window.title().await, "Meguri", "no name of a patient stands outside the pages");
        unlock(&window).await;
        window.shot("today").await;
        assert_ne!(window.style("--mantine-scale").await, "", "styles made by script are let in");
        write_visit(&window, patient).await;
        let seen = std::thread::scope(|scope| scope.spawn(|| timeline(&doctor, patient, 3)).join().unwrap());
        let photo = seen.iter().find(|entry| entry["kind"] == "photo").unwrap();
        let vitals = seen.iter().find(|entry| entry["kind"] == "vitals").unwrap();
        assert_eq!(vitals["body"]["items"][0]["value"], "36.8");
        let id = photo["body"]["blob"]["id"].as_str().unwrap().parse().unwrap();
        let entry = photo["id"].as_str().unwrap().parse().unwrap();
        let jpeg = std::thread::scope(|s| s.spawn(|| doctor.open_picture(&id, entry).unwrap()).join().unwrap());
        assert!(jpeg.starts_with(&[0xff, 0xd8, 0xff]));
        assert!(!jpeg.windows(10).any(|part| part == b"MEGURI-EXI"), "the camera's remarks were taken off");
        window.sees("すべて送った").await;
        window.close().await;
    });
    assert!(
        files(&folders.all) > 0,
        "the web view writes below the folders it was given, so the search means something"
    );
    assert_eq!(found(&folders.all), Vec::<String>::new());
    assert_eq!(found(&profile), Vec::<String>::new());
    nothing_is_missed(&folders.all.join("control"));
}

/// The search finds each of the words and a picture where they do lie open.
fn nothing_is_missed(control: &Path) {
    std::fs::create_dir_all(control).unwrap();
    camera_file(&control.join("picture"));
    let words: Vec<u8> = needles().concat();
    std::fs::write(control.join("words"), words).unwrap();
    let all = found(control);
    assert!(all.len() > needles().len(), "{all:?}");
}

#[test]
#[ignore = "needs a display and WebKitWebDriver; make test runs it"]
fn a_busy_profile_is_a_sentence_and_an_undriven_window_writes_nothing() {
    let outside = tempfile::tempdir().unwrap();
    let profile = outside.path().join("profile");
    let other = hold(&profile);
    let folders = Folders::new(&outside.path().join("web"));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let window = Driven::open(&folders, &profile, Path::new("/nowhere.jpg")).await;
        window.sees("別のMeguriがこの記録を開いています").await;
        window.shot("busy").await;
        std::thread::spawn(move || drop(other)).join().unwrap();
        window.press("もう一度").await;
        window.sees("この端末で始める").await;
        window.shot("begin").await;
        window.close().await;
    });
    let folders = Folders::new(&outside.path().join("undriven"));
    let mut window = driver::undriven(&folders, &profile);
    let begun = Instant::now();
    while !profile.join("lock").exists() || begun.elapsed() < Duration::from_secs(3) {
        assert!(window.try_wait().unwrap().is_none(), "the window stays");
        assert!(begun.elapsed() < WAIT);
        std::thread::sleep(Duration::from_millis(50));
    }
    window.kill().unwrap();
    window.wait().unwrap();
    assert_eq!(driver::kept(&folders), Vec::<String>::new());
}
