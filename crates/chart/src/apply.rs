//! Applying what others wrote: a whole batch on a copy, item by item when the
//! batch fails.

use automerge::Automerge;

use crate::doc::{Doc, DocName};
use crate::guarded;
use crate::rules::{Ahead, Known, ParkReason, Ruling, rule};
use crate::scan::Scanned;

/// The changes of one item; all are applied or none.
#[derive(Clone, Copy)]
pub struct Incoming<'a> {
    /// Device id of the proved author.
    pub author: [u8; 16],
    /// In the order of the item.
    pub changes: &'a [Vec<u8>],
}

/// What became of one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Inside the document now, or already before. One per change.
    Applied(Vec<Scanned>),
    /// A dependency is not here yet.
    Waiting,
    /// Stays out on every device alike.
    Parked(ParkReason),
}

/// What became of a batch, by index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplyOutcome {
    /// One verdict per item.
    pub verdicts: Vec<Verdict>,
    /// Bytes of the changes new to the document, in the order applied.
    pub new_changes: Vec<Vec<u8>>,
}

struct Staged {
    index: usize,
    changes: Vec<automerge::Change>,
}

/// Applies to a copy; `None` when Automerge refuses, fails or leaves changes aside.
pub(crate) fn on_copy(am: &Automerge, changes: Vec<automerge::Change>) -> Option<Automerge> {
    let mut copy = am.clone();
    guarded(move || copy.apply_changes(changes).map(|()| copy)).and_then(Result::ok)
}

impl Doc {
    /// Applies a batch. The document changes by whole items only; on a failure
    /// of the batch every item is tried alone and the failing ones are parked.
    pub fn apply(&mut self, items: &[Incoming<'_>]) -> ApplyOutcome {
        let mut verdicts = vec![Verdict::Waiting; items.len()];
        let mut ahead = Ahead::of(&self.known);
        let mut staged = Vec::new();
        let mut open: Vec<usize> = (0..items.len()).collect();
        loop {
            let before = open.len();
            open.retain(|index| match items.get(*index) {
                Some(item) => match stage(self.name, &mut ahead, item) {
                    Ok((changes, scanned)) => {
                        set(&mut verdicts, *index, Verdict::Applied(scanned));
                        staged.push(Staged { index: *index, changes });
                        false
                    }
                    Err(None) => true,
                    Err(Some(reason)) => {
                        set(&mut verdicts, *index, Verdict::Parked(reason));
                        false
                    }
                },
                None => false,
            });
            if open.is_empty() || open.len() == before {
                break;
            }
        }
        let known = ahead.into_batch();
        self.commit(staged, known, verdicts, items)
    }

    fn commit(
        &mut self,
        staged: Vec<Staged>,
        known: Known,
        mut verdicts: Vec<Verdict>,
        items: &[Incoming<'_>],
    ) -> ApplyOutcome {
        let indexes: Vec<usize> = staged.iter().map(|item| item.index).collect();
        let all: Vec<_> = staged.into_iter().flat_map(|item| item.changes).collect();
        let new_changes = raw(&all);
        if all.is_empty() {
            return ApplyOutcome { verdicts, new_changes };
        }
        if let Some(am) = self.try_apply(all, &known) {
            self.am = am;
            self.known.extend(known);
            return ApplyOutcome { verdicts, new_changes };
        }
        let mut new_changes = Vec::new();
        for index in indexes {
            let Some(incoming) = items.get(index) else {
                continue;
            };
            // An item before it may have failed: its rules are asked again.
            let mut ahead = Ahead::of(&self.known);
            let verdict = match stage(self.name, &mut ahead, incoming) {
                Ok((changes, scanned)) => {
                    let known = ahead.into_batch();
                    let bytes = raw(&changes);
                    match self.try_apply(changes, &known) {
                        Some(am) => {
                            self.am = am;
                            self.known.extend(known);
                            new_changes.extend(bytes);
                            Verdict::Applied(scanned)
                        }
                        None => Verdict::Parked(ParkReason::NotApplicable),
                    }
                }
                Err(None) => Verdict::Waiting,
                Err(Some(reason)) => Verdict::Parked(reason),
            };
            set(&mut verdicts, index, verdict);
        }
        ApplyOutcome { verdicts, new_changes }
    }

    /// The form of log changes leaves Automerge nothing to stumble over; state
    /// changes may name predecessors, so what they leave must load again.
    fn try_apply(&self, changes: Vec<automerge::Change>, new: &Known) -> Option<Automerge> {
        let am = on_copy(&self.am, changes)?;
        let whole = match self.name {
            DocName::Log(_) => true,
            DocName::Core => guarded(|| {
                Automerge::load(&am.save()).ok().is_some_and(|again| {
                    again.get_changes_meta(&[]).len() == self.known.max_ops.len() + new.max_ops.len()
                })
            })
            .unwrap_or(false),
        };
        whole.then_some(am)
    }
}

fn set(verdicts: &mut [Verdict], index: usize, verdict: Verdict) {
    if let Some(slot) = verdicts.get_mut(index) {
        *slot = verdict;
    }
}

fn raw(changes: &[automerge::Change]) -> Vec<Vec<u8>> {
    changes.iter().map(|change| change.raw_bytes().to_vec()).collect()
}

/// Rules over the changes of one item; `ahead` grows only when all fit.
fn stage(
    name: DocName,
    ahead: &mut Ahead<'_>,
    item: &Incoming<'_>,
) -> Result<(Vec<automerge::Change>, Vec<Scanned>), Option<ParkReason>> {
    let mut changes: Vec<automerge::Change> = Vec::with_capacity(item.changes.len());
    let mut scanned = Vec::with_capacity(item.changes.len());
    for bytes in item.changes {
        let failed = match rule(name, ahead, &item.author, bytes) {
            Ruling::Known(effects) => {
                scanned.push(effects);
                continue;
            }
            Ruling::Fits(effects, change) => {
                ahead.add(change.actor_id().to_bytes(), change.seq(), change.hash().0, change.max_op());
                scanned.push(effects);
                changes.push(*change);
                continue;
            }
            Ruling::Waiting => None,
            Ruling::Parked(reason) => Some(reason),
        };
        ahead.drop_item();
        return Err(failed);
    }
    ahead.keep_item();
    Ok((changes, scanned))
}
