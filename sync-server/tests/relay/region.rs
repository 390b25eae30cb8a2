//! An invented region for tests: a directory, two facilities, one chart, and
//! devices that sign requests. Everything is made with wire's public API.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::Body as HttpBody;
use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use meguri_relay::keys::Keys;
use meguri_relay::store::sqlite::{SqliteLimits, SqliteStore};
use meguri_relay::{App, Settings};
use meguri_wire::api::*;
use meguri_wire::cbor::Cbor;
use meguri_wire::control::{Body, *};
use meguri_wire::feed::TeamState;
use meguri_wire::ids::{device_id, key_id};
use meguri_wire::request::{Parts, sign_request};
use meguri_wire::sign::{Ed25519Signer, Signer};
use meguri_wire::*;
use tower::ServiceExt;

pub const AUTHORITY: &str = "relay.example";
pub const SETUP: &str = "ABCDE-ABCDE-ABCDE-ABCDE";
pub const KEYS: Keys = Keys { signing_seed: [9; 32], nonce_key: [8; 32] };

pub fn bytes_of(seed: u8, length: usize) -> Vec<u8> {
    (0..length).map(|at| seed.wrapping_add((at % 251) as u8)).collect()
}

pub fn beside(recipient: [u8; 16], bytes: Vec<u8>) -> Attachment {
    Attachment { recipient, bytes }
}

/// A device with its chain of items in one feed.
pub struct Device {
    pub signer: Ed25519Signer,
    pub id: DeviceId,
    pub seed: u8,
    pub dseq: u64,
    pub last: Option<FrameId>,
}

impl Device {
    pub fn of(team: &TeamId, seed: u8) -> Self {
        let signer = Ed25519Signer::own_id(&[seed; 32]).unwrap();
        let id = device_id(team, &signer.public_key(), &kem_hash(seed));
        Self { signer: signer.as_device(id), id, seed, dseq: 0, last: None }
    }

    /// The next item, to be changed and signed.
    pub fn make_item(&self, feed: FeedId, epoch: u64, body: &[u8], blobs: Vec<BlobId>) -> Item {
        Item {
            feed,
            class: 0,
            doc: Some(ids::doc_id(&feed, "core")),
            dseq: self.dseq + 1,
            prev_item_hash: self.last,
            epoch,
            seen: Seen::nothing(),
            blob_ids: blobs,
            salt: [(self.dseq as u8).wrapping_add(1); 32],
            ciphertext: body.to_vec(),
        }
    }

    pub fn sign_item(&mut self, item: Item) -> Frame {
        let frame = item.sign(&self.signer).unwrap();
        (self.dseq, self.last) = (item.dseq, Some(frame.id));
        frame
    }

    pub fn item_with(&mut self, feed: FeedId, epoch: u64, body: &[u8], blobs: Vec<BlobId>) -> Frame {
        self.sign_item(self.make_item(feed, epoch, body, blobs))
    }

    pub fn item(&mut self, feed: FeedId, body: &[u8]) -> Frame {
        self.item_with(feed, 1, body, Vec::new())
    }
}

pub fn kem(seed: u8) -> Vec<u8> {
    bytes_of(seed, 1216)
}
pub fn kem_hash(seed: u8) -> Hash {
    Hash::of(&kem(seed))
}
pub fn keys_of(seed: u8) -> DeviceKeys {
    let signer = Ed25519Signer::own_id(&[seed; 32]).unwrap();
    DeviceKeys { signing_key: signer.public_key(), kem_key_hash: kem_hash(seed) }
}

/// A team as its devices know it.
pub struct Team {
    pub state: TeamState,
    pub genesis: Frame,
    pub beside: Vec<Attachment>,
    pub first: u8,
}

impl Team {
    pub fn make(seed: u8, team_kind: TeamKind) -> Self {
        let keys = keys_of(seed);
        let recipient = key_id(&keys.signing_key).0;
        let envelope = bytes_of(seed, 100);
        let body = TeamGenesis {
            nonce: [seed; 16],
            team_kind,
            staff: StaffId([seed; 16]),
            name: vec![1],
            keys,
            generation: Generation {
                gen_no: 1,
                public_key: vec![seed; 1216],
                previous: Vec::new(),
                envelopes: vec![Envelope { recipient, hash: Hash::of(&envelope) }],
            },
        };
        let signer = Ed25519Signer::own_id(&[seed; 32]).unwrap();
        let genesis = first(body).sign(&signer).unwrap();
        let state = TeamState::begin(&genesis).unwrap();
        let beside = vec![beside(recipient, envelope), beside(recipient, kem(seed))];
        Self { state, genesis, beside, first: seed }
    }

