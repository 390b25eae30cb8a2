//! Keys of epochs that only a former store had: the new one may give their numbers to others.

use meguri_seal::item::KIND_CHANGES;
use meguri_seal::{EpochKey, Plain, Secret};
use meguri_wire::{FeedId, Frame};
use rusqlite::{Connection, params};

use crate::device::{epoch_keys, read_epoch_key};
use crate::error::ReplicaError;
use crate::open::Inner;
use crate::sql::{int, uint};

/// Keys of epochs that are not in the feed any more wait beside it, those included whose number the new store gave to another.
pub(crate) fn put_keys_away(inner: &mut Inner, feed: &FeedId) -> Result<(), ReplicaError> {
    let kcvs: Vec<[u8; 32]> = match inner.feeds.space(&inner.conn, feed)? {
        Some(state) => state.epochs.iter().map(|epoch| epoch.kcv).collect(),
        None => Vec::new(),
    };
    for key in epoch_keys(&inner.conn, feed)? {
        let at = usize::try_from(key.n).ok().and_then(|n| n.checked_sub(1));
        let kcv = at.and_then(|at| kcvs.get(at));
        if kcv.is_none_or(|kcv| key.check(kcv).is_err()) {
            put_key_away(&inner.conn, feed, key.n)?;
        }
    }
    Ok(())
}

/// The key held for an epoch is that of a former store.
pub(crate) fn put_key_away(conn: &Connection, feed: &FeedId, epoch: u64) -> Result<(), ReplicaError> {
    for sql in [
        "INSERT INTO former_key (space, epoch, key) SELECT space, epoch, key FROM epoch_key WHERE space = ?1 AND epoch = ?2
            ON CONFLICT DO NOTHING",
        "DELETE FROM epoch_key WHERE space = ?1 AND epoch = ?2",
    ] {
        conn.prepare_cached(sql)?.execute(params![feed.as_bytes(), int(epoch)])?;
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

/// Opens an item of changes with whichever key of its epoch fits.
pub(super) fn open(inner: &Inner, frame: &Frame) -> Result<Option<Plain>, ReplicaError> {
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
