//! The farewell of a removed device: it locks, hands in what it has not sent, and forgets everything.

use crate::device::Device;
use crate::farewell::Farewell;
use crate::profile::storage;
use crate::relay::Relay;
use meguri_commands::{Code, Failure};
use meguri_replica::Replica;
use meguri_sync::Event;
use meguri_wire::api::{PushFrame, PushRequest, PushResult};
use meguri_wire::control::RemoveReason;
use std::collections::BTreeSet;

use super::SEAL_BYTES_MAX;

impl Device {
    /// One step: everything that can be sent now. When nothing is left, the profile is gone.
    pub(super) fn hand_in(&self, replica: &Replica, relay: &Relay) -> Result<Event, Failure> {
        let Some(removal) = replica.own_removal().map_err(storage)? else { return Ok(Event::HandedIn { left: 0 }) };
        self.session.lock().lock_screen();
        let told = Farewell { at_ms: removal.at_ms, reason: removal.reason.into(), handed_in: 0 };
        if removal.reason == RemoveReason::Compromised {
            self.wipe(&told)?;
            return Ok(Event::HandedIn { left: 0 });
        }
        replica.seal_farewell(&mut self.rng()).map_err(storage)?;
        let refused = self.push_farewell(replica, relay)?;
        // What quarantine lists may be brought now, even if something else stays here.
        for blob in replica.farewell_blobs().map_err(storage)? {
            match self.upload_blobs(relay, &[blob]) {
                // Gone here, or not asked for: its item was in the feed before the removal.
                Err(failure) if matches!(failure.code, Code::BlobMissing | Code::Removed) => {}
                done => done?,
            }
        }
        let left = replica.farewell_left().map_err(storage)?;
        if left > 0 || refused {
            return Ok(Event::HandedIn { left: left.max(1) });
        }
        let handed_in = replica.farewell_answered().map_err(storage)?;
        self.wipe(&Farewell { handed_in, ..told })?;
        Ok(Event::HandedIn { left: 0 })
    }

    /// Pushes space by space; true when one was refused, which keeps no other.
    fn push_farewell(&self, replica: &Replica, relay: &Relay) -> Result<bool, Failure> {
        let mut refused = BTreeSet::new();
        while let Some((space, frames)) = replica.next_farewell(&refused, SEAL_BYTES_MAX).map_err(storage)? {
            let frame = |frame: &meguri_wire::Frame| PushFrame { frame: frame.raw.clone(), attachments: Vec::new() };
            let reply = relay.push(&PushRequest { frames: frames.iter().map(frame).collect() }, None)?;
            let taken: Vec<_> = frames
                .iter()
                .zip(&reply.results)
                .filter(|(_, result)| matches!(result, PushResult::Accepted { .. } | PushResult::Quarantined))
                .map(|(frame, _)| frame.id)
                .collect();
            replica.handed_in(&taken).map_err(storage)?;
            if taken.len() < frames.len() {
                let why =
                    |result: &PushResult| if let PushResult::Refused(error) = result { Some(error.code) } else { None };
                let why = reply.results.iter().find_map(why);
                self.log.note(self.now_ms(), why.map_or("farewell", meguri_wire::Code::text), 1);
                refused.insert(space);
            }
        }
        Ok(!refused.is_empty())
    }
}
