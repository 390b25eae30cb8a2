//! Patients: their projection and the search among them.

use meguri_clinical::{PartialDate, Wareki, fold, state_kind};
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::Value;
use uuid::Uuid;

use crate::error::ReplicaError;
use crate::open::Replica;
use crate::sql::col_uuid;

const LIMIT_MAX: u32 = 1000;
const WORDS_MAX: usize = 8;

/// A patient as lists and banners show.
#[derive(Clone, PartialEq, Eq)]
pub struct PatientProjection {
    /// The patient.
    pub id: Uuid,
    /// Family and given name.
    pub name: (String, String),
    /// The same in kana.
    pub kana: (String, String),
    /// `YYYY[-MM[-DD]]`, or empty.
    pub birth_date: String,
    /// `male`, `female`, `other`, `unknown`, or empty.
    pub sex: String,
    /// Facility and the number it gave.
    pub local_ids: Vec<(String, String)>,
    /// As written.
    pub address: String,
    /// As written.
    pub phone: String,
    /// Clinical time of the newest entry, ms UTC.
    pub last_entry_ms: Option<i64>,
    /// Entries of others not looked at here.
    pub new_count: u32,
    /// Entries that have not left this device.
    pub unsent: u32,
    /// Fields of which two people wrote different values at once.
    pub conflicts: u32,
}

impl std::fmt::Debug for PatientProjection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PatientProjection({})", self.id)
    }
}

