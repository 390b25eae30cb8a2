//! `meguri serve` as a browser meets it: the door, and whose requests pass it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail loudly")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

struct Serving {
    process: Child,
    address: String,
    token: String,
    _folders: [tempfile::TempDir; 2],
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn meguri(profile: &std::path::Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_meguri"));
    command.arg("--profile").arg(profile).env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere").stdin(Stdio::null());
    command
}

fn serve() -> Serving {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    std::fs::write(folders[1].path().join("index.html"), "<script nonce=\"__CSP_NONCE__\"></script>").unwrap();
    std::fs::write(folders[1].path().join("a.js"), "1").unwrap();
    let mut process = meguri(folders[0].path())
        .args(["serve", "--ui"])
        .arg(folders[1].path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let (address, token) = line.trim().strip_prefix("http://").unwrap().split_once("/#").unwrap();
    let (address, token) = (address.to_owned(), token.to_owned());
    Serving { process, address, token, _folders: folders }
}

/// Status and whole answer.
fn ask(serving: &Serving, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(&serving.address).unwrap();
    let mut request = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all(format!("{request}\r\n{body}").as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    (answer.split(' ').nth(1).unwrap().parse().unwrap(), answer)
}

#[test]
fn only_this_address_and_its_own_pages_come_in() {
    let serving = serve();
    let here = serving.address.clone();
    let origin = format!("http://{here}");
    let own = [("Host", here.as_str()), ("Origin", origin.as_str())];
    assert!(here.starts_with("127.0.0.1:"));

    let (status, page) = ask(&serving, "GET", "/", &own[..1], "");
    assert_eq!(status, 200);
    assert!(page.contains("content-security-policy: default-src 'none'") && page.contains("cache-control: no-store"));
    assert!(!page.contains("__CSP_NONCE__"));
    assert_eq!(ask(&serving, "GET", "/a.js", &own[..1], "").0, 200);
    assert_eq!(ask(&serving, "GET", "/../Cargo.toml", &own[..1], "").0, 404);

    for host in ["rebound.example", "localhost", "127.0.0.1"] {
        assert_eq!(ask(&serving, "GET", "/", &[("Host", host)], "").0, 403, "{host}");
    }
    let foreign = [("Host", here.as_str()), ("Origin", "http://evil.example")];
    assert_eq!(ask(&serving, "POST", "/session", &foreign, &serving.token).0, 403);
    assert_eq!(ask(&serving, "POST", "/session", &own[..1], &serving.token).0, 403, "no origin, no change");
    assert_eq!(ask(&serving, "POST", "/rpc/profile.status", &own, "{}").0, 401, "no session");
    assert_eq!(ask(&serving, "POST", "/session", &own, "wrong").0, 401);

    let (status, entered) = ask(&serving, "POST", "/session", &own, &serving.token);
    assert_eq!(status, 204);
    let cookie = entered.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"));
    let cookie = cookie.split(';').next().unwrap().to_owned();
    assert_eq!(ask(&serving, "POST", "/session", &own, &serving.token).0, 401, "the token is used up");
    let inside = [own[0], own[1], ("Cookie", cookie.as_str())];
    let (status, answer) = ask(&serving, "POST", "/rpc/profile.status", &inside, "{}");
    assert_eq!(status, 200);
    assert!(answer.contains(r#""exists":false"#));
    let locked = ask(&serving, "POST", "/rpc/home.show", &inside, "{}");
    assert_eq!(locked.0, 423, "a session does not unlock: {}", locked.1);
    let stolen = [own[0], ("Origin", "http://evil.example"), ("Cookie", cookie.as_str())];
    assert_eq!(ask(&serving, "POST", "/rpc/profile.status", &stolen, "{}").0, 403);
}

#[test]
fn a_program_without_screens_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let empty = tempfile::tempdir().unwrap();
    let output = meguri(folder.path()).args(["serve", "--ui"]).arg(empty.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(5));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains(r#""missing":"ui/dist/index.html""#) && said.contains("make run"), "{said}");
}

#[test]
fn diagnostics_are_written_without_the_passphrase() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("diagnostics.txt");
    let output = meguri(&folder.path().join("profile")).args(["doctor", "--diagnostics"]).arg(&file).output().unwrap();
    assert!(output.status.success());
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.starts_with("meguri ") && text.contains("\nprotocol 1\n") && text.contains("\nschema "));
}
