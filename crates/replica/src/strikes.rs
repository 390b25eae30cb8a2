//! What a manager struck through: whose decision it was, and how far it would reach.

use meguri_wire::control::Repudiate;
use meguri_wire::feed::Repudiation;
use meguri_wire::{DeviceId, SpaceId};
use rusqlite::params;
use uuid::Uuid;

use crate::error::ReplicaError;
use crate::members::signed_by;
use crate::open::{Inner, Replica};
use crate::rows::PersonRow;
use crate::sql::col16;

/// The decision to strike an entry through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StrikeRow {
    /// When the relay took it, ms UTC.
    pub at_ms: i64,
    /// Who signed it.
    pub by: Option<PersonRow>,
    /// Bytes of the reason that was noted beside it.
    pub reason: Option<Vec<u8>>,
}

/// How many entries go with one that is struck through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reach {
    /// Sealed together with it, itself included.
    pub entry: u32,
    /// Its device's from there on.
    pub since: u32,
    /// Its device's in this chart.
    pub all: u32,
}

/// The state key of the reason noted beside a decision to strike through.
#[must_use]
pub fn reason_key(struck: &Repudiate) -> String {
    let Repudiate { device, from, upto } = struck;
    format!("struck/{device}.{from}-{upto}/reason")
}

impl Replica {
    /// Who struck an entry through, when and why; `None` when nobody did.
    ///
    /// # Errors
    /// Storage codes.
    pub fn strike_of(&self, patient: Uuid, entry: Uuid) -> Result<Option<StrikeRow>, ReplicaError> {
        let Some((space, device, dseq)) = self.item_of(patient, entry)? else { return Ok(None) };
        let mut inner = self.lock();
        let inner = &mut *inner;
        let Some(state) = inner.feeds.space(&inner.conn, &space)? else { return Ok(None) };
        let covers = |each: &&Repudiation| each.device == device && (each.from..=each.upto).contains(&dseq);
        let Some(found) = state.repudiations.iter().find(covers).cloned() else { return Ok(None) };
        let signed = state.hash_at(found.cseq).copied();
        let (at_ms, by) = signed_by(inner, &space, signed.as_ref())?;
        let key = reason_key(&Repudiate { device, from: found.from, upto: found.upto });
        let reason = reason(inner, &space, &key, by.as_ref())?;
        Ok(Some(StrikeRow { at_ms, by, reason }))
    }

    /// How many entries that are not struck yet would be, beside an entry's item.
    ///
    /// # Errors
    /// Storage codes.
    pub fn strike_reach(&self, space: &SpaceId, device: &DeviceId, entry: Uuid) -> Result<Reach, ReplicaError> {
        let inner = self.lock();
        let sql = "SELECT count(*) FILTER (WHERE e.ssn = o.ssn), count(*) FILTER (WHERE e.ssn >= o.ssn), count(*)
            FROM entry o JOIN entry e INDEXED BY entry_place ON e.patient = o.patient
            WHERE o.id = ?1 AND e.space = ?2 AND e.author = ?3 AND e.ssn > 0 AND e.status <> 2 AND e.follow <> 2";
        let key = params![entry.as_bytes(), space.as_bytes(), device.as_bytes()];
        let read = |row: &rusqlite::Row<'_>| Ok(Reach { entry: row.get(0)?, since: row.get(1)?, all: row.get(2)? });
        Ok(inner.conn.prepare_cached(sql)?.query_row(key, read)?)
    }

    /// The last item of a device in a space.
    ///
    /// # Errors
    /// Storage codes.
    pub fn last_item(&self, space: &SpaceId, device: &DeviceId) -> Result<Option<u64>, ReplicaError> {
        let mut inner = self.lock();
        let inner = &mut *inner;
        let state = inner.feeds.space(&inner.conn, space)?;
        Ok(state.and_then(|state| state.tail(device)).map(|tail| tail.dseq))
    }
}

/// What the team that signed the decision noted beside it.
fn reason(inner: &Inner, space: &SpaceId, key: &str, by: Option<&PersonRow>) -> Result<Option<Vec<u8>>, ReplicaError> {
    let sql = "SELECT author, bytes FROM state WHERE space = ?1 AND key = ?2";
    let mut statement = inner.conn.prepare_cached(sql)?;
    let mut rows = statement.query(params![space.as_bytes(), key])?;
    while let Some(row) = rows.next()? {
        let author = DeviceId(col16(row, 0)?);
        if inner.feeds.person_of(&author).map(|(team, _)| team) == by.map(|by| by.team) {
            return Ok(Some(row.get(1)?));
        }
    }
    Ok(None)
}
