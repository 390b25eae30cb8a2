//! The relay's order: dense positions, times that never fall, and the running hash, held against every author's
//! signed word of what stood there, against a signed head, and against what the export ends with.

use meguri_seal::export::FrameCopy;
use meguri_wire::chain::{h_next, h0};
use meguri_wire::{FeedId, FrameId, Hash, Seen, StoreId};

use crate::reason::Reason;

/// The order of one feed so far.
pub(crate) struct Order {
    /// `H_0`, `H_1`, …
    hashes: Vec<Hash>,
    received_ms: u64,
    store: Option<[u8; 8]>,
    witnessed: u64,
}

/// A hash that is not the one here, at this position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Differs {
    pub(crate) ssn: u64,
}

impl Order {
    pub(crate) fn new(feed: &FeedId, store: Option<StoreId>) -> Self {
        Self { hashes: vec![h0(feed)], received_ms: 0, store: store.map(|store| store.short()), witnessed: 0 }
    }

    /// The last position.
    pub(crate) fn ssn(&self) -> u64 {
        self.hashes.len() as u64 - 1
    }

    /// The last position whose hash somebody signed.
    pub(crate) fn witnessed(&self) -> u64 {
        self.witnessed
    }

    /// Whether the positions are of this store.
    pub(crate) fn is_of(&self, store: &StoreId) -> bool {
        self.store.is_none_or(|own| own == store.short())
    }

    /// Takes the next record.
    pub(crate) fn next(&mut self, record: &FrameCopy, id: &FrameId) -> Result<(), Reason> {
        if record.ssn != self.ssn() + 1 {
            return Err(Reason::PositionMissing);
        }
        if record.received_ms < self.received_ms {
            return Err(Reason::TimeGoesBack);
        }
        let last = self.hashes.last().copied().unwrap_or_default();
        self.hashes.push(h_next(&last, record.ssn, record.received_ms, id));
        self.received_ms = record.received_ms;
        Ok(())
    }

    /// What an item's author had seen before it came to the last position. Of another store it says nothing here.
    pub(crate) fn saw(&mut self, seen: &Seen) -> Result<(), Differs> {
        if self.store.is_none_or(|store| store.as_slice() != seen.store) {
            return Ok(());
        }
        let before = seen.ssn < self.ssn();
        let hash = Hash::from_slice(&seen.h).ok().filter(|_| before);
        self.is_at(seen.ssn, hash)
    }

    /// Holds a hash against the one here.
    pub(crate) fn is_at(&mut self, ssn: u64, hash: Option<Hash>) -> Result<(), Differs> {
        let here = usize::try_from(ssn).ok().and_then(|index| self.hashes.get(index));
        if hash.is_none() || here != hash.as_ref() {
            return Err(Differs { ssn });
        }
        self.witnessed = self.witnessed.max(ssn);
        Ok(())
    }

    /// Whether the feed ends with this hash, which nobody signed.
    pub(crate) fn ends_with(&self, hash: &Hash) -> bool {
        self.hashes.last() == Some(hash)
    }
}
