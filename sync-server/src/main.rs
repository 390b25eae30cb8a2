//! The `meguri-relay` binary: the operator's command line.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use meguri_relay::operate::config::Config;
use meguri_relay::operate::{self, backup, check, init, invite, serve};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Stores, orders and forwards sealed records it cannot read.
#[derive(Parser)]
#[command(version)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a data folder, keys and a one-time setup code.
    Init {
        /// Folder to make.
        #[arg(long)]
        data: PathBuf,
        /// The directory's Genesis frame.
        #[arg(long)]
        directory: Option<PathBuf>,
    },
    /// Print a new one-time setup code for the next facility, also while the relay runs.
    SetupCode {
        /// The data folder.
        #[arg(long)]
        data: PathBuf,
    },
    /// Serve devices until a signal.
    Serve {
        /// TOML file; MEGURI_RELAY_* goes before it.
        #[arg(long)]
        config: Option<PathBuf>,
    },
    /// Bring directory records in, also while the relay runs.
    Directory {
        /// The data folder.
        #[arg(long)]
        data: PathBuf,
        /// Frames, in order.
        frames: Vec<PathBuf>,
    },
    /// Copy everything into a new folder, also while the relay runs.
    Backup {
        /// The data folder.
        #[arg(long)]
        data: PathBuf,
        /// Folder to make.
        #[arg(long)]
        to: PathBuf,
    },
    /// Make a data folder from a backup, with a new store id.
    Restore {
        /// The backup.
        #[arg(long)]
        from: PathBuf,
        /// Folder to make.
        #[arg(long)]
        data: PathBuf,
    },
    /// Make an empty data folder that devices fill again, when no backup is left.
    Rebuild {
        /// Folder to make.
        #[arg(long)]
        data: PathBuf,
        /// The directory's number: 32 hexadecimal digits, as every device's settings show it.
        #[arg(long)]
        directory: meguri_wire::FeedId,
        /// Folder with the former relay's `relay.keys`.
        #[arg(long)]
        keys: Option<PathBuf>,
    },
    /// Verify every chain, signature and blob.
    Check {
        /// The data folder.
        #[arg(long)]
        data: PathBuf,
    },
}

fn main() -> ExitCode {
    let line = Line::parse();
    let filter = tracing_subscriber::EnvFilter::try_from_env("MEGURI_RELAY_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    tracing_subscriber::fmt().json().with_writer(io::stderr).with_env_filter(filter).init();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("meguri-relay: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(line.command)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("meguri-relay: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> io::Result<ExitCode> {
    match command {
        Command::Init { data, directory } => {
            let made = init::init(&data, directory.as_deref()).await?;
            tell(&made);
        }
        Command::SetupCode { data } => println!("setup code {}", invite::invite(&data).await?),
        Command::Serve { config } => {
            let environment = std::env::vars().filter(|(name, _)| name != "MEGURI_RELAY_LOG");
            let config = Config::load(config.as_deref(), environment)
                .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error.to_string()))?;
            serve::serve(&config).await?;
        }
        Command::Directory { data, frames } => {
            for frame in frames {
                init::leave_record(&data, &frame)?;
            }
        }
        Command::Backup { data, to } => backup::backup(&data, &to)?,
        Command::Restore { from, data } => backup::restore(&from, &data, operate::system_clock()())?,
        Command::Rebuild { data, directory, keys } => {
            tell(&init::rebuild(&data, directory, keys.as_deref(), operate::system_clock()())?);
        }
        Command::Check { data } => {
            let report = check::check(&data).await?;
            println!("{} feeds, {} frames, {} blobs", report.feeds, report.frames, report.blobs);
            for line in &report.wrong {
                println!("wrong: {line}");
            }
            for line in &report.notes {
                println!("note: {line}");
            }
            if !report.wrong.is_empty() {
                return Ok(ExitCode::FAILURE);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn tell(made: &init::Made) {
    println!("relay key  {}", hex::encode(made.relay_key));
    println!("setup code {}", made.setup_code);
}
