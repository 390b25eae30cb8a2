//! `meguri-app`: the window on a desktop.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use clap::Parser;
use std::path::PathBuf;
use std::process::ExitCode;

/// A shared chart for care at home.
#[derive(Debug, Parser)]
#[command(name = "meguri-app", version)]
struct Arguments {
    /// Folder of the profile.
    #[arg(long, value_name = "DIR", env = "MEGURI_PROFILE")]
    profile: Option<PathBuf>,
    /// Certificates (PEM) trusted beside the system's, for hospital networks.
    #[arg(long, value_name = "FILE", env = "MEGURI_CA_FILE")]
    ca_file: Option<PathBuf>,
    /// A JPEG that stands in for the camera.
    #[arg(long, value_name = "FILE", env = "MEGURI_CAMERA_FILE")]
    camera_file: Option<PathBuf>,
}

fn main() -> ExitCode {
    let Arguments { profile, ca_file, camera_file } = Arguments::parse();
    if meguri_app::run(meguri_app::Options { profile, ca_file, camera_file }) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
