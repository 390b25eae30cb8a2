//! The rules a change must meet before it may touch a document (protocol §5).
//! They are a function of the change and of the changes before it, so every
//! device parks the same items.

use std::collections::HashMap;

use crate::columns::bounded;
use crate::doc::DocName;
use crate::scan::{Scanned, scan};

/// A change is cut at 128 KiB when it is written.
pub const CHANGE_BYTES_MAX: usize = 128 * 1024;
/// Operation counters are 32 bits wide inside Automerge; far above any honest document.
const OP_MAX: u64 = 1 << 31;

/// Why an item stays out of a document, on every device alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ParkReason {
    /// Not one whole uncompressed Automerge change, or columns that stand for more values than it has bytes.
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
    /// Greatest `seq` of each actor with its change.
    pub last: HashMap<Vec<u8>, (u64, [u8; 32])>,
    /// Greatest op of each change.
    pub max_ops: HashMap<[u8; 32], u64>,
}

impl Known {
    pub(crate) fn add(&mut self, actor: &[u8], seq: u64, hash: [u8; 32], max_op: u64) {
        match self.last.get_mut(actor) {
            Some(last) if last.0 < seq => *last = (seq, hash),
            Some(_) => {}
            None => {
                self.last.insert(actor.to_vec(), (seq, hash));
            }
        }
        self.max_ops.insert(hash, max_op);
    }

    pub(crate) fn extend(&mut self, more: Known) {
        self.last.extend(more.last);
        self.max_ops.extend(more.max_ops);
    }
}

/// What will be known when the items held against the rules so far are inside: over a document, a batch, and over
/// the batch the item at hand, which is kept or dropped whole.
pub(crate) struct Ahead<'a> {
    base: &'a Known,
    batch: Known,
    item: Known,
}

impl<'a> Ahead<'a> {
    pub(crate) fn of(base: &'a Known) -> Self {
        Self { base, batch: Known::default(), item: Known::default() }
    }

    pub(crate) fn max_op(&self, hash: &[u8; 32]) -> Option<u64> {
        [&self.item, &self.batch, self.base].into_iter().find_map(|known| known.max_ops.get(hash)).copied()
    }

    fn last_seq(&self, actor: &[u8]) -> u64 {
        let layers = [&self.item, &self.batch, self.base];
        layers.into_iter().find_map(|known| known.last.get(actor)).map_or(0, |(seq, _)| *seq)
    }

    pub(crate) fn add(&mut self, actor: &[u8], seq: u64, hash: [u8; 32], max_op: u64) {
        self.item.add(actor, seq, hash, max_op);
    }

    pub(crate) fn keep_item(&mut self) {
        self.batch.extend(std::mem::take(&mut self.item));
    }

    pub(crate) fn drop_item(&mut self) {
        self.item = Known::default();
    }

    pub(crate) fn into_batch(self) -> Known {
        self.batch
    }
}

/// What the rules say of one change.
pub(crate) enum Ruling {
    /// In the document already.
    Known,
    /// May be applied.
    Fits,
    /// A dependency is missing.
    Waiting,
    Parked(ParkReason),
}

/// Decodes a change and checks what does not depend on other changes.
pub(crate) fn read(name: DocName, author: &[u8; 16], bytes: &[u8]) -> Result<(automerge::Change, Scanned), ParkReason> {
    if bytes.len() > CHANGE_BYTES_MAX {
        return Err(ParkReason::TooLarge);
    }
    let (change, scanned) = decode(name, bytes)?;
    let actor = change.actor_id().to_bytes();
    if actor.len() != 24 || !actor.starts_with(author) {
        return Err(ParkReason::ForeignActor);
    }
    let end = change.start_op().get().saturating_add(change.len() as u64);
    if end >= OP_MAX || change.seq() >= OP_MAX {
        return Err(ParkReason::BadStartOp);
    }
    Ok((change, scanned?))
}

/// One whole change whose checksum is that of its bytes; Automerge does not compare it.
pub(crate) fn undamaged(bytes: &[u8]) -> Result<automerge::Change, ParkReason> {
    if !bounded(bytes) {
        return Err(ParkReason::BadBytes);
    }
    let decoded = crate::guarded(|| {
        let change = automerge::Change::try_from(bytes).map_err(|_| ParkReason::BadBytes)?;
        if bytes.get(4..8) != change.hash().0.get(..4) {
            return Err(ParkReason::BadChecksum);
        }
        Ok(change)
    });
    decoded.unwrap_or(Err(ParkReason::BadBytes))
}

/// The change with what its operations do. Automerge refuses no other encoding of the same operations; here it is
/// encoded again and compared.
fn decode(name: DocName, bytes: &[u8]) -> Result<(automerge::Change, Result<Scanned, ParkReason>), ParkReason> {
    let change = undamaged(bytes)?;
    let decoded = crate::guarded(|| {
        let expanded = change.decode();
        let scanned = scan(name, &change, &expanded);
        if automerge::Change::from(expanded).raw_bytes() != bytes {
            return Err(ParkReason::NotCanonical);
        }
        Ok(scanned)
    });
    let scanned = decoded.unwrap_or(Err(ParkReason::BadBytes))?;
    Ok((change, scanned))
}

/// Holds one change that was read against the changes before it.
pub(crate) fn rule(ahead: &Ahead<'_>, change: &automerge::Change) -> Ruling {
    if ahead.max_op(&change.hash().0).is_some() {
        return Ruling::Known;
    }
    let mut max_op = 0;
    for dep in change.deps() {
        match ahead.max_op(&dep.0) {
            Some(op) => max_op = max_op.max(op),
            None => return Ruling::Waiting,
        }
    }
    if change.start_op().get() != max_op + 1 || max_op == 0 {
        return Ruling::Parked(ParkReason::BadStartOp);
    }
    if change.seq() != ahead.last_seq(change.actor_id().to_bytes()) + 1 {
        return Ruling::Parked(ParkReason::BadSeq);
    }
    Ruling::Fits
}
