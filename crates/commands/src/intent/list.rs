//! `intent.list`

use crate::host::Host;
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
pub struct Res {
    /// In the order made
    pub intents: Vec<Pending>,
}

/// A decision that is not so yet.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Pending {
    /// Names it here.
    pub id: u32,
    /// What: remove-device, remove-staff, add-member, set-role, remove-member, admit, repudiate, fault, certify, renew.
    pub what: String,
    /// Whom it is about: the name of a person or facility, where known.
    pub about: String,
    /// Patient id, where it is about a chart.
    pub patient_id: Option<String>,
    /// When it was decided here.
    pub made_ms: i64,
    /// Why it can never be, a code; null while it waits for the relay.
    pub refused: Option<String>,
}

/// Lists.
///
/// # Errors
/// Storage codes.
pub fn run(host: &dyn Host, _: Req) -> Result<Res, Failure> {
    let replica = host.replica()?;
    let people = rows::People::load(host, &replica)?;
    Ok(Res { intents: rows::intents(&replica, &people)? })
}
