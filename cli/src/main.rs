//! `meguri`: a terminal around one installation. It has no rule of its own:
//! `call` hands JSON to the command list, `serve` does the same for a browser.

mod answer;
mod demo;
mod doctor;
mod export;
mod passphrase;
mod place;
mod serve;
mod verify;

use answer::{Exit, fail};
use clap::{Parser, Subcommand};
use meguri_commands::Code;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A shared chart for care at home.
#[derive(Debug, Parser)]
#[command(name = "meguri", version)]
struct Arguments {
    /// Folder of the profile.
    #[arg(long, global = true, value_name = "DIR", env = "MEGURI_PROFILE")]
    profile: Option<PathBuf>,
    /// Certificates (PEM) trusted beside the system's, for hospital networks.
    #[arg(long, global = true, value_name = "FILE", env = "MEGURI_CA_FILE")]
    ca_file: Option<PathBuf>,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Runs one command; the request is JSON or `-` for standard input.
    Call {
        /// `AREA.VERB`.
        command: String,
        /// JSON, or `-`.
        #[arg(default_value = "{}")]
        request: String,
    },
    /// Talks with the relay now and prints where synchronisation stands.
    Sync,
    /// Serves the screens to a browser on this machine.
    Serve {
        /// Port; 0 takes a free one.
        #[arg(long, default_value_t = 0)]
        port: u16,
        /// Folder of built screens to serve instead of those in this program, for developing them.
        #[arg(long, value_name = "DIR")]
        ui: Option<PathBuf>,
    },
    /// Looks at the installation and says what is wrong with it.
    Doctor {
        /// Writes versions and the device log, which has codes and counts only, to a file to hand on.
        #[arg(long, value_name = "FILE")]
        diagnostics: Option<PathBuf>,
    },
    /// Writes a sealed copy of the profile.
    Export {
        /// File to write.
        file: PathBuf,
    },
    /// Writes all that proves one chart to a file, sealed under a passphrase of its own.
    ExportChart {
        /// Whose chart.
        #[arg(long, value_name = "ID")]
        patient: uuid::Uuid,
        /// File to write.
        file: PathBuf,
    },
    /// Proves a chart's export, by the `meguri-verify` beside this program; `meguri verify --help` is its help.
    #[command(disable_help_flag = true)]
    Verify {
        /// What `meguri-verify` is given.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Makes the demo region: a relay's data, three facilities, thirty invented patients.
    Demo {
        /// Folder to make.
        folder: PathBuf,
        /// Port the relay will be served at; a free one unless told.
        #[arg(long)]
        port: Option<u16>,
        /// How many of the last days are written; all that there are unless told.
        #[arg(long, value_name = "N")]
        days: Option<u16>,
    },
}

fn main() -> ExitCode {
    meguri_device::panic::keep_quiet();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let done = if let Verb::Verify { arguments } = &arguments.verb {
        verify::run(arguments)
    } else {
        run(arguments).map(|()| ExitCode::SUCCESS)
    };
    done.unwrap_or_else(|exit| exit.report())
}

fn run(arguments: Arguments) -> Result<(), Exit> {
    let place = place::Place::new(arguments.profile, arguments.ca_file)?;
    match arguments.verb {
        Verb::Call { command, request } => {
            let request = answer::request(&request)?;
            let device = place.hold()?;
            if answer::wants_key(&command) {
                place.unlock(&device)?;
            }
            let answer = meguri_commands::call(&device, &command, request).map_err(fail)?;
            answer::print(&answer)
        }
        Verb::Sync => {
            let device = place.hold()?;
            place.unlock(&device)?;
            let answer = meguri_commands::call(&device, "sync.now", serde_json::json!({})).map_err(fail)?;
            answer::print(&answer)?;
            if answer.get("state").is_some_and(|state| state == "offline") {
                Err(fail(Code::Offline.into()))
            } else {
                Ok(())
            }
        }
        Verb::Serve { port, ui } => serve::run(place.hold()?, port, ui),
        Verb::Doctor { diagnostics } => doctor::run(&place, diagnostics.as_deref()),
        Verb::Export { file } => export::run(&place, &file),
        Verb::ExportChart { patient, file } => export::chart(&place, patient, &file),
        Verb::Verify { .. } => Ok(()), // needs no profile, and is done by now
        Verb::Demo { folder, port, days } => demo::run(&folder, port, days),
    }
}
