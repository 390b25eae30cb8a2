//! Another life of the relay's storage (`docs/protocol.md` §3): what both have stays where it is, the rest is set aside
//! and offered again until it comes back. Documents and entries stay as they are all the while.

mod items;

pub(crate) use items::{FormerItem, items};

use std::collections::{BTreeMap, BTreeSet};

use meguri_seal::item::KIND_CHANGES;
use meguri_seal::{EpochKey, Plain, Secret};
use meguri_wire::chain::h0;
use meguri_wire::control::Body;
use meguri_wire::feed::EpochEntry;
use meguri_wire::{Attachment, BlobId, DeviceId, FeedId, Frame, FrameId, Hash, StoreId};
use rusqlite::{Connection, OptionalExtension, params};

use crate::device::read_epoch_key;
use crate::error::ReplicaError;
use crate::feeds::{chain_at, cursor, set_cursor};
use crate::ingest::unjudged;
use crate::lost_controls::decide_again;
use crate::open::{Inner, Replica};
use crate::outbox::unseal;
use crate::sql::{col16, id32, int, uint};

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

/// Late work that was listed here is offered after everything else: the device that handed it in has forgotten it.
fn late_work(conn: &Connection) -> Result<(), ReplicaError> {
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
pub(crate) fn put_keys_away(inner: &mut Inner, feed: &FeedId) -> Result<(), ReplicaError> {
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

/// The newest key of the former store.
pub(crate) fn newest_key(conn: &Connection, space: &FeedId) -> Result<Option<EpochKey>, ReplicaError> {
    let sql = "SELECT epoch, key FROM former_key WHERE space = ?1 ORDER BY epoch DESC LIMIT 1";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query([space.as_bytes()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let bytes = row.get_ref(1)?.as_blob().map_err(|_| ReplicaError::Corrupt)?;
    let secret = Secret::from_slice(bytes).map_err(|_| ReplicaError::Corrupt)?;
    Ok(Some(EpochKey::from_parts(uint(row.get(0)?), secret)))
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

/// Items whose epoch has another key in the new store are not offered: an own one is sealed again, what others wrote is
/// theirs to seal again and stays here. Asks once for each epoch that waits, and reads the items of those that changed.
fn seal_anew(inner: &mut Inner) -> Result<(), ReplicaError> {
    let (mut feed, mut kcv) = (FeedId::default(), Vec::new());
    loop {
        let Some((next, its, raw)) = next_epoch(&inner.conn, &feed, &kcv)? else { return Ok(()) };
        (feed, kcv) = (next, its);
        let Some(n) = Frame::decode(&raw)?.item().map(|item| item.epoch) else { continue };
        let now = inner.feeds.space(&inner.conn, &feed)?.and_then(|state| state.epoch(n)).map(|epoch| epoch.kcv);
        if now.is_none_or(|now| now.as_slice() == kcv) {
            continue;
        }
        for (ord, raw) in of_epoch(&inner.conn, &feed, &kcv)? {
            lose(inner, ord, &Frame::decode(&raw)?)?;
        }
    }
}

/// A space, the `kcv` of an epoch of it, and the first item under that.
type FirstOfEpoch = (FeedId, Vec<u8>, Vec<u8>);

/// The next epoch of which items wait, behind one by feed and `kcv`, with its first item.
fn next_epoch(conn: &Connection, feed: &FeedId, kcv: &[u8]) -> Result<Option<FirstOfEpoch>, ReplicaError> {
    let mut statement = conn.prepare_cached(NEXT_EPOCH)?;
    let found = statement
        .query_row(params![feed.as_bytes(), kcv], |row| Ok((FeedId(col16(row, 0)?), row.get(1)?, row.get(2)?)));
    Ok(found.optional()?)
}

fn of_epoch(conn: &Connection, feed: &FeedId, kcv: &[u8]) -> Result<Vec<(i64, Vec<u8>)>, ReplicaError> {
    let mut statement = conn.prepare_cached(OF_EPOCH)?;
    let rows = statement.query_map(params![feed.as_bytes(), kcv], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
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
    set_standing(&inner.conn, ord, LOST)
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
    // Before what was written later, which is numbered anew behind it: the own chain has no hole.
    unseal(&inner.conn, &space)?;
    for record in plain.to_changes().unwrap_or_default() {
        let sql = "INSERT INTO outbox (ord, space, name, written_ms, zone_min, blobs, change)
            SELECT coalesce(max(ord), -(1 << 60)) + 1, ?1, ?2, ?3, ?4, ?5, ?6 FROM outbox WHERE ord < 0";
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
