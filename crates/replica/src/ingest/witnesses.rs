//! What colleagues' devices say they saw (`seen` of their items), held against what this one was shown. A relay that tells
//! two groups two histories is found out by the first item that passes from one to the other.

use std::collections::BTreeMap;

use meguri_wire::{DeviceId, FeedId, Seen, StoreId};
use rusqlite::{OptionalExtension, params};

use crate::error::ReplicaError;
use crate::feeds::store_id;
use crate::open::Inner;
use crate::sql::int;

/// What one ingest need not look up twice.
#[derive(Default)]
pub(crate) struct Witnesses {
    store: Option<Option<StoreId>>,
    /// What agreed last, by feed: whoever wrote offline cites one place many times.
    agreed: BTreeMap<FeedId, Seen>,
}

impl Witnesses {
    /// Notes a contradiction: another hash at a place, or a place at or after the item itself. An item of another store's
    /// time and one that saw nothing say nothing.
    pub(crate) fn hold(
        &mut self,
        inner: &Inner,
        feed: &FeedId,
        author: &DeviceId,
        seen: &Seen,
        ssn: u64,
    ) -> Result<(), ReplicaError> {
        if seen.ssn == 0 || self.agreed.get(feed) == Some(seen) {
            return Ok(());
        }
        let store = match self.store {
            Some(store) => store,
            None => *self.store.insert(store_id(&inner.conn)?),
        };
        if store.is_none_or(|store| store.short() != seen.store.as_slice()) {
            return Ok(());
        }
        let sql = "SELECT h8 FROM frame WHERE feed = ?1 AND ssn = ?2";
        let here: Option<Vec<u8>> = inner
            .conn
            .prepare_cached(sql)?
            .query_row(params![feed.as_bytes(), int(seen.ssn)], |r| r.get(0))
            .optional()?;
        let agrees = match here.filter(|_| seen.ssn < ssn) {
            // Frames of an older schema have none.
            Some(h8) => h8.is_empty() || seen.h.starts_with(&h8),
            None => false,
        };
        if agrees {
            self.agreed.insert(*feed, seen.clone());
            return Ok(());
        }
        let sql = "INSERT INTO witness (feed, author, ssn, h) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
        let row = params![feed.as_bytes(), author.as_bytes(), int(seen.ssn), seen.h];
        inner.conn.prepare_cached(sql)?.execute(row)?;
        Ok(())
    }
}
