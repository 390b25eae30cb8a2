//! Documents in the file and the few of them in memory. A document is its snapshot, the changes stored beside it and
//! those that were written here and wait in the outbox.

use meguri_chart::{Doc, DocName};
use meguri_wire::SpaceId;
use rusqlite::{Connection, OptionalExtension, params};
use std::sync::Arc;
use uuid::Uuid;

use crate::error::ReplicaError;
use crate::open::Replica;
use crate::sql::int;

/// At most so many documents stay loaded,
const LOADED_MAX: usize = 256;
/// and so many bytes of them, as a file would hold them; in memory they are some times larger.
const LOADED_BYTES_MAX: usize = 8 * 1024 * 1024;
/// A snapshot is written when the changes beside it outgrow it and this.
const SINCE_BYTES_MIN: usize = 64 * 1024;
/// A batch of this size is folded into a snapshot instead of being written beside it.
const BATCH_BYTES_MIN: usize = 16 * 1024;
/// How often a document is built anew because something was written meanwhile.
const WARM_TRIES: usize = 3;

/// One loaded document with what lies in the file beside its snapshot.
pub(crate) struct Loaded {
    space: SpaceId,
    name: DocName,
    pub(crate) doc: Doc,
    next_ord: u64,
    since_bytes: usize,
    snapshot_bytes: usize,
    /// Told from a later load of the same document.
    life: Arc<()>,
}

/// A copy of a loaded document, to make a snapshot of while others go on.
pub(crate) struct Grown {
    space: SpaceId,
    doc: Doc,
    upto_ord: u64,
    since_bytes: usize,
    life: Arc<()>,
}

impl Grown {
    /// Bytes that were loaded back; the long part of the work.
    pub(crate) fn save(&self) -> Result<Vec<u8>, ReplicaError> {
        Ok(self.doc.save()?)
    }
}

/// Loaded documents, least recently used first.
#[derive(Default)]
pub(crate) struct Documents {
    loaded: Vec<Loaded>,
    /// While documents are built again from the feeds the outbox comes after them.
    pub(crate) without_outbox: bool,
}

impl Documents {
    /// The document, loaded or made.
    pub(crate) fn get(
        &mut self,
        conn: &Connection,
        space: SpaceId,
        name: DocName,
    ) -> Result<&mut Loaded, ReplicaError> {
        let loaded = self.take(conn, space, name)?;
        self.put(loaded);
        self.loaded.last_mut().ok_or(ReplicaError::Storage(0))
    }

    /// The document, loaded or made, to be given back by [`Documents::put`].
    pub(crate) fn take(&mut self, conn: &Connection, space: SpaceId, name: DocName) -> Result<Loaded, ReplicaError> {
        match self.position(space, name) {
            Some(index) => Ok(self.loaded.remove(index)),
            None => InFile::read(conn, space, name, !self.without_outbox)?.load(),
        }
    }

    pub(crate) fn holds(&self, space: SpaceId, name: DocName) -> bool {
        self.position(space, name).is_some()
    }

    fn position(&self, space: SpaceId, name: DocName) -> Option<usize> {
        self.loaded.iter().position(|l| l.space == space && l.name == name)
    }

    /// Keeps a document as the one used last.
    pub(crate) fn put(&mut self, loaded: Loaded) {
        self.loaded.push(loaded);
        let mut bytes: usize = self.loaded.iter().map(Loaded::bytes).sum();
        while self.loaded.len() > LOADED_MAX || (bytes > LOADED_BYTES_MAX && self.loaded.len() > 1) {
            bytes -= self.loaded.remove(0).bytes();
        }
    }

    /// Stores changes that leave the outbox, which the document has had since they were written.
    pub(crate) fn keep(
        &mut self,
        conn: &Connection,
        space: SpaceId,
        name: DocName,
        changes: &[Vec<u8>],
    ) -> Result<(), ReplicaError> {
        if let Some(loaded) = self.position(space, name).and_then(|index| self.loaded.get_mut(index)) {
            put_changes(conn, space, name, loaded.next_ord, &pack(changes))?;
            loaded.next_ord += 1;
            return Ok(());
        }
        let sql = "SELECT coalesce(max(ord), 0) + 1 FROM document_change WHERE space = ?1 AND name = ?2";
        let ord: i64 =
            conn.prepare_cached(sql)?.query_row(params![space.as_bytes(), name.to_string()], |row| row.get(0))?;
        put_changes(conn, space, name, crate::sql::uint(ord), &pack(changes))
    }

