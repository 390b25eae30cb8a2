//! `meguri verify`: hands over to `meguri-verify`, which lies beside this program and links nothing of the app.

use crate::answer::{Exit, fail};
use meguri_commands::Code;
use std::ffi::OsString;
use std::process::{Command, ExitCode};

/// Runs it with these arguments and ends as it ended.
pub fn run(arguments: &[OsString]) -> Result<ExitCode, Exit> {
    let name = format!("meguri-verify{}", std::env::consts::EXE_SUFFIX);
    let beside = std::env::current_exe().ok().map(|own| own.with_file_name(&name));
    let status = beside.and_then(|program| Command::new(program).args(arguments).status().ok());
    let status = status.ok_or_else(|| fail(Code::NotFound.with("program", &name)))?;
    // Ended by a signal it has proved nothing.
    Ok(ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(Code::Bug.exit())))
}
