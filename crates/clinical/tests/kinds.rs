//! The kinds as their users meet them: through the registries.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail loudly")]

use meguri_clinical::{
    CheckContext, DAY_MS, Decimal, Flag, KindError, Recent, Severity, Threshold, entry_kind, entry_kinds, state_kind,
    state_kinds, typescript,
};
use proptest::prelude::*;
use serde_json::{Value, json};

const NOW: i64 = 1_795_000_000_000;

fn item(key: &str, value: &str) -> Value {
    json!({"key": key, "value": value, "attributes": {}})
}

fn vitals(items: &[Value]) -> Value {
    json!({"items": items, "notMeasured": []})
}

/// (severity, code, field) of every finding.
fn found(body: &Value, context: &CheckContext) -> Vec<(Severity, &'static str, String)> {
    entry_kind("vitals").unwrap().check(body, context).into_iter().map(|f| (f.severity, f.code, f.field)).collect()
}

fn codes(items: &[Value], context: &CheckContext) -> Vec<&'static str> {
    found(&vitals(items), context).into_iter().map(|(_, code, _)| code).collect()
}

fn context(recent: &[(&str, i64, &str)]) -> CheckContext {
    let recent = recent
        .iter()
        .map(|(key, days_ago, value)| Recent {
            key: (*key).into(),
            at_ms: NOW - days_ago * DAY_MS,
            value: (*value).into(),
        })
        .collect();
    CheckContext { now_ms: NOW, recent, ..CheckContext::default() }
}

#[test]
fn tags_are_the_stored_ones() {
    let entries: Vec<_> = entry_kinds().iter().map(|k| k.tag()).collect();
    assert_eq!(entries, ["vitals", "note", "photo"]);
    let states: Vec<_> = state_kinds().map(|k| (k.tag(), k.singleton())).collect();
    assert_eq!(states, [("identity", true), ("threshold", false)]);
    assert!(entry_kind("wound").is_none());
}

#[test]
fn impossible_values_are_refused_with_the_range() {
    let none = CheckContext::default();
    for (key, low, high) in [
        ("bp.sys", "29", "301"),
        ("bp.dia", "9", "201"),
        ("pulse", "9", "301"),
        ("rr", "0", "81"),
        ("temp", "24.9", "45.1"),
        ("weight", "0.4", "300.1"),
        ("height", "29", "250.1"),
        ("nrs", "-1", "11"),
        ("glucose", "9", "1001"),
        ("urine.vol", "-1", "10001"),
        ("stool", "-1", "31"),
        ("intake.fluid", "-1", "10001"),
        ("intake.meal", "-1", "11"),
        ("sleep", "-1", "24.1"),
        ("o2.fio2", "20", "101"),
    ] {
        for value in [low, high] {
            let codes = codes(&[item(key, value)], &none);
            assert!(codes.contains(&"out_of_range"), "{key} {value}: {codes:?}");
        }
    }
    assert_eq!(codes(&[item("temp", "36.55")], &none), ["too_many_decimals"]);
    assert_eq!(codes(&[item("temp", "warm")], &none), ["not_a_number"]);
    assert_eq!(codes(&[item("mood", "1")], &none), ["unknown_item"]);
    assert_eq!(codes(&[item("pulse", "70"), item("pulse", "71")], &none), ["duplicate_item"]);
    assert_eq!(codes(&[item("bp.sys", "100"), item("bp.dia", "100")], &none), ["diastolic_not_below_systolic"]);
    assert_eq!(codes(&[], &none), ["empty"]);
    assert_eq!(codes(&[item("edema", "++++")], &none), ["unknown_code"]);
}

#[test]
fn a_missing_point_is_suggested_and_never_applied() {
    let kind = entry_kind("vitals").unwrap();
    let findings = kind.check(&vitals(&[item("temp", "365")]), &CheckContext::default());
    assert_eq!((findings[0].code, findings[0].params["suggestion"].as_str()), ("out_of_range", "36.5"));
    assert_eq!(findings[0].severity, Severity::Refuse);
    assert!(kind.encode(&vitals(&[item("temp", "365")])).is_err());
}

#[test]
fn full_width_digits_are_taken_as_entered() {
    let kind = entry_kind("vitals").unwrap();
    let bytes = kind.encode(&vitals(&[item("temp", "３６．５０")])).unwrap_err();
    assert_eq!(bytes.0[0].code, "too_many_decimals", "two decimals stay two decimals");
    let bytes = kind.encode(&vitals(&[item("temp", "３６．５"), item("weight", "52.30")])).unwrap();
    let body = kind.decode(&bytes).unwrap();
    assert_eq!(body["items"][0]["value"], "36.5");
    assert_eq!(body["items"][1]["value"], "52.30");
}

