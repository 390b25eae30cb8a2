//! `profile.lock`

use crate::Failure;
use crate::host::Host;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Request.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(optional_fields)]
pub struct Req {
    /// Forget the key too
    #[serde(default)]
    pub drop: Option<bool>,
}

/// Result.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Res {}

/// Locks.
///
/// # Errors
/// Storage codes.
pub fn run(host: &dyn Host, req: Req) -> Result<Res, Failure> {
    host.lock(req.drop.unwrap_or(false))?;
    Ok(Res {})
}
