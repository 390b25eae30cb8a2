//! Finding patients and words, and the numbers of the promises.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)] // a failing test should stop at its line

mod region;

use meguri_replica::{Replica, TimelineQuery};
use region::*;
use serde_json::json;
use std::time::Instant;
use tempfile::tempdir;
use uuid::Uuid;

fn alone(dir: &std::path::Path) -> (Region, Replica, meguri_wire::SpaceId, Uuid) {
    let mut region = Region::new(11);
    let replica = region.replica(&dir.join("a.db"), &region.alice);
    let patient = id(1);
    let space = region.chart(&replica, patient);
    region.sync(&replica);
    (region, replica, space, patient)
}

#[test]
fn a_patient_is_found_by_whatever_is_typed() {
    let dir = tempdir().unwrap();
    let (_region, replica, space, patient) = alone(dir.path());
    let fields = json!({
        "name": { "family": "髙橋", "given": "さくら" }, "kana": { "family": "タカハシ", "given": "サクラ" },
        "birthDate": "1942-03-14", "sex": "female", "localId/みなと薬局": "A-00412"
    });
    replica.append(&append(space, patient, Vec::new(), identity(patient, &fields))).unwrap();
    for query in [
        "高橋",
        "髙橋",
        "さくら",
        "ﾀｶﾊｼ",
        "たかはし",
        "サ",
        "橋",
        "1942-03-14",
        "19420314",
        "1942/3/14",
        "昭和17年3月14日",
        "S17.3.14",
        "昭和17年",
        "00412",
        "a-00412",
        "たかはし 1942",
        "髙橋　サクラ",
        "",
    ] {
        let (rows, total) = replica.search_patients(query, 10).unwrap();
        assert_eq!((rows.len(), total), (1, 1), "{query}");
        assert_eq!(rows[0].local_ids, [("みなと薬局".to_string(), "A-00412".to_string())]);
    }
    for query in ["鈴木", "昭和18年", "1942-03-15", "高橋 花子", "%", "'"] {
        assert_eq!(replica.search_patients(query, 10).unwrap().1, 0, "{query}");
    }
}

#[test]
fn names_that_begin_with_what_is_typed_come_before_those_that_hold_it() {
    let dir = tempdir().unwrap();
    let (mut region, replica, ..) = alone(dir.path());
    let people = [
        ("秋葉", "さくら", "アキバ", "サクラ"),
        ("榎本", "佐智", "エノモト", "サチ"),
        ("佐久間", "灯子", "サクマ", "トウコ"),
        ("さとう", "花子", "サトウ", "ハナコ"),
        ("黒川", "辰雄", "クロカワ", "タツオ"),
    ];
    for (n, (family, given, kana, given_kana)) in (10..).zip(people) {
        let patient = id(n);
        let space = region.chart(&replica, patient);
        let names = json!({ "name": { "family": family, "given": given },
            "kana": { "family": kana, "given": given_kana }, "localId/みなと薬局": format!("A-0{n}") });
        replica.append(&append(space, patient, Vec::new(), identity(patient, &names))).unwrap();
    }
    let find = |query: &str, limit: u32| -> Vec<String> {
        let (rows, _) = replica.search_patients(query, limit).unwrap();
        rows.into_iter().map(|row| row.name.0).collect()
    };
    assert_eq!(find("さ", 10), ["佐久間", "さとう", "秋葉", "榎本"]);
    assert_eq!(find("佐", 10), ["佐久間", "榎本"]);
    assert_eq!(find("さ", 3), ["佐久間", "さとう", "秋葉"]);
    assert_eq!(find("花 さ", 10), ["さとう"]);
    assert_eq!(find("a-01", 2), ["秋葉", "榎本"]);
    assert_eq!(replica.search_patients("さ", 1).unwrap().1, 4);
}

#[test]
fn words_of_any_length_are_found_in_the_right_chart() {
    let dir = tempdir().unwrap();
    let (_region, replica, space, patient) = alone(dir.path());
    let texts = ["両下肢に浮腫あり、息切れなし", "ＳｐＯ２ 98%。食欲良好", "眠"];
    let entries = texts.iter().zip(10..).map(|(text, n)| note(n, NOW + n as i64, text)).collect();
    replica.append(&append(space, patient, entries, Vec::new())).unwrap();
    let find = |text: &str, patient: Uuid| {
        let query = TimelineQuery { patient, limit: 50, text: text.into(), ..TimelineQuery::default() };
        let page = replica.timeline(&query).unwrap();
        assert_eq!(page.entries.len(), page.total as usize);
        page.total
    };
    for (text, count) in [
        ("浮", 1),
        ("腫", 1),
        ("浮腫", 1),
        ("下肢に", 1),
        ("両下肢に浮腫あり", 1),
        ("spo2", 1),
        ("眠", 1),
        ("食欲良好", 1),
        ("し", 1),
        ("浮腫 息切れ", 1),
        ("浮腫 食欲", 0),
        ("腫浮", 0),
        ("褥瘡", 0),
        ("\" OR 1", 0),
    ] {
        assert_eq!(find(text, patient), count, "{text}");
    }
    assert_eq!(find("浮腫", id(77)), 0);
}

