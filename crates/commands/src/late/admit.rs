//! `late.admit`

use crate::host::Host;
use crate::{Code, Failure, rows};
use meguri_replica::Intent;
use meguri_wire::control::Admit;
use meguri_wire::ids::DeviceId;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Request.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(optional_fields)]
pub struct Req {
    /// The patient
    pub patient_id: String,
    /// Whose items
    pub device_id: String,
    /// The last one taken; all before it are taken too
    pub upto: u32,
}

/// Result.
pub type Res = crate::types::Decided;

/// Takes late work into the chart, marked as late.
///
/// # Errors
/// `not_found`, `not_allowed`, storage codes.
pub fn run(host: &dyn Host, req: Req) -> Result<Res, Failure> {
    let replica = host.replica()?;
    let space = rows::space_of(&replica, rows::id(&req.patient_id)?)?;
    let device: DeviceId = req.device_id.parse().map_err(|_| Code::NotFound)?;
    let upto = u64::from(req.upto);
    let last = replica.late_at(&space, &device, upto).map_err(rows::storage)?.ok_or(Code::NotFound)?;
    rows::decide(host, &replica, &space, &Intent::Admit(Admit { device, upto, last }))
}
