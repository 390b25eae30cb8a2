//! The relay's router without a socket, and bad weather between it and a device.

use crate::env::Dice;
use crate::liar::Liar;
use axum::body::Body;
use http_body_util::BodyExt;
use meguri_device::net::{Net, NetError, NetRequest, NetResponse};
use meguri_replica::fault;
use meguri_wire::api::PullBuffer;
use meguri_wire::cbor::Cbor;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::runtime::Runtime;
use tower::ServiceExt;

/// What may happen to a request, in percent.
#[derive(Debug, Clone, Copy, Default)]
pub struct Weather {
    /// No connection at all.
    pub offline: bool,
    /// The request is lost before the relay.
    pub lose_request: u64,
    /// The relay did it, the answer is lost.
    pub lose_answer: u64,
    /// The request arrives twice.
    pub twice: u64,
    /// A pull's answer is cut off in the middle.
    pub cut: u64,
    /// The request is given up by the device and arrives later, after others.
    pub late: u64,
    /// A pull's answer holds records twice and out of order.
    pub mixed: u64,
    /// Pictures do not come through.
    pub no_blobs: bool,
    /// The answers to pushes are lost, and no others.
    pub lose_push_answers: bool,
}

/// What went over the network.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Pull requests.
    pub pulls: u64,
    /// Push requests.
    pub pushes: u64,
    /// Questions whether the relay has a blob, and how much of it.
    pub blobs_asked: u64,
    /// Parts of blobs that were sent.
    pub blobs_sent: u64,
    /// Requests for blobs.
    pub blobs_fetched: u64,
}

/// The network of one device.
pub struct RouterNet {
    router: Mutex<axum::Router>,
    /// Relays at other addresses.
    elsewhere: Mutex<Vec<(String, axum::Router)>>,
    runtime: Option<Runtime>,
    weather: Mutex<Weather>,
    liar: Mutex<Option<Liar>>,
    held: Mutex<Vec<NetRequest>>,
    dice: Dice,
    pulls: AtomicU64,
    pushes: AtomicU64,
    blobs_asked: AtomicU64,
    blobs_sent: AtomicU64,
    blobs_fetched: AtomicU64,
}

impl std::fmt::Debug for RouterNet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RouterNet")
    }
}

/// The last holder may be a task of another runtime, where this one may not be waited for.
impl Drop for RouterNet {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl RouterNet {
    /// A clear line to this router.
    #[must_use]
    pub fn new(router: axum::Router, dice: Dice) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        Self {
            router: Mutex::new(router),
            elsewhere: Mutex::default(),
            runtime: Some(runtime),
            weather: Mutex::default(),
            liar: Mutex::default(),
            held: Mutex::default(),
            dice,
            pulls: AtomicU64::default(),
            pushes: AtomicU64::default(),
            blobs_asked: AtomicU64::default(),
            blobs_sent: AtomicU64::default(),
            blobs_fetched: AtomicU64::default(),
        }
    }

    /// Changes the weather.
    pub fn set_weather(&self, weather: Weather) {
        *self.weather.lock().expect("weather") = weather;
    }

    /// From now on the relay lies to this device; or is honest again.
    pub fn set_liar(&self, liar: Option<Liar>) {
        *self.liar.lock().expect("liar") = liar;
    }

    /// The relay came back as another process.
    pub fn set_router(&self, router: axum::Router) {
        *self.router.lock().expect("router") = router;
    }

    /// Another relay answers at this address from now on, beside the one that answers at all others.
    pub fn add_router(&self, base: &str, router: axum::Router) {
        let mut elsewhere = self.elsewhere.lock().expect("routers");
        elsewhere.retain(|(known, _)| known != base);
        elsewhere.push((base.to_owned(), router));
    }

    fn router(&self, base: &str) -> axum::Router {
        let elsewhere = self.elsewhere.lock().expect("routers");
        let there = elsewhere.iter().find(|(known, _)| known == base).map(|(_, router)| router.clone());
        there.unwrap_or_else(|| self.router.lock().expect("router").clone())
    }

