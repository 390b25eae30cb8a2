//! Small helpers between ids and rows.

use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use crate::error::ReplicaError;

pub(crate) fn meta_get(conn: &Connection, key: &str) -> Result<Option<Vec<u8>>, ReplicaError> {
    let mut statement = conn.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
    Ok(statement.query_row([key], |row| row.get(0)).optional()?)
}

pub(crate) fn meta_put(conn: &Connection, key: &str, value: &[u8]) -> Result<(), ReplicaError> {
    let sql = "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    let mut statement = conn.prepare_cached(sql)?;
    crate::fault::around(|| statement.execute(params![key, value]))?;
    Ok(())
}

/// 16 bytes of a column; another length is damage.
pub(crate) fn id16(bytes: &[u8]) -> Result<[u8; 16], rusqlite::Error> {
    bytes.try_into().map_err(|_| rusqlite::Error::InvalidQuery)
}

/// 32 bytes of a column; another length is damage.
pub(crate) fn id32(bytes: &[u8]) -> Result<[u8; 32], rusqlite::Error> {
    bytes.try_into().map_err(|_| rusqlite::Error::InvalidQuery)
}

/// A column with a 16-byte id.
pub(crate) fn col16(row: &rusqlite::Row<'_>, index: usize) -> Result<[u8; 16], rusqlite::Error> {
    id16(row.get_ref(index)?.as_blob()?)
}

/// A column with a UUID.
pub(crate) fn col_uuid(row: &rusqlite::Row<'_>, index: usize) -> Result<Uuid, rusqlite::Error> {
    Ok(Uuid::from_bytes(col16(row, index)?))
}

/// A column with a UUID or nothing.
pub(crate) fn col_uuid_maybe(row: &rusqlite::Row<'_>, index: usize) -> Result<Option<Uuid>, rusqlite::Error> {
    let bytes = row.get_ref(index)?.as_blob()?;
    if bytes.is_empty() { Ok(None) } else { Ok(Some(Uuid::from_bytes(id16(bytes)?))) }
}

/// SQLite holds i64; positions never come near its end.
pub(crate) fn int(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// The reverse of [`int`].
pub(crate) fn uint(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}
