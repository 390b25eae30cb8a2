//! `enrol.approve`

use crate::Failure;
use crate::host::Host;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Request.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(optional_fields)]
pub struct Req {
    /// The offer
    pub offer_id: String,
    /// Both screens show the same
    pub digits_match: bool,
}

/// Result.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Res {}

/// Approves or ends.
///
/// # Errors
/// `digits_differ`, `not_found`, `enrol_expired`, `offline`, storage codes.
pub fn run(host: &dyn Host, req: Req) -> Result<Res, Failure> {
    host.enrol_approve(&req.offer_id, req.digits_match)?;
    Ok(Res {})
}
