//! The network as the sync loop sees it: one request, one answer, and a stream
//! of hints. The real one is `reqwest` on rustls with ring; a simulation passes
//! requests to a relay's router without a socket.

use futures_util::StreamExt;
use std::path::Path;
use std::time::Duration;

/// A request to the relay. `path` begins with `/` and holds the query.
#[derive(Clone, PartialEq, Eq)]
pub struct NetRequest {
    /// `GET`, `PUT`, `POST` or `HEAD`.
    pub method: &'static str,
    /// Scheme and authority, without a slash at the end.
    pub base: String,
    /// Path and query.
    pub path: String,
    /// Headers, lower case.
    pub headers: Vec<(String, String)>,
    /// Body; empty for none.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for NetRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NetRequest")
            .field("method", &self.method)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// An answer.
#[derive(Clone, PartialEq, Eq)]
pub struct NetResponse {
    /// Status.
    pub status: u16,
    /// Headers, lower case.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for NetResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NetResponse")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl NetResponse {
    /// The header of this lower-case name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Why no answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NetError {
    /// No connection, a timeout, or something else than the relay answers (a captive portal).
    #[error("offline")]
    Offline,
    /// The answer is longer than any answer may be.
    #[error("too_long")]
    TooLong,
    /// The certificate file cannot be read.
    #[error("bad_ca_file")]
    BadCaFile,
}

/// Sends requests.
pub trait Net: Send + Sync {
    /// One request, one whole answer.
    ///
    /// # Errors
    /// [`NetError`].
    fn request(&self, request: NetRequest) -> Result<NetResponse, NetError>;

    /// Opens an event stream and hands `hints` the event lines that came since it was
    /// last called, none when it has opened, until it returns false, the stream ends, or nothing comes for `watchdog_ms`.
    ///
    /// # Errors
    /// [`NetError`]; a status other than 200 is [`NetError::Offline`].
    fn events(
        &self,
        request: NetRequest,
        watchdog_ms: u64,
        hints: &mut dyn FnMut(&[String]) -> bool,
    ) -> Result<(), NetError>;
}

const ANSWER_BYTES_MAX: usize = 72 * 1024 * 1024;
const CONNECT_SECONDS: u64 = 10;
const ANSWER_SECONDS: u64 = 60;
/// Hints not yet read; a reader further behind than this reconnects.
const HINTS_WAITING_MAX: usize = 4096;

/// The real network.
#[derive(Debug)]
pub struct HttpNet {
    client: reqwest::Client,
    runtime: tokio::runtime::Runtime,
}

impl HttpNet {
    /// A client with the system's proxy and trust store, and the certificates of `ca_file` (PEM) beside it.
    ///
    /// # Errors
    /// [`NetError::BadCaFile`], or [`NetError::Offline`] when no client can be made.
    pub fn new(ca_file: Option<&Path>) -> Result<Self, NetError> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(CONNECT_SECONDS))
            .read_timeout(Duration::from_secs(ANSWER_SECONDS))
            .user_agent(concat!("meguri/", env!("CARGO_PKG_VERSION")));
        if let Some(path) = ca_file {
            let pem = std::fs::read(path).map_err(|_| NetError::BadCaFile)?;
            let certificates = reqwest::Certificate::from_pem_bundle(&pem).map_err(|_| NetError::BadCaFile)?;
            builder = builder.tls_certs_merge(certificates);
        }
        let client = builder.build().map_err(|_| NetError::Offline)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("meguri-net")
            .enable_all()
            .build()
            .map_err(|_| NetError::Offline)?;
        Ok(HttpNet { client, runtime })
    }

    fn prepare(&self, request: NetRequest) -> Result<reqwest::RequestBuilder, NetError> {
        let method = reqwest::Method::from_bytes(request.method.as_bytes()).map_err(|_| NetError::Offline)?;
        let mut builder = self.client.request(method, format!("{}{}", request.base, request.path));
        for (name, value) in request.headers {
            builder = builder.header(name, value);
        }
        Ok(if request.body.is_empty() { builder } else { builder.body(request.body) })
    }
}