#[test]
fn usual_limits_ask_and_personal_ones_take_their_place() {
    let none = CheckContext::default();
    for (key, value, want) in [
        ("bp.sys", "89", "below_usual_limit"),
        ("bp.sys", "180", "above_usual_limit"),
        ("bp.dia", "110", "above_usual_limit"),
        ("pulse", "111", "above_usual_limit"),
        ("rr", "25", "above_usual_limit"),
        ("temp", "37.5", "above_usual_limit"),
        ("glucose", "69", "below_usual_limit"),
        ("nrs", "7", "above_usual_limit"),
        ("acvpu", "V", "not_alert"),
        ("gcs", "E3V4M6", "below_usual_limit"),
    ] {
        assert_eq!(codes(&[item(key, value)], &none), [want], "{key} {value}");
    }
    for (key, value) in [("bp.sys", "90"), ("bp.sys", "179"), ("pulse", "110"), ("rr", "24"), ("temp", "37.4")] {
        assert!(codes(&[item(key, value)], &none).is_empty(), "{key} {value}");
    }
    let own = |low: &str, high: &str| CheckContext {
        now_ms: NOW,
        thresholds: vec![Threshold {
            measure: "spo2".into(),
            low: Decimal::parse(low).ok(),
            high: Decimal::parse(high).ok(),
        }],
        ..CheckContext::default()
    };
    let spo2 = |value: &str| json!({"key": "spo2", "value": value, "attributes": {"gas": "room-air"}});
    assert_eq!(codes(&[spo2("90")], &none), ["below_usual_limit"]);
    assert!(codes(&[spo2("90")], &own("88", "92")).is_empty());
    assert_eq!(codes(&[spo2("87")], &own("88", "92")), ["below_personal_limit"]);
    assert_eq!(codes(&[spo2("93")], &own("88", "92")), ["above_personal_limit"]);
}

#[test]
fn a_saturation_needs_its_gas() {
    let none = CheckContext::default();
    let spo2 = |gas: &str| json!({"key": "spo2", "value": "97", "attributes": {"gas": gas}});
    assert_eq!(codes(&[item("spo2", "97")], &none), ["spo2_needs_gas"]);
    assert!(codes(&[spo2("room-air")], &none).is_empty());
    assert_eq!(codes(&[spo2("oxygen")], &none), ["oxygen_needs_flow"]);
    assert!(codes(&[spo2("oxygen"), item("o2.flow", "1.0")], &none).is_empty());
    assert_eq!(codes(&[spo2("room-air"), item("o2.flow", "1.0")], &none), ["room_air_with_oxygen"]);
}

/// Clinical rules G.2 and the changes of vocabulary C.1.
#[test]
fn changes_since_the_last_values_are_asked_about() {
    let steady: Vec<_> = (1..11).map(|day| ("bp.sys", day, "130")).collect();
    assert_eq!(codes(&[item("bp.sys", "165")], &context(&steady)), ["unusual_for_patient"]);
    assert!(codes(&[item("bp.sys", "165")], &context(&steady[..4])).is_empty(), "four values are too few");
    let week = [("weight", 6, "50.0")];
    assert_eq!(codes(&[item("weight", "52.0")], &context(&week)), ["weight_gain"]);
    assert!(codes(&[item("weight", "51.9")], &context(&week)).is_empty());
    assert!(codes(&[item("weight", "52.0")], &context(&[("weight", 8, "50.0")])).is_empty());
    assert_eq!(codes(&[item("weight", "47.5")], &context(&[("weight", 20, "50.0")])), ["weight_loss"]);
    assert_eq!(codes(&[item("nrs", "5")], &context(&[("nrs", 1, "2")])), ["pain_rise"]);
    assert!(codes(&[item("nrs", "4")], &context(&[("nrs", 1, "2")])).is_empty());
    assert_eq!(codes(&[item("edema", "++")], &context(&[("edema", 1, "+")])), ["oedema_rise"]);
    assert_eq!(codes(&[item("stool", "0")], &context(&[("stool", 3, "1"), ("stool", 1, "0")])), ["no_stool"]);
    assert!(codes(&[item("stool", "0")], &context(&[("stool", 2, "1")])).is_empty());
    assert_eq!(codes(&[item("jcs", "10R")], &context(&[])), ["consciousness_changed"]);
    assert!(codes(&[item("jcs", "10")], &context(&[("jcs", 2, "10I")])).is_empty(), "as usual for this person");
    assert_eq!(codes(&[item("gcs", "E4V4M6")], &context(&[("gcs", 2, "E4V5M6")])), Vec::<&str>::new());
    assert_eq!(codes(&[item("gcs", "E3V5M6")], &context(&[("gcs", 2, "E4V5M6")])), Vec::<&str>::new());
    assert_eq!(codes(&[item("gcs", "E3V4M6")], &context(&[("gcs", 2, "E4V5M6")])), ["consciousness_changed"]);
}

