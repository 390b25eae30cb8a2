//! The embedded store: SQLite in WAL mode, every commit synced to disk.
//!
//! One writer thread takes whatever is queued, runs it in one transaction and
//! answers all of it after the commit, so that many small pushes share one
//! fsync. Reads run on the thread that asks, each with a connection of its own.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use meguri_wire::{FeedId, Hash, StoreId};
use parking_lot::Mutex;
use rusqlite::{Connection, OpenFlags, params};
use tokio::sync::oneshot;

use super::{FeedKind, FeedRow, OnCommit, Read, ReadWork, Soon, Staged, Store, StoreError, Stored, WriteWork};
use crate::store::sqlite_rows::Rows;
use crate::store::sqlite_write::Txn;

/// Forward-only; the position in the list is `PRAGMA user_version`.
const MIGRATIONS: &[&str] = &[
    include_str!("../../../migrations/relay-sqlite/0001_feeds.sql"),
    include_str!("../../../migrations/relay-sqlite/0002_late_blobs_and_rebuilding.sql"),
    include_str!("../../../migrations/relay-sqlite/0003_rows_that_fit_their_pages.sql"),
    include_str!("../../../migrations/relay-sqlite/0004_former_members.sql"),
    include_str!("../../../migrations/relay-sqlite/0005_rebuilt_from_devices.sql"),
    include_str!("../../../migrations/relay-sqlite/0006_unplaced_authors.sql"),
];
/// Works that share one commit at most.
const BATCH_WORKS_MAX: usize = 256;
/// The log is cut back to this once its content is in the database.
const WAL_BYTES_KEPT: i64 = 512 * 1024;
/// Another process (a backup, a check) is waited for so long.
const BUSY: Duration = Duration::from_secs(20);
/// After so long without a commit the log goes into the database whole.
const IDLE: Duration = Duration::from_secs(1);

/// Name of the database inside the data folder.
pub const FILE: &str = "relay.db";

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        let code = error.sqlite_error_code();
        tracing::error!(sqlite = ?code, "storage refused");
        if code == Some(ErrorCode::DiskFull) {
            return StoreError::Full;
        }
        let damaged = [ErrorCode::DatabaseCorrupt, ErrorCode::NotADatabase, ErrorCode::ConstraintViolation];
        if code.is_some_and(|c| damaged.contains(&c)) {
            return StoreError::Damaged;
        }
        match code {
            Some(_) => StoreError::Io,
            None => StoreError::Damaged,
        }
    }
}

struct Job {
    work: WriteWork,
    answer: oneshot::Sender<Stored<()>>,
}

/// A store in one SQLite file.
pub struct SqliteStore {
    path: PathBuf,
    readers: Mutex<Vec<Connection>>,
    jobs: Mutex<Option<Sender<Job>>>,
    hook: Arc<Mutex<Option<OnCommit>>>,
    writer: Mutex<Option<std::thread::JoinHandle<()>>>,
}

/// Sizes of a store, chosen by the configuration.
#[derive(Debug, Clone, Copy, Default)]
pub struct SqliteLimits {
    /// Largest number of 4 KiB pages; 0 for no limit.
    pub pages_max: u32,
}

impl SqliteStore {
    /// Makes the file with an identity. Refuses when it exists.
    ///
    /// # Errors
    /// The file exists or cannot be written.
    pub fn create(folder: &Path, store_id: StoreId, setup: Option<Hash>, now_ms: u64) -> Stored<()> {
        let path = folder.join(FILE);
        if path.exists() {
            return Err(StoreError::Io);
        }
        let mut connection = connect(&path, true)?;
        migrate(&mut connection)?;
        let setup = setup.map(|h| h.0.to_vec()).unwrap_or_default();
        connection.execute(
            "INSERT INTO relay (one, store_id, created_ms, setup_code_hash) VALUES (1, ?1, ?2, ?3)",
            params![store_id.0, i64::try_from(now_ms).unwrap_or(0), setup],
        )?;
        Ok(())
    }

