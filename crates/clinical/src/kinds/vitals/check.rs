//! What is impossible in a set of vitals, and what is asked about: usual limits, the patient's own limits, the
//! patient's usual range, and changes since the last values.

use super::{NOT_MEASURED_REASONS, VitalValue, VitalsBody};
use crate::baseline::{BASELINE_DAYS, baseline};
use crate::decimal::Decimal;
use crate::fact::Flag;
use crate::finding::{CheckContext, Finding};
use crate::items::{HIGH_FLOW, Item, ItemKind, NumberSpec, PLAIN_FLOW_MAX, gcs_total, jcs_level, vital_item};
use std::cmp::Ordering;

/// Most characters of a remark or a free attribute.
const TEXT_CHARS_MAX: usize = 500;
/// Pain rising by this much since the last value is asked about (C.1).
const NRS_RISE: i64 = 3;
/// GCS falling by this much since the last value is asked about (C.1).
const GCS_FALL: i64 = 2;
/// Days without stool that are asked about (C.1).
const STOOL_DAYS: i64 = 3;
/// The item whose low values are asked about only when they repeat.
const MEAL: &str = "intake.meal";

pub(super) fn check(body: &VitalsBody, context: &CheckContext) -> Vec<Finding> {
    let mut out = Vec::new();
    if body.items.is_empty() && body.not_measured.is_empty() {
        out.push(Finding::refuse("empty", ""));
    }
    if body.remark.chars().count() > TEXT_CHARS_MAX {
        out.push(Finding::refuse("too_long", "remark").with("max", TEXT_CHARS_MAX));
    }
    check_not_measured(body, &mut out);
    for (index, item) in body.items.iter().enumerate() {
        if body.items.iter().take(index).any(|e| e.key == item.key && e.attributes == item.attributes) {
            out.push(Finding::refuse("duplicate_item", &item.key));
        }
        let Some(known) = vital_item(&item.key) else {
            out.push(Finding::refuse("unknown_item", &item.key));
            continue;
        };
        check_attributes(item, known, &mut out);
        check_value(item, known, context, &mut out);
    }
    if context.now_ms > 0 && body.measured_at.is_some_and(|at| at.ms > context.now_ms) {
        out.push(Finding::ask("in_the_future", "measuredAt"));
    }
    check_pressure(body, &mut out);
    check_oxygen(body, &mut out);
    check_weight(body, context, &mut out);
    check_course(body, context, &mut out);
    out
}

fn check_not_measured(body: &VitalsBody, out: &mut Vec<Finding>) {
    for skipped in &body.not_measured {
        if vital_item(&skipped.key).is_none() {
            out.push(Finding::refuse("unknown_item", &skipped.key));
        }
        if !NOT_MEASURED_REASONS.iter().any(|(reason, _)| *reason == skipped.reason) {
            out.push(Finding::refuse("unknown_reason", &skipped.key));
        }
        if body.get(&skipped.key).is_some() {
            out.push(Finding::refuse("measured_and_not_measured", &skipped.key));
        }
    }
}

fn check_attributes(item: &VitalValue, known: &Item, out: &mut Vec<Finding>) {
    for (name, value) in &item.attributes {
        let fits = known.attributes.iter().find(|(known, _)| known == name).is_some_and(|(_, codes)| {
            if codes.is_empty() { value.chars().count() <= TEXT_CHARS_MAX } else { codes.contains(&value.as_str()) }
        });
        if !fits {
            out.push(Finding::refuse("unknown_attribute", &item.key).with("attribute", name));
        }
    }
}

