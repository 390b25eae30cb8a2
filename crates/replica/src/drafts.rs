//! Drafts: durable from the first keystroke that is saved, never sent.

use rusqlite::{OptionalExtension, params};
use uuid::Uuid;

use crate::error::ReplicaError;
use crate::open::Replica;
use crate::sql::col_uuid;

/// One draft.
#[derive(Clone, PartialEq, Eq)]
pub struct DraftRow {
    /// Random.
    pub id: Uuid,
    /// Whose chart.
    pub patient: Uuid,
    /// Drafts of one visit are confirmed together.
    pub visit: String,
    /// Stored tag of the kind.
    pub kind: String,
    /// JSON as the form left it; may be incomplete.
    pub body_json: String,
    /// Ms UTC.
    pub updated_ms: i64,
}

impl std::fmt::Debug for DraftRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DraftRow({})", self.id)
    }
}

const COLUMNS: &str = "SELECT id, patient, visit, kind, body_json, updated_ms FROM draft";

fn read(row: &rusqlite::Row<'_>) -> Result<DraftRow, rusqlite::Error> {
    Ok(DraftRow {
        id: col_uuid(row, 0)?,
        patient: col_uuid(row, 1)?,
        visit: row.get(2)?,
        kind: row.get(3)?,
        body_json: row.get(4)?,
        updated_ms: row.get(5)?,
    })
}

impl Replica {
    /// Writes or replaces a draft.
    ///
    /// # Errors
    /// Storage codes.
    pub fn draft_put(&self, draft: &DraftRow) -> Result<(), ReplicaError> {
        let inner = self.lock();
        let sql = "INSERT INTO draft (id, patient, visit, kind, body_json, updated_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT (id) DO UPDATE SET patient = excluded.patient, visit = excluded.visit, kind = excluded.kind,
            body_json = excluded.body_json, updated_ms = excluded.updated_ms";
        let mut statement = inner.conn.prepare_cached(sql)?;
        let row = params![
            draft.id.as_bytes(),
            draft.patient.as_bytes(),
            draft.visit,
            draft.kind,
            draft.body_json,
            draft.updated_ms
        ];
        crate::fault::around(|| statement.execute(row))?;
        Ok(())
    }

    /// Every draft, or those of one patient; newest first.
    ///
    /// # Errors
    /// Storage codes.
    pub fn drafts(&self, patient: Option<Uuid>) -> Result<Vec<DraftRow>, ReplicaError> {
        let inner = self.lock();
        let sql = format!("{COLUMNS} WHERE ?1 IS NULL OR patient = ?1 ORDER BY updated_ms DESC, id");
        let mut statement = inner.conn.prepare_cached(&sql)?;
        let patient = patient.map(Uuid::into_bytes);
        let rows = statement.query_map([patient.as_ref().map(|p| p.as_slice())], read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// One draft.
    ///
    /// # Errors
    /// Storage codes.
    pub fn draft(&self, id: Uuid) -> Result<Option<DraftRow>, ReplicaError> {
        let inner = self.lock();
        let mut statement = inner.conn.prepare_cached(&format!("{COLUMNS} WHERE id = ?1"))?;
        Ok(statement.query_row([id.as_bytes()], read).optional()?)
    }

    /// Throws a draft away; false when there was none.
    ///
    /// # Errors
    /// Storage codes.
    pub fn draft_discard(&self, id: Uuid) -> Result<bool, ReplicaError> {
        let inner = self.lock();
        let count = inner.conn.prepare_cached("DELETE FROM draft WHERE id = ?1")?.execute([id.as_bytes()])?;
        Ok(count > 0)
    }
}
