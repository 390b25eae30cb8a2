//! `meguri-verify FILE`: proves a chart's export, and prints who wrote what when.
//! Exit status: 0 proven, 1 not proven, 2 usage, no export, or wrong passphrase.

use std::io::{BufRead, BufWriter, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use meguri_seal::export::EXPORT_BYTES_MAX;
use meguri_seal::{ChartExport, SealError};
use meguri_verify::{Options, Report, prove};
use meguri_wire::FeedId;
use zeroize::Zeroizing;

/// As the relay has: many small allocations on several threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PASSPHRASE_BYTES_MAX: u64 = 4096;

/// Proves a chart from its export, without the app and without a network.
///
/// The passphrase of the file comes from MEGURI_PASSPHRASE, else from a prompt, else from the first line of standard input.
#[derive(Parser)]
#[command(name = "meguri-verify", version)]
struct Arguments {
    /// What `meguri export-chart` wrote.
    file: PathBuf,
    /// Prints JSON, an object a line.
    #[arg(long)]
    json: bool,
    /// Prints what the entries hold.
    #[arg(long)]
    bodies: bool,
    /// Prints only what is not proven, and the summary.
    #[arg(long)]
    quiet: bool,
    /// The directory it must be of, in hex; else compare the one printed.
    #[arg(long, value_name = "ID")]
    directory: Option<FeedId>,
}

/// Why there is nothing to prove.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("file: {0}")]
    File(std::io::ErrorKind),
    #[error("file: too_large")]
    TooLarge,
    #[error("no passphrase")]
    NoPassphrase,
    #[error("{0}")]
    Seal(SealError),
    #[error("output: {0}")]
    Output(std::io::ErrorKind),
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    match run(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(failure) => {
            let _ = writeln!(std::io::stderr(), "meguri-verify: {failure}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> Result<bool, Failure> {
    let file = read(&arguments.file)?;
    let export = ChartExport::open(&passphrase()?, &file).map_err(Failure::Seal)?;
    drop(file);
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let report = prove(&export, &Options { cores, open: true, directory: arguments.directory });
    print(&report, arguments).map_err(|error| Failure::Output(error.kind()))?;
    Ok(report.is_proven())
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let failed = |error: std::io::Error| Failure::File(error.kind());
    let file = std::fs::File::open(path).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    if length > EXPORT_BYTES_MAX {
        return Err(Failure::TooLarge);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
    file.take(EXPORT_BYTES_MAX).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

fn passphrase() -> Result<Zeroizing<String>, Failure> {
    if let Ok(passphrase) = std::env::var("MEGURI_PASSPHRASE") {
        return Ok(Zeroizing::new(passphrase));
    }
    let input = std::io::stdin();
    if input.is_terminal() {
        return rpassword::prompt_password("Passphrase of the file: ")
            .map(Zeroizing::new)
            .map_err(|_| Failure::NoPassphrase);
    }
    let mut line = Zeroizing::new(String::new());
    input.lock().take(PASSPHRASE_BYTES_MAX).read_line(&mut line).map_err(|_| Failure::NoPassphrase)?;
    let line = Zeroizing::new(line.trim_end_matches(['\r', '\n']).to_owned());
    if line.is_empty() { Err(Failure::NoPassphrase) } else { Ok(line) }
}

fn print(report: &Report, arguments: &Arguments) -> std::io::Result<()> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    let shown = if arguments.quiet { &[][..] } else { &report.lines };
    for line in shown {
        if arguments.json {
            writeln!(out, "{}", line.to_json(arguments.bodies))?;
        } else {
            writeln!(out, "{}", line.to_text(arguments.bodies))?;
        }
    }
    for aside in &report.set_aside {
        if arguments.json { writeln!(out, "{}", aside.to_json())? } else { writeln!(out, "{}", aside.to_text())? }
    }
    for broken in &report.broken {
        if arguments.json { writeln!(out, "{}", broken.to_json())? } else { writeln!(out, "{}", broken.to_text())? }
    }
    if arguments.json {
        writeln!(out, "{}", report.summary_json())?
    } else {
        writeln!(out, "{}", report.summary_text())?
    }
    out.flush()
}