fn ms(started: Instant) -> f64 {
    started.elapsed().as_secs_f64() * 1e3
}

#[test]
fn numbers_of_a_long_chart() {
    let dir = tempdir().unwrap();
    let (mut region, replica, space, patient) = alone(dir.path());
    let mut times = Vec::new();
    for n in 0..300u64 {
        let entry = vitals(1_000 + n, NOW + n as i64 * 1000, "36.5");
        let started = Instant::now();
        replica.append(&append(space, patient, vec![entry], Vec::new())).unwrap();
        times.push(ms(started));
    }
    times.sort_by(f64::total_cmp);
    println!("append: p50 {:.2} ms, p99 {:.2} ms", times[150], times[296]);
    let rest: Vec<_> = (300..4_000u64).map(|n| vitals(1_000 + n, NOW + n as i64 * 1000, "36.5")).collect();
    for part in rest.chunks(500) {
        replica.append(&append(space, patient, part.to_vec(), Vec::new())).unwrap();
    }
    region.sync(&replica);
    let page = |before| {
        let query = TimelineQuery { patient, limit: 50, before, ..TimelineQuery::default() };
        let started = Instant::now();
        let page = replica.timeline(&query).unwrap();
        (ms(started), page)
    };
    let mut taken: Vec<f64> = (0..20).map(|_| page(None).0).collect();
    taken.sort_by(f64::total_cmp);
    let (_, first) = page(None);
    assert_eq!((first.entries.len(), first.total, first.more), (50, 4_000, true));
    let last = first.entries.last().unwrap();
    let (_, second) = page(Some((last.at_ms, last.id)));
    assert!(second.entries[0].at_ms < last.at_ms);
    println!("timeline of 50 in 4,000: {:.2} ms", taken[10]);
    let bob = &region.bob;
    let fresh = Replica::create(&dir.path().join("b.db"), &KEY).unwrap();
    fresh.set_device(&bob.info, &bob.secrets).unwrap();
    let page = region.relay.page(&fresh);
    let bytes: usize = page.iter().map(|r| r.frame.len()).sum();
    let started = Instant::now();
    let done = fresh.ingest(&page, NOW).unwrap();
    println!("ingest of 4,000 entries in one chart: {:.0} ms, {} KB of frames", ms(started), bytes / 1024);
    assert_eq!(done.new_entries, 4_000);
    drop(replica);
    let started = Instant::now();
    let again = Replica::open(&dir.path().join("a.db"), &KEY).unwrap();
    println!("open: {:.2} ms", ms(started));
    let started = Instant::now();
    again.warm(patient, NOW).unwrap();
    println!("warm a document of 4,000: {:.0} ms", ms(started));
}

#[test]
fn numbers_of_a_catch_up_of_100_charts() {
    let dir = tempdir().unwrap();
    let mut region = Region::new(13);
    let a = region.replica(&dir.path().join("a.db"), &region.alice);
    let charts: Vec<_> = (0..100u64).map(|n| (region.chart(&a, id(n + 1)), id(n + 1))).collect();
    region.sync(&a);
    for (n, (space, patient)) in (0u64..).zip(&charts) {
        let entries = (0..100).map(|m| vitals(1_000 + n * 100 + m, NOW + m as i64, "36.5")).collect();
        let kana = json!({ "name": { "family": "試験", "given": n.to_string() }, "kana": { "family": "シケン", "given": "ア" } });
        a.append(&append(*space, *patient, entries, identity(*patient, &kana))).unwrap();
    }
    region.sync(&a);
    let bob = &region.bob;
    let fresh = Replica::create(&dir.path().join("b.db"), &KEY).unwrap();
    fresh.set_device(&bob.info, &bob.secrets).unwrap();
    let started = Instant::now();
    let done = fresh.ingest(&region.relay.page(&fresh), NOW).unwrap();
    println!("ingest of 10,000 entries in 100 charts: {:.0} ms", ms(started));
    assert_eq!((done.new_entries, done.waiting, done.parked), (10_000, 0, 0));
    assert_eq!(fresh.search_patients("", 1000).unwrap().1, 100);
}
