//! Another life of the relay's storage (`docs/protocol.md` §3): what both have stays where it is, the rest is set aside
//! and offered again until it comes back. Documents and entries stay as they are all the while.

mod aside;
mod items;
mod keys;
mod lost;

pub(crate) use items::{FormerItem, items};
pub(crate) use keys::{former_key, newest_key, put_key_away, put_keys_away};

use aside::{blobs_of_sealed, feeds, late_work, set_aside, shared};
use lost::{lose, seal_anew};

use std::collections::{BTreeMap, BTreeSet};

use meguri_wire::{Attachment, BlobId, DeviceId, FeedId, Frame, FrameId, Hash, StoreId};
use rusqlite::{Connection, OptionalExtension, params};

use crate::error::ReplicaError;
use crate::feeds::{cursor, set_cursor};
use crate::ingest::unjudged;
use crate::lost_controls::decide_again;
use crate::open::Replica;
use crate::sql::{col16, id32, uint};

/// Feeds are offered by their kind, late work after them.
const RANK_TEAM: i64 = 1;
const RANK_LATE: i64 = 3;

/// A frame of the former store, with what is held of its attachments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormerFrame {
    /// Names it here.
    pub ord: i64,
    /// The frame.
    pub frame: Frame,
    /// Envelopes and keys beside it.
    pub attachments: Vec<Attachment>,
}

/// What the new store says of an offered frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offered {
    /// It has it now.
    Taken,
    /// It can never be there: another control took its place, or another item its number.
    Superseded,
    /// Something else must come first, or another time is better.
    Later,
}

// Each is answered from an index, however much waits: see the test below.
const NEXT_FEED: &str =
    "SELECT rank, feed FROM former WHERE NOT lost AND (rank, feed) > (?1, ?2) ORDER BY rank, feed LIMIT 1";
const TO_OFFER: &str = "SELECT ord, frame, raw FROM former WHERE NOT lost AND rank = ?1 AND feed = ?2 ORDER BY ord";
const NEXT_EPOCH: &str = "SELECT feed, kcv, raw FROM former
    WHERE NOT lost AND kcv <> x'' AND (feed, kcv) > (?1, ?2) ORDER BY feed, kcv LIMIT 1";
const OF_EPOCH: &str =
    "SELECT ord, raw FROM former WHERE NOT lost AND kcv <> x'' AND feed = ?1 AND kcv = ?2 ORDER BY ord";
const OF_FEED: &str = "SELECT raw FROM former WHERE feed = ?1 AND NOT lost ORDER BY ord";

impl Replica {
    /// Goes on with another life of the relay's storage, whose signed heads are these.
    ///
    /// # Errors
    /// Storage codes; everything is as before then.
    pub fn begin_store(&self, store: &StoreId, heads: &BTreeMap<FeedId, (u64, Hash)>) -> Result<(), ReplicaError> {
        self.lock().write(|inner| {
            inner.feeds.load(&inner.conn)?;
            let mut moved: BTreeMap<i64, BTreeSet<FeedId>> = BTreeMap::new();
            for (feed, rank) in feeds(&inner.conn)? {
                let (ssn, h) = cursor(&inner.conn, &feed)?;
                let (kept, kept_h) = shared(&inner.conn, &feed, (ssn, h), heads.get(&feed))?;
                if kept < ssn {
                    let epochs = inner.feeds.space(&inner.conn, &feed)?.map(|state| state.epochs.clone());
                    set_aside(&inner.conn, rank, &feed, kept, &epochs.unwrap_or_default())?;
                    set_cursor(&inner.conn, &feed, kept, &kept_h)?;
                    moved.entry(rank).or_default().insert(feed);
                }
            }
            for feed in moved.values().flatten() {
                inner.feeds.put_away(feed);
            }
            // What names authors comes before what they wrote.
            unjudged::judge(inner, moved.values().flatten().copied())?;
            blobs_of_sealed(&inner.conn)?;
            late_work(&inner.conn)?;
            inner.conn.execute_batch(
                "UPDATE former SET lost = 0 WHERE lost = 2;
                 UPDATE intent SET refused = '' WHERE refused LIKE 'sent:%';
                 DELETE FROM ack; DELETE FROM witness; UPDATE sealed SET answered = 0",
            )?;
            crate::feeds::put_store(&inner.conn, store)
        })
    }

    /// How many frames of the former store have not come back.
    ///
    /// # Errors
    /// Storage codes.
    pub fn to_offer(&self) -> Result<u64, ReplicaError> {
        let sql = "SELECT (SELECT count(*) FROM former WHERE NOT lost) + (SELECT count(*) FROM former_blob)";
        Ok(self.lock().conn.prepare_cached(sql)?.query_row([], |row| Ok(uint(row.get(0)?)))?)
    }

