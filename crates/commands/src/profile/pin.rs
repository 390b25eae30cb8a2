//! `profile.pin`

use crate::Failure;
use crate::host::Host;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Request.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(optional_fields)]
pub struct Req {
    /// Six digits
    pub pin: String,
}

/// Result.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Res {}

/// Sets the PIN.
///
/// # Errors
/// `bad_pin`.
pub fn run(host: &dyn Host, req: Req) -> Result<Res, Failure> {
    host.set_pin(&req.pin)?;
    Ok(Res {})
}