#[test]
fn not_measured_needs_a_reason() {
    let body =
        |reason: &str| json!({"items": [item("pulse", "70")], "notMeasured": [{"key": "glucose", "reason": reason}]});
    assert!(found(&body("refused"), &CheckContext::default()).is_empty());
    assert_eq!(found(&body("lazy"), &CheckContext::default())[0].1, "unknown_reason");
    let both = json!({"items": [item("pulse", "70")], "notMeasured": [{"key": "pulse", "reason": "refused"}]});
    assert_eq!(found(&both, &CheckContext::default())[0].1, "measured_and_not_measured");
}

#[test]
fn facts_of_vitals_carry_unit_flag_and_source() {
    let kind = entry_kind("vitals").unwrap();
    let body = json!({"items": [
        {"key": "bp.sys", "value": "182", "attributes": {}, "source": "family"}, item("jcs", "0"), item("gcs", "E4VTM6")
    ]});
    let facts = kind.facts(&kind.encode(&body).unwrap()).unwrap();
    let m = &facts.measures;
    assert_eq!(
        (m[0].unit, m[0].flag, m[0].family, m[0].value),
        ("mm[Hg]", Some(Flag::High), true, Some(Decimal::new(182, 0)))
    );
    assert_eq!((m[1].flag, m[1].text.as_str()), (None, "0"));
    assert_eq!((m[2].value, m[2].flag), (None, None), "with T the total is no number");
}

#[test]
fn notes_are_found_by_every_part() {
    let kind = entry_kind("note").unwrap();
    let body = json!({"s": "", "o": " 浮腫なし。\r\n体重 52 kg ", "a": "", "p": "次回採血"});
    let bytes = kind.encode(&body).unwrap();
    let facts = kind.facts(&bytes).unwrap();
    assert_eq!(facts.title, "浮腫なし。");
    assert!(facts.search.contains("次回採血"));
    assert_eq!(kind.decode(&bytes).unwrap()["o"], "浮腫なし。\n体重 52 kg");
    let empty = kind.encode(&json!({"s": " \n"})).unwrap_err();
    assert_eq!(empty.0[0].code, "empty");
    let long = kind.encode(&json!({"s": "あ".repeat(10_001)})).unwrap_err();
    assert_eq!(long.0[0].code, "too_long");
    assert!(kind.encode(&json!({"s": "あ".repeat(10_000)})).is_ok());
    assert_eq!(kind.encode(&json!("text")).unwrap_err().0[0].code, "bad_body");
}

fn photo() -> Value {
    let blob = json!({"id": "ab".repeat(32), "key": "cd".repeat(32), "sha256": "ef".repeat(32), "size": 3, "mediaType": "image/jpeg"});
    json!({"blob": blob, "thumb": blob, "width": 40, "height": 30, "caption": " 仙骨部 ", "bodySite": "sacrum"})
}

#[test]
fn photos_name_their_blobs() {
    let kind = entry_kind("photo").unwrap();
    let facts = kind.facts(&kind.encode(&photo()).unwrap()).unwrap();
    assert_eq!((facts.title.as_str(), facts.blobs.len()), ("仙骨部", 2));
    let mut wrong = photo();
    wrong["bodySite"] = json!("somewhere");
    assert_eq!(kind.encode(&wrong).unwrap_err().0[0].code, "unknown_code");
    let mut wrong = photo();
    wrong["blob"]["key"] = json!("short");
    assert_eq!(kind.encode(&wrong).unwrap_err().0[0].code, "bad_blob");
    assert!(!format!("{:?}", facts.blobs[0]).contains("cdcd"), "no key in debug output");
}

#[test]
fn a_newer_body_is_read_and_an_older_reader_loses_nothing_it_knows() {
    let mut bytes = Vec::new();
    let newer = json!({"v": 9, "s": "楽になった", "mood": {"face": 3}});
    ciborium::into_writer(&newer, &mut bytes).unwrap();
    let kind = entry_kind("note").unwrap();
    assert_eq!(kind.decode(&bytes).unwrap()["s"], "楽になった");
    assert_eq!(kind.facts(&bytes).unwrap().title, "楽になった");
    assert_eq!(kind.decode(b"\xff"), Err(KindError::BadBody));
}