const COLUMNS: &str = concat!(
    "p.id, p.family, p.given, p.kana_family, p.kana_given, p.birth_date, p.sex, p.local_ids, p.address, p.phone,
    (SELECT e.at_ms FROM entry e WHERE e.patient = p.id ORDER BY e.at_ms DESC LIMIT 1),
    (SELECT count(*) FROM entry e WHERE e.patient = p.id AND e.seen = 0),
    (SELECT count(*) FROM space c JOIN outbox o ON o.space = c.space WHERE c.patient = p.id AND o.entry <> x''),
    (SELECT count(*) FROM (SELECT 1 FROM space c JOIN state s ON s.space = c.space WHERE c.patient = p.id AND ",
    crate::state::disputed!(),
    "))"
);

fn read(row: &rusqlite::Row<'_>) -> Result<PatientProjection, rusqlite::Error> {
    let local_ids: String = row.get(7)?;
    Ok(PatientProjection {
        id: col_uuid(row, 0)?,
        name: (row.get(1)?, row.get(2)?),
        kana: (row.get(3)?, row.get(4)?),
        birth_date: row.get(5)?,
        sex: row.get(6)?,
        local_ids: serde_json::from_str(&local_ids).unwrap_or_default(),
        address: row.get(8)?,
        phone: row.get(9)?,
        last_entry_ms: row.get(10)?,
        new_count: row.get(11)?,
        unsent: row.get(12)?,
        conflicts: row.get(13)?,
    })
}

/// Reads the identity fields of the state into the patient's row and the narrow search table.
pub(crate) fn project_identity(conn: &Connection, patient: Uuid) -> Result<(), ReplicaError> {
    let Some(kind) = state_kind("identity") else { return Ok(()) };
    let prefix = format!("identity/{patient}/");
    let sql = "SELECT s.key, s.bytes FROM space p JOIN state s ON s.space = p.space
        WHERE p.patient = ?1 AND s.key >= ?2 AND s.key < ?2 || x'f7' ORDER BY s.key, s.written_ms, s.change";
    let sql = sql.replace("|| x'f7'", "|| char(1114111)");
    let mut fields: serde_json::Map<String, Value> = serde_json::Map::new();
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query(params![patient.as_bytes(), prefix])?;
    while let Some(row) = rows.next()? {
        let key: String = row.get(0)?;
        let field = key.strip_prefix(&prefix).unwrap_or_default();
        let bytes = row.get_ref(1)?.as_blob().map_err(|_| ReplicaError::Corrupt)?;
        if let Ok(value) = kind.decode_field(field, bytes) {
            fields.insert(field.to_string(), value);
        }
    }
    drop(rows);
    write_identity(conn, patient, &fields)
}

fn write_identity(
    conn: &Connection,
    patient: Uuid,
    fields: &serde_json::Map<String, Value>,
) -> Result<(), ReplicaError> {
    let part = |field: &str, part: &str| {
        fields.get(field).and_then(|v| v.get(part)).and_then(Value::as_str).unwrap_or_default()
    };
    let text = |field: &str| fields.get(field).and_then(Value::as_str).unwrap_or_default();
    let local_ids: Vec<(String, String)> = fields
        .iter()
        .filter_map(|(field, value)| Some((field.strip_prefix("localId/")?.to_string(), value.as_str()?.to_string())))
        .collect();
    let sql = "INSERT INTO patient (id, family, given, kana_family, kana_given, birth_date, sex, local_ids, address, phone)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
        ON CONFLICT (id) DO UPDATE SET family = excluded.family, given = excluded.given, kana_family = excluded.kana_family,
        kana_given = excluded.kana_given, birth_date = excluded.birth_date, sex = excluded.sex, local_ids = excluded.local_ids,
        address = excluded.address, phone = excluded.phone";
    conn.prepare_cached(sql)?.execute(params![
        patient.as_bytes(),
        part("name", "family"),
        part("name", "given"),
        part("kana", "family"),
        part("kana", "given"),
        text("birthDate"),
        text("sex"),
        serde_json::to_string(&local_ids).unwrap_or_default(),
        text("address"),
        text("phone")
    ])?;
    let kana = fold(&format!("{}{}", part("kana", "family"), part("kana", "given")));
    let name = fold(&format!("{}{}", part("name", "family"), part("name", "given")));
    let ids: Vec<String> = local_ids.iter().map(|(_, id)| fold(id)).collect();
    // Each word after a space, so that its beginning can be asked for.
    let words = format!(" {kana} {name} {}", ids.join(" "));
    conn.prepare_cached("DELETE FROM patient_find WHERE id = ?1")?.execute([patient.as_bytes()])?;
    let sql = "INSERT INTO patient_find (kana, id, birth, words) VALUES (?1, ?2, ?3, ?4)";
    conn.prepare_cached(sql)?.execute(params![kana, patient.as_bytes(), text("birthDate"), words])?;
    Ok(())
}

/// What was typed as a date of birth: era years, or Gregorian with or without separators.
fn birth_prefix(word: &str) -> Option<String> {
    if let Ok(date) = Wareki::parse(word) {
        return Some(date_text(date));
    }
    let digits = word.chars().all(|c| c.is_ascii_digit());
    let plain = match (digits, word.len()) {
        (true, 8) => format!("{}-{}-{}", word.get(..4)?, word.get(4..6)?, word.get(6..)?),
        (true, 4) => word.to_string(),
        (true, _) => return None,
        (false, _) => {
            let parts: Vec<&str> = word.split(['-', '/', '.', '年', '月', '日']).filter(|p| !p.is_empty()).collect();
            let (year, rest) = parts.split_first()?;
            rest.iter().fold((*year).to_string(), |out, part| format!("{out}-{part:0>2}"))
        }
    };
    PartialDate::parse(&plain).ok().map(date_text)
}

fn date_text(date: PartialDate) -> String {
    let mut out = format!("{:04}", date.year);
    for part in [date.month, date.day].into_iter().flatten() {
        out.push_str(&format!("-{part:02}"));
    }
    out
}

impl Replica {
    /// Patients whose kana, name or local id contain every word typed, or born on a date typed. Those whose kana, name
    /// or local id begins with a word typed come first, both parts in kana order. Empty finds all. Also how many there are.
    ///
    /// # Errors
    /// Storage codes.
    pub fn search_patients(&self, query: &str, limit: u32) -> Result<(Vec<PatientProjection>, u32), ReplicaError> {
        let inner = self.lock();
        let folded = fold(query);
        let mut values: Vec<String> = Vec::new();
        let mut conditions = vec!["1 = 1".to_string()];
        let mut begins = vec!["0".to_string()];
        for word in folded.split_whitespace().take(WORDS_MAX) {
            values.extend([word.to_string(), format!(" {word}")]);
            let mut condition = format!("instr(f.words, ?{})", values.len() - 1);
            begins.push(format!("instr(f.words, ?{})", values.len()));
            if let Some(birth) = birth_prefix(word) {
                values.push(birth);
                let n = values.len();
                condition = format!("({condition} OR substr(f.birth, 1, length(?{n})) = ?{n})");
            }
            conditions.push(condition);
        }
        let filter = conditions.join(" AND ");
        let begins = begins.join(" OR ");
        let sql = format!("SELECT f.id, {begins} FROM patient_find f WHERE {filter} ORDER BY f.kana, f.id");
        let mut statement = inner.conn.prepare_cached(&sql)?;
        let mut rows = statement.query(rusqlite::params_from_iter(values.iter()))?;
        let limit = usize::try_from(limit.clamp(1, LIMIT_MAX)).unwrap_or(usize::MAX);
        let (mut beginning, mut inside, mut total) = (Vec::new(), Vec::new(), 0u32);
        while let Some(row) = rows.next()? {
            total += 1;
            let list = if row.get::<_, i64>(1)? > 0 { &mut beginning } else { &mut inside };
            if list.len() < limit {
                list.push(col_uuid(row, 0)?);
            }
        }
        drop(rows);
        let ids = beginning.into_iter().chain(inside).take(limit);
        let found = ids.filter_map(|id| read_patient(&inner.conn, id).transpose()).collect::<Result<_, _>>()?;
        Ok((found, total))
    }

    /// One patient.
    ///
    /// # Errors
    /// Storage codes.
    pub fn patient(&self, patient: Uuid) -> Result<Option<PatientProjection>, ReplicaError> {
        read_patient(&self.lock().conn, patient)
    }

    /// Patients with the newest entries first.
    ///
    /// # Errors
    /// Storage codes.
    pub fn recent(&self, limit: u32) -> Result<Vec<PatientProjection>, ReplicaError> {
        let inner = self.lock();
        // Which they are, before their counts are taken.
        let sql = format!(
            "SELECT {COLUMNS} FROM patient p WHERE p.id IN (SELECT q.id FROM patient q WHERE q.entries > 0 ORDER BY
             (SELECT e.at_ms FROM entry e WHERE e.patient = q.id ORDER BY e.at_ms DESC LIMIT 1) DESC, q.id LIMIT ?1)
             ORDER BY 11 DESC, p.id"
        );
        let mut statement = inner.conn.prepare_cached(&sql)?;
        let rows = statement.query_map([limit.clamp(1, LIMIT_MAX)], read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn read_patient(conn: &Connection, patient: Uuid) -> Result<Option<PatientProjection>, ReplicaError> {
    let sql = format!("SELECT {COLUMNS} FROM patient p WHERE p.id = ?1");
    Ok(conn.prepare_cached(&sql)?.query_row([patient.as_bytes()], read).optional()?)
}
