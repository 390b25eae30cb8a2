//! `team.remove`

use crate::host::Host;
use crate::types::RemoveReason;
use crate::{Code, Failure, rows};
use meguri_replica::Intent;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Request: a device or a person.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(optional_fields)]
pub struct Req {
    /// The device
    pub device_id: Option<String>,
    /// The person, with all devices
    pub staff_id: Option<String>,
    /// Why
    pub reason: RemoveReason,
}

/// Result.
pub type Res = crate::types::Decided;

/// Decides it, durably, and carries it out if the relay can be reached; otherwise as soon as it can. A device that
/// retires itself must have sent everything first.
///
/// # Errors
/// `not_found`, `not_allowed{no_admin}`, `refused{unsent}`, storage codes.
pub fn run(host: &dyn Host, req: Req) -> Result<Res, Failure> {
    let replica = host.replica()?;
    let reason = req.reason.into();
    let intent = match (&req.device_id, &req.staff_id) {
        (Some(device), None) => Intent::RemoveDevice(device.parse().map_err(|_| Code::NotFound)?, reason),
        (None, Some(staff)) => Intent::RemoveStaff(staff.parse().map_err(|_| Code::NotFound)?, reason),
        (Some(_), Some(_)) | (None, None) => return Err(Code::BadRequest.into()),
    };
    let own = rows::removable(&replica, &intent)?;
    if own.goes && req.reason == RemoveReason::Retired {
        let status = host.sync_now()?;
        if status.unsent > 0 {
            return Err(Code::Refused.with("field", "device").with("reason", "unsent").with("n", status.unsent));
        }
    }
    rows::decide(host, &replica, &own.team, &intent)
}
