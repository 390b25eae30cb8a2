//! JSON in, JSON out, `{code, params}` on stderr, and the exit status.

use meguri_commands::{Code, Failure, Needs, find};
use serde_json::Value;
use std::io::{Read, Write};
use std::process::ExitCode;

const REQUEST_BYTES_MAX: u64 = 96 * 1024 * 1024;

/// Why the program ends.
#[derive(Debug)]
pub struct Exit(Failure);

/// A command's failure as the program's end.
pub fn fail(failure: Failure) -> Exit {
    Exit(failure)
}

impl From<Code> for Exit {
    fn from(code: Code) -> Exit {
        Exit(code.into())
    }
}

impl Exit {
    /// Writes `{code, params}` to stderr.
    pub fn report(&self) -> ExitCode {
        let text = serde_json::to_string(&self.0.body()).unwrap_or_default();
        let _ = writeln!(std::io::stderr(), "{text}");
        ExitCode::from(self.0.code.exit())
    }
}

/// The request on the command line or, for `-`, on standard input.
pub fn request(text: &str) -> Result<Value, Exit> {
    let mut read = String::new();
    let text = if text == "-" {
        std::io::stdin().take(REQUEST_BYTES_MAX).read_to_string(&mut read).map_err(|_| Code::BadRequest)?;
        read.as_str()
    } else {
        text
    };
    serde_json::from_str(text).map_err(|_| Code::BadRequest.into())
}

/// Prints an answer as one line.
pub fn print(answer: &Value) -> Result<(), Exit> {
    writeln!(std::io::stdout(), "{answer}").map_err(|_| Exit::from(Code::Storage))
}

/// Whether a command needs the passphrase before it runs.
pub fn wants_key(name: &str) -> bool {
    find(name).is_some_and(|command| command.needs != Needs::Nothing)
}
