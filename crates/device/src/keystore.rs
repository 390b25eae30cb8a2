//! The OS keystore behind a trait: 32 bytes under a profile's name. Machines
//! without one use [`NoKeystore`] and longer passphrases.

use meguri_commands::{Code, Failure};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use zeroize::Zeroizing;

/// Why a keystore gives nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeystoreError {
    /// There is none, or it does not answer as one.
    #[error("keystore_missing")]
    Missing,
    /// It is there and locked, and nobody opened it in time.
    #[error("keystore_locked")]
    Locked,
}

impl From<KeystoreError> for Failure {
    fn from(error: KeystoreError) -> Failure {
        match error {
            KeystoreError::Missing => Code::KeystoreMissing.into(),
            KeystoreError::Locked => Code::KeystoreLocked.into(),
        }
    }
}

/// Keeps secrets outside the profile folder.
pub trait Keystore: Send + Sync {
    /// Whether there is one; decides the passphrase rule.
    fn present(&self) -> bool;
    /// The bytes under this name, `None` when never put.
    ///
    /// # Errors
    /// [`KeystoreError`].
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, KeystoreError>;
    /// Puts.
    ///
    /// # Errors
    /// [`KeystoreError`].
    fn put(&self, name: &str, secret: &[u8]) -> Result<(), KeystoreError>;
    /// Forgets the bytes under this name; none is no error.
    ///
    /// # Errors
    /// [`KeystoreError`].
    fn forget(&self, name: &str) -> Result<(), KeystoreError>;
}

/// A machine without a keystore.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoKeystore;

impl Keystore for NoKeystore {
    fn present(&self) -> bool {
        false
    }

    fn get(&self, _: &str) -> Result<Option<Vec<u8>>, KeystoreError> {
        Ok(None)
    }

    fn put(&self, _: &str, _: &[u8]) -> Result<(), KeystoreError> {
        Err(KeystoreError::Missing)
    }

    fn forget(&self, _: &str) -> Result<(), KeystoreError> {
        Ok(())
    }
}

/// The keystore of the operating system: Secret Service on Linux and the BSDs, Keychain on macOS, Credential Manager on
/// Windows. A program that installed another store as `keyring_core`'s default is heeded. Elsewhere there is none.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsKeystore;

const SERVICE: &str = "jp.meguri.profile";
/// How long a person may take to unlock the keystore when it asks.
const ANSWER_MS_MAX: u64 = 60_000;

impl Keystore for OsKeystore {
    fn present(&self) -> bool {
        static INSTALLED: OnceLock<()> = OnceLock::new();
        INSTALLED.get_or_init(|| {
            if keyring_core::get_default_store().is_none() {
                let _ = in_time(|| native().map(keyring_core::set_default_store));
            }
        });
        keyring_core::get_default_store().is_some()
    }

    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, KeystoreError> {
        if !self.present() {
            return Err(KeystoreError::Missing);
        }
        let name = name.to_owned();
        match in_time(move || keyring_core::Entry::new(SERVICE, &name)?.get_secret())? {
            Ok(secret) => Ok(Some(secret)),
            Err(keyring_core::Error::NoEntry) => Ok(None),
            Err(error) => Err(told(&error)),
        }
    }

    fn put(&self, name: &str, secret: &[u8]) -> Result<(), KeystoreError> {
        if !self.present() {
            return Err(KeystoreError::Missing);
        }
        let (name, secret) = (name.to_owned(), Zeroizing::new(secret.to_vec()));
        let put = in_time(move || keyring_core::Entry::new(SERVICE, &name)?.set_secret(&secret))?;
        put.map_err(|error| told(&error))
    }

    fn forget(&self, name: &str) -> Result<(), KeystoreError> {
        if !self.present() {
            return Ok(());
        }
        let name = name.to_owned();
        match in_time(move || keyring_core::Entry::new(SERVICE, &name)?.delete_credential())? {
            Ok(()) | Err(keyring_core::Error::NoEntry) => Ok(()),
            Err(error) => Err(told(&error)),
        }
    }
}

/// A locked keystore may ask a person who is not there: the call goes on in a thread of its own and is not waited for.
fn in_time<T: Send + 'static>(ask: impl FnOnce() -> T + Send + 'static) -> Result<T, KeystoreError> {
    let (sender, answer) = std::sync::mpsc::channel();
    std::thread::spawn(move || sender.send(ask()));
    answer.recv_timeout(Duration::from_millis(ANSWER_MS_MAX)).map_err(|_| KeystoreError::Locked)
}

fn told(error: &keyring_core::Error) -> KeystoreError {
    if matches!(error, keyring_core::Error::NoStorageAccess(_)) {
        KeystoreError::Locked
    } else {
        KeystoreError::Missing
    }
}

#[cfg(all(unix, not(any(target_os = "macos", target_os = "ios", target_os = "android"))))]
fn native() -> keyring_core::Result<Arc<keyring_core::CredentialStore>> {
    Ok(zbus_secret_service_keyring_store::Store::new()?)
}

#[cfg(target_os = "macos")]
fn native() -> keyring_core::Result<Arc<keyring_core::CredentialStore>> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(target_os = "windows")]
fn native() -> keyring_core::Result<Arc<keyring_core::CredentialStore>> {
    Ok(windows_native_keyring_store::Store::new()?)
}

#[cfg(any(target_os = "ios", target_os = "android"))]
fn native() -> keyring_core::Result<Arc<keyring_core::CredentialStore>> {
    Err(keyring_core::Error::NoDefaultStore)
}

/// A keystore in memory, for simulations.
#[derive(Default)]
pub struct MemoryKeystore(Mutex<HashMap<String, Vec<u8>>>);

impl std::fmt::Debug for MemoryKeystore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MemoryKeystore")
    }
}

impl Keystore for MemoryKeystore {
    fn present(&self) -> bool {
        true
    }

    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, KeystoreError> {
        Ok(self.0.lock().get(name).cloned())
    }

    fn put(&self, name: &str, secret: &[u8]) -> Result<(), KeystoreError> {
        self.0.lock().insert(name.to_owned(), secret.to_vec());
        Ok(())
    }

    fn forget(&self, name: &str) -> Result<(), KeystoreError> {
        self.0.lock().remove(name);
        Ok(())
    }
}
