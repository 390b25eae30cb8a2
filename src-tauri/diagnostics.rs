//! The one file that pages may write: what helps to find a fault, with the user's downloads.

use meguri_commands::code::ErrorBody;
use meguri_commands::{Code, Failure};
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use tauri::{AppHandle, Manager};

/// So many of them lie in one folder.
const COUNT_MAX: u32 = 100;

/// Writes the text; answers where it is.
#[tauri::command]
pub async fn keep_diagnostics(app: AppHandle, text: String) -> Result<PathBuf, ErrorBody> {
    let folder = app.path().download_dir().or_else(|_| app.path().home_dir()).map_err(|_| Failure::from(Code::Storage));
    folder.and_then(|folder| keep(&folder, &text)).map_err(|failure| failure.body())
}

fn keep(folder: &Path, text: &str) -> Result<PathBuf, Failure> {
    for count in 0..COUNT_MAX {
        let name = if count == 0 { "meguri-diagnostics.txt".into() } else { format!("meguri-diagnostics-{count}.txt") };
        let path = folder.join(name);
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut file) => {
                file.write_all(text.as_bytes()).map_err(|_| Code::Storage)?;
                return Ok(path);
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(_) => break,
        }
    }
    Err(Code::Storage.into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failing test may panic")]
    use super::keep;

    #[test]
    fn nothing_is_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let (first, second) = (keep(folder.path(), "a").unwrap(), keep(folder.path(), "b").unwrap());
        assert_eq!(first.file_name().unwrap(), "meguri-diagnostics.txt");
        assert_eq!(std::fs::read_to_string(first).unwrap() + &std::fs::read_to_string(second).unwrap(), "ab");
        assert_eq!(keep(&folder.path().join("nowhere"), "c").unwrap_err().code, meguri_commands::Code::Storage);
    }
}
