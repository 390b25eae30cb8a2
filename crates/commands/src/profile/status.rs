//! `profile.status`

use crate::Failure;
use crate::host::Host;
use crate::types::{PersonRef, RemoveReason};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Request.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(optional_fields)]
pub struct Req {}

/// Result.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Res {
    /// A profile is here
    pub exists: bool,
    /// The key is in memory
    pub unlocked: bool,
    /// The screens are locked
    pub screen_locked: bool,
    /// A PIN is set
    pub pin_set: bool,
    /// Misses until the passphrase is needed
    pub pin_misses_left: u32,
    /// Wait before the next PIN
    pub pin_wait_ms: i64,
    /// An OS keystore takes part
    pub keystore: bool,
    /// The demo's secrets; never set on a real profile
    pub demo: Option<Demo>,
    /// Whose profile it is, while unlocked
    pub me: Option<PersonRef>,
    /// This device was removed from its team: of the profile that is here, or of the one that was
    pub removed: Option<Removed>,
}

/// A removal, and what became of unsent work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Removed {
    /// When the relay took it, ms UTC.
    pub at_ms: i64,
    /// Why.
    pub reason: RemoveReason,
    /// Items that were handed in.
    pub handed_in: u32,
    /// Items that are still only here; the profile is kept, locked, until there are none.
    pub left: u32,
}

/// Secrets of a demo profile, shown on its unlock screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Demo {
    /// Passphrase.
    pub passphrase: String,
    /// PIN.
    pub pin: String,
}

/// Answers.
///
/// # Errors
/// `storage`.
pub fn run(host: &dyn Host, _: Req) -> Result<Res, Failure> {
    host.profile_status()
}