/// Bytes of version 1: they must open for ever. A new version adds files, these stay.
#[test]
fn golden_bodies_of_version_1() {
    let all = [
        (
            "vitals",
            json!({"items": [
            {"key": "temp", "value": "36.50", "attributes": {"site": "axilla"}, "source": "manual"},
            {"key": "spo2", "value": "91", "attributes": {"gas": "oxygen", "state": "rest"}, "source": "device"},
            {"key": "o2.flow", "value": "1.0", "attributes": {}, "source": "manual"}],
            "notMeasured": [{"key": "weight", "reason": "refused"}], "remark": "入浴前"}),
        ),
        (
            "note",
            json!({"s": "息が楽", "o": "浮腫なし", "a": "改善", "p": "継続", "copiedFrom": "0198f2c0-0000-7000-8000-000000000001"}),
        ),
        ("photo", photo()),
    ];
    for (tag, mut body) in all {
        if tag == "vitals" {
            body["items"][0]["value"] = json!("36.5");
        }
        let kind = entry_kind(tag).unwrap();
        let bytes = kind.encode(&body).unwrap();
        let path = format!("{}/tests/golden/{tag}-v1.hex", env!("CARGO_MANIFEST_DIR"));
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&path, hex(&bytes)).unwrap();
        }
        let golden = std::fs::read_to_string(&path).unwrap();
        assert_eq!(hex(&bytes), golden, "{tag}: what is written today");
        assert_eq!(kind.encode(&kind.decode(&bytes).unwrap()).unwrap(), bytes, "{tag}: round trip");
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[test]
fn identity_fields_settle_into_one_form() {
    let kind = state_kind("identity").unwrap();
    let through = |field: &str, value: Value| {
        kind.encode_field(field, &value).map(|bytes| kind.decode_field(field, &bytes).unwrap()).map_err(|r| r.0[0].code)
    };
    assert_eq!(
        through("name", json!({"family": " 髙橋 ", "given": "清"})),
        Ok(json!({"family": "髙橋", "given": "清"}))
    );
    assert_eq!(
        through("kana", json!({"family": "ﾀｶﾊｼ", "given": "きよし"})),
        Ok(json!({"family": "タカハシ", "given": "キヨシ"}))
    );
    assert_eq!(through("kana", json!({"family": "高橋", "given": ""})), Err("not_kana"));
    assert_eq!(through("birthDate", json!("昭和13年11月23日")), Ok(json!("1938-11-23")));
    assert_eq!(through("birthDate", json!("1938/11/23")), Ok(json!("1938-11-23")));
    assert_eq!(through("birthDate", json!("1938")), Ok(json!("1938")));
    assert_eq!(through("birthDate", json!("1938-02-30")), Err("not_a_date"));
    assert_eq!(through("sex", json!("female")), Ok(json!("female")));
    assert_eq!(through("localId/0123456789abcdef", json!("A-1024")), Ok(json!("A-1024")));
    assert_eq!(through("localId/", json!("A")), Err("unknown_field"));
    assert_eq!(through("shoeSize", json!("A")), Err("unknown_field"));
    assert_eq!(through("name", json!({"family": ""})), Err("empty"));
}

#[test]
fn thresholds_keep_their_digits_and_their_order() {
    let kind = state_kind("threshold").unwrap();
    let bytes = kind.encode_field("limit", &json!({"low": "88", "high": "92.0", "reason": "主治医の指示"})).unwrap();
    assert_eq!(
        kind.decode_field("limit", &bytes).unwrap(),
        json!({"low": "88", "high": "92.0", "reason": "主治医の指示"})
    );
    let refused = |value: Value| kind.encode_field("limit", &value).unwrap_err().0[0].code;
    assert_eq!(refused(json!({"low": "92", "high": "88"})), "low_not_below_high");
    assert_eq!(refused(json!({})), "empty");
}

#[test]
fn every_kind_has_its_types() {
    let ts = typescript();
    for name in ["VitalsBody", "NoteBody", "PhotoBody", "NameParts", "ThresholdFields"] {
        assert!(ts.contains(&format!("export type {name} = ")), "{name}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for kind in entry_kinds() {
            let _ = kind.decode(&bytes);
            let _ = kind.facts(&bytes);
        }
    }

    #[test]
    fn what_is_not_refused_is_stored_and_comes_back(
        temp in 250i64..=450, sys in 30i64..=300, family in any::<bool>(), remark in "[ぁ-ん 一-龥a-z]{0,30}",
    ) {
        let source = if family { "family" } else { "manual" };
        let body = json!({"items": [
            {"key": "temp", "value": Decimal::new(temp, 1).to_string(), "attributes": {}, "source": source},
            {"key": "bp.sys", "value": sys.to_string(), "attributes": {"side": "left"}, "source": source},
        ], "notMeasured": [], "remark": remark.trim()});
        let kind = entry_kind("vitals").unwrap();
        let bytes = kind.encode(&body).unwrap();
        prop_assert_eq!(kind.decode(&bytes).unwrap(), body);
    }
}
