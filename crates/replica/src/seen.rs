//! What was looked at here, and what still waits: to leave this device, to arrive, to be decided.

use rusqlite::params;
use uuid::Uuid;

use crate::error::ReplicaError;
use crate::open::Replica;

/// What waits on this device, over all patients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// Fields of which two people wrote different values at once.
    pub conflicts: u32,
    /// Entries that have not left this device.
    pub unsent: u32,
    /// Drafts.
    pub drafts: u32,
    /// Entries that name a picture which has not arrived.
    pub pictures: u32,
}

const WAITING: &str = concat!(
    "SELECT (SELECT count(*) FROM (SELECT 1 FROM state s WHERE ",
    crate::state::disputed!(),
    ")), (SELECT count(*) FROM outbox WHERE entry <> x''), (SELECT count(*) FROM draft)"
);

impl Replica {
    /// Counts what waits.
    ///
    /// # Errors
    /// Storage codes.
    pub fn waiting(&self) -> Result<Waiting, ReplicaError> {
        let pictures = self.pictures_missing()?;
        let read = |row: &rusqlite::Row<'_>| {
            Ok(Waiting { conflicts: row.get(0)?, unsent: row.get(1)?, drafts: row.get(2)?, pictures })
        };
        Ok(self.lock().conn.prepare_cached(WAITING)?.query_row([], read)?)
    }

    /// Everything of a chart up to this time was on the screen: by clinical time, or by when the relay took it.
    ///
    /// # Errors
    /// Storage codes.
    pub fn mark_seen(&self, patient: Uuid, up_to_ms: i64) -> Result<(), ReplicaError> {
        let inner = self.lock();
        let sql = "UPDATE entry SET seen = 1 WHERE patient = ?1 AND seen = 0 AND (at_ms <= ?2 OR received_ms <= ?2)";
        inner.conn.prepare_cached(sql)?.execute(params![patient.as_bytes(), up_to_ms])?;
        Ok(())
    }

    /// Changes that are not in a feed yet and that no relay holds back either.
    ///
    /// # Errors
    /// Storage codes.
    pub fn unsent_count(&self) -> Result<u64, ReplicaError> {
        let sql =
            "SELECT count(*) - (SELECT count(*) FROM sealed s JOIN outbox o ON o.space = s.space AND o.dseq = s.dseq
            WHERE s.quarantined = 1) FROM outbox";
        let count: i64 = self.lock().conn.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
        Ok(crate::sql::uint(count))
    }
}
