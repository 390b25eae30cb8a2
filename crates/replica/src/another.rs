//! This installation becomes another device: documents are built again from the feeds, and what no feed holds is written
//! again under the new device. One transaction: before it the old device is whole, after it the new one.

use std::collections::BTreeMap;

use meguri_chart::{Again, DocName, Writer};
use meguri_seal::DeviceSecrets;
use meguri_wire::{Frame, SpaceId};
use rusqlite::{Connection, params};

use crate::device::DeviceInfo;
use crate::error::ReplicaError;
use crate::feeds::SpaceRow;
use crate::open::{Inner, Replica};
use crate::sql::col16;

/// A change that no feed holds, as the outbox keeps it.
struct Unsent {
    space: SpaceId,
    name: DocName,
    written_ms: i64,
    zone_min: i64,
    blobs: Vec<u8>,
    entry: Vec<u8>,
    change: Vec<u8>,
}

impl Replica {
    /// Charts that were founded here and are in no feed: each needs a genesis of the new device.
    ///
    /// # Errors
    /// Storage codes.
    pub fn unfounded(&self) -> Result<Vec<SpaceRow>, ReplicaError> {
        let mut rows = self.spaces()?;
        let inner = self.lock();
        let pending = unanswered(&inner.conn)?;
        rows.retain(|row| pending.contains(&row.space));
        Ok(rows)
    }

    /// Makes this installation another device of the same person. What is unsent is written again by the new device at the
    /// same places of the history, with its ids and times; charts that are in no feed begin again with the genesis named
    /// in `founded` under their former id. Drafts, decisions, pictures and what was looked at stay. `meta` is kept with it.
    ///
    /// # Errors
    /// [`ReplicaError::OtherPerson`] when team or person is another: the unsent would change hands.
    /// [`ReplicaError::NotReady`] without a device, or when a chart that is in no feed has no new genesis.
    /// [`ReplicaError::Corrupt`] when an entry would be missing afterwards; storage codes. Everything is as before then.
    pub fn become_another(
        &self,
        info: &DeviceInfo,
        secrets: &DeviceSecrets,
        founded: &BTreeMap<SpaceId, Frame>,
        meta: &[(&str, Vec<u8>)],
    ) -> Result<(), ReplicaError> {
        self.lock().write(|inner| {
            inner.forget();
            let old = inner.own()?.ok_or(ReplicaError::NotReady)?;
            if (old.team, old.staff) != (info.team, info.staff) {
                return Err(ReplicaError::OtherPerson);
            }
            if unanswered(&inner.conn)?.iter().any(|space| !founded.contains_key(space)) {
                return Err(ReplicaError::NotReady);
            }
            let before = entries(&inner.conn)?;
            let unsent = unsent(inner)?;
            inner.conn.execute_batch("DELETE FROM outbox; DELETE FROM sealed")?;
            write_again(&inner.conn, &old, info, founded, unsent)?;
            for (space, genesis) in founded {
                found_again(&inner.conn, space, genesis)?;
            }
            crate::device::write_device(&inner.conn, info, secrets)?;
            meta.iter().try_for_each(|(name, value)| crate::sql::meta_put(&inner.conn, name, value))?;
            crate::rebuild::build(inner)?;
            if entries(&inner.conn)? == before { Ok(()) } else { Err(ReplicaError::Corrupt) }
        })
    }
}

fn unanswered(conn: &Connection) -> Result<Vec<SpaceId>, ReplicaError> {
    let mut statement = conn.prepare_cached("SELECT space FROM space WHERE genesis <> x'' ORDER BY space")?;
    let rows = statement.query_map([], |row| col16(row, 0).map(meguri_wire::FeedId))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Every entry that is shown or followed, with whether it is marked as touched by others.
fn entries(conn: &Connection) -> Result<Vec<(Vec<u8>, i64)>, ReplicaError> {
    let mut statement = conn.prepare_cached("SELECT id, status FROM entry ORDER BY id")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// What no feed holds, in the order it was written. Own items of a former store are as anybody's: they are offered again.
fn unsent(inner: &Inner) -> Result<Vec<Unsent>, ReplicaError> {
    let mut out = Vec::new();
    let sql = "SELECT space, name, written_ms, zone_min, blobs, entry, change FROM outbox ORDER BY ord";
    let mut statement = inner.conn.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let name: String = row.get(1)?;
        out.push(Unsent {
            space: meguri_wire::FeedId(col16(row, 0)?),
            name: name.parse()?,
            written_ms: row.get(2)?,
            zone_min: row.get(3)?,
            blobs: row.get(4)?,
            entry: row.get(5)?,
            change: row.get(6)?,
        });
    }
    Ok(out)
}

fn write_again(
    conn: &Connection,
    old: &DeviceInfo,
    new: &DeviceInfo,
    founded: &BTreeMap<SpaceId, Frame>,
    unsent: Vec<Unsent>,
) -> Result<(), ReplicaError> {
    let mut documents: BTreeMap<(SpaceId, DocName), Again> = BTreeMap::new();
    let sql = "INSERT INTO outbox (space, name, written_ms, zone_min, blobs, entry, change)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let mut insert = conn.prepare_cached(sql)?;
    for row in unsent {
        let space = founded.get(&row.space).map_or(row.space, Frame::feed);
        let again = match documents.entry((row.space, row.name)) {
            std::collections::btree_map::Entry::Occupied(held) => held.into_mut(),
            std::collections::btree_map::Entry::Vacant(place) => {
                let from = Writer { space: row.space.0, device: old.device.0 };
                place.insert(Again::new(row.name, from, Writer { space: space.0, device: new.device.0 })?)
            }
        };
        // An item of a former store may wait in the outbox too.
        let Some(change) = again.change(&row.change)? else { continue };
        insert.execute(params![
            space.as_bytes(),
            row.name.to_string(),
            row.written_ms,
            row.zone_min,
            row.blobs,
            row.entry,
            change
        ])?;
    }
    Ok(())
}

/// A chart that is in no feed goes on under the id of its new genesis.
fn found_again(conn: &Connection, space: &SpaceId, genesis: &Frame) -> Result<(), ReplicaError> {
    let new = genesis.feed();
    let sql = "UPDATE space SET space = ?2, genesis = ?3 WHERE space = ?1 AND genesis <> x''";
    conn.prepare_cached(sql)?.execute(params![space.as_bytes(), new.as_bytes(), genesis.raw])?;
    for sql in ["UPDATE intent SET feed = ?2 WHERE feed = ?1", "UPDATE epoch_key SET space = ?2 WHERE space = ?1"] {
        conn.prepare_cached(sql)?.execute(params![space.as_bytes(), new.as_bytes()])?;
    }
    Ok(())
}
