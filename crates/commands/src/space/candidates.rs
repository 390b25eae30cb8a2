//! `space.candidates`

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
}

/// Result.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Res {
    /// By name
    pub facilities: Vec<Candidate>,
}

/// A facility of the region that does not share the chart.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Candidate {
    /// Team id, hex.
    pub facility_id: String,
    /// Name.
    pub facility: String,
    /// What it is, as the directory numbers it (docs/protocol.md §2).
    pub facility_type: u32,
    /// Its public code; may be empty.
    pub code: String,
}

/// Lists the facilities a chart could be shared with: listed in the directory, not suspended, not in it yet.
///
/// # Errors
/// `not_found`, `not_allowed`, storage codes.
pub fn run(host: &dyn Host, req: Req) -> Result<Res, Failure> {
    let replica = host.replica()?;
    Ok(Res { facilities: rows::candidates(&replica, rows::id(&req.patient_id)?)? })
}
