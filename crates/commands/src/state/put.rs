//! `state.put`

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
    /// Stored tag
    pub kind: String,
    /// State id
    pub id: String,
    /// One put per field
    #[ts(type = "Record<string, unknown>")]
    pub fields: serde_json::Map<String, Value>,
}

/// Result.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Res {}

/// Sets.
///
/// # Errors
/// `refused{field, reason}`, `not_found`, storage codes.
pub fn run(host: &dyn Host, req: Req) -> Result<Res, Failure> {
    rows::put_state(host, &req.patient_id, |_, _| rows::encode_state(&req.kind, &req.id, &req.fields))?;
    Ok(Res {})
}
