//! A region: directory, relay and facilities.

use crate::env::{Dice, VirtualEnv};
use crate::front::Front;
use crate::liar::{Liar, Lie};
use crate::person::Person;
use crate::router_net::RouterNet;
use meguri_commands::Failure;
use meguri_relay::keys::Keys;
use meguri_relay::operate::{backup, init, invite};
use meguri_relay::store::sqlite::{SqliteLimits, SqliteStore};
use meguri_relay::{App, Settings};
use meguri_wire::control::{AddFacility, Body, DirectoryBody, DirectoryGenesis, FacilityType, Relay};
use meguri_wire::sign::{Ed25519Signer, Signer};
use meguri_wire::{Control, FeedId, FrameId, TeamId};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tempfile::TempDir;

/// Every simulated person's passphrase.
pub const PASSPHRASE: &str = "yuki to sumire no michi";
/// The relay's public name.
const AUTHORITY: &str = "relay.test";
/// 2026-11-22 09:00 JST.
const BEGIN_MS: i64 = 1_795_305_600_000;

/// A relay, its directory and the people around it.
pub struct Region {
    folder: TempDir,
    now_ms: Arc<AtomicI64>,
    /// The region's own dice; people get dice of their own.
    pub dice: Dice,
    seed: u64,
    root: Ed25519Signer,
    directory: Option<(FeedId, u64, FrameId)>,
    /// The directory's records as the operator keeps them.
    records: Vec<Vec<u8>>,
    authority: String,
    /// Where the relay keeps everything.
    data: PathBuf,
    store: Arc<SqliteStore>,
    app: Arc<App>,
    /// The relay at the first address, once it has moved.
    left_behind: Option<Arc<App>>,
    runtime: tokio::runtime::Runtime,
    people: u64,
    rekeyed: bool,
}

impl std::fmt::Debug for Region {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Region").field("seed", &self.seed).finish_non_exhaustive()
    }
}

