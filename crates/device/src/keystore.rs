//! The OS keystore behind a trait: 32 bytes under a profile's name. Machines
//! without one use [`NoKeystore`] and longer passphrases.

use parking_lot::Mutex;
use std::collections::HashMap;

/// The keystore cannot be used just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("keystore_missing")]
pub struct KeystoreError;

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
        Err(KeystoreError)
    }
}

/// The store which the program installed as `keyring_core`'s default.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsKeystore;

const SERVICE: &str = "jp.meguri.profile";

impl Keystore for OsKeystore {
    fn present(&self) -> bool {
        keyring_core::get_default_store().is_some()
    }

    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, KeystoreError> {
        let entry = keyring_core::Entry::new(SERVICE, name).map_err(|_| KeystoreError)?;
        match entry.get_secret() {
            Ok(secret) => Ok(Some(secret)),
            Err(keyring_core::Error::NoEntry) => Ok(None),
            Err(_) => Err(KeystoreError),
        }
    }

    fn put(&self, name: &str, secret: &[u8]) -> Result<(), KeystoreError> {
        let entry = keyring_core::Entry::new(SERVICE, name).map_err(|_| KeystoreError)?;
        entry.set_secret(secret).map_err(|_| KeystoreError)
    }
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
}
