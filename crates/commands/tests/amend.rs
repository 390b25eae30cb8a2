//! A correction is asked the same questions as an entry, at the entry's own time.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failing test may panic")]

mod desk;

use desk::Desk;
use meguri_commands::Code;
use meguri_commands::host::Host;
use serde_json::{Value, json};

fn pulse(value: &str) -> Value {
    json!({"items": [{"key": "pulse", "value": value}]})
}

#[test]
fn a_correction_asks_and_takes_the_answer() {
    let desk = Desk::new();
    let patient = desk.register("榎本", "スミ", "エノモト", "スミ", "1938-04-12");
    let made = desk.write(&patient, "vitals", pulse("72")).unwrap();
    let amend = |body: Value, accepted: Value| {
        let req = json!({"patientId": patient, "entryId": made["entryIds"][0], "body": body, "reason": "読みちがい",
            "accepted": accepted});
        desk.call("entry.amend", req)
    };
    assert_eq!(amend(pulse("720"), json!([])).unwrap_err().code, Code::Refused);
    let asked = amend(pulse("132"), json!([])).unwrap_err();
    assert_eq!(asked.code, Code::UnansweredFindings);
    assert_eq!((asked.params["field"].as_str(), asked.params["reason"].as_str()), ("pulse", "above_usual_limit"));
    amend(pulse("132"), json!([{"code": "above_usual_limit", "field": "pulse"}])).unwrap();
    assert_eq!(desk.entries(&patient), 1, "the correction takes the place of what it corrects");
    let page = desk.call("chart.timeline", json!({"patientId": patient})).unwrap();
    assert_eq!(page["entries"][0]["body"]["items"][0]["value"], "132");
}

#[test]
fn the_entry_that_is_corrected_is_nothing_to_compare_with() {
    let desk = Desk::new();
    let patient = desk.register("黒川", "辰雄", "クロカワ", "タツオ", "1946-11-03");
    let weight = |value: &str| json!({"items": [{"key": "weight", "value": value}]});
    let made = desk.write(&patient, "vitals", weight("45.1")).unwrap();
    let req =
        json!({"patientId": patient, "entryId": made["entryIds"][0], "body": weight("54.1"), "reason": "打ちまちがい"});
    desk.call("entry.amend", req).unwrap();
}

#[test]
fn a_visit_written_days_later_is_checked_at_its_own_time() {
    let desk = Desk::new();
    let patient = desk.register("三枝", "ハル", "サエグサ", "ハル", "1938-04-01");
    let weight = |value: &str| json!({"items": [{"key": "weight", "value": value}]});
    desk.write(&patient, "vitals", weight("48.0")).unwrap();
    desk.pass_days(20);
    let visit = desk.now_ms();
    desk.pass_days(3);
    desk.write(&patient, "vitals", weight("48.4")).unwrap();
    let (draft, now) = desk.draft(&patient, "vitals", weight("50.3"));
    assert_eq!(now.as_array().unwrap().len(), 0, "50.3 is 1.9 above today's 48.4");
    let confirm = |ms: i64| {
        let at = json!({"ms": ms, "zoneMin": 540});
        let req = json!({"patientId": patient, "draftIds": [draft], "at": at, "accepted": []});
        desk.call("entry.confirm", req)
    };
    confirm(visit).unwrap();
    let (late, _) = desk.draft(&patient, "vitals", weight("52.4"));
    let at = json!({"ms": visit + 86_400_000, "zoneMin": 540});
    let req = json!({"patientId": patient, "draftIds": [late], "at": at, "accepted": []});
    let asked = desk.call("entry.confirm", req).unwrap_err();
    assert_eq!((asked.code, asked.params["reason"].as_str()), (Code::UnansweredFindings, "weight_gain"));
}
