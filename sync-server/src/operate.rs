//! The operator's commands around the library: folders, sockets, signals.

pub mod backup;
pub mod check;
pub mod config;
pub mod init;
pub mod invite;
pub mod serve;
mod stall;

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::Clock;

/// The system's clock.
#[must_use]
pub fn system_clock() -> Clock {
    Arc::new(|| {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(0)
    })
}
