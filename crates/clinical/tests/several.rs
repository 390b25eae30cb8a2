//! Several values of one item in one entry, words in a number's place, what repeats, and corrections by an older app.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail loudly")]

use meguri_clinical::{CheckContext, DAY_MS, Decimal, Flag, Recent, Threshold, entry_kind};
use serde_json::{Value, json};

const NOW: i64 = 1_795_000_000_000;

fn codes(items: Value, context: &CheckContext) -> Vec<&'static str> {
    let body = json!({"items": items, "notMeasured": []});
    entry_kind("vitals").unwrap().check(&body, context).into_iter().map(|f| f.code).collect()
}

fn plain(items: Value) -> Vec<&'static str> {
    codes(items, &CheckContext::default())
}

fn before(values: &[(&str, i64, &str)]) -> CheckContext {
    let recent = values.iter().map(|(key, days_ago, value)| Recent {
        key: (*key).into(),
        at_ms: NOW - days_ago * DAY_MS,
        value: (*value).into(),
    });
    CheckContext { now_ms: NOW, recent: recent.collect(), ..CheckContext::default() }
}

/// Entered, stored, read again: the value, its flag and whether it is a number.
fn stored(item: Value) -> (String, Option<Flag>, bool) {
    let kind = entry_kind("vitals").unwrap();
    let bytes = kind.encode(&json!({"items": [item]})).unwrap();
    let measure = kind.facts(&bytes).unwrap().measures.remove(0);
    (measure.text, measure.flag, measure.value.is_some())
}

#[test]
fn both_feet_and_both_arms_stand_in_one_entry() {
    let foot = |side: &str, value: &str| json!({"key": "edema", "value": value, "attributes": {"side": side}});
    assert!(plain(json!([foot("right", "+"), foot("left", "++")])).is_empty());
    assert_eq!(plain(json!([foot("right", "+"), foot("right", "++")])), ["duplicate_item"]);
    let arm = |key: &str, side: &str, value: &str| json!({"key": key, "value": value, "attributes": {"side": side}});
    let both = |right: &str, left: &str| {
        json!([
            arm("bp.sys", "right", "132"),
            arm("bp.dia", "right", right),
            arm("bp.sys", "left", "88"),
            arm("bp.dia", "left", left)
        ])
    };
    assert_eq!(plain(both("96", "52")), ["below_usual_limit"], "96 is below the right arm's 132");
    assert_eq!(
        plain(both("70", "96")),
        ["below_usual_limit", "diastolic_not_below_systolic"],
        "each half is held against the half of its own arm"
    );
    let lost = json!([arm("bp.sys", "right", "132"), arm("bp.sys", "left", "128"), {"key": "bp.dia", "value": "70"}]);
    assert_eq!(plain(lost), ["diastolic_without_systolic"]);
    let again =
        |key: &str, times: &str, value: &str| json!({"key": key, "value": value, "attributes": {"times": times}});
    assert!(
        plain(json!([
            again("bp.sys", "1", "150"),
            again("bp.dia", "1", "80"),
            again("bp.sys", "2", "138"),
            again("bp.dia", "2", "78")
        ]))
        .is_empty()
    );
    assert!(plain(json!([{"key": "bp.sys", "value": "120"}, {"key": "bp.dia", "value": "70"}])).is_empty());
}

#[test]
fn the_worst_side_is_compared_with_the_worst_side_before() {
    let foot = |side: &str, value: &str| json!({"key": "edema", "value": value, "attributes": {"side": side}});
    let last = before(&[("edema", 7, "+++"), ("edema", 2, "+"), ("edema", 2, "-")]);
    assert_eq!(codes(json!([foot("right", "-"), foot("left", "++")]), &last), ["oedema_rise"]);
    assert!(codes(json!([foot("right", "+"), foot("left", "+")]), &last).is_empty(), "no foot is worse than the worst");
    assert_eq!(stored(foot("left", "++")), ("++".into(), Some(Flag::Other), true), "steps are drawn");
}

