//! Items of the relay's former store, opened: documents hold what they say although no feed does.

use meguri_chart::DocName;
use meguri_seal::ChangeRecord;
use meguri_wire::{DeviceId, FeedId, Frame, SpaceId};

use super::{forget, open};
use crate::error::ReplicaError;
use crate::open::Inner;

/// An item of changes that is in no feed of the new store.
pub(crate) struct FormerItem {
    ord: i64,
    pub(crate) space: SpaceId,
    pub(crate) name: DocName,
    pub(crate) author: DeviceId,
    pub(crate) frame: Frame,
    pub(crate) blobs: Vec<u8>,
    pub(crate) records: Vec<ChangeRecord>,
}

/// Every one that opens here, in their order.
pub(crate) fn items(inner: &mut Inner) -> Result<Vec<FormerItem>, ReplicaError> {
    let rows: Vec<(i64, Vec<u8>)> = {
        let mut statement = inner.conn.prepare_cached("SELECT ord, raw FROM former WHERE rank = 2 ORDER BY ord")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect::<Result<_, _>>()?
    };
    let mut out = Vec::new();
    for (ord, raw) in rows {
        let frame = Frame::decode(&raw)?;
        let (Some(item), Some(author)) = (frame.item(), frame.author()) else { continue };
        let space: FeedId = frame.feed();
        let name = item.doc.and_then(|doc| inner.feeds.doc_name(&space, &doc));
        let (Some(plain), Some(name)) = (open(inner, &frame)?, name) else { continue };
        let Ok(records) = plain.to_changes() else { continue };
        let blobs = item.blob_ids.iter().flat_map(|blob| blob.0).collect();
        out.push(FormerItem { ord, space, name, author, frame, blobs, records });
    }
    Ok(out)
}

/// Takes out what this device wrote.
pub(crate) fn take_own(inner: &mut Inner) -> Result<Vec<FormerItem>, ReplicaError> {
    let own = inner.own()?.map(|own| own.device);
    let mut items = items(inner)?;
    items.retain(|item| own == Some(item.author));
    items.iter().try_for_each(|item| forget(&inner.conn, item.ord))?;
    Ok(items)
}
