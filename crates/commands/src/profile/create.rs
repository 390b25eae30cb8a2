//! `profile.create`

use crate::Failure;
use crate::host::Host;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Request.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(optional_fields)]
pub struct Req {
    /// At least 8 characters with a keystore, 13 without
    pub passphrase: String,
}

/// Result.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Res {
    /// zxcvbn, 0 to 4
    pub strength: u8,
}

/// Makes the profile.
///
/// # Errors
/// `profile_exists`, `passphrase_short`, `passphrase_weak`, `busy`, storage codes.
pub fn run(host: &dyn Host, req: Req) -> Result<Res, Failure> {
    host.profile_create(&req.passphrase)
}
