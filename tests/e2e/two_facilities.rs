//! Vitals and a note go from a station's profile to a clinic's through a real
//! relay on loopback, and no folder holds a word of them in clear.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a failing test may panic")]

use meguri_commands::{call, profile};
use meguri_device::Device;
use meguri_device::device::{Founding, Outside};
use meguri_device::env::{Env, SystemEnv};
use meguri_device::keystore::NoKeystore;
use meguri_device::net::HttpNet;
use meguri_relay::keys::Keys;
use meguri_relay::operate::{init, system_clock};
use meguri_relay::store::sqlite::{SqliteLimits, SqliteStore};
use meguri_relay::{App, Settings};
use meguri_wire::control::{AddFacility, DirectoryGenesis, FacilityType};
use meguri_wire::sign::{Ed25519Signer, Signer};
use meguri_wire::{Control, Frame, FrameId};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;

const PASSPHRASE: &str = "yuki to sumire no michi";
const SECRETS: &[&str] = &["榎本", "エノモト", "夜、横になると苦しい", "下腿浮腫", "佐久間", PASSPHRASE];

struct Region {
    root: Ed25519Signer,
    last: Frame,
    count: u64,
}

impl Region {
    fn begin() -> Region {
        let root = Ed25519Signer::own_id(&[7; 32]).unwrap();
        let body = DirectoryGenesis {
            nonce: [1; 16],
            name: "試験地域".to_owned(),
            threshold: 1,
            roots: vec![root.public_key()],
        };
        let last =
            Control { feed: None, cseq: 1, prev_hash: None, body: body.into() }.sign_directory(&[&root]).unwrap();
        Region { root, last, count: 1 }
    }

    fn list(&mut self, name: &str, team: FrameId) -> Vec<u8> {
        self.count += 1;
        let body = AddFacility { name: name.to_owned(), code: String::new(), facility_type: FacilityType::Other, team };
        let feed = self.last.feed();
        let control = Control { feed: Some(feed), cseq: self.count, prev_hash: Some(self.last.id), body: body.into() };
        self.last = control.sign_directory(&[&self.root]).unwrap();
        self.last.raw.clone()
    }
}

fn device(folder: &Path) -> Device {
    let outside = Outside {
        env: Arc::new(SystemEnv),
        net: Arc::new(HttpNet::new(None).unwrap()),
        keystore: Arc::new(NoKeystore),
    };
    let device = Device::hold(folder, outside).unwrap();
    ask(&device, "profile.create", json!({"passphrase": PASSPHRASE}));
    device
}

fn ask(device: &Device, name: &str, req: Value) -> Value {
    call(device, name, req).unwrap_or_else(|failure| panic!("{name}: {:?}", failure.body()))
}

fn founding(url: &str, code: &str, name: &str, profession: &str) -> Founding {
    Founding {
        relay_url: url.to_owned(),
        setup_code: code.to_owned(),
        name: name.to_owned(),
        profession: profession.to_owned(),
    }
}

fn write_visit(nurse: &Device, patient: &str) {
    let visit = uuid_text(nurse);
    let vitals = json!({"items": [{"key": "temp", "value": "36.6"}, {"key": "pulse", "value": "92"}]});
    let note = json!({"s": "夜、横になると苦しい。", "o": "下腿浮腫 増強。", "a": "", "p": ""});
    let mut drafts = Vec::new();
    let mut accepted = Vec::new();
    for (kind, body) in [("vitals", vitals), ("note", note)] {
        let saved =
            ask(nurse, "draft.save", json!({"patientId": patient, "visitId": visit, "kind": kind, "body": body}));
        for finding in saved["findings"].as_array().unwrap() {
            accepted.push(json!({"draftId": saved["id"], "code": finding["code"], "field": finding["field"]}));
        }
        drafts.push(saved["id"].clone());
    }
    let at = json!({"ms": SystemEnv.now_ms(), "zoneMin": 540});
    ask(nurse, "entry.confirm", json!({"patientId": patient, "draftIds": drafts, "at": at, "accepted": accepted}));
}

fn uuid_text(device: &Device) -> String {
    meguri_commands::host::new_id(device).to_string()
}

fn sync(device: &Device) -> Value {
    ask(device, "sync.now", json!({}))
}

/// Which of the words stand in clear in a file below `folder`, and where.
fn in_clear(folder: &Path, words: &[&str]) -> Vec<String> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        if entry.path().is_dir() {
            out.extend(in_clear(&entry.path(), words));
            continue;
        }
        let bytes = std::fs::read(entry.path()).unwrap();
        let holds = |word: &&&str| bytes.windows(word.len()).any(|w| w == word.as_bytes());
        out.extend(words.iter().filter(holds).map(|word| format!("{word} in {}", entry.path().display())));
    }
    out
}

#[test]
fn an_offline_visit_reaches_the_clinic_and_nothing_lies_open() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let mut region = Region::begin();
    std::fs::write(at("genesis"), &region.last.raw).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let made = runtime.block_on(init::init(&at("relay"), Some(&at("genesis")))).unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let authority = listener.local_addr().unwrap().to_string();
    let url = format!("http://{authority}");
    let app = runtime.block_on(async {
        let store = Arc::new(SqliteStore::open(&at("relay"), SqliteLimits::default()).unwrap());
        let keys = Keys::read(&at("relay")).unwrap();
        let settings = Settings { authority: authority.clone(), ..Settings::default() };
        App::open(store, &at("relay"), &keys, settings, system_clock()).await.unwrap()
    });
    let router = meguri_relay::app(app.clone());
    runtime.spawn(async move { axum::serve(listener, router).await });

    let nurse = device(&at("nurse"));
    let station = nurse.found_team(&founding(&url, &made.setup_code, "佐久間 灯子", "nurse"), None).unwrap();
    runtime.block_on(app.bring_in(region.list("訪問看護ステーション", station))).unwrap_or_else(|_| panic!("listing"));
    let doctor = device(&at("doctor"));
    let clinic = doctor.found_team(&founding(&url, "", "遠野 圭吾", "physician"), Some(&nurse)).unwrap();
    runtime.block_on(app.bring_in(region.list("診療所", clinic))).unwrap_or_else(|_| panic!("listing"));
    sync(&nurse);
    sync(&doctor);

    nurse.set_circle(&[clinic.feed()]).unwrap();
    let identity = json!({"name": {"family": "榎本", "given": "スミ"}, "kana": {"family": "エノモト", "given": "スミ"}, "birthDate": "1938-04-12", "sex": "female"});
    let made = ask(&nurse, "patient.register", json!({"identity": identity, "acceptSimilar": false}));
    let patient = made["patientId"].as_str().unwrap().to_owned();
    write_visit(&nurse, &patient);
    assert_eq!(
        ask(&nurse, "chart.timeline", json!({"patientId": patient}))["entries"][0]["delivery"]["state"],
        "only-here"
    );

    for _ in 0..3 {
        sync(&nurse);
        sync(&doctor);
    }
    let read = ask(&doctor, "chart.timeline", json!({"patientId": patient}));
    assert_eq!(read["entries"].as_array().unwrap().len(), 2);
    assert_eq!(read["entries"][0]["author"]["name"], "佐久間 灯子");
    assert_eq!(sync(&nurse)["state"], "up-to-date");
    let _: profile::status::Res = serde_json::from_value(ask(&doctor, "profile.status", json!({}))).unwrap();
    assert_eq!(in_clear(folder.path(), SECRETS), Vec::<String>::new());
    assert!(!in_clear(folder.path(), &["試験地域"]).is_empty(), "public words are found, so the search works");
}
