//! `meguri doctor`: one line of JSON per finding; it opens nothing it is not given the passphrase for.

use crate::answer::{Exit, print};
use crate::place::Place;
use meguri_commands::host::Host;
use serde_json::json;

/// Looks at folder, lock, keys, database and relay in turn.
pub fn run(place: &Place) -> Result<(), Exit> {
    let device = match place.hold() {
        Ok(device) => device,
        Err(exit) => {
            print(&json!({"check": "folder", "ok": false}))?;
            return Err(exit);
        }
    };
    print(&json!({"check": "folder", "ok": true}))?;
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
