//! The relay is lost and comes back from a backup: nothing that anybody wrote is missing afterwards, and nobody is told of a
//! fork or of a relay that went back.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail loudly")]

use meguri_commands::Code;
use meguri_commands::host::Host;
use meguri_device::relay::Relay;
use meguri_testkit::{Person, Region, Weather};
use meguri_wire::BlobId;
use meguri_wire::api::PushRequest;
use serde_json::{Value, json};
use std::sync::Arc;

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

/// States that would be a false alarm, or an end.
const WRONG: [&str; 5] = ["fork", "rollback", "removed", "chain-conflict", "parked"];

fn in_order(states: &[String], people: usize) {
    assert!(!states.iter().any(|state| WRONG.contains(&state.as_str())), "{states:?}");
    assert!(states[states.len() - people..].iter().all(|state| state == "up-to-date"), "{states:?}");
}

/// Two facilities with a chart, a colleague and a lost tablet; what the chart says at the end.
fn before_the_loss(region: &mut Region) -> (Person, Person, Person, Person, String) {
    let (nurse, doctor) = region.nurse_and_doctor();
    let patient = nurse.register("佐藤", "花子", "サトウ", "ハナコ");
    nurse.write(&patient, &note("0 訪問")).unwrap();
    settle(region, &[&nurse, &doctor]);
    let colleague = region.colleague(&nurse, Some("三浦 千秋"), false);
    let tablet = region.colleague(&nurse, Some("村上 恵"), false);
    colleague.write(&patient, &note("1 同僚")).unwrap();
    tablet.write(&patient, &note("2 なくした端末")).unwrap();
    settle(region, &[&nurse, &doctor, &colleague, &tablet]);
    let gone = json!({"deviceId": tablet.id().to_string(), "reason": "lost"});
    assert_eq!(nurse.call("team.remove", gone).unwrap()["done"], true);
    settle(region, &[&nurse, &doctor, &colleague]);
    doctor.write(&patient, &note("3 まだ送っていない")).unwrap();
    (nurse, doctor, colleague, tablet, patient)
}

const WRITTEN: [&str; 4] = ["0 訪問", "1 同僚", "2 なくした端末", "3 まだ送っていない"];

/// Everybody has everything, the removal stands, and a newcomer opens all of it.
fn nothing_is_lost(region: &mut Region, people: [&Person; 3], tablet: &Person, patient: &str) {
    for person in people {
        assert_eq!(texts(person, patient), WRITTEN, "{person:?}");
    }
    assert_eq!(heads_of(people[0]), heads_of(people[1]));
    let state = tablet.call("sync.now", json!({}));
    assert!(state.is_err() || state.unwrap()["state"] == "removed");
    let newcomer = region.colleague(people[0], Some("及川 薫"), false);
    settle(region, &[people[0], &newcomer, people[1]]);
    assert_eq!(texts(&newcomer, patient), WRITTEN);
}

#[test]
fn an_empty_relay_is_filled_by_the_devices() {
    let mut region = Region::new(402);
    let (nurse, doctor, colleague, tablet, patient) = before_the_loss(&mut region);
    let people = [&nurse, &doctor, &colleague];
    region.wipe(&[&nurse, &doctor, &colleague, &tablet]);
    in_order(&settle(&region, &people), 3);
    nothing_is_lost(&mut region, people, &tablet, &patient);
}

#[test]
fn a_relay_with_a_new_key_is_believed_when_the_roots_name_it() {
    let mut region = Region::new(403);
    let (nurse, doctor, colleague, tablet, patient) = before_the_loss(&mut region);
    let people = [&nurse, &doctor, &colleague];
    region.wipe_with_keys(&[&nurse, &doctor, &colleague, &tablet]);
    in_order(&settle(&region, &people), 3);
    nothing_is_lost(&mut region, people, &tablet, &patient);
}

