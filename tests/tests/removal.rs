//! A tablet is lost, a colleague leaves, a facility is taken off a chart: what is cut off, what is renewed, what is handed
//! in, and what the one who is gone can still open.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail loudly")]

use meguri_commands::Code;
use meguri_commands::host::Host;
use meguri_testkit::{PASSPHRASE, Person, Region, Weather};
use serde_json::{Value, json};

fn note(text: &str) -> [(&'static str, Value); 1] {
    [("note", json!({"s": text, "o": "", "a": "", "p": ""}))]
}

/// An admin nurse, her colleague with a tablet of her own, a physician, and a chart that all of them have.
struct Lost {
    region: Region,
    admin: Person,
    tablet: Person,
    doctor: Person,
    patient: String,
}

impl Lost {
    fn new(seed: u64) -> Lost {
        let mut region = Region::new(seed);
        let (admin, doctor) = region.nurse_and_doctor();
        let patient = admin.register("佐藤", "花子", "サトウ", "ハナコ");
        admin.write(&patient, &note("0 はじめ")).unwrap();
        for person in [&admin, &doctor, &admin] {
            person.sync();
        }
        let tablet = region.colleague(&admin, Some("三浦 千秋"), false);
        tablet.write(&patient, &note("1 紛失前に送信")).unwrap();
        let lost = Lost { region, admin, tablet, doctor, patient };
        lost.rounds(&[&lost.tablet, &lost.admin, &lost.doctor]);
        lost
    }

    fn rounds(&self, people: &[&Person]) {
        for _ in 0..3 {
            for person in people {
                person.sync();
            }
            self.region.pass_ms(61_000);
        }
    }

    fn remove(&self, reason: &str) -> Value {
        let req = json!({"deviceId": self.tablet.id().to_string(), "reason": reason});
        self.admin.call("team.remove", req).unwrap()
    }

    fn state(&self, person: &Person) -> meguri_wire::feed::SpaceState {
        let replica = person.device().replica().unwrap();
        let space = replica.space_of(self.patient.parse().unwrap()).unwrap().unwrap();
        replica.space(&space).unwrap().unwrap()
    }
}

fn texts(person: &Person, patient: &str) -> Vec<String> {
    let mut texts: Vec<String> =
        person.timeline(patient).iter().map(|(_, _, body)| body["s"].as_str().unwrap().to_owned()).collect();
    texts.sort();
    texts
}

#[test]
fn a_lost_tablet_is_cut_off_at_once_its_charts_get_a_new_key_and_its_late_work_is_admitted() {
    let lost = Lost::new(301);
    let Lost { region, admin, tablet, doctor, patient } = &lost;
    tablet.net().set_weather(Weather { offline: true, ..Weather::default() });
    tablet.write(patient, &note("2 紛失後に書かれた")).unwrap();
    let visit = "0193a000-0000-7000-8000-000000000001";
    let draft = json!({"patientId": patient, "visitId": visit, "kind": "note", "body": {"s": "下書き"}});
    tablet.call("draft.save", draft).unwrap();
    let before = lost.state(admin).newest_epoch();
    assert_eq!(lost.remove("lost"), json!({"done": true, "refused": null}));
    // Cut off at once: nothing but its own team's feed, up to its removal.
    tablet.net().set_weather(Weather::default());
    let state = tablet.call("sync.now", json!({}));
    assert!(state.is_err() || state.unwrap()["state"] == "removed");
    lost.rounds(&[admin, doctor]);
    assert_eq!(lost.state(admin).newest_epoch(), before + 1, "a new key, by the idle admin");
    // The tablet has handed in and forgotten.
    let door = tablet.call("profile.status", json!({})).unwrap();
    assert_eq!((&door["exists"], &door["unlocked"]), (&json!(false), &json!(false)), "{door}");
    assert_eq!(door["removed"]["handedIn"], 2, "{door}");
    assert!(!tablet.folder().join("replica.db").exists() && !tablet.folder().join("keys.cbor").exists());
    // Its late work is listed for the managers and nobody else.
    let late = admin.call("late.list", json!({})).unwrap();
    assert_eq!(admin.sync()["state"], "late-items");
    assert_eq!(doctor.call("late.list", json!({})).unwrap()["chains"], json!([]));
    let chain = &late["chains"][0];
    assert_eq!((&chain["author"]["name"], &chain["patient"]), (&json!("三浦 千秋"), &json!("佐藤 花子")), "{late}");
    let items = chain["items"].as_array().unwrap();
    assert_eq!(items.len(), 2, "{late}");
    assert_eq!(items[0]["brings"][0]["kind"], "note");
    assert!(items[0]["brings"][0]["title"].as_str().unwrap().contains("紛失後"), "{late}");
    assert_eq!(items[1]["brings"][0]["draft"], true);
    assert_eq!(texts(admin, patient).len(), 2, "a preview is no entry");
    let admit = json!({"patientId": patient, "deviceId": chain["deviceId"], "upto": items[0]["dseq"]});
    assert_eq!(admin.call("late.admit", admit).unwrap(), json!({"done": true, "refused": null}));
    lost.rounds(&[admin, doctor]);
    for person in [admin, doctor] {
        assert_eq!(texts(person, patient), ["0 はじめ", "1 紛失前に送信", "2 紛失後に書かれた"], "{person:?}");
        let page = person.call("chart.timeline", json!({"patientId": patient})).unwrap();
        let statuses: Vec<(&Value, &Value)> =
            page["entries"].as_array().unwrap().iter().map(|e| (&e["body"]["s"], &e["status"])).collect();
        assert!(statuses.contains(&(&json!("2 紛失後に書かれた"), &json!("late"))), "{statuses:?}");
        assert!(statuses.contains(&(&json!("1 紛失前に送信"), &json!("confirmed"))), "{statuses:?}");
    }
    // What was left stays listed.
    let late = admin.call("late.list", json!({})).unwrap();
    assert_eq!(late["chains"][0]["items"].as_array().unwrap().len(), 1, "{late}");
    region.pass_ms(1);
}

#[test]
fn a_compromised_tablet_hands_in_nothing_and_forgets_at_once() {
    let lost = Lost::new(302);
    let Lost { admin, tablet, doctor, patient, .. } = &lost;
    tablet.net().set_weather(Weather { offline: true, ..Weather::default() });
    tablet.write(patient, &note("2 失われる")).unwrap();
    lost.remove("compromised");
    tablet.net().set_weather(Weather::default());
    let _ = tablet.call("sync.now", json!({}));
    let door = tablet.call("profile.status", json!({})).unwrap();
    assert_eq!((&door["exists"], &door["removed"]["reason"]), (&json!(false), &json!("compromised")), "{door}");
    lost.rounds(&[admin, doctor]);
    assert_eq!(admin.call("late.list", json!({})).unwrap()["chains"], json!([]));
    assert_eq!(texts(doctor, patient), ["0 はじめ", "1 紛失前に送信"]);
}

#[test]
fn a_removal_decided_without_a_network_is_kept_and_done_later() {
    let lost = Lost::new(303);
    let Lost { admin, tablet, .. } = &lost;
    admin.net().set_weather(Weather { offline: true, ..Weather::default() });
    assert_eq!(lost.remove("lost"), json!({"done": false, "refused": null}));
    lost.remove("lost");
    let kept = admin.call("intent.list", json!({})).unwrap()["intents"].clone();
    assert_eq!(kept.as_array().unwrap().len(), 1, "decided twice, kept once: {kept}");
    assert_eq!((&kept[0]["what"], &kept[0]["about"]), (&json!("remove-device"), &json!("三浦 千秋")));
    assert_eq!(tablet.sync()["state"], "up-to-date");
    admin.net().set_weather(Weather::default());
    lost.rounds(&[admin]);
    assert_eq!(admin.call("intent.list", json!({})).unwrap()["intents"], json!([]));
    let shown = admin.call("team.show", json!({})).unwrap();
    let gone = shown["staff"].as_array().unwrap().iter().flat_map(|p| p["devices"].as_array().unwrap());
    let gone: Vec<&Value> = gone.filter(|device| !device["removed"].is_null()).collect();
    assert_eq!(gone.len(), 1, "{shown}");
    assert_eq!(gone[0]["removed"]["by"]["name"], "小野寺 由美");
}

#[test]
fn two_admins_at_once_agree_and_the_last_admin_stays() {
    let mut lost = Lost::new(304);
    let second = lost.region.colleague(&lost.admin, Some("村上 恵"), true);
    let third = lost.region.colleague(&lost.admin, Some("及川 薫"), false);
    lost.rounds(&[&lost.admin, &second, &third]);
    for person in [&lost.admin, &second] {
        person.net().set_weather(Weather { offline: true, ..Weather::default() });
    }
    lost.remove("lost");
    let req = json!({"deviceId": third.id().to_string(), "reason": "retired"});
    assert_eq!(second.call("team.remove", req).unwrap()["done"], false);
    for person in [&lost.admin, &second] {
        person.net().set_weather(Weather::default());
    }
    lost.rounds(&[&lost.admin, &second, &lost.doctor]);
    for person in [&lost.admin, &second] {
        let shown = person.call("team.show", json!({})).unwrap();
        let devices = shown["staff"].as_array().unwrap().iter().flat_map(|p| p["devices"].as_array().unwrap());
        let removed = devices.filter(|device| !device["removed"].is_null()).count();
        assert_eq!(removed, 2, "{shown}");
        assert_eq!(person.call("intent.list", json!({})).unwrap()["intents"], json!([]));
    }
    // The other admin, and then nobody would be left.
    let req = json!({"deviceId": second.id().to_string(), "reason": "retired"});
    assert_eq!(lost.admin.call("team.remove", req).unwrap()["done"], true);
    let own = json!({"deviceId": lost.admin.id().to_string(), "reason": "retired"});
    let refused = lost.admin.call("team.remove", own).unwrap_err();
    assert_eq!((refused.code, &*refused.params["reason"]), (Code::NotAllowed, "no_admin"));
}

#[test]
fn a_facility_that_was_taken_off_reads_what_it_had_and_nothing_new() {
    let lost = Lost::new(305);
    let Lost { admin, doctor, patient, .. } = &lost;
    let req = json!({"patientId": patient, "facilityId": doctor.team().to_string()});
    assert_eq!(admin.call("space.remove", req).unwrap(), json!({"done": true, "refused": null}));
    admin.write(patient, &note("3 医院を外したあと")).unwrap();
    lost.rounds(&[admin, doctor]);
    assert_eq!(texts(doctor, patient), ["0 はじめ", "1 紛失前に送信"]);
    assert_eq!(texts(admin, patient).len(), 3);
    let refused = doctor.write(patient, &note("4 書けない")).unwrap_err();
    assert_eq!(refused.code, Code::NotAllowed);
}

#[test]
fn a_removed_device_that_dies_on_the_way_goes_on_handing_in_behind_its_lock() {
    for nth in 0..60 {
        let mut lost = Lost::new(306);
        lost.tablet.net().set_weather(Weather { offline: true, ..Weather::default() });
        lost.tablet.write(&lost.patient, &note("2 紛失後")).unwrap();
        lost.remove("lost");
        lost.tablet.net().set_weather(Weather::default());
        let died = lost.tablet.dying(nth, |tablet| {
            let _ = tablet.call("sync.now", json!({}));
        });
        let ended = died.is_ok();
        for _ in 0..4 {
            let _ = lost.tablet.call("profile.unlock", json!({"passphrase": PASSPHRASE}));
            let _ = lost.tablet.device().round();
            lost.region.pass_ms(310_000);
        }
        let door = lost.tablet.call("profile.status", json!({})).unwrap();
        assert_eq!(door["exists"], false, "{nth} {died:?}: {door}");
        lost.rounds(&[&lost.admin]);
        let late = lost.admin.call("late.list", json!({})).unwrap();
        assert_eq!(late["chains"][0]["items"].as_array().map(Vec::len), Some(1), "{nth} {died:?}: {late}");
        if ended {
            assert!(nth > 5, "there are points on the way");
            return;
        }
    }
    unreachable!("more points than any farewell passes");
}
