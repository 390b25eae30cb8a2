//! The rows of a replica, read beside it through a connection of their own.

use meguri_seal::KeySlots;
use meguri_testkit::PASSPHRASE;
use meguri_wire::{DeviceId, FeedId, Frame, SpaceId};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

pub type Tables = BTreeMap<String, BTreeSet<String>>;

/// What screens read, and the columns that are a device's own affair.
const PROJECTION: &[(&str, &[&str])] = &[
    ("entry", &["seen"]),
    ("blob", &["present"]),
    ("state", &[]),
    ("staff_card", &[]),
    ("patient", &[]),
    ("patient_find", &[]),
];

thread_local! {
    /// By folder: opening a file costs more than what is read of it.
    static OPEN: RefCell<BTreeMap<PathBuf, Rc<Connection>>> = const { RefCell::new(BTreeMap::new()) };
}

/// Before anything moves again: files may go, and others come in their place.
pub fn close() {
    OPEN.take();
}

fn connect(folder: &Path) -> Rc<Connection> {
    OPEN.with_borrow_mut(|open| match open.get(folder) {
        Some(conn) => conn.clone(),
        None => {
            let conn = Rc::new(read_only(folder));
            conn.set_prepared_statement_cache_capacity(256);
            open.insert(folder.to_owned(), conn.clone());
            conn
        }
    })
}

