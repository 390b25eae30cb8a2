//! Current state by key. More than one value of a key is a conflict that a person decides.

use meguri_chart::Doc;
use rusqlite::{Connection, params};
use uuid::Uuid;

use crate::error::ReplicaError;
use crate::open::Replica;
use crate::project::Origin;
use crate::rows::PersonRow;
use crate::sql::col16;

/// Of the state rows `s`: one of a key about which people disagree. The same value written twice is no question, a
/// person's own name card none for others, and what managers noted beside their decisions none about the patient.
macro_rules! disputed {
    () => {
        "substr(s.key, 1, 10) <> 'name-card/' AND substr(s.key, 1, 7) <> 'struck/'
         AND substr(s.key, 1, 12) <> 'lost-grants/' GROUP BY s.space, s.key HAVING count(DISTINCT s.bytes) > 1"
    };
}
pub(crate) use disputed;

/// One value of a state key.
#[derive(Clone, PartialEq, Eq)]
pub struct StateValue {
    /// Bytes of the field.
    pub bytes: Vec<u8>,
    /// The device that wrote it.
    pub author: meguri_wire::DeviceId,
    /// The person it is certified for.
    pub person: PersonRow,
    /// By the author's clock, ms UTC.
    pub written_ms: i64,
    /// Its offset, minutes.
    pub zone_min: i32,
    /// Names this value among the others of its key.
    pub choice: String,
}

impl std::fmt::Debug for StateValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StateValue({} bytes)", self.bytes.len())
    }
}

/// Writes the values a key now has in the document.
pub(crate) fn project_key(
    conn: &Connection,
    doc: &Doc,
    origin: &Origin,
    change: &[u8; 32],
    key: &str,
) -> Result<(), ReplicaError> {
    let values = doc.read_key(key);
    let sql = "DELETE FROM state WHERE space = ?1 AND key = ?2 AND change <> ?3";
    if let [only] = values.as_slice() {
        conn.prepare_cached(sql)?.execute(params![origin.space.as_bytes(), key, only.change])?;
    } else {
        let mut statement = conn.prepare_cached("SELECT change FROM state WHERE space = ?1 AND key = ?2")?;
        let held: Vec<Vec<u8>> =
            statement.query_map(params![origin.space.as_bytes(), key], |row| row.get(0))?.collect::<Result<_, _>>()?;
        for old in held.iter().filter(|old| !values.iter().any(|value| value.change == old.as_slice())) {
            let sql = "DELETE FROM state WHERE space = ?1 AND key = ?2 AND change = ?3";
            conn.prepare_cached(sql)?.execute(params![origin.space.as_bytes(), key, old])?;
        }
    }
    for value in values.iter().filter(|value| value.change == *change) {
        let sql = "INSERT INTO state (space, key, change, bytes, author, written_ms, zone_min)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING";
        conn.prepare_cached(sql)?.execute(params![
            origin.space.as_bytes(),
            key,
            value.change,
            value.bytes,
            origin.author.as_bytes(),
            origin.written_ms,
            origin.zone_min
        ])?;
    }
    crate::struck_state::project_write(conn, doc, origin, change, key)?;
    if key.starts_with("name-card/") {
        let written = values.iter().find(|value| value.change == *change);
        project_card(conn, origin, key, written.map(|value| value.bytes.as_slice()))?;
    }
    match key.strip_prefix("identity/").and_then(|rest| rest.split('/').next()).and_then(|id| Uuid::parse_str(id).ok())
    {
        Some(patient) if patient == origin.patient => crate::patients::project_identity(conn, patient),
        Some(_) | None => Ok(()),
    }
}

/// `name-card/<staff>/card` = CBOR map of `name`, `profession`, `facility`. Nobody says who somebody else is: a card counts
/// where the person's own device wrote it.
fn project_card(conn: &Connection, origin: &Origin, key: &str, bytes: Option<&[u8]>) -> Result<(), ReplicaError> {
    let staff = key.split('/').nth(1).and_then(|id| id.parse::<meguri_wire::StaffId>().ok());
    let staff = staff.filter(|staff| *staff == origin.staff);
    let value = bytes.and_then(|bytes| ciborium::from_reader::<serde_json::Value, _>(bytes).ok());
    let (Some(staff), Some(value)) = (staff, value) else { return Ok(()) };
    let text = |field: &str| value.get(field).and_then(serde_json::Value::as_str).unwrap_or_default().to_string();
    let sql = "INSERT INTO staff_card (staff, name, profession, facility) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (staff) DO UPDATE SET name = excluded.name, profession = excluded.profession, facility = excluded.facility";
    conn.prepare_cached(sql)?.execute(params![staff.as_bytes(), text("name"), text("profession"), text("facility")])?;
    Ok(())
}

impl Replica {
    /// Keys of a chart's state that begin with `prefix`, ascending, with their values.
    ///
    /// # Errors
    /// Storage codes.
    pub fn state_values(&self, patient: Uuid, prefix: &str) -> Result<Vec<(String, Vec<StateValue>)>, ReplicaError> {
        let sql = "s.key >= ?2 AND substr(s.key, 1, length(?2)) = ?2";
        self.read_state(patient, prefix, sql)
    }

    /// Keys of which more than one person wrote different values at once.
    ///
    /// # Errors
    /// Storage codes.
    pub fn conflicts(&self, patient: Uuid) -> Result<Vec<(String, Vec<StateValue>)>, ReplicaError> {
        let sql = concat!(
            "?2 = '' AND (s.space, s.key) IN (SELECT s.space, s.key FROM space c JOIN state s ON s.space = c.space
             WHERE c.patient = ?1 AND ",
            disputed!(),
            ")"
        );
        self.read_state(patient, "", sql)
    }

    pub(crate) fn read_state(
        &self,
        patient: Uuid,
        prefix: &str,
        filter: &str,
    ) -> Result<Vec<(String, Vec<StateValue>)>, ReplicaError> {
        let mut inner = self.lock();
        let inner = &mut *inner;
        inner.feeds.load(&inner.conn)?;
        let sql = format!(
            "SELECT s.key, s.bytes, s.author, s.written_ms, s.zone_min, s.change FROM state s
             JOIN space p ON p.space = s.space WHERE p.patient = ?1 AND {filter} ORDER BY s.key, s.written_ms, s.change"
        );
        let mut statement = inner.conn.prepare_cached(&sql)?;
        let mut rows = statement.query(params![patient.as_bytes(), prefix])?;
        let mut out: Vec<(String, Vec<StateValue>)> = Vec::new();
        while let Some(row) = rows.next()? {
            let key: String = row.get(0)?;
            let author = meguri_wire::DeviceId(col16(row, 2)?);
            let (team, staff) = inner.feeds.person_of(&author).unwrap_or_default();
            let change = crate::sql::id32(row.get_ref(5)?.as_blob().map_err(|_| ReplicaError::Corrupt)?)?;
            let value = StateValue {
                bytes: row.get(1)?,
                author,
                person: crate::rows::person(&inner.conn, team, staff)?,
                written_ms: row.get(3)?,
                zone_min: row.get(4)?,
                choice: meguri_wire::Hash(change).to_string(),
            };
            match out.last_mut() {
                Some((last, values)) if *last == key => values.push(value),
                Some(_) | None => out.push((key, vec![value])),
            }
        }
        Ok(out)
    }
}
