//! Known plaintext: a visit with a photo goes through the real program and a real relay; then every folder that was
//! written is searched for what it must not hold. Each pattern is first shown to be found where it does lie in clear.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail loudly")]

mod process;

use base64::Engine;
use meguri_testkit::{PASSPHRASE, Region};
use meguri_wire::control::FacilityType;
use process::{call_piped, json_of, meguri};
use serde_json::{Value, json};
use std::io::Cursor;
use std::path::Path;
use std::process::Command;

const WORDS: &[&str] = &[
    "榎本",
    "エノモト",
    "スミ",
    "夜、横になると苦しい",
    "仙骨部の創",
    "佐久間 灯子",
    "Minamihama",
    "MeguriCam 7",
    PASSPHRASE,
];

fn patterns() -> Vec<Vec<u8>> {
    let mut out: Vec<Vec<u8>> = WORDS.iter().map(|word| word.as_bytes().to_vec()).collect();
    // The magic of a JPEG is three bytes, which sealed bytes hold by chance; with the marker after it they hardly do.
    out.extend([0xe0, 0xe1, 0xdb].map(|marker| vec![0xff, 0xd8, 0xff, marker]));
    out.extend([b"Exif\0\0".to_vec(), b"JFIF\0".to_vec(), b"/9j/4".to_vec()]);
    out
}

/// Which patterns stand in a file below the folder, and where.
fn found(folder: &Path, patterns: &[Vec<u8>]) -> Vec<(usize, String)> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        if entry.path().is_dir() {
            out.extend(found(&entry.path(), patterns));
            continue;
        }
        let bytes = std::fs::read(entry.path()).unwrap();
        let holds = |pattern: &Vec<u8>| bytes.windows(pattern.len()).any(|part| part == &pattern[..]);
        let here = patterns.iter().enumerate().filter(|(_, pattern)| holds(pattern));
        out.extend(here.map(|(at, _)| (at, entry.path().display().to_string())));
    }
    out
}

/// A photograph as a camera writes it: who, where and with what stands in its EXIF segment.
fn photograph() -> Vec<u8> {
    let image = image::RgbImage::from_fn(320, 240, |x, y| image::Rgb([(x % 256) as u8, (y % 256) as u8, 120]));
    let mut plain = Cursor::new(Vec::new());
    image.write_to(&mut plain, image::ImageFormat::Jpeg).unwrap();
    let plain = plain.into_inner();
    let exif = b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0MeguriCam 7 GPS 38.727 139.826 Minamihama";
    let mut out = plain[..2].to_vec();
    out.extend([0xff, 0xe1]);
    out.extend(u16::try_from(exif.len() + 2).unwrap().to_be_bytes());
    out.extend(exif);
    out.extend(&plain[2..]);
    out
}

struct Tablet<'a> {
    home: &'a Path,
    profile: &'a Path,
}

impl Tablet<'_> {
    /// Everything a program may write to of its own lies below `home`.
    fn command(&self) -> Command {
        let mut command = meguri(self.profile);
        for (name, folder) in [
            ("HOME", ""),
            ("TMPDIR", "tmp"),
            ("XDG_CACHE_HOME", "cache"),
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_STATE_HOME", "state"),
            ("XDG_RUNTIME_DIR", "run"),
        ] {
            std::fs::create_dir_all(self.home.join(folder)).unwrap();
            command.env(name, self.home.join(folder));
        }
        command.env("RUST_LOG", "trace").env("SQLITE_TMPDIR", self.home.join("tmp"));
        command
    }

    fn ask(&self, name: &str, request: &Value) -> Value {
        json_of(&call_piped(&mut self.command(), name, request))
    }

    fn draft(&self, patient: &Value, kind: &str, body: &Value) -> Value {
        let visit = "01980000-0000-7000-8000-000000000001";
        self.ask("draft.save", &json!({"patientId": patient, "visitId": visit, "kind": kind, "body": body}))["id"]
            .clone()
    }

    /// Registers, measures, writes and photographs; some of it stays a draft.
    fn visit(&self) -> Value {
        let identity = json!({"name": {"family": "榎本", "given": "スミ"}, "kana": {"family": "エノモト", "given": "スミ"}, "birthDate": "1938-04-12", "sex": "female"});
        let made = self.ask("patient.register", &json!({"identity": identity, "acceptSimilar": false}));
        let patient = made["patientId"].clone();
        let base64 = base64::engine::general_purpose::STANDARD.encode(photograph());
        let put = json!({"patientId": patient, "mediaType": "image/jpeg", "base64": base64});
        let mut photo = self.ask("blob.put", &put)["photo"].clone();
        photo["caption"] = json!("仙骨部の創");
        photo["scaleInView"] = json!(false);
        let note = json!({"s": "夜、横になると苦しい。", "o": "", "a": "", "p": ""});
        let drafts = [self.draft(&patient, "note", &note), self.draft(&patient, "photo", &photo)];
        let at = json!({"ms": 1_795_305_600_000_i64, "zoneMin": 540});
        self.ask("entry.confirm", &json!({"patientId": patient, "draftIds": drafts, "at": at, "accepted": []}));
        self.draft(&patient, "note", &note);
        patient
    }
}

