//! A keystore that is gone or locked says so; the profile stays.
#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use meguri_commands::{Code, call};
use meguri_device::Device;
use meguri_device::device::Outside;
use meguri_device::env::SystemEnv;
use meguri_device::keystore::{Keystore, KeystoreError, MemoryKeystore, NoKeystore};
use meguri_device::net::{Net, NetError, NetRequest, NetResponse};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;

struct NoNetwork;

impl Net for NoNetwork {
    fn request(&self, _: NetRequest) -> Result<NetResponse, NetError> {
        Err(NetError::Offline)
    }
    fn events(&self, _: NetRequest, _: u64, _: &mut dyn FnMut(&[String]) -> bool) -> Result<(), NetError> {
        Err(NetError::Offline)
    }
}

/// There, but nobody opens it.
struct Shut;

impl Keystore for Shut {
    fn present(&self) -> bool {
        true
    }
    fn get(&self, _: &str) -> Result<Option<Vec<u8>>, KeystoreError> {
        Err(KeystoreError::Locked)
    }
    fn put(&self, _: &str, _: &[u8]) -> Result<(), KeystoreError> {
        Err(KeystoreError::Locked)
    }

    fn forget(&self, _: &str) -> Result<(), KeystoreError> {
        Err(KeystoreError::Locked)
    }
}

const SHORT: &str = "kumo7-Wx";
const LONG: &str = "yuki to sumire no michi";

fn hold(folder: &Path, keystore: Arc<dyn Keystore>) -> Device {
    Device::hold(folder, Outside { env: Arc::new(SystemEnv), net: Arc::new(NoNetwork), keystore }).unwrap()
}

fn unlock(folder: &Path, keystore: Arc<dyn Keystore>, passphrase: &str) -> Result<(), Code> {
    let device = hold(folder, keystore);
    call(&device, "profile.unlock", json!({"passphrase": passphrase})).map(|_| ()).map_err(|failure| failure.code)
}

#[test]
fn gone_or_locked_is_told_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let keystore: Arc<dyn Keystore> = Arc::new(MemoryKeystore::default());
    let device = hold(folder.path(), keystore.clone());
    call(&device, "profile.create", json!({"passphrase": SHORT})).unwrap();
    drop(device);
    assert_eq!(unlock(folder.path(), Arc::new(NoKeystore), SHORT), Err(Code::KeystoreMissing));
    assert_eq!(unlock(folder.path(), Arc::new(MemoryKeystore::default()), SHORT), Err(Code::KeystoreMissing));
    assert_eq!(unlock(folder.path(), Arc::new(Shut), SHORT), Err(Code::KeystoreLocked));
    assert_eq!(unlock(folder.path(), keystore.clone(), "kumo7-Wy"), Err(Code::WrongPassphrase));
    assert_eq!(unlock(folder.path(), keystore, SHORT), Ok(()));
}

#[test]
fn a_locked_keystore_makes_no_profile() {
    let folder = tempfile::tempdir().unwrap();
    let device = hold(folder.path(), Arc::new(Shut));
    let refused = call(&device, "profile.create", json!({"passphrase": SHORT})).unwrap_err();
    assert_eq!(refused.code, Code::KeystoreLocked);
    drop(device);
    assert_eq!(unlock(folder.path(), Arc::new(NoKeystore), SHORT), Err(Code::NoProfile));
}

/// A profile made without one is opened beside any keystore, which is never asked: it might wait for a person.
#[test]
fn a_profile_without_a_keystore_never_asks_one() {
    let folder = tempfile::tempdir().unwrap();
    let device = hold(folder.path(), Arc::new(NoKeystore));
    call(&device, "profile.create", json!({"passphrase": LONG})).unwrap();
    drop(device);
    assert_eq!(unlock(folder.path(), Arc::new(Shut), LONG), Ok(()));
}
