//! The promises of the core, measured: `cargo bench -p meguri-replica`.
//! Each line is a median (with p99 where it matters) of a release build over a real file with
//! `synchronous = FULL`; beside the writes stands plain SQLite (no key, no index, no projection) in the same run.
//! Words after `--` choose the parts whose names contain them; `MEGURI_BENCH_SCALE=10` divides the sizes by ten.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)] // a measurement may panic

#[path = "../tests/region/mod.rs"]
mod region;

use meguri_replica::{Append, Replica, TimelineQuery};
use meguri_wire::control::{SpaceGenesis, SpaceKind};
use meguri_wire::{Control, SpaceId};
use region::{NOW, Region, append, id, identity, note, vitals};
use rusqlite::{Connection, params};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Patients of a region like Tsuruoka's.
const PATIENTS: u64 = 40_916;

fn scale() -> u64 {
    std::env::var("MEGURI_BENCH_SCALE").ok().and_then(|text| text.parse().ok()).unwrap_or(1).max(1)
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Median and p99 in ms.
fn spread(mut times: Vec<Duration>) -> (f64, f64) {
    times.sort_unstable();
    let at = |part: f64| times[((times.len() - 1) as f64 * part).round() as usize];
    (ms(at(0.5)), ms(at(0.99)))
}

/// Processor time this process has used, all threads, in ms; in steps of 10.
fn cpu_ms() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<f64> = stat.split(' ').skip(13).take(2).filter_map(|text| text.parse().ok()).collect();
    fields.iter().sum::<f64>() * 10.0
}

fn times(count: usize, mut work: impl FnMut(usize)) -> Vec<Duration> {
    (0..count)
        .map(|index| {
            let begun = Instant::now();
            work(index);
            begun.elapsed()
        })
        .collect()
}

fn line(name: &str, (median, worst): (f64, f64), promise: &str) {
    println!("{name:<58} {median:>9.3} {worst:>9.3}   {promise}");
}

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    type Part = (&'static str, fn(&Path));
    let parts: [Part; 5] =
        [("append", appending), ("catch-up", catch_up), ("open", opening), ("patients", patients), ("notes", notes)];
    println!("{:<58} {:>9} {:>9}   promise", "", "median ms", "p99 ms");
    for (name, part) in parts {
        if wanted.is_empty() || wanted.iter().any(|word| name.contains(word.as_str())) {
            let folder = tempfile::tempdir().unwrap();
            part(folder.path());
        }
    }
}

/// A routine set of vitals, as large as a real one.
fn full_vitals(n: u64, at_ms: i64) -> meguri_replica::NewEntry {
    let digit = n % 10;
    let json = serde_json::json!({ "items": [
        { "key": "temp", "value": format!("36.{digit}") }, { "key": "bp.sys", "value": format!("12{digit}") },
        { "key": "bp.dia", "value": format!("7{digit}") }, { "key": "pulse", "value": format!("6{digit}") },
        { "key": "spo2", "value": "97", "attributes": { "gas": "room-air" } }, { "key": "rr", "value": "16" },
    ] });
    let body = meguri_clinical::entry_kind("vitals").unwrap().encode(&json).unwrap();
    let mut entry = vitals(n, at_ms, "36.0");
    entry.body.body = body;
    entry
}

/// Vitals and notes by turns.
fn entry(n: u64, at_ms: i64) -> meguri_replica::NewEntry {
    if n.is_multiple_of(2) {
        return full_vitals(n, at_ms);
    }
    note(
        n,
        at_ms,
        &format!("夜間はよく眠れたとのこと。下肢の浮腫は昨日と同じ程度。内服は確認済み、残薬 {} 錠。", n % 30),
    )
}

/// A chart with `count` entries of one year.
fn chart(region: &mut Region, replica: &Replica, patient: Uuid, count: u64) -> SpaceId {
    replica.ingest(&region.relay.page(replica), NOW).unwrap();
    let space = region.chart(replica, patient);
    replica.ingest(&region.relay.page(replica), NOW).unwrap();
    let state = identity(patient, &serde_json::json!({ "name": { "family": "試験", "given": "太郎" } }));
    replica.append(&append(space, patient, Vec::new(), state)).unwrap();
    for from in (0..count).step_by(500) {
        let base = patient.as_u128() as u64 % 1_000_000 * 1_000_000;
        let entries = (from..(from + 500).min(count)).map(|n| entry(base + n, NOW - n as i64 * 60_000)).collect();
        replica.append(&append(space, patient, entries, Vec::new())).unwrap();
        while replica.tidy().unwrap() {}
    }
    space
}

