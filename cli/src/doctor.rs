//! `meguri doctor`: one line of JSON per finding; it opens nothing it is not given the passphrase for.

use crate::answer::{Exit, print};
use crate::place::Place;
use meguri_commands::Code;
use meguri_commands::host::Host;
use serde_json::json;
use std::path::Path;

/// Looks at folder, lock, keys, database and relay in turn.
pub fn run(place: &Place, diagnostics: Option<&Path>) -> Result<(), Exit> {
    let device = match place.hold() {
        Ok(device) => device,
        Err(exit) => {
            print(&json!({"check": "folder", "ok": false}))?;
            return Err(exit);
        }
    };
    print(&json!({"check": "folder", "ok": true}))?;
    if let Some(file) = diagnostics {
        let answer = meguri_commands::call(&device, "about.diagnostics", json!({})).map_err(crate::answer::fail)?;
        let text = answer.get("text").and_then(serde_json::Value::as_str).unwrap_or_default();
        std::fs::write(file, text).map_err(|_| Exit::from(Code::Storage))?;
        print(&json!({"check": "diagnostics", "ok": true, "bytes": text.len()}))?;
    }
    let status = device.profile_status().map_err(crate::answer::fail)?;
    print(&json!({"check": "profile", "ok": status.exists, "keystore": status.keystore}))?;
    if !status.exists {
        return Ok(());
    }
    if let Err(exit) = place.unlock(&device) {
        print(&json!({"check": "unlock", "ok": false}))?;
        return Err(exit);
    }
    print(&json!({"check": "unlock", "ok": true}))?;
    match device.sync_now() {
        Ok(status) => print(&json!({"check": "sync", "ok": true, "state": status.state, "unsent": status.unsent})),
        Err(failure) => print(&json!({"check": "sync", "ok": false, "code": failure.code.text()})),
    }
}
