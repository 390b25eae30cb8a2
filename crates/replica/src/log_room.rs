//! Room of the write-ahead log. Writing over bytes that lie there already is durable with one write to the disk; a file
//! that grows needs a second for its length, and a save waits for both.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

/// As many saves as come between two rests: about thirty of eight pages.
const BYTES: usize = 1024 * 1024;

/// The log beside a database file.
fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

/// Fills a log that is not there or empty. `SQLite` takes zeros for a log without a valid header: for none. Only while
/// nobody writes. Without room the log grows as ever, so a failure is none.
pub(crate) fn make(file: &Path) {
    let log = beside(file);
    if std::fs::metadata(&log).is_ok_and(|found| found.len() > 0) {
        return;
    }
    let fill = || {
        let mut log = OpenOptions::new().create(true).append(true).open(&log)?;
        log.write_all(&vec![0; BYTES])?;
        log.sync_all()
    };
    let _: std::io::Result<()> = fill();
}

/// Puts what stands in the log on the disk; without a log everything is in the file already.
pub(crate) fn flush(file: &Path) -> std::io::Result<()> {
    match OpenOptions::new().write(true).open(beside(file)) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        log => log?.sync_data(),
    }
}

/// Whether the log has its room and nothing more.
pub(crate) fn is_there(file: &Path) -> bool {
    std::fs::metadata(beside(file)).is_ok_and(|found| found.len() == BYTES as u64)
}
