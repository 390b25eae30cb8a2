//! One of many devices that are keys and a connection: it signs its requests, writes and seals its own items, listens
//! for hints of its chart and pulls what they announce. It keeps nothing on disk and opens nothing it receives; the
//! relay cannot tell it from a whole device.

use crate::entries::{Entry, new_id};
use crate::region::{AUTHORITY, Chart};
use futures_util::StreamExt;
use meguri_chart::{Actor, Doc, DocName};
use meguri_seal::{ChangeRecord, DeviceSecrets, Plain, Unsealed, seal_item};
use meguri_wire::api::{
    HEADER_NONCE, Hint, Info, PullBuffer, PullFeed, PullKind, PullRequest, PushFrame, PushReply, PushRequest,
    PushResult,
};
use meguri_wire::cbor::Cbor;
use meguri_wire::frame::CLASS_RECORD;
use meguri_wire::ids::doc_id;
use meguri_wire::request::{HEADER_DIGEST, HEADER_INPUT, HEADER_SIGNATURE, Parts, sign_request};
use meguri_wire::sign::{Ed25519Signer, Signer};
use meguri_wire::{DeviceId, FrameId, Seen, TeamId};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Notify;
use uuid::Uuid;

/// One light device.
pub struct Light {
    client: reqwest::Client,
    base: String,
    signer: Ed25519Signer,
    chart: Chart,
    nonce: Mutex<String>,
    at: AtomicU64,
    hinted: AtomicU64,
    moved: Notify,
    pen: tokio::sync::Mutex<Pen>,
}

/// What writes: its document, and its chain in the feed.
struct Pen {
    year: i32,
    doc: Doc,
    tail: Option<(u64, FrameId)>,
}

impl Light {
    /// Of these secrets, writing into one chart.
    pub fn new(base: &str, team: &TeamId, secrets: &DeviceSecrets, chart: Chart, year: i32) -> Light {
        let doc = Doc::new(chart.space().0, DocName::Log(year)).expect("a document");
        Light {
            client: reqwest::Client::builder().no_proxy().tcp_nodelay(true).build().expect("a client"),
            base: base.to_owned(),
            signer: secrets.signer(team).expect("a signer"),
            chart,
            nonce: Mutex::default(),
            at: AtomicU64::default(),
            hinted: AtomicU64::default(),
            moved: Notify::new(),
            pen: tokio::sync::Mutex::new(Pen { year, doc, tail: None }),
        }
    }

    /// Says hello, takes in what the chart holds and opens the stream of hints.
    pub async fn begin(&self) -> reqwest::Response {
        let response = self.client.get(format!("{}/v1/info", self.base)).send().await.expect("a relay");
        let info = Info::from_bytes(&response.bytes().await.expect("a body")).expect("a relay");
        *self.nonce.lock().expect("a nonce") = info.nonce;
        self.pull().await;
        let events = self.ask("GET", "/v1/events", &format!("feeds={}", self.chart.space), None).await;
        assert_eq!(events.status(), 200, "hints");
        events
    }

    /// Reads hints until the stream ends.
    pub async fn listen(&self, events: reqwest::Response) {
        let mut stream = events.bytes_stream();
        let mut text = String::new();
        while let Some(Ok(part)) = stream.next().await {
            text.push_str(&String::from_utf8_lossy(&part));
            while let Some((line, rest)) = text.split_once('\n') {
                if let Some(Ok(hint)) = line.strip_prefix("data:").map(|data| data.trim().parse::<Hint>()) {
                    self.hinted.fetch_max(hint.ssn, Ordering::Relaxed);
                    self.moved.notify_one();
                }
                text = rest.to_owned();
            }
        }
    }

    /// Pulls whatever hints announce, for ever.
    pub async fn follow(&self) {
        loop {
            self.moved.notified().await;
            if self.hinted.load(Ordering::Relaxed) > self.at.load(Ordering::Relaxed) {
                self.pull().await;
            }
        }
    }

    async fn pull(&self) {
        let feed =
            PullFeed { feed: self.chart.space(), after_ssn: self.at.load(Ordering::Relaxed), kind: PullKind::All };
        let request = PullRequest { feeds: vec![feed], bytes_max: 4 << 20 };
        let response = self.ask("POST", "/v1/pull", "", Some(request.to_bytes())).await;
        assert_eq!(response.status(), 200, "pull");
        let mut buffer = PullBuffer::default();
        buffer.push(&response.bytes().await.expect("a body"));
        while let Some(record) = buffer.next_record().expect("records") {
            self.at.fetch_max(record.ssn, Ordering::Relaxed);
        }
    }

