//! Documents that are built from the beginning and have nothing to lose: changes go in without a copy to fall back to.

use crate::apply::{Prepared, is_whole, ruled};
use crate::doc::Doc;
use crate::guarded;
use crate::rules::{Ahead, ParkReason};
use crate::scan::Scanned;

/// What became of an item that was given away to a document.
#[derive(Debug)]
pub enum Grown {
    /// Inside the document now, or already before. One per change.
    Applied(Vec<Scanned>),
    /// A dependency is not here yet: the item again.
    Waiting(Prepared),
    /// Stays out on every device alike.
    Parked(ParkReason),
}

impl Doc {
    /// As [`Doc::apply_prepared`] under the same rules, at the price of the changes alone, however long the document is.
    /// `None` when Automerge refuses or fails: the document is then to be thrown away and built anew item by item.
    /// [`Doc::is_whole`] is to be asked when all are inside.
    pub fn grow(&mut self, items: Vec<Prepared>) -> Option<Vec<Grown>> {
        let mut grown: Vec<Option<Grown>> = Vec::new();
        grown.resize_with(items.len(), || None);
        let mut ahead = Ahead::of(&self.known);
        let mut new = Vec::with_capacity(items.len());
        let mut open: Vec<(usize, Prepared)> = items.into_iter().enumerate().collect();
        loop {
            let before = open.len();
            let mut waiting = Vec::new();
            for (index, item) in open {
                let became = match ruled(self.name, &mut ahead, &item) {
                    Ok(lacking) => {
                        let mut effects = Vec::with_capacity(lacking.len());
                        for ((change, scanned), lacks) in item.changes.into_iter().flatten().zip(lacking) {
                            new.extend(lacks.then_some(change));
                            effects.push(scanned);
                        }
                        Grown::Applied(effects)
                    }
                    Err(None) => {
                        waiting.push((index, item));
                        continue;
                    }
                    Err(Some(reason)) => Grown::Parked(reason),
                };
                if let Some(slot) = grown.get_mut(index) {
                    *slot = Some(became);
                }
            }
            open = waiting;
            if open.is_empty() || open.len() == before {
                break;
            }
        }
        let known = ahead.into_batch();
        if !new.is_empty() {
            guarded(|| self.am.apply_changes(new)).and_then(Result::ok)?;
            self.known.extend(known);
        }
        for (index, item) in open {
            if let Some(slot) = grown.get_mut(index) {
                *slot = Some(Grown::Waiting(item));
            }
        }
        grown.into_iter().collect()
    }

    /// Whether everything that was put in is there and loads again: the check that [`Doc::apply_prepared`] makes each time.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        is_whole(self.name, &self.am, self.known.max_ops.len())
    }
}
