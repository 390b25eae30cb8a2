//! Opening the file: key, pragmas, forward-only migrations.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use rusqlite::{Connection, OpenFlags};
use zeroize::Zeroizing;

use crate::device::DeviceInfo;
use crate::documents::Documents;
use crate::error::ReplicaError;
use crate::feeds::Feeds;

const MIGRATIONS: &[&str] = &[
    include_str!("../../../migrations/replica/0001_replica.sql"),
    include_str!("../../../migrations/replica/0002_outbox_entry.sql"),
    include_str!("../../../migrations/replica/0003_rows_that_fit_their_pages.sql"),
    include_str!("../../../migrations/replica/0004_fewer_pages.sql"),
    include_str!("../../../migrations/replica/0005_entries_as_they_come.sql"),
    include_str!("../../../migrations/replica/0006_administration.sql"),
    include_str!("../../../migrations/replica/0007_former_store.sql"),
    include_str!("../../../migrations/replica/0008_witnesses.sql"),
    include_str!("../../../migrations/replica/0009_struck_state.sql"),
    include_str!("../../../migrations/replica/0010_former_store_by_epoch.sql"),
    include_str!("../../../migrations/replica/0011_after_a_loss.sql"),
];

/// The schema this program writes: the number of its migrations.
pub const SCHEMA_VERSION: u32 = 11;
/// Raised when the projection is to be built again from what is stored.
pub(crate) const PROJECTION_VERSION: u32 = 4;

/// The replica; one per profile, shared by every thread of the program.
pub struct Replica {
    inner: Mutex<Inner>,
}

impl std::fmt::Debug for Replica {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Replica")
    }
}

/// The connection with what is held in memory beside it.
pub(crate) struct Inner {
    pub(crate) conn: Connection,
    pub(crate) feeds: Feeds,
    pub(crate) documents: Documents,
    own: Option<DeviceInfo>,
}

impl Inner {
    /// After a step that failed: what is in memory may be ahead of the file.
    pub(crate) fn forget(&mut self) {
        self.feeds = Feeds::default();
        self.documents = Documents::default();
        self.own = None;
    }

    /// Who this device is, once it is one; read once.
    pub(crate) fn own(&mut self) -> Result<Option<DeviceInfo>, ReplicaError> {
        if self.own.is_none() {
            self.own = crate::device::read_info(&self.conn)?;
        }
        Ok(self.own)
    }

    /// Another device, or another life of it.
    pub(crate) fn forget_own(&mut self) {
        self.own = None;
    }

    /// Runs `work` in one transaction.
    pub(crate) fn write<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, ReplicaError>,
    ) -> Result<T, ReplicaError> {
        self.conn.execute_batch("BEGIN IMMEDIATE")?;
        let done = work(self).and_then(|value| {
            crate::fault::around(|| self.conn.execute_batch("COMMIT"))?;
            Ok(value)
        });
        if done.is_err() {
            // A full disk may have ended the transaction already.
            let _ = self.conn.execute_batch("ROLLBACK");
            self.forget();
        }
        done
    }

    /// [`Inner::write`] without waiting for the disk: a power cut may take it back, so only what can be asked for again
    /// is written so. The file stays whole, and a later write that waits brings this with it.
    pub(crate) fn write_unflushed<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, ReplicaError>,
    ) -> Result<T, ReplicaError> {
        self.conn.execute_batch("PRAGMA synchronous = NORMAL")?;
        let done = self.write(work);
        self.conn.execute_batch("PRAGMA synchronous = FULL")?;
        done
    }

    fn file(&self) -> PathBuf {
        self.conn.path().map(PathBuf::from).unwrap_or_default()
    }
}

impl Replica {
    /// Makes the file. `key` is the raw database key.
    ///
    /// # Errors
    /// [`ReplicaError::Exists`] when a file is there; storage codes.
    pub fn create(path: &Path, key: &[u8; 32]) -> Result<Self, ReplicaError> {
        if path.exists() {
            return Err(ReplicaError::Exists);
        }
        Self::connect(path, key, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)
    }

    /// Opens the file and brings its schema up to [`SCHEMA_VERSION`].
    ///
    /// # Errors
    /// [`ReplicaError::BadKey`], [`ReplicaError::Newer`], [`ReplicaError::NotFound`]; storage codes.
    pub fn open(path: &Path, key: &[u8; 32]) -> Result<Self, ReplicaError> {
        if !path.exists() {
            return Err(ReplicaError::NotFound);
        }
        Self::connect(path, key, OpenFlags::SQLITE_OPEN_READ_WRITE)
    }

