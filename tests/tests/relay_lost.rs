//! The relay is lost and comes back from a backup: nothing that anybody wrote is missing afterwards, and nobody is told of a
//! fork or of a relay that went back.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail loudly")]

use meguri_testkit::{Person, Region};
use serde_json::{Value, json};

fn note(text: &str) -> [(&'static str, Value); 1] {
    [("note", json!({"s": text, "o": "", "a": "", "p": ""}))]
}

fn texts(person: &Person, patient: &str) -> Vec<String> {
    let mut texts: Vec<String> =
        person.timeline(patient).iter().map(|(_, _, body)| body["s"].as_str().unwrap().to_owned()).collect();
    texts.sort();
    texts
}

/// Rounds until everybody is at rest; every state at the end of a round.
fn settle(region: &Region, people: &[&Person]) -> Vec<String> {
    let (mut states, mut quiet) = (Vec::new(), 0);
    for _ in 0..16 {
        let now: Vec<String> = people.iter().map(|p| p.sync()["state"].as_str().unwrap().to_owned()).collect();
        states.extend(now.iter().cloned());
        region.pass_ms(310_000);
        // What came after somebody's turn is there in the next.
        quiet = if now.iter().all(|state| state == "up-to-date") { quiet + 1 } else { 0 };
        if quiet == 3 {
            break;
        }
    }
    states
}

fn heads_of(person: &Person) -> Vec<(meguri_wire::FeedId, u64, meguri_wire::Hash)> {
    use meguri_commands::host::Host;
    let replica = person.device().replica().unwrap();
    let spaces: Vec<_> = replica.spaces().unwrap().into_iter().map(|row| row.space).collect();
    replica.cursors().unwrap().into_iter().filter(|(feed, ..)| spaces.contains(feed)).collect()
}

#[test]
fn what_a_backup_lacks_comes_back_from_the_devices() {
    let mut region = Region::new(401);
    let (nurse, doctor) = region.nurse_and_doctor();
    let patient = nurse.register("佐藤", "花子", "サトウ", "ハナコ");
    nurse.write(&patient, &note("0 前")).unwrap();
    settle(&region, &[&nurse, &doctor]);
    let backup = region.back_up();
    // After the backup: entries, a new colleague, a new chart, a lost tablet.
    nurse.write(&patient, &note("1 控えのあと")).unwrap();
    let colleague = region.colleague(&nurse, Some("三浦 千秋"), false);
    colleague.write(&patient, &note("2 新しい人")).unwrap();
    let tablet = region.colleague(&nurse, Some("村上 恵"), false);
    tablet.write(&patient, &note("3 のちに外される人")).unwrap();
    let people = [&nurse, &doctor, &colleague];
    settle(&region, &[&nurse, &doctor, &colleague, &tablet]);
    let gone = json!({"deviceId": tablet.id().to_string(), "reason": "lost"});
    assert_eq!(nurse.call("team.remove", gone).unwrap()["done"], true);
    let second = nurse.register("髙橋", "清", "タカハシ", "キヨシ");
    nurse.write(&second, &note("4 控えのあとのカルテ")).unwrap();
    doctor.write(&patient, &note("5 医師")).unwrap();
    settle(&region, &people);
    doctor.write(&patient, &note("6 まだ送っていない")).unwrap();
    region.restore(&backup, &[&nurse, &doctor, &colleague]);
    let states = settle(&region, &people);
    for wrong in ["fork", "rollback", "removed", "chain-conflict", "parked"] {
        assert!(!states.iter().any(|state| state == wrong), "{states:?}");
    }
    assert!(states[states.len() - 3..].iter().all(|state| state == "up-to-date"), "{states:?}");
    let all = ["0 前", "1 控えのあと", "2 新しい人", "3 のちに外される人", "5 医師", "6 まだ送っていない"];
    for person in people {
        assert_eq!(texts(person, &patient), all, "{person:?}");
        assert_eq!(texts(person, &second), ["4 控えのあとのカルテ"], "{person:?}");
    }
    assert_eq!(heads_of(&nurse), heads_of(&doctor));
    // The removal stands in the new store too, and a device that comes now gets everything.
    let state = tablet.call("sync.now", json!({}));
    assert!(state.is_err() || state.unwrap()["state"] == "removed");
    let newcomer = region.colleague(&nurse, Some("及川 薫"), false);
    settle(&region, &[&nurse, &newcomer, &doctor]);
    assert_eq!(texts(&newcomer, &patient), all);
}
