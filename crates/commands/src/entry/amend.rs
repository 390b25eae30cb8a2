//! `entry.amend`

use crate::host::Host;
use crate::{Failure, rows};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

/// Request.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(optional_fields)]
pub struct Req {
    /// The patient
    pub patient_id: String,
    /// The entry
    pub entry_id: String,
    /// JSON of the kind
    #[ts(type = "unknown")]
    pub body: Value,
    /// Why
    pub reason: String,
    /// Warnings that were answered
    #[serde(default)]
    pub accepted: Option<Vec<Answered>>,
}

/// A warning about the corrected body that was answered.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Answered {
    /// Code of the finding.
    pub code: String,
    /// Its field.
    pub field: String,
}

/// Result.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Res {
    /// The correction
    pub entry_id: String,
}

/// Corrects, after the same questions as `entry.confirm`.
///
/// # Errors
/// `unanswered_findings{field, reason}`, `reason_missing`, `entry_closed`, `refused{field, reason}`, `not_found`, storage codes.
pub fn run(host: &dyn Host, req: Req) -> Result<Res, Failure> {
    let replica = host.replica()?;
    let old = rows::open_entry(host, &replica, &req.patient_id, &req.entry_id, &req.reason)?;
    let checked = rows::Checked {
        patient: old.patient,
        kind: &old.kind,
        body: &req.body,
        at: Some(old.at),
        corrects: Some(old.id),
    };
    let findings = rows::check(host, &replica, &checked)?;
    let accepted = req.accepted.unwrap_or_default();
    rows::unanswered(&findings, |f| accepted.iter().any(|a| a.code == f.code && a.field == f.field))?;
    let stored = rows::stored_body(&replica, &old)?;
    let body = rows::encode_correction(&old.kind, &stored, &req.body)?;
    let entry_id = rows::follow_up(host, &replica, &old, Some(body), &req.reason)?;
    Ok(Res { entry_id })
}
