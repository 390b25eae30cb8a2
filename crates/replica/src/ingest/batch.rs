//! Applying opened items, a batch per document. Rules, Automerge and the
//! reading of bodies run on threads of their own, ahead of the one that writes rows.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError, mpsc};

use meguri_chart::{ApplyOutcome, DocName, Incoming, Verdict};
use meguri_wire::{DeviceId, SpaceId};

use crate::documents::Loaded;
use crate::error::ReplicaError;
use crate::feeds::patient_of;
use crate::ingest::items::{Opened, outcome};
use crate::ingest::{PARKED, VALID, WAITING_CHANGE, Work};
use crate::open::Inner;
use crate::project::{Origin, Ready, prepare, project};

/// Batches on their way between the threads; bounds what is in memory.
const AHEAD: usize = 6;
/// Threads that apply. Writing rows takes less than half as long, so on two cores a second one uses what is left.
const APPLIERS: usize = 2;

pub(crate) type Batches = BTreeMap<(SpaceId, DocName), Vec<Opened>>;

/// The opened items of one document, with it.
struct Batch {
    space: SpaceId,
    loaded: Loaded,
    opened: Vec<Opened>,
}

/// A batch whose document has taken it in.
struct Applied {
    batch: Batch,
    result: ApplyOutcome,
    /// The document whole, where that is what goes into the file.
    snapshot: Option<Vec<u8>>,
    /// What to project, by item and change; nothing for an item that was not applied.
    ready: Vec<Vec<Ready>>,
}

/// A batch and where its result goes.
type Job = (Batch, mpsc::SyncSender<Result<Applied, ReplicaError>>);

/// Applies batches until there will be no more.
fn apply_all(jobs: &Mutex<mpsc::Receiver<Job>>) {
    let next = || jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
    while let Ok((batch, done)) = next() {
        // Nobody waits for it after a failure.
        let _ = done.send(batch.apply());
    }
}

impl Batch {
    fn apply(mut self) -> Result<Applied, ReplicaError> {
        let incoming = |o: &'_ Opened| o.pending.author.0;
        let items: Vec<Incoming<'_>> =
            self.opened.iter().map(|o| Incoming { author: incoming(o), changes: &o.changes }).collect();
        let mut result = self.loaded.doc.apply(&items);
        let verdicts = result.verdicts.iter_mut();
        let ready = verdicts.map(|verdict| match verdict {
            Verdict::Applied(scanned) => std::mem::take(scanned).into_iter().map(prepare).collect(),
            Verdict::Waiting | Verdict::Parked(_) => Vec::new(),
        });
        let ready = ready.collect();
        let snapshot = self.loaded.folded(&result.new_changes)?;
        Ok(Applied { batch: self, result, snapshot, ready })
    }
}

/// Applies and projects every batch, in their order; how many items went in.
pub(crate) fn run(
    inner: &mut Inner,
    work: &mut Work,
    own: Option<DeviceId>,
    batches: Batches,
) -> Result<usize, ReplicaError> {
    if batches.len() < 2 {
        let mut applied = 0;
        for ((space, name), opened) in batches {
            let loaded = inner.documents.take(&inner.conn, space, name)?;
            applied += finish(inner, work, own, Batch { space, loaded, opened }.apply()?)?;
        }
        return Ok(applied);
    }
    let (todo, jobs) = mpsc::sync_channel::<Job>(AHEAD);
    let jobs = Mutex::new(jobs);
    std::thread::scope(|scope| {
        for _ in 0..APPLIERS {
            scope.spawn(|| apply_all(&jobs));
        }
        // Moved in here, so that an early return ends the threads.
        let todo = todo;
        // In their order, whichever is ready first.
        let mut under_way = VecDeque::new();
        let mut applied = 0;
        let mut batches = batches.into_iter();
        loop {
            while under_way.len() < AHEAD
                && let Some(((space, name), opened)) = batches.next()
            {
                let loaded = inner.documents.take(&inner.conn, space, name)?;
                let (done, result) = mpsc::sync_channel(1);
                todo.send((Batch { space, loaded, opened }, done)).map_err(|_| ReplicaError::Storage(0))?;
                under_way.push_back(result);
            }
            let Some(next) = under_way.pop_front() else { return Ok(applied) };
            let next = next.recv().map_err(|_| ReplicaError::Storage(0))?;
            applied += finish(inner, work, own, next?)?;
        }
    })
}

/// Stores what went in and projects it.
fn finish(inner: &mut Inner, work: &mut Work, own: Option<DeviceId>, done: Applied) -> Result<usize, ReplicaError> {
    let Applied { batch: Batch { space, mut loaded, opened }, result, snapshot, ready } = done;
    match snapshot {
        Some(snapshot) => loaded.fold(&inner.conn, &snapshot)?,
        None => loaded.store(&inner.conn, &result.new_changes)?,
    }
    let mut applied = 0;
    let mut patient = patient_of(&inner.conn, &space)?.unwrap_or(uuid::Uuid::from_bytes(space.0));
    for ((item, verdict), ready) in opened.iter().zip(&result.verdicts).zip(&ready) {
        match verdict {
            Verdict::Applied(_) => {}
            Verdict::Waiting => {
                outcome(&inner.conn, &item.pending, WAITING_CHANGE, "change")?;
                continue;
            }
            Verdict::Parked(reason) => {
                outcome(&inner.conn, &item.pending, PARKED, &reason.to_string())?;
                continue;
            }
        }
        outcome(&inner.conn, &item.pending, VALID, "")?;
        applied += 1;
        let author = item.pending.author;
        let (team, staff) = inner.feeds.person_of(&author).unwrap_or_default();
        let standing = work.standing(inner, &item.pending)?;
        for ((written_ms, zone_min), ready) in item.written.iter().zip(ready) {
            let origin = Origin {
                space,
                patient,
                author,
                team,
                staff,
                own: own == Some(author),
                written_ms: *written_ms,
                zone_min: *zone_min,
                received_ms: item.pending.received_ms,
                ssn: item.pending.ssn,
                standing,
            };
            work.new_entries += project(&inner.conn, &loaded.doc, &origin, ready, &mut work.last)?;
        }
        if loaded.doc.name() == DocName::Core {
            patient = crate::project::adopt(&inner.conn, &space, patient, &mut work.last)?;
        }
    }
    inner.documents.put(loaded);
    Ok(applied)
}
