//! The profile folder: `keys.cbor`, `replica.db`, `blobs/`, `log/` and the lock
//! that keeps a second process out. `keys.cbor` is written last: without it
//! there is no profile, whatever else lies in the folder.

use crate::env::EnvRng;
use crate::keystore::Keystore;
use crate::passphrase;
use fs4::fs_std::FileExt;
use meguri_commands::{Code, Failure};
use meguri_replica::{Replica, ReplicaError, fault};
use meguri_seal::slots::{KeySlots, SlotKind};
use meguri_seal::{SealError, Secret};
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

const KEYS: &str = "keys.cbor";
const REPLICA: &str = "replica.db";
const LOCK: &str = "lock";
const KEYS_BYTES_MAX: u64 = 64 * 1024;
/// So much is read while the passphrase is worked on; a slow card takes about as long.
const AHEAD_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// A profile folder, held by this process alone.
#[derive(Debug)]
pub struct Profile {
    folder: PathBuf,
    _lock: File,
}

/// What a fresh profile starts with.
pub struct Opened {
    /// The open database.
    pub replica: Replica,
    /// Strength of a new passphrase, 0 to 4.
    pub strength: u8,
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Opened")
    }
}

impl Profile {
    /// Takes the folder, making it if need be.
    ///
    /// # Errors
    /// `busy` while another process has it, storage codes.
    pub fn hold(folder: &Path) -> Result<Profile, Failure> {
        std::fs::create_dir_all(folder).map_err(io)?;
        private(folder).map_err(io)?;
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(folder.join(LOCK)).map_err(io)?;
        match FileExt::try_lock_exclusive(&lock) {
            Ok(true) => Ok(Profile { folder: folder.to_owned(), _lock: lock }),
            Ok(false) => Err(Code::Busy.into()),
            Err(error) => Err(io(error)),
        }
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where sealed pictures lie.
    #[must_use]
    pub fn blobs(&self) -> PathBuf {
        self.folder.join("blobs")
    }

    /// Whether a profile is here.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.folder.join(KEYS).is_file()
    }

    /// Name of this profile's secrets in the OS keystore: it moves with the folder.
    #[must_use]
    pub fn keystore_name(&self) -> String {
        let path = std::fs::canonicalize(&self.folder).unwrap_or_else(|_| self.folder.clone());
        format!("profile {}", path.display())
    }

    /// Makes the database and its key, and the slot which the passphrase opens.
    ///
    /// # Errors
    /// `profile_exists`, `passphrase_short`, `passphrase_weak`, storage codes.
    pub fn create(&self, passphrase: &str, keystore: &dyn Keystore, rng: &mut EnvRng) -> Result<Opened, Failure> {
        if self.exists() {
            return Err(Code::ProfileExists.into());
        }
        let strength = passphrase::check(passphrase, keystore.present())?;
        let key = Secret::make(rng);
        let mut secret = None;
        if keystore.present() {
            let fresh = Secret::make(rng);
            keystore.put(&self.keystore_name(), fresh.bytes())?;
            secret = Some(fresh);
        }
        for leftover in [REPLICA, "replica.db-wal", "replica.db-shm"] {
            remove(&self.folder.join(leftover))?;
        }
        std::fs::create_dir_all(self.blobs()).map_err(io)?;
        let replica = Replica::create(&self.folder.join(REPLICA), key.bytes()).map_err(storage)?;
        let mut slots = KeySlots::default();
        let kind = if secret.is_some() { SlotKind::KeystoreAndPassphrase } else { SlotKind::Passphrase };
        let cost = rng.0.kdf_cost();
        slots.put(kind, &key, passphrase, secret.as_ref(), cost, rng).map_err(|_| Code::Bug)?;
        crate::farewell::Farewell::forget(&self.folder);
        write_whole(&self.folder.join(KEYS), &slots.to_bytes())?;
        Ok(Opened { replica, strength })
    }

    /// Forgets the keys, then removes what they opened; may be done again.
    ///
    /// # Errors
    /// Storage codes.
    pub fn destroy(&self) -> Result<(), Failure> {
        let keys = self.folder.join(KEYS);
        if let Ok(meta) = std::fs::metadata(&keys) {
            let mut file = OpenOptions::new().write(true).open(&keys).map_err(io)?;
            let zeros = vec![0; usize::try_from(meta.len()).unwrap_or(0)];
            file.write_all(&zeros).and_then(|()| file.sync_all()).map_err(io)?;
            fault::point("before the keys go");
            remove(&keys)?;
        }
        for file in [REPLICA, "replica.db-wal", "replica.db-shm"] {
            let _ = remove(&self.folder.join(file));
        }
        let _ = std::fs::remove_dir_all(self.blobs());
        Ok(())
    }

    /// Opens by passphrase.
    ///
    /// # Errors
    /// `no_profile`, `wrong_passphrase`, `keystore_missing`, `keystore_locked`, `newer_profile`, `damaged_profile`, storage codes.
    pub fn open(&self, passphrase: &str, keystore: &dyn Keystore) -> Result<Replica, Failure> {
        let file = self.folder.join(REPLICA);
        // Ends before the database is opened: SQLite's locks do not survive another handle of the file that is closed.
        let key = std::thread::scope(|scope| {
            scope.spawn(|| read_ahead(&file));
            self.key(passphrase, keystore)
        })?;
        Replica::open(&file, key.bytes()).map_err(storage)
    }

    /// Whether the passphrase opens the profile.
    ///
    /// # Errors
    /// As [`Profile::open`].
    pub fn check(&self, passphrase: &str, keystore: &dyn Keystore) -> Result<(), Failure> {
        self.key(passphrase, keystore).map(|_| ())
    }

