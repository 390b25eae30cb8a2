//! A relay on loopback with its directory, and people with real profiles around it.
#![allow(dead_code, reason = "each journey uses its part")]

use meguri_commands::{Code, call};
use meguri_device::Device;
use meguri_device::device::{Founding, Outside};
use meguri_device::env::SystemEnv;
use meguri_device::keystore::NoKeystore;
use meguri_device::net::HttpNet;
use meguri_relay::keys::Keys;
use meguri_relay::operate::{init, system_clock};
use meguri_relay::store::sqlite::{SqliteLimits, SqliteStore};
use meguri_relay::{App, Settings};
use meguri_wire::control::{AddFacility, DirectoryGenesis, FacilityType};
use meguri_wire::sign::{Ed25519Signer, Signer};
use meguri_wire::{Control, Frame, FrameId, TeamId};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Everybody's.
pub const PASSPHRASE: &str = "yuki to sumire no michi";

/// A window that was closed lets go of its profile within this.
pub const LET_GO: Duration = Duration::from_secs(60);

/// A running relay and what its operator keeps.
pub struct Region {
    folder: PathBuf,
    authority: String,
    setup_code: String,
    running: Option<Running>,
    root: Ed25519Signer,
    last: Frame,
    count: u64,
}

/// The relay's process, as far as a test has one: what it serves ends with the runtime.
struct Running {
    runtime: tokio::runtime::Runtime,
    app: Arc<App>,
}

impl Running {
    fn begin(data: &Path, authority: &str) -> Running {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind(authority)).unwrap();
        let settings = Settings { authority: authority.to_owned(), ..Settings::default() };
        let app = runtime.block_on(async {
            let store = Arc::new(SqliteStore::open(data, SqliteLimits::default()).unwrap());
            App::open(store, data, &Keys::read(data).unwrap(), settings, system_clock()).await.unwrap()
        });
        let router = meguri_relay::app(app.clone());
        runtime.spawn(async move { axum::serve(listener, router).await });
        Running { runtime, app }
    }
}

impl Region {
    /// Serves a new relay until it is dropped.
    pub fn begin(folder: &Path) -> Region {
        let root = Ed25519Signer::own_id(&[7; 32]).unwrap();
        let roots = vec![root.public_key()];
        let body = DirectoryGenesis { nonce: [1; 16], name: "試験地域".to_owned(), threshold: 1, roots };
        let last =
            Control { feed: None, cseq: 1, prev_hash: None, body: body.into() }.sign_directory(&[&root]).unwrap();
        let (data, genesis) = (folder.join("relay"), folder.join("genesis"));
        std::fs::write(&genesis, &last.raw).unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let made = runtime.block_on(init::init(&data, Some(&genesis))).unwrap();
        let authority = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let running = Some(Running::begin(&data, &authority));
        let setup_code = made.setup_code;
        Region { folder: folder.to_owned(), authority, setup_code, running, root, last, count: 1 }
    }

    /// The relay is gone, with every line to it.
    pub fn stop(&mut self) {
        let running = self.running.take().unwrap();
        drop(running.app);
        running.runtime.shutdown_timeout(Duration::from_secs(5));
    }

    /// It is back where it was.
    pub fn start(&mut self) {
        self.running = Some(Running::begin(&self.folder.join("relay"), &self.authority));
    }

    /// A facility with its first person; the first one comes by setup code, later ones by a colleague.
    pub fn facility(
        &mut self,
        name: &str,
        person: &str,
        profession: &str,
        sponsor: Option<&Device>,
    ) -> (Device, TeamId) {
        let device = hold(&self.folder.join(profession));
        ask(&device, "profile.create", json!({"passphrase": PASSPHRASE}));
        let founding = Founding {
            relay_url: format!("http://{}", self.authority),
            setup_code: sponsor.map_or(self.setup_code.clone(), |_| String::new()),
            name: person.to_owned(),
            profession: profession.to_owned(),
        };
        let team = device.found_team(&founding, sponsor).unwrap();
        let listed = self.list(name, team);
        let Running { runtime, app } = self.running.as_ref().unwrap();
        runtime.block_on(app.bring_in(listed)).unwrap_or_else(|_| panic!("listing"));
        (device, team.feed())
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

/// The installation of a profile folder. A window that was just closed lets go of it in a moment.
pub fn hold(folder: &Path) -> Device {
    let net = Arc::new(HttpNet::new(None).unwrap());
    let begun = Instant::now();
    loop {
        match Device::hold(
            folder,
            Outside { env: Arc::new(SystemEnv), net: net.clone(), keystore: Arc::new(NoKeystore) },
        ) {
            Err(failure) if failure.code == Code::Busy && begun.elapsed() < LET_GO => {
                std::thread::sleep(Duration::from_millis(20));
            }
            held => return held.unwrap(),
        }
    }
}

/// One command that must succeed.
pub fn ask(device: &Device, name: &str, req: Value) -> Value {
    call(device, name, req).unwrap_or_else(|failure| panic!("{name}: {:?}", failure.body()))
}

/// Registers 榎本 スミ; her id.
pub fn register(device: &Device) -> String {
    let identity = json!({"name": {"family": "榎本", "given": "スミ"}, "kana": {"family": "エノモト", "given": "スミ"}, "birthDate": "1938-04-12", "sex": "female"});
    let made = ask(device, "patient.register", json!({"identity": identity, "acceptSimilar": false}));
    made["patientId"].as_str().unwrap().to_owned()
}

/// Which of the words stand in clear in a file below `folder`, and where.
pub fn in_clear(folder: &Path, words: &[&[u8]]) -> Vec<String> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            out.extend(in_clear(&path, words));
            continue;
        }
        let Ok(bytes) = std::fs::read(&path) else { continue };
        let holds = |word: &&&[u8]| bytes.windows(word.len()).any(|part| part == **word);
        out.extend(
            words.iter().filter(holds).map(|word| format!("{} in {}", String::from_utf8_lossy(word), path.display())),
        );
    }
    out
}
