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

/// Asks for the passphrase of a file that is made: from `MEGURI_EXPORT_PASSPHRASE`, else twice from a prompt.
pub fn ask_new() -> Result<String, Exit> {
    if let Ok(passphrase) = std::env::var("MEGURI_EXPORT_PASSPHRASE") {
        return Ok(passphrase);
    }
    let prompt = |words| rpassword::prompt_password(words).map_err(|_| Exit::from(Code::Locked));
    let passphrase = prompt("Passphrase for the file: ")?;
    if prompt("Once more: ")? == passphrase { Ok(passphrase) } else { Err(Code::WrongPassphrase.into()) }
}
