//! What stood under a state key before writes that are not to count.

use automerge::{ChangeHash, ReadDoc};
use std::collections::HashSet;

use crate::doc::{Doc, StateRead};
use crate::guarded;

/// One write of a state key: the change that put it or took it away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Write {
    /// The change.
    pub change: [u8; 32],
    /// It is not to count.
    pub struck: bool,
}

/// A walk back from the newest changes.
struct Walk<'a> {
    doc: &'a Doc,
    key: &'a str,
    writes: &'a [Write],
    passed: HashSet<[u8; 32]>,
    found: Vec<StateRead>,
}

impl Doc {
    /// The values a key would have if struck writes did not count: for each of them what it replaced, further back where
    /// that was struck too. `None` when no struck write stands there now; empty when nothing stood there before.
    #[must_use]
    pub fn before(&self, key: &str, writes: &[Write]) -> Option<Vec<StateRead>> {
        let mut walk = Walk { doc: self, key, writes, passed: HashSet::new(), found: Vec::new() };
        let marked = guarded(|| walk.back(&self.am.get_heads())).unwrap_or(false);
        let mut found = walk.found;
        found.sort_by_key(|value| value.change);
        found.dedup_by_key(|value| value.change);
        marked.then_some(found)
    }
}

impl Walk<'_> {
    /// Goes past the struck writes that stand at these heads; whether there was one.
    fn back(&mut self, heads: &[ChangeHash]) -> bool {
        let values = self.doc.values_at(self.key, heads);
        let stands: Vec<[u8; 32]> = if values.is_empty() {
            self.taken_away(heads)
        } else {
            values.iter().map(|value| value.change).filter(|change| self.is_struck(change)).collect()
        };
        let marked = !stands.is_empty();
        // Good values beside a struck one stand as they are.
        self.found.extend(values.into_iter().filter(|value| !stands.contains(&value.change)));
        for change in stands {
            let meta = self.doc.am.get_change_meta_by_hash(&ChangeHash(change));
            if let Some(deps) = meta.map(|meta| meta.deps.to_vec()).filter(|_| self.passed.insert(change)) {
                self.back(&deps);
            }
        }
        marked
    }

    fn is_struck(&self, change: &[u8; 32]) -> bool {
        self.writes.iter().any(|write| write.struck && write.change == *change)
    }

    /// Struck writes in the history of `heads` after or beside which nobody else wrote the key: where nothing stands, they
    /// took it away.
    fn taken_away(&self, heads: &[ChangeHash]) -> Vec<[u8; 32]> {
        let later = self.not_before(heads);
        let inside = |write: &&Write| {
            self.doc.known.max_ops.contains_key(&write.change) && !later.contains(&ChangeHash(write.change))
        };
        let (struck, good): (Vec<&Write>, Vec<&Write>) = self.writes.iter().filter(inside).partition(|w| w.struck);
        let last = |write: &&&Write| {
            let since = self.not_before(&[ChangeHash(write.change)]);
            !good.iter().any(|other| since.contains(&ChangeHash(other.change)))
        };
        struck.iter().filter(last).map(|write| write.change).collect()
    }

    /// Changes that are neither these nor before them.
    fn not_before(&self, heads: &[ChangeHash]) -> HashSet<ChangeHash> {
        self.doc.am.get_changes_meta(heads).iter().map(|meta| meta.hash).collect()
    }
}

impl Doc {
    fn values_at(&self, key: &str, heads: &[ChangeHash]) -> Vec<StateRead> {
        let found = self.am.get_all_at(self.root_map(), key, heads).unwrap_or_default();
        found.into_iter().filter_map(|(value, id)| self.state_read(&value, &id)).collect()
    }
}
