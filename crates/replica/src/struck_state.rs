//! Fields of state that a struck change wrote last, and what stood there before. Found when a change comes in whose
//! document is loaded anyway; screens read the rows.

use meguri_chart::{Doc, Write};
use meguri_wire::DeviceId;
use rusqlite::{Connection, params};
use uuid::Uuid;

use crate::append::Append;
use crate::error::ReplicaError;
use crate::open::Replica;
use crate::project::{Origin, Standing};
use crate::sql::{col16, id32};
use crate::state::StateValue;

/// A field whose value a manager struck through.
#[derive(Clone, PartialEq, Eq)]
pub struct StruckField {
    /// Its key.
    pub key: String,
    /// What stands there now; nothing when it was taken away.
    pub now: Vec<StateValue>,
    /// What may be put back; nothing when nothing stood there.
    pub before: Vec<StateValue>,
}

impl std::fmt::Debug for StruckField {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StruckField({} values now, {} before)", self.now.len(), self.before.len())
    }
}

/// What managers noted beside their decisions, and people's name cards, are nobody's question.
fn asked(key: &str) -> bool {
    !["name-card/", "struck/", "lost-grants/"].iter().any(|prefix| key.starts_with(prefix))
}

/// Keeps who wrote a key, and marks it when a struck write stands there now.
pub(crate) fn project_write(
    conn: &Connection,
    doc: &Doc,
    origin: &Origin,
    change: &[u8; 32],
    key: &str,
) -> Result<(), ReplicaError> {
    if !asked(key) {
        return Ok(());
    }
    let sql = "INSERT INTO state_write (space, key, change, author, written_ms, zone_min, struck)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        ON CONFLICT (space, key, change) DO UPDATE SET struck = max(struck, excluded.struck)";
    conn.prepare_cached(sql)?.execute(params![
        origin.space.as_bytes(),
        key,
        change,
        origin.author.as_bytes(),
        origin.written_ms,
        origin.zone_min,
        origin.standing == Standing::Struck
    ])?;
    let sql = "SELECT 1 FROM state_write WHERE space = ?1 AND key = ?2 AND struck = 1";
    if conn.prepare_cached(sql)?.exists(params![origin.space.as_bytes(), key])? {
        mark(conn, doc, origin, key)?;
    }
    Ok(())
}

fn mark(conn: &Connection, doc: &Doc, origin: &Origin, key: &str) -> Result<(), ReplicaError> {
    let sql = "SELECT change, struck FROM state_write WHERE space = ?1 AND key = ?2";
    let mut statement = conn.prepare_cached(sql)?;
    let writes = statement.query_map(params![origin.space.as_bytes(), key], |row| {
        Ok(Write { change: id32(row.get_ref(0)?.as_blob()?)?, struck: row.get(1)? })
    })?;
    let writes: Vec<Write> = writes.collect::<Result<_, _>>()?;
    let sql = "DELETE FROM state_before WHERE space = ?1 AND key = ?2";
    conn.prepare_cached(sql)?.execute(params![origin.space.as_bytes(), key])?;
    let Some(before) = doc.before(key, &writes) else { return Ok(()) };
    let sql = "INSERT INTO state_before (space, key, change, bytes) VALUES (?1, ?2, ?3, ?4)";
    if before.is_empty() {
        conn.prepare_cached(sql)?.execute(params![origin.space.as_bytes(), key, [0u8; 0], [0u8; 0]])?;
    }
    for value in before {
        conn.prepare_cached(sql)?.execute(params![origin.space.as_bytes(), key, value.change, value.bytes])?;
    }
    Ok(())
}

impl Replica {
    /// Fields of a chart's state that a struck change wrote last, ascending by key.
    ///
    /// # Errors
    /// Storage codes.
    pub fn struck_state(&self, patient: Uuid) -> Result<Vec<StruckField>, ReplicaError> {
        let mut out: Vec<StruckField> = Vec::new();
        let now = "?2 = '' AND (s.space, s.key) IN (SELECT b.space, b.key FROM space c
            JOIN state_before b ON b.space = c.space WHERE c.patient = ?1)";
        let mut now = self.read_state(patient, "", now)?;
        let mut inner = self.lock();
        let inner = &mut *inner;
        inner.feeds.load(&inner.conn)?;
        let sql = "SELECT b.key, b.change, b.bytes, w.author, w.written_ms, w.zone_min FROM space c
            JOIN state_before b ON b.space = c.space
            LEFT JOIN state_write w ON w.space = b.space AND w.key = b.key AND w.change = b.change
            WHERE c.patient = ?1 ORDER BY b.key, w.written_ms, b.change";
        let mut statement = inner.conn.prepare_cached(sql)?;
        let mut rows = statement.query([patient.as_bytes()])?;
        while let Some(row) = rows.next()? {
            let key: String = row.get(0)?;
            if out.last().is_none_or(|field| field.key != key) {
                let values = now.iter_mut().find(|(found, _)| *found == key).map(|(_, values)| std::mem::take(values));
                out.push(StruckField { key, now: values.unwrap_or_default(), before: Vec::new() });
            }
            let change = row.get_ref(1)?.as_blob().map_err(|_| ReplicaError::Corrupt)?;
            let (Some(field), false) = (out.last_mut(), change.is_empty()) else { continue };
            let author = DeviceId(col16(row, 3)?);
            let (team, staff) = inner.feeds.person_of(&author).unwrap_or_default();
            field.before.push(StateValue {
                bytes: row.get(2)?,
                author,
                person: crate::rows::person(&inner.conn, team, staff)?,
                written_ms: row.get(4)?,
                zone_min: row.get(5)?,
                choice: meguri_wire::Hash(id32(change)?).to_string(),
            });
        }
        Ok(out)
    }

    /// Keys of a chart that a struck change wrote last.
    ///
    /// # Errors
    /// Storage codes.
    pub fn struck_fields(&self, patient: Uuid) -> Result<Vec<String>, ReplicaError> {
        let inner = self.lock();
        let sql = "SELECT DISTINCT b.key FROM space c JOIN state_before b ON b.space = c.space WHERE c.patient = ?1";
        let mut statement = inner.conn.prepare_cached(sql)?;
        let rows = statement.query_map([patient.as_bytes()], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Writes state also where the same stands there already: whoever says so stands for it from then on.
    ///
    /// # Errors
    /// As [`Replica::append`].
    pub fn append_again(&self, append: &Append) -> Result<(), ReplicaError> {
        self.append_in(append, true, |_| Ok(()))
    }
}
