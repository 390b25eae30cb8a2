//! The timeline of a chart and the versions of an entry. Shown are the newest
//! version of each entry and withdrawn entries; corrected ones and the notices
//! of withdrawal are among the versions.

use meguri_wire::TeamId;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params, params_from_iter};
use uuid::Uuid;

use crate::error::ReplicaError;
use crate::open::Replica;
use crate::rows::{ENTRY_COLUMNS, EntryRow, complete, read_entry};
use crate::words::phrase;

const LIMIT_MAX: u32 = 500;

/// What to list.
#[derive(Debug, Clone, Default)]
pub struct TimelineQuery {
    /// Whose chart.
    pub patient: Uuid,
    /// After this place in the order, newest first.
    pub before: Option<(i64, Uuid)>,
    /// At most so many, up to 500.
    pub limit: u32,
    /// Only these kinds; all when empty.
    pub kinds: Vec<String>,
    /// Only what these teams wrote; all when empty.
    pub facilities: Vec<TeamId>,
    /// Only entries with these words; all when blank.
    pub text: String,
}

/// One page.
#[derive(Debug, Clone)]
pub struct TimelinePage {
    /// Newest first.
    pub entries: Vec<EntryRow>,
    /// Older ones follow.
    pub more: bool,
    /// How many match in all.
    pub total: u32,
}

/// Conditions with their values.
struct Filter {
    sql: String,
    values: Vec<Value>,
}

impl Filter {
    fn of(query: &TimelineQuery) -> Self {
        let mut filter =
            Self { sql: "e.patient = ? AND e.shown = 1".to_string(), values: vec![blob(query.patient.as_bytes())] };
        filter.any("e.kind", query.kinds.iter().map(|kind| Value::Text(kind.clone())).collect());
        filter.any("e.team", query.facilities.iter().map(|team| blob(team.as_bytes())).collect());
        let words = phrase(query.patient, &query.text);
        if let Some(words) = words {
            // The plus keeps the order of the chart: row after row is looked up among those that match, and only the
            // page is read.
            filter.sql.push_str(" AND +e.row IN (SELECT rowid FROM words WHERE words MATCH ?)");
            filter.values.push(Value::Text(words));
        }
        filter
    }

    fn any(&mut self, column: &str, values: Vec<Value>) {
        if values.is_empty() {
            return;
        }
        let marks = vec!["?"; values.len()].join(", ");
        self.sql.push_str(&format!(" AND {column} IN ({marks})"));
        self.values.extend(values);
    }
}

fn blob(bytes: &[u8]) -> Value {
    Value::Blob(bytes.to_vec())
}

impl Replica {
    /// A page of a chart.
    ///
    /// # Errors
    /// Storage codes.
    pub fn timeline(&self, query: &TimelineQuery) -> Result<TimelinePage, ReplicaError> {
        let inner = self.lock();
        let limit = query.limit.clamp(1, LIMIT_MAX);
        let filter = Filter::of(query);
        let total = total(&inner.conn, query, &filter)?;
        let mut sql = format!("SELECT {ENTRY_COLUMNS} FROM entry e INDEXED BY entry_place WHERE {}", filter.sql);
        let mut values = filter.values;
        if let Some((at_ms, id)) = query.before {
            sql.push_str(" AND (e.at_ms < ? OR (e.at_ms = ? AND e.id > ?)) AND e.at_ms <= ?");
            values.extend([Value::Integer(at_ms), Value::Integer(at_ms), blob(id.as_bytes()), Value::Integer(at_ms)]);
        }
        sql.push_str(" ORDER BY e.at_ms DESC, e.id LIMIT ?");
        values.push(Value::Integer(i64::from(limit) + 1));
        let mut statement = inner.conn.prepare_cached(&sql)?;
        let rows = statement.query_map(params_from_iter(values), read_entry)?;
        let mut entries: Vec<EntryRow> = rows.collect::<Result<_, _>>()?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = entries.len() > limit;
        entries.truncate(limit);
        complete(&inner.conn, &mut entries)?;
        Ok(TimelinePage { entries, more, total })
    }

    /// One entry, whichever version.
    ///
    /// # Errors
    /// Storage codes.
    pub fn entry(&self, patient: Uuid, id: Uuid) -> Result<Option<EntryRow>, ReplicaError> {
        let inner = self.lock();
        read_one(&inner.conn, patient, id)
    }