    pub fn id(&self) -> TeamId {
        self.state.id()
    }
    pub fn device(&self) -> Device {
        Device::of(&self.id(), self.first)
    }

    /// Signs the next control with the first device and applies it.
    pub fn control(&mut self, body: impl Into<Body>) -> Frame {
        let control = Control {
            feed: Some(self.id()),
            cseq: self.state.tip() + 1,
            prev_hash: self.state.hashes.last().copied(),
            body: body.into(),
        };
        let frame = control.sign(&self.device().signer).unwrap();
        let step = self.state.check(&frame).unwrap();
        self.state.apply(step);
        frame
    }

    pub fn add_device(&mut self, seed: u8) -> (PushFrame, Device) {
        let envelope = bytes_of(seed, 90);
        let staff = StaffId([self.first; 16]);
        let body = AddDevice { staff, role: DeviceRole::Member, keys: keys_of(seed), envelope: Hash::of(&envelope) };
        let device = Device::of(&self.id(), seed);
        let attachments = vec![beside(device.id.0, envelope), beside(device.id.0, kem(seed))];
        let frame = self.control(body);
        (PushFrame { frame: frame.raw, attachments }, device)
    }

    pub fn remove_device(&mut self, device: DeviceId, reason: RemoveReason) -> PushFrame {
        let mut recipients = self.state.recipients();
        recipients.remove(&device.0);
        let envelope = |recipient: &[u8; 16]| bytes_of(recipient[0], 77);
        let generation = Generation {
            gen_no: self.state.generations.len() as u64 + 1,
            public_key: vec![7; 1216],
            previous: vec![0; 48],
            envelopes: recipients.iter().map(|r| Envelope { recipient: *r, hash: Hash::of(&envelope(r)) }).collect(),
        };
        let attachments = recipients.iter().map(|r| beside(*r, envelope(r))).collect();
        let frame = self.control(RemoveDevice { device, reason, generation });
        PushFrame { frame: frame.raw, attachments }
    }
}

pub fn first(body: impl Into<Body>) -> Control {
    Control { feed: None, cseq: 1, prev_hash: None, body: body.into() }
}

/// A chart as its managers know it.
pub struct Chart {
    pub hashes: Vec<FrameId>,
}

impl Chart {
    pub fn id(&self) -> SpaceId {
        self.hashes[0].feed()
    }
    pub fn control(&mut self, signer: &dyn Signer, body: impl Into<Body>) -> Frame {
        let control = Control {
            feed: Some(self.id()),
            cseq: self.hashes.len() as u64 + 1,
            prev_hash: self.hashes.last().copied(),
            body: body.into(),
        };
        let frame = control.sign(signer).unwrap();
        self.hashes.push(frame.id);
        frame
    }
}

pub fn chart_of(team: &Team, nonce: u8) -> (Chart, Frame) {
    let body =
        SpaceGenesis { nonce: [nonce; 16], space_kind: SpaceKind::Chart, team: team.id(), head: team.state.head() };
    let frame = first(body).sign(&team.device().signer).unwrap();
    (Chart { hashes: vec![frame.id] }, frame)
}

/// The next Epoch, sealed to teams, with its envelopes.
pub fn epoch_of(chart: &mut Chart, n: u64, signer: &dyn Signer, teams: &[&Team]) -> PushFrame {
    let mut teams: Vec<&&Team> = teams.iter().collect();
    teams.sort_by_key(|team| team.id());
    let envelope = |team: &Team| bytes_of(team.first.wrapping_add(n as u8), 64);
    let body = Epoch {
        n,
        kcv: [n as u8; 32],
        heads: teams.iter().map(|team| team.state.head()).collect(),
        recipients: teams
            .iter()
            .map(|team| Envelope { recipient: team.id().0, hash: Hash::of(&envelope(team)) })
            .collect(),
        wrapped: (1..n).rev().take(1).map(|m| Wrapped { m, sealed: [0; 48] }).collect(),
    };
    let attachments = teams.iter().map(|team| beside(team.id().0, envelope(team))).collect();
    PushFrame { frame: chart.control(signer, body).raw, attachments }
}

pub fn plain(frame: Frame) -> PushFrame {
    PushFrame { frame: frame.raw, attachments: Vec::new() }
}

/// A relay with the region in it.
pub struct Region {
    pub folder: tempfile::TempDir,
    pub app: Arc<App>,
    pub router: Router,
    pub now: Arc<AtomicU64>,
    pub alice: Device,
    pub bob: Device,
    pub nursing: Team,
    pub clinic: Team,
    pub chart: Chart,
}

