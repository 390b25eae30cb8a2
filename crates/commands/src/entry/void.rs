//! `entry.void`

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
    /// The entry
    pub entry_id: String,
    /// Why
    pub reason: String,
}

/// Result.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Res {
    /// The withdrawal
    pub entry_id: String,
}

/// Withdraws.
///
/// # Errors
/// `reason_missing`, `entry_closed`, `not_found`, storage codes.
pub fn run(host: &dyn Host, req: Req) -> Result<Res, Failure> {
    let replica = host.replica()?;
    let old = rows::open_entry(host, &replica, &req.patient_id, &req.entry_id, &req.reason)?;
    let entry_id = rows::follow_up(host, &replica, &old, None, &req.reason)?;
    Ok(Res { entry_id })
}
