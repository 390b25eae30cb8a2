//! `sync.parked`

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
    /// Newest first
    pub items: Vec<Parked>,
}

/// A frame that waits or cannot be applied.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Parked {
    /// Feed id, hex.
    pub space: String,
    /// Patient id.
    pub patient: Option<String>,
    /// Who signed it.
    pub author: Option<PersonRef>,
    /// Code.
    pub reason: String,
    /// When it came.
    pub at: i64,
}

/// Lists.
///
/// # Errors
/// Storage codes.
pub fn run(host: &dyn Host, _: Req) -> Result<Res, Failure> {
    let replica = host.replica()?;
    let people = rows::People::load(host, &replica)?;
    Ok(Res { items: rows::parked(&replica, &people)? })
}
