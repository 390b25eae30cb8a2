//! A chart as it came by the feeds, for the file that proves it elsewhere. What is still unsent stays out.

use std::collections::BTreeMap;

use meguri_chart::DocName;
use meguri_seal::export::{ChartExport, DocumentHeads, FeedCopy, FrameCopy, SetAside};
use meguri_wire::ids::doc_id;
use meguri_wire::{BlobId, FeedId, SpaceId, StaffId, TeamId};
use rusqlite::{Connection, params};

use crate::device::read_epoch_key;
use crate::documents::InFile;
use crate::error::ReplicaError;
use crate::feeds::{Feeds, cursor, directory_id, store_id};
use crate::open::Replica;
use crate::sql::{id32, uint};

impl Replica {
    /// All that proves the chart to somebody who has neither this device nor the relay.
    ///
    /// # Errors
    /// [`ReplicaError::NotFound`] for a space whose feed has not begun here; storage codes.
    pub fn chart_export(&self, space: &SpaceId, now_ms: i64) -> Result<ChartExport, ReplicaError> {
        let mut inner = self.lock();
        let inner = &mut *inner;
        let conn = &inner.conn;
        let state = inner.feeds.space(conn, space)?.ok_or(ReplicaError::NotFound)?;
        let (teams, epochs): (Vec<TeamId>, u64) = (state.heads.keys().copied().collect(), state.newest_epoch());
        let directory = inner.feeds.world.directory.as_ref().map(directory_id);
        let mut keys = Vec::new();
        for epoch in 1..=epochs {
            keys.extend(read_epoch_key(conn, space, epoch)?);
        }
        Ok(ChartExport {
            space: *space,
            exported_ms: uint(now_ms),
            store: store_id(conn)?,
            directory: directory.map(|feed| copy(conn, &feed)).transpose()?,
            teams: teams.iter().map(|team| copy(conn, team)).collect::<Result<_, _>>()?,
            chart: copy(conn, space)?,
            head: None, // heads are held against the positions here when they come, and not kept
            keys,
            names: names(conn, &inner.feeds, &teams)?,
            documents: documents(conn, space)?,
            blobs: blobs(conn, space)?,
        })
    }
}

fn copy(conn: &Connection, feed: &FeedId) -> Result<FeedCopy, ReplicaError> {
    let sql = "SELECT ssn, received_ms, raw, outcome, reason FROM frame WHERE feed = ?1 ORDER BY ssn";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query([feed.as_bytes()])?;
    let (mut records, mut set_aside) = (Vec::new(), Vec::new());
    while let Some(row) = rows.next()? {
        let ssn = uint(row.get(0)?);
        records.push(FrameCopy { ssn, received_ms: uint(row.get(1)?), frame: row.get(2)? });
        if row.get::<_, i64>(3)? != crate::ingest::VALID {
            set_aside.push(SetAside { ssn, reason: row.get(4)? });
        }
    }
    let (ssn, h) = cursor(conn, feed)?;
    Ok(FeedCopy { feed: *feed, records, ssn, h, set_aside })
}

fn names(conn: &Connection, feeds: &Feeds, teams: &[TeamId]) -> Result<Vec<(StaffId, String)>, ReplicaError> {
    let mut names = BTreeMap::new();
    for (team, state) in teams.iter().filter_map(|team| Some((team, feeds.world.teams.get(team)?))) {
        for staff in state.staff.keys() {
            let name = crate::rows::person(conn, *team, *staff)?.name;
            if !name.is_empty() {
                names.insert(*staff, name);
            }
        }
    }
    Ok(names.into_iter().collect())
}

fn documents(conn: &Connection, space: &SpaceId) -> Result<Vec<DocumentHeads>, ReplicaError> {
    let sql =
        "SELECT name FROM document WHERE space = ?1 UNION SELECT name FROM document_change WHERE space = ?1 ORDER BY 1";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map([space.as_bytes()], |row| row.get::<_, String>(0))?;
    let mut out = Vec::new();
    for text in rows {
        let name: DocName = text?.parse()?;
        // A snapshot may hold what was unsent when it was made.
        let unsent = unsent(conn, space, name)?;
        let heads = InFile::read(conn, *space, name, false)?.load()?.doc.heads_without(&unsent)?;
        if heads != meguri_chart::Doc::new(space.0, name)?.heads() {
            out.push(DocumentHeads { doc: doc_id(space, &name.to_string()), heads });
        }
    }
    Ok(out)
}

fn unsent(conn: &Connection, space: &SpaceId, name: DocName) -> Result<Vec<Vec<u8>>, ReplicaError> {
    let sql = "SELECT change FROM outbox WHERE space = ?1 AND name = ?2 ORDER BY ord";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map(params![space.as_bytes(), name.to_string()], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn blobs(conn: &Connection, space: &SpaceId) -> Result<Vec<BlobId>, ReplicaError> {
    // An entry that is unsent names nothing here.
    let sql = "SELECT DISTINCT blob.blob FROM blob JOIN entry ON entry.id = blob.entry
        WHERE blob.space = ?1 AND entry.ssn > 0 ORDER BY 1";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map([space.as_bytes()], |row| Ok(BlobId(id32(row.get_ref(0)?.as_blob()?)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
