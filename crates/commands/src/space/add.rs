//! `space.add`

use crate::host::Host;
use crate::types::SpaceRole;
use crate::{Code, Failure, rows};
use meguri_replica::Intent;
use meguri_wire::ids::TeamId;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Request.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(optional_fields)]
pub struct Req {
    /// The patient
    pub patient_id: String,
    /// The facility, listed in the directory
    pub facility_id: String,
    /// As what
    pub role: SpaceRole,
}

/// Result.
pub type Res = crate::types::Decided;

/// Shares the chart with a facility.
///
/// # Errors
/// `not_found`, `not_allowed`, storage codes.
pub fn run(host: &dyn Host, req: Req) -> Result<Res, Failure> {
    let replica = host.replica()?;
    let space = rows::space_of(&replica, rows::id(&req.patient_id)?)?;
    let team: TeamId = req.facility_id.parse().map_err(|_| Code::NotFound)?;
    let listed = replica.facilities().map_err(rows::storage)?.iter().any(|(listed, _)| *listed == team);
    if !listed {
        return Err(Code::NotFound.into());
    }
    rows::decide(host, &replica, &space, &Intent::AddMember(team, req.role.into()))
}