fn check_value(item: &VitalValue, known: &Item, context: &CheckContext, out: &mut Vec<Finding>) {
    match known.kind {
        ItemKind::Number(spec) => match (Decimal::parse(&item.value), spec.word(&item.value)) {
            (Ok(value), _) => {
                let high_flow = item.attributes.get("device").is_some_and(|device| device == HIGH_FLOW);
                let spec = match known.key {
                    "o2.flow" if !high_flow => NumberSpec { hard_high: PLAIN_FLOW_MAX, ..spec },
                    _ => spec,
                };
                check_number(value, known, &spec, context, out);
            }
            (Err(_), Some(flag)) => check_word(item, known, &spec, flag, out),
            (Err(_), None) => out.push(Finding::refuse("not_a_number", known.key)),
        },
        ItemKind::Code(codes) => {
            if !codes.contains(&item.value.as_str()) {
                out.push(Finding::refuse("unknown_code", known.key));
            } else if known.key == "acvpu" && item.value != "A" {
                out.push(Finding::ask("not_alert", known.key).with("value", &item.value));
            }
        }
        ItemKind::Jcs => match jcs_level(&item.value) {
            None => out.push(Finding::refuse("unknown_code", known.key)),
            Some(level) => {
                let usual = context.last(known.key, BASELINE_DAYS).and_then(|r| jcs_level(&r.value)).unwrap_or(0);
                if level != usual {
                    out.push(Finding::ask("consciousness_changed", known.key).with("value", level).with("last", usual));
                }
            }
        },
        ItemKind::Gcs => check_gcs(item, known, context, out),
    }
}

/// A meter's HI and LO lie beyond every usual limit.
fn check_word(item: &VitalValue, known: &Item, spec: &NumberSpec, flag: Option<Flag>, out: &mut Vec<Finding>) {
    let (code, limit) = match flag {
        Some(Flag::High) => ("above_usual_limit", spec.high),
        Some(Flag::Low) => ("below_usual_limit", spec.low),
        Some(Flag::Other) | None => return,
    };
    let finding = Finding::ask(code, known.key).with("value", &item.value);
    out.push(limit.map_or(finding.clone(), |limit| finding.with("limit", limit.value)));
}

fn check_gcs(item: &VitalValue, known: &Item, context: &CheckContext, out: &mut Vec<Finding>) {
    let Some(total) = gcs_total(&item.value) else {
        out.push(Finding::refuse("unknown_code", known.key));
        return;
    };
    let last = context.last(known.key, BASELINE_DAYS).and_then(|r| gcs_total(&r.value).flatten());
    match (total, last) {
        (Some(total), Some(last)) if last - total >= GCS_FALL => {
            out.push(Finding::ask("consciousness_changed", known.key).with("value", total).with("last", last));
        }
        (Some(total), _) if total <= 13 => {
            out.push(Finding::ask("below_usual_limit", known.key).with("value", total).with("limit", 13));
        }
        _ => {}
    }
}

fn check_number(value: Decimal, known: &Item, spec: &NumberSpec, context: &CheckContext, out: &mut Vec<Finding>) {
    let within =
        |v: Decimal| v.cmp_value(spec.hard_low) != Ordering::Less && v.cmp_value(spec.hard_high) != Ordering::Greater;
    if value.scale > spec.scale_max {
        out.push(Finding::refuse("too_many_decimals", known.key).with("max", spec.scale_max));
        return;
    }
    if !within(value) {
        let mut finding = Finding::refuse("out_of_range", known.key)
            .with("value", value)
            .with("low", spec.hard_low)
            .with("high", spec.hard_high)
            .with("unit", known.unit);
        let tenth = value.tenth();
        if tenth.scale <= spec.scale_max && within(tenth) {
            finding = finding.with("suggestion", tenth);
        }
        out.push(finding);
        return;
    }
    check_limits(value, known, spec, context, out);
    check_usual(value, known, spec, context, out);
}

