//! The rules a change must meet before it may touch a document (protocol §5).
//! They are a function of the change and of the changes before it, so every
//! device parks the same items.

use std::collections::HashMap;

use crate::doc::DocName;
use crate::scan::{Scanned, scan};

/// A change is cut at 128 KiB when it is written.
pub const CHANGE_BYTES_MAX: usize = 128 * 1024;
/// Operation counters are 32 bits wide inside Automerge; far above any honest document.
const OP_MAX: u64 = 1 << 31;

/// Why an item stays out of a document, on every device alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ParkReason {
    /// Not one whole Automerge change.
    #[error("change_bad_bytes")]
    BadBytes,
    /// The checksum in the bytes is not that of the bytes.
    #[error("change_bad_checksum")]
    BadChecksum,
    /// Decoding and encoding again gives other bytes.
    #[error("change_not_canonical")]
    NotCanonical,
    /// Above [`CHANGE_BYTES_MAX`].
    #[error("change_too_large")]
    TooLarge,
    /// The actor does not begin with the author's device id.
    #[error("change_foreign_actor")]
    ForeignActor,
    /// `seq` does not continue the actor's changes.
    #[error("change_bad_seq")]
    BadSeq,
    /// `start_op` is not one more than the greatest op of the dependencies.
    #[error("change_bad_start_op")]
    BadStartOp,
    /// In a log document: something other than creating an entry.
    #[error("change_not_a_creation")]
    NotACreation,
    /// An entry without kind, time and body of the right types.
    #[error("change_malformed_entry")]
    MalformedEntry,
    /// Automerge refused it, or failed on it.
    #[error("change_not_applicable")]
    NotApplicable,
}

/// What is known of the changes inside a document.
#[derive(Clone, Default)]
pub(crate) struct Known {
    /// Last `seq` of each actor.
    pub seqs: HashMap<Vec<u8>, u64>,
    /// Greatest op of each change.
    pub max_ops: HashMap<[u8; 32], u64>,
}

impl Known {
    pub(crate) fn add(&mut self, actor: &[u8], seq: u64, hash: [u8; 32], max_op: u64) {
        let last = self.seqs.entry(actor.to_vec()).or_insert(0);
        *last = (*last).max(seq);
        self.max_ops.insert(hash, max_op);
    }
}

/// What the rules say of one change.
pub(crate) enum Ruling {
    /// In the document already.
    Known(Scanned),
    /// May be applied.
    Fits(Scanned, Box<automerge::Change>),
    /// A dependency is missing.
    Waiting,
    Parked(ParkReason),
}

/// Decodes a change and checks what does not depend on other changes.
pub(crate) fn read(name: DocName, author: &[u8; 16], bytes: &[u8]) -> Result<(automerge::Change, Scanned), ParkReason> {
    if bytes.len() > CHANGE_BYTES_MAX {
        return Err(ParkReason::TooLarge);
    }
    let (change, expanded) = decode(bytes)?;
    let actor = change.actor_id().to_bytes();
    if actor.len() != 24 || !actor.starts_with(author) {
        return Err(ParkReason::ForeignActor);
    }
    let end = change.start_op().get().saturating_add(change.len() as u64);
    if end >= OP_MAX || change.seq() >= OP_MAX {
        return Err(ParkReason::BadStartOp);
    }
    let scanned = scan(name, &change, &expanded)?;
    Ok((change, scanned))
}

/// Automerge neither checks the checksum of a change nor refuses other
/// encodings of the same operations; both are checked here.
pub(crate) fn decode(bytes: &[u8]) -> Result<(automerge::Change, automerge::ExpandedChange), ParkReason> {
    let decoded = crate::guarded(|| {
        let change = automerge::Change::try_from(bytes).map_err(|_| ParkReason::BadBytes)?;
        if bytes.get(4..8) != change.hash().0.get(..4) {
            return Err(ParkReason::BadChecksum);
        }
        let expanded = change.decode();
        if automerge::Change::from(expanded.clone()).raw_bytes() != bytes {
            return Err(ParkReason::NotCanonical);
        }
        Ok((change, expanded))
    });
    decoded.unwrap_or(Err(ParkReason::BadBytes))
}

/// Holds one change against the changes before it.
pub(crate) fn rule(name: DocName, known: &Known, author: &[u8; 16], bytes: &[u8]) -> Ruling {
    let (change, scanned) = match read(name, author, bytes) {
        Ok(read) => read,
        Err(reason) => return Ruling::Parked(reason),
    };
    if known.max_ops.contains_key(&change.hash().0) {
        return Ruling::Known(scanned);
    }
    let mut max_op = 0;
    for dep in change.deps() {
        match known.max_ops.get(&dep.0) {
            Some(op) => max_op = max_op.max(*op),
            None => return Ruling::Waiting,
        }
    }
    if change.start_op().get() != max_op + 1 || max_op == 0 {
        return Ruling::Parked(ParkReason::BadStartOp);
    }
    let last = known.seqs.get(change.actor_id().to_bytes()).copied().unwrap_or(0);
    if change.seq() != last + 1 {
        return Ruling::Parked(ParkReason::BadSeq);
    }
    Ruling::Fits(scanned, Box::new(change))
}
