//! Bodies and fields through the registries of `meguri_clinical`.

use super::{People, storage};
use crate::host::Host;
use crate::state::conflicts::{Conflict, ConflictValue};
use crate::types::{Finding, Instant, Severity};
use crate::{Code, Failure};
use meguri_clinical::{CheckContext, entry_kind, state_kind};
use meguri_replica::{Replica, StateValue};
use serde_json::{Map, Value};
use uuid::Uuid;

const BODY_BYTES_MAX: usize = 128 * 1024;

fn unknown(kind: &str) -> Failure {
    Code::Refused.with("field", "kind").with("reason", "unknown_kind").with("kind", kind)
}

/// What a body is checked against.
pub(crate) struct Checked<'a> {
    pub(crate) patient: Uuid,
    pub(crate) kind: &'a str,
    pub(crate) body: &'a Value,
    /// The clinical time; now, if the person has not said otherwise.
    pub(crate) at: Option<Instant>,
    /// The entry that this body corrects: its own values are nothing to compare with.
    pub(crate) corrects: Option<Uuid>,
}

/// What the checks of a kind say about a body, with the patient's own limits and what was measured before its time.
pub(crate) fn check(host: &dyn Host, replica: &Replica, checked: &Checked<'_>) -> Result<Vec<Finding>, Failure> {
    let Checked { patient, kind, body, at, corrects } = *checked;
    let at_ms = at.map_or_else(|| host.now_ms(), |at| at.ms);
    let found = entry_kind(kind).ok_or_else(|| unknown(kind))?;
    if body.to_string().len() > BODY_BYTES_MAX {
        return Err(Code::Refused.with("field", "body").with("reason", "too_large"));
    }
    let context = CheckContext {
        now_ms: host.now_ms(),
        at_ms: at.map(|at| at.ms),
        thresholds: super::patients::limits(replica, patient)?,
        recent: super::patients::recent(replica, patient, body, at_ms, corrects)?,
        birth_date: super::patients::birth_date(replica, patient)?,
    };
    Ok(found.check(body, &context).into_iter().map(finding).collect())
}

/// The first finding that stops a body: a refusal, or a question that nobody answered; with its numbers, so that the
/// question can be put.
pub(crate) fn unanswered(findings: &[Finding], answered: impl Fn(&Finding) -> bool) -> Result<(), Failure> {
    let Some(finding) = findings.iter().find(|finding| !answered(finding)) else { return Ok(()) };
    let code = match finding.severity {
        Severity::Refuse => Code::Refused,
        Severity::Ask => Code::UnansweredFindings,
    };
    let told = Failure { code, params: finding.params.clone() };
    Err(told.with("field", &finding.field).with("reason", &finding.code))
}

fn finding(finding: meguri_clinical::Finding) -> Finding {
    Finding {
        severity: match finding.severity {
            meguri_clinical::Severity::Refuse => Severity::Refuse,
            meguri_clinical::Severity::Ask => Severity::Ask,
        },
        code: finding.code.to_string(),
        field: finding.field,
        params: finding.params,
    }
}

/// The stored bytes of a body.
pub(crate) fn encode_body(kind: &str, body: &Value) -> Result<Vec<u8>, Failure> {
    let found = entry_kind(kind).ok_or_else(|| unknown(kind))?;
    found.encode(body).map_err(|refusals| refused(&refusals))
}

/// The stored bytes of a correction of `old`, with what a newer app had put there.
pub(crate) fn encode_correction(kind: &str, old: &[u8], body: &Value) -> Result<Vec<u8>, Failure> {
    let found = entry_kind(kind).ok_or_else(|| unknown(kind))?;
    found.encode_over(old, body).map_err(|refusals| refused(&refusals))
}

fn refused(refusals: &meguri_clinical::Refusals) -> Failure {
    let first = refusals.0.first();
    Code::Refused.with("field", first.map_or("", |f| f.field.as_str())).with("reason", first.map_or("", |f| f.code))
}

/// Keys and bytes of the fields of a state; no bytes take a field away.
pub(crate) fn encode_state(tag: &str, id: &str, fields: &Map<String, Value>) -> Result<super::Fields, Failure> {
    let kind = state_kind(tag).ok_or_else(|| unknown(tag))?;
    if id.is_empty() || id.len() > 64 || id.contains('/') {
        return Err(Code::Refused.with("field", "id").with("reason", "bad_id"));
    }
    let mut out = Vec::new();
    for (field, value) in fields {
        let bytes = match value {
            Value::Null => None,
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
                Some(kind.encode_field(field, value).map_err(|refusals| refused(&refusals))?)
            }
        };
        out.push((format!("{tag}/{id}/{field}"), bytes));
    }
    Ok(out)
}

pub(super) fn split(key: &str) -> Option<(&str, &str, &str)> {
    let (kind, rest) = key.split_once('/')?;
    let (id, field) = rest.split_once('/')?;
    Some((kind, id, field))
}

pub(crate) fn conflicts(replica: &Replica, people: &People, patient: Uuid) -> Result<Vec<Conflict>, Failure> {
    let mut out = Vec::new();
    for (key, values) in replica.conflicts(patient).map_err(storage)? {
        let Some((kind, id, field)) = split(&key) else { continue };
        let values = values_of(people, kind, field, &values);
        out.push(Conflict { kind: kind.to_owned(), id: id.to_owned(), field: field.to_owned(), values, key });
    }
    Ok(out)
}

/// Values of a field as screens read them.
pub(super) fn values_of(people: &People, kind: &str, field: &str, values: &[StateValue]) -> Vec<ConflictValue> {
    let decoder = state_kind(kind);
    let read = |value: &StateValue| ConflictValue {
        value: decoder.and_then(|d| d.decode_field(field, &value.bytes).ok()).unwrap_or(Value::Null),
        author: people.person(&value.person),
        written_at: Instant { ms: value.written_ms, zone_min: value.zone_min },
        choice: value.choice.clone(),
    };
    values.iter().map(read).collect()
}

/// The bytes of the chosen value of a conflict.
pub(crate) fn chosen(replica: &Replica, patient: Uuid, key: &str, choice: &str) -> Result<Vec<u8>, Failure> {
    let conflicts = replica.conflicts(patient).map_err(storage)?;
    let values = conflicts.into_iter().find(|(k, _)| k == key).ok_or(Code::NotFound)?.1;
    let value = values.into_iter().find(|v| v.choice == choice).ok_or(Code::NotFound)?;
    Ok(value.bytes)
}
