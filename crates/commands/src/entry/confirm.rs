//! `entry.confirm`

use crate::host::Host;
use crate::types::Instant;
use crate::{Code, Failure, host, rows};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Request.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(optional_fields)]
pub struct Req {
    /// The patient
    pub patient_id: String,
    /// Drafts of one visit
    pub draft_ids: Vec<String>,
    /// Clinical time
    pub at: Instant,
    /// Warnings that were answered
    pub accepted: Vec<Accepted>,
}

/// Result.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Res {
    /// In the order of the drafts
    pub entry_ids: Vec<String>,
}

/// A warning that was answered.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Accepted {
    /// The draft.
    pub draft_id: String,
    /// Code of the finding.
    pub code: String,
    /// Its field.
    pub field: String,
}

/// Confirms all drafts in one transaction, or none.
///
/// # Errors
/// `unanswered_findings{codes}`, `refused{field, reason}`, `not_found`, storage codes.
pub fn run(host: &dyn Host, req: Req) -> Result<Res, Failure> {
    let replica = host.replica()?;
    let patient = rows::id(&req.patient_id)?;
    let space = rows::space_of(&replica, patient)?;
    let mut entries = Vec::new();
    let mut ids = Vec::new();
    for draft_id in &req.draft_ids {
        let id = rows::id(draft_id)?;
        let draft = rows::draft(&replica, id)?;
        if draft.patient_id != req.patient_id {
            return Err(Code::NotFound.into());
        }
        let (kind, body) = (draft.kind.as_str(), &draft.body);
        let checked = rows::Checked { patient, kind, body, at: Some(req.at), corrects: None };
        let findings = rows::check(host, &replica, &checked)?;
        rows::unanswered(&findings, |f| {
            req.accepted.iter().any(|a| a.draft_id == *draft_id && a.code == f.code && a.field == f.field)
        })?;
        let body = rows::encode_body(&draft.kind, &draft.body)?;
        let visit = uuid::Uuid::parse_str(&draft.visit_id).ok();
        entries.push(rows::Writing {
            id: host::new_id(host),
            kind: draft.kind,
            at: req.at,
            visit,
            amends: None,
            voids: None,
            reason: None,
            body,
        });
        ids.push(id);
    }
    let entry_ids = entries.iter().map(|e| e.id.to_string()).collect();
    rows::append(host, &replica, &space, patient, entries, Vec::new(), ids)?;
    Ok(Res { entry_ids })
}
