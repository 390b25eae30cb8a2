//! `state.resolve`

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
    /// Key of the conflict
    pub key: String,
    /// The chosen value
    pub choice: String,
}

/// Result.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Res {}

/// Chooses: writes the chosen value over all known ones.
///
/// # Errors
/// `not_found`, storage codes.
pub fn run(host: &dyn Host, req: Req) -> Result<Res, Failure> {
    rows::put_state(host, &req.patient_id, |replica, patient| {
        let bytes = rows::chosen(replica, patient, &req.key, &req.choice)?;
        Ok(vec![(req.key.clone(), Some(bytes))])
    })?;
    Ok(Res {})
}
