//! `state.struck`

use crate::host::Host;
use crate::state::conflicts::ConflictValue;
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
    /// Fields
    pub fields: Vec<StruckField>,
}

/// A field that was last written by a change which a manager struck through.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct StruckField {
    /// Key for `state.restore`.
    pub key: String,
    /// Stored tag of the kind.
    pub kind: String,
    /// State id.
    pub id: String,
    /// Field.
    pub field: String,
    /// What stands there now; nothing when it was taken away.
    pub now: Vec<ConflictValue>,
    /// What may be put back; nothing when nothing stood there before.
    pub before: Vec<ConflictValue>,
}

/// Lists.
///
/// # Errors
/// `not_found`, storage codes.
pub fn run(host: &dyn Host, req: Req) -> Result<Res, Failure> {
    let replica = host.replica()?;
    let people = rows::People::load(host, &replica)?;
    Ok(Res { fields: rows::struck_fields(&replica, &people, rows::id(&req.patient_id)?)? })
}
