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
    /// Its number among the entries.
    pub(crate) row: i64,
    pub(crate) patient: Uuid,
    /// Not empty.
    pub(crate) grams: String,
}

impl Words {
    pub(crate) fn add(&self, conn: &Connection) -> Result<(), ReplicaError> {
        let sql = "INSERT INTO words (rowid, who, bigrams) VALUES (?1, ?2, ?3)";
        conn.prepare_cached(sql)?.execute(params![self.row, who(&self.patient), self.grams])?;
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

/// Entries of one patient now belong to another: words that are written already are written anew.
pub(crate) fn move_patient(conn: &Connection, from: Uuid, to: Uuid) -> Result<(), ReplicaError> {
    let sql = "SELECT e.row, e.kind, e.body FROM entry e WHERE e.row IN (SELECT rowid FROM words WHERE words MATCH ?1)";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query([format!("who:{}", who(&from))])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (kind, body): (String, Vec<u8>) = (row.get(1)?, row.get(2)?);
        found.push((row.get::<_, i64>(0)?, crate::project::facts_of(&kind, &body).search));
    }
    for (row, text) in found {
        conn.prepare_cached("DELETE FROM words WHERE rowid = ?1")?.execute([row])?;
        Words { row, patient: to, grams: grams(&text) }.add(conn)?;
    }
    Ok(())
}
