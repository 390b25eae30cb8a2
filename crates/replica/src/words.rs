//! Words of entries: bigrams made here, phrases matched by FTS5, so that one,
//! two or three characters are found as well as many.

use meguri_clinical::{bigrams, fold};
use rusqlite::{Connection, params};
use uuid::Uuid;

use crate::error::ReplicaError;

fn who(patient: &Uuid) -> String {
    format!("p{}", patient.simple())
}

/// The bigrams of a text; empty without any.
pub(crate) fn grams(text: &str) -> String {
    if text.trim().is_empty() { String::new() } else { bigrams(text) }
}

/// The words of one entry.
pub(crate) struct Words {
    pub(crate) patient: Uuid,
    pub(crate) at_ms: i64,
    pub(crate) id: Uuid,
    /// Not empty.
    pub(crate) grams: String,
}

impl Words {
    pub(crate) fn add(&self, conn: &Connection) -> Result<(), ReplicaError> {
        let sql = "INSERT INTO entry_words (patient, at_ms, id) VALUES (?1, ?2, ?3)";
        conn.prepare_cached(sql)?.execute(params![self.patient.as_bytes(), self.at_ms, self.id.as_bytes()])?;
        let row = conn.last_insert_rowid();
        let sql = "INSERT INTO words (rowid, who, bigrams) VALUES (?1, ?2, ?3)";
        conn.prepare_cached(sql)?.execute(params![row, who(&self.patient), self.grams])?;
        Ok(())
    }
}

/// The MATCH of what was typed: every word as a phrase of bigrams, of one patient.
pub(crate) fn phrase(patient: Uuid, typed: &str) -> Option<String> {
    let folded = fold(typed);
    let mut out = format!("who:\"{}\"", who(&patient));
    let mut any = false;
    for word in folded.split_whitespace() {
        let clean: String = word.chars().filter(|c| *c != '"').collect();
        let grams = bigrams(&clean);
        let grams: Vec<&str> = grams.split_whitespace().collect();
        // The last character stands alone in the text's bigrams only at its end: a phrase goes without it.
        let phrase = match grams.as_slice() {
            [] => continue,
            [one] => format!("\"{one}\"*"),
            [all @ .., _last] => format!("\"{}\"", all.join(" ")),
        };
        out.push_str(&format!(" AND bigrams:{phrase}"));
        any = true;
    }
    any.then_some(out)
}

/// Entries of one patient now belong to another.
pub(crate) fn move_patient(conn: &Connection, from: Uuid, to: Uuid) -> Result<(), ReplicaError> {
    let sql = "SELECT w.row, w.at_ms, w.id, e.kind, e.body FROM entry_words w JOIN entry e ON e.id = w.id WHERE w.patient = ?1";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query([from.as_bytes()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (kind, body): (String, Vec<u8>) = (row.get(3)?, row.get(4)?);
        let text = crate::project::facts_of(&kind, &body).search;
        found.push((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, crate::sql::col_uuid(row, 2)?, text));
    }
    for (row, at_ms, id, text) in found {
        conn.prepare_cached("DELETE FROM words WHERE rowid = ?1")?.execute([row])?;
        conn.prepare_cached("DELETE FROM entry_words WHERE row = ?1")?.execute([row])?;
        Words { patient: to, at_ms, id, grams: grams(&text) }.add(conn)?;
    }
    Ok(())
}