    fn connect(path: &Path, key: &[u8; 32], flags: OpenFlags) -> Result<Self, ReplicaError> {
        if path.exists() {
            crate::log_room::make(path);
        }
        let mut conn = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        let mut text = Zeroizing::new(String::with_capacity(96));
        text.push_str("PRAGMA key = \"x'");
        for byte in key {
            text.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or('0'));
            text.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'));
        }
        text.push_str("'\"");
        conn.execute_batch(&text)?;
        conn.execute_batch(
            "PRAGMA temp_store = MEMORY; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON;
             PRAGMA cache_size = -64000; PRAGMA wal_autocheckpoint = 2000; PRAGMA busy_timeout = 5000;",
        )?;
        conn.set_prepared_statement_cache_capacity(160);
        migrate(&mut conn)?;
        let inner = Inner { conn, feeds: Feeds::default(), documents: Documents::default(), own: None };
        let replica = Self { inner: Mutex::new(inner) };
        replica.rebuild_if_stale()?;
        Ok(replica)
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(|poisoned| {
            self.inner.clear_poison();
            let mut inner = poisoned.into_inner();
            let _ = inner.conn.execute_batch("ROLLBACK");
            let _ = inner.conn.execute_batch("PRAGMA synchronous = FULL");
            inner.forget();
            inner
        })
    }

    /// A stored setting.
    ///
    /// # Errors
    /// Storage codes.
    pub fn meta_get(&self, key: &str) -> Result<Option<Vec<u8>>, ReplicaError> {
        crate::sql::meta_get(&self.lock().conn, key)
    }

    /// Stores a setting.
    ///
    /// # Errors
    /// Storage codes.
    pub fn meta_put(&self, key: &str, value: &[u8]) -> Result<(), ReplicaError> {
        crate::sql::meta_put(&self.lock().conn, key, value)
    }

    /// Caps the file at `pages` of 4 KiB; a smaller number than in use caps at that. For drills of a full disk.
    ///
    /// # Errors
    /// Storage codes.
    pub fn cap_pages(&self, pages: u32) -> Result<u32, ReplicaError> {
        let inner = self.lock();
        Ok(inner.conn.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |row| row.get(0))?)
    }

    /// Rows written since the file was opened.
    #[must_use]
    pub fn rows_written(&self) -> u64 {
        self.lock().conn.total_changes()
    }

    /// Moves the write-ahead log into the file while nobody writes, so that it begins anew in its room.
    ///
    /// # Errors
    /// Storage codes.
    pub fn empty_log(&self) -> Result<(), ReplicaError> {
        let inner = self.lock();
        let file = inner.file();
        if crate::log_room::is_there(&file) {
            return Ok(inner.conn.execute_batch("PRAGMA wal_checkpoint(RESTART)")?);
        }
        inner.conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
        crate::log_room::make(&file);
        Ok(())
    }

    /// Waits until all that is committed is on the disk.
    ///
    /// # Errors
    /// Storage codes.
    pub fn flush(&self) -> Result<(), ReplicaError> {
        let file = self.lock().file();
        crate::log_room::flush(&file).map_err(|error| ReplicaError::Storage(error.raw_os_error().unwrap_or(0)))
    }

    /// Pages in use.
    ///
    /// # Errors
    /// Storage codes.
    pub fn pages(&self) -> Result<u32, ReplicaError> {
        Ok(self.lock().conn.query_row("PRAGMA page_count", [], |row| row.get(0))?)
    }

    /// Reads every page and its authentication code; names of damaged pages, empty when whole.
    ///
    /// # Errors
    /// Storage codes.
    pub fn integrity(&self) -> Result<Vec<String>, ReplicaError> {
        let inner = self.lock();
        let mut statement = inner.conn.prepare("PRAGMA cipher_integrity_check")?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn migrate(conn: &mut Connection) -> Result<(), ReplicaError> {
    let version: u32 = conn.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if version > SCHEMA_VERSION {
        return Err(ReplicaError::Newer);
    }
    for (number, sql) in (1u32..).zip(MIGRATIONS) {
        if number > version {
            let tx = conn.transaction()?;
            tx.execute_batch(sql)?;
            tx.execute_batch(&format!("PRAGMA user_version = {number}"))?;
            tx.commit()?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test may panic")]
    use super::Replica;

    #[test]
    fn a_thread_that_falls_in_a_small_page_leaves_saves_that_wait_for_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let replica = Replica::create(&folder.path().join("a.db"), &[1; 32]).unwrap();
        let waits = || replica.lock().conn.query_row("PRAGMA synchronous", [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(waits(), 2);
        let fall = || replica.lock().write_unflushed(|_| -> Result<(), _> { panic!("on purpose") });
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(fall)).is_err());
        assert_eq!(waits(), 2);
        replica.meta_put("a", b"b").unwrap();
        assert_eq!(replica.meta_get("a").unwrap().unwrap(), b"b");
    }
}
