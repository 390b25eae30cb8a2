//! What is left of a profile whose device was removed: when, why, and how much was handed in. No name, no key.

use crate::device::Device;
use crate::profile::write_whole;
use meguri_commands::types::RemoveReason;
use meguri_commands::{Code, Failure};
use serde::{Deserialize, Serialize};
use std::path::Path;

const FILE: &str = "removed.json";

/// Shown at the door afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Farewell {
    /// When the relay took the removal, ms UTC.
    pub at_ms: i64,
    /// Why.
    pub reason: RemoveReason,
    /// Items that were handed in.
    pub handed_in: u64,
}

impl Farewell {
    /// What an earlier profile of this folder left behind.
    #[must_use]
    pub fn left_in(folder: &Path) -> Option<Farewell> {
        let bytes = std::fs::read(folder.join(FILE)).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// A new profile begins here.
    pub(crate) fn forget(folder: &Path) {
        let _ = std::fs::remove_file(folder.join(FILE));
    }
}

impl Device {
    /// Forgets the profile: first its keys, then everything they opened. What is told stays.
    pub(crate) fn wipe(&self, told: &Farewell) -> Result<(), Failure> {
        let bytes = serde_json::to_vec(told).map_err(|_| Code::Bug)?;
        write_whole(&self.profile.folder().join(FILE), &bytes)?;
        let keyed = self.profile.needs_keystore().unwrap_or(false);
        self.profile.destroy()?;
        if keyed {
            let name = self.profile.keystore_name();
            let _ = self.outside.keystore.forget(&name);
            let _ = self.outside.keystore.forget(&format!("{name} incarnation"));
        }
        self.session.lock().end();
        self.log.note(self.now_ms(), "wiped", told.handed_in);
        Ok(())
    }
}
