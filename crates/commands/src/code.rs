//! Error codes of commands: closed, stable, and without health data.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $exit:literal;)+) => {
        /// What can go wrong in a command. The text of a code never changes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
        pub enum Code { $($(#[$doc])* #[error($text)] $name,)+ }

        impl Code {
            /// Every code, in the order of the documentation.
            pub const ALL: &'static [Code] = &[$(Code::$name,)+];

            /// The stable text a screen looks its sentence up by.
            #[must_use]
            pub fn text(self) -> &'static str { match self { $(Code::$name => $text,)+ } }

            /// Exit status of the CLI: 2 usage, 3 refused input, 4 locked, busy or
            /// wrong passphrase, 5 not found, 6 not allowed, 7 offline, 8 storage, 70 bug.
            #[must_use]
            pub fn exit(self) -> u8 { match self { $(Code::$name => $exit,)+ } }

            /// The code with this text.
            #[must_use]
            pub fn parse(text: &str) -> Option<Code> {
                match text { $($text => Some(Code::$name),)+ _ => None }
            }
        }
    };
}

codes! {
    /// The request is no JSON of the command's shape.
    BadRequest = "bad_request", 2;
    /// No command of this name.
    UnknownCommand = "unknown_command", 2;
    /// Input that cannot be stored as it is; the parameters name field and reason.
    Refused = "refused", 3;
    /// A warning was neither answered nor corrected.
    UnansweredFindings = "unanswered_findings", 3;
    /// A patient of a similar name exists; `names` lists them.
    SimilarName = "similar_name", 3;
    /// The passphrase is too short; `min` characters are needed.
    PassphraseShort = "passphrase_short", 3;
    /// The passphrase is easily guessed.
    PassphraseWeak = "passphrase_weak", 3;
    /// A PIN has six digits and is not a plain run.
    BadPin = "bad_pin", 3;
    /// The picture has more than 64 MiB.
    PictureTooLarge = "picture_too_large", 3;
    /// The picture has more than 120 megapixels.
    PictureTooManyPixels = "picture_too_many_pixels", 3;
    /// The file is no picture.
    NotAPicture = "not_a_picture", 3;
    /// HEIC is not read; the camera can be set to JPEG.
    PictureHeic = "picture_heic", 3;
    /// The file is of another type than it says.
    PictureTypeMismatch = "picture_type_mismatch", 3;
    /// The picture is damaged.
    PictureCorrupt = "picture_corrupt", 3;
    /// Correction or withdrawal needs a reason.
    ReasonMissing = "reason_missing", 3;
    /// The entry has been corrected or withdrawn already.
    EntryClosed = "entry_closed", 3;
    /// The enrolment code is mistyped.
    BadEnrolCode = "bad_enrol_code", 3;
    /// The enrolment code is older than ten minutes.
    EnrolExpired = "enrol_expired", 3;
    /// The enrolment code has been used.
    EnrolUsed = "enrol_used", 3;
    /// The invitation is for another person or team than this profile's.
    OtherPerson = "other_person", 3;
    /// The digits on the two screens differ; enrolment ended.
    DigitsDiffer = "digits_differ", 3;
    /// A profile is here already.
    ProfileExists = "profile_exists", 3;
    /// The setup code does not open this relay for a facility.
    BadSetupCode = "bad_setup_code", 3;
    /// The profile is locked.
    Locked = "locked", 4;
    /// Another process has the profile open.
    Busy = "busy", 4;
    /// Wrong passphrase.
    WrongPassphrase = "wrong_passphrase", 4;
    /// Wrong PIN; `left` misses are left.
    WrongPin = "wrong_pin", 4;
    /// After a miss the next try must wait; `waitMs`.
    PinWait = "pin_wait", 4;
    /// Five misses: the passphrase is needed.
    PinSpent = "pin_spent", 4;
    /// The OS keystore's secret of this profile is missing.
    KeystoreMissing = "keystore_missing", 4;
    /// The OS keystore is locked; nothing of the profile is lost.
    KeystoreLocked = "keystore_locked", 4;
    /// No profile here yet.
    NoProfile = "no_profile", 5;
    /// No such patient, entry, draft or offer.
    NotFound = "not_found", 5;
    /// The picture has not arrived yet.
    BlobMissing = "blob_missing", 5;
    /// The role in this chart does not allow it.
    NotAllowed = "not_allowed", 6;
    /// The device was removed from its team.
    Removed = "removed", 6;
    /// This device belongs to no team yet.
    NotEnrolled = "not_enrolled", 6;
    /// The relay cannot be reached.
    Offline = "offline", 7;
    /// The relay answered with a refusal; `reason` is its code.
    RelayRefused = "relay_refused", 7;
    /// The storage is full.
    StorageFull = "storage_full", 8;
    /// The storage failed.
    Storage = "storage", 8;
    /// The profile was written by a newer version of the app.
    NewerProfile = "newer_profile", 8;
    /// The profile's files are damaged.
    DamagedProfile = "damaged_profile", 8;
    /// A defect of the app.
    Bug = "bug", 70;
}

/// A code with its parameters (numbers, field names, codes; never clinical text).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What failed.
    pub code: Code,
    /// Words to fill into the screen's sentence.
    pub params: BTreeMap<String, String>,
}

/// `{code, params}` as it goes to screens and to stderr.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct ErrorBody {
    /// [`Code::text`].
    pub code: String,
    /// See [`Failure::params`].
    pub params: BTreeMap<String, String>,
}

impl Failure {
    /// Adds a parameter.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl ToString) -> Self {
        self.params.insert(key.to_owned(), value.to_string());
        self
    }

    /// The body for screens and stderr.
    #[must_use]
    pub fn body(&self) -> ErrorBody {
        ErrorBody { code: self.code.text().to_owned(), params: self.params.clone() }
    }
}

impl From<Code> for Failure {
    fn from(code: Code) -> Self {
        Failure { code, params: BTreeMap::new() }
    }
}

impl Code {
    /// The code with one parameter.
    #[must_use]
    pub fn with(self, key: &str, value: impl ToString) -> Failure {
        Failure::from(self).with(key, value)
    }
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn texts_are_unique_and_come_back() {
        for code in Code::ALL {
            assert_eq!(Code::parse(code.text()), Some(*code));
            assert!([2, 3, 4, 5, 6, 7, 8, 70].contains(&code.exit()));
        }
    }
}
