//! The passphrase: from `MEGURI_PASSPHRASE`, else from a prompt that shows nothing.

use crate::answer::Exit;
use meguri_commands::Code;

/// Asks.
pub fn ask() -> Result<String, Exit> {
    if let Ok(passphrase) = std::env::var("MEGURI_PASSPHRASE") {
        return Ok(passphrase);
    }
    rpassword::prompt_password("Passphrase: ").map_err(|_| Code::Locked.into())
}
