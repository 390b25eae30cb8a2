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
    let mut child = Command::new(BINARY)
        .arg("serve")
        .env("MEGURI_RELAY_DATA", data)
        .env("MEGURI_RELAY_LISTEN", "127.0.0.1:0")
        .env("MEGURI_RELAY_AUTHORITY", AUTHORITY)
        .env("MEGURI_RELAY_REQUESTS_BURST", "100000")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("listening on ").unwrap().to_owned();
    Running { child, address }
}

/// One request on a fresh connection; `None` when the relay went away.
pub fn exchange(address: &str, request: &http::Request<bytes::Bytes>) -> Option<(StatusCode, Vec<u8>)> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    let mut head = format!(
        "{} {} HTTP/1.1\r\nhost: {AUTHORITY}\r\nconnection: close\r\ncontent-length: {}\r\n",
        request.method(),
        request.uri(),
        request.body().len()
    );
    for (name, value) in request.headers() {
        head.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(request.body()).ok()?;
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).ok()?;
    let end = reply.windows(4).position(|w| w == b"\r\n\r\n")?;
    let status = std::str::from_utf8(reply.get(9..12)?).ok()?.parse().ok()?;
    let length = String::from_utf8_lossy(&reply[..end])
        .lines()
        .find_map(|l| l.strip_prefix("content-length: ")?.parse::<usize>().ok())?;
    let body = reply.get(end + 4..end + 4 + length)?.to_vec();
    Some((status, body))
}