#[test]
fn a_meter_beyond_its_range_and_a_night_without_hours() {
    for (typed, kept, flag) in [("HI", "HI", Flag::High), ("ｈｉ", "HI", Flag::High), (" Lo ", "LO", Flag::Low)] {
        assert_eq!(stored(json!({"key": "glucose", "value": typed})), (kept.into(), Some(flag), false));
    }
    assert_eq!(plain(json!([{"key": "glucose", "value": "HI"}])), ["above_usual_limit"]);
    assert_eq!(plain(json!([{"key": "glucose", "value": "LO"}])), ["below_usual_limit"]);
    assert_eq!(plain(json!([{"key": "pulse", "value": "HI"}])), ["not_a_number"]);
    assert_eq!(stored(json!({"key": "sleep", "value": "poor"})), ("poor".into(), Some(Flag::Other), false));
    assert!(plain(json!([{"key": "sleep", "value": "good"}])).is_empty());
    assert!(plain(json!([{"key": "sleep", "value": "6.5", "attributes": {"quality": "fair"}}])).is_empty());
    assert_eq!(plain(json!([{"key": "sleep", "value": "deep"}])), ["not_a_number"]);
}

#[test]
fn low_meals_are_asked_about_when_they_repeat() {
    let meal = json!([{"key": "intake.meal", "value": "2"}]);
    assert!(codes(meal.clone(), &before(&[])).is_empty());
    assert!(codes(meal.clone(), &before(&[("intake.meal", 1, "8")])).is_empty());
    assert_eq!(codes(meal, &before(&[("intake.meal", 1, "3"), ("intake.meal", 2, "9")])), ["low_meals"]);
    assert!(codes(json!([{"key": "intake.meal", "value": "7"}]), &before(&[("intake.meal", 1, "3")])).is_empty());
    assert_eq!(stored(json!({"key": "intake.meal", "value": "2"})).1, Some(Flag::Low), "marked all the same");
}

#[test]
fn high_fever_is_a_louder_question() {
    let fever = |value: &str, context: &CheckContext| codes(json!([{"key": "temp", "value": value}]), context);
    let none = CheckContext::default();
    assert_eq!(fever("38.4", &none), ["above_usual_limit"]);
    assert_eq!(fever("38.5", &none), ["above_alert_limit"]);
    let own = |high: &str| {
        let limit = Threshold { measure: "temp".into(), low: None, high: Decimal::parse(high).ok() };
        CheckContext { thresholds: vec![limit], ..CheckContext::default() }
    };
    assert_eq!(fever("38.6", &own("38.0")), ["above_alert_limit"], "a lower limit does not silence the alert");
    assert_eq!(fever("38.6", &own("39.0")), [""; 0], "an order above it does");
}

#[test]
fn more_than_fifteen_litres_come_from_a_high_flow_device_only() {
    let flow = |value: &str, device: &str| {
        json!([{"key": "o2.flow", "value": value, "attributes": {"device": device}},
            {"key": "spo2", "value": "96", "attributes": {"gas": "oxygen"}}])
    };
    assert!(plain(flow("15", "reservoir")).is_empty());
    assert_eq!(plain(flow("15.5", "reservoir")), ["out_of_range"]);
    assert!(plain(flow("40", "hfnc")).is_empty());
    assert_eq!(plain(flow("61", "hfnc")), ["out_of_range"]);
}

#[test]
fn a_tube_leaves_gcs_without_a_total() {
    assert_eq!(stored(json!({"key": "gcs", "value": "E3VTM5"})), ("E3VTM5".into(), None, false));
    assert_eq!(stored(json!({"key": "gcs", "value": "E3V4M5"})), ("E3V4M5".into(), Some(Flag::Low), true));
    assert_eq!(plain(json!([{"key": "gcs", "value": "ETV4M5"}])), ["unknown_code"]);
}