impl Net for HttpNet {
    fn request(&self, request: NetRequest) -> Result<NetResponse, NetError> {
        let builder = self.prepare(request)?;
        self.runtime.block_on(async {
            let response = builder.send().await.map_err(|_| NetError::Offline)?;
            let status = response.status().as_u16();
            let headers = response
                .headers()
                .iter()
                .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
                .collect();
            let mut body = Vec::new();
            let mut stream = response.bytes_stream();
            while let Some(part) = stream.next().await {
                let part = part.map_err(|_| NetError::Offline)?;
                if body.len() + part.len() > ANSWER_BYTES_MAX {
                    return Err(NetError::TooLong);
                }
                body.extend_from_slice(&part);
            }
            Ok(NetResponse { status, headers, body })
        })
    }

    fn events(
        &self,
        request: NetRequest,
        watchdog_ms: u64,
        hints: &mut dyn FnMut(&[String]) -> bool,
    ) -> Result<(), NetError> {
        let builder = self.prepare(request)?;
        let watchdog = Duration::from_millis(watchdog_ms);
        let (lines, received) = std::sync::mpsc::sync_channel(HINTS_WAITING_MAX);
        // `send` sets a timer as soon as it is called, so it is called inside the runtime.
        let response = self.runtime.block_on(async { builder.send().await }).map_err(|_| NetError::Offline)?;
        if response.status().as_u16() != 200 {
            return Err(NetError::Offline);
        }
        // Open, though there may be nothing to tell for long: what came before is asked for now.
        if !hints(&[]) {
            return Ok(());
        }
        // `hints` may send requests itself, so it runs on this thread, outside the runtime.
        self.runtime.spawn(async move {
            let mut stream = response.bytes_stream();
            let mut cut = Lines::default();
            while let Ok(Some(Ok(part))) = tokio::time::timeout(watchdog, stream.next()).await {
                for line in cut.push(&part) {
                    if lines.try_send(line).is_err() {
                        return;
                    }
                }
            }
        });
        while let Ok(first) = received.recv() {
            let waiting: Vec<String> = std::iter::once(first).chain(received.try_iter()).collect();
            if !hints(&waiting) {
                break;
            }
        }
        Ok(())
    }
}

/// Cuts an event stream into `data:` lines; a line beyond the limit is dropped.
#[derive(Debug, Default)]
pub struct Lines {
    rest: Vec<u8>,
}

impl Lines {
    const LINE_BYTES_MAX: usize = 64 * 1024;

    /// Complete lines, comments as empty strings (they show the stream lives).
    pub fn push(&mut self, part: &[u8]) -> Vec<String> {
        let mut out = Vec::new();
        for byte in part {
            if *byte != b'\n' {
                if self.rest.len() < Self::LINE_BYTES_MAX {
                    self.rest.push(*byte);
                }
                continue;
            }
            let line = String::from_utf8_lossy(&self.rest).trim_end_matches('\r').to_owned();
            self.rest.clear();
            if let Some(data) = line.strip_prefix("data:") {
                out.push(data.trim_start().to_owned());
            } else if line.starts_with(':') {
                out.push(String::new());
            }
        }
        out
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing test may panic")]
mod tests {
    use super::{HttpNet, Lines, Net, NetRequest};
    use std::io::{Read, Write};

    #[test]
    fn hints_come_over_a_socket() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let relay = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = [0; 1024];
            assert!(stream.read(&mut asked).unwrap() > 0);
            stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n: live\n\ndata: abc 1\n\n").unwrap();
        });
        let request =
            NetRequest { method: "GET", base, path: "/v1/events".into(), headers: Vec::new(), body: Vec::new() };
        let (mut heard, mut opened) = (Vec::new(), false);
        HttpNet::new(None)
            .unwrap()
            .events(request, 5_000, &mut |lines| {
                opened |= lines.is_empty();
                heard.extend_from_slice(lines);
                true
            })
            .unwrap();
        relay.join().unwrap();
        assert_eq!(heard, ["", "abc 1"]);
        assert!(opened, "told before the first line");
    }

    #[test]
    fn lines_survive_any_cut() {
        let text = b": live\n\ndata: abc\r\ndata:1\n\n";
        for cut in 0..text.len() {
            let mut lines = Lines::default();
            let (head, tail) = text.split_at(cut);
            let mut got = lines.push(head);
            got.extend(lines.push(tail));
            assert_eq!(got, ["", "abc", "1"]);
        }
    }
}