pub fn directory(teams: &[&Team]) -> Vec<Frame> {
    let root = Ed25519Signer::own_id(&[1; 32]).unwrap();
    let genesis = DirectoryGenesis {
        nonce: [1; 16],
        name: "Example region".into(),
        threshold: 1,
        roots: vec![root.public_key()],
    };
    let mut frames = vec![first(genesis).sign_directory(&[&root]).unwrap()];
    for team in teams {
        let body = AddFacility {
            name: "Example facility".into(),
            code: String::new(),
            facility_type: FacilityType::VisitingNursing,
            team: team.state.genesis(),
        };
        let control = Control {
            feed: Some(frames[0].feed()),
            cseq: frames.len() as u64 + 1,
            prev_hash: frames.last().map(|f| f.id),
            body: body.into(),
        };
        frames.push(control.sign_directory(&[&root]).unwrap());
    }
    frames
}

pub async fn open(folder: &std::path::Path, now: Arc<AtomicU64>, settings: Settings, pages_max: u32) -> Arc<App> {
    let store = SqliteStore::open(folder, SqliteLimits { pages_max }).unwrap();
    let clock = Arc::new(move || now.load(Ordering::Relaxed));
    App::open(Arc::new(store), folder, &KEYS, settings, clock).await.unwrap()
}

pub fn settings() -> Settings {
    Settings { authority: AUTHORITY.into(), ..Settings::default() }
}

pub fn make_folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let plain: String = SETUP.chars().filter(char::is_ascii_alphanumeric).collect();
    SqliteStore::create(folder.path(), StoreId([5; 16]), Some(Hash::of(plain.as_bytes())), 1).unwrap();
    KEYS.write(folder.path()).unwrap();
    folder
}

impl Region {
    pub async fn make() -> Self {
        Self::with(settings(), 0).await
    }

    pub async fn with(settings: Settings, pages_max: u32) -> Self {
        let folder = make_folder();
        let now = Arc::new(AtomicU64::new(1_800_000_000_000));
        let app = open(folder.path(), now.clone(), settings, pages_max).await;
        let router = meguri_relay::app(app.clone());
        let nursing = Team::make(20, TeamKind::Facility);
        let clinic = Team::make(30, TeamKind::Facility);
        let (alice, bob) = (nursing.device(), clinic.device());
        let (chart, genesis) = chart_of(&nursing, 3);
        let mut region = Self { folder, app, router, now, alice, bob, nursing, clinic, chart };
        let mut records = directory(&[&region.nursing, &region.clinic]).into_iter();
        region.app.bring_in(records.next().unwrap().raw).await.unwrap();
        region.begin_with_code().await;
        let listing = records.next().unwrap();
        region.app.bring_in(listing.raw).await.unwrap();
        let clinic = PushFrame { frame: region.clinic.genesis.raw.clone(), attachments: region.clinic.beside.clone() };
        region.accepted(&region.alice, vec![clinic]).await;
        let listing = records.next().unwrap();
        region.app.bring_in(listing.raw.clone()).await.unwrap();
        let mut frames = vec![plain(genesis)];
        frames.push(epoch_of(&mut region.chart, 1, &region.alice.signer, &[&region.nursing]));
        frames.push(region.add_clinic(&listing));
        region.accepted(&region.alice, frames).await;
        region
    }

    async fn begin_with_code(&self) {
        let frames =
            vec![PushFrame { frame: self.nursing.genesis.raw.clone(), attachments: self.nursing.beside.clone() }];
        let body = PushRequest { frames }.to_bytes();
        let mut request = self.request(&self.alice, "POST", "/v1/push", Some(body)).await;
        request.headers_mut().insert(HEADER_SETUP, "WRONG".parse().unwrap());
        let body = request.body().clone();
        assert_eq!(self.send_raw(clone_of(&request, body.clone())).await.0, StatusCode::FORBIDDEN);
        request.headers_mut().insert(HEADER_SETUP, SETUP.parse().unwrap());
        let (status, _, reply) = self.send_raw(clone_of(&request, body)).await;
        assert_eq!(status, StatusCode::OK);
        let reply = PushReply::from_bytes(&reply).unwrap();
        assert!(matches!(reply.results[0], PushResult::Accepted { ssn: 1, .. }), "{reply:?}");
    }

