//! What came and cannot be read yet.

use meguri_wire::FeedId;

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
    /// The first wait, if anything waits; not in a chart that the own team was taken off, where nothing more comes.
    ///
    /// # Errors
    /// Storage codes.
    pub fn first_wait(&self) -> Result<Option<Wait>, ReplicaError> {
        let mut inner = self.lock();
        let inner = &mut *inner;
        let found: Vec<(FeedId, i64)> = {
            let sql =
                "SELECT feed, min(outcome) FROM frame WHERE outcome > 0 AND outcome < ?1 GROUP BY feed ORDER BY feed";
            let mut statement = inner.conn.prepare_cached(sql)?;
            let rows = statement.query_map([PARKED], |row| Ok((FeedId(col16(row, 0)?), row.get(1)?)))?;
            rows.collect::<Result<_, _>>()?
        };
        let own = inner.own()?.map(|own| own.team);
        for (feed, outcome) in found {
            let state = inner.feeds.space(&inner.conn, &feed)?;
            if state.zip(own).is_some_and(|(state, own)| !state.members.contains_key(&own)) {
                continue;
            }
            return Ok(Some(match outcome {
                WAITING_KEY => Wait::Key(feed),
                WAITING_CHANGE => Wait::Item(feed),
                _ => Wait::Feed(feed),
            }));
        }
        Ok(None)
    }
}
