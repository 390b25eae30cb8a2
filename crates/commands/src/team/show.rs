//! `team.show`

use crate::host::Host;
use crate::types::{PersonRef, RemoveReason};
use crate::{Failure, rows};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Request.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(optional_fields)]
pub struct Req {}

/// Result.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Res {
    /// The facility's name
    pub facility: String,
    /// Whether this device may add and remove
    pub admin: bool,
    /// People, present ones first
    pub staff: Vec<TeamPerson>,
    /// Charts whose key this team still has to renew
    pub rotations: u32,
}

/// A person of the team.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TeamPerson {
    /// Who.
    pub person: PersonRef,
    /// Whether the person left.
    pub removed: bool,
    /// Their devices, active ones first.
    pub devices: Vec<TeamDevice>,
}

/// A device of the team.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TeamDevice {
    /// Device id, hex.
    pub device_id: String,
    /// Whether it may add and remove.
    pub admin: bool,
    /// Whether it is this one.
    pub own: bool,
    /// Since when, by the relay's clock.
    pub since: i64,
    /// Who added it.
    pub added_by: Option<PersonRef>,
    /// When the relay took its newest item.
    pub last_heard_ms: Option<i64>,
    /// Positions it has not acknowledged; 0 for this device, null when it never acknowledged any.
    pub lacks: Option<u32>,
    /// Set once it was removed.
    pub removed: Option<DeviceRemoval>,
}

/// A removal.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct DeviceRemoval {
    /// When the relay took it.
    pub at: i64,
    /// Who signed it.
    pub by: Option<PersonRef>,
    /// Why.
    pub reason: RemoveReason,
}

/// Lists.
///
/// # Errors
/// Storage codes.
pub fn run(host: &dyn Host, _: Req) -> Result<Res, Failure> {
    let replica = host.replica()?;
    let people = rows::People::load(host, &replica)?;
    rows::team(&replica, &people)
}
