//! `state.restore`

use crate::host::Host;
use crate::{Failure, rows};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Request.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(optional_fields)]
pub struct Req {
    /// The patient
    pub patient_id: String,
    /// Key of the field
    pub key: String,
    /// The value to put back or, of those that stand there now, to keep; absent: the field shall be empty
    pub choice: Option<String>,
}

/// Result.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Res {}

/// Puts a previous value back in the place of a struck one, or stands for the one that is there.
///
/// # Errors
/// `not_found`, `not_allowed`, storage codes.
pub fn run(host: &dyn Host, req: Req) -> Result<Res, Failure> {
    rows::restore(host, &req.patient_id, &req.key, req.choice.as_deref())?;
    Ok(Res {})
}
