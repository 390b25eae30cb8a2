//! Spaces kept over the loss of the relay's store whose controls cite teams that are still on their way back: their state
//! is come to again once those are here. Until then nothing of such a feed is judged, and its keys stay where they are.

use std::collections::BTreeSet;

use meguri_wire::FeedId;
use rusqlite::Connection;

use crate::error::ReplicaError;
use crate::former::put_keys_away;
use crate::ingest::{Work, judge_again};
use crate::open::Inner;
use crate::sql::{meta_get, meta_put};

const META_UNJUDGED: &str = "replica/unjudged";

/// Which they are.
pub(crate) fn all(conn: &Connection) -> Result<BTreeSet<FeedId>, ReplicaError> {
    let kept = meta_get(conn, META_UNJUDGED)?.unwrap_or_default();
    Ok(kept.as_chunks::<16>().0.iter().map(|id| FeedId(*id)).collect())
}

fn put(conn: &Connection, feeds: &BTreeSet<FeedId>) -> Result<(), ReplicaError> {
    let bytes: Vec<u8> = feeds.iter().flat_map(|feed| feed.0).collect();
    meta_put(conn, META_UNJUDGED, &bytes)
}

/// Comes to the states of these feeds, what names authors first; what cannot be judged yet is kept for later.
pub(crate) fn judge(inner: &mut Inner, feeds: impl Iterator<Item = FeedId>) -> Result<(), ReplicaError> {
    let before = all(&inner.conn)?;
    let mut unjudged = before.clone();
    for feed in feeds {
        inner.feeds.put_away(&feed);
        let sql = "UPDATE feed SET feed_kind = 9, state = x'' WHERE feed = ?1";
        inner.conn.prepare_cached(sql)?.execute([feed.as_bytes()])?;
        if judge_again(inner, &feed)? {
            put_keys_away(inner, &feed)?;
            unjudged.remove(&feed);
        } else {
            unjudged.insert(feed);
        }
    }
    if unjudged == before { Ok(()) } else { put(&inner.conn, &unjudged) }
}

/// After something came.
pub(crate) fn again(inner: &mut Inner, work: &mut Work) -> Result<(), ReplicaError> {
    let before = all(&inner.conn)?;
    if before.is_empty() {
        return Ok(());
    }
    judge(inner, before.iter().copied())?;
    let left = all(&inner.conn)?;
    for feed in before.difference(&left) {
        work.held_up.remove(feed);
        work.retry = true;
    }
    Ok(())
}
