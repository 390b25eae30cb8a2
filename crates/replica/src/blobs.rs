//! Which pictures that entries name are on this device. The bytes lie outside, in the blob folder.

use meguri_wire::BlobId;

use crate::error::ReplicaError;
use crate::open::Replica;
use crate::sql::id32;

impl Replica {
    /// Pictures that entries name and that have not arrived, those of the newest entries first.
    ///
    /// # Errors
    /// Storage codes.
    pub fn blobs_missing(&self, limit: u32) -> Result<Vec<BlobId>, ReplicaError> {
        let inner = self.lock();
        let sql = "SELECT blob FROM blob WHERE present = 0 GROUP BY blob ORDER BY max(entry) DESC LIMIT ?1";
        let mut statement = inner.conn.prepare_cached(sql)?;
        let rows = statement.query_map([limit], |row| Ok(BlobId(id32(row.get_ref(0)?.as_blob()?)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Entries that name a picture which has not arrived.
    ///
    /// # Errors
    /// Storage codes.
    pub fn pictures_missing(&self) -> Result<u32, ReplicaError> {
        let sql = "SELECT count(DISTINCT entry) FROM blob WHERE present = 0";
        Ok(self.lock().conn.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
    }

    /// A picture is on this device now.
    ///
    /// # Errors
    /// Storage codes.
    pub fn blob_arrived(&self, blob: &BlobId) -> Result<(), ReplicaError> {
        let sql = "UPDATE blob SET present = 1 WHERE blob = ?1 AND present = 0";
        self.lock().conn.prepare_cached(sql)?.execute([blob.as_bytes()])?;
        Ok(())
    }
}
