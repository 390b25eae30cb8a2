//! Limits set on one side, and kana that compose only as katakana.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail loudly")]

use meguri_clinical::{CheckContext, Decimal, Threshold, entry_kind, fold};
use serde_json::{Value, json};

fn codes(body: &Value, context: &CheckContext) -> Vec<&'static str> {
    entry_kind("vitals").unwrap().check(body, context).into_iter().map(|f| f.code).collect()
}

/// わ with a combining voiced mark has no composed hiragana, but its katakana has: ヷ.
#[test]
fn folding_composes_after_it_changed_the_kana() {
    for text in ["わ\u{3099}", "ゐ\u{3099}", "ゑ\u{3099}", "を\u{3099}"] {
        let once = fold(text);
        assert_eq!(fold(&once), once, "{text}");
    }
    assert_eq!(fold("わ\u{3099}"), "\u{30f7}");
}

/// A limit set on one side leaves the usual limit of the other side in force.
#[test]
fn a_personal_limit_replaces_its_own_side_only() {
    let own = CheckContext {
        thresholds: vec![Threshold { measure: "bp.sys".into(), low: None, high: Decimal::parse("150").ok() }],
        ..CheckContext::default()
    };
    let sys = |value: &str| json!({"items": [{"key": "bp.sys", "value": value}]});
    assert_eq!(codes(&sys("85"), &own), ["below_usual_limit"]);
    assert_eq!(codes(&sys("151"), &own), ["above_personal_limit"]);
    assert!(codes(&sys("120"), &own).is_empty());
    assert!(codes(&sys("150"), &own).is_empty());
}

/// Text under a name the kind does not know would be gone without a word.
#[test]
fn a_property_that_would_not_be_stored_is_refused() {
    let kind = entry_kind("vitals").unwrap();
    let item = json!({"key": "pulse", "value": "70", "attributes": {}});
    let code =
        |body: serde_json::Value| kind.encode(&body).map(|_| ()).map_err(|r| (r.0[0].code, r.0[0].field.clone()));
    assert_eq!(code(json!({"items": [item], "comment": "入浴後"})), Err(("unknown_property", "comment".into())));
    let deep = json!({"key": "pulse", "value": "70", "note": "整"});
    assert_eq!(code(json!({"items": [deep]})), Err(("unknown_property", "note".into())));
    assert_eq!(code(json!({"items": [item], "measuredAt": null})), Ok(()));
}
