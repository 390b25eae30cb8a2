//! A relay as a process of its own over a copy of a recorded region, a device on a copy of its admin's profile, a clock
//! that can be put forward, and a network that counts what is sent.

use super::fixture::Fixture;
use crate::device::META_RELAY;
use crate::region::{PASSPHRASE, copy, hold_at};
use meguri_commands::host::Host;
use meguri_device::Device;
use meguri_device::env::{Env, SystemEnv};
use meguri_device::net::{HttpNet, Net, NetError, NetRequest, NetResponse};
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// One run of a scenario.
pub struct Stage {
    folder: PathBuf,
    /// Where the relay listens.
    pub url: String,
    relay: Child,
    _said: BufReader<ChildStdout>,
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = self.relay.kill();
        let _ = self.relay.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Stage {
    /// A fresh copy of `fixture`. `unhurried` lifts the relay's rate limits, for a clock that runs faster than it does.
    pub fn set(cache: &Path, fixture: &Fixture, unhurried: bool) -> Stage {
        let folder = cache.join("trust-run").join(std::process::id().to_string());
        if folder.exists() {
            std::fs::remove_dir_all(&folder).expect("an old run goes");
        }
        std::fs::create_dir_all(&folder).expect("a folder");
        copy(&fixture.folder.join("a"), &folder.join("a"));
        let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port").port();
        let mut relay = Command::new(std::env::current_exe().expect("this program"));
        relay.args(["server", &port.to_string()]).arg(folder.join("relay")).arg(&fixture.folder);
        if unhurried {
            relay.env("MEGURI_RELAY_REQUESTS_PER_S", "100000").env("MEGURI_RELAY_REQUESTS_BURST", "100000");
        }
        let log = std::fs::File::create(folder.join("relay.log")).expect("a file");
        let mut relay = relay.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log).spawn().expect("a relay");
        let mut said = BufReader::new(relay.stdout.take().expect("stdout"));
        let mut line = String::new();
        while !line.contains("\"ready\"") {
            line.clear();
            assert!(said.read_line(&mut line).expect("a line") > 0, "the relay did not come up");
        }
        Stage { folder, url: format!("http://127.0.0.1:{port}"), relay, _said: said }
    }

    /// A folder of this run.
    pub fn place(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The admin's device, unlocked and led to the relay.
    pub fn admin(&self, clock: Arc<Clock>, net: Arc<Counting>) -> Arc<Device> {
        let device = hold_at(&self.place("a"), clock, net);
        device.unlock_passphrase(PASSPHRASE).unwrap_or_else(|f| panic!("unlock: {:?}", f.body()));
        let replica = device.replica().unwrap_or_else(|_| panic!("locked"));
        replica.meta_put(META_RELAY, self.url.as_bytes()).expect("an address");
        Arc::new(device)
    }
}

/// The system's clock, put forward by so much.
#[derive(Default)]
pub struct Clock(AtomicI64);

impl Clock {
    pub fn forward(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::Relaxed);
    }

    pub fn ahead_ms(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Env for Clock {
    fn now_ms(&self) -> i64 {
        SystemEnv.now_ms() + self.ahead_ms()
    }

    fn zone_min(&self) -> i32 {
        SystemEnv.zone_min()
    }

    fn fill_random(&self, out: &mut [u8]) {
        SystemEnv.fill_random(out);
    }

    fn sleep_ms(&self, ms: u64) {
        SystemEnv.sleep_ms(ms);
    }
}

/// The real network; it counts the bytes of requests, with their paths and headers.
pub struct Counting {
    inner: HttpNet,
    sent: AtomicU64,
    largest_push: AtomicU64,
}

impl Default for Counting {
    fn default() -> Self {
        let inner = HttpNet::new(None).expect("a network");
        Self { inner, sent: AtomicU64::default(), largest_push: AtomicU64::default() }
    }
}

impl Counting {
    /// Bytes sent so far.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// The largest body of a push since it was asked last.
    pub fn largest_push(&self) -> u64 {
        self.largest_push.swap(0, Ordering::Relaxed)
    }

    fn count(&self, request: &NetRequest) {
        let headers: usize = request.headers.iter().map(|(name, value)| name.len() + value.len() + 4).sum();
        let bytes = request.path.len() + headers + request.body.len();
        self.sent.fetch_add(bytes as u64, Ordering::Relaxed);
        if request.path == "/v1/push" {
            self.largest_push.fetch_max(request.body.len() as u64, Ordering::Relaxed);
        }
    }
}

impl Net for Counting {
    fn request(&self, request: NetRequest) -> Result<NetResponse, NetError> {
        self.count(&request);
        self.inner.request(request)
    }

    fn events(
        &self,
        request: NetRequest,
        watchdog_ms: u64,
        hints: &mut dyn FnMut(&[String]) -> bool,
    ) -> Result<(), NetError> {
        self.count(&request);
        self.inner.events(request, watchdog_ms, hints)
    }
}

/// Processor seconds of this process so far, all threads; in steps of 10 ms.
pub fn cpu_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let after = stat.rsplit_once(')').expect("a line").1;
    let ticks: u64 = after.split_whitespace().skip(11).take(2).map(|n| n.parse::<u64>().expect("a number")).sum();
    ticks as f64 / 100.0
}
