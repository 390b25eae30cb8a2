//! `draft.save`

use crate::host::Host;
use crate::types::{Draft, Finding, Instant};
use crate::{Failure, host, rows};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

/// Request.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(optional_fields)]
pub struct Req {
    /// Draft id; none makes one
    #[serde(default)]
    pub id: Option<String>,
    /// The patient
    pub patient_id: String,
    /// The visit
    pub visit_id: String,
    /// Stored tag
    pub kind: String,
    /// JSON of the kind, possibly incomplete
    #[ts(type = "unknown")]
    pub body: Value,
    /// Clinical time that the checks compare from; now, if none
    #[serde(default)]
    pub at: Option<Instant>,
}

/// Result.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Res {
    /// Draft id
    pub id: String,
    /// What the checks say
    pub findings: Vec<Finding>,
}

/// Keeps the draft even when it is incomplete; the checks only remark.
///
/// # Errors
/// `refused` for an unknown kind or a body beyond the limit, `not_found`, storage codes.
pub fn run(host: &dyn Host, req: Req) -> Result<Res, Failure> {
    let replica = host.replica()?;
    let id = match &req.id {
        Some(id) => rows::id(id)?,
        None => host::new_id(host),
    };
    let patient = rows::id(&req.patient_id)?;
    let (kind, body) = (req.kind.as_str(), &req.body);
    let checked = rows::Checked { patient, kind, body, at: req.at, corrects: None };
    let findings = rows::check(host, &replica, &checked)?;
    rows::draft_put(
        &replica,
        &Draft {
            id: id.to_string(),
            patient_id: req.patient_id,
            visit_id: req.visit_id,
            kind: req.kind,
            body: req.body,
            updated_at: host.now_ms(),
        },
    )?;
    Ok(Res { id: id.to_string(), findings })
}
