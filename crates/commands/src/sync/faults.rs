//! `sync.faults`

use crate::host::Host;
use crate::types::PersonRef;
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
    /// By chart
    pub faults: Vec<KeyFault>,
}

/// A chart whose newest key does not open somewhere.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct KeyFault {
    /// Patient id.
    pub patient_id: String,
    /// When the relay took the key.
    pub at: i64,
    /// Whose device made it.
    pub made_by: Option<PersonRef>,
    /// Facilities where it does not open.
    pub facilities: Vec<String>,
    /// It does not open here.
    pub here: bool,
    /// The next writer or an idle manager makes a new key. False where one facility could not open the one before
    /// either: then the fault lies there.
    pub owed: bool,
}

/// Lists.
///
/// # Errors
/// Storage codes.
pub fn run(host: &dyn Host, _: Req) -> Result<Res, Failure> {
    let replica = host.replica()?;
    let people = rows::People::load(host, &replica)?;
    Ok(Res { faults: rows::key_faults(&replica, &people)? })
}
