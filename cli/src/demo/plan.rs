//! From a patient and a day to what three facilities write. Pure and deterministic: the same `now` gives the same
//! region.

use super::numbers::{Dice, Numbers, numbers, phase_of, tenths};
use super::patients::{Condition, PATIENTS, Person};
use super::phrases::{Phrases, phases};
use serde_json::{Value, json};

/// Days of history each patient has.
pub const DAYS: i64 = 126;
const DAY_MS: i64 = 86_400_000;
const ZONE_MS: i64 = 9 * 3_600_000;

/// Who writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Author {
    /// The visiting nurse.
    Nurse,
    /// The clinic's physician.
    Physician,
    /// The pharmacy's pharmacist.
    Pharmacist,
}

/// What is written.
#[derive(Clone, Debug, PartialEq)]
pub enum Writing {
    /// An entry with this body.
    Entry {
        /// Stored tag of the kind.
        kind: &'static str,
        /// Its JSON.
        body: Value,
    },
    /// A picture of the wound, drawn when it is written: length and width in millimetres.
    Wound(i64, i64),
}

/// One visit by one person: everything in it is confirmed together.
#[derive(Clone, Debug, PartialEq)]
pub struct Visit {
    /// Index into [`PATIENTS`].
    pub patient: usize,
    /// Who writes.
    pub author: Author,
    /// Clinical time, ms UTC.
    pub at_ms: i64,
    /// What, in order.
    pub writings: Vec<Writing>,
}

/// Every visit of the [`DAYS`] before the day of `now_ms`, ordered by time.
pub fn plan(now_ms: i64) -> Vec<Visit> {
    let mut out = Vec::new();
    for (index, person) in PATIENTS.iter().enumerate() {
        plan_patient(index, person, now_ms, &mut out);
    }
    out.sort_by_key(|visit| (visit.at_ms, visit.patient));
    out
}

fn plan_patient(patient: usize, person: &Person, now_ms: i64, out: &mut Vec<Visit>) {
    let mut dice = Dice::new(patient as u64 + 1);
    let shift = dice.within(-8, 8);
    let today = (now_ms + ZONE_MS).div_euclid(DAY_MS);
    for day in 0..DAYS {
        let date = today - DAYS + day;
        let weekday = (date + 4).rem_euclid(7); // 0 is Sunday: 1970-01-01 was a Thursday
        let phase = phase_of(person.condition, day + shift);
        let Some(phrases) = phases(person.condition).get(phase) else { continue };
        let measured = numbers(person, day + shift, phase, &mut dice);
        let midnight = date * DAY_MS - ZONE_MS;
        let at = |minute: i64| midnight + minute * 60_000;
        if nurse_comes(patient, weekday, phase, person.condition) {
            let at_ms = at(540 + dice.within(0, 26) * 15);
            let writings = nurse(person, phrases, measured, &mut dice);
            out.push(Visit { patient, author: Author::Nurse, at_ms, writings });
        }
        let fortnight = (day + patient as i64) % 14;
        // A fortnight keeps its weekday: who would come on Sundays comes on Mondays.
        let comes = |due: i64| (fortnight == due && weekday != 0) || (fortnight == due + 1 && weekday == 1);
        if comes(3) {
            let at_ms = at(780 + dice.within(0, 12) * 15);
            let writings = physician(person, phrases, measured);
            out.push(Visit { patient, author: Author::Physician, at_ms, writings });
        }
        if comes(5) {
            let at_ms = at(870 + dice.within(0, 10) * 15);
            let found = fill(phrases.pharmacist, person, measured);
            let writings = vec![note("", &found, "", "")];
            out.push(Visit { patient, author: Author::Pharmacist, at_ms, writings });
        }
    }
}

fn nurse_comes(index: usize, weekday: i64, phase: usize, condition: Condition) -> bool {
    let usual = match index % 3 {
        0 => [1, 4],
        1 => [2, 5],
        _ => [3, 6],
    };
    let more = phase == 1 || (phase >= 2 && condition == Condition::EndOfLifeCancer);
    usual.contains(&weekday) || (more && weekday != 0 && (weekday + index as i64) % 2 == 0)
}

fn nurse(person: &Person, phrases: &Phrases, n: Numbers, dice: &mut Dice) -> Vec<Writing> {
    let mut out = vec![vitals(person.condition, n)];
    if person.condition == Condition::PressureUlcer && dice.within(0, 1) == 0 {
        out.push(Writing::Wound(n.wound_mm.0, n.wound_mm.1));
    }
    let mut part = |from: &[&str]| fill(pick(from, dice), person, n);
    out.push(note(&part(phrases.s), &part(phrases.o), &part(phrases.a), &part(phrases.p)));
    out
}

fn physician(person: &Person, phrases: &Phrases, n: Numbers) -> Vec<Writing> {
    let text = fill(phrases.doctor, person, n);
    let (findings, decision) = text.split_once('。').unwrap_or((text.as_str(), ""));
    vec![vitals(person.condition, n), note("", &format!("{findings}。"), "", decision)]
}

fn note(s: &str, o: &str, a: &str, p: &str) -> Writing {
    Writing::Entry { kind: "note", body: json!({"s": s, "o": o, "a": a, "p": p}) }
}