fn plain(folder: &Path) -> Connection {
    let conn = Connection::open(folder.join("plain.db")).unwrap();
    conn.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE entry (patient BLOB, at_ms INTEGER, id BLOB, kind TEXT, body BLOB, PRIMARY KEY (patient, at_ms, id)) WITHOUT ROWID;",
    )
    .unwrap();
    conn
}

/// One entry at a time, durable.
fn appending(folder: &Path) {
    let mut region = Region::new(1);
    let replica = region.replica(&folder.join("a.db"), &region.alice);
    let conn = plain(folder);
    let count = 1_000 / scale().min(10) as usize;
    let mut rows = Vec::new();
    for (held, n) in [(0u64, 1u64), (4_000 / scale(), 2), (40_000 / scale(), 3)] {
        let patient = id(n);
        let space = chart(&mut region, &replica, patient, held);
        replica.warm(patient, NOW).unwrap();
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for index in 0..count {
            let entry = full_vitals(n * 100_000_000 + index as u64 * 2, NOW + index as i64 * 1_000);
            let begun = Instant::now();
            let sql = "INSERT INTO entry VALUES (?1, ?2, ?3, ?4, ?5)";
            let key = (patient.as_bytes(), entry.at_ms, entry.id.as_bytes());
            conn.prepare_cached(sql)
                .unwrap()
                .execute(params![key.0, key.1, key.2, entry.kind, entry.body.body])
                .unwrap();
            theirs.push(begun.elapsed());
            let step = append(space, patient, vec![entry], Vec::new());
            let begun = Instant::now();
            replica.append(&step).unwrap();
            ours.push(begun.elapsed());
        }
        rows.push((held, spread(ours), spread(theirs)));
        if std::env::var_os("MEGURI_BENCH_TABLES").is_some() {
            pages_of_a_write(&folder.join("a.db"), &replica, &append(space, patient, Vec::new(), Vec::new()));
        }
    }
    for (held, ours, theirs) in rows {
        line(&format!("append one vitals to a chart of {held}"), ours, "<= 0.6");
        line("  plain SQLite beside it", theirs, "0.3");
    }
}

/// Which tables' pages a single write sends to the log.
fn pages_of_a_write(file: &Path, replica: &Replica, to: &Append) {
    let count = 40;
    replica.empty_log().unwrap();
    for n in 0..count {
        let entry = full_vitals(to.patient.as_u128() as u64 * 200_000_000 + n, NOW + 5_000_000 + n as i64 * 1_000);
        replica.append(&Append { entries: vec![entry], ..to.clone() }).unwrap();
    }
    let conn = Connection::open(file).unwrap();
    conn.pragma_update(None, "key", format!("x'{}'", "42".repeat(32))).unwrap();
    let mut statement = conn.prepare("SELECT name, pageno FROM dbstat").unwrap();
    let names: HashMap<u32, String> =
        statement.query_map([], |row| Ok((row.get(1)?, row.get(0)?))).unwrap().map(Result::unwrap).collect();
    let log = std::fs::read(file.with_extension("db-wal")).unwrap();
    let mut per: BTreeMap<&str, u32> = BTreeMap::new();
    // What lies behind the last write is of another turn of the log.
    let written = log[32..].chunks_exact(24 + 4096).take_while(|frame| frame[8..16] == log[16..24]);
    for frame in written {
        let page = u32::from_be_bytes(frame[..4].try_into().unwrap());
        *per.entry(names.get(&page).map_or("free", String::as_str)).or_default() += 1;
    }
    for (name, pages) in per {
        println!("  {name:<40} {:>7.2} pages of a write", f64::from(pages) / count as f64);
    }
}

