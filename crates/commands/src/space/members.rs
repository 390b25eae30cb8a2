//! `space.members`

use crate::host::Host;
use crate::types::{PersonRef, SpaceRole};
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
}

/// Result.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Res {
    /// Teams of the chart
    pub teams: Vec<MemberTeam>,
    /// Whether this device may change who shares it
    pub manager: bool,
}

/// A device of a team.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MemberDevice {
    /// Whose.
    pub person: PersonRef,
    /// Last acknowledgement, as the relay says.
    pub last_heard_ms: Option<i64>,
    /// What it lacks: positions not acknowledged and entries that are only here; 0 for this device, null when unknown.
    pub lacks: Option<u32>,
}

/// A team of the chart.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MemberTeam {
    /// Team id, hex.
    pub facility_id: String,
    /// Name.
    pub facility: String,
    /// Role.
    pub role: SpaceRole,
    /// Since when, by the relay's clock.
    pub since: i64,
    /// Who added it.
    pub added_by: Option<PersonRef>,
    /// Its devices.
    pub devices: Vec<MemberDevice>,
}

/// Lists.
///
/// # Errors
/// `not_found`, storage codes.
pub fn run(host: &dyn Host, req: Req) -> Result<Res, Failure> {
    let replica = host.replica()?;
    let people = rows::People::load(host, &replica)?;
    let patient = rows::id(&req.patient_id)?;
    let manager = match replica.space_of(patient).map_err(rows::storage)? {
        Some(space) => rows::may_manage(&replica, &space).is_ok(),
        None => false,
    };
    Ok(Res { teams: rows::members(&replica, &people, patient)?, manager })
}