fn vitals(condition: Condition, n: Numbers) -> Writing {
    let item =
        |key: &str, value: String, attributes: Value| json!({"key": key, "value": value, "attributes": attributes});
    let mut items = vec![
        item("temp", tenths(n.temp_tenths), json!({"site": "axilla"})),
        item("bp.sys", n.systolic.to_string(), json!({"side": "right", "posture": "sitting"})),
        item("bp.dia", n.diastolic.to_string(), json!({})),
        item("pulse", n.pulse.to_string(), json!({"rhythm": "regular"})),
        item("rr", n.breaths.to_string(), json!({})),
    ];
    match n.oxygen_tenths {
        Some(flow) => {
            items.push(item("spo2", n.spo2.to_string(), json!({"gas": "oxygen", "state": "rest"})));
            items.push(item("o2.flow", tenths(flow), json!({"device": "nasal-cannula"})));
        }
        None => items.push(item("spo2", n.spo2.to_string(), json!({"gas": "room-air"}))),
    }
    let mut not_measured = Vec::new();
    match condition {
        Condition::Stroke | Condition::Parkinson | Condition::Dementia => {
            not_measured.push(json!({"key": "weight", "reason": "not-needed"}));
        }
        Condition::PressureUlcer => not_measured.push(json!({"key": "weight", "reason": "no-device"})),
        Condition::HeartFailure
        | Condition::CopdOnOxygen
        | Condition::EndOfLifeCancer
        | Condition::Als
        | Condition::Diabetes
        | Condition::KidneyDisease
        | Condition::HipFracture
        | Condition::TubeFeeding => items.push(item("weight", tenths(n.weight_tenths), json!({}))),
    }
    if matches!(condition, Condition::EndOfLifeCancer | Condition::HipFracture | Condition::PressureUlcer) {
        items.push(item("nrs", n.nrs.to_string(), json!({"state": "movement"})));
    }
    if condition == Condition::Diabetes {
        items.push(item("glucose", n.glucose.to_string(), json!({"timing": "before-meal"})));
    }
    Writing::Entry { kind: "vitals", body: json!({"items": items, "notMeasured": not_measured}) }
}

fn pick<'a>(from: &[&'a str], dice: &mut Dice) -> &'a str {
    let last = i64::try_from(from.len()).unwrap_or(1) - 1;
    usize::try_from(dice.within(0, last)).ok().and_then(|i| from.get(i)).copied().unwrap_or("")
}

fn fill(text: &str, person: &Person, n: Numbers) -> String {
    text.replace("{w}", &tenths(n.weight_tenths))
        .replace("{bp}", &format!("{}/{}", n.systolic, n.diastolic))
        .replace("{spo2}", &n.spo2.to_string())
        .replace("{nrs}", &n.nrs.to_string())
        .replace("{glu}", &n.glucose.to_string())
        .replace("{size}", &format!("{}×{} cm", tenths(n.wound_mm.0), tenths(n.wound_mm.1)))
        .replace("{who}", person.carer)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "tests fail loudly")]
    use super::*;
    use meguri_clinical::{CheckContext, Severity, entry_kind, state_kind};

    const NOW: i64 = 1_795_000_000_000;

    #[test]
    fn same_now_same_region() {
        assert_eq!(plan(NOW), plan(NOW));
    }

    #[test]
    fn every_patient_has_a_course_by_three_facilities() {
        let all = plan(NOW);
        for patient in 0..PATIENTS.len() {
            let by = |author| all.iter().filter(|v| v.patient == patient && v.author == author).count();
            assert!(by(Author::Nurse) >= 32, "patient {patient}: {}", by(Author::Nurse));
            assert!(by(Author::Physician) >= 7 && by(Author::Pharmacist) >= 7, "patient {patient}");
        }
        let first = all.iter().map(|v| v.at_ms).min().unwrap();
        let last = all.iter().map(|v| v.at_ms).max().unwrap();
        assert!(last - first >= 120 * DAY_MS && last <= NOW);
    }

    #[test]
    fn the_product_takes_every_body_and_nothing_is_left_to_fill() {
        for visit in plan(NOW) {
            for writing in visit.writings {
                let Writing::Entry { kind, body } = writing else { continue };
                assert!(!body.to_string().replace("{\"", "").replace("\":{}", "").contains("{w}"));
                let refused: Vec<_> = entry_kind(kind)
                    .unwrap()
                    .check(&body, &CheckContext::default())
                    .into_iter()
                    .filter(|finding| finding.severity == Severity::Refuse)
                    .collect();
                assert!(refused.is_empty(), "{kind}: {refused:?}");
            }
        }
        for person in PATIENTS {
            for (field, value) in person.identity() {
                assert!(state_kind("identity").unwrap().encode_field(&field, &value).is_ok(), "{field}");
            }
        }
    }

    #[test]
    fn heart_failure_gains_weight_before_treatment_and_loses_it_after() {
        let weights: Vec<f64> = plan(NOW)
            .iter()
            .filter(|visit| visit.patient == 0)
            .filter_map(|visit| match &visit.writings[..] {
                [Writing::Entry { kind: "vitals", body }, ..] => {
                    body["items"].as_array()?.iter().find(|item| item["key"] == "weight")?["value"]
                        .as_str()?
                        .parse()
                        .ok()
                }
                _ => None,
            })
            .collect();
        let (first, last) = (weights[0], weights[weights.len() - 1]);
        let top = weights.iter().copied().fold(f64::MIN, f64::max);
        assert!(top - first >= 2.0, "gains 2 kg");
        assert!((last - first).abs() <= 0.9, "and loses it again");
    }
}
