//! What makes this device known to a relay that lost everything: the directory and the own team, each control with what
//! is held beside it. Their signatures prove them; the relay needs to know nobody for that.

use meguri_wire::{Attachment, FeedId, Frame};
use rusqlite::{Connection, params};

use crate::error::ReplicaError;
use crate::feeds::directory_id;
use crate::former;
use crate::open::Replica;
use crate::sql::col16;

/// A control and what is held of its envelopes and keys.
pub type Beside = (Frame, Vec<Attachment>);

impl Replica {
    /// The directory's controls and the own team's, each feed in its order. What a new store has not shown yet follows
    /// what it has.
    ///
    /// # Errors
    /// Storage codes.
    pub fn introduction(&self) -> Result<Vec<Beside>, ReplicaError> {
        let mut inner = self.lock();
        let inner = &mut *inner;
        let own = inner.own()?.map(|own| own.team);
        inner.feeds.load(&inner.conn)?;
        let directory = inner.feeds.world.directory.as_ref().map(directory_id);
        let mut out = Vec::new();
        for feed in directory.into_iter().chain(own) {
            in_place(&inner.conn, &feed, &mut out)?;
            former::of_feed(&inner.conn, &feed, &mut out)?;
        }
        Ok(out)
    }
}

pub(crate) fn in_place(conn: &Connection, feed: &FeedId, out: &mut Vec<Beside>) -> Result<(), ReplicaError> {
    let mut statement = conn.prepare_cached("SELECT ssn, raw FROM frame WHERE feed = ?1 ORDER BY ssn")?;
    let mut rows = statement.query([feed.as_bytes()])?;
    while let Some(row) = rows.next()? {
        let ssn: i64 = row.get(0)?;
        let frame = Frame::decode(row.get_ref(1)?.as_blob().map_err(|_| ReplicaError::Corrupt)?)?;
        let sql = "SELECT recipient, bytes FROM attachment WHERE feed = ?1 AND ssn = ?2 ORDER BY ord";
        let mut beside = conn.prepare_cached(sql)?;
        let beside = beside.query_map(params![feed.as_bytes(), ssn], |row| {
            Ok(Attachment { recipient: col16(row, 0)?, bytes: row.get(1)? })
        })?;
        out.push((frame, beside.collect::<Result<_, _>>()?));
    }
    Ok(())
}
