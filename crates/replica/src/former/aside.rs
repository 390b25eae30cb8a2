//! What the new store lacks is set aside, with what came beside it.

use meguri_wire::chain::h0;
use meguri_wire::feed::EpochEntry;
use meguri_wire::{BlobId, FeedId, Frame, FrameId, Hash};
use rusqlite::{Connection, params};

use super::RANK_LATE;
use crate::error::ReplicaError;
use crate::feeds::chain_at;
use crate::sql::{col16, int};

pub(super) fn feeds(conn: &Connection) -> Result<Vec<(FeedId, i64)>, ReplicaError> {
    let mut statement = conn.prepare_cached("SELECT feed, feed_kind FROM feed ORDER BY feed_kind, feed")?;
    let rows = statement.query_map([], |row| Ok((FeedId(col16(row, 0)?), row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// How far a feed is the same in both: up to the new store's head where that lies on the way taken here, else nothing.
pub(super) fn shared(
    conn: &Connection,
    feed: &FeedId,
    here: (u64, Hash),
    head: Option<&(u64, Hash)>,
) -> Result<(u64, Hash), ReplicaError> {
    let nothing = (0, h0(feed));
    let Some((ssn, wanted)) = head.filter(|(ssn, _)| *ssn <= here.0) else { return Ok(nothing) };
    if *ssn == here.0 {
        return Ok(if *wanted == here.1 { here } else { nothing });
    }
    let h = chain_at(conn, feed, *ssn)?;
    Ok(if h == *wanted { (*ssn, h) } else { nothing })
}

/// Takes the frames after `kept` out of their feed, with what came beside them.
pub(super) fn set_aside(
    conn: &Connection,
    rank: i64,
    feed: &FeedId,
    kept: u64,
    epochs: &[EpochEntry],
) -> Result<(), ReplicaError> {
    let place = params![feed.as_bytes(), int(kept)];
    {
        let sql = "SELECT ssn, raw, received_ms FROM frame WHERE feed = ?1 AND ssn > ?2 ORDER BY ssn";
        let mut statement = conn.prepare_cached(sql)?;
        let mut rows = statement.query(place)?;
        while let Some(row) = rows.next()? {
            let raw = row.get_ref(1)?.as_blob().map_err(|_| ReplicaError::Corrupt)?;
            let id = FrameId::of(raw);
            let frame = Frame::decode(raw).ok();
            let item = frame.as_ref().and_then(Frame::item);
            item.map_or(Ok(()), |item| keep_blobs(conn, &item.blob_ids))?;
            let epoch = item.map(|item| item.epoch);
            let epoch = epoch.and_then(|n| epochs.get(usize::try_from(n).ok()?.checked_sub(1)?));
            let kcv = epoch.map(|epoch| epoch.kcv.to_vec()).unwrap_or_default();
            let received_ms: i64 = row.get(2)?;
            let sql = "INSERT INTO former (rank, feed, frame, kcv, raw, received_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
            conn.prepare_cached(sql)?.execute(params![rank, feed.as_bytes(), id.as_bytes(), kcv, raw, received_ms])?;
            let sql = "INSERT INTO former_attachment (frame, ord, recipient, bytes)
                SELECT ?3, ord, recipient, bytes FROM attachment WHERE feed = ?1 AND ssn = ?2 ON CONFLICT DO NOTHING";
            let ssn: i64 = row.get(0)?;
            conn.prepare_cached(sql)?.execute(params![feed.as_bytes(), ssn, id.as_bytes()])?;
        }
    }
    for sql in [
        "DELETE FROM attachment WHERE feed = ?1 AND ssn > ?2",
        "DELETE FROM frame WHERE feed = ?1 AND ssn > ?2",
        "UPDATE entry SET ssn = 0 WHERE space = ?1 AND ssn > ?2",
    ] {
        conn.prepare_cached(sql)?.execute(place)?;
    }
    Ok(())
}

/// Late work that was listed here is offered after everything else: the device that handed it in has forgotten it.
pub(super) fn late_work(conn: &Connection) -> Result<(), ReplicaError> {
    {
        let mut statement = conn.prepare_cached("SELECT space, raw FROM late ORDER BY space, device, dseq")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let raw = row.get_ref(1)?.as_blob().map_err(|_| ReplicaError::Corrupt)?;
            let (space, id) = (col16(row, 0)?, FrameId::of(raw));
            let blobs = Frame::decode(raw)?.item().map(|item| item.blob_ids.clone()).unwrap_or_default();
            keep_blobs(conn, &blobs)?;
            let sql = "INSERT INTO former (rank, feed, frame, raw) SELECT ?1, ?2, ?3, ?4
                WHERE NOT EXISTS (SELECT 1 FROM former WHERE frame = ?3)";
            conn.prepare_cached(sql)?.execute(params![RANK_LATE, space, id.as_bytes(), raw])?;
        }
    }
    conn.execute_batch("DELETE FROM late")?;
    Ok(())
}

/// What was sent and not answered may be in the new store by the hand of others, without its pictures.
pub(super) fn blobs_of_sealed(conn: &Connection) -> Result<(), ReplicaError> {
    let mut statement = conn.prepare_cached("SELECT raw FROM sealed")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let frame = Frame::decode(row.get_ref(0)?.as_blob().map_err(|_| ReplicaError::Corrupt)?)?;
        frame.item().map_or(Ok(()), |item| keep_blobs(conn, &item.blob_ids))?;
    }
    Ok(())
}

fn keep_blobs(conn: &Connection, blobs: &[BlobId]) -> Result<(), ReplicaError> {
    for blob in blobs {
        let sql = "INSERT INTO former_blob (blob) VALUES (?1) ON CONFLICT DO NOTHING";
        conn.prepare_cached(sql)?.execute([blob.as_bytes()])?;
    }
    Ok(())
}
