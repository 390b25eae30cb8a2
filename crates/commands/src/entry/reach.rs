//! `entry.reach`

use crate::host::Host;
use crate::{Code, Failure, rows};
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
}

/// Result.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Res {
    /// Entries sealed together with it, itself included
    pub entry: u32,
    /// Entries of its device from there on
    pub since: u32,
    /// Entries of its device in the whole chart
    pub all: u32,
}

/// Counts what `entry.strike` would strike through.
///
/// # Errors
/// `not_found`, also for an entry that is in no feed yet; `not_allowed`, storage codes.
pub fn run(host: &dyn Host, req: Req) -> Result<Res, Failure> {
    let replica = host.replica()?;
    let (patient, entry) = (rows::id(&req.patient_id)?, rows::id(&req.entry_id)?);
    let (space, device, _) = replica.item_of(patient, entry).map_err(rows::storage)?.ok_or(Code::NotFound)?;
    let reach = replica.strike_reach(&space, &device, entry).map_err(rows::storage)?;
    Ok(Res { entry: reach.entry, since: reach.since, all: reach.all })
}
