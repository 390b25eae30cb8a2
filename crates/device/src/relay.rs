//! The relay's API from the client's side: signed requests, nonces, bodies. It
//! knows no feed rule; what came back is checked where it is ingested.

use crate::net::{Net, NetError, NetRequest, NetResponse};
use meguri_commands::{Code, Failure};
use meguri_wire::StoreId;
use meguri_wire::api::{
    AckRequest, ErrorBody, HEADER_STORE, HeadsReply, Info, PullBuffer, PullRecord, PullRequest, PushReply, PushRequest,
    QuarantineReply,
};
use meguri_wire::cbor::Cbor;
use meguri_wire::ids::{BlobId, SpaceId};
use meguri_wire::request::{HEADER_DIGEST, HEADER_INPUT, HEADER_SIGNATURE, Parts, sign_request};
use meguri_wire::sign::Signer;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// One relay, asked as one device.
pub struct Relay {
    net: Arc<dyn Net>,
    bases: Vec<String>,
    /// The one of them that is asked; another once it does not answer.
    base: AtomicUsize,
    signer: Arc<dyn Signer + Send + Sync>,
    info: Mutex<Option<Info>>,
    nonce: Mutex<Option<String>>,
    clock_ms: Mutex<Option<u64>>,
}

impl std::fmt::Debug for Relay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Relay")
    }
}

const BLOB_PART_BYTES: usize = 4 * 1024 * 1024;

impl Relay {
    /// `bases` are scheme and authority of one relay, the first tried first.
    #[must_use]
    pub fn new<S: AsRef<str>>(net: Arc<dyn Net>, bases: &[S], signer: Arc<dyn Signer + Send + Sync>) -> Relay {
        let mut all: Vec<String> = Vec::new();
        for base in bases {
            let base = base.as_ref().trim_end_matches('/');
            if !all.iter().any(|known| known == base) {
                all.push(base.to_owned());
            }
        }
        let base = AtomicUsize::new(0);
        Relay {
            net,
            bases: all,
            base,
            signer,
            info: Mutex::new(None),
            nonce: Mutex::new(None),
            clock_ms: Mutex::new(None),
        }
    }

    /// The relay's clock as of its newest answer, ms UTC.
    #[must_use]
    pub fn clock_ms(&self) -> Option<u64> {
        *self.clock_ms.lock()
    }

    /// What the relay says of itself; asked once. Anything else than a relay is `offline`.
    ///
    /// # Errors
    /// `offline`.
    pub fn info(&self) -> Result<Info, Failure> {
        if let Some(info) = self.info.lock().clone() {
            return Ok(info);
        }
        let response = self.send("GET", "/v1/info", Vec::new(), Vec::new())?;
        let info: Info = if response.status == 200 { read(&response.body)? } else { return Err(Code::Offline.into()) };
        *self.nonce.lock() = Some(info.nonce.clone());
        *self.info.lock() = Some(info.clone());
        Ok(info)
    }

    /// As [`Relay::info`], asked now: the relay may have become another one.
    ///
    /// # Errors
    /// `offline`.
    pub fn info_anew(&self) -> Result<Info, Failure> {
        *self.info.lock() = None;
        self.info()
    }

    fn base(&self) -> String {
        self.bases.get(self.base.load(Ordering::Acquire)).cloned().unwrap_or_default()
    }

    /// The way in use does not lead to the relay: the next one is taken from now on.
    fn other_way(&self) {
        let next = self.base.load(Ordering::Acquire).saturating_add(1);
        self.base.store(if next < self.bases.len() { next } else { 0 }, Ordering::Release);
    }

    /// Signed heads that moved since `since`.
    ///
    /// # Errors
    /// `offline`, `removed`, `relay_refused{reason}`.
    pub fn heads(&self, since: &[u8]) -> Result<HeadsReply, Failure> {
        let path =
            if since.is_empty() { "/v1/heads".to_owned() } else { format!("/v1/heads?since={}", hex::encode(since)) };
        read(&self.signed("GET", &path, None, &[])?.body)
    }

    /// Records after what is here.
    ///
    /// # Errors
    /// As [`Relay::heads`].
    pub fn pull(&self, request: &PullRequest) -> Result<Vec<PullRecord>, Failure> {
        let response = self.signed("POST", "/v1/pull", Some(request.to_bytes()), &[])?;
        let mut buffer = PullBuffer::default();
        buffer.push(&response.body);
        let mut out = Vec::new();
        while let Ok(Some(record)) = buffer.next_record() {
            out.push(record);
        }
        Ok(out)
    }

