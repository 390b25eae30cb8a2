//! An installation becomes another device of the same person: nothing it wrote is missing afterwards, sent or not, and
//! nobody else takes a profile over.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests fail loudly")]

use image::{ImageFormat, RgbImage};
use meguri_commands::Code;
use meguri_commands::host::Host;
use meguri_testkit::{PASSPHRASE, Person, Region, Weather};
use meguri_wire::control::FacilityType;
use serde_json::{Value, json};
use std::io::Cursor;

fn note(text: &str) -> (&'static str, Value) {
    ("note", json!({"s": text, "o": "", "a": "", "p": ""}))
}

fn picture() -> Vec<u8> {
    let mut out = Vec::new();
    let image = RgbImage::from_fn(600, 400, |x, y| image::Rgb([(x % 251) as u8, (y % 241) as u8, 90]));
    image.write_to(&mut Cursor::new(&mut out), ImageFormat::Bmp).unwrap();
    out
}

fn settle(region: &Region, people: &[&Person]) -> Vec<String> {
    let mut states = Vec::new();
    for _ in 0..8 {
        states = people.iter().map(|p| p.sync()["state"].as_str().unwrap().to_owned()).collect();
        region.pass_ms(310_000);
    }
    states
}

/// A chart as its screen shows it, but for the device and when it came.
fn chart(person: &Person, patient: &str) -> Vec<(String, String, Value, Value)> {
    let page = person.call("chart.timeline", json!({"patientId": patient, "limit": 200})).unwrap();
    let entries = page["entries"].as_array().unwrap().iter();
    let text = |entry: &Value, field: &str| entry[field].as_str().unwrap().to_owned();
    let mut all: Vec<_> = entries
        .map(|e| (text(e, "id"), text(e, "kind"), e["body"].clone(), json!([e["at"], e["author"]["name"]])))
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

struct Three {
    region: Region,
    nurse: Person,
    colleague: Person,
    doctor: Person,
    charts: [String; 3],
    /// As the colleague's screen showed them.
    before: Vec<Vec<(String, String, Value, Value)>>,
}

fn colleague_offer(colleague: &Person) -> Value {
    let me = colleague.call("profile.status", json!({})).unwrap()["me"]["staffId"].clone();
    json!({"staffId": me})
}

/// A colleague with a full outbox: notes and a photograph in two shared charts, a third chart that no relay has seen.
fn full_outbox(seed: u64) -> Three {
    let mut region = Region::new(seed);
    let (nurse, doctor) = region.nurse_and_doctor();
    let colleague = region.colleague(&nurse, Some("三浦 千秋"), false);
    colleague.share_with(&[doctor.team()]);
    let one = colleague.register("佐藤", "花子", "サトウ", "ハナコ");
    let two = nurse.register("髙橋", "清", "タカハシ", "キヨシ");
    colleague.write(&one, &[note("送ったもの")]).unwrap();
    nurse.write(&two, &[note("看護師が前に")]).unwrap();
    settle(&region, &[&nurse, &colleague, &doctor]);
    colleague.net().set_weather(Weather { offline: true, ..Weather::default() });
    for n in 0..12 {
        colleague.write(&one, &[note(&format!("まだ {n}"))]).unwrap();
    }
    let bytes = colleague.device().blob_put(&picture(), "image/bmp").unwrap();
    let mut photo = serde_json::to_value(bytes).unwrap()["photo"].take();
    photo["caption"] = json!("仙骨部");
    colleague.write(&two, &[note("創部"), ("photo", photo)]).unwrap();
    let three = colleague.register("工藤", "正", "クドウ", "タダシ");
    colleague.write(&three, &[note("初回訪問"), note("二つめ")]).unwrap();
    colleague.net().set_weather(Weather::default());
    let charts = [one, two, three];
    let before = charts.iter().map(|patient| chart(&colleague, patient)).collect();
    Three { region, nurse, colleague, doctor, charts, before }
}

impl Three {
    fn shown(&self, person: &Person) -> Vec<Vec<(String, String, Value, Value)>> {
        self.charts.iter().map(|patient| chart(person, patient)).collect()
    }

    /// Nothing is missing here, and everybody has it.
    fn arrives(&self) {
        assert_eq!(self.shown(&self.colleague), self.before);
        let states = settle(&self.region, &[&self.colleague, &self.nurse, &self.doctor]);
        assert_eq!(states, ["up-to-date"; 3]);
        assert_eq!(self.shown(&self.colleague), self.before);
        assert_eq!(self.shown(&self.nurse), self.before);
        let (_, shared) = (self.nurse.sync(), self.shown(&self.doctor));
        assert_eq!((&shared[0], &shared[2]), (&self.before[0], &self.before[2]));
        assert_eq!(self.colleague.sync()["unsent"], 0);
        let page = self.nurse.call("chart.timeline", json!({"patientId": self.charts[1], "limit": 9})).unwrap();
        let photo = page["entries"].as_array().unwrap().iter().find(|entry| entry["kind"] == "photo").unwrap();
        assert_eq!(photo.get("blobMissing"), None, "the picture came with it");
    }
}

#[test]
fn a_full_outbox_arrives_from_the_new_device() {
    let three = full_outbox(501);
    let old = three.colleague.id();
    let join = Region::certified(&three.colleague, &three.nurse, colleague_offer(&three.colleague)).unwrap();
    assert_eq!(three.colleague.id(), old, "nothing has changed before the certificate is here");
    assert_eq!(three.colleague.call("enrol.join", join).unwrap()["state"], "done");
    assert_ne!(three.colleague.id(), old);
    three.arrives();
    // The old device may go like any other; what it had sent stays.
    let gone = json!({"deviceId": old.to_string(), "reason": "retired"});
    assert_eq!(three.nurse.call("team.remove", gone).unwrap()["done"], true);
    three.arrives();
}

#[test]
fn a_crash_on_the_way_leaves_one_of_the_two_devices_whole() {
    let mut crashes = 0;
    for nth in (1..).step_by(2) {
        let mut three = full_outbox(502);
        let old = three.colleague.id();
        let offer = colleague_offer(&three.colleague);
        let join = Region::certified(&three.colleague, &three.nurse, offer.clone()).unwrap();
        let done = three.colleague.dying(nth, |person| person.call("enrol.join", join));
        let changed = three.colleague.id() != old;
        assert_eq!(three.shown(&three.colleague), three.before, "crash {nth}");
        if done.is_err() && !changed {
            let join = Region::certified(&three.colleague, &three.nurse, offer).unwrap();
            three.colleague.call("enrol.join", join).unwrap();
        }
        assert_ne!(three.colleague.id(), old);
        three.arrives();
        if done.is_ok() {
            break;
        }
        crashes += 1;
        // Every point of the change itself, then some of the round behind it.
        if crashes > 12 {
            break;
        }
    }
    assert!(crashes > 5, "{crashes}");
}

#[test]
fn nobody_else_takes_a_profile_over() {
    let mut three = full_outbox(503);
    let old = three.colleague.id();
    let refused = |code: Code, done: Result<Value, meguri_commands::Failure>| {
        assert_eq!(done.unwrap_err().code, code);
    };
    // Another facility's invitation is put down before anybody is certified.
    refused(Code::OtherPerson, Region::certified(&three.colleague, &three.doctor, json!({})));
    // The admin's own second device, and a new person: certified, but not on this profile.
    for offer in [json!({}), json!({"newStaff": {"name": "村上 恵", "profession": "nurse"}})] {
        let join = Region::certified(&three.colleague, &three.nurse, offer).unwrap();
        refused(Code::OtherPerson, three.colleague.call("enrol.join", join));
    }
    let offer = three.nurse.call("enrol.offer", colleague_offer(&three.colleague)).unwrap();
    let join = |passphrase: &str| json!({"codeOrUrl": offer["url"], "passphrase": passphrase});
    refused(Code::WrongPassphrase, three.colleague.call("enrol.join", join("not the passphrase at all")));
    three.colleague.call("profile.lock", json!({})).unwrap();
    refused(Code::Locked, three.colleague.call("enrol.join", join(PASSPHRASE)));
    three.colleague.crash();
    assert_eq!(three.colleague.id(), old);
    three.arrives();
}

/// A removed device hands in and leaves. Until it has, it becomes no other; afterwards it begins with nothing.
#[test]
fn a_removed_device_becomes_nobody() {
    let mut three = full_outbox(505);
    let gone = json!({"deviceId": three.colleague.id().to_string(), "reason": "retired"});
    three.nurse.call("team.remove", gone).unwrap();
    let mut refused = 0;
    for nth in 1..200 {
        let _ = three.colleague.dying(nth, |person| drop(person.call("sync.now", json!({}))));
        let offer = three.nurse.call("enrol.offer", json!({})).unwrap();
        let join = json!({"codeOrUrl": offer["url"], "passphrase": PASSPHRASE});
        let knows = three.colleague.call("sync.now", json!({})).is_err();
        match three.colleague.call("enrol.join", join) {
            Err(failure) if failure.code == Code::Removed => refused += 1,
            Err(failure) => panic!("{failure:?}"),
            Ok(standing) => {
                assert_eq!(standing["state"], "waiting");
                if knows || !three.colleague.call("profile.status", json!({})).unwrap()["removed"].is_null() {
                    break;
                }
            }
        }
    }
    assert!(refused > 0);
}

/// A second tablet of the nurse, whose certificate is in no backup and whose place another control has taken: the relay does
/// not know it any more. Whoever certified it is out of reach.
struct Forgotten {
    region: Region,
    nurse: Person,
    second: Person,
    tablet: Person,
    newcomer: Person,
    patient: String,
    before: Vec<(String, String, Value, Value)>,
}

fn forgotten(seed: u64) -> Forgotten {
    let mut region = Region::new(seed);
    let nurse = region.facility("しおかぜ訪問看護", FacilityType::VisitingNursing, "小野寺 由美", "nurse", 0);
    nurse.sync();
    let second = region.colleague(&nurse, Some("村上 恵"), true);
    let patient = nurse.register("佐藤", "花子", "サトウ", "ハナコ");
    nurse.write(&patient, &[note("前")]).unwrap();
    settle(&region, &[&nurse, &second]);
    let backup = region.back_up();
    second.net().set_weather(Weather { offline: true, ..Weather::default() });
    let tablet = region.colleague(&nurse, None, false);
    tablet.write(&patient, &[note("控えのあと、タブレットから")]).unwrap();
    settle(&region, &[&nurse, &tablet]);
    nurse.write(&patient, &[note("その上に")]).unwrap();
    settle(&region, &[&nurse, &tablet]);
    tablet.net().set_weather(Weather { offline: true, ..Weather::default() });
    tablet.write(&patient, &[note("まだ送っていない")]).unwrap();
    region.restore(&backup, &[&nurse, &second, &tablet]);
    nurse.net().set_weather(Weather { offline: true, ..Weather::default() });
    second.net().set_weather(Weather::default());
    // Who had not met the tablet yet brings in somebody else first.
    let newcomer = region.colleague(&second, Some("及川 薫"), false);
    tablet.net().set_weather(Weather::default());
    settle(&region, &[&second, &tablet, &newcomer]);
    let state = tablet.sync();
    assert_eq!((&state["state"], &state["params"]["what"]), (&json!("waiting"), &json!("own-key")));
    let before = chart(&tablet, &patient);
    assert_eq!(before.len(), 4);
    Forgotten { region, nurse, second, tablet, newcomer, patient, before }
}

impl Forgotten {
    /// The nurse's own device is in reach again, and everybody comes to the same.
    fn nurse_returns(&self) {
        self.nurse.net().set_weather(Weather::default());
        let all = [&self.nurse, &self.tablet, &self.second, &self.newcomer];
        assert_eq!(settle(&self.region, &all), ["up-to-date"; 4]);
        for person in all {
            assert_eq!(chart(person, &self.patient), self.before, "{person:?}");
        }
        assert_eq!(self.tablet.sync()["unsent"], 0);
    }
}

#[test]
fn a_tablet_the_relay_has_forgotten_is_invited_again() {
    let f = forgotten(504);
    let old = f.tablet.id();
    let join = Region::certified(&f.tablet, &f.second, colleague_offer(&f.tablet)).unwrap();
    assert_eq!(f.tablet.call("enrol.join", join).unwrap()["state"], "done");
    assert_eq!(f.tablet.id(), old, "its keys are certified again: what the lost store had is valid again");
    let here = [&f.tablet, &f.second, &f.newcomer];
    assert_eq!(settle(&f.region, &here), ["up-to-date"; 3]);
    for person in here {
        assert_eq!(chart(person, &f.patient), f.before, "{person:?}");
    }
    f.nurse_returns();
}

/// Its own keys, certified by mistake for somebody else: nothing goes out under that name, and the right invitation helps.
#[test]
fn a_tablet_certified_for_somebody_else_sends_nothing() {
    let f = forgotten(508);
    let old = f.tablet.id();
    let join = Region::certified(&f.tablet, &f.second, json!({})).unwrap();
    assert_eq!(f.tablet.call("enrol.join", join).unwrap_err().code, Code::OtherPerson);
    let here = [&f.tablet, &f.second, &f.newcomer];
    let states = settle(&f.region, &here);
    assert_eq!(states, ["waiting", "up-to-date", "up-to-date"]);
    assert_eq!(f.tablet.sync()["params"]["what"], "own-key");
    assert_eq!(chart(&f.newcomer, &f.patient).len(), 1);
    assert_eq!(f.tablet.sync()["unsent"], 1);
    let join = Region::certified(&f.tablet, &f.second, colleague_offer(&f.tablet)).unwrap();
    assert_eq!(f.tablet.call("enrol.join", join).unwrap()["state"], "done");
    assert_ne!(f.tablet.id(), old, "its keys are somebody else's now");
    settle(&f.region, &here);
    assert_eq!(f.tablet.sync()["unsent"], 0);
    let ids = |rows: &[(String, String, Value, Value)]| rows.iter().map(|row| row.0.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&chart(&f.newcomer, &f.patient)), ids(&f.before));
}