/// Entries written offline in many charts: seal, and take in on a fresh device.
fn catch_up(folder: &Path) {
    let (charts, each) = (100, 100 / scale().min(10));
    let mut region = Region::new(2);
    let alice = region.replica(&folder.join("a.db"), &region.alice);
    let begun = Instant::now();
    let mut bytes_json = 0;
    for n in 0..charts {
        chart(&mut region, &alice, id(1_000 + n), each);
    }
    let entries = charts * each;
    for n in 0..entries {
        bytes_json += json_bytes(n);
    }
    line(&format!("write {entries} entries in {charts} charts, 1 batch each"), (ms(begun.elapsed()), 0.0), "");
    let begun = Instant::now();
    let spaces = alice.unsent_spaces().unwrap();
    let frames: Vec<_> =
        alice.seal_spaces(&spaces, 64 << 20, &mut region.rng).unwrap().into_iter().map(|(_, f)| f).collect();
    let sealed = begun.elapsed();
    let wire: usize = frames.iter().map(|frame| frame.raw.len()).sum();
    for frame in &frames {
        region.relay.push(frame, Vec::new());
    }
    line(&format!("seal them: {} items, {wire} bytes", frames.len()), (ms(sealed), 0.0), "");
    let begun = Instant::now();
    alice.ingest(&region.relay.page(&alice), NOW).unwrap();
    line("take own items back", (ms(begun.elapsed()), 0.0), "");
    let (mut times, mut cpu) = (Vec::new(), f64::MAX);
    for turn in 0..3 {
        let bob = Replica::create(&folder.join(format!("b{turn}.db")), &region::KEY).unwrap();
        bob.set_device(&region.bob.info, &region.bob.secrets).unwrap();
        let page = region.relay.page(&bob);
        let begun = (Instant::now(), cpu_ms());
        let done = bob.ingest(&page, NOW).unwrap();
        times.push(begun.0.elapsed());
        cpu = cpu.min(cpu_ms() - begun.1);
        assert_eq!((done.new_entries as u64, done.waiting, done.parked), (entries, 0, 0));
    }
    line("take all in on a fresh device, one page", spread(times), "part of <= 1000");
    line("  of it processor time of all threads, least", (cpu, 0.0), "");
    println!("{:<58} {:>9.3}             <= 0.35", "bytes of items / JSON", wire as f64 / bytes_json as f64);
    tables(&folder.join("b0.db"), bytes_json);
}

/// How large the file is, and with `MEGURI_BENCH_TABLES` what in it.
fn tables(file: &Path, bytes_json: usize) {
    let conn = Connection::open(file).unwrap();
    conn.pragma_update(None, "key", format!("x'{}'", "42".repeat(32))).unwrap();
    let pages: i64 = conn.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    println!("{:<58} {:>9.3}", "bytes of the fresh device's file / JSON", (pages * 4096) as f64 / bytes_json as f64);
    if std::env::var_os("MEGURI_BENCH_TABLES").is_none() {
        return;
    }
    let sql = "SELECT name, sum(pgsize), sum(payload), sum(unused) FROM dbstat GROUP BY name ORDER BY 2 DESC LIMIT 25";
    let mut statement = conn.prepare(sql).unwrap();
    let mut rows = statement.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let (name, bytes): (String, i64) = (row.get(0).unwrap(), row.get(1).unwrap());
        let (payload, unused): (i64, i64) = (row.get(2).unwrap(), row.get(3).unwrap());
        println!("  {name:<40} {bytes:>10} bytes, {payload:>10} of payload, {unused:>10} unused");
    }
}

fn json_bytes(n: u64) -> usize {
    let entry = entry(n, NOW);
    let kind = meguri_clinical::entry_kind(&entry.kind).unwrap();
    let body = kind.decode(&entry.body.body).unwrap();
    let whole = serde_json::json!({ "id": entry.id.to_string(), "kind": entry.kind, "at": entry.at_ms, "zone": 540, "body": body });
    whole.to_string().len()
}

/// First page and warming, by size.
fn opening(folder: &Path) {
    let mut region = Region::new(3);
    let path = folder.join("a.db");
    let replica = region.replica(&path, &region.alice);
    let sizes = [400 / scale(), 4_000 / scale(), 40_000 / scale()];
    for (n, size) in (1..).zip(sizes) {
        chart(&mut region, &replica, id(n), size);
    }
    drop(replica);
    for (n, size) in (1..).zip(sizes) {
        let query = TimelineQuery { patient: id(n), limit: 50, ..TimelineQuery::default() };
        let replica = Replica::open(&path, &region::KEY).unwrap();
        let cold = times(1, |_| drop(replica.timeline(&query).unwrap()));
        let warm = times(200, |_| drop(replica.timeline(&query).unwrap()));
        let loading = times(1, |_| replica.warm(id(n), NOW).unwrap());
        line(&format!("first page of {size}, file just opened"), spread(cold), "<= 5");
        line("  again", spread(warm), "");
        line("  load its documents off the path", spread(loading), "");
    }
}

