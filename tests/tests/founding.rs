//! A facility is founded although the device stops, or the answer is lost, between the relay's yes and its own notes.
#![allow(clippy::unwrap_used, reason = "tests fail loudly")]

use meguri_commands::Code;
use meguri_commands::host::Host;
use meguri_device::device::Founding;
use meguri_testkit::{PASSPHRASE, Region, Weather};

fn founding(code: &str, name: &str) -> Founding {
    Founding { relay_url: Region::relay_url(), setup_code: code.into(), name: name.into(), profession: "nurse".into() }
}

#[test]
fn a_crash_after_the_relay_took_the_team_orphans_nothing() {
    let mut region = Region::new(71);
    let mut person = region.fresh();
    person.device().profile_create(PASSPHRASE).unwrap();
    let code = region.setup_code();
    person.net().set_weather(Weather { lose_push_answers: true, ..Weather::default() });
    let lost = person.device().found_team(&founding(&code, "小野寺 由美"), None).unwrap_err();
    assert_eq!(lost.code, Code::Offline, "the relay took it, the device never heard so");
    assert_eq!(person.call("home.show", serde_json::json!({})).unwrap_err().code, Code::NotEnrolled);
    person.crash();
    person.net().set_weather(Weather::default());
    let team = person.device().found_team(&founding(&code, "小野寺 由美"), None).unwrap();
    let again = person.device().found_team(&founding(&code, "小野寺 由美"), None).unwrap_err();
    assert_eq!(again.code, Code::ProfileExists);
    let (own, secrets) = person.device().replica().unwrap().device().unwrap().unwrap();
    assert_eq!(own.team, team.feed());
    assert_eq!(secrets.public().unwrap().id(&own.team), own.device, "the keys that the relay knows");
    let mut other = region.fresh();
    other.device().profile_create(PASSPHRASE).unwrap();
    let spent = other.device().found_team(&founding(&code, "三浦 千秋"), None).unwrap_err();
    assert_eq!(spent.params.get("reason").map(String::as_str), Some("not_sponsored"), "the code was used once");
    other.stop();
}

#[test]
fn a_refused_founding_can_begin_anew() {
    let mut region = Region::new(72);
    let person = region.fresh();
    person.device().profile_create(PASSPHRASE).unwrap();
    let wrong = person.device().found_team(&founding("AAAA-BBBB-CCCC", "小野寺 由実"), None).unwrap_err();
    assert_ne!(wrong.code, Code::Offline);
    person.device().found_team(&founding(&region.setup_code(), "小野寺 由美"), None).unwrap();
    let status = person.device().profile_status().unwrap();
    assert_eq!(status.me.unwrap().name, "小野寺 由美");
}
