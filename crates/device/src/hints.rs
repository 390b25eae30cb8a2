//! The two threads of a running installation: one keeps the machine's timer,
//! one reads the relay's hints. Both go on behind a locked screen and end with
//! the device.

use crate::device::{Device, META_RELAY};
use meguri_commands::Failure;
use meguri_sync::Event;
use meguri_wire::api::Hint;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};

/// How often the timer is looked at; new writing is told at once.
const TICK_MS: u64 = 20;
/// Silence after which the hint connection counts as dead.
const WATCHDOG_MS: u64 = 60_000;

impl Device {
    /// Starts both threads; they end soon after the last other holder lets go.
    pub fn keep_syncing(self: Arc<Self>) {
        let timer = Arc::downgrade(&self);
        let hints = Arc::downgrade(&self);
        let wake = self.shared.wake.clone();
        let again = self.outside.env.clone();
        std::thread::spawn(move || {
            let mut begun = false;
            while let Some(device) = timer.upgrade() {
                let unlocked = device.background().is_ok();
                if unlocked && !begun {
                    begun = device.round().is_ok();
                } else if unlocked {
                    let _ = device.tick();
                    let _ = device.tidy();
                } else {
                    begun = false;
                }
                drop(device);
                wake.wait(TICK_MS);
            }
        });
        std::thread::spawn(move || {
            while let Some(device) = hints.upgrade() {
                if device.shared.events_wanted.load(Ordering::Acquire) {
                    let _ = device.read_hints(&hints);
                }
                drop(device);
                again.sleep_ms(TICK_MS);
            }
        });
    }

    fn read_hints(&self, held: &Weak<Device>) -> Result<(), Failure> {
        let replica = self.background()?;
        let Some(url) = replica.meta_get(META_RELAY).map_err(crate::profile::storage)? else { return Ok(()) };
        let relay = self.relay(&replica, &String::from_utf8_lossy(&url))?;
        let mut opened = false;
        let ended = relay.events(WATCHDOG_MS, &mut |lines| {
            if !opened {
                opened = true;
                let _ = self.feed(Event::EventsOpened);
            }
            // Whatever came while the last hints were followed is followed by one pull.
            let hints = lines.iter().filter_map(|line| line.parse::<Hint>().ok());
            let _ = self.feed(Event::HintsReceived { hints: hints.map(|hint| (hint.feed, hint.ssn)).collect() });
            held.strong_count() > 1 && self.shared.events_wanted.load(Ordering::Acquire)
        });
        self.shared.events_wanted.store(false, Ordering::Release);
        let failure = ended.err().map(|_| meguri_sync::Failure::Unreachable);
        self.feed(Event::EventsClosed { failure })
    }
}
