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
    /// A colleague's device that was shown another history than this one; until somebody has put it away
    pub witness: Option<Witness>,
}

/// Whose device contradicts what the relay shows here.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Witness {
    /// Patient id, where it is about a chart.
    pub patient: Option<String>,
    /// Whose device it is, where that is known.
    pub author: Option<PersonRef>,
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
    let witness = replica.witness().map_err(rows::storage)?.map(|row| Witness {
        patient: row.patient.map(|patient| patient.to_string()),
        author: row.person.map(|person| people.person(&person)),
    });
    Ok(Res { items: rows::parked(&replica, &people)?, witness })
}
