//! Frames that wait, tried again when something came.

use meguri_wire::{Attachment, FeedId, Frame};
use rusqlite::{Connection, params};

use crate::error::ReplicaError;
use crate::ingest::{Pending, WAITING_FEED, Work, check_frame, items, unjudged};
use crate::open::Inner;
use crate::sql::{col16, int, uint};

/// Everything that waits is tried again, until nothing moves.
pub(crate) fn retry(inner: &mut Inner, work: &mut Work) -> Result<(), ReplicaError> {
    let mut rounds = 0;
    while (work.retry || (rounds == 0 && !work.moved.is_empty())) && rounds < 16 {
        work.retry = false;
        rounds += 1;
        unjudged::again(inner, work)?;
        for (feed, ssn, outcome) in waiting(&inner.conn)? {
            again(inner, work, feed, ssn, outcome)?;
        }
        if items::open_all(inner, work)? > 0 {
            work.retry = true;
        }
    }
    Ok(())
}

fn waiting(conn: &Connection) -> Result<Vec<(FeedId, u64, i64)>, ReplicaError> {
    let sql = "SELECT feed, ssn, outcome FROM frame WHERE outcome > 0 AND outcome < 4 ORDER BY feed, ssn LIMIT 20000";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| Ok((FeedId(col16(row, 0)?), uint(row.get(1)?), row.get(2)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn again(inner: &mut Inner, work: &mut Work, feed: FeedId, ssn: u64, outcome: i64) -> Result<(), ReplicaError> {
    let sql = "SELECT raw, received_ms FROM frame WHERE feed = ?1 AND ssn = ?2";
    let (raw, received_ms): (Vec<u8>, i64) = inner
        .conn
        .prepare_cached(sql)?
        .query_row(params![feed.as_bytes(), int(ssn)], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let frame = Frame::decode(&raw)?;
    if outcome != WAITING_FEED {
        if let Some(author) = frame.author() {
            work.pending.push(Pending { ssn, received_ms, author, frame, was: outcome });
        }
        return Ok(());
    }
    let sql = "SELECT recipient, bytes FROM attachment WHERE feed = ?1 AND ssn = ?2 ORDER BY ord";
    let attachments: Vec<Attachment> = {
        let mut statement = inner.conn.prepare_cached(sql)?;
        let rows = statement.query_map(params![feed.as_bytes(), int(ssn)], |row| {
            Ok(Attachment { recipient: col16(row, 0)?, bytes: row.get(1)? })
        })?;
        rows.collect::<Result<_, _>>()?
    };
    check_frame(inner, work, frame, ssn, received_ms, &attachments, outcome)
}
