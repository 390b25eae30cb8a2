//! A panic's message may quote a record: it is neither printed nor kept.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that panics on purpose")]

use meguri_commands::{call, host::Host};
use meguri_device::Device;
use meguri_device::device::Outside;
use meguri_device::env::SystemEnv;
use meguri_device::keystore::NoKeystore;
use meguri_device::net::{Net, NetError, NetRequest, NetResponse};
use serde_json::json;
use std::process::Command;
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

const CLINICAL: &str = "夜、横になると苦しい";

#[test]
#[ignore = "the other test runs it in a process of its own"]
fn panics_in_a_process_of_its_own() {
    meguri_device::panic::keep_quiet();
    let folder = tempfile::tempdir().unwrap();
    let outside = Outside { env: Arc::new(SystemEnv), net: Arc::new(NoNetwork), keystore: Arc::new(NoKeystore) };
    let device = Arc::new(Device::hold(folder.path(), outside).unwrap());
    meguri_device::panic::watch(&device);
    let caught = std::panic::catch_unwind(|| panic!("bad change: {CLINICAL}"));
    assert!(caught.is_err());
    let text = call(device.as_ref(), "about.diagnostics", json!({})).unwrap();
    let text = text.get("text").and_then(serde_json::Value::as_str).unwrap().to_owned();
    assert!(text.contains(" panic panic.rs:"), "the place is kept");
    assert!(!text.contains(CLINICAL));
    assert!(text.starts_with("meguri "));
    assert!(device.device_log().lines().all(|line| line.split(' ').count() == 3), "codes and counts only");
}

#[test]
fn nothing_of_a_message_is_printed_or_kept() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", "panics_in_a_process_of_its_own"])
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed}");
    assert!(!printed.contains(CLINICAL), "{printed}");
    assert!(printed.contains(r#"{"code":"bug","params":{"at":"panic.rs:"#), "{printed}");
}
