//! What is in memory of an unlocked profile, and when it goes. A locked screen
//! keeps the key, so that the device goes on syncing; the key goes at quit, on
//! `profile.lock {drop}` and twelve hours after the passphrase was given.

use crate::pin::Pin;
use meguri_commands::{Code, Failure};
use meguri_replica::Replica;
use std::sync::Arc;

/// How long a passphrase holds.
pub const KEY_MS_MAX: i64 = 12 * 3_600_000;

/// Nothing is in memory, or an open replica.
#[derive(Default)]
pub struct Session {
    open: Option<Open>,
}

struct Open {
    replica: Arc<Replica>,
    since_ms: i64,
    screen_locked: bool,
    pin: Option<Pin>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("open", &self.open.is_some()).finish()
    }
}

impl Session {
    /// The passphrase was right.
    pub fn begin(&mut self, replica: Arc<Replica>, pin: Option<Pin>, now_ms: i64) {
        self.open = Some(Open { replica, since_ms: now_ms, screen_locked: false, pin });
    }

    /// Forgets everything.
    pub fn end(&mut self) {
        self.open = None;
    }

    /// Drops the key when its time is over, also when the clock went back before the unlock.
    pub fn expire(&mut self, now_ms: i64) {
        let over = |open: &Open| !(0..KEY_MS_MAX).contains(&now_ms.saturating_sub(open.since_ms));
        if self.open.as_ref().is_some_and(over) {
            self.open = None;
        }
    }

    /// The replica for screens.
    ///
    /// # Errors
    /// `locked`.
    pub fn screen(&self) -> Result<Arc<Replica>, Failure> {
        match &self.open {
            Some(open) if !open.screen_locked => Ok(open.replica.clone()),
            Some(_) | None => Err(Code::Locked.into()),
        }
    }

    /// The replica for synchronisation, which goes on behind a locked screen.
    #[must_use]
    pub fn background(&self) -> Option<Arc<Replica>> {
        self.open.as_ref().map(|open| open.replica.clone())
    }

    /// Whether the screens are locked although the key is here.
    #[must_use]
    pub fn screen_locked(&self) -> bool {
        self.open.as_ref().is_some_and(|open| open.screen_locked)
    }

    /// Locks the screens.
    pub fn lock_screen(&mut self) {
        if let Some(open) = &mut self.open {
            open.screen_locked = true;
        }
    }

    /// Opens a locked screen by PIN.
    ///
    /// # Errors
    /// `locked` without a key or PIN, and the PIN's own codes.
    pub fn unlock_pin(&mut self, pin: &str, now_ms: i64) -> Result<(), Failure> {
        let open = self.open.as_mut().ok_or(Code::Locked)?;
        open.pin.as_mut().ok_or(Code::Locked)?.attempt(pin, now_ms)?;
        open.screen_locked = false;
        Ok(())
    }

    /// Opens a locked screen after the passphrase was checked; PIN misses are forgiven.
    pub fn unlock_screen(&mut self, now_ms: i64) {
        if let Some(open) = &mut self.open {
            open.screen_locked = false;
            open.since_ms = now_ms;
            if let Some(pin) = &mut open.pin {
                pin.forgive();
            }
        }
    }

    /// Takes a PIN.
    pub fn set_pin(&mut self, pin: Pin) {
        if let Some(open) = &mut self.open {
            open.pin = Some(pin);
        }
    }

    /// Whether a PIN is set, misses left, wait.
    #[must_use]
    pub fn pin(&self, now_ms: i64) -> (bool, u32, i64) {
        match self.open.as_ref().and_then(|open| open.pin.as_ref()) {
            Some(pin) => (true, pin.misses_left(), pin.wait_ms(now_ms)),
            None => (false, 0, 0),
        }
    }
}
