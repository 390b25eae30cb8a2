//! Two of the app's own windows, driven as people would: a nurse records vitals, a note and a picture while there is no
//! relay; when it is back, the window of a colleague at another facility shows them by itself. Then what the web views
//! wrote to disk is searched for them.
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
use serde_json::json;
use std::path::Path;
use std::time::{Duration, Instant};

const WAIT: Duration = Duration::from_secs(20);
const NOTE: &str = "夜は楽に眠れた";
/// What nobody may find outside the profile.
const SECRETS: [&str; 7] = ["榎本", "エノモト", "佐久間", NOTE, "仙骨部のひとこと", "MEGURI-EXIF-PLACE", PASSPHRASE];
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

fn unlock(window: &Driven) {
    window.type_into("input[type=password]", PASSPHRASE);
    window.press("開く");
    window.sees("訪問");
}

fn open_chart(window: &Driven, patient: &str) {
    window.follow("/patients");
    window.type_into("input[type=search]", "えのもと");
    window.follow(&format!("/patients/{patient}"));
    window.sees("榎本 スミ");
}

/// Who knows that the network is back need not wait for the device to find out.
fn try_now(window: &Driven) {
    window.follow("/sync");
    window.press("今すぐつなぐ");
}

fn write_visit(window: &Driven, patient: &str) {
    window.follow(&format!("/patients/{patient}/visit"));
    window.type_into("input[aria-label='体温 ℃']", "36.8");
    window.type_into("input[aria-label='脈拍 /分']", "72");
    window.shot("visit-vitals");
    window.step("記録");
    window.type_into("textarea", NOTE);
    window.step("写真");
    window.shows("img[alt='カメラの映像']");
    window.shot("visit-camera");
    window.click("button[aria-label='撮る']");
    window.sees("写真はこの端末に残りました");
    window.type_into("input[maxlength='500']", "仙骨部のひとこと");
    window.shot("visit-photo");
    window.step("確認");
    window.shot("visit-confirm");
    window.press("確定してこの端末に保存する");
    window.shows("img[src^='meguri:']");
    window.sees("36.8");
}

/// A screen that throws says so, and what helps to find the cause is a file.
fn stop_a_screen(window: &Driven, folders: &Folders) {
    window.break_times("a[href='/sync']");
    window.sees("画面が止まりました");
    window.press("調べるための情報を書き出す");
    let file = folders.all.join("home/meguri-diagnostics.txt");
    window.sees(&file.display().to_string());
    window.shot("stopped");
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains("TypeError") && text.contains("schema"), "{text}");
    window.press("開きなおす");
    window.sees("訪問");
}

/// The picture that the colleague keeps.
fn kept_picture(device: &Device, patient: &str) -> Vec<u8> {
    let page = ask(device, "chart.timeline", json!({"patientId": patient}));
    let entries = page["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 3);
    let of = |kind: &str| entries.iter().find(|entry| entry["kind"] == kind).unwrap();
    assert_eq!(of("vitals")["body"]["items"][0]["value"], "36.8");
    let photo = of("photo");
    let id = photo["body"]["blob"]["id"].as_str().unwrap().parse().unwrap();
    device.open_picture(&id, photo["id"].as_str().unwrap().parse().unwrap()).unwrap()
}

#[test]
#[ignore = "needs a display and WebKitWebDriver; make test runs it"]
fn a_visit_without_a_relay_reaches_the_window_beside_it_and_the_web_views_keep_nothing() {
    let outside = tempfile::tempdir().unwrap();
    let mut region = Region::begin(outside.path());
    let (nurse, _) = region.facility("しおかぜ訪問看護", "佐久間 灯子", "nurse", None);
    let (doctor, clinic) = region.facility("遠野医院", "遠野 圭吾", "physician", Some(&nurse));
    for device in [&nurse, &doctor] {
        ask(device, "sync.now", json!({}));
    }
    nurse.set_circle(&[clinic]).unwrap();
    let patient = &region::register(&nurse);
    for device in [&nurse, &doctor] {
        ask(device, "sync.now", json!({}));
        device.lock(true).unwrap();
    }
    drop((nurse, doctor));

    let camera = outside.path().join("camera.jpg");
    camera_file(&camera);
    let folders = Folders::new(&outside.path().join("web"));
    let window = |who: &str| Driven::open(&folders, &outside.path().join(who), &camera);
    let (nurse, doctor) = (window("nurse"), window("physician"));
    nurse.shot("lock");
    assert_eq!(nurse.title(), "Meguri", "no name of a patient stands outside the pages");
    unlock(&nurse);
    nurse.shot("today");
    assert_ne!(nurse.style("--mantine-scale"), "", "styles made by script are let in");
    unlock(&doctor);
    for window in [&nurse, &doctor] {
        open_chart(window, patient);
    }
    nurse.shot("chart-empty");

    region.stop();
    write_visit(&nurse, patient);
    nurse.sees("未送信・この端末だけ");
    nurse.shot("chart-unsent");
    assert!(!doctor.reads("36.8"), "nothing can have come");
    doctor.shot("physician-empty");
    region.start();
    let begun = Instant::now();
    try_now(&doctor);
    open_chart(&doctor, patient);
    try_now(&nurse);
    nurse.sees("すべて送りました");
    println!("{} ms: all is sent", begun.elapsed().as_millis());
    doctor.sees("36.8");
    doctor.sees(NOTE);
    doctor.shows("img[src^='meguri:']");
    println!("{} ms: the colleague reads it", begun.elapsed().as_millis());
    open_chart(&nurse, patient);
    nurse.shot("chart");
    doctor.shot("physician");
    stop_a_screen(&nurse, &folders);
    nurse.close();
    doctor.close();

    let doctor = hold(&outside.path().join("physician"));
    ask(&doctor, "profile.unlock", json!({"passphrase": PASSPHRASE}));
    let jpeg = kept_picture(&doctor, patient);
    assert!(jpeg.starts_with(&[0xff, 0xd8, 0xff]));
    assert!(!jpeg.windows(10).any(|part| part == b"MEGURI-EXI"), "the camera's remarks were taken off");
    drop(doctor);
    assert!(
        files(&folders.all) > 0,
        "the web view writes below the folders it was given, so the search means something"
    );
    for folder in [&folders.all, &outside.path().join("nurse"), &outside.path().join("physician")] {
        assert_eq!(found(folder), Vec::<String>::new());
    }
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
    let window = Driven::open(&folders, &profile, Path::new("/nowhere.jpg"));
    window.sees("別のMeguriがこの記録を開いています");
    window.shot("busy");
    drop(other);
    window.press("もう一度");
    window.sees("この端末で始める");
    window.shot("begin");
    window.close();
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
