//! What an item is worth: struck through by a manager, let in from quarantine, or as written.

use meguri_wire::control::{Body, Repudiate, SpaceBody};
use meguri_wire::feed::SpaceState;
use meguri_wire::{DeviceId, FeedId, Frame, SpaceId};
use rusqlite::{OptionalExtension, params};
use uuid::Uuid;

use crate::error::ReplicaError;
use crate::ingest::{Pending, VALID, Work};
use crate::open::{Inner, Replica};
use crate::project::Standing;
use crate::sql::uint;

impl Work {
    /// What the space's records say of an item at its place.
    pub(crate) fn standing(&mut self, inner: &Inner, pending: &Pending) -> Result<Standing, ReplicaError> {
        let space = pending.frame.feed();
        let Some(state) = inner.feeds.spaces.get(&space) else { return Ok(Standing::Good) };
        let Some(dseq) = pending.frame.item().map(|item| item.dseq) else { return Ok(Standing::Good) };
        if state.is_repudiated(&pending.author, dseq) {
            return Ok(Standing::Struck);
        }
        let admits = state.admits.get(&pending.author).into_iter().flatten();
        for cseq in admits.filter(|admit| dseq <= admit.upto).map(|admit| admit.cseq) {
            // An Admit also covers what its device wrote before: only what follows it came late.
            if self.position(inner, state, &space, cseq)?.is_some_and(|ssn| ssn < pending.ssn) {
                return Ok(Standing::Late);
            }
        }
        Ok(Standing::Good)
    }

    /// Where a control stands in its feed.
    fn position(
        &mut self,
        inner: &Inner,
        state: &SpaceState,
        space: &SpaceId,
        cseq: u64,
    ) -> Result<Option<u64>, ReplicaError> {
        if let Some(ssn) = self.positions.get(&(*space, cseq)) {
            return Ok(Some(*ssn));
        }
        let Some(id) = state.hash_at(cseq) else { return Ok(None) };
        let sql = "SELECT ssn, raw FROM frame WHERE feed = ?1 AND control = 1 ORDER BY ssn DESC";
        let mut statement = inner.conn.prepare_cached(sql)?;
        let mut rows = statement.query([space.as_bytes()])?;
        while let Some(row) = rows.next()? {
            let raw = row.get_ref(1)?.as_blob().map_err(|_| ReplicaError::Corrupt)?;
            if meguri_wire::FrameId::of(raw) == *id {
                let ssn = uint(row.get(0)?);
                self.positions.insert((*space, cseq), ssn);
                return Ok(Some(ssn));
            }
        }
        Ok(None)
    }
}

/// A `Repudiate` goes back over what was taken in: its items are projected again, struck through.
pub(crate) fn strike(inner: &Inner, work: &mut Work, frame: &Frame) -> Result<(), ReplicaError> {
    let Some(Body::Space(SpaceBody::Repudiate(Repudiate { device, from, upto }))) = frame.control().map(|c| &c.body)
    else {
        return Ok(());
    };
    let feed: FeedId = frame.feed();
    let sql = "SELECT ssn, received_ms, raw FROM frame WHERE feed = ?1 AND author = ?2 AND outcome = 0 ORDER BY ssn";
    let mut statement = inner.conn.prepare_cached(sql)?;
    let mut rows = statement.query(params![feed.as_bytes(), device.as_bytes()])?;
    while let Some(row) = rows.next()? {
        let item = Frame::decode(row.get_ref(2)?.as_blob().map_err(|_| ReplicaError::Corrupt)?)?;
        if item.item().is_some_and(|item| (*from..=*upto).contains(&item.dseq)) {
            let (ssn, received_ms) = (uint(row.get(0)?), row.get(1)?);
            work.pending.push(Pending { ssn, received_ms, author: *device, frame: item, was: VALID });
        }
    }
    Ok(())
}

impl Replica {
    /// The item that carried an entry: its space, the device that wrote it, its number. None while it is in no feed.
    ///
    /// # Errors
    /// Storage codes.
    pub fn item_of(&self, patient: Uuid, entry: Uuid) -> Result<Option<(SpaceId, DeviceId, u64)>, ReplicaError> {
        let inner = self.lock();
        let sql = "SELECT f.raw FROM entry e JOIN frame f ON f.feed = e.space AND f.ssn = e.ssn
            WHERE e.id = ?1 AND e.patient = ?2 AND e.ssn > 0";
        let key = params![entry.as_bytes(), patient.as_bytes()];
        let raw: Option<Vec<u8>> = inner.conn.prepare_cached(sql)?.query_row(key, |row| row.get(0)).optional()?;
        let Some(frame) = raw.map(|raw| Frame::decode(&raw)).transpose()? else { return Ok(None) };
        let found = frame.author().zip(frame.item());
        Ok(found.map(|(author, item)| (frame.feed(), author, item.dseq)))
    }
}
