//! A further device joins a team: by QR or by telephone, with digits compared by people; and what goes wrong.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail loudly")]

use meguri_commands::Code;
use meguri_testkit::{PASSPHRASE, Person, Region};
use meguri_wire::control::FacilityType;
use serde_json::{Value, json};

fn station(region: &mut Region) -> Person {
    let nurse = region.facility("しおかぜ訪問看護", FacilityType::VisitingNursing, "小野寺 由美", "nurse", 0);
    nurse.sync();
    nurse
}

fn offer(admin: &Person) -> Value {
    admin.call("enrol.offer", json!({"newStaff": {"name": "三浦 千秋", "profession": "nurse"}})).unwrap()
}

fn ask(admin: &Person, offer: &Value) -> Value {
    admin.call("enrol.offer", json!({"offerId": offer["offerId"]})).unwrap()
}

fn join(newcomer: &Person, invitation: &str) -> Result<Value, Code> {
    newcomer
        .call("enrol.join", json!({"codeOrUrl": invitation, "passphrase": PASSPHRASE}))
        .map_err(|failure| failure.code)
}

/// Both sides up to the digits, which agree.
fn up_to_digits(admin: &Person, newcomer: &Person, invitation: &str, offer: &Value) -> String {
    assert_eq!(join(newcomer, invitation).unwrap()["state"], "waiting");
    assert_eq!(ask(admin, offer)["state"], "waiting");
    let there = join(newcomer, invitation).unwrap();
    let here = ask(admin, offer);
    assert_eq!((&here["state"], &there["state"]), (&json!("compare"), &json!("compare")));
    assert_eq!(here["digits"], there["digits"]);
    here["digits"].as_str().unwrap().to_owned()
}

#[test]
fn a_new_colleague_reads_everything_and_writes_under_her_name() {
    let mut region = Region::new(1);
    let admin = station(&mut region);
    let patient = admin.register("佐藤", "花子", "サトウ", "ハナコ");
    admin.write(&patient, &[("note", json!({"s": "先月のこと", "o": "", "a": "", "p": ""}))]).unwrap();
    admin.sync();
    admin.sync();
    let newcomer = region.fresh();
    let made = offer(&admin);
    let url = made["url"].as_str().unwrap();
    let digits = up_to_digits(&admin, &newcomer, url, &made);
    assert_eq!(digits.len(), 6);
    admin.call("enrol.approve", json!({"offerId": made["offerId"], "digitsMatch": true})).unwrap();
    assert_eq!(join(&newcomer, url).unwrap()["state"], "done");
    for _ in 0..3 {
        newcomer.sync();
        admin.sync();
        region.pass_ms(61_000);
    }
    assert_eq!(ask(&admin, &made)["state"], "done", "only when the new device has been heard");
    assert_eq!(newcomer.timeline(&patient).len(), 1, "what was written before she came");
    newcomer.write(&patient, &[("note", json!({"s": "今日から担当", "o": "", "a": "", "p": ""}))]).unwrap();
    newcomer.sync();
    admin.sync();
    let page = admin.call("chart.timeline", json!({"patientId": patient})).unwrap();
    assert_eq!(page["entries"][0]["author"]["name"], "三浦 千秋");
    assert_eq!(page["entries"].as_array().unwrap().len(), 2);
}

#[test]
fn the_code_for_the_telephone_finds_typing_errors() {
    let mut region = Region::new(2);
    let admin = station(&mut region);
    let newcomer = region.fresh();
    let made = offer(&admin);
    let base = made["url"].as_str().unwrap().split('#').next().unwrap().to_owned();
    let code = made["code"].as_str().unwrap();
    assert_eq!(code.chars().filter(char::is_ascii_alphanumeric).count(), 26);
    let short = &code[..code.len() - 1];
    assert_eq!(join(&newcomer, &format!("{base}#{short}")), Err(Code::BadEnrolCode));
    assert_eq!(join(&newcomer, "http:/nowhere#123"), Err(Code::BadEnrolCode));
    assert_eq!(join(&newcomer, code), Err(Code::BadEnrolCode), "no relay is known to a fresh device");
    let spoken = format!("{base}#{}", code.to_lowercase());
    up_to_digits(&admin, &newcomer, &spoken, &made);
}

