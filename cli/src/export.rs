//! `meguri export`: the profile's sealed files in one archive. Nothing is
//! opened on the way, so the copy is exactly as closed as the profile.
//! `meguri export-chart`: one chart with what proves it, for `meguri verify`.

use crate::answer::{Exit, fail, print};
use crate::passphrase;
use crate::place::Place;
use meguri_commands::Code;
use serde_json::json;
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use uuid::Uuid;

const MAGIC: &[u8] = b"meguri-export-1\n";
const FILES: &[&str] = &["keys.cbor", "replica.db", "replica.db-wal"];

/// Copies while this process holds the profile. Each file stands as `length path\n` and its bytes.
pub fn run(place: &Place, file: &Path) -> Result<(), Exit> {
    let _device = place.hold()?;
    let mut paths: Vec<PathBuf> =
        FILES.iter().map(PathBuf::from).filter(|path| place.folder.join(path).is_file()).collect();
    if !paths.iter().any(|path| path.as_os_str() == "keys.cbor") {
        return Err(Code::NoProfile.into());
    }
    for entry in std::fs::read_dir(place.folder.join("blobs")).into_iter().flatten().flatten() {
        paths.push(Path::new("blobs").join(entry.file_name()));
    }
    write(&place.folder, &paths, file).map_err(|_| Code::Storage)?;
    print(&json!({"files": paths.len()}))
}

/// Writes what proves a patient's chart, sealed under a passphrase that is not the profile's.
pub fn chart(place: &Place, patient: Uuid, file: &Path) -> Result<(), Exit> {
    let device = place.hold()?;
    place.unlock(&device)?;
    let made = device.export_chart(patient, &passphrase::ask_new()?, file).map_err(fail)?;
    print(&json!({"frames": made.frames, "setAside": made.set_aside, "bytes": made.bytes}))
}

fn write(folder: &Path, paths: &[PathBuf], file: &Path) -> std::io::Result<()> {
    let mut out = BufWriter::new(File::create_new(file)?);
    out.write_all(MAGIC)?;
    for path in paths {
        let mut source: File = File::open(folder.join(path))?;
        let length = source.metadata()?.len();
        writeln!(out, "{length} {}", path.display())?;
        std::io::copy(&mut Read::take(&mut source, length), &mut out)?;
    }
    out.flush()?;
    out.get_ref().sync_all()
}