/// The patient's own limit takes the place of the usual one on its own side only: an order for the upper limit does
/// not silence the lower one.
fn check_limits(value: Decimal, known: &Item, spec: &NumberSpec, context: &CheckContext, out: &mut Vec<Finding>) {
    let own = context.threshold(known.key);
    let (own_low, own_high) = (own.and_then(|o| o.low), own.and_then(|o| o.high));
    // Low meals are asked about when they repeat, not at the first (C.1): `check_meals`.
    let flag = spec.flag(value).filter(|_| known.key != MEAL);
    let alert = spec.alert.filter(|alert| own_high.is_none_or(|own| own.cmp_value(*alert) == Ordering::Less));
    if let Some(limit) = alert.filter(|alert| value.cmp_value(*alert) != Ordering::Less) {
        out.push(limit_finding("above_alert_limit", known.key, value, Some(limit)));
    } else if let Some(limit) = own_low.filter(|l| value.cmp_value(*l) == Ordering::Less) {
        out.push(limit_finding("below_personal_limit", known.key, value, Some(limit)));
    } else if let Some(limit) = own_high.filter(|h| value.cmp_value(*h) == Ordering::Greater) {
        out.push(limit_finding("above_personal_limit", known.key, value, Some(limit)));
    } else if own_low.is_none() && flag == Some(Flag::Low) {
        out.push(limit_finding("below_usual_limit", known.key, value, spec.low.map(|l| l.value)));
    } else if own_high.is_none() && flag == Some(Flag::High) {
        out.push(limit_finding("above_usual_limit", known.key, value, spec.high.map(|l| l.value)));
    }
}

fn limit_finding(code: &'static str, key: &str, value: Decimal, limit: Option<Decimal>) -> Finding {
    let finding = Finding::ask(code, key).with("value", value);
    limit.map_or(finding.clone(), |limit| finding.with("limit", limit))
}

/// Unlike the patient's own usual range (clinical rules G.2).
fn check_usual(value: Decimal, known: &Item, spec: &NumberSpec, context: &CheckContext, out: &mut Vec<Finding>) {
    let Some(change_min) = spec.change_min else { return };
    let values: Vec<f64> = numbers(context, known.key, BASELINE_DAYS).map(|(_, v)| v.to_f64()).collect();
    let Some(usual) = baseline(&values) else { return };
    if usual.is_unusual(value.to_f64(), change_min.to_f64()) {
        let round = |v: f64| format!("{v:.*}", usize::from(spec.scale_max));
        out.push(
            Finding::ask("unusual_for_patient", known.key)
                .with("value", value)
                .with("low", round(usual.low))
                .with("high", round(usual.high)),
        );
    }
}

fn numbers<'a>(context: &'a CheckContext, key: &'a str, days: i64) -> impl Iterator<Item = (i64, Decimal)> + 'a {
    context.since(key, days).filter_map(|r| Decimal::parse(&r.value).ok().map(|v| (r.at_ms, v)))
}

fn check_pressure(body: &VitalsBody, out: &mut Vec<Finding>) {
    let (alone, missing) = (body.all("bp.sys").count() == 1, body.get("bp.sys").is_none());
    for lower in body.all("bp.dia") {
        let upper = body.all("bp.sys").find(|upper| upper.attributes == lower.attributes || alone);
        let Some(upper) = upper else {
            if missing {
                continue;
            }
            out.push(Finding::refuse("diastolic_without_systolic", "bp.dia"));
            continue;
        };
        if let (Ok(systolic), Ok(diastolic)) = (Decimal::parse(&upper.value), Decimal::parse(&lower.value))
            && diastolic.cmp_value(systolic) != Ordering::Less
        {
            let finding = Finding::refuse("diastolic_not_below_systolic", "bp.dia");
            out.push(finding.with("sys", systolic).with("dia", diastolic));
        }
    }
}

/// A saturation says nothing without the gas it was breathed with.
fn check_oxygen(body: &VitalsBody, out: &mut Vec<Finding>) {
    let given = body.get("o2.flow").is_some() || body.get("o2.fio2").is_some();
    let of = |item: &VitalValue| item.attributes.get("gas").cloned();
    let gases: Vec<Option<String>> = body.all("spo2").map(of).collect();
    let breathed = |gas: &str| gases.iter().flatten().any(|g| g == gas);
    if gases.iter().any(Option::is_none) {
        out.push(Finding::refuse("spo2_needs_gas", "spo2"));
    } else if breathed("room-air") && given && !breathed("oxygen") {
        out.push(Finding::refuse("room_air_with_oxygen", "spo2"));
    } else if breathed("oxygen") && !given {
        out.push(Finding::refuse("oxygen_needs_flow", "spo2"));
    }
}