    /// Every version of an entry and the notices about it, oldest first.
    ///
    /// # Errors
    /// Storage codes.
    pub fn versions(&self, patient: Uuid, id: Uuid) -> Result<Vec<EntryRow>, ReplicaError> {
        let inner = self.lock();
        let mut found: Vec<EntryRow> = Vec::new();
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            if found.iter().any(|row| row.id == id) || found.len() > 1000 {
                continue;
            }
            let Some(row) = read_one(&inner.conn, patient, id)? else { continue };
            let sql = "SELECT follows FROM entry INDEXED BY entry_id WHERE id = ?1 AND patient = ?2 AND follow > 0";
            let mut statement = inner.conn.prepare_cached(sql)?;
            let before = statement
                .query_row(params![id.as_bytes(), patient.as_bytes()], |row| crate::sql::col_uuid(row, 0))
                .optional()?;
            open.extend(before);
            let mut statement =
                inner.conn.prepare_cached("SELECT id FROM entry WHERE follows = ?1 AND follow > 0 AND patient = ?2")?;
            let after =
                statement.query_map(params![id.as_bytes(), patient.as_bytes()], |row| crate::sql::col_uuid(row, 0))?;
            open.extend(after.collect::<Result<Vec<_>, _>>()?);
            found.push(row);
        }
        found.sort_by_key(|row| (row.written_ms, row.id));
        Ok(found)
    }

    /// What others wrote and nobody looked at here, newest first.
    ///
    /// # Errors
    /// Storage codes.
    pub fn news(&self, limit: u32) -> Result<Vec<EntryRow>, ReplicaError> {
        // The index alone finds the newest; only they are read.
        let sql = format!(
            "SELECT {ENTRY_COLUMNS} FROM entry e WHERE e.row IN (SELECT n.row
             FROM entry n INDEXED BY entry_new WHERE n.seen = 0 ORDER BY n.received_ms DESC, n.row LIMIT ?1)
             ORDER BY e.received_ms DESC, e.id"
        );
        self.list(&sql, params![limit.min(LIMIT_MAX)])
    }

    /// Entries of a patient that have not left this device, oldest first.
    ///
    /// # Errors
    /// Storage codes.
    pub fn unsent_entries(&self, patient: Uuid) -> Result<Vec<EntryRow>, ReplicaError> {
        let sql = format!(
            "SELECT {ENTRY_COLUMNS} FROM entry e INDEXED BY entry_id WHERE e.patient = ?1 AND e.ssn = 0 AND e.id IN
             (SELECT substr(o.entry, 9) FROM space c JOIN outbox o ON o.space = c.space WHERE c.patient = ?1)
             ORDER BY e.written_ms, e.id LIMIT 500"
        );
        self.list(&sql, params![patient.as_bytes()])
    }

    fn list(&self, sql: &str, params: impl rusqlite::Params) -> Result<Vec<EntryRow>, ReplicaError> {
        let inner = self.lock();
        let mut statement = inner.conn.prepare_cached(sql)?;
        let mut rows: Vec<EntryRow> = statement.query_map(params, read_entry)?.collect::<Result<_, _>>()?;
        complete(&inner.conn, &mut rows)?;
        Ok(rows)
    }
}

fn read_one(conn: &Connection, patient: Uuid, id: Uuid) -> Result<Option<EntryRow>, ReplicaError> {
    let sql = format!("SELECT {ENTRY_COLUMNS} FROM entry e INDEXED BY entry_id WHERE e.id = ?1 AND e.patient = ?2");
    let row =
        conn.prepare_cached(&sql)?.query_row(params![id.as_bytes(), patient.as_bytes()], read_entry).optional()?;
    let mut rows: Vec<EntryRow> = row.into_iter().collect();
    complete(conn, &mut rows)?;
    Ok(rows.pop())
}

/// Without a filter the number is kept with the patient.
fn total(conn: &Connection, query: &TimelineQuery, filter: &Filter) -> Result<u32, ReplicaError> {
    if query.kinds.is_empty() && query.facilities.is_empty() && phrase(query.patient, &query.text).is_none() {
        let sql = "SELECT entries FROM patient WHERE id = ?1";
        let found = conn.prepare_cached(sql)?.query_row([query.patient.as_bytes()], |row| row.get(0)).optional()?;
        return Ok(found.unwrap_or(0));
    }
    let sql = format!("SELECT count(*) FROM entry e INDEXED BY entry_place WHERE {}", filter.sql);
    Ok(conn.prepare_cached(&sql)?.query_row(params_from_iter(filter.values.iter()), |row| row.get(0))?)
}