#[test]
fn no_folder_holds_a_word_or_a_picture_in_clear() {
    let patterns = patterns();
    let clear = tempfile::tempdir().unwrap();
    std::fs::write(clear.path().join("words"), WORDS.join("\n")).unwrap();
    std::fs::write(clear.path().join("photograph"), photograph()).unwrap();
    let bare: Vec<u8> = [&[0xff, 0xd8, 0xff, 0xdb, 0xff, 0xd8, 0xff, 0xe0], &b"JFIF\0 /9j/4"[..]].concat();
    std::fs::write(clear.path().join("others"), bare).unwrap();
    let control: std::collections::BTreeSet<usize> =
        found(clear.path(), &patterns).into_iter().map(|(at, _)| at).collect();
    assert_eq!(control.len(), patterns.len(), "the search finds every pattern: {control:?}");

    let mut region = Region::new(21);
    let mut nurse = region.facility("しおかぜ訪問看護", FacilityType::VisitingNursing, "佐久間 灯子", "nurse", 0);
    let doctor = region.facility("佐伯内科医院", FacilityType::Clinic, "佐伯 健", "physician", 0);
    nurse.sync();
    doctor.sync();
    nurse.share_with(&[doctor.team()]);
    let front = region.front();
    nurse.lead_to(&front.url());
    let profile = nurse.stop().to_owned();
    let home = region.folder().join("home");
    let tablet = Tablet { home: &home, profile: &profile };
    let patient = tablet.visit();
    for _ in 0..2 {
        json_of(&tablet.command().arg("sync").output().unwrap());
        doctor.sync();
    }
    let sealed = home.join("copy.meguri");
    assert!(tablet.command().arg("export").arg(&sealed).output().unwrap().status.success());
    assert!(tablet.command().arg("doctor").output().unwrap().status.success());
    let read = doctor.timeline(patient.as_str().unwrap());
    assert_eq!(read.len(), 2, "it did arrive");
    let (entry, _, body) = read.iter().find(|(_, kind, _)| kind == "photo").unwrap();
    let blob = body["blob"]["id"].as_str().unwrap().parse().unwrap();
    let jpeg = doctor.device().open_picture(&blob, entry.parse().unwrap()).unwrap();
    assert!(jpeg.starts_with(&[0xff, 0xd8, 0xff]) && !jpeg.windows(4).any(|part| part == b"Exif"));

    let folders: Vec<String> =
        std::fs::read_dir(region.folder()).unwrap().flatten().map(|e| e.file_name().into_string().unwrap()).collect();
    assert!(folders.iter().any(|name| name == "relay") && folders.iter().any(|name| name == "home"), "{folders:?}");
    let named: Vec<_> = found(region.folder(), &patterns)
        .into_iter()
        .map(|(at, path)| format!("{} in {path}", String::from_utf8_lossy(&patterns[at])))
        .collect();
    assert_eq!(named, Vec::<String>::new());
    assert!(!found(region.folder(), &["佐伯内科医院".as_bytes().to_vec()]).is_empty(), "public words do lie there");
}
