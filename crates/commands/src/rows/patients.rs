//! Patients: rows, banners, measures.

use super::storage;
use crate::chart::trend::{Point, Usual};
use crate::types::{LocalId, NameParts, PatientHeader, PatientRow, Sex, SimilarPatient, ThresholdRow};
use crate::{Code, Failure};
use meguri_clinical::{PartialDate, state_kind};
use meguri_replica::{PatientProjection, Replica};
use meguri_wire::ids::SpaceId;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Patients a name is compared with; more than a facility has at home.
const SIMILAR_MAX: u32 = 1000;
const USUAL_DAYS: i64 = meguri_clinical::BASELINE_DAYS;
const DAY_MS: i64 = 86_400_000;

pub(crate) fn patients(replica: &Replica, query: &str, limit: u32) -> Result<(Vec<PatientRow>, u32), Failure> {
    let (found, total) = replica.search_patients(query, limit).map_err(storage)?;
    let mut rows: Vec<PatientRow> = found.into_iter().map(row).collect();
    mark_similar(&mut rows);
    Ok((rows, total))
}

fn row(found: PatientProjection) -> PatientRow {
    PatientRow {
        patient_id: found.id.to_string(),
        name: NameParts { family: found.name.0, given: found.name.1 },
        kana: NameParts { family: found.kana.0, given: found.kana.1 },
        birth_date: found.birth_date,
        sex: match found.sex.as_str() {
            "male" => Sex::Male,
            "female" => Sex::Female,
            "other" => Sex::Other,
            _ => Sex::Unknown,
        },
        local_ids: found.local_ids.into_iter().map(|(facility, id)| LocalId { facility, id }).collect(),
        similar: Vec::new(),
        last_entry_at: found.last_entry_ms,
        new_count: found.new_count,
        unsent_count: found.unsent,
        conflicts: found.conflicts,
    }
}

/// A similar name, or the same day of birth: easily confused.
fn alike(a: &PatientRow, b: &PatientRow) -> bool {
    let born = |row: &PatientRow| PartialDate::parse(&row.birth_date).ok();
    meguri_clinical::similar_name(
        (&a.name.family, &a.name.given, &a.kana.family, &a.kana.given),
        (&b.name.family, &b.name.given, &b.kana.family, &b.kana.given),
    ) || born(a).zip(born(b)).is_some_and(|(a, b)| meguri_clinical::same_birth_date(a, b))
}

fn full(row: &PatientRow) -> String {
    format!("{} {}", row.name.family, row.name.given)
}

fn mark_similar(rows: &mut [PatientRow]) {
    let marks: Vec<Vec<SimilarPatient>> = rows
        .iter()
        .map(|row| {
            rows.iter()
                .filter(|other| other.patient_id != row.patient_id && alike(row, other))
                .map(|other| SimilarPatient { patient_id: other.patient_id.clone(), name: full(other) })
                .collect()
        })
        .collect();
    for (row, mark) in rows.iter_mut().zip(marks) {
        row.similar = mark;
    }
}

