//! What a removed device hands in beside its changes, and what an administrator's device keeps until it is signed.

use super::canonical;
use meguri_replica::{HandedDraft, Intent};

/// The plaintext of a draft that a removed device handed in.
pub fn draft(bytes: &[u8]) {
    canonical::<HandedDraft>(bytes);
}

/// A decision as it lies in this device's own store.
pub fn intent(bytes: &[u8]) {
    canonical::<Intent>(bytes);
}