    /// Writes, seals and pushes one entry; durable at the relay when it returns.
    pub async fn write(&self, entry: &Entry, id: Uuid, at_ms: i64) {
        let mut pen = self.pen.lock().await;
        let (kind, body) = entry.body();
        let actor = Actor::new(self.signer.kid(), [1; 8]);
        let change = pen.doc.put_entry(&actor, id.into_bytes(), kind, at_ms, &around(&body)).expect("a change");
        let record = ChangeRecord { written_at_ms: at_ms, zone_min: 540, clock_offset_ms: 0, change: change.bytes };
        let dseq = pen.tail.map_or(1, |(dseq, _)| dseq + 1);
        let space = self.chart.space();
        let fields = Unsealed {
            feed: space,
            class: CLASS_RECORD,
            doc: Some(doc_id(&space, &DocName::Log(pen.year).to_string())),
            dseq,
            prev_item_hash: pen.tail.map(|(_, id)| id),
            seen: Seen::nothing(),
            blob_ids: Vec::new(),
        };
        let mut salt = [0; 32];
        getrandom::fill(&mut salt).expect("randomness");
        let plain = Plain::changes(&[record]).expect("it packs");
        let device = DeviceId(self.signer.kid());
        let item = seal_item(&self.chart.key(), &device, fields, &plain, salt).expect("it seals");
        let frame = item.sign(&self.signer).expect("it is signed");
        pen.tail = Some((dseq, frame.id));
        let request = PushRequest { frames: vec![PushFrame { frame: frame.raw, attachments: Vec::new() }] };
        let response = self.ask("POST", "/v1/push", "", Some(request.to_bytes())).await;
        let reply = PushReply::from_bytes(&response.bytes().await.expect("a body")).expect("a reply");
        let Some(PushResult::Accepted { ssn, .. }) = reply.results.first() else { panic!("{:?}", reply.results) };
        // One's own frame need not be fetched when nothing came between.
        let _ = self.at.compare_exchange(ssn - 1, *ssn, Ordering::Relaxed, Ordering::Relaxed);
    }

    async fn ask(&self, method: &str, path: &str, query: &str, body: Option<Vec<u8>>) -> reqwest::Response {
        for _ in 0..3 {
            let nonce = self.nonce.lock().expect("a nonce").clone();
            let parts = Parts { method, authority: AUTHORITY, path, query, body: body.as_deref() };
            let signed = sign_request(&self.signer, &parts, &nonce);
            let mark = if query.is_empty() { "" } else { "?" };
            let method = reqwest::Method::from_bytes(method.as_bytes()).expect("a method");
            let mut request = self
                .client
                .request(method, format!("{}{path}{mark}{query}", self.base))
                .header(HEADER_INPUT, signed.input)
                .header(HEADER_SIGNATURE, signed.signature);
            if let (Some(digest), Some(body)) = (signed.digest, &body) {
                request = request.header(HEADER_DIGEST, digest).body(body.clone());
            }
            let response = request.send().await.expect("an answer");
            if let Some(fresh) = response.headers().get(HEADER_NONCE).and_then(|nonce| nonce.to_str().ok()) {
                *self.nonce.lock().expect("a nonce") = fresh.to_owned();
            }
            if response.status() != 401 {
                return response;
            }
        }
        panic!("{path}: the nonce is always stale");
    }
}

/// An id and a time for an entry written now.
pub fn stamp() -> (Uuid, i64) {
    use meguri_device::env::{Env, SystemEnv};
    let at_ms = SystemEnv.now_ms();
    (new_id(at_ms), at_ms)
}

/// What stands around a kind's bytes in an entry, in the replica's stored form: `{0: body, 1: offset}`.
pub fn around(body: &[u8]) -> Vec<u8> {
    let mut out = minicbor::Encoder::new(Vec::new());
    out.map(2).and_then(|out| out.u8(0)?.bytes(body)?.u8(1)?.i32(540)).expect("CBOR");
    out.into_writer()
}
