//! Frames that can never be in the new store. What they hold stays in the documents; an own item is sealed again.

use meguri_wire::control::{Body, SpaceBody};
use meguri_wire::{FeedId, Frame};
use rusqlite::{Connection, OptionalExtension, params};

use super::keys::open;
use super::{LOST, NEXT_EPOCH, OF_EPOCH, forget, set_standing};
use crate::error::ReplicaError;
use crate::open::Inner;
use crate::outbox::unseal;
use crate::sql::col16;

/// Items whose epoch has another key in the new store are not offered: an own one is sealed again, what others wrote is
/// theirs to seal again and stays here. Asks once for each epoch that waits, and reads the items of those that changed.
pub(super) fn seal_anew(inner: &mut Inner) -> Result<(), ReplicaError> {
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

/// A frame that can never be in the new store. What it holds stays in the documents; an own item goes back to the outbox. With
/// an Epoch go the items under its key, before the one that took its number is known here.
pub(super) fn lose(inner: &mut Inner, ord: i64, frame: &Frame) -> Result<(), ReplicaError> {
    if let Some(Body::Space(SpaceBody::Epoch(epoch))) = frame.control().map(|control| &control.body) {
        for (ord, raw) in of_epoch(&inner.conn, &frame.feed(), &epoch.kcv)? {
            lose(inner, ord, &Frame::decode(&raw)?)?;
        }
    }
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
