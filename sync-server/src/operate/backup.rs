//! `backup` while the relay runs, and `restore` under a new store id.

use std::io;
use std::path::Path;

use meguri_wire::chain::{Head, SignedHead};
use meguri_wire::sign::Ed25519Signer;

use crate::keys::{self, Keys, random};
use crate::store::sqlite::{self, SqliteStore};

/// Copies database, keys and complete blobs into a new folder. The database is
/// copied first, so every blob it names was there before; blobs never change.
///
/// # Errors
/// The target exists, or input and output.
pub fn backup(folder: &Path, target: &Path) -> io::Result<()> {
    std::fs::create_dir(target)?;
    SqliteStore::copy_to(folder, &target.join(sqlite::FILE))?;
    copy_file(&folder.join(keys::FILE), &target.join(keys::FILE))?;
    copy_blobs(folder, target)
}

/// Makes a data folder from a backup. Its order of frames is a new one, so it gets
/// a new store id, and for 30 days devices offer again what is missing.
///
/// # Errors
/// The target exists, or input and output.
pub fn restore(backup: &Path, folder: &Path, now_ms: u64) -> io::Result<()> {
    std::fs::create_dir(folder)?;
    copy_file(&backup.join(sqlite::FILE), &folder.join(sqlite::FILE))?;
    copy_file(&backup.join(keys::FILE), &folder.join(keys::FILE))?;
    copy_blobs(backup, folder)?;
    let signer =
        Ed25519Signer::own_id(&Keys::read(folder)?.signing_seed).map_err(|code| io::Error::other(code.text()))?;
    let store_id = random::<16>()?.into();
    SqliteStore::renew(folder, store_id, now_ms, |row| {
        SignedHead::sign(Head::new(store_id, row.feed, row.ssn, row.h), &signer).raw
    })?;
    Ok(())
}

fn copy_blobs(from: &Path, to: &Path) -> io::Result<()> {
    let whole = from.join("blobs/whole");
    if !whole.exists() {
        return Ok(());
    }
    for group in std::fs::read_dir(whole)? {
        let group = group?;
        let target = to.join("blobs/whole").join(group.file_name());
        std::fs::create_dir_all(&target)?;
        for blob in std::fs::read_dir(group.path())? {
            let blob = blob?;
            // An upload being finished has a `#` in its name.
            if !blob.file_name().to_string_lossy().contains('#') {
                copy_file(&blob.path(), &target.join(blob.file_name()))?;
            }
        }
    }
    Ok(())
}

fn copy_file(from: &Path, to: &Path) -> io::Result<()> {
    std::fs::copy(from, to)?;
    std::fs::File::open(to)?.sync_all()
}
