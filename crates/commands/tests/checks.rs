//! The commands that ask back, on a real database: checks know the patient's last weeks, and nothing is confirmed
//! while a question stands.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failing test may panic")]

mod desk;

use desk::Desk;
use meguri_commands::Code;
use serde_json::{Value, json};

fn codes(findings: &Value) -> Vec<&str> {
    findings.as_array().unwrap().iter().map(|finding| finding["code"].as_str().unwrap()).collect()
}

fn weight(value: &str) -> Value {
    json!({"items": [{"key": "weight", "value": value}]})
}

#[test]
fn a_draft_is_checked_against_the_last_thirty_days_of_the_same_patient() {
    let desk = Desk::new();
    let patient = desk.register("榎本", "スミ", "エノモト", "スミ", "1938-04-12");
    let other = desk.register("黒川", "辰雄", "クロカワ", "タツオ", "1946-11-03");
    let (_, first) = desk.draft(&patient, "vitals", weight("48.2"));
    assert_eq!(codes(&first), [""; 0]);
    desk.write(&patient, "vitals", weight("48.2")).unwrap();
    desk.pass_days(3);
    let (_, gained) = desk.draft(&patient, "vitals", weight("50.6"));
    assert_eq!(codes(&gained), ["weight_gain"]);
    assert_eq!(gained[0]["params"]["last"], "48.2");
    let (_, of_another) = desk.draft(&other, "vitals", weight("50.6"));
    assert_eq!(codes(&of_another), [""; 0]);
    desk.pass_days(40);
    let (_, long_after) = desk.draft(&patient, "vitals", weight("50.6"));
    assert_eq!(codes(&long_after), [""; 0]);
}

#[test]
fn nothing_is_confirmed_while_a_question_stands() {
    let desk = Desk::new();
    let patient = desk.register("榎本", "スミ", "エノモト", "スミ", "1938-04-12");
    desk.write(&patient, "vitals", weight("48.2")).unwrap();
    desk.pass_days(3);
    let (note, _) = desk.draft(&patient, "note", json!({"s": "", "o": "浮腫 増強。", "a": "", "p": ""}));
    let (vitals, _) = desk.draft(&patient, "vitals", weight("50.6"));
    let drafts = [note.clone(), vitals.clone()];
    let refused = desk.confirm(&patient, &drafts, json!([])).unwrap_err();
    assert_eq!(refused.code, Code::UnansweredFindings);
    assert_eq!(refused.params["reason"], "weight_gain");
    let of_another_draft = json!([{"draftId": note, "code": "weight_gain", "field": "weight"}]);
    assert_eq!(desk.confirm(&patient, &drafts, of_another_draft).unwrap_err().code, Code::UnansweredFindings);
    assert_eq!(desk.entries(&patient), 1, "both drafts or none");
    assert_eq!(desk.call("draft.list", json!({})).unwrap()["drafts"].as_array().unwrap().len(), 2);
    let answered = json!([{"draftId": vitals, "code": "weight_gain", "field": "weight"}]);
    desk.confirm(&patient, &drafts, answered).unwrap();
    assert_eq!(desk.entries(&patient), 3);
    assert_eq!(desk.call("draft.list", json!({})).unwrap()["drafts"], json!([]));
}

#[test]
fn what_cannot_be_stored_is_refused_although_it_was_accepted() {
    let desk = Desk::new();
    let patient = desk.register("榎本", "スミ", "エノモト", "スミ", "1938-04-12");
    let body = json!({"items": [{"key": "bp.sys", "value": "70"}, {"key": "bp.dia", "value": "90"}]});
    let (draft, findings) = desk.draft(&patient, "vitals", body);
    assert!(codes(&findings).contains(&"diastolic_not_below_systolic"));
    let finding = findings.as_array().unwrap().iter().find(|f| f["severity"] == "refuse").unwrap();
    let accepted: Vec<Value> = findings
        .as_array()
        .unwrap()
        .iter()
        .map(|f| json!({"draftId": draft, "code": f["code"], "field": f["field"]}))
        .collect();
    let refused = desk.confirm(&patient, std::slice::from_ref(&draft), json!(accepted)).unwrap_err();
    assert_eq!((refused.code, refused.params["field"].as_str()), (Code::Refused, finding["field"].as_str().unwrap()));
    assert_eq!(desk.entries(&patient), 0);
}

#[test]
fn a_personal_limit_asks_and_is_answered() {
    let desk = Desk::new();
    let patient = desk.register("黒川", "辰雄", "クロカワ", "タツオ", "1946-11-03");
    let limit = json!({"limit": {"low": "88", "high": "92", "reason": "CO₂ナルコーシス"}});
    desk.call("state.put", json!({"patientId": patient, "kind": "threshold", "id": "spo2", "fields": limit})).unwrap();
    let items =
        json!([{"key": "spo2", "value": "95", "attributes": {"gas": "oxygen"}}, {"key": "o2.flow", "value": "1.0"}]);
    let (_, findings) = desk.draft(&patient, "vitals", json!({"items": items}));
    assert_eq!(codes(&findings), ["above_personal_limit"]);
}

#[test]
fn registering_asks_about_a_similar_name_and_about_the_same_birthday() {
    let desk = Desk::new();
    let first = desk.register("榎本", "スミ", "エノモト", "スミ", "1938-04-12");
    let register = |family: &str, kana: &str, birth: &str, accept: bool| {
        let identity = json!({"name": {"family": family, "given": "ハル"}, "kana": {"family": kana, "given": "ハル"},
            "birthDate": birth});
        desk.call("patient.register", json!({"identity": identity, "acceptSimilar": accept}))
    };
    let same_day = register("三枝", "サエグサ", "1938-04-12", false).unwrap_err();
    assert_eq!((same_day.code, same_day.params["names"].as_str()), (Code::SimilarName, "榎本 スミ"));
    register("三枝", "サエグサ", "1938-04", false).unwrap();
    let identity =
        json!({"name": {"family": "榎元", "given": "すみ"}, "kana": {"family": "エノモト", "given": "スミ"}});
    let same_name = desk.call("patient.register", json!({"identity": identity, "acceptSimilar": false})).unwrap_err();
    assert_eq!(same_name.code, Code::SimilarName);
    let twin = register("西田", "ニシダ", "1938-04-12", true).unwrap();
    let banner = desk.call("patient.show", json!({"patientId": twin["patientId"]})).unwrap();
    assert_eq!(banner["similar"][0]["patientId"], json!(first));
    let found = desk.call("patient.search", json!({"query": ""})).unwrap();
    assert_eq!(found["total"], 3);
}
