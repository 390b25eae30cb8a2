//! `grant.list`

use crate::host::Host;
use crate::types::{PersonRef, RemoveReason, SpaceRole};
use crate::{Failure, rows};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Request.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(optional_fields)]
pub struct Req {
    /// Only this patient's
    pub patient_id: Option<String>,
}

/// Result.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Res {
    /// By chart and device
    pub asked: Vec<LostGrants>,
}

/// What a removed device granted in a chart that this device manages.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LostGrants {
    /// Patient id.
    pub patient_id: String,
    /// Patient's name, kanji.
    pub patient: String,
    /// Device id, hex.
    pub device_id: String,
    /// Whose device it was.
    pub person: PersonRef,
    /// When it was removed.
    pub removed_at: i64,
    /// Why.
    pub reason: RemoveReason,
    /// Newest first.
    pub grants: Vec<LostGrant>,
    /// The manager who said that they may stay.
    pub confirmed_by: Option<PersonRef>,
}

/// What was granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum GrantKind {
    /// A facility shares the chart.
    Member,
    /// A facility reads the chart for a time, in an emergency.
    BreakGlass,
    /// A facility's role was changed.
    Role,
    /// Late work was let in.
    Admit,
}

/// One grant that still holds, or is void.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LostGrant {
    /// What.
    pub what: GrantKind,
    /// The facility, team id, hex; of late work that of its author.
    pub facility_id: String,
    /// Its name.
    pub facility: String,
    /// As what.
    pub role: Option<SpaceRole>,
    /// When the relay took it.
    pub at: i64,
    /// It is void since the removal.
    pub void: bool,
}

/// Lists what devices that were removed as lost or compromised had granted, in the charts this device manages.
///
/// # Errors
/// `not_found`, storage codes.
pub fn run(host: &dyn Host, req: Req) -> Result<Res, Failure> {
    let replica = host.replica()?;
    let people = rows::People::load(host, &replica)?;
    let patient = req.patient_id.as_deref().map(rows::id).transpose()?;
    Ok(Res { asked: rows::grants(&replica, &people, patient)? })
}