    fn key(&self, passphrase: &str, keystore: &dyn Keystore) -> Result<Secret, Failure> {
        let slots = self.slots()?;
        let mut secret = None;
        let mut keystore_failed = None;
        if keyed(&slots) {
            match keystore.get(&self.keystore_name()) {
                Ok(kept) => secret = kept.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok()).map(Secret::new),
                Err(error) => keystore_failed = Some(error),
            }
        }
        match (slots.open(passphrase, secret.as_ref()), keystore_failed) {
            (Err(SealError::NoSlot), Some(error)) => Err(error.into()),
            (opened, _) => opened.map_err(slot),
        }
    }

    /// Whether the OS keystore takes part in opening this profile; one without it never asks the keystore anything.
    ///
    /// # Errors
    /// `no_profile`, `newer_profile`, `damaged_profile`, storage codes.
    pub fn needs_keystore(&self) -> Result<bool, Failure> {
        Ok(keyed(&self.slots()?))
    }

    fn slots(&self) -> Result<KeySlots, Failure> {
        let path = self.folder.join(KEYS);
        let meta = match std::fs::metadata(&path) {
            Ok(meta) => meta,
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(Code::NoProfile.into()),
            Err(error) => return Err(io(error)),
        };
        if meta.len() > KEYS_BYTES_MAX {
            return Err(Code::DamagedProfile.into());
        }
        let bytes = std::fs::read(&path).map_err(io)?;
        KeySlots::from_bytes(&bytes).map_err(slot)
    }
}

/// Brings the end of the database near, where the newest lies, while the passphrase is worked on: the first screen
/// reads pages that lie apart, one after the other. What is read is encrypted and thrown away.
fn read_ahead(file: &Path) {
    let read = || {
        let mut file = File::open(file)?;
        let bytes = file.metadata()?.len();
        file.seek(SeekFrom::Start(bytes.saturating_sub(AHEAD_BYTES_MAX)))?;
        std::io::copy(&mut file, &mut std::io::sink())
    };
    let _: std::io::Result<u64> = read();
}

fn keyed(slots: &KeySlots) -> bool {
    slots.kinds().any(|kind| kind == SlotKind::KeystoreAndPassphrase.text())
}

fn slot(error: SealError) -> Failure {
    if error == SealError::WrongPassphrase {
        Code::WrongPassphrase.into()
    } else if error == SealError::NoSlot {
        Code::KeystoreMissing.into()
    } else {
        Code::DamagedProfile.into()
    }
}

/// A database that does not open with the key its slot gave is damaged, not locked.
pub(crate) fn storage(error: ReplicaError) -> Failure {
    match error {
        ReplicaError::BadKey | ReplicaError::Corrupt => Code::DamagedProfile,
        ReplicaError::Newer => Code::NewerProfile,
        ReplicaError::Full => Code::StorageFull,
        ReplicaError::NotFound => Code::NotFound,
        ReplicaError::TooLarge => Code::Refused,
        ReplicaError::OtherPerson => Code::OtherPerson,
        ReplicaError::NotReady => Code::NotEnrolled,
        ReplicaError::Exists | ReplicaError::Wire(_) | ReplicaError::Storage(_) => Code::Storage,
    }
    .into()
}

/// A file error as a code.
pub(crate) fn io(error: std::io::Error) -> Failure {
    let full = [ErrorKind::StorageFull, ErrorKind::FileTooLarge, ErrorKind::QuotaExceeded];
    if full.contains(&error.kind()) { Code::StorageFull.into() } else { Code::Storage.into() }
}

fn remove(path: &Path) -> Result<(), Failure> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(io(error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Writes a file so that after a crash the old or the new one is there, whole.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    // Two threads may take in the same picture, and both would write into one new file.
    let _one_at_a_time = WRITING.lock();
    let fresh = path.with_extension("new");
    let mut file = File::create(&fresh).map_err(io)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(io)?;
    fault::point("before a rename");
    std::fs::rename(&fresh, path).map_err(io)?;
    fault::point("after a rename");
    let folder = path.parent().ok_or(Code::Bug)?;
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
    Ok(())
}

/// Writes a file that is not there yet, anywhere, for this user's eyes: whole or not at all.
pub(crate) fn write_fresh(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let name = path.file_name().ok_or(Code::BadRequest)?;
    if path.symlink_metadata().is_ok() {
        return Err(Code::Refused.with("field", "file").with("reason", "exists"));
    }
    let mut part = name.to_owned();
    part.push(".part");
    let part = path.with_file_name(part);
    remove(&part)?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options
        .open(&part)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| std::fs::rename(&part, path));
    written.map_err(|error| {
        let _ = std::fs::remove_file(&part);
        io(error)
    })
}

static WRITING: parking_lot::Mutex<()> = parking_lot::Mutex::new(());

#[cfg(unix)]
fn private(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn private(_: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failing test may panic")]

    #[test]
    fn a_fresh_file_is_for_its_user_alone_and_never_in_the_place_of_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("chart.meguri");
        super::write_fresh(&path, b"first").unwrap();
        let refused = super::write_fresh(&path, b"second").unwrap_err();
        assert_eq!(refused.code, meguri_commands::Code::Refused);
        assert_eq!(std::fs::read(&path).unwrap(), b"first");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert!(super::write_fresh(&folder.path().join("none").join("chart"), b"").is_err());
    }

    #[test]
    fn a_file_written_by_many_threads_at_once_is_whole_each_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("blob");
        std::thread::scope(|threads| {
            for byte in 0..8u8 {
                let path = &path;
                threads.spawn(move || {
                    for _ in 0..20 {
                        super::write_whole(path, &[byte; 4096]).unwrap();
                        let read = std::fs::read(path).unwrap();
                        assert!(read.len() == 4096 && read.iter().all(|b| Some(b) == read.first()));
                    }
                });
            }
        });
    }
}
