//! Another life of the relay's storage (`docs/protocol.md` §3): what both have stays where it is, the rest is set aside
//! and offered again until it comes back. Documents and entries stay as they are all the while.

use std::collections::{BTreeMap, BTreeSet};

use meguri_seal::item::KIND_CHANGES;
use meguri_seal::{EpochKey, Plain, Secret};
use meguri_wire::chain::h0;
use meguri_wire::control::Body;
use meguri_wire::feed::EpochEntry;
use meguri_wire::{Attachment, BlobId, FeedId, Frame, FrameId, Hash, StoreId};
use rusqlite::{Connection, params};

use crate::device::read_epoch_key;
use crate::error::ReplicaError;
use crate::feeds::{chain_at, cursor, set_cursor};
use crate::ingest::judge_again;
use crate::lost_controls::decide_again;
use crate::open::{Inner, Replica};
use crate::sql::{col16, id32, int, uint};

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
                let sql = "UPDATE feed SET feed_kind = 9, state = x'' WHERE feed = ?1";
                inner.conn.prepare_cached(sql)?.execute([feed.as_bytes()])?;
            }
            // What names authors comes before what they wrote.
            for feed in moved.values().flatten() {
                judge_again(inner, feed)?;
                put_keys_away(inner, feed)?;
            }
            blobs_of_sealed(&inner.conn)?;
            inner.conn.execute_batch(
                "DELETE FROM ack; DELETE FROM late; DELETE FROM witness; UPDATE sealed SET answered = 0",
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
        let sql = "SELECT ord, feed, frame, raw FROM former WHERE NOT lost ORDER BY rank, feed, ord";
        let mut statement = inner.conn.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        let (mut out, mut bytes) = (Vec::new(), 0);
        while let Some(row) = rows.next()? {
            if skip.contains(&FeedId(col16(row, 1)?)) {
                continue;
            }
            let id = FrameId(id32(row.get_ref(2)?.as_blob().map_err(|_| ReplicaError::Corrupt)?)?);
            let raw = row.get_ref(3)?.as_blob().map_err(|_| ReplicaError::Corrupt)?;
            let attachments = attachments(&inner.conn, &id)?;
            bytes += raw.len() + attachments.iter().map(|beside| beside.bytes.len()).sum::<usize>();
            if !out.is_empty() && bytes > bytes_max {
                break;
            }
            out.push(FormerFrame { ord: row.get(0)?, frame: Frame::decode(raw)?, attachments });
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
                    Offered::Taken => forget(&inner.conn, former.ord)?,
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

fn feeds(conn: &Connection) -> Result<Vec<(FeedId, i64)>, ReplicaError> {
    let mut statement = conn.prepare_cached("SELECT feed, feed_kind FROM feed ORDER BY feed_kind, feed")?;
    let rows = statement.query_map([], |row| Ok((FeedId(col16(row, 0)?), row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// How far a feed is the same in both: up to the new store's head where that lies on the way taken here, else nothing.
fn shared(
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
fn set_aside(
    conn: &Connection,
    rank: i64,
    feed: &FeedId,
    kept: u64,
    epochs: &[EpochEntry],
) -> Result<(), ReplicaError> {
    let place = params![feed.as_bytes(), int(kept)];
    {
        let sql = "SELECT ssn, raw FROM frame WHERE feed = ?1 AND ssn > ?2 ORDER BY ssn";
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
            let sql = "INSERT INTO former (rank, feed, frame, kcv, raw) VALUES (?1, ?2, ?3, ?4, ?5)";
            conn.prepare_cached(sql)?.execute(params![rank, feed.as_bytes(), id.as_bytes(), kcv, raw])?;
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

/// What was sent and not answered may be in the new store by the hand of others, without its pictures.
fn blobs_of_sealed(conn: &Connection) -> Result<(), ReplicaError> {
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

/// Keys of epochs that are not in the feed any more wait beside it.
fn put_keys_away(inner: &mut Inner, feed: &FeedId) -> Result<(), ReplicaError> {
    let newest = inner.feeds.space(&inner.conn, feed)?.map_or(0, |state| state.newest_epoch());
    let place = params![feed.as_bytes(), int(newest)];
    for sql in [
        "INSERT INTO former_key (space, epoch, key) SELECT space, epoch, key FROM epoch_key WHERE space = ?1 AND epoch > ?2
            ON CONFLICT DO NOTHING",
        "DELETE FROM epoch_key WHERE space = ?1 AND epoch > ?2",
    ] {
        inner.conn.prepare_cached(sql)?.execute(place)?;
    }
    Ok(())
}

/// A key of the former store that is the one a record announces.
pub(crate) fn former_key(
    conn: &Connection,
    space: &FeedId,
    epoch: u64,
    kcv: &[u8; 32],
) -> Result<Option<EpochKey>, ReplicaError> {
    let mut statement = conn.prepare_cached("SELECT key FROM former_key WHERE space = ?1 AND epoch = ?2")?;
    let mut rows = statement.query(params![space.as_bytes(), int(epoch)])?;
    while let Some(row) = rows.next()? {
        let bytes = row.get_ref(0)?.as_blob().map_err(|_| ReplicaError::Corrupt)?;
        let secret = Secret::from_slice(bytes).map_err(|_| ReplicaError::Corrupt)?;
        let key = EpochKey::from_parts(epoch, secret);
        if key.check(kcv).is_ok() {
            return Ok(Some(key));
        }
    }
    Ok(None)
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
    let mut statement = conn.prepare_cached("SELECT raw FROM former WHERE feed = ?1 AND NOT lost ORDER BY ord")?;
    let mut rows = statement.query([feed.as_bytes()])?;
    while let Some(row) = rows.next()? {
        let frame = Frame::decode(row.get_ref(0)?.as_blob().map_err(|_| ReplicaError::Corrupt)?)?;
        let beside = attachments(conn, &frame.id)?;
        out.push((frame, beside));
    }
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

/// Whether anything of a former store is held.
pub(crate) fn any(conn: &Connection) -> Result<bool, ReplicaError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM former) OR EXISTS (SELECT 1 FROM former_attachment)";
    Ok(conn.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// Items whose epoch has another key in the new store are not offered: an own one is sealed again, what others wrote is
/// theirs to seal again and stays here.
fn seal_anew(inner: &mut Inner) -> Result<(), ReplicaError> {
    let rows: Vec<(i64, FeedId, Vec<u8>, Vec<u8>)> = {
        let sql = "SELECT ord, feed, kcv, raw FROM former WHERE NOT lost AND kcv <> x'' ORDER BY ord";
        let mut statement = inner.conn.prepare_cached(sql)?;
        let rows =
            statement.query_map([], |row| Ok((row.get(0)?, FeedId(col16(row, 1)?), row.get(2)?, row.get(3)?)))?;
        rows.collect::<Result<_, _>>()?
    };
    for (ord, feed, kcv, raw) in rows {
        let frame = Frame::decode(&raw)?;
        let Some(n) = frame.item().map(|item| item.epoch) else { continue };
        let now = inner.feeds.space(&inner.conn, &feed)?.and_then(|state| state.epoch(n)).map(|epoch| epoch.kcv);
        if now.is_none_or(|now| now.as_slice() == kcv) {
            continue;
        }
        lose(inner, ord, &frame)?;
    }
    Ok(())
}

/// A frame that can never be in the new store. What it holds stays in the documents; an own item goes back to the outbox.
fn lose(inner: &mut Inner, ord: i64, frame: &Frame) -> Result<(), ReplicaError> {
    if queue_again(inner, frame)? {
        return forget(&inner.conn, ord);
    }
    // A team's controls stay known: nobody they removed may go on in its feed.
    if frame.control().is_some_and(|control| !matches!(control.body, Body::Team(_))) {
        return forget(&inner.conn, ord);
    }
    inner.conn.prepare_cached("UPDATE former SET lost = 1 WHERE ord = ?1")?.execute([ord])?;
    Ok(())
}

/// The changes of an own item go back to the outbox; false for what others wrote.
fn queue_again(inner: &mut Inner, frame: &Frame) -> Result<bool, ReplicaError> {
    let own = inner.own()?.map(|own| own.device);
    let (Some(item), Some(author)) = (frame.item(), frame.author()) else { return Ok(false) };
    if own != Some(author) {
        return Ok(false);
    }
    let space = frame.feed();
    let name = item.doc.and_then(|doc| inner.feeds.doc_name(&space, &doc));
    let (Some(plain), Some(name)) = (open(inner, frame)?, name) else { return Ok(true) };
    let blobs: Vec<u8> = item.blob_ids.iter().flat_map(|blob| blob.0).collect();
    for record in plain.to_changes().unwrap_or_default() {
        let sql =
            "INSERT INTO outbox (space, name, written_ms, zone_min, blobs, change) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        inner.conn.prepare_cached(sql)?.execute(params![
            space.as_bytes(),
            name.to_string(),
            record.written_at_ms,
            record.zone_min,
            blobs,
            record.change
        ])?;
    }
    Ok(true)
}

/// Opens an item of changes with whichever key of its epoch fits.
fn open(inner: &Inner, frame: &Frame) -> Result<Option<Plain>, ReplicaError> {
    let (Some(item), Some(author)) = (frame.item(), frame.author()) else { return Ok(None) };
    let space = frame.feed();
    let mut keys: Vec<EpochKey> = read_epoch_key(&inner.conn, &space, item.epoch)?.into_iter().collect();
    let mut statement = inner.conn.prepare_cached("SELECT key FROM former_key WHERE space = ?1 AND epoch = ?2")?;
    let mut rows = statement.query(params![space.as_bytes(), int(item.epoch)])?;
    while let Some(row) = rows.next()? {
        let bytes = row.get_ref(0)?.as_blob().map_err(|_| ReplicaError::Corrupt)?;
        keys.push(EpochKey::from_parts(item.epoch, Secret::from_slice(bytes).map_err(|_| ReplicaError::Corrupt)?));
    }
    let opened = keys.iter().find_map(|key| meguri_seal::open_item(key, &author, item).ok());
    Ok(opened.filter(|plain| plain.kind == KIND_CHANGES))
}