#[test]
fn a_relay_that_moved_is_followed() {
    let mut region = Region::new(404);
    let (nurse, doctor, colleague, tablet, patient) = before_the_loss(&mut region);
    let people = [&nurse, &doctor, &colleague];
    region.move_relay("neu.test", &[&nurse, &doctor, &colleague, &tablet]);
    // The old address still answers, so that devices hear of the new one, and takes nothing more.
    let (own, secrets) = nurse.device().replica().unwrap().device().unwrap().unwrap();
    let old = Relay::new(region.line(), &[Region::relay_url()], Arc::new(secrets.signer(&own.team).unwrap()));
    assert!(!old.heads(&[]).unwrap().heads.is_empty());
    let refused = old.push(&PushRequest { frames: Vec::new() }, None).unwrap_err();
    assert_eq!((refused.code, &*refused.params["reason"]), (Code::RelayRefused, "storage"));
    let refused = old.put_blob(&BlobId([7; 32]), b"sealed").unwrap_err();
    assert_eq!((refused.code, &*refused.params["reason"]), (Code::RelayRefused, "storage"));
    in_order(&settle(&region, &people), 3);
    nothing_is_lost(&mut region, people, &tablet, &patient);
    for person in people {
        let url = person.device().replica().unwrap().meta_get("relay").unwrap().unwrap();
        assert_eq!(url, b"http://neu.test");
    }
}

#[test]
fn nobody_who_was_removed_takes_over_an_empty_relay() {
    let mut region = Region::new(405);
    let (nurse, doctor) = region.nurse_and_doctor();
    let patient = nurse.register("佐藤", "花子", "サトウ", "ハナコ");
    let thief = region.colleague(&nurse, None, true);
    settle(&region, &[&nurse, &doctor, &thief]);
    // Taken, and without a network from here on: it never hears of its removal.
    let gone = json!({"deviceId": thief.id().to_string(), "reason": "lost"});
    assert_eq!(nurse.call("team.remove", gone).unwrap()["done"], true);
    settle(&region, &[&nurse, &doctor]);
    region.wipe(&[&nurse, &doctor, &thief]);
    // It comes first, with everything the relay needs, lets somebody in, and removes her who removed it.
    settle(&region, &[&thief]);
    region.colleague(&thief, Some("本間 徹"), true);
    assert!(settle(&region, &[&nurse]).contains(&"fork".to_owned()));
    let turned = json!({"deviceId": nurse.id().to_string(), "reason": "lost"});
    assert_eq!(thief.call("team.remove", turned).unwrap()["done"], true);
    settle(&region, &[&thief]);
    nurse.write(&patient, &note("まだ私のカルテ")).unwrap();
    let states = settle(&region, &[&nurse]);
    assert!(states.iter().all(|state| state == "fork" || state == "waiting"), "{states:?}");
    assert_eq!(texts(&nurse, &patient), ["まだ私のカルテ"]);
}

#[test]
fn a_removal_that_lost_its_place_is_decided_again() {
    let mut region = Region::new(406);
    let (nurse, doctor) = region.nurse_and_doctor();
    let second = region.colleague(&nurse, None, true);
    let tablet = region.colleague(&nurse, Some("村上 恵"), false);
    settle(&region, &[&nurse, &doctor, &second, &tablet]);
    // The nurse's other device has no network while the tablet is removed and the relay is lost.
    let gone = json!({"deviceId": tablet.id().to_string(), "reason": "lost"});
    assert_eq!(nurse.call("team.remove", gone).unwrap()["done"], true);
    settle(&region, &[&nurse, &doctor]);
    region.wipe(&[&nurse, &doctor, &second, &tablet]);
    settle(&region, &[&second]);
    let newcomer = region.colleague(&second, Some("及川 薫"), false);
    assert_eq!(
        tablet.call("sync.now", json!({})).unwrap()["state"],
        "up-to-date",
        "nothing here says that it was removed"
    );
    in_order(&settle(&region, &[&nurse, &doctor, &second, &newcomer]), 4);
    let state = tablet.call("sync.now", json!({}));
    assert!(state.is_err() || state.unwrap()["state"] == "removed");
}

