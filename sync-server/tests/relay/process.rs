//! The real binary as a child process, and one plain HTTP exchange with it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use http::StatusCode;

use crate::region::AUTHORITY;

pub const BINARY: &str = env!("CARGO_BIN_EXE_meguri-relay");

pub struct Running {
    pub child: Child,
    pub address: String,
}

pub fn serve(data: &Path) -> Running {
    serve_with(data, &[], Stdio::null())
}

/// Serves with further settings; errors and logs go where they are told.
pub fn serve_with(data: &Path, environment: &[(&str, &str)], log: Stdio) -> Running {
    let mut child = Command::new(BINARY)
        .arg("serve")
        .env("MEGURI_RELAY_DATA", data)
        .env("MEGURI_RELAY_LISTEN", "127.0.0.1:0")
        .env("MEGURI_RELAY_AUTHORITY", AUTHORITY)
        .env("MEGURI_RELAY_REQUESTS_BURST", "100000")
        .envs(environment.iter().copied())
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("listening on ").unwrap_or_else(|| panic!("{line:?}")).to_owned();
    Running { child, address }
}

impl Running {
    /// As an operator stops it; whether it ended well.
    pub fn stop(&mut self) -> bool {
        self.signal();
        self.child.wait().unwrap().success()
    }

    pub fn signal(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    }

    /// Resident memory, kB.
    pub fn resident_kb(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The head of a request as it goes over the wire.
pub fn head_of(request: &http::Request<bytes::Bytes>, connection: &str) -> String {
    let mut head = format!(
        "{} {} HTTP/1.1\r\nhost: {AUTHORITY}\r\nconnection: {connection}\r\ncontent-length: {}\r\n",
        request.method(),
        request.uri(),
        request.body().len()
    );
    for (name, value) in request.headers() {
        head.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
    }
    head + "\r\n"
}

/// Status, headers and body of a whole reply.
pub fn parse_reply(reply: &[u8]) -> Option<(StatusCode, String, Vec<u8>)> {
    let end = reply.windows(4).position(|w| w == b"\r\n\r\n")?;
    let status = std::str::from_utf8(reply.get(9..12)?).ok()?.parse().ok()?;
    let headers = String::from_utf8_lossy(&reply[..end]).to_ascii_lowercase();
    let length = headers.lines().find_map(|l| l.strip_prefix("content-length: ")?.parse::<usize>().ok())?;
    let body = reply.get(end + 4..end + 4 + length)?.to_vec();
    Some((status, headers, body))
}

/// One request on a fresh connection; `None` when the relay went away.
pub fn exchange(address: &str, request: &http::Request<bytes::Bytes>) -> Option<(StatusCode, Vec<u8>)> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    let head = head_of(request, "close");
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(request.body()).ok()?;
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).ok()?;
    let (status, _, body) = parse_reply(&reply)?;
    Some((status, body))
}
