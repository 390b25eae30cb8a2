//! `chart.entry`

use crate::host::Host;
use crate::{Code, Failure, rows, types::TimelineEntry};
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
    /// The newest version
    pub entry: TimelineEntry,
    /// All, oldest first
    pub versions: Vec<TimelineEntry>,
}

/// Shows.
///
/// # Errors
/// `not_found`, storage codes.
pub fn run(host: &dyn Host, req: Req) -> Result<Res, Failure> {
    let replica = host.replica()?;
    let people = rows::People::load(host, &replica)?;
    let versions = rows::versions(&replica, &people, rows::id(&req.patient_id)?, rows::id(&req.entry_id)?)?;
    let entry = versions.last().cloned().ok_or(Code::NotFound)?;
    Ok(Res { entry, versions })
}