impl Region {
    /// A new region with an empty directory.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self::in_folder(seed, tempfile::tempdir().expect("a folder"))
    }

    /// As [`Region::new`], in memory where the system has a file system there: a disk that is slow to flush shows nothing
    /// about an order of events.
    #[must_use]
    pub fn in_memory(seed: u64) -> Self {
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        Self::in_folder(seed, folder.expect("a folder"))
    }

    fn in_folder(seed: u64, folder: TempDir) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let data = folder.path().join("relay");
        runtime.block_on(init::init(&data, None)).expect("a relay");
        let now_ms = Arc::new(AtomicI64::new(BEGIN_MS));
        let authority = AUTHORITY.to_owned();
        let (store, app) = runtime.block_on(open(&data, &authority, now_ms.clone()));
        let mut key = [7; 32];
        for (to, from) in key.iter_mut().zip(seed.to_le_bytes()) {
            *to = from;
        }
        let root = Ed25519Signer::own_id(&key).expect("a root key");
        let (dice, directory, records) = (Dice::new(seed), None, Vec::new());
        let mut region = Self {
            folder,
            now_ms,
            dice,
            seed,
            root,
            directory,
            records,
            authority,
            data,
            store,
            app,
            left_behind: None,
            runtime,
            people: 0,
            rekeyed: false,
        };
        let roots = vec![region.root.public_key()];
        region.record(DirectoryBody::Genesis(DirectoryGenesis {
            nonce: [1; 16],
            name: "南浜地区".into(),
            threshold: 1,
            roots,
        }));
        let key = region.app.relay_key();
        region.record(DirectoryBody::Relay(Relay { urls: vec![format!("http://{AUTHORITY}")], key }));
        region
    }

    /// A relay on a copy of what an earlier one left, `later_ms` after the beginning of every region's time. The directory
    /// cannot be written on.
    #[must_use]
    pub fn resume(relay: &Path, later_ms: i64) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("relay");
        copy(relay, &data);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let now_ms = Arc::new(AtomicI64::new(BEGIN_MS + later_ms));
        let authority = AUTHORITY.to_owned();
        let (store, app) = runtime.block_on(open(&data, &authority, now_ms.clone()));
        let root = Ed25519Signer::own_id(&[7; 32]).expect("a root key");
        let (dice, directory, records) = (Dice::new(0), None, Vec::new());
        Self {
            folder,
            now_ms,
            dice,
            seed: 0,
            root,
            directory,
            records,
            authority,
            data,
            store,
            app,
            left_behind: None,
            runtime,
            people: 0,
            rekeyed: false,
        }
    }

    /// A person whose profile was kept, on a copy of it.
    pub fn resident(&mut self, profile: &Path) -> Person {
        let (folder, env, net) = self.surroundings(0);
        copy(profile, &folder);
        Person::resume(folder, env, net)
    }

    /// Signs a directory record and brings it in.
    fn record(&mut self, body: DirectoryBody) {
        let control = Control {
            feed: self.directory.map(|(feed, ..)| feed),
            cseq: self.directory.map_or(1, |(_, cseq, _)| cseq + 1),
            prev_hash: self.directory.map(|(.., hash)| hash),
            body: Body::Directory(body),
        };
        let frame = control.sign_directory(&[&self.root]).expect("a directory record");
        self.runtime.block_on(self.app.bring_in(frame.raw.clone())).expect("the relay takes it");
        self.records.push(frame.raw.clone());
        let feed = self.directory.map_or_else(|| frame.id.feed(), |(feed, ..)| feed);
        self.directory = Some((feed, control.cseq, frame.id));
    }

    /// A facility with its first person, listed in the directory.
    pub fn facility(&mut self, name: &str, kind: FacilityType, person: &str, profession: &str, skew_ms: i64) -> Person {
        let (folder, env, net) = self.surroundings(skew_ms);
        let code = self.runtime.block_on(invite::invite_into(self.store.as_ref())).expect("a setup code");
        let (person, team) = Person::found(folder, env, net, &self.url(), &code, person, profession);
        self.record(DirectoryBody::AddFacility(AddFacility {
            name: name.into(),
            code: String::new(),
            facility_type: kind,
            team,
        }));
        person
    }

    /// A nurse's station and a physician's clinic that know each other and share new charts.
    pub fn nurse_and_doctor(&mut self) -> (Person, Person) {
        let nurse = self.facility("しおかぜ訪問看護", FacilityType::VisitingNursing, "小野寺 由美", "nurse", 0);
        let doctor = self.facility("みなと内科", FacilityType::Clinic, "高橋 健", "physician", 0);
        nurse.share_with(&[doctor.team()]);
        for person in [&nurse, &doctor, &nurse] {
            person.sync();
        }
        (nurse, doctor)
    }

    /// A device fresh from the shop.
    pub fn fresh(&mut self) -> Person {
        let (folder, env, net) = self.surroundings(0);
        Person::fresh(folder, env, net)
    }

    /// A further device of the admin's team, for a new person or one more for the admin, enrolled as two people do it.
    pub fn colleague(&mut self, admin: &Person, name: Option<&str>, may_remove: bool) -> Person {
        let newcomer = self.fresh();
        let newcomer = Self::enrol(newcomer, admin, name, may_remove);
        for person in [&newcomer, admin, &newcomer] {
            person.sync();
        }
        newcomer
    }

    /// As [`Region::colleague`], where the admin's device may be one that cannot: it was removed and does not know, or the
    /// relay has forgotten it.
    ///
    /// # Errors
    /// The command's that refused.
    pub fn try_colleague(&mut self, admin: &Person, name: Option<&str>, may_remove: bool) -> Result<Person, Failure> {
        let newcomer = self.fresh();
        Self::try_enrol(newcomer, admin, name, may_remove)
    }

    /// A second installation from a copy of a profile that was made while its process was stopped.
    pub fn twin(&mut self, person: &mut Person, skew_ms: i64) -> Person {
        let (folder, env, net) = self.surroundings(skew_ms);
        copy(person.stop(), &folder);
        person.start();
        let mut twin = Person::resume(folder, env, net);
        twin.belongs();
        twin
    }

    /// A colleague to whom the relay lies from the first moment.
    pub fn lied_to_colleague(&mut self, admin: &Person, name: &str, liar: Liar) -> Person {
        let newcomer = self.fresh();
        newcomer.net().set_liar(Some(liar));
        Self::enrol(newcomer, admin, Some(name), false)
    }

    fn enrol(newcomer: Person, admin: &Person, name: Option<&str>, may_remove: bool) -> Person {
        Self::try_enrol(newcomer, admin, name, may_remove).expect("a colleague comes in")
    }

    fn try_enrol(
        mut newcomer: Person,
        admin: &Person,
        name: Option<&str>,
        may_remove: bool,
    ) -> Result<Person, Failure> {
        let person = name.map(|name| json!({"name": name, "profession": "nurse"}));
        let join = Self::certified(&newcomer, admin, json!({"newStaff": person, "admin": may_remove}))?;
        assert_eq!(newcomer.call("enrol.join", join)?["state"], "done");
        newcomer.belongs();
        Ok(newcomer)
    }

    /// Two people compare digits and the admin signs; what `enrol.join` is asked once more, to take the certificate.
    ///
    /// # Errors
    /// The command's that refused.
    pub fn certified(newcomer: &Person, admin: &Person, offer: Value) -> Result<Value, Failure> {
        let offer = admin.call("enrol.offer", offer)?;
        let join = json!({"codeOrUrl": offer["url"], "passphrase": PASSPHRASE});
        let ask = || admin.call("enrol.offer", json!({"offerId": offer["offerId"]}));
        newcomer.call("enrol.join", join.clone())?;
        ask()?;
        assert_eq!(newcomer.call("enrol.join", join.clone())?["digits"], ask()?["digits"]);
        admin.call("enrol.approve", json!({"offerId": offer["offerId"], "digitsMatch": true}))?;
        Ok(join)
    }

    fn surroundings(&mut self, skew_ms: i64) -> (PathBuf, VirtualEnv, Arc<RouterNet>) {
        self.people += 1;
        let dice = Dice::new(self.seed.wrapping_mul(1009).wrapping_add(self.people));
        let env = VirtualEnv::new(self.now_ms.clone(), skew_ms, dice.clone());
        let net = Arc::new(RouterNet::new(meguri_relay::app(self.app.clone()), dice));
        (self.folder.path().join(format!("person-{}", self.people)), env, net)
    }

    /// A setup code for one more facility.
    #[must_use]
    pub fn setup_code(&self) -> String {
        self.runtime.block_on(invite::invite_into(self.store.as_ref())).expect("a setup code")
    }

    /// A line to the relay of its own.
    #[must_use]
    pub fn line(&self) -> Arc<RouterNet> {
        let first = self.left_behind.as_ref().unwrap_or(&self.app);
        let line = RouterNet::new(meguri_relay::app(first.clone()), self.dice.clone());
        self.reach(&line);
        Arc::new(line)
    }

    /// Leads a line to the relay as it is now.
    fn reach(&self, line: &RouterNet) {
        let router = meguri_relay::app(self.app.clone());
        match self.left_behind {
            Some(_) => line.add_router(&self.url(), router),
            None => line.set_router(router),
        }
    }

    fn url(&self) -> String {
        format!("http://{}", self.authority)
    }

    /// Where the relay is.
    #[must_use]
    pub fn relay_url() -> String {
        format!("http://{AUTHORITY}")
    }

    /// The relay behind a socket, with a line whose weather can be set.
    #[must_use]
    pub fn front(&self) -> Front {
        let dice = Dice::new(self.seed.wrapping_mul(7919));
        Front::open(Arc::new(RouterNet::new(meguri_relay::app(self.app.clone()), dice)))
    }

    /// A relay that was restarted answers at this front too.
    pub fn lead(&self, front: &Front) {
        front.line.set_router(meguri_relay::app(self.app.clone()));
    }

    /// The team of a facility, as charts name it.
    #[must_use]
    pub fn team_id(genesis: &FrameId) -> TeamId {
        genesis.feed()
    }

    /// Time goes on, for everybody.
    pub fn pass_ms(&self, ms: i64) {
        self.now_ms.fetch_add(ms, Ordering::Relaxed);
    }

    /// Everything on disk.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A relay that lies to one device, with the key that signs heads.
    #[must_use]
    pub fn liar(&self, lie: Lie) -> Liar {
        let keys = Keys::read(&self.data).expect("keys");
        Liar::new(lie, Ed25519Signer::own_id(&keys.signing_seed).expect("the relay's key"))
    }

    /// What the nightly backup would keep.
    pub fn back_up(&mut self) -> PathBuf {
        self.people += 1;
        let copy = self.folder.path().join(format!("backup-{}", self.people));
        backup::backup(&self.data, &copy).expect("a backup");
        copy
    }

    /// The relay is lost and made again from a backup, under a new store; people are led to it.
    pub fn restore(&mut self, from: &Path, people: &[&Person]) {
        self.lose();
        let now_ms = u64::try_from(self.now_ms.load(Ordering::Relaxed)).unwrap_or(0);
        backup::restore(from, &self.data, now_ms).expect("restored");
        self.restart_relay(people);
    }

    /// The relay is lost and there is no backup: an empty one is made, with the keys that were kept elsewhere. Nothing but the
    /// directory's number is told to it. Once a key was lost the operator brings the directory too: no device may have met
    /// the record yet that names the new one.
    pub fn wipe(&mut self, people: &[&Person]) {
        let lost = self.lose();
        self.rebuild(Some(&lost));
        self.restart_relay(people);
        if self.rekeyed {
            self.bring_directory();
        }
    }

    fn bring_directory(&self) {
        for record in self.records.clone() {
            self.runtime.block_on(self.app.bring_in(record)).expect("the relay takes it");
        }
    }

    /// As [`Region::wipe`], and the keys are lost too: the operator brings the directory, and the roots name the new key.
    pub fn wipe_with_keys(&mut self, people: &[&Person]) {
        self.lose();
        self.rebuild(None);
        self.restart_relay(people);
        self.bring_directory();
        self.rekeyed = true;
        self.record(DirectoryBody::Relay(Relay { urls: vec![self.url()], key: self.app.relay_key() }));
    }

    fn lose(&mut self) -> PathBuf {
        self.people += 1;
        let lost = self.folder.path().join(format!("lost-{}", self.people));
        std::fs::rename(&self.data, &lost).expect("it is lost");
        lost
    }

    fn rebuild(&self, keys: Option<&Path>) {
        let (directory, ..) = self.directory.expect("a directory");
        let now_ms = u64::try_from(self.now_ms.load(Ordering::Relaxed)).unwrap_or(0);
        init::rebuild(&self.data, directory, keys, now_ms).expect("an empty relay");
    }

    /// The relay moves to another address: its directory says so, a backup of it is restored there. The old one still
    /// answers; nothing that comes to it from now on is at the new one.
    pub fn move_relay(&mut self, authority: &str, people: &[&Person]) {
        let urls = vec![format!("http://{authority}")];
        let key = self.app.relay_key();
        self.record(DirectoryBody::Relay(Relay { urls, key }));
        let backup = self.back_up();
        let data = self.folder.path().join(format!("moved-{}", self.people));
        let now_ms = u64::try_from(self.now_ms.load(Ordering::Relaxed)).unwrap_or(0);
        backup::restore(&backup, &data, now_ms).expect("restored");
        self.authority = authority.to_owned();
        self.left_behind.get_or_insert(self.app.clone());
        self.data = data;
        self.restart_relay(people);
    }

    /// A second relay that goes on from here under the same store and key: what only a relay that lies to one group would do.
    pub fn split(&mut self) -> axum::Router {
        self.people += 1;
        let data = self.folder.path().join(format!("split-{}", self.people));
        backup::backup(&self.data, &data).expect("a copy");
        let opened = open(&data, &self.authority, self.now_ms.clone());
        meguri_relay::app(self.runtime.block_on(opened).1)
    }

    /// The relay stops as if killed and starts again on the same folder; people are led to it.
    pub fn restart_relay(&mut self, people: &[&Person]) {
        let opened = open(&self.data, &self.authority, self.now_ms.clone());
        (self.store, self.app) = self.runtime.block_on(opened);
        people.iter().for_each(|person| self.reach(person.net()));
    }
}

async fn open(data: &Path, authority: &str, now_ms: Arc<AtomicI64>) -> (Arc<SqliteStore>, Arc<App>) {
    let store = Arc::new(SqliteStore::open(data, SqliteLimits::default()).expect("a store"));
    let clock = Arc::new(move || u64::try_from(now_ms.load(Ordering::Relaxed)).unwrap_or(0));
    let settings = Settings { authority: authority.into(), ..Settings::default() };
    let keys = Keys::read(data).expect("keys");
    let app = App::open(store.clone(), data, &keys, settings, clock).await.expect("a relay");
    (store, app)
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").flatten() {
        let there = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &there);
        } else {
            std::fs::copy(entry.path(), there).expect("a copy");
        }
    }
}
