//! `grant.confirm`

use crate::host::Host;
use crate::{Code, Failure, rows};
use meguri_replica::confirmed_key;
use meguri_wire::ids::DeviceId;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Request.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(optional_fields)]
pub struct Req {
    /// The patient
    pub patient_id: String,
    /// The lost device
    pub device_id: String,
}

/// Result.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Res {}

/// Says for all managers of a chart that what a lost device had granted may stay. It is written into the chart, so that
/// nobody else is asked again.
///
/// # Errors
/// `not_found`, `not_allowed`, storage codes.
pub fn run(host: &dyn Host, req: Req) -> Result<Res, Failure> {
    let replica = host.replica()?;
    let device: DeviceId = req.device_id.parse().map_err(|_| Code::NotFound)?;
    let asked = replica.grants(Some(rows::id(&req.patient_id)?)).map_err(rows::storage)?;
    if !asked.iter().any(|row| row.device == device) {
        return Err(Code::NotFound.into());
    }
    rows::put_state(host, &req.patient_id, |_, _| Ok(vec![(confirmed_key(&device), Some(rows::note("stays")))]))?;
    Ok(Res {})
}