fn person(n: u64) -> serde_json::Value {
    const FAMILY: [(&str, &str); 12] = [
        ("佐藤", "さとう"),
        ("斎藤", "さいとう"),
        ("五十嵐", "いがらし"),
        ("阿部", "あべ"),
        ("伊藤", "いとう"),
        ("渡部", "わたなべ"),
        ("菅原", "すがわら"),
        ("本間", "ほんま"),
        ("長谷川", "はせがわ"),
        ("加藤", "かとう"),
        ("小野寺", "おのでら"),
        ("難波", "なんば"),
    ];
    const GIVEN: [(&str, &str); 10] = [
        ("花子", "はなこ"),
        ("太郎", "たろう"),
        ("キヨ", "きよ"),
        ("茂", "しげる"),
        ("節子", "せつこ"),
        ("勇", "いさむ"),
        ("千代", "ちよ"),
        ("清", "きよし"),
        ("ハル", "はる"),
        ("正", "ただし"),
    ];
    let (family, given) = (FAMILY[(n % 12) as usize], GIVEN[(n / 12 % 10) as usize]);
    serde_json::json!({
        "name": { "family": family.0, "given": given.0 }, "kana": { "family": family.1, "given": given.1 },
        "birthDate": format!("19{:02}-{:02}-{:02}", 20 + n % 60, 1 + n / 7 % 12, 1 + n / 3 % 28), "sex": "female",
        "localId/ST": format!("{:07}", n * 37 % 9_999_991),
    })
}

/// Search among a region's patients.
fn patients(folder: &Path) {
    let region = Region::new(4);
    let path = folder.join("a.db");
    let replica = region.replica(&path, &region.alice);
    let team = replica.team(&region.alice.team()).unwrap().unwrap();
    let signer = region.alice.signer();
    let count = PATIENTS / scale();
    let begun = Instant::now();
    for n in 0..count {
        let nonce = *id(n).as_bytes();
        let body = SpaceGenesis { nonce, space_kind: SpaceKind::Chart, team: team.id(), head: team.head() };
        let genesis = Control { feed: None, cseq: 1, prev_hash: None, body: body.into() }.sign(&signer).unwrap();
        replica.add_space(&genesis.feed(), id(n), &genesis, &[]).unwrap();
        let state = identity(id(n), &person(n));
        replica.append(&append(genesis.feed(), id(n), Vec::new(), state)).unwrap();
    }
    line(&format!("register {count} patients, each"), (ms(begun.elapsed()) / count as f64, 0.0), "");
    drop(replica);
    for (name, text) in [
        ("one kana", "は"),
        ("one kanji", "藤"),
        ("two kana", "さと"),
        ("a name", "いがらし"),
        ("a number", "0370037"),
        ("a birth date", "1944-05-12"),
        ("nobody", "ぽぽぽ"),
    ] {
        let replica = Replica::open(&path, &region::KEY).unwrap();
        let mut found = 0;
        let cold = times(1, |_| found = replica.search_patients(text, 50).unwrap().1);
        let warm = times(50, |_| drop(replica.search_patients(text, 50).unwrap()));
        line(&format!("find a patient among {count}: {name} ({found}), cold"), spread(cold), "<= 25");
        line("  again", spread(warm), "<= 10");
    }
}

/// Words in the notes of a long chart.
fn notes(folder: &Path) {
    let mut region = Region::new(5);
    let path = folder.join("a.db");
    let replica = region.replica(&path, &region.alice);
    let count = 40_000 / scale();
    chart(&mut region, &replica, id(1), count);
    for (name, text) in [("one character", "腫"), ("two", "浮腫"), ("a word", "残薬 17"), ("nothing", "褥瘡")] {
        let query = TimelineQuery { patient: id(1), limit: 50, text: text.into(), ..TimelineQuery::default() };
        let found = replica.timeline(&query).unwrap().total;
        let warm = times(50, |_| drop(replica.timeline(&query).unwrap()));
        line(&format!("notes of {count} with {name} ({found})"), spread(warm), "");
    }
}
