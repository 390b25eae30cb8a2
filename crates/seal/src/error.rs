//! The closed list of what can go wrong when sealing or opening.

/// A failure, as a code; screens own the words. Never carries contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum SealError {
    /// Does not open: another key, another context, or changed bytes.
    #[error("does_not_open")]
    DoesNotOpen,
    /// It opened, but the key inside does not fit its check value or public key.
    #[error("wrong_key")]
    WrongKey,
    /// A public key that is none.
    #[error("bad_key")]
    BadKey,
    /// Not a known shape.
    #[error("bad_bytes")]
    BadBytes,
    /// A version, kind or codec this program does not know.
    #[error("version_too_old")]
    VersionTooOld,
    /// A limit is exceeded.
    #[error("too_large")]
    TooLarge,
    /// No slot opens with this passphrase (and keystore secret).
    #[error("wrong_passphrase")]
    WrongPassphrase,
    /// There is no slot of a kind that could be tried.
    #[error("no_slot")]
    NoSlot,
    /// A spoken code has the wrong number of characters.
    #[error("code_length")]
    CodeLength,
    /// A spoken code has a character that never occurs.
    #[error("code_character")]
    CodeCharacter,
    /// A spoken code was mistyped: its check bits do not fit.
    #[error("code_typo")]
    CodeTypo,
    /// What was revealed is not what was committed to.
    #[error("commit_mismatch")]
    CommitMismatch,
    /// A stream could not be read or written.
    #[error("stream")]
    Stream,
    /// The library refused parameters that this crate makes itself.
    #[error("refused")]
    Refused,
}

impl From<meguri_wire::Code> for SealError {
    fn from(code: meguri_wire::Code) -> Self {
        if code == meguri_wire::Code::VersionTooOld {
            Self::VersionTooOld
        } else if code == meguri_wire::Code::TooLarge {
            Self::TooLarge
        } else {
            Self::BadBytes
        }
    }
}
