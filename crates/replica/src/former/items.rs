//! Items of the relay's former store, opened: documents hold what they say although no feed does.

use meguri_chart::DocName;
use meguri_seal::ChangeRecord;
use meguri_wire::{DeviceId, FeedId, Frame, SpaceId};

use super::keys::open;
use crate::error::ReplicaError;
use crate::open::Inner;

/// An item of changes that is in no feed of the new store.
pub(crate) struct FormerItem {
    pub(crate) space: SpaceId,
    pub(crate) name: DocName,
    pub(crate) author: DeviceId,
    pub(crate) frame: Frame,
    /// When the lost store took it, ms UTC.
    pub(crate) received_ms: i64,
    pub(crate) records: Vec<ChangeRecord>,
}

/// Every one that opens here, in their order.
pub(crate) fn items(inner: &mut Inner) -> Result<Vec<FormerItem>, ReplicaError> {
    let rows: Vec<(Vec<u8>, i64)> = {
        let sql = "SELECT raw, received_ms FROM former WHERE rank = 2 ORDER BY ord";
        let mut statement = inner.conn.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect::<Result<_, _>>()?
    };
    let mut out = Vec::new();
    for (raw, received_ms) in rows {
        let frame = Frame::decode(&raw)?;
        let (Some(item), Some(author)) = (frame.item(), frame.author()) else { continue };
        let space: FeedId = frame.feed();
        let name = item.doc.and_then(|doc| inner.feeds.doc_name(&space, &doc));
        let (Some(plain), Some(name)) = (open(inner, &frame)?, name) else { continue };
        let Ok(records) = plain.to_changes() else { continue };
        out.push(FormerItem { space, name, author, frame, received_ms, records });
    }
    Ok(out)
}