    /// Frames for any feeds; `setup` carries a one-time setup code beside a new team.
    ///
    /// # Errors
    /// As [`Relay::heads`].
    pub fn push(&self, request: &PushRequest, setup: Option<&str>) -> Result<PushReply, Failure> {
        let extra: Vec<(String, String)> =
            setup.map(|code| ("meguri-setup".to_owned(), code.to_owned())).into_iter().collect();
        read(&self.signed("POST", "/v1/push", Some(request.to_bytes()), &extra)?.body)
    }

    /// [`Relay::push`] of what was sealed for a store; another one refuses it as `stale`.
    ///
    /// # Errors
    /// As [`Relay::heads`].
    pub fn push_into(&self, store: Option<StoreId>, request: &PushRequest) -> Result<PushReply, Failure> {
        let extra: Vec<(String, String)> =
            store.map(|store| (HEADER_STORE.to_owned(), store.to_string())).into_iter().collect();
        read(&self.signed("POST", "/v1/push", Some(request.to_bytes()), &extra)?.body)
    }

    /// What is durably here.
    ///
    /// # Errors
    /// As [`Relay::heads`].
    pub fn acks(&self, request: &AckRequest) -> Result<(), Failure> {
        self.signed("POST", "/v1/acks", Some(request.to_bytes()), &[]).map(|_| ())
    }

    /// Uploads a sealed blob from where an earlier upload ended.
    ///
    /// # Errors
    /// As [`Relay::heads`].
    pub fn put_blob(&self, id: &BlobId, bytes: &[u8]) -> Result<(), Failure> {
        let path = format!("/v1/blobs/{id}");
        let mut offset = self.blob_offset(&path)?;
        while offset < bytes.len() {
            let end = (offset + BLOB_PART_BYTES).min(bytes.len());
            let part = bytes.get(offset..end).ok_or(Code::Bug)?.to_vec();
            self.signed("PUT", &format!("{path}?offset={offset}"), Some(part), &[])?;
            offset = end;
        }
        Ok(())
    }

    /// Whether the relay holds a whole blob.
    ///
    /// # Errors
    /// As [`Relay::heads`].
    pub fn has_blob(&self, id: &BlobId) -> Result<bool, Failure> {
        Ok(self.signed_any("HEAD", &format!("/v1/blobs/{id}"), None, &[])?.status == 200)
    }

    fn blob_offset(&self, path: &str) -> Result<usize, Failure> {
        let response = self.signed_any("HEAD", path, None, &[])?;
        let header = response.header("meguri-offset").and_then(|text| text.parse().ok());
        Ok(header.unwrap_or(0))
    }

    /// Late items of a space, for its managers.
    ///
    /// # Errors
    /// As [`Relay::heads`].
    pub fn quarantine(&self, space: &SpaceId) -> Result<QuarantineReply, Failure> {
        read(&self.signed("GET", &format!("/v1/feeds/{space}/quarantine"), None, &[])?.body)
    }

    /// A sealed blob.
    ///
    /// # Errors
    /// As [`Relay::heads`]; `blob_missing`.
    pub fn get_blob(&self, id: &BlobId) -> Result<Vec<u8>, Failure> {
        let response = self.signed_any("GET", &format!("/v1/blobs/{id}"), None, &[])?;
        match response.status {
            200 if BlobId::of(&response.body) == *id => Ok(response.body),
            200 | 404 => Err(Code::BlobMissing.into()),
            _ => Err(refusal(&response)),
        }
    }

    /// Writes a mailbox slot; unsigned for the side without a device.
    ///
    /// # Errors
    /// As [`Relay::heads`].
    pub fn put_slot(&self, mailbox: &str, slot: u8, bytes: Vec<u8>, signed: bool) -> Result<(), Failure> {
        let path = format!("/v1/mailbox/{mailbox}/{slot}");
        if signed {
            return self.signed("PUT", &path, Some(bytes), &[]).map(|_| ());
        }
        let response = self.send("PUT", &path, Vec::new(), bytes)?;
        if response.status < 300 { Ok(()) } else { Err(refusal(&response)) }
    }

    /// Reads a mailbox slot; `None` while it is empty.
    ///
    /// # Errors
    /// As [`Relay::heads`].
    pub fn get_slot(&self, mailbox: &str, slot: u8) -> Result<Option<Vec<u8>>, Failure> {
        let response = self.send("GET", &format!("/v1/mailbox/{mailbox}/{slot}"), Vec::new(), Vec::new())?;
        match response.status {
            200 => Ok(Some(response.body)),
            404 => Ok(None),
            _ => Err(refusal(&response)),
        }
    }

