//! Applying what others wrote: a whole batch on a copy, item by item when the
//! batch fails.

use automerge::Automerge;

use crate::doc::{Doc, DocName};
use crate::guarded;
use crate::rules::{Ahead, Known, ParkReason, Ruling, read, rule};
use crate::scan::Scanned;

/// The changes of one item; all are applied or none.
#[derive(Clone, Copy)]
pub struct Incoming<'a> {
    /// Device id of the proved author.
    pub author: [u8; 16],
    /// In the order of the item.
    pub changes: &'a [Vec<u8>],
}

/// An item after everything that can be told of its changes without the document: decoded, encoded again and compared,
/// their effects read. The greater part of the work, and any thread may do it.
#[derive(Clone)]
pub struct Prepared {
    pub(crate) name: DocName,
    /// Up to the first that fails.
    pub(crate) changes: Vec<Result<(automerge::Change, Scanned), ParkReason>>,
}

impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Prepared({} changes)", self.changes.len())
    }
}

impl Prepared {
    /// Reads the changes of an item that is for the document `name`.
    #[must_use]
    pub fn of(name: DocName, item: &Incoming<'_>) -> Self {
        let mut changes = Vec::with_capacity(item.changes.len());
        for bytes in item.changes {
            let change = read(name, &item.author, bytes);
            let failed = change.is_err();
            changes.push(change);
            if failed {
                break;
            }
        }
        Self { name, changes }
    }
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
        let items: Vec<Prepared> = items.iter().map(|item| Prepared::of(self.name, item)).collect();
        self.apply_prepared(&items.iter().collect::<Vec<_>>())
    }

    /// As [`Doc::apply`]. An item prepared for another document is parked.
    pub fn apply_prepared(&mut self, items: &[&Prepared]) -> ApplyOutcome {
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
        items: &[&Prepared],
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
        is_whole(self.name, &am, self.known.max_ops.len() + new.max_ops.len()).then_some(am)
    }
}

/// Whether what was applied is there, and loads again with that many changes where its form does not see to that.
pub(crate) fn is_whole(name: DocName, am: &Automerge, changes: usize) -> bool {
    let loads = || Automerge::load(&am.save()).ok().is_some_and(|again| again.get_changes_meta(&[]).len() == changes);
    match name {
        DocName::Log(_) => true,
        DocName::Core => guarded(loads).unwrap_or(false),
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

/// Rules over the changes of one item; `ahead` grows only when all fit. For each change whether the document lacks it.
pub(crate) fn ruled(name: DocName, ahead: &mut Ahead<'_>, item: &Prepared) -> Result<Vec<bool>, Option<ParkReason>> {
    if item.name != name {
        return Err(Some(ParkReason::NotApplicable));
    }
    let mut lacking = Vec::with_capacity(item.changes.len());
    for read in &item.changes {
        let ruling = read.as_ref().map_or_else(|reason| Ruling::Parked(*reason), |(change, _)| rule(ahead, change));
        let failed = match ruling {
            Ruling::Known | Ruling::Fits => None,
            Ruling::Waiting => Some(None),
            Ruling::Parked(reason) => Some(Some(reason)),
        };
        if let Some(failed) = failed {
            ahead.drop_item();
            return Err(failed);
        }
        let Ok((change, _)) = read else { continue };
        let fits = matches!(ruling, Ruling::Fits);
        if fits {
            ahead.add(change.actor_id().to_bytes(), change.seq(), change.hash().0, change.max_op());
        }
        lacking.push(fits);
    }
    ahead.keep_item();
    Ok(lacking)
}

/// An item that fits: its changes that are new, and what all of them do.
fn stage(
    name: DocName,
    ahead: &mut Ahead<'_>,
    item: &Prepared,
) -> Result<(Vec<automerge::Change>, Vec<Scanned>), Option<ParkReason>> {
    let lacking = ruled(name, ahead, item)?;
    let read = || item.changes.iter().flatten();
    let new = read().zip(lacking).filter(|(_, lacks)| *lacks).map(|((change, _), _)| change.clone());
    Ok((new.collect(), read().map(|(_, effects)| effects.clone()).collect()))
}
