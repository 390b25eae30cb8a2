//! The device log: one line per event, codes and counts only. Two files of
//! 256 KiB take turns. It has no parameter that could carry a sentence.

use meguri_commands::Code;
use parking_lot::Mutex;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

const FILE_BYTES_MAX: u64 = 256 * 1024;

/// A rotating log in the profile's `log` folder.
#[derive(Debug)]
pub struct DeviceLog {
    folder: PathBuf,
    file: Mutex<Option<File>>,
}

impl DeviceLog {
    /// Opens the log; a log that cannot be written is silent.
    #[must_use]
    pub fn open(profile: &Path) -> DeviceLog {
        let folder = profile.join("log");
        let file = std::fs::create_dir_all(&folder).ok().and_then(|()| append(&folder.join("device.log")));
        DeviceLog { folder, file: Mutex::new(file) }
    }

    /// Notes what happened and how often.
    pub fn note(&self, now_ms: i64, event: &'static str, count: u64) {
        self.line(&format!("{now_ms} {event} {count}\n"));
    }

    /// Notes a failure.
    pub fn failed(&self, now_ms: i64, event: &'static str, code: Code) {
        self.line(&format!("{now_ms} {event} {}\n", code.text()));
    }

    /// Notes a panic by its place in the source; never by its message, which may quote what was at hand.
    pub(crate) fn panicked(&self, now_ms: i64, place: &str) {
        self.line(&format!("{now_ms} panic {place}\n"));
    }

    /// Both files, the older first.
    #[must_use]
    pub fn text(&self) -> String {
        let read = |name: &str| std::fs::read(self.folder.join(name)).unwrap_or_default();
        let bytes = [read("device.1.log"), read("device.log")].concat();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn line(&self, line: &str) {
        let mut file = self.file.lock();
        let full = file.as_ref().and_then(|f| f.metadata().ok()).is_some_and(|meta| meta.len() >= FILE_BYTES_MAX);
        if full {
            let path = self.folder.join("device.log");
            let _ = std::fs::rename(&path, self.folder.join("device.1.log"));
            *file = append(&path);
        }
        if let Some(file) = file.as_mut() {
            let _ = file.write_all(line.as_bytes());
        }
    }
}

fn append(path: &Path) -> Option<File> {
    OpenOptions::new().create(true).append(true).open(path).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failing test may panic")]
    use super::{DeviceLog, FILE_BYTES_MAX};

    #[test]
    fn two_files_take_turns() {
        let folder = tempfile::tempdir().unwrap();
        let log = DeviceLog::open(folder.path());
        for n in 0..30_000 {
            log.note(1_700_000_000_000 + n, "pulled", 3);
        }
        let files: Vec<_> = std::fs::read_dir(folder.path().join("log")).unwrap().collect();
        assert_eq!(files.len(), 2);
        for file in files {
            assert!(file.unwrap().metadata().unwrap().len() <= FILE_BYTES_MAX + 64);
        }
    }
}