fn read_only(folder: &Path) -> Connection {
    let slots = KeySlots::from_bytes(&std::fs::read(folder.join("keys.cbor")).unwrap()).unwrap();
    let key = slots.open(PASSPHRASE, None).unwrap();
    let conn = Connection::open_with_flags(folder.join("replica.db"), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    conn.execute_batch(&format!("PRAGMA key = \"x'{}'\"", hex::encode(key.bytes()))).unwrap();
    conn
}

fn rows(conn: &Connection, sql: &str) -> BTreeSet<String> {
    let mut statement = conn.prepare_cached(sql).unwrap();
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut rows = statement.query([]).unwrap();
    let mut out = BTreeSet::new();
    while let Some(row) = rows.next().unwrap() {
        let cell = |at: usize| match row.get_ref(at).unwrap() {
            ValueRef::Null => "null".to_owned(),
            ValueRef::Integer(n) => n.to_string(),
            ValueRef::Real(x) => x.to_string(),
            ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
            ValueRef::Blob(bytes) => hex::encode(bytes),
        };
        let cells: Vec<String> = names.iter().enumerate().map(|(at, name)| format!("{name}={}", cell(at))).collect();
        out.insert(cells.join(" "));
    }
    out
}

fn columns(conn: &Connection, table: &str, but: &[&str]) -> String {
    let mut statement = conn.prepare_cached("SELECT name FROM pragma_table_info(?1) ORDER BY cid").unwrap();
    let names = statement.query_map([table], |row| row.get::<_, String>(0)).unwrap().map(Result::unwrap);
    let names: Vec<String> = names.filter(|name| !but.contains(&name.as_str())).collect();
    assert!(!names.is_empty(), "no table {table}");
    names.join(", ")
}

fn projection_of(conn: &Connection) -> Tables {
    let table = |(table, _): &(&str, &[&str])| {
        // Entries are numbered as they come, and anew by a rebuild.
        let sql = format!("SELECT {} FROM {table}", columns(conn, table, &["row"]));
        ((*table).to_owned(), rows(conn, &sql))
    };
    let words = "SELECT e.id FROM words w LEFT JOIN entry e ON e.row = w.rowid";
    PROJECTION.iter().map(table).chain([("words".to_owned(), rows(conn, words))]).collect()
}

/// What corrections and withdrawals make of the entry they follow.
const FOLLOWED: [&str; 3] = ["shown", "closed", "closed_by"];

/// What must be the same of a chart on every device that may read it: the projection without what is a device's own or
/// unsent or follows from that, and the feed.
pub fn chart(folder: &Path, space: &SpaceId, patient: &str) -> Tables {
    let conn = connect(folder);
    let (space, patient) = (hex::encode(space.0), patient.replace('-', ""));
    let of = |(table, own): &(&str, &[&str])| {
        let apart = if *table == "entry" { &FOLLOWED[..] } else { &[] };
        let but: Vec<&str> = own.iter().copied().chain(["row"]).chain(apart.iter().copied()).collect();
        let place = match *table {
            "entry" => format!("space = x'{space}' AND ssn > 0"),
            "blob" => format!("space = x'{space}' AND entry IN (SELECT id FROM entry WHERE ssn > 0)"),
            "state" => format!("space = x'{space}'"),
            "staff_card" => "0".to_owned(),
            _ => format!("id = x'{patient}'"),
        };
        let sql = format!("SELECT {} FROM {table} WHERE {place}", columns(&conn, table, &but));
        ((*table).to_owned(), rows(&conn, &sql))
    };
    let unsent = !rows(&conn, &format!("SELECT 1 FROM outbox WHERE space = x'{space}' LIMIT 1")).is_empty();
    let shared = |(table, _): &&(&str, &[&str])| !unsent || ["entry", "blob"].contains(table);
    let mut out: Tables = PROJECTION.iter().filter(shared).map(of).collect();
    let follow_up = format!("SELECT 1 FROM entry WHERE space = x'{space}' AND ssn = 0 AND follow <> 0 LIMIT 1");
    if rows(&conn, &follow_up).is_empty() {
        let sql = format!("SELECT id, {} FROM entry WHERE space = x'{space}' AND ssn > 0", FOLLOWED.join(", "));
        out.insert("followed".into(), rows(&conn, &sql));
    }
    let feed = format!("SELECT feed, ssn, h FROM feed WHERE feed_kind = 2 AND feed = x'{space}'");
    out.insert("feed".into(), rows(&conn, &feed));
    out
}

/// Whether late items of a device in a chart are listed.
pub fn lists_late(folder: &Path, space: &SpaceId, device: &DeviceId) -> bool {
    let (space, device) = (hex::encode(space.0), hex::encode(device.0));
    let sql = format!("SELECT 1 FROM late WHERE space = x'{space}' AND device = x'{device}' LIMIT 1");
    folder.join("replica.db").exists() && !rows(&connect(folder), &sql).is_empty()
}

/// Frames of a feed, in place (`frame`) or set aside with a store that was lost (`former`).
pub fn frames(folder: &Path, table: &str, feed: &FeedId) -> Vec<Frame> {
    if !folder.join("replica.db").exists() {
        return Vec::new();
    }
    let raw = rows(&connect(folder), &format!("SELECT raw FROM {table} WHERE feed = x'{}'", hex::encode(feed.0)));
    let frame = |row: String| Frame::decode(&hex::decode(row.trim_start_matches("raw=")).unwrap()).unwrap();
    raw.into_iter().map(frame).collect()
}

/// The whole projection of one device.
pub fn projection(folder: &Path) -> Tables {
    projection_of(&connect(folder))
}

/// What is still under way, except what was written into charts that are shut, and what came into those whose key is lost.
pub fn unsettled_but(folder: &Path, shut: &[String], keyless: &[String]) -> Tables {
    let conn = connect(folder);
    let of = |table: &str, sql: &str| (table.to_owned(), rows(&conn, sql));
    let list = |spaces: &[String]| spaces.iter().map(|space| format!("x'{space}'")).collect::<Vec<_>>().join(", ");
    let (shut, keyless) = (list(shut), list(keyless));
    // What waits in quarantine stays in the outbox, answered, until it is let in.
    let waits = "NOT EXISTS (SELECT 1 FROM sealed s WHERE s.space = o.space AND s.dseq = o.dseq AND s.answered = 1)";
    let outbox = format!("SELECT ord, space, name, dseq FROM outbox o WHERE space NOT IN ({shut}) AND {waits}");
    let sealed = format!("SELECT space, dseq, answered FROM sealed WHERE answered = 0 AND space NOT IN ({shut})");
    let all = [
        of(
            "frame",
            &format!("SELECT feed, ssn, outcome, reason FROM frame WHERE outcome <> 0 AND feed NOT IN ({keyless})"),
        ),
        of("outbox", &outbox),
        of("sealed", &sealed),
    ];
    all.into_iter().filter(|(_, rows)| !rows.is_empty()).collect()
}

/// Whether frames of a chart wait for a key.
pub fn waits_for_key(folder: &Path, space: &SpaceId) -> bool {
    let sql = format!("SELECT ssn FROM frame WHERE feed = x'{}' AND outcome = 2", hex::encode(space.0));
    folder.join("replica.db").exists() && !rows(&connect(folder), &sql).is_empty()
}

/// What keeps a removed device: changes, sealed items and drafts of charts that a relay knows.
pub fn not_handed_in(folder: &Path) -> Tables {
    let conn = connect(folder);
    let of = |table: &str, sql: &str| (table.to_owned(), rows(&conn, sql));
    let known = "SELECT space FROM space WHERE genesis = x''";
    let outbox = format!("SELECT ord, space, name, dseq FROM outbox WHERE dseq = 0 AND space IN ({known})");
    let sealed = format!("SELECT space, dseq, epoch FROM sealed WHERE answered = 0 AND space IN ({known})");
    let draft =
        format!("SELECT id, patient FROM draft WHERE patient IN (SELECT patient FROM space WHERE space IN ({known}))");
    let all = [of("outbox", &outbox), of("sealed", &sealed), of("draft", &draft)];
    all.into_iter().filter(|(_, rows)| !rows.is_empty()).collect()
}

/// Patients, as 32 digits, whose charts no relay has ever taken.
pub fn only_here(folder: &Path) -> BTreeSet<String> {
    if !folder.join("replica.db").exists() {
        return BTreeSet::new();
    }
    let all = rows(&connect(folder), "SELECT patient FROM space WHERE genesis <> x''");
    all.into_iter().map(|row| row.trim_start_matches("patient=").to_owned()).collect()
}

/// Everything that is under way, for a message.
pub fn left(folder: &Path) -> Tables {
    if !folder.join("replica.db").exists() {
        return Tables::new();
    }
    let conn = connect(folder);
    let of = |table: &str, sql: &str| (table.to_owned(), rows(&conn, sql));
    let all = [
        of("outbox", "SELECT space, name, dseq FROM outbox"),
        of("sealed", "SELECT space, dseq, epoch, answered FROM sealed"),
        of("former", "SELECT rank, feed, lost, length(raw) FROM former"),
        of("frame", "SELECT feed, ssn, outcome, reason FROM frame WHERE outcome <> 0"),
        of("late", "SELECT space, device, dseq FROM late"),
    ];
    all.into_iter().filter(|(_, rows)| !rows.is_empty()).collect()
}
