//! Measures over time, for trends and usual ranges.

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

impl Replica {
    /// Values of one measure in `[from_ms, to_ms]`, oldest first; of corrected entries the newest version.
    ///
    /// # Errors
    /// Storage codes.
    pub fn measures(
        &self,
        patient: Uuid,
        key: &str,
        from_ms: i64,
        to_ms: i64,
    ) -> Result<Vec<MeasureRow>, ReplicaError> {
        let inner = self.lock();
        let sql = "SELECT at_ms, text, value, unit, family, entry FROM measure
            WHERE patient = ?1 AND key = ?2 AND at_ms BETWEEN ?3 AND ?4 ORDER BY at_ms, entry, ord LIMIT 20000";
        let mut statement = inner.conn.prepare_cached(sql)?;
        let rows = statement.query_map(params![patient.as_bytes(), key, from_ms, to_ms], |row| {
            Ok(MeasureRow {
                at_ms: row.get(0)?,
                text: row.get(1)?,
                value: row.get(2)?,
                unit: row.get(3)?,
                family: row.get::<_, i64>(4)? != 0,
                entry: col_uuid(row, 5)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
