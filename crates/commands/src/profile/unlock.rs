//! `profile.unlock`

use crate::host::Host;
use crate::{Code, Failure};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Request.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(optional_fields)]
pub struct Req {
    /// The passphrase
    #[serde(default)]
    pub passphrase: Option<String>,
    /// Or the PIN
    #[serde(default)]
    pub pin: Option<String>,
}

/// Result.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Res {}

/// Opens.
///
/// # Errors
/// `wrong_passphrase`, `wrong_pin`, `pin_wait`, `pin_spent`, `locked`, `busy`, `no_profile`, storage codes.
pub fn run(host: &dyn Host, req: Req) -> Result<Res, Failure> {
    match (req.passphrase, req.pin) {
        (Some(passphrase), None) => host.unlock_passphrase(&passphrase)?,
        (None, Some(pin)) => host.unlock_pin(&pin)?,
        (Some(_), Some(_)) | (None, None) => return Err(Code::BadRequest.into()),
    }
    Ok(Res {})
}
