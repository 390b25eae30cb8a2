//! The server role: the relay's own `serve` over a recorded data folder. A relay cannot know how many entries it holds,
//! so a watcher outside of it notes when positions last grew on disk, and `count`, a process of its own with the charts'
//! keys, opens what is stored.

use crate::region::{AUTHORITY, Meta, copy};
use crate::rpc::{now, serve, sleep};
use meguri_relay::operate::config::Config;
use meguri_relay::store::sqlite::FILE;
use meguri_wire::{DocId, Frame};
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::Write;
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};

/// Nothing grew for so long: everything has arrived.
const QUIET_MS: f64 = 400.0;

/// Serves until `close`.
pub fn run(port: u16, folder: &Path, home: &Path) {
    copy(&home.join("relay"), folder);
    let filter = tracing_subscriber::EnvFilter::new("info");
    tracing_subscriber::fmt().json().with_writer(std::io::stderr).with_env_filter(filter).init();
    let text = format!("data = \"{}\"\nlisten = \"127.0.0.1:{port}\"\nauthority = {AUTHORITY:?}\n", folder.display());
    let config = Config::parse(&text, std::env::vars()).expect("a configuration");
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
        runtime.block_on(meguri_relay::operate::serve::serve(&config)).expect("the relay serves");
    });
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
        sleep(1.0);
    }
    let folder = folder.to_owned();
    serve(move |cmd, ask| match cmd {
        "waitCount" => wait(&folder, ask),
        _ => json!({}),
    });
}

fn open(folder: &Path) -> Connection {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(folder.join(FILE), flags).expect("the relay's database")
}

fn number(connection: &Connection, sql: &str) -> i64 {
    connection.prepare_cached(sql).and_then(|mut s| s.query_row([], |row| row.get(0))).expect("a number")
}

fn wait(folder: &Path, ask: &Value) -> Value {
    let wanted = ask["n"].as_u64().expect("n");
    let connection = open(folder);
    let positions = "SELECT sum(ssn) FROM feed WHERE feed_kind = 2";
    let (mut version, mut sum) = (0, number(&connection, positions));
    let begun = sum;
    let mut last = now();
    let mut counted = begun;
    loop {
        let seen = number(&connection, "PRAGMA data_version");
        if seen != version {
            version = seen;
            let grown = number(&connection, positions);
            if grown != sum {
                (sum, last) = (grown, now());
            }
        }
        if sum != counted && now() - last > QUIET_MS {
            counted = sum;
            let entries = counted_elsewhere(folder, &ask["meta"]);
            if entries >= wanted {
                return json!({"t": last, "entries": entries});
            }
        }
        sleep(1.0);
    }
}

fn counted_elsewhere(folder: &Path, meta: &Value) -> u64 {
    let own = std::env::current_exe().expect("this program");
    let mut child = Command::new(own)
        .arg("count")
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a process");
    child.stdin.take().expect("stdin").write_all(meta.to_string().as_bytes()).expect("a reader");
    let done = child.wait_with_output().expect("a count");
    String::from_utf8_lossy(&done.stdout).trim().parse().expect("a number")
}

/// Prints how many entries the items of a relay's database hold.
pub fn count(folder: &Path) {
    let meta: Meta = serde_json::from_reader(std::io::stdin().lock()).expect("the recorded region");
    let keys: HashMap<_, _> = meta.charts.values().map(|chart| (chart.space(), chart.key())).collect();
    let logs: HashMap<DocId, ()> = keys
        .keys()
        .flat_map(|space| (2020..2035).map(|year| (meguri_wire::ids::doc_id(space, &format!("log-{year}")), ())))
        .collect();
    let connection = open(folder);
    let mut statement = connection.prepare("SELECT raw FROM frame WHERE class = 0").expect("frames");
    let mut rows = statement.query([]).expect("frames");
    let mut entries = 0;
    while let Some(row) = rows.next().expect("a frame") {
        let raw: Vec<u8> = row.get(0).expect("bytes");
        let frame = Frame::decode(&raw).expect("a frame");
        let (Some(item), Some(author)) = (frame.item(), frame.author()) else { continue };
        if item.doc.is_some_and(|doc| logs.contains_key(&doc)) {
            let plain = meguri_seal::open_item(&keys[&item.feed], &author, item).expect("it opens");
            entries += plain.to_changes().expect("changes").len();
        }
    }
    println!("{entries}");
}