    /// A copy of one loaded document whose changes have outgrown its snapshot.
    pub(crate) fn grown(&self) -> Option<Grown> {
        let loaded = self.loaded.iter().find(|loaded| loaded.has_grown())?;
        Some(Grown {
            space: loaded.space,
            doc: loaded.doc.clone(),
            upto_ord: loaded.next_ord,
            since_bytes: loaded.since_bytes,
            life: loaded.life.clone(),
        })
    }

    /// Puts the snapshot in the place of the changes it holds, unless the document was loaded anew meanwhile.
    pub(crate) fn put_snapshot(&mut self, conn: &Connection, of: &Grown, snapshot: &[u8]) -> Result<(), ReplicaError> {
        let Some(loaded) = self.loaded.iter_mut().find(|loaded| Arc::ptr_eq(&loaded.life, &of.life)) else {
            return Ok(());
        };
        write_snapshot(conn, of.space, of.doc.name(), snapshot, of.upto_ord)?;
        loaded.since_bytes = loaded.since_bytes.saturating_sub(of.since_bytes);
        loaded.snapshot_bytes = snapshot.len();
        Ok(())
    }
}

impl Replica {
    /// Loads this year's documents of a patient's charts, so that the next save need not. Off the screen's path.
    ///
    /// # Errors
    /// Storage codes.
    pub fn warm(&self, patient: Uuid, now_ms: i64) -> Result<(), ReplicaError> {
        let spaces = spaces_of(&self.lock().conn, patient)?;
        for space in spaces {
            for name in [DocName::Core, crate::append::log_of(now_ms)] {
                self.warm_one(space, name)?;
            }
        }
        Ok(())
    }

    /// The document is built while others read and write, and built again when something was written meanwhile.
    fn warm_one(&self, space: SpaceId, name: DocName) -> Result<(), ReplicaError> {
        for _ in 0..WARM_TRIES {
            let (found, written) = {
                let inner = self.lock();
                if inner.documents.holds(space, name) {
                    return Ok(());
                }
                (InFile::read(&inner.conn, space, name, true)?, inner.conn.total_changes())
            };
            let loaded = found.load()?;
            let mut inner = self.lock();
            if inner.conn.total_changes() == written && !inner.documents.holds(space, name) {
                inner.documents.put(loaded);
                return Ok(());
            }
        }
        Ok(())
    }

    /// Writes a snapshot of one loaded document whose single changes have outgrown it; false when there is none.
    /// A save never does this itself: it is for a moment when nobody waits.
    ///
    /// # Errors
    /// Storage codes.
    pub fn tidy(&self) -> Result<bool, ReplicaError> {
        let Some(grown) = self.lock().documents.grown() else { return Ok(false) };
        let snapshot = grown.save()?; // others read and write meanwhile
        self.lock().write(|inner| inner.documents.put_snapshot(&inner.conn, &grown, &snapshot))?;
        Ok(true)
    }
}