    /// The next frames to offer, up to about `bytes_max`, but of these feeds: the directory's and teams' first, each feed in
    /// its order.
    ///
    /// # Errors
    /// Storage codes.
    pub fn next_to_offer(&self, skip: &BTreeSet<FeedId>, bytes_max: usize) -> Result<Vec<FormerFrame>, ReplicaError> {
        self.lock().write(seal_anew)?;
        let inner = self.lock();
        let (mut out, mut bytes) = (Vec::new(), 0);
        let mut after = (i64::MIN, FeedId::default());
        // Each feed by itself, so that those passed over cost nothing.
        'feeds: while let Some(next) = next_feed(&inner.conn, after)? {
            after = next;
            let (rank, feed) = next;
            if skip.contains(&feed) {
                continue;
            }
            let mut statement = inner.conn.prepare_cached(TO_OFFER)?;
            let mut rows = statement.query(params![rank, feed.as_bytes()])?;
            while let Some(row) = rows.next()? {
                let id = FrameId(id32(row.get_ref(1)?.as_blob().map_err(|_| ReplicaError::Corrupt)?)?);
                let raw = row.get_ref(2)?.as_blob().map_err(|_| ReplicaError::Corrupt)?;
                let attachments = attachments(&inner.conn, &id)?;
                bytes += raw.len() + attachments.iter().map(|beside| beside.bytes.len()).sum::<usize>();
                if !out.is_empty() && bytes > bytes_max {
                    break 'feeds;
                }
                out.push(FormerFrame { ord: row.get(0)?, frame: Frame::decode(raw)?, attachments });
            }
        }
        Ok(out)
    }

    /// Blobs that the new store may lack.
    ///
    /// # Errors
    /// Storage codes.
    pub fn blobs_to_offer(&self) -> Result<Vec<BlobId>, ReplicaError> {
        let inner = self.lock();
        let mut statement = inner.conn.prepare_cached("SELECT blob FROM former_blob")?;
        let rows = statement.query_map([], |row| Ok(BlobId(id32(row.get_ref(0)?.as_blob()?)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The new store has a blob, or this device has not.
    ///
    /// # Errors
    /// Storage codes.
    pub fn blob_offered(&self, blob: &BlobId) -> Result<(), ReplicaError> {
        let sql = "DELETE FROM former_blob WHERE blob = ?1";
        self.lock().conn.prepare_cached(sql)?.execute([blob.as_bytes()])?;
        Ok(())
    }

    /// Takes the new store's answers. An own item that lost its number is sealed again behind those that are there; a removal is decided again.
    ///
    /// # Errors
    /// Storage codes.
    pub fn offered(&self, answers: &[(FormerFrame, Offered)], now_ms: i64) -> Result<(), ReplicaError> {
        self.lock().write(|inner| {
            for (former, answer) in answers {
                match answer {
                    Offered::Later => {}
                    Offered::Taken => set_standing(&inner.conn, former.ord, TAKEN)?,
                    Offered::Superseded => {
                        decide_again(inner, &former.frame, now_ms)?;
                        lose(inner, former.ord, &former.frame)?;
                    }
                }
            }
            Ok(())
        })
    }
}

fn attachments(conn: &Connection, id: &FrameId) -> Result<Vec<Attachment>, ReplicaError> {
    let sql = "SELECT recipient, bytes FROM former_attachment WHERE frame = ?1 ORDER BY ord";
    let mut statement = conn.prepare_cached(sql)?;
    let rows =
        statement.query_map([id.as_bytes()], |row| Ok(Attachment { recipient: col16(row, 0)?, bytes: row.get(1)? }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The frames of a feed that were set aside and may come back, in their order.
pub(crate) fn of_feed(
    conn: &Connection,
    feed: &FeedId,
    out: &mut Vec<(Frame, Vec<Attachment>)>,
) -> Result<(), ReplicaError> {
    let mut statement = conn.prepare_cached(OF_FEED)?;
    let mut rows = statement.query([feed.as_bytes()])?;
    while let Some(row) = rows.next()? {
        let frame = Frame::decode(row.get_ref(0)?.as_blob().map_err(|_| ReplicaError::Corrupt)?)?;
        let beside = attachments(conn, &frame.id)?;
        out.push((frame, beside));
    }
    Ok(())
}

/// Every control of a team that is set aside, in their order, those included that can never come back.
pub(crate) fn of_team(conn: &Connection, out: &mut Vec<(Frame, Vec<Attachment>)>) -> Result<(), ReplicaError> {
    let mut statement = conn.prepare_cached("SELECT raw FROM former WHERE rank = ?1 ORDER BY ord")?;
    let mut rows = statement.query([RANK_TEAM])?;
    while let Some(row) = rows.next()? {
        let frame = Frame::decode(row.get_ref(0)?.as_blob().map_err(|_| ReplicaError::Corrupt)?)?;
        let beside = attachments(conn, &frame.id)?;
        out.push((frame, beside));
    }
    Ok(())
}

/// Values of `former.lost`: it can never be there; or the new store has taken it, in a feed or in quarantine, and it is
/// kept until it comes back by a pull, for that store may be lost too.
pub(crate) const LOST: i64 = 1;
const TAKEN: i64 = 2;

fn set_standing(conn: &Connection, ord: i64, standing: i64) -> Result<(), ReplicaError> {
    conn.prepare_cached("UPDATE former SET lost = ?2 WHERE ord = ?1")?.execute([ord, standing])?;
    Ok(())
}

fn forget(conn: &Connection, ord: i64) -> Result<(), ReplicaError> {
    let sql = "DELETE FROM former WHERE ord = ?1";
    conn.prepare_cached(sql)?.execute([ord])?;
    Ok(())
}

/// A frame of the former store has come back: it need not be offered any more. Gives what was kept beside it.
pub(crate) fn came_back(conn: &Connection, id: &FrameId) -> Result<Vec<Attachment>, ReplicaError> {
    conn.prepare_cached("DELETE FROM former WHERE frame = ?1")?.execute([id.as_bytes()])?;
    let kept = attachments(conn, id)?;
    if !kept.is_empty() {
        conn.prepare_cached("DELETE FROM former_attachment WHERE frame = ?1")?.execute([id.as_bytes()])?;
    }
    Ok(kept)
}

/// Own items of a space that the former store held, in their order.
pub(crate) fn own_items(conn: &Connection, space: &FeedId, own: &DeviceId) -> Result<Vec<Frame>, ReplicaError> {
    let mut statement = conn.prepare_cached("SELECT raw FROM former WHERE feed = ?1 AND NOT lost ORDER BY ord")?;
    let mut rows = statement.query([space.as_bytes()])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        let frame = Frame::decode(row.get_ref(0)?.as_blob().map_err(|_| ReplicaError::Corrupt)?)?;
        if frame.item().is_some() && frame.author() == Some(*own) {
            out.push(frame);
        }
    }
    Ok(out)
}

/// Where this device's chain in a space ended in the former store; what the new one has taken from it counts.
pub(crate) fn own_tail(
    conn: &Connection,
    space: &FeedId,
    own: &DeviceId,
) -> Result<Option<(u64, FrameId)>, ReplicaError> {
    let mut statement = conn.prepare_cached("SELECT raw FROM former WHERE feed = ?1 AND lost <> ?2")?;
    let mut rows = statement.query(params![space.as_bytes(), LOST])?;
    let mut tail = None;
    while let Some(row) = rows.next()? {
        let frame = Frame::decode(row.get_ref(0)?.as_blob().map_err(|_| ReplicaError::Corrupt)?)?;
        let item = frame.item().filter(|_| frame.author() == Some(*own));
        tail = tail.max(item.map(|item| (item.dseq, frame.id)));
    }
    Ok(tail)
}

/// Whether anything of a former store is held.
pub(crate) fn any(conn: &Connection) -> Result<bool, ReplicaError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM former) OR EXISTS (SELECT 1 FROM former_attachment)";
    Ok(conn.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// The next feed with frames to offer, behind a place in the order of rank and feed.
fn next_feed(conn: &Connection, after: (i64, FeedId)) -> Result<Option<(i64, FeedId)>, ReplicaError> {
    let mut statement = conn.prepare_cached(NEXT_FEED)?;
    let found =
        statement.query_row(params![after.0, after.1.as_bytes()], |row| Ok((row.get(0)?, FeedId(col16(row, 1)?))));
    Ok(found.optional()?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failing test should stop at its line")]
    use super::*;

    #[test]
    fn what_is_offered_costs_what_it_gives() {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(include_str!("../../../migrations/replica/0007_former_store.sql")).unwrap();
        conn.execute_batch(include_str!("../../../migrations/replica/0010_former_store_by_epoch.sql")).unwrap();
        for sql in [NEXT_FEED, TO_OFFER, NEXT_EPOCH, OF_EPOCH, OF_FEED] {
            let mut statement = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let count = statement.parameter_count();
            let given = rusqlite::params_from_iter(std::iter::repeat_n(0, count));
            let steps = statement.query_map(given, |row| row.get(3)).unwrap();
            let steps: Vec<String> = steps.collect::<Result<_, _>>().unwrap();
            assert!(
                matches!(steps.as_slice(), [one] if one.starts_with("SEARCH former USING INDEX")),
                "{sql}: {steps:?}"
            );
        }
    }
}