    pub fn add_clinic(&mut self, listing: &Frame) -> PushFrame {
        let envelope = bytes_of(99, 64);
        let mut heads = vec![self.nursing.state.head(), self.clinic.state.head()];
        heads.sort_by_key(|head| head.team.feed());
        let body = AddMember {
            team: self.clinic.id(),
            role: Role::Writer,
            heads,
            listing: Some(Listing { cseq: 3, hash: listing.id }),
            envelope: Hash::of(&envelope),
            expires: None,
        };
        let frame = self.chart.control(&self.alice.signer, body);
        PushFrame { frame: frame.raw, attachments: vec![beside(self.clinic.id().0, envelope)] }
    }

    pub async fn nonce(&self) -> String {
        let request = Request::get("/v1/info").body(Bytes::new()).unwrap();
        Info::from_bytes(&self.send_raw(request).await.2).unwrap().nonce
    }

    pub async fn request(&self, by: &Device, method: &str, target: &str, body: Option<Vec<u8>>) -> Request<Bytes> {
        let nonce = self.nonce().await;
        signed(by, method, target, body, &nonce)
    }

    pub async fn send_raw(&self, request: Request<Bytes>) -> (StatusCode, HeaderMap, Bytes) {
        let reply = self.router.clone().oneshot(request.map(HttpBody::from)).await.unwrap();
        let (status, headers) = (reply.status(), reply.headers().clone());
        (status, headers, reply.into_body().collect().await.unwrap().to_bytes())
    }

    pub async fn send(
        &self,
        by: &Device,
        method: &str,
        target: &str,
        body: Option<Vec<u8>>,
    ) -> (StatusCode, HeaderMap, Bytes) {
        let request = self.request(by, method, target, body).await;
        self.send_raw(request).await
    }

    pub async fn refused(&self, by: &Device, method: &str, target: &str, body: Option<Vec<u8>>) -> (StatusCode, Code) {
        let (status, _, reply) = self.send(by, method, target, body).await;
        let error = ErrorBody::from_bytes(&reply).unwrap_or_else(|_| panic!("{status} is no refusal"));
        (status, error.code)
    }

    pub async fn push(&self, by: &Device, frames: Vec<PushFrame>) -> PushReply {
        let body = PushRequest { frames }.to_bytes();
        let (status, _, reply) = self.send(by, "POST", "/v1/push", Some(body)).await;
        assert_eq!(status, StatusCode::OK, "{:?}", ErrorBody::from_bytes(&reply));
        PushReply::from_bytes(&reply).unwrap()
    }

    pub async fn accepted(&self, by: &Device, frames: Vec<PushFrame>) {
        let reply = self.push(by, frames).await;
        let all = reply.results.iter().all(|r| matches!(r, PushResult::Accepted { .. }));
        assert!(all, "{:?}", reply.results);
    }

    pub async fn codes(&self, by: &Device, frames: Vec<PushFrame>) -> Vec<String> {
        let said = |result: &PushResult| match result {
            PushResult::Accepted { ssn, .. } => format!("ssn {ssn}"),
            PushResult::Quarantined => "late".into(),
            PushResult::Refused(error) => error.code.text().into(),
            PushResult::Skipped => "skipped".into(),
        };
        self.push(by, frames).await.results.iter().map(said).collect()
    }

    pub async fn pull(&self, by: &Device, feed: FeedId) -> Vec<PullRecord> {
        let feeds = vec![PullFeed { feed, after_ssn: 0, kind: PullKind::All }];
        let body = PullRequest { feeds, bytes_max: 1 << 20 }.to_bytes();
        let (status, _, reply) = self.send(by, "POST", "/v1/pull", Some(body)).await;
        assert_eq!(status, StatusCode::OK, "{:?}", ErrorBody::from_bytes(&reply));
        let mut buffer = PullBuffer::default();
        buffer.push(&reply);
        std::iter::from_fn(|| buffer.next_record().unwrap()).collect()
    }
}

pub fn clone_of(request: &Request<Bytes>, body: Bytes) -> Request<Bytes> {
    let mut copy = Request::new(body);
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.headers_mut() = request.headers().clone();
    copy
}

pub fn signed(by: &Device, method: &str, target: &str, body: Option<Vec<u8>>, nonce: &str) -> Request<Bytes> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let parts = Parts { method, authority: AUTHORITY, path, query, body: body.as_deref() };
    let headers = sign_request(&by.signer, &parts, nonce);
    let mut request = Request::builder()
        .method(method)
        .uri(target)
        .header("signature-input", headers.input)
        .header("signature", headers.signature);
    if let Some(digest) = headers.digest {
        request = request.header("content-digest", digest);
    }
    request.body(Bytes::from(body.unwrap_or_default())).unwrap()
}
