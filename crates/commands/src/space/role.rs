//! `space.role`

use crate::host::Host;
use crate::types::SpaceRole;
use crate::{Failure, rows};
use meguri_replica::Intent;
use meguri_wire::control::SetRole;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Request.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(optional_fields)]
pub struct Req {
    /// The patient
    pub patient_id: String,
    /// A facility of the chart
    pub facility_id: String,
    /// As what
    pub role: SpaceRole,
}

/// Result.
pub type Res = crate::types::Decided;

/// Changes what a facility may do in the chart.
///
/// # Errors
/// `not_found`, `not_allowed`, storage codes.
pub fn run(host: &dyn Host, req: Req) -> Result<Res, Failure> {
    let replica = host.replica()?;
    let (space, team) = rows::member_of(&replica, &req.patient_id, &req.facility_id)?;
    if req.role != SpaceRole::Manager {
        rows::keeps_manager(&replica, &space, &team)?;
    }
    rows::decide(host, &replica, &space, &Intent::SetRole(SetRole { team, role: req.role.into() }))
}