#[test]
fn a_tablet_the_relay_has_forgotten_is_certified_again_by_whoever_did() {
    let f = forgotten(506);
    let old = f.tablet.id();
    f.nurse_returns();
    assert_eq!(f.tablet.id(), old, "nobody had to do anything");
}

/// The certificate comes back by the hand of somebody who had not heard of the removal: the removal too.
#[test]
fn a_lost_tablet_does_not_come_back_with_the_certificate_of_somebody_late() {
    let mut region = Region::new(507);
    let nurse = region.facility("しおかぜ訪問看護", FacilityType::VisitingNursing, "小野寺 由美", "nurse", 0);
    nurse.sync();
    let second = region.colleague(&nurse, Some("村上 恵"), true);
    let third = region.colleague(&nurse, Some("阿部 直"), true);
    settle(&region, &[&nurse, &second, &third]);
    let backup = region.back_up();
    let tablet = region.colleague(&nurse, Some("三浦 千秋"), false);
    settle(&region, &[&nurse, &second, &tablet]);
    nurse.net().set_weather(Weather { offline: true, ..Weather::default() });
    let gone = json!({"deviceId": tablet.id().to_string(), "reason": "lost"});
    assert_eq!(second.call("team.remove", gone).unwrap()["done"], true);
    settle(&region, &[&second]);
    region.restore(&backup, &[&nurse, &second, &third, &tablet]);
    // Both places are taken by somebody who knows of neither.
    second.net().set_weather(Weather { offline: true, ..Weather::default() });
    for name in ["及川 薫", "菅原 望"] {
        region.colleague(&third, Some(name), false);
    }
    nurse.net().set_weather(Weather::default());
    second.net().set_weather(Weather::default());
    settle(&region, &[&third, &second, &nurse, &third]);
    settle(&region, &[&second, &nurse, &third]);
    for admin in [&third, &second, &nurse] {
        let team = admin.call("team.show", json!({})).unwrap();
        let staff = team["staff"].as_array().unwrap();
        let devices = staff.iter().flat_map(|person| person["devices"].as_array().unwrap());
        let active: Vec<&Value> = devices.filter(|device| device["removed"].is_null()).collect();
        assert_eq!(active.len(), 5, "{team}");
        assert!(active.iter().all(|device| device["deviceId"] != tablet.id().to_string()), "{team}");
    }
}
