//! What came and cannot be read yet.

use meguri_wire::FeedId;
use rusqlite::OptionalExtension;

use crate::error::ReplicaError;
use crate::ingest::{PARKED, WAITING_CHANGE, WAITING_KEY};
use crate::open::Replica;
use crate::sql::col16;

/// What the first frame that waits is waiting for, and in which feed it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// A feed that it cites or whose team its author belongs to.
    Feed(FeedId),
    /// The key of its epoch.
    Key(FeedId),
    /// An item that its changes follow.
    Item(FeedId),
}

impl Replica {
    /// The first wait, if anything waits.
    ///
    /// # Errors
    /// Storage codes.
    pub fn first_wait(&self) -> Result<Option<Wait>, ReplicaError> {
        let inner = self.lock();
        let sql = "SELECT feed, outcome FROM frame WHERE outcome > 0 AND outcome < ?1 ORDER BY feed, ssn LIMIT 1";
        let read = |row: &rusqlite::Row<'_>| Ok((FeedId(col16(row, 0)?), row.get::<_, i64>(1)?));
        let found = inner.conn.prepare_cached(sql)?.query_row([PARKED], read).optional()?;
        Ok(found.map(|(feed, outcome)| match outcome {
            WAITING_KEY => Wait::Key(feed),
            WAITING_CHANGE => Wait::Item(feed),
            _ => Wait::Feed(feed),
        }))
    }
}