#[test]
fn what_is_written_late_is_compared_with_what_came_before_it() {
    let mut late = before(&[("weight", 1, "52.0"), ("weight", 6, "48.0")]);
    let weight = json!([{"key": "weight", "value": "48.2"}]);
    assert_eq!(codes(weight.clone(), &late), ["weight_loss"], "as if written now");
    late.at_ms = Some(NOW - 3 * DAY_MS);
    assert!(codes(weight, &late).is_empty(), "three days ago the last was 48.0");
    let future =
        json!({"items": [{"key": "pulse", "value": "70"}], "measuredAt": {"ms": NOW + DAY_MS, "zoneMin": 540}});
    assert_eq!(entry_kind("vitals").unwrap().check(&future, &late)[0].code, "in_the_future");
}

#[test]
fn parts_taken_over_are_marked_one_by_one() {
    let kind = entry_kind("note").unwrap();
    let note = |parts: Value, from: Value| json!({"s": "訴え", "o": "", "a": "", "p": "次は木曜", "copiedFrom": from, "copiedParts": parts});
    let entry = json!("01980000-0000-7000-8000-000000000001");
    let bytes = kind.encode(&note(json!(["s", "p"]), entry.clone())).unwrap();
    assert_eq!(kind.decode(&bytes).unwrap()["copiedParts"], json!(["s", "p"]));
    let code = |body: &Value| kind.encode(body).unwrap_err().0[0].code;
    assert_eq!(code(&note(json!(["x"]), entry.clone())), "unknown_part");
    assert_eq!(code(&note(json!(["p", "s"]), entry)), "unknown_part");
    assert_eq!(code(&note(json!(["s"]), Value::Null)), "copied_from_nowhere");
}

/// CBOR of a body as a newer app wrote it: version 2, a new field, and a new field of an item.
fn newer() -> Vec<u8> {
    let text = |t: &str| ciborium::Value::Text(t.into());
    let item = |key: &str, value: &str| {
        ciborium::Value::Map(vec![
            (text("key"), text(key)),
            (text("value"), text(value)),
            (text("attributes"), ciborium::Value::Map(Vec::new())),
            (text("source"), text("manual")),
            (text("certainty"), text("sure")),
        ])
    };
    let body = ciborium::Value::Map(vec![
        (text("v"), 2.into()),
        (text("items"), ciborium::Value::Array(vec![item("pulse", "72"), item("temp", "36.5")])),
        (text("notMeasured"), ciborium::Value::Array(Vec::new())),
        (text("remark"), text("入浴後")),
        (text("room"), ciborium::Value::Map(vec![(text("celsius"), text("18"))])),
    ]);
    let mut bytes = Vec::new();
    ciborium::into_writer(&body, &mut bytes).unwrap();
    bytes
}

#[test]
fn a_correction_by_an_older_app_keeps_what_it_does_not_know() {
    let kind = entry_kind("vitals").unwrap();
    let mut body = kind.decode(&newer()).unwrap();
    assert!(body.get("room").is_none());
    body["items"][0]["value"] = json!("78");
    body["remark"] = json!("");
    let corrected: ciborium::Value =
        ciborium::from_reader(kind.encode_over(&newer(), &body).unwrap().as_slice()).unwrap();
    let field = |value: &ciborium::Value, name: &str| {
        value.as_map().unwrap().iter().find(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value.clone())
    };
    assert_eq!(field(&corrected, "v"), Some(2.into()), "still of the newer version");
    let room = field(&corrected, "room").unwrap();
    assert_eq!(field(&room, "celsius").unwrap().as_text(), Some("18"));
    assert_eq!(field(&corrected, "remark").unwrap().as_text(), Some(""), "what was taken away stays away");
    let items = field(&corrected, "items").unwrap().into_array().unwrap();
    assert_eq!(field(&items[0], "value").unwrap().as_text(), Some("78"));
    assert_eq!(field(&items[0], "certainty"), None, "it was said of the former value");
    assert_eq!(field(&items[1], "certainty").unwrap().as_text(), Some("sure"));
    let plain = kind.encode(&body).unwrap();
    assert_eq!(kind.encode_over(&plain, &body).unwrap(), plain, "between equals nothing is added");
}