/// +2 kg within 7 days, −5 % within 30 days (C.1).
fn check_weight(body: &VitalsBody, context: &CheckContext, out: &mut Vec<Finding>) {
    let Some(weight) = body.numbers("weight").next() else { return };
    let now = weight.to_f64();
    let lowest = numbers(context, "weight", 7).min_by(|a, b| a.1.cmp_value(b.1));
    if let Some((_, low)) = lowest
        && now - low.to_f64() >= 2.0 - 1e-9
    {
        out.push(Finding::ask("weight_gain", "weight").with("value", weight).with("last", low).with("days", 7));
    }
    let highest = numbers(context, "weight", 30).max_by(|a, b| a.1.cmp_value(b.1));
    if let Some((_, high)) = highest
        && now <= high.to_f64() * 0.95 + 1e-9
    {
        out.push(Finding::ask("weight_loss", "weight").with("value", weight).with("last", high).with("days", 30));
    }
}

/// Changes since the last values: pain, oedema, meals, stool.
fn check_course(body: &VitalsBody, context: &CheckContext, out: &mut Vec<Finding>) {
    let pain = worst(body.numbers("nrs"));
    let before = worst(context.newest("nrs", BASELINE_DAYS).filter_map(|r| Decimal::parse(&r.value).ok()));
    if let (Some(pain), Some(before)) = (pain, before)
        && pain.mantissa - before.mantissa >= NRS_RISE
        && pain.scale == before.scale
    {
        out.push(Finding::ask("pain_rise", "nrs").with("value", pain).with("last", before));
    }
    check_oedema(body, context, out);
    check_meals(body, context, out);
    if body.numbers("stool").any(|n| n.mantissa == 0) {
        let since = numbers(context, "stool", BASELINE_DAYS).filter(|(_, n)| n.mantissa > 0).map(|(at, _)| at).max();
        let days = since.map(|at| (context.at() - at) / crate::time::DAY_MS);
        if let Some(days) = days.filter(|d| *d >= STOOL_DAYS) {
            out.push(Finding::ask("no_stool", "stool").with("days", days));
        }
    }
}

/// Of several sites the worst is compared with the worst of the time before.
fn worst(values: impl Iterator<Item = Decimal>) -> Option<Decimal> {
    values.max_by(|a, b| a.cmp_value(*b))
}

fn check_oedema(body: &VitalsBody, context: &CheckContext, out: &mut Vec<Finding>) {
    let step = |code: &str| match vital_item("edema").map(|item| item.kind) {
        Some(ItemKind::Code(codes)) => codes.iter().position(|c| *c == code),
        _ => None,
    };
    let now = body.all("edema").max_by_key(|item| step(&item.value));
    let before = context.newest("edema", BASELINE_DAYS).max_by_key(|recent| step(&recent.value));
    if let (Some(now), Some(before)) = (now, before)
        && step(&now.value) > step(&before.value)
        && step(&before.value).is_some()
    {
        out.push(Finding::ask("oedema_rise", "edema").with("value", &now.value).with("last", &before.value));
    }
}

/// A meal of three tenths or less, and the one before it too (C.1).
fn check_meals(body: &VitalsBody, context: &CheckContext, out: &mut Vec<Finding>) {
    let limit = match vital_item(MEAL).map(|item| item.kind) {
        Some(ItemKind::Number(spec)) => spec.low.map(|limit| limit.value),
        _ => None,
    };
    let Some(limit) = limit else { return };
    let low = |value: &Decimal| value.cmp_value(limit) != Ordering::Greater;
    let before = context.last(MEAL, BASELINE_DAYS).and_then(|r| Decimal::parse(&r.value).ok());
    let meals: Vec<Decimal> = before.into_iter().chain(body.numbers(MEAL)).collect();
    if body.get(MEAL).is_none() {
        return;
    }
    if let Some((last, value)) = meals.iter().zip(meals.iter().skip(1)).find(|(a, b)| low(a) && low(b)) {
        out.push(Finding::ask("low_meals", MEAL).with("value", value).with("last", last));
    }
}
