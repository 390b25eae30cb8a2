//! What was looked at here, and what has not left this device.

use rusqlite::params;
use uuid::Uuid;

use crate::error::ReplicaError;
use crate::open::Replica;

impl Replica {
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

    /// Changes that are not in a feed yet.
    ///
    /// # Errors
    /// Storage codes.
    pub fn unsent_count(&self) -> Result<u64, ReplicaError> {
        let count: i64 =
            self.lock().conn.prepare_cached("SELECT count(*) FROM outbox")?.query_row([], |row| row.get(0))?;
        Ok(crate::sql::uint(count))
    }
}
