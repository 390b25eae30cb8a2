//! The rows of a replica, read beside it through a connection of their own.

use meguri_seal::KeySlots;
use meguri_testkit::PASSPHRASE;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

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

fn connect(folder: &Path) -> Connection {
    let slots = KeySlots::from_bytes(&std::fs::read(folder.join("keys.cbor")).unwrap()).unwrap();
    let key = slots.open(PASSPHRASE, None).unwrap();
    let conn = Connection::open_with_flags(folder.join("replica.db"), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    conn.execute_batch(&format!("PRAGMA key = \"x'{}'\"", hex::encode(key.bytes()))).unwrap();
    conn
}

fn rows(conn: &Connection, sql: &str) -> BTreeSet<String> {
    let mut statement = conn.prepare(sql).unwrap();
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
    let mut statement = conn.prepare("SELECT name FROM pragma_table_info(?1) ORDER BY cid").unwrap();
    let names = statement.query_map([table], |row| row.get::<_, String>(0)).unwrap().map(Result::unwrap);
    let names: Vec<String> = names.filter(|name| !but.contains(&name.as_str())).collect();
    assert!(!names.is_empty(), "no table {table}");
    names.join(", ")
}

fn tables(folder: &Path, without_own: bool) -> Tables {
    let conn = connect(folder);
    let table = |(table, own): &(&str, &[&str])| {
        let own = if without_own { *own } else { &[] };
        // Entries are numbered as they come, and anew by a rebuild.
        let but: Vec<&str> = own.iter().copied().chain(["row"]).collect();
        let sql = format!("SELECT {} FROM {table}", columns(&conn, table, &but));
        ((*table).to_owned(), rows(&conn, &sql))
    };
    let words = "SELECT e.id FROM words w LEFT JOIN entry e ON e.row = w.rowid";
    PROJECTION.iter().map(table).chain([("words".to_owned(), rows(&conn, words))]).collect()
}

/// What must be the same on every device: the projection without what is a device's own, and the spaces' feeds.
pub fn shared(folder: &Path) -> Tables {
    let mut out = tables(folder, true);
    let feeds = "SELECT feed, ssn, h FROM feed WHERE feed_kind = 2";
    out.insert("feed".into(), rows(&connect(folder), feeds));
    out
}

/// The whole projection of one device.
pub fn projection(folder: &Path) -> Tables {
    tables(folder, false)
}

/// What is still under way.
pub fn unsettled(folder: &Path) -> Tables {
    let conn = connect(folder);
    let of = |table: &str, sql: &str| (table.to_owned(), rows(&conn, sql));
    let all = [
        of("frame", "SELECT feed, ssn, outcome, reason FROM frame WHERE outcome <> 0"),
        of("outbox", "SELECT ord, space, name, dseq FROM outbox"),
        of("sealed", "SELECT space, dseq, answered FROM sealed"),
    ];
    all.into_iter().filter(|(_, rows)| !rows.is_empty()).collect()
}
