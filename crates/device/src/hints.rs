//! The two threads of a running installation: one keeps the machine's timer,
//! one reads the relay's hints. Both go on behind a locked screen and end with
//! the device.

use crate::device::Device;
use meguri_commands::Failure;
use meguri_replica::Replica;
use meguri_sync::Event;
use meguri_wire::api::Hint;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};

/// How often it is looked whether the profile was unlocked or the hint connection is wanted.
const LOOK_MS: u64 = 100;
/// With nothing due, a running installation looks around this often; new writing and hints wake it at once.
const REST_MS: u64 = 1_000;
const REST_LEAST_MS: u64 = 20;
/// Silence after which the hint connection counts as dead.
const WATCHDOG_MS: u64 = 60_000;

/// When the database's log is emptied: once nothing was written from one look to the next.
#[derive(Default)]
struct Log {
    seen: u64,
    emptied: u64,
}

impl Log {
    fn rest(&mut self, replica: &Replica) {
        let written = replica.rows_written();
        if written == self.seen && written != self.emptied && replica.empty_log().is_ok() {
            self.emptied = written;
        }
        self.seen = written;
    }
}

impl Device {
    /// Starts both threads; they end soon after the last other holder lets go.
    pub fn keep_syncing(self: Arc<Self>) {
        let timer = Arc::downgrade(&self);
        let hints = Arc::downgrade(&self);
        let wake = self.shared.wake.clone();
        let again = self.outside.env.clone();
        std::thread::spawn(move || {
            let mut begun = false;
            let mut log = Log::default();
            while let Some(device) = timer.upgrade() {
                let mut rest_ms = LOOK_MS;
                match device.background() {
                    Ok(_) if !begun => begun = device.round().is_ok(),
                    Ok(replica) => {
                        let _ = device.make_ready();
                        let _ = device.tick();
                        let busy = device.tidy().unwrap_or(false);
                        log.rest(&replica);
                        rest_ms = if busy { 0 } else { device.rest_ms(REST_LEAST_MS, REST_MS) };
                    }
                    Err(_) => {
                        begun = false;
                        wake.take_written(); // the first round after unlocking looks at everything
                    }
                }
                drop(device);
                wake.wait(rest_ms);
            }
        });
        std::thread::spawn(move || {
            while let Some(device) = hints.upgrade() {
                if device.shared.events_wanted.load(Ordering::Acquire) {
                    let _ = device.read_hints(&hints);
                }
                drop(device);
                again.sleep_ms(LOOK_MS);
            }
        });
    }

    fn read_hints(&self, held: &Weak<Device>) -> Result<(), Failure> {
        let replica = self.background()?;
        let relay = self.relay(&replica)?;
        let mut opened = false;
        let ended = relay.events(WATCHDOG_MS, &mut |lines| {
            if !opened {
                opened = true;
                let _ = self.feed(Event::EventsOpened);
            }
            // Whatever came while the last hints were followed is followed by one pull.
            let hints = lines.iter().filter_map(|line| line.parse::<Hint>().ok());
            let _ = self.feed(Event::HintsReceived { hints: hints.map(|hint| (hint.feed, hint.ssn)).collect() });
            self.shared.wake.moved();
            held.strong_count() > 1 && self.shared.events_wanted.load(Ordering::Acquire)
        });
        self.shared.events_wanted.store(false, Ordering::Release);
        let failure = ended.err().map(|_| meguri_sync::Failure::Unreachable);
        self.feed(Event::EventsClosed { failure })
    }
}
