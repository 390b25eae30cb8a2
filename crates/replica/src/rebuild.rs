//! Building documents and projection again from frames and outbox.

use meguri_wire::Frame;
use rusqlite::params;

use crate::error::ReplicaError;
use crate::ingest::Rebuilding;
use crate::open::{Inner, PROJECTION_VERSION, Replica};
use crate::sql::{meta_get, meta_put};

const META_VERSION: &str = "replica/projection";

impl Replica {
    pub(crate) fn rebuild_if_stale(&self) -> Result<(), ReplicaError> {
        let version = meta_get(&self.lock().conn, META_VERSION)?;
        let current = PROJECTION_VERSION.to_be_bytes();
        match version {
            Some(version) if version == current => Ok(()),
            Some(_) => self.rebuild(),
            None => meta_put(&self.lock().conn, META_VERSION, &current),
        }
    }

    /// Builds documents and projection again, from the frames in their order, those of a former store that have not
    /// come back, and then the own outbox. What was
    /// looked at stays so, and blobs that are here.
    ///
    /// # Errors
    /// Storage codes; then everything is as before.
    pub fn rebuild(&self) -> Result<(), ReplicaError> {
        self.lock().write(build)
    }
}

/// [`Replica::rebuild`] within a transaction.
pub(crate) fn build(inner: &mut Inner) -> Result<(), ReplicaError> {
    inner.forget();
    inner.feeds.load(&inner.conn)?;
    clear(inner)?;
    inner.documents.without_outbox = true;
    inner.feeds.set_aside = crate::lost_controls::people(&inner.conn)?;
    let mut rebuilding = Rebuilding::default();
    let spaces: Vec<Vec<u8>> = {
        let mut statement = inner.conn.prepare("SELECT space FROM space ORDER BY space")?;
        let rows = statement.query_map([], |row| row.get(0))?;
        rows.collect::<Result<_, _>>()?
    };
    for space in spaces {
        inner.feeds.space(&inner.conn, &crate::sql::id16(&space).map(meguri_wire::FeedId)?)?;
        replay_frames(inner, &mut rebuilding, &space)?;
    }
    let former = crate::former::items(inner)?;
    rebuilding.former(inner, former)?;
    rebuilding.outbox(inner)?;
    inner.documents.without_outbox = false;
    inner.feeds.set_aside.clear();
    inner.conn.execute_batch(
        "UPDATE entry SET seen = 1 WHERE id IN (SELECT id FROM temp.was_seen);
         UPDATE blob SET present = 1 WHERE blob IN (SELECT blob FROM temp.was_present);
         DROP TABLE temp.was_seen; DROP TABLE temp.was_present;",
    )?;
    meta_put(&inner.conn, META_VERSION, &PROJECTION_VERSION.to_be_bytes())
}

fn clear(inner: &Inner) -> Result<(), ReplicaError> {
    inner.conn.execute_batch(
        "DROP TABLE IF EXISTS temp.was_seen; DROP TABLE IF EXISTS temp.was_present;
         CREATE TEMP TABLE was_seen AS SELECT id FROM entry WHERE seen = 1;
         CREATE TEMP TABLE was_present AS SELECT DISTINCT blob FROM blob WHERE present = 1;
         DELETE FROM entry; DELETE FROM blob; DELETE FROM state; DELETE FROM state_write; DELETE FROM state_before;
         DELETE FROM staff_card;
         DELETE FROM patient; DELETE FROM patient_find; DELETE FROM words;
         DELETE FROM document; DELETE FROM document_change;
         INSERT INTO patient (id) SELECT DISTINCT patient FROM space WHERE patient <> space;",
    )?;
    Ok(())
}

fn replay_frames(inner: &mut Inner, rebuilding: &mut Rebuilding, space: &[u8]) -> Result<(), ReplicaError> {
    let mut after = 0_i64;
    loop {
        let page: Vec<(i64, i64, Vec<u8>)> = {
            let sql = "SELECT ssn, received_ms, raw FROM frame WHERE feed = ?1 AND ssn > ?2 AND control = 0 AND outcome IN (0, 3) ORDER BY ssn LIMIT 500";
            let mut statement = inner.conn.prepare_cached(sql)?;
            let rows = statement.query_map(params![space, after], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            rows.collect::<Result<_, _>>()?
        };
        let Some((last, _, _)) = page.last() else { return Ok(()) };
        after = *last;
        for (ssn, received_ms, raw) in page {
            rebuilding.add(Frame::decode(&raw)?, crate::sql::uint(ssn), received_ms);
        }
        rebuilding.run(inner)?;
    }
}