/// Names of patients that a new one could be confused with.
pub(crate) fn similar_to(replica: &Replica, identity: &Map<String, Value>) -> Result<Vec<String>, Failure> {
    let part = |field: &str, part: &str| {
        identity.get(field).and_then(|v| v.get(part)).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let new = PatientRow {
        patient_id: String::new(),
        name: NameParts { family: part("name", "family"), given: part("name", "given") },
        kana: NameParts { family: part("kana", "family"), given: part("kana", "given") },
        birth_date: identity.get("birthDate").and_then(Value::as_str).unwrap_or_default().to_owned(),
        sex: Sex::Unknown,
        local_ids: Vec::new(),
        similar: Vec::new(),
        last_entry_at: None,
        new_count: 0,
        unsent_count: 0,
        conflicts: 0,
    };
    let (rows, _) = replica.search_patients("", SIMILAR_MAX).map_err(storage)?;
    let rows: Vec<PatientRow> = rows.into_iter().map(row).collect();
    Ok(rows.iter().filter(|row| alike(row, &new)).map(full).collect())
}

/// The chart of a patient.
pub(crate) fn space_of(replica: &Replica, patient: Uuid) -> Result<SpaceId, Failure> {
    replica.space_of(patient).map_err(storage)?.ok_or_else(|| Code::NotFound.into())
}

pub(crate) fn header(replica: &Replica, patient: Uuid) -> Result<PatientHeader, Failure> {
    let found = replica.patient(patient).map_err(storage)?.ok_or(Code::NotFound)?;
    let struck = replica.struck_fields(patient).map_err(storage)?;
    let (address, phone) = (found.address.clone(), found.phone.clone());
    let mut own = row(found);
    let (others, _) = replica.search_patients("", SIMILAR_MAX).map_err(storage)?;
    let others: Vec<PatientRow> = others.into_iter().map(row).collect();
    own.similar = others
        .iter()
        .filter(|other| other.patient_id != own.patient_id && alike(&own, other))
        .map(|other| SimilarPatient { patient_id: other.patient_id.clone(), name: full(other) })
        .collect();
    Ok(PatientHeader { row: own, address, phone, thresholds: thresholds(replica, patient)?, struck })
}

fn thresholds(replica: &Replica, patient: Uuid) -> Result<Vec<ThresholdRow>, Failure> {
    let Some(kind) = state_kind("threshold") else { return Ok(Vec::new()) };
    let mut by_id: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for (key, values) in replica.state_values(patient, "threshold/").map_err(storage)? {
        let mut parts = key.splitn(3, '/').skip(1);
        let (Some(id), Some(field), Some(value)) = (parts.next(), parts.next(), values.first()) else { continue };
        if let Ok(value) = kind.decode_field(field, &value.bytes) {
            by_id.entry(id.to_owned()).or_default().insert(field.to_owned(), value);
        }
    }
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    Ok(by_id
        .into_iter()
        .map(|(id, fields)| {
            let limit = fields.get("limit");
            ThresholdRow {
                measure: text(fields.get("measure")).unwrap_or_else(|| id.clone()),
                low: text(limit.and_then(|l| l.get("low"))),
                high: text(limit.and_then(|l| l.get("high"))),
                reason: text(limit.and_then(|l| l.get("reason"))).unwrap_or_default(),
                id,
            }
        })
        .collect())
}

/// Personal limits as the checks of kinds take them.
pub(crate) fn limits(replica: &Replica, patient: Uuid) -> Result<Vec<meguri_clinical::Threshold>, Failure> {
    let parse = |text: Option<String>| text.and_then(|t| meguri_clinical::Decimal::parse(&t).ok());
    Ok(thresholds(replica, patient)?
        .into_iter()
        .map(|row| meguri_clinical::Threshold { measure: row.measure, low: parse(row.low), high: parse(row.high) })
        .collect())
}

/// The curves of `keys` in `[from_ms, to_ms]`, each with its unit.
pub(crate) fn curves(
    replica: &Replica,
    patient: Uuid,
    keys: &[&str],
    from_ms: i64,
    to_ms: i64,
) -> Result<Vec<(String, Vec<Point>)>, Failure> {
    let point = |row: meguri_replica::MeasureRow| Point {
        at: row.at_ms,
        value: row.value,
        text: row.text,
        family: row.family,
        entry_id: row.entry.to_string(),
    };
    let lists = replica.measures(patient, keys, from_ms, to_ms).map_err(storage)?;
    let curve = |rows: Vec<meguri_replica::MeasureRow>| {
        let unit = rows.first().map(|row| row.unit.clone()).unwrap_or_default();
        (unit, rows.into_iter().map(point).collect())
    };
    Ok(lists.into_iter().map(curve).collect())
}

/// Median and tenth to ninetieth percentile of the last 30 days (clinical rules G.2), for each of `keys`.
pub(crate) fn usual(
    replica: &Replica,
    patient: Uuid,
    keys: &[&str],
    now_ms: i64,
) -> Result<Vec<Option<Usual>>, Failure> {
    let lists = replica.measures(patient, keys, now_ms - USUAL_DAYS * DAY_MS, now_ms).map_err(storage)?;
    let usual = |rows: Vec<meguri_replica::MeasureRow>| {
        let values: Vec<f64> = rows.iter().map(|row| row.value).collect();
        meguri_clinical::baseline(&values).map(|b| Usual { low: b.low, high: b.high, median: b.median })
    };
    Ok(lists.into_iter().map(usual).collect())
}

/// Values of the 30 days before `at_ms` of the keys a body names, for the checks that compare; without those of one entry.
pub(crate) fn recent(
    replica: &Replica,
    patient: Uuid,
    body: &Value,
    at_ms: i64,
    but: Option<Uuid>,
) -> Result<Vec<meguri_clinical::Recent>, Failure> {
    let mut keys: Vec<&str> = Vec::new();
    for item in body.get("items").and_then(Value::as_array).into_iter().flatten() {
        keys.extend(item.get("key").and_then(Value::as_str).filter(|key| !keys.contains(key)));
    }
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let lists = replica.measures(patient, &keys, at_ms - USUAL_DAYS * DAY_MS, at_ms).map_err(storage)?;
    let mut out = Vec::new();
    for (key, rows) in keys.into_iter().zip(lists) {
        let others = rows.into_iter().filter(|row| Some(row.entry) != but);
        out.extend(others.map(|row| meguri_clinical::Recent {
            key: key.to_owned(),
            at_ms: row.at_ms,
            value: row.text,
        }));
    }
    Ok(out)
}

pub(crate) fn birth_date(replica: &Replica, patient: Uuid) -> Result<Option<PartialDate>, Failure> {
    let found = replica.patient(patient).map_err(storage)?;
    Ok(found.and_then(|patient| PartialDate::parse(&patient.birth_date).ok()))
}