fn spaces_of(conn: &Connection, patient: Uuid) -> Result<Vec<SpaceId>, ReplicaError> {
    let mut statement = conn.prepare_cached("SELECT space FROM space WHERE patient = ?1")?;
    let rows = statement.query_map([patient.as_bytes()], |row| crate::sql::col16(row, 0).map(meguri_wire::FeedId))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn write_snapshot(
    conn: &Connection,
    space: SpaceId,
    name: DocName,
    snapshot: &[u8],
    upto_ord: u64,
) -> Result<(), ReplicaError> {
    let name = name.to_string();
    let sql = "INSERT INTO document (space, name, snapshot) VALUES (?1, ?2, ?3)
        ON CONFLICT (space, name) DO UPDATE SET snapshot = excluded.snapshot";
    conn.prepare_cached(sql)?.execute(params![space.as_bytes(), name, snapshot])?;
    let sql = "DELETE FROM document_change WHERE space = ?1 AND name = ?2 AND ord < ?3";
    conn.prepare_cached(sql)?.execute(params![space.as_bytes(), name, int(upto_ord)])?;
    Ok(())
}

fn put_changes(conn: &Connection, space: SpaceId, name: DocName, ord: u64, packed: &[u8]) -> Result<(), ReplicaError> {
    let sql = "INSERT INTO document_change (space, name, ord, changes) VALUES (?1, ?2, ?3, ?4)";
    conn.prepare_cached(sql)?.execute(params![space.as_bytes(), name.to_string(), int(ord), packed])?;
    Ok(())
}

impl Loaded {
    /// The document holds a change that was just written here; the outbox keeps it.
    pub(crate) fn wrote(&mut self, change: &[u8]) {
        self.since_bytes += change.len();
    }

    /// Writes changes of others the document has just taken in, as one row.
    pub(crate) fn store(&mut self, conn: &Connection, changes: &[Vec<u8>]) -> Result<(), ReplicaError> {
        if changes.is_empty() {
            return Ok(());
        }
        let packed = pack(changes);
        put_changes(conn, self.space, self.name, self.next_ord, &packed)?;
        self.next_ord += 1;
        self.since_bytes += packed.len();
        Ok(())
    }

    /// A snapshot is packed, about to a quarter.
    fn bytes(&self) -> usize {
        self.since_bytes + 4 * self.snapshot_bytes
    }

    /// Whether the changes beside the snapshot have outgrown it.
    fn has_grown(&self) -> bool {
        self.since_bytes >= SINCE_BYTES_MIN.max(self.snapshot_bytes)
    }

    /// A snapshot that holds the large batch just taken in, when that outgrows the one in the file; small batches
    /// wait for [`crate::Replica::tidy`].
    pub(crate) fn folded(&self, batch: &[Vec<u8>]) -> Result<Option<Vec<u8>>, ReplicaError> {
        let bytes: usize = batch.iter().map(Vec::len).sum();
        let outgrown = self.since_bytes + bytes >= self.snapshot_bytes;
        Ok(if bytes >= BATCH_BYTES_MIN && outgrown { Some(self.doc.save()?) } else { None })
    }

    /// Puts the snapshot into the file in the place of all changes beside the former one.
    pub(crate) fn fold(&mut self, conn: &Connection, snapshot: &[u8]) -> Result<(), ReplicaError> {
        write_snapshot(conn, self.space, self.name, snapshot, self.next_ord)?;
        self.since_bytes = 0;
        self.snapshot_bytes = snapshot.len();
        Ok(())
    }
}

/// What the file holds of a document.
pub(crate) struct InFile {
    space: SpaceId,
    name: DocName,
    snapshot: Option<Vec<u8>>,
    changes: Vec<Vec<u8>>,
    next_ord: u64,
    since_bytes: usize,
}

impl InFile {
    pub(crate) fn read(
        conn: &Connection,
        space: SpaceId,
        name: DocName,
        with_outbox: bool,
    ) -> Result<Self, ReplicaError> {
        let text = name.to_string();
        let sql = "SELECT snapshot FROM document WHERE space = ?1 AND name = ?2";
        let snapshot =
            conn.prepare_cached(sql)?.query_row(params![space.as_bytes(), text], |row| row.get(0)).optional()?;
        let mut found = Self { space, name, snapshot, changes: Vec::new(), next_ord: 1, since_bytes: 0 };
        let sql = "SELECT ord, changes FROM document_change WHERE space = ?1 AND name = ?2 ORDER BY ord";
        let mut statement = conn.prepare_cached(sql)?;
        let mut rows = statement.query(params![space.as_bytes(), text])?;
        while let Some(row) = rows.next()? {
            let packed = row.get_ref(1)?.as_blob().map_err(|_| ReplicaError::Corrupt)?;
            found.since_bytes += packed.len();
            found.changes.extend(unpack(packed).ok_or(ReplicaError::Corrupt)?);
            found.next_ord = crate::sql::uint(row.get(0)?) + 1;
        }
        if with_outbox {
            let sql = "SELECT change FROM outbox WHERE space = ?1 AND name = ?2 ORDER BY ord";
            let mut statement = conn.prepare_cached(sql)?;
            let rows = statement.query_map(params![space.as_bytes(), text], |row| row.get::<_, Vec<u8>>(0))?;
            for change in rows {
                let change = change?;
                found.since_bytes += change.len();
                found.changes.push(change);
            }
        }
        Ok(found)
    }

    /// Builds it; the long part of the work, which needs no file.
    pub(crate) fn load(self) -> Result<Loaded, ReplicaError> {
        let mut doc = match &self.snapshot {
            Some(bytes) => Doc::load(self.space.0, self.name, bytes)?,
            None => Doc::new(self.space.0, self.name)?,
        };
        if !self.changes.is_empty() {
            doc.replay(&self.changes)?;
        }
        Ok(Loaded {
            space: self.space,
            name: self.name,
            doc,
            next_ord: self.next_ord,
            since_bytes: self.since_bytes,
            snapshot_bytes: self.snapshot.map_or(0, |s| s.len()),
            life: Arc::default(),
        })
    }
}

fn pack(changes: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::with_capacity(changes.iter().map(|change| change.len() + 4).sum());
    for change in changes {
        out.extend_from_slice(&u32::try_from(change.len()).unwrap_or(u32::MAX).to_be_bytes());
        out.extend_from_slice(change);
    }
    out
}

fn unpack(mut packed: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut out = Vec::new();
    while let Some((length, rest)) = packed.split_first_chunk::<4>() {
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (change, rest) = rest.split_at_checked(length)?;
        out.push(change.to_vec());
        packed = rest;
    }
    packed.is_empty().then_some(out)
}
