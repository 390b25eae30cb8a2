//! The Automerge documents of a space: put an entry or a state value in, read it
//! out, merge what others wrote, show conflicts.
//!
//! Deliberately absent: this crate knows no kind of entry by name, no key, no
//! signature, no file, no clock and no randomness. It takes changes whose author
//! has been proved already, and still trusts none of them: every change is
//! decoded and held against the rules of `docs/protocol.md` (§5) before
//! Automerge sees it, and applied to a copy that may fail.

mod again;
mod apply;
mod before;
mod columns;
mod doc;
mod grow;
mod rules;
mod scan;

pub use again::{Again, Writer};
pub use apply::{ApplyOutcome, Incoming, Prepared, Verdict};
pub use before::Write;
pub use doc::{Doc, DocName, EntryRead, StateRead};
pub use grow::Grown;
pub use rules::{CHANGE_BYTES_MAX, ParkReason};
pub use scan::{Effect, Scanned};

/// Actor of the changes of one installation: device id ‖ install incarnation,
/// so that two installs of one backup never share an actor.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Actor(pub [u8; 24]);

impl Actor {
    /// Joins a device id and the incarnation of its installation.
    #[must_use]
    pub fn new(device: [u8; 16], incarnation: [u8; 8]) -> Self {
        let mut bytes = [0; 24];
        for (to, from) in bytes.iter_mut().zip(device.iter().chain(&incarnation)) {
            *to = *from;
        }
        Self(bytes)
    }
}

/// A change as it is sealed and stored: uncompressed Automerge bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Change {
    /// SHA-256 by which Automerge names it.
    pub hash: [u8; 32],
    /// Uncompressed bytes.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Change({} bytes)", self.bytes.len())
    }
}

/// What a document refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChartError {
    /// Stored bytes do not load, or load to another document.
    #[error("document_damaged")]
    Damaged,
    /// What would be saved does not load again.
    #[error("document_unloadable")]
    Unloadable,
    /// A change above 128 KiB; large bodies belong into blobs.
    #[error("too_large")]
    TooLarge,
    /// Automerge refused a local change.
    #[error("change_refused")]
    Refused,
}

/// Runs `work`; a panic inside Automerge becomes `None`.
fn guarded<T>(work: impl FnOnce() -> T) -> Option<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).ok()
}
