//! What the replica refuses, without any content.

use meguri_chart::ChartError;
use meguri_wire::Code;

/// Codes of the replica; the screens own the words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplicaError {
    /// The key does not open the file.
    #[error("wrong_key")]
    BadKey,
    /// A newer program wrote the file.
    #[error("database_newer")]
    Newer,
    /// The file is damaged.
    #[error("database_damaged")]
    Corrupt,
    /// No room on the disk; nothing of the step was written.
    #[error("storage_full")]
    Full,
    /// The named row is not here.
    #[error("not_found")]
    NotFound,
    /// It is there already: the id is taken.
    #[error("already_there")]
    Exists,
    /// A change above 128 KiB.
    #[error("too_large")]
    TooLarge,
    /// No device, key or space yet for what was asked.
    #[error("not_ready")]
    NotReady,
    /// What is here belongs to another person or team.
    #[error("other_person")]
    OtherPerson,
    /// A frame or feed rule refused it.
    #[error("refused")]
    Wire(Code),
    /// Any other error of SQLite, by its extended code.
    #[error("storage")]
    Storage(i32),
}

// Every other error of the library has one code here, those of later versions too.
#[allow(clippy::wildcard_enum_match_arm)]
impl From<rusqlite::Error> for ReplicaError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error {
            rusqlite::Error::QueryReturnedNoRows => Self::NotFound,
            rusqlite::Error::SqliteFailure(failure, _) => match failure.code {
                ErrorCode::DiskFull => Self::Full,
                ErrorCode::NotADatabase => Self::BadKey,
                ErrorCode::DatabaseCorrupt => Self::Corrupt,
                _ => Self::Storage(failure.extended_code),
            },
            _ => Self::Storage(0),
        }
    }
}

impl From<ChartError> for ReplicaError {
    fn from(error: ChartError) -> Self {
        match error {
            ChartError::TooLarge => Self::TooLarge,
            ChartError::Damaged | ChartError::Unloadable => Self::Corrupt,
            ChartError::Refused => Self::Storage(0),
        }
    }
}

impl From<Code> for ReplicaError {
    fn from(code: Code) -> Self {
        Self::Wire(code)
    }
}
