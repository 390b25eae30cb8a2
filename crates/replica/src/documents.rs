//! Documents in the file and the few of them in memory.

use meguri_chart::{Doc, DocName};
use meguri_wire::SpaceId;
use rusqlite::{Connection, OptionalExtension, params};

use crate::error::ReplicaError;
use crate::sql::int;

/// At most so many documents stay loaded.
const LOADED_MAX: usize = 32;
/// A snapshot is written when the changes beside it outgrow it and this.
const SINCE_BYTES_MIN: usize = 64 * 1024;

/// One loaded document with what lies in the file beside its snapshot.
pub(crate) struct Loaded {
    space: SpaceId,
    name: DocName,
    pub(crate) doc: Doc,
    next_ord: u64,
    since_bytes: usize,
    snapshot_bytes: usize,
}

/// Loaded documents, least recently used first.
#[derive(Default)]
pub(crate) struct Documents {
    loaded: Vec<Loaded>,
}

impl Documents {
    /// The document, loaded or made.
    pub(crate) fn get(
        &mut self,
        conn: &Connection,
        space: SpaceId,
        name: DocName,
    ) -> Result<&mut Loaded, ReplicaError> {
        let found = self.loaded.iter().position(|l| l.space == space && l.name == name);
        let loaded = match found {
            Some(index) => self.loaded.remove(index),
            None => load(conn, space, name)?,
        };
        if self.loaded.len() >= LOADED_MAX {
            self.loaded.remove(0);
        }
        self.loaded.push(loaded);
        self.loaded.last_mut().ok_or(ReplicaError::Storage(0))
    }
}

impl Loaded {
    /// Writes changes the document has just taken in, as one row.
    pub(crate) fn store(&mut self, conn: &Connection, changes: &[Vec<u8>]) -> Result<(), ReplicaError> {
        if changes.is_empty() {
            return Ok(());
        }
        let packed = pack(changes);
        let sql = "INSERT INTO document_change (space, name, ord, changes) VALUES (?1, ?2, ?3, ?4)";
        conn.prepare_cached(sql)?.execute(params![
            self.space.as_bytes(),
            self.name.to_string(),
            int(self.next_ord),
            packed
        ])?;
        self.next_ord += 1;
        self.since_bytes += packed.len();
        Ok(())
    }

    /// Replaces the changes by a snapshot that was loaded back, when they have grown.
    pub(crate) fn settle(&mut self, conn: &Connection) -> Result<(), ReplicaError> {
        if self.since_bytes < SINCE_BYTES_MIN.max(self.snapshot_bytes) {
            return Ok(());
        }
        let snapshot = self.doc.save()?;
        let name = self.name.to_string();
        let sql = "INSERT INTO document (space, name, snapshot) VALUES (?1, ?2, ?3)
            ON CONFLICT (space, name) DO UPDATE SET snapshot = excluded.snapshot";
        conn.prepare_cached(sql)?.execute(params![self.space.as_bytes(), name, snapshot])?;
        let sql = "DELETE FROM document_change WHERE space = ?1 AND name = ?2";
        conn.prepare_cached(sql)?.execute(params![self.space.as_bytes(), name])?;
        self.since_bytes = 0;
        self.snapshot_bytes = snapshot.len();
        Ok(())
    }
}

fn load(conn: &Connection, space: SpaceId, name: DocName) -> Result<Loaded, ReplicaError> {
    let text = name.to_string();
    let sql = "SELECT snapshot FROM document WHERE space = ?1 AND name = ?2";
    let snapshot: Option<Vec<u8>> =
        conn.prepare_cached(sql)?.query_row(params![space.as_bytes(), text], |row| row.get(0)).optional()?;
    let mut doc = match &snapshot {
        Some(bytes) => Doc::load(space.0, name, bytes)?,
        None => Doc::new(space.0, name)?,
    };
    let sql = "SELECT ord, changes FROM document_change WHERE space = ?1 AND name = ?2 ORDER BY ord";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params![space.as_bytes(), text])?;
    let (mut changes, mut next_ord, mut since_bytes) = (Vec::new(), 1, 0);
    while let Some(row) = rows.next()? {
        let packed = row.get_ref(1)?.as_blob().map_err(|_| ReplicaError::Corrupt)?;
        since_bytes += packed.len();
        changes.extend(unpack(packed).ok_or(ReplicaError::Corrupt)?);
        next_ord = crate::sql::uint(row.get(0)?) + 1;
    }
    if !changes.is_empty() {
        doc.replay(&changes)?;
    }
    Ok(Loaded { space, name, doc, next_ord, since_bytes, snapshot_bytes: snapshot.map_or(0, |s| s.len()) })
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