/// The device that handed it in has forgotten it: what a manager has listed is all there is.
#[test]
fn late_work_that_was_listed_is_offered_again() {
    let mut region = Region::new(403);
    let (nurse, doctor) = region.nurse_and_doctor();
    let patient = nurse.register("佐藤", "花子", "サトウ", "ハナコ");
    nurse.write(&patient, &note("0 前")).unwrap();
    let tablet = region.colleague(&nurse, Some("三浦 千秋"), false);
    settle(&region, &[&nurse, &doctor, &tablet]);
    let backup = region.back_up();
    tablet.net().set_weather(Weather { offline: true, ..Weather::default() });
    tablet.write(&patient, &note("1 紛失後")).unwrap();
    let gone = json!({"deviceId": tablet.id().to_string(), "reason": "lost"});
    assert_eq!(nurse.call("team.remove", gone).unwrap()["done"], true);
    tablet.net().set_weather(Weather::default());
    let _ = tablet.call("sync.now", json!({}));
    assert!(!tablet.folder().join("replica.db").exists(), "it has handed in and forgotten");
    settle(&region, &[&nurse, &doctor]);
    let listed = || nurse.call("late.list", json!({})).unwrap()["chains"].as_array().unwrap().len();
    assert_eq!(listed(), 1);
    region.restore(&backup, &[&nurse, &doctor]);
    settle(&region, &[&nurse, &doctor]);
    assert_eq!(listed(), 1, "still listed, by the new store");
    let late = nurse.call("late.list", json!({})).unwrap();
    let chain = &late["chains"][0];
    let last = chain["items"].as_array().unwrap().last().unwrap();
    let admit = json!({"patientId": patient, "deviceId": chain["deviceId"], "upto": last["dseq"]});
    assert_eq!(nurse.call("late.admit", admit).unwrap(), json!({"done": true, "refused": null}));
    settle(&region, &[&nurse, &doctor]);
    for person in [&nurse, &doctor] {
        assert_eq!(texts(person, &patient), ["0 前", "1 紛失後"], "{person:?}");
    }
}

/// A chart has one beginning, whoever signed it and whatever became of that device.
#[test]
fn a_chart_of_a_device_that_was_removed_comes_back() {
    let mut region = Region::new(407);
    let (nurse, doctor) = region.nurse_and_doctor();
    let tablet = region.colleague(&nurse, Some("村上 恵"), false);
    tablet.share_with(&[nurse.team(), doctor.team()]);
    let patient = tablet.register("佐藤", "花子", "サトウ", "ハナコ");
    tablet.write(&patient, &note("0 訪問")).unwrap();
    settle(&region, &[&tablet, &nurse, &doctor]);
    let gone = json!({"deviceId": tablet.id().to_string(), "reason": "lost"});
    assert_eq!(nurse.call("team.remove", gone).unwrap()["done"], true);
    settle(&region, &[&nurse, &doctor]);
    region.wipe(&[&nurse, &doctor]);
    in_order(&settle(&region, &[&nurse, &doctor]), 2);
    let newcomer = region.colleague(&doctor, Some("及川 薫"), false);
    settle(&region, &[&nurse, &newcomer, &doctor]);
    for person in [&nurse, &doctor, &newcomer] {
        assert_eq!(texts(person, &patient), ["0 訪問"], "{person:?}");
    }
}

/// Whoever comes in knows the relay from the inviting device, which may not have heard of its new key yet.
#[test]
fn a_newcomer_who_was_given_the_old_key_believes_the_roots() {
    let mut region = Region::new(408);
    let (nurse, doctor) = region.nurse_and_doctor();
    let patient = nurse.register("佐藤", "花子", "サトウ", "ハナコ");
    nurse.write(&patient, &note("0 訪問")).unwrap();
    settle(&region, &[&nurse, &doctor]);
    region.wipe_with_keys(&[&nurse, &doctor]);
    settle(&region, &[&doctor]); // brings the nurse's team too
    let newcomer = region.colleague(&nurse, Some("及川 薫"), false);
    in_order(&settle(&region, &[&nurse, &doctor, &newcomer]), 3);
    assert_eq!(texts(&newcomer, &patient), ["0 訪問"]);
}

/// The founder's facility may be closed for days.
#[test]
fn whoever_holds_a_chart_brings_it_back() {
    let mut region = Region::new(409);
    let (nurse, doctor) = region.nurse_and_doctor();
    let patient = nurse.register("佐藤", "花子", "サトウ", "ハナコ");
    nurse.write(&patient, &note("0 訪問")).unwrap();
    settle(&region, &[&nurse, &doctor]);
    region.wipe(&[&nurse, &doctor]);
    in_order(&settle(&region, &[&doctor]), 1);
    doctor.write(&patient, &note("1 医師")).unwrap();
    in_order(&settle(&region, &[&doctor]), 1);
    let newcomer = region.colleague(&doctor, Some("及川 薫"), false);
    in_order(&settle(&region, &[&nurse, &doctor, &newcomer]), 3);
    for person in [&nurse, &doctor, &newcomer] {
        assert_eq!(texts(person, &patient), ["0 訪問", "1 医師"], "{person:?}");
    }
}
