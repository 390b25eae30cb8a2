//! What happens when something panics, here or in a library that is called under `catch_unwind`: the place goes into the
//! device log and, without any message, to standard error. A panic's message may quote a record.

use crate::device::Device;
use std::io::Write;
use std::panic::{Location, PanicHookInfo};
use std::sync::{Arc, Mutex, Weak};

/// The device whose log takes note of panics.
static WATCHED: Mutex<Option<Weak<Device>>> = Mutex::new(None);

/// Replaces the default hook, which prints messages. Called first by each program.
pub fn keep_quiet() {
    std::panic::set_hook(Box::new(|info: &PanicHookInfo<'_>| {
        let Some(place) = info.location().map(told) else { return };
        let _ = writeln!(std::io::stderr(), "{{\"code\":\"bug\",\"params\":{{\"at\":\"{place}\"}}}}");
        let watched = WATCHED.try_lock().ok().and_then(|watched| watched.as_ref().and_then(Weak::upgrade));
        if let Some(device) = watched {
            device.log.panicked(device.now_ms(), &place);
        }
    }));
}

/// From now on panics are noted in this device's log.
pub fn watch(device: &Arc<Device>) {
    if let Ok(mut watched) = WATCHED.lock() {
        *watched = Some(Arc::downgrade(device));
    }
}

fn told(place: &Location<'_>) -> String {
    let file = std::path::Path::new(place.file()).file_name().and_then(|name| name.to_str()).unwrap_or("unknown");
    format!("{file}:{}", place.line())
}
