//! The profile folder, its lock and the screen lock.
#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use meguri_commands::host::Host;
use meguri_commands::{Code, call};
use meguri_device::Device;
use meguri_device::device::Outside;
use meguri_device::env::Env;
use meguri_device::keystore::{Keystore, MemoryKeystore, NoKeystore};
use meguri_device::net::{Net, NetError, NetRequest, NetResponse};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

struct Clock(AtomicI64);

impl Env for Clock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
    fn zone_min(&self) -> i32 {
        540
    }
    fn fill_random(&self, out: &mut [u8]) {
        getrandom::fill(out).unwrap();
    }
    fn sleep_ms(&self, ms: u64) {
        self.0.fetch_add(i64::try_from(ms).unwrap(), Ordering::Relaxed);
    }
}

struct NoNetwork;

impl Net for NoNetwork {
    fn request(&self, _: NetRequest) -> Result<NetResponse, NetError> {
        Err(NetError::Offline)
    }
    fn events(&self, _: NetRequest, _: u64, _: &mut dyn FnMut(&[String]) -> bool) -> Result<(), NetError> {
        Err(NetError::Offline)
    }
}

const PASSPHRASE: &str = "yuki to sumire no michi";

fn hold(folder: &Path, clock: &Arc<Clock>, keystore: Arc<dyn Keystore>) -> Result<Device, Code> {
    let outside = Outside { env: clock.clone(), net: Arc::new(NoNetwork), keystore };
    Device::hold(folder, outside).map_err(|failure| failure.code)
}

fn code(answer: Result<serde_json::Value, meguri_commands::Failure>) -> Code {
    answer.unwrap_err().code
}

#[test]
fn one_process_at_a_time_and_the_right_passphrase() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(Clock(AtomicI64::new(1_790_000_000_000)));
    let device = hold(folder.path(), &clock, Arc::new(NoKeystore)).unwrap();
    assert_eq!(code(call(&device, "profile.unlock", json!({"passphrase": PASSPHRASE}))), Code::NoProfile);
    assert_eq!(code(call(&device, "profile.create", json!({"passphrase": "too short"}))), Code::PassphraseShort);
    call(&device, "profile.create", json!({"passphrase": PASSPHRASE})).unwrap();
    assert_eq!(code(call(&device, "profile.create", json!({"passphrase": PASSPHRASE}))), Code::ProfileExists);
    assert_eq!(hold(folder.path(), &clock, Arc::new(NoKeystore)).unwrap_err(), Code::Busy);
    drop(device);

    let again = hold(folder.path(), &clock, Arc::new(NoKeystore)).unwrap();
    assert_eq!(code(call(&again, "settings.show", json!({}))), Code::Locked);
    assert_eq!(
        code(call(&again, "profile.unlock", json!({"passphrase": "yuki to sumire no machi"}))),
        Code::WrongPassphrase
    );
    call(&again, "profile.unlock", json!({"passphrase": PASSPHRASE})).unwrap();
    call(&again, "settings.show", json!({})).unwrap();
    assert_eq!(code(call(&again, "home.show", json!({}))), Code::NotEnrolled);
}

#[test]
fn the_keystore_is_a_second_factor() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(Clock(AtomicI64::new(1_790_000_000_000)));
    let keystore = Arc::new(MemoryKeystore::default());
    let device = hold(folder.path(), &clock, keystore.clone()).unwrap();
    call(&device, "profile.create", json!({"passphrase": "kumo7-Wx"})).unwrap();
    drop(device);
    let stolen = hold(folder.path(), &clock, Arc::new(MemoryKeystore::default())).unwrap();
    assert!(call(&stolen, "profile.unlock", json!({"passphrase": "kumo7-Wx"})).is_err());
    drop(stolen);
    let own = hold(folder.path(), &clock, keystore).unwrap();
    call(&own, "profile.unlock", json!({"passphrase": "kumo7-Wx"})).unwrap();
}

#[test]
fn the_screen_locks_the_pin_opens_and_twelve_hours_end_it() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(Clock(AtomicI64::new(1_790_000_000_000)));
    let device = hold(folder.path(), &clock, Arc::new(NoKeystore)).unwrap();
    call(&device, "profile.create", json!({"passphrase": PASSPHRASE})).unwrap();
    call(&device, "profile.pin", json!({"pin": "402915"})).unwrap();
    call(&device, "profile.lock", json!({})).unwrap();
    assert_eq!(code(call(&device, "settings.show", json!({}))), Code::Locked);
    let status = device.profile_status().unwrap();
    assert!(status.screen_locked && !status.unlocked && status.pin_set);
    assert_eq!(code(call(&device, "profile.unlock", json!({"pin": "402916"}))), Code::WrongPin);
    clock.sleep_ms(1_000);
    call(&device, "profile.unlock", json!({"pin": "402915"})).unwrap();
    call(&device, "settings.show", json!({})).unwrap();

    call(&device, "profile.lock", json!({"drop": true})).unwrap();
    assert_eq!(code(call(&device, "profile.unlock", json!({"pin": "402915"}))), Code::Locked);
    call(&device, "profile.unlock", json!({"passphrase": PASSPHRASE})).unwrap();
    clock.sleep_ms(12 * 3_600_000);
    assert_eq!(code(call(&device, "settings.show", json!({}))), Code::Locked);
    assert!(!device.profile_status().unwrap().screen_locked);
}

#[test]
fn a_damaged_key_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(Clock(AtomicI64::new(1_790_000_000_000)));
    let device = hold(folder.path(), &clock, Arc::new(NoKeystore)).unwrap();
    call(&device, "profile.create", json!({"passphrase": PASSPHRASE})).unwrap();
    call(&device, "profile.lock", json!({"drop": true})).unwrap();
    std::fs::write(folder.path().join("keys.cbor"), b"no cbor").unwrap();
    assert_eq!(code(call(&device, "profile.unlock", json!({"passphrase": PASSPHRASE}))), Code::DamagedProfile);
}