#[test]
fn late_used_and_unlike_digits_end_with_their_code() {
    let mut region = Region::new(3);
    let admin = station(&mut region);
    let (first, second, third) = (region.fresh(), region.fresh(), region.fresh());
    let made = offer(&admin);
    let url = made["url"].as_str().unwrap();
    up_to_digits(&admin, &first, url, &made);
    assert_eq!(join(&second, url), Err(Code::EnrolUsed));
    let refused = admin.call("enrol.approve", json!({"offerId": made["offerId"], "digitsMatch": false}));
    assert_eq!(refused.unwrap_err().code, Code::DigitsDiffer);
    assert_eq!(ask(&admin, &made)["state"], "expired");
    assert_eq!(join(&first, url).unwrap()["state"], "compare", "no certificate comes");
    let again = admin.call("enrol.approve", json!({"offerId": made["offerId"], "digitsMatch": true}));
    assert_eq!(again.unwrap_err().code, Code::NotFound, "what was ended stays ended");
    let late = offer(&admin);
    region.pass_ms(11 * 60_000);
    assert_eq!(join(&third, late["url"].as_str().unwrap()), Err(Code::EnrolExpired));
    assert_eq!(ask(&admin, &late)["state"], "expired");
}

#[test]
fn only_an_admin_may_invite() {
    let mut region = Region::new(4);
    let admin = station(&mut region);
    let newcomer = region.fresh();
    let made = offer(&admin);
    let url = made["url"].as_str().unwrap();
    up_to_digits(&admin, &newcomer, url, &made);
    admin.call("enrol.approve", json!({"offerId": made["offerId"], "digitsMatch": true})).unwrap();
    assert_eq!(join(&newcomer, url).unwrap()["state"], "done");
    newcomer.sync();
    let refused = newcomer.call("enrol.offer", json!({"newStaff": {"name": "誰か", "profession": "nurse"}}));
    assert_eq!(refused.unwrap_err().code, Code::NotAllowed);
}

/// The admin's screen shows the charts that the new device will have; it is done only when all of them arrived.
#[test]
fn a_colleague_gets_one_more_device_and_starts_from_the_admins_pins() {
    let mut region = Region::new(5);
    let admin = station(&mut region);
    let patient = admin.register("佐藤", "花子", "サトウ", "ハナコ");
    admin.write(&patient, &[("note", json!({"s": "先月のこと", "o": "", "a": "", "p": ""}))]).unwrap();
    admin.sync();
    admin.sync();
    let enrol = |newcomer: &Person, made: &Value| {
        let url = made["url"].as_str().unwrap().to_owned();
        up_to_digits(&admin, newcomer, &url, made);
        admin.call("enrol.approve", json!({"offerId": made["offerId"], "digitsMatch": true})).unwrap();
        assert_eq!(join(newcomer, &url).unwrap()["state"], "done");
    };
    let first = region.fresh();
    enrol(&first, &offer(&admin));
    first.write(&patient, &[("note", json!({"s": "一台目から", "o": "", "a": "", "p": ""}))]).unwrap();
    for _ in 0..2 {
        first.sync();
        admin.sync();
        region.pass_ms(61_000);
    }
    let page = admin.call("chart.timeline", json!({"patientId": patient})).unwrap();
    let colleague = page["entries"][0]["author"]["staffId"].clone();
    let nobody = admin.call("enrol.offer", json!({"staffId": "00".repeat(16)}));
    assert_eq!(nobody.unwrap_err().code, Code::NotFound);

    let second = region.fresh();
    let made = admin.call("enrol.offer", json!({"staffId": colleague})).unwrap();
    let url = made["url"].as_str().unwrap().to_owned();
    up_to_digits(&admin, &second, &url, &made);
    admin.call("enrol.approve", json!({"offerId": made["offerId"], "digitsMatch": true})).unwrap();
    assert_eq!(join(&second, &url).unwrap()["state"], "done");
    let replica = meguri_commands::host::Host::replica(second.device()).unwrap();
    assert!(replica.meta_get("pin-directory").unwrap().is_some_and(|pin| pin.len() == 32));
    for _ in 0..3 {
        second.sync();
        admin.sync();
        region.pass_ms(61_000);
    }
    assert_eq!(replica.meta_get("pins").unwrap(), Some(Vec::new()), "every pin was given and reached");
    assert_eq!(ask(&admin, &made)["state"], "done");
    second.write(&patient, &[("note", json!({"s": "二台目から", "o": "", "a": "", "p": ""}))]).unwrap();
    second.sync();
    admin.sync();
    let page = admin.call("chart.timeline", json!({"patientId": patient})).unwrap();
    assert_eq!(page["entries"][0]["body"]["s"], "二台目から");
    assert_eq!(page["entries"][0]["author"]["staffId"], colleague);
    assert_eq!(page["entries"][0]["author"]["name"], "三浦 千秋");
}
