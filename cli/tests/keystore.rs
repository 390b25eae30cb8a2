//! The real program beside a real keystore: gnome-keyring on a session bus of its own. Needs `dbus-run-session` and
//! `gnome-keyring-daemon`, which `.ci/setup test` installs.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests fail loudly")]

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};

const PASSPHRASE: &str = "kumo7-Wx";

/// Exit status and what was printed, in a session whose keyring was prepared by `before`.
fn in_session(home: &Path, before: &str, command: &str, request: &str) -> (Option<i32>, Value) {
    let script = format!("{before}\nexec \"$MEGURI\" --profile \"$HOME/profile\" call {command} '{request}'");
    let output = Command::new("dbus-run-session")
        .args(["--", "sh", "-c", &script])
        .env("MEGURI", env!("CARGO_BIN_EXE_meguri"))
        .env("MEGURI_PASSPHRASE", PASSPHRASE)
        .env("HOME", home)
        .env("XDG_DATA_HOME", home.join("data"))
        .env("XDG_RUNTIME_DIR", home)
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .stdin(Stdio::null())
        .output()
        .expect("dbus-run-session is missing: .ci/setup test installs it");
    let text = if output.status.success() { output.stdout } else { output.stderr };
    let line = String::from_utf8_lossy(&text).lines().rfind(|line| line.starts_with('{')).unwrap_or("null").to_owned();
    (output.status.code(), serde_json::from_str(&line).unwrap())
}

const OPEN: &str = "printf ring | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1";
const SHUT: &str = "gnome-keyring-daemon --start --components=secrets >/dev/null 2>&1";

#[test]
fn the_operating_systems_keystore_takes_part() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let create = format!(r#"{{"passphrase":"{PASSPHRASE}"}}"#);
    let (status, answer) = in_session(home, OPEN, "profile.status", "{}");
    assert_eq!((status, &answer["keystore"]), (Some(0), &Value::Bool(true)), "{answer}");
    let (status, answer) = in_session(home, OPEN, "profile.create", &create);
    assert_eq!(status, Some(0), "eight characters are enough beside a keystore: {answer}");
    let slots = std::fs::read(home.join("profile/keys.cbor")).unwrap();
    assert!(slots.windows(19).any(|part| part == b"keystore+passphrase"));
    assert_eq!(in_session(home, OPEN, "settings.show", "{}").0, Some(0), "another session, the same secret");

    let (status, refused) = in_session(home, SHUT, "settings.show", "{}");
    assert_eq!((status, &refused["code"]), (Some(4), &Value::from("keystore_locked")), "{refused}");
    let nowhere = "unset DBUS_SESSION_BUS_ADDRESS; export DBUS_SESSION_BUS_ADDRESS=unix:path=/nowhere";
    let (status, refused) = in_session(home, nowhere, "settings.show", "{}");
    assert_eq!((status, &refused["code"]), (Some(4), &Value::from("keystore_missing")), "{refused}");
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::create_dir(elsewhere.path().join("profile")).unwrap();
    for name in ["keys.cbor", "replica.db"] {
        std::fs::copy(home.join("profile").join(name), elsewhere.path().join("profile").join(name)).unwrap();
    }
    let (_, refused) = in_session(elsewhere.path(), OPEN, "settings.show", "{}");
    assert_eq!(refused["code"], "keystore_missing", "a stolen folder and the passphrase are not enough");

    assert_eq!(in_session(home, OPEN, "settings.show", "{}").0, Some(0), "nothing of the profile was lost");
}

#[test]
fn without_one_a_passphrase_must_be_longer() {
    let home = tempfile::tempdir().unwrap();
    let nowhere = "export DBUS_SESSION_BUS_ADDRESS=unix:path=/nowhere";
    let create = format!(r#"{{"passphrase":"{PASSPHRASE}"}}"#);
    let (status, refused) = in_session(home.path(), nowhere, "profile.create", &create);
    assert_eq!((status, &refused["code"]), (Some(3), &Value::from("passphrase_short")));
    assert_eq!(refused["params"]["min"], "13");
}