    /// Says of a file just made that devices fill it again, beginning with this directory.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn await_devices(folder: &Path, directory: FeedId, now_ms: u64) -> Stored<()> {
        let connection = connect(&folder.join(FILE), false)?;
        let sql = "UPDATE relay SET rebuilding = 1, restored_ms = ?1, directory = ?2 WHERE one = 1";
        connection.execute(sql, params![i64::try_from(now_ms).unwrap_or(0), directory.0])?;
        Ok(())
    }

    /// Gives a file restored at `now_ms` a new identity, under which `sign` signs
    /// every head again.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn renew(folder: &Path, store_id: StoreId, now_ms: u64, sign: impl Fn(&FeedRow) -> Vec<u8>) -> Stored<()> {
        let mut connection = connect(&folder.join(FILE), true)?;
        migrate(&mut connection)?;
        let step = connection.unchecked_transaction()?;
        let sql = "UPDATE relay SET store_id = ?1, rebuilding = 1, restored_ms = ?2 WHERE one = 1";
        step.execute(sql, params![store_id.0, i64::try_from(now_ms).unwrap_or(0)])?;
        step.execute("UPDATE feed SET whole_ssn = 0, rebuilt = 0", [])?;
        for kind in [FeedKind::Directory, FeedKind::Team, FeedKind::Space] {
            for row in (Rows { connection: &step }).feeds_of(kind)? {
                let head = sign(&row);
                step.execute("UPDATE feed SET head = ?2 WHERE feed_no = ?1", params![row.feed_no, head])?;
            }
        }
        step.commit()?;
        Ok(())
    }

    /// Opens the file, migrates it forward and starts the writer.
    ///
    /// # Errors
    /// There is no such file, or it is damaged or newer than this program.
    pub fn open(folder: &Path, limits: SqliteLimits) -> Stored<Self> {
        let path = folder.join(FILE);
        let mut connection = connect(&path, false)?;
        migrate(&mut connection)?;
        if limits.pages_max > 0 {
            connection.pragma_update(None, "max_page_count", limits.pages_max)?;
        }
        let (jobs, queue) = channel();
        let hook: Arc<Mutex<Option<OnCommit>>> = Arc::default();
        let called = hook.clone();
        let writer = std::thread::Builder::new()
            .name("relay-writer".into())
            .spawn(move || write_loop(&connection, &queue, &called))
            .map_err(|_| StoreError::Io)?;
        Ok(Self {
            path,
            readers: Mutex::default(),
            jobs: Mutex::new(Some(jobs)),
            hook,
            writer: Mutex::new(Some(writer)),
        })
    }

    /// Every read is a page at most and ends in less time than handing it to another thread takes, so it runs where
    /// it is asked for. There are never more connections than threads that ask.
    fn read_here(&self, work: ReadWork) -> Stored<()> {
        let kept = self.readers.lock().pop();
        let connection = match kept {
            Some(connection) => connection,
            None => connect(&self.path, false)?,
        };
        connection.execute_batch("BEGIN")?;
        let outcome = work(&Rows { connection: &connection });
        connection.execute_batch("COMMIT")?;
        self.readers.lock().push(connection);
        outcome
    }

    /// Copies the whole database, consistently, while others go on writing.
    ///
    /// # Errors
    /// Reading or writing failed.
    pub fn copy_to(folder: &Path, target: &Path) -> Stored<()> {
        let from = connect(&folder.join(FILE), false)?;
        let target = target.to_str().ok_or(StoreError::Io)?;
        from.execute("VACUUM INTO ?1", params![target])?;
        let copied = std::fs::File::open(target).map_err(|_| StoreError::Io)?;
        copied.sync_all().map_err(|_| StoreError::Io)
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        drop(self.jobs.lock().take());
        if let Some(writer) = self.writer.lock().take() {
            drop(writer.join());
        }
    }
}

fn connect(path: &Path, create: bool) -> Stored<Connection> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if create {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "journal_size_limit", WAL_BYTES_KEPT)?;
    connection.pragma_update(None, "cache_size", -2048)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

fn migrate(connection: &mut Connection) -> Stored<()> {
    let done: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let done = done as usize;
    if done > MIGRATIONS.len() {
        return Err(StoreError::Damaged);
    }
    for (at, sql) in MIGRATIONS.iter().enumerate().skip(done) {
        let step = connection.transaction()?;
        step.execute_batch(sql)?;
        step.pragma_update(None, "user_version", (at + 1) as u32)?;
        step.commit()?;
    }
    Ok(())
}

fn write_loop(connection: &Connection, queue: &Receiver<Job>, hook: &Mutex<Option<OnCommit>>) {
    let mut logged = false;
    loop {
        let first = match if logged { queue.recv_timeout(IDLE) } else { queue.recv().map_err(Into::into) } {
            Ok(first) => first,
            Err(RecvTimeoutError::Timeout) => {
                rest(connection);
                logged = false;
                continue;
            }
            Err(RecvTimeoutError::Disconnected) => return,
        };
        logged = true;
        let mut staged = Staged::default();
        let mut answers = Vec::new();
        let outcome = write_batch(connection, first, queue, &mut staged, &mut answers);
        if outcome.is_ok() {
            if let Some(hook) = hook.lock().clone() {
                hook(&mut staged);
            }
        } else if !connection.is_autocommit() {
            drop(connection.execute_batch("ROLLBACK"));
        }
        for answer in answers {
            // Nobody waits for it any more: the outcome stands all the same.
            let _ = answer.send(outcome);
        }
    }
}

/// Empties the log. A reader in its way is no failure and not waited for: the next time of rest comes.
fn rest(connection: &Connection) {
    drop(connection.busy_timeout(Duration::ZERO));
    drop(connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)"));
    drop(connection.busy_timeout(BUSY));
}

/// One transaction: the first work and whatever else is queued meanwhile.
/// A storage error takes the whole batch back; every caller may try again.
fn write_batch(
    connection: &Connection,
    first: Job,
    queue: &Receiver<Job>,
    staged: &mut Staged,
    answers: &mut Vec<oneshot::Sender<Stored<()>>>,
) -> Stored<()> {
    let begun = connection.execute_batch("BEGIN IMMEDIATE").map_err(StoreError::from);
    let mut next = Some(first);
    while let Some(job) = next.take() {
        answers.push(job.answer);
        begun?;
        let mut txn = Txn { rows: Rows { connection }, staged };
        let work = job.work;
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(&mut txn))).unwrap_or(Err(StoreError::Io))?;
        if answers.len() < BATCH_WORKS_MAX {
            next = queue.try_recv().ok();
        }
    }
    connection.execute_batch("COMMIT").map_err(StoreError::from)
}

impl Store for SqliteStore {
    fn read_dyn(&self, work: ReadWork) -> Soon<'_, Stored<()>> {
        Box::pin(async move { self.read_here(work) })
    }

    fn write_dyn(&self, work: WriteWork) -> Soon<'_, Stored<()>> {
        let (answer, answered) = oneshot::channel();
        let sent = self.jobs.lock().as_ref().is_some_and(|jobs| jobs.send(Job { work, answer }).is_ok());
        Box::pin(async move {
            if !sent {
                return Err(StoreError::Closed);
            }
            answered.await.unwrap_or(Err(StoreError::Closed))
        })
    }

    fn on_commit(&self, hook: OnCommit) {
        *self.hook.lock() = Some(hook);
    }
}