    /// Reads hints until `hint` returns false or the stream ends.
    ///
    /// # Errors
    /// `offline`.
    pub fn events(&self, watchdog_ms: u64, hints: &mut dyn FnMut(&[String]) -> bool) -> Result<(), Failure> {
        let info = self.info()?;
        let headers = self.headers("GET", "/v1/events", None, &info.authority, &[]);
        let request =
            NetRequest { method: "GET", base: self.base(), path: "/v1/events".to_owned(), headers, body: Vec::new() };
        self.net.events(request, watchdog_ms, hints).map_err(offline)
    }

    fn signed(
        &self,
        method: &'static str,
        path: &str,
        body: Option<Vec<u8>>,
        extra: &[(String, String)],
    ) -> Result<NetResponse, Failure> {
        let response = self.signed_any(method, path, body, extra)?;
        if response.status < 300 { Ok(response) } else { Err(refusal(&response)) }
    }

    /// Signs, sends, and once more with a fresh nonce when the old one was stale.
    fn signed_any(
        &self,
        method: &'static str,
        path: &str,
        body: Option<Vec<u8>>,
        extra: &[(String, String)],
    ) -> Result<NetResponse, Failure> {
        let info = self.info()?;
        let mut response = NetResponse { status: 0, headers: Vec::new(), body: Vec::new() };
        for _ in 0..2 {
            let headers = self.headers(method, path, body.as_deref(), &info.authority, extra);
            response = self.send(method, path, headers, body.clone().unwrap_or_default())?;
            if response.status != 401 {
                break;
            }
        }
        Ok(response)
    }

    fn headers(
        &self,
        method: &str,
        path: &str,
        body: Option<&[u8]>,
        authority: &str,
        extra: &[(String, String)],
    ) -> Vec<(String, String)> {
        let (bare, query) = path.split_once('?').unwrap_or((path, ""));
        let nonce = self.nonce.lock().clone().unwrap_or_default();
        let parts = Parts { method, authority, path: bare, query, body };
        let signed = sign_request(self.signer.as_ref(), &parts, &nonce);
        let mut headers =
            vec![(HEADER_INPUT.to_owned(), signed.input), (HEADER_SIGNATURE.to_owned(), signed.signature)];
        headers.extend(signed.digest.map(|digest| (HEADER_DIGEST.to_owned(), digest)));
        headers.extend_from_slice(extra);
        headers
    }

    fn send(
        &self,
        method: &'static str,
        path: &str,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
    ) -> Result<NetResponse, Failure> {
        let request = NetRequest { method, base: self.base(), path: path.to_owned(), headers, body };
        let response = self.net.request(request).inspect_err(|_| self.other_way()).map_err(offline)?;
        if let Some(nonce) = response.header(meguri_wire::api::HEADER_NONCE) {
            *self.nonce.lock() = Some(nonce.to_owned());
        }
        let clock = response.header(meguri_wire::api::HEADER_CLOCK).and_then(|text| text.parse().ok());
        if clock.is_some() {
            *self.clock_ms.lock() = clock;
        }
        Ok(response)
    }
}

fn offline(error: NetError) -> Failure {
    match error {
        NetError::Offline | NetError::TooLong => Code::Offline.into(),
        NetError::BadCaFile => Code::Offline.with("reason", "bad_ca_file"),
    }
}

/// A body that is none of ours comes from something between: a captive portal.
fn read<T: Cbor>(bytes: &[u8]) -> Result<T, Failure> {
    T::from_bytes(bytes).map_err(|_| Code::Offline.with("reason", "captive_portal"))
}

fn refusal(response: &NetResponse) -> Failure {
    let Ok(error) = ErrorBody::from_bytes(&response.body) else {
        return Code::Offline.with("reason", "captive_portal").with("status", response.status);
    };
    let wait_s = response.header("retry-after").and_then(|text| text.trim().parse::<u64>().ok());
    if error.code == meguri_wire::Code::Removed {
        Code::Removed.into()
    } else {
        let refused = Code::RelayRefused.with("reason", error.code);
        wait_s.map_or(refused.clone(), |s| refused.with("retryAfterMs", s.min(RETRY_AFTER_S_MAX) * 1000))
    }
}

/// A relay that says more is taken at this.
const RETRY_AFTER_S_MAX: u64 = 3600;
