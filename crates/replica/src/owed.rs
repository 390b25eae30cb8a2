//! What spaces owe before anything more is sent to them: a genesis, an epoch, members.

use meguri_wire::control::Role;
use meguri_wire::{DeviceId, FeedId, SpaceId, TeamId};
use rusqlite::OptionalExtension;

use crate::device::read_epoch_key;
use crate::error::ReplicaError;
use crate::open::{Inner, Replica};
use crate::sql::col16;

impl Replica {
    /// Spaces that owe a control which this device may sign, and whether it signs one without having anything to send, as
    /// managers do; a key that does not open somewhere is renewed so by whoever holds it. Ascending. Only those of `among`,
    /// or all.
    ///
    /// # Errors
    /// [`ReplicaError::NotReady`] without a device; storage codes.
    pub fn owed(&self, among: Option<&[SpaceId]>) -> Result<Vec<(SpaceId, bool)>, ReplicaError> {
        let mut inner = self.lock();
        let inner = &mut *inner;
        let own = inner.own()?.ok_or(ReplicaError::NotReady)?.device;
        let spaces: Vec<SpaceId> = match among {
            Some(among) => among.to_vec(),
            None => {
                let mut statement = inner.conn.prepare_cached("SELECT space FROM space ORDER BY space")?;
                let rows = statement.query_map([], |row| col16(row, 0).map(FeedId))?;
                rows.collect::<Result<_, _>>()?
            }
        };
        let mut out = Vec::new();
        for space in spaces {
            if let Some(first) = owes(inner, &space, &own)? {
                out.push((space, first));
            }
        }
        Ok(out)
    }
}

fn owes(inner: &mut Inner, space: &SpaceId, own: &DeviceId) -> Result<Option<bool>, ReplicaError> {
    let sql = "SELECT genesis <> x'', wanted FROM space WHERE space = ?1";
    let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, bool>(0)?, row.get::<_, Vec<u8>>(1)?));
    let found = inner.conn.prepare_cached(sql)?.query_row([space.as_bytes()], read).optional()?;
    let Some((pending, wanted)) = found else { return Ok(None) };
    if pending {
        return Ok(Some(true));
    }
    inner.feeds.space(&inner.conn, space)?;
    let world = &inner.feeds.world;
    let Some(state) = inner.feeds.spaces.get(space) else { return Ok(None) };
    let manager = match state.authority(world, own) {
        Ok(Role::Manager) => true,
        Ok(Role::Writer) => false,
        Ok(Role::Reader) | Err(_) => return Ok(None),
    };
    let listed = |team: &TeamId| world.directory.as_ref().is_some_and(|d| d.facilities.contains_key(team));
    let (wanted, _) = wanted.as_chunks::<16>();
    let mut wanted = wanted.iter().map(|id| TeamId::from(*id));
    let lacking = manager && wanted.any(|team| !state.members.contains_key(&team) && listed(&team));
    if !state.owed(world) {
        return Ok(lacking.then_some(true));
    }
    // An epoch that does not carry the key on heals nothing, and nobody would know that it is still wanted.
    let newest = state.newest_epoch();
    let faulted = newest > 0 && state.faults.iter().any(|(epoch, _)| *epoch == newest);
    let first = if faulted { read_epoch_key(&inner.conn, space, newest)?.is_some() } else { manager };
    Ok(Some(first))
}