    /// Since the beginning.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        Traffic {
            pulls: self.pulls.load(Ordering::Relaxed),
            pushes: self.pushes.load(Ordering::Relaxed),
            blobs_asked: self.blobs_asked.load(Ordering::Relaxed),
            blobs_sent: self.blobs_sent.load(Ordering::Relaxed),
            blobs_fetched: self.blobs_fetched.load(Ordering::Relaxed),
        }
    }

    /// What the relay answers, or says that it answers.
    fn send(&self, request: &NetRequest) -> Result<NetResponse, NetError> {
        let mut liar = self.liar.lock().expect("liar");
        if let Some(answer) = liar.as_mut().and_then(|liar| liar.instead(request)) {
            return Ok(answer);
        }
        let mut response = self.ask(request)?;
        if let Some(liar) = liar.as_mut() {
            liar.twist(request, &mut response);
        }
        Ok(response)
    }

    fn ask(&self, request: &NetRequest) -> Result<NetResponse, NetError> {
        let mut builder = http::Request::builder().method(request.method).uri(&request.path);
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        let router = self.router(&request.base);
        let request = builder.body(Body::from(request.body.clone())).map_err(|_| NetError::Offline)?;
        let runtime = self.runtime.as_ref().ok_or(NetError::Offline)?;
        runtime.block_on(async {
            let response = router.oneshot(request).await.map_err(|_| NetError::Offline)?;
            let status = response.status().as_u16();
            let headers = response
                .headers()
                .iter()
                .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
                .collect();
            let body = response.into_body().collect().await.map_err(|_| NetError::Offline)?.to_bytes().to_vec();
            Ok(NetResponse { status, headers, body })
        })
    }
}

impl RouterNet {
    fn count(&self, method: &str, path: &str) {
        let counter = match (method, path) {
            (_, "/v1/pull") => &self.pulls,
            (_, "/v1/push") => &self.pushes,
            ("HEAD", path) if path.starts_with("/v1/blobs/") => &self.blobs_asked,
            ("PUT", path) if path.starts_with("/v1/blobs/") => &self.blobs_sent,
            ("GET", path) if path.starts_with("/v1/blobs/") => &self.blobs_fetched,
            _ => return,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// What was held back arrives now, or never.
    fn deliver_held(&self) {
        let held = std::mem::take(&mut *self.held.lock().expect("held"));
        for request in held {
            if self.dice.chance(70) {
                let _ = self.send(&request);
            }
        }
    }

    fn mix(&self, body: &[u8]) -> Vec<u8> {
        let mut buffer = PullBuffer::default();
        buffer.push(body);
        let mut records = Vec::new();
        while let Ok(Some(record)) = buffer.next_record() {
            if self.dice.chance(30) {
                records.push(record.clone());
            }
            records.push(record);
        }
        for at in (1..records.len()).rev() {
            if self.dice.chance(30) {
                let other = usize::try_from(self.dice.below(at as u64)).unwrap_or(0);
                records.swap(at, other);
            }
        }
        records.iter().flat_map(Cbor::to_bytes).collect()
    }

    fn through(&self, weather: Weather, request: NetRequest) -> Result<NetResponse, NetError> {
        if weather.offline || self.dice.chance(weather.lose_request) {
            return Err(NetError::Offline);
        }
        if weather.no_blobs && request.path.starts_with("/v1/blobs/") {
            return Err(NetError::Offline);
        }
        if self.dice.chance(weather.late) {
            self.held.lock().expect("held").push(request);
            return Err(NetError::Offline);
        }
        if self.dice.chance(50) {
            self.deliver_held();
        }
        self.count(request.method, &request.path);
        let pull = request.path == "/v1/pull";
        if self.dice.chance(weather.twice) {
            self.send(&request)?;
        }
        let mut response = self.send(&request)?;
        let lost = weather.lose_push_answers && request.path == "/v1/push";
        if lost || self.dice.chance(weather.lose_answer) {
            return Err(NetError::Offline);
        }
        if pull && response.status == 200 && self.dice.chance(weather.mixed) {
            response.body = self.mix(&response.body);
        }
        if pull && self.dice.chance(weather.cut) {
            let keep = self.dice.below(response.body.len() as u64 + 1);
            response.body.truncate(usize::try_from(keep).unwrap_or(0));
        }
        Ok(response)
    }
}

impl Net for RouterNet {
    fn request(&self, request: NetRequest) -> Result<NetResponse, NetError> {
        let weather = *self.weather.lock().expect("weather");
        fault::point("before a request");
        let answer = self.through(weather, request);
        fault::point("after a request");
        answer
    }

    /// No stream of hints: a device then asks by itself, each minute.
    fn events(&self, _: NetRequest, _: u64, _: &mut dyn FnMut(&[String]) -> bool) -> Result<(), NetError> {
        Err(NetError::Offline)
    }
}
