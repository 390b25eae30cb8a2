//! Measures over time, for trends and usual ranges.

use meguri_clinical::Measure;
use minicbor::{Decode, Encode};
use rusqlite::params;
use uuid::Uuid;

use crate::error::ReplicaError;
use crate::open::Replica;
use crate::sql::col_uuid;

/// One measured value.
#[derive(Clone, PartialEq)]
pub struct MeasureRow {
    /// Clinical time, ms UTC.
    pub at_ms: i64,
    /// As entered.
    pub text: String,
    /// For drawing.
    pub value: f64,
    /// Its unit.
    pub unit: String,
    /// Whether the family measured it.
    pub family: bool,
    /// The entry.
    pub entry: Uuid,
}

impl std::fmt::Debug for MeasureRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MeasureRow({})", self.entry)
    }
}

/// A value in the row of its entry.
#[derive(Encode, Decode)]
#[cbor(array)]
struct Stored<'a> {
    #[b(0)]
    key: &'a str,
    #[b(1)]
    text: &'a str,
    #[n(2)]
    value: f64,
    #[b(3)]
    unit: &'a str,
    #[n(4)]
    family: bool,
}

impl<'a> Stored<'a> {
    /// Nothing for a code: it has no number to draw.
    fn of(m: &'a Measure) -> Option<Self> {
        Some(Self { key: &m.key, text: &m.text, value: m.value?.to_f64(), unit: m.unit, family: m.family })
    }
}

/// What one entry measured, for its row; empty when nothing can be drawn.
pub(crate) fn stored(measures: &[Measure]) -> Result<Vec<u8>, ReplicaError> {
    let stored: Vec<Stored<'_>> = measures.iter().filter_map(Stored::of).collect();
    if stored.is_empty() { Ok(Vec::new()) } else { minicbor::to_vec(&stored).map_err(|_| ReplicaError::Corrupt) }
}

impl Replica {
    /// Values in `[from_ms, to_ms]`, oldest first, one list for each key asked for; of corrected entries the newest
    /// version. At most 20,000 entries are looked at, the newest.
    ///
    /// # Errors
    /// Storage codes.
    pub fn measures(
        &self,
        patient: Uuid,
        keys: &[&str],
        from_ms: i64,
        to_ms: i64,
    ) -> Result<Vec<Vec<MeasureRow>>, ReplicaError> {
        let mut out: Vec<Vec<MeasureRow>> = keys.iter().map(|_| Vec::new()).collect();
        let inner = self.lock();
        let sql = "SELECT at_ms, id, measured FROM entry INDEXED BY entry_place
            WHERE patient = ?1 AND at_ms BETWEEN ?2 AND ?3 AND shown = 1 AND measured <> x''
            ORDER BY at_ms DESC, id DESC LIMIT 20000";
        let mut statement = inner.conn.prepare_cached(sql)?;
        let mut rows = statement.query(params![patient.as_bytes(), from_ms, to_ms])?;
        while let Some(row) = rows.next()? {
            let (at_ms, entry) = (row.get(0)?, col_uuid(row, 1)?);
            let bytes = row.get_ref(2)?.as_blob().map_err(|_| ReplicaError::Corrupt)?;
            let stored: Vec<Stored<'_>> = minicbor::decode(bytes).map_err(|_| ReplicaError::Corrupt)?;
            // Newest first while reading, also within an entry.
            for one in stored.iter().rev() {
                for (_, list) in keys.iter().zip(&mut out).filter(|(key, _)| **key == one.key) {
                    list.push(MeasureRow {
                        at_ms,
                        text: one.text.to_owned(),
                        value: one.value,
                        unit: one.unit.to_owned(),
                        family: one.family,
                        entry,
                    });
                }
            }
        }
        out.iter_mut().for_each(|list| list.reverse());
        Ok(out)
    }
}
