//! `state.conflicts`

use crate::host::Host;
use crate::types::{Instant, PersonRef};
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
}

/// Result.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Res {
    /// Fields
    pub conflicts: Vec<Conflict>,
}

/// One of the values.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ConflictValue {
    /// JSON of the field.
    pub value: Value,
    /// Who wrote it.
    pub author: PersonRef,
    /// When.
    pub written_at: Instant,
    /// Name of the choice for `state.resolve`.
    pub choice: String,
}

/// A field two people changed at once.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Conflict {
    /// Key for `state.resolve`.
    pub key: String,
    /// Stored tag of the kind.
    pub kind: String,
    /// State id.
    pub id: String,
    /// Field.
    pub field: String,
    /// The values.
    pub values: Vec<ConflictValue>,
}

/// Lists.
///
/// # Errors
/// `not_found`, storage codes.
pub fn run(host: &dyn Host, req: Req) -> Result<Res, Failure> {
    let replica = host.replica()?;
    let people = rows::People::load(host, &replica)?;
    Ok(Res { conflicts: rows::conflicts(&replica, &people, rows::id(&req.patient_id)?)? })
}
