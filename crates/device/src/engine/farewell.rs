//! The farewell of a removed device: it locks, hands in what it has not sent, and forgets everything.

use crate::device::Device;
use crate::farewell::Farewell;
use crate::profile::storage;
use crate::relay::Relay;
use meguri_commands::{Code, Failure};
use meguri_replica::Replica;
use meguri_sync::Event;
use meguri_wire::api::{PullFeed, PullKind, PullRequest, PushFrame, PushRequest, PushResult};
use meguri_wire::control::RemoveReason;
use meguri_wire::limits::PULL_BYTES_MAX;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Engine, SEAL_BYTES_MAX};

impl Device {
    /// One step: everything that can be sent now. When nothing is left, the profile is gone.
    pub(super) fn hand_in(&self, engine: &mut Engine, replica: &Replica, relay: &Relay) -> Result<Event, Failure> {
        let Some(removal) = replica.own_removal().map_err(storage)? else { return Ok(Event::HandedIn { left: 0 }) };
        self.session.lock().lock_screen();
        let told = Farewell { at_ms: removal.at_ms, reason: removal.reason.into(), handed_in: 0 };
        if removal.reason == RemoveReason::Compromised {
            self.wipe(&told)?;
            return Ok(Event::HandedIn { left: 0 });
        }
        let moved = self.hear_of_a_move(engine, replica, relay)?;
        let relay = moved.as_deref().unwrap_or(relay);
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

    /// Nothing but the own team's feed has come since the removal: the directory says where the relay is now. One that does not
    /// give it, or gives another, is handed in to as it is.
    fn hear_of_a_move(
        &self,
        engine: &mut Engine,
        replica: &Replica,
        relay: &Relay,
    ) -> Result<Option<Arc<Relay>>, Failure> {
        let Some(feed) = replica.directory().map_err(storage)?.map(|directory| directory.feed()) else {
            return Ok(None);
        };
        let after_ssn = replica.cursors_of(&[feed]).map_err(storage)?.first().map_or(0, |(_, ssn, _)| *ssn);
        let feeds = vec![PullFeed { feed, after_ssn, kind: PullKind::All }];
        let page = match relay.pull(&PullRequest { feeds, bytes_max: PULL_BYTES_MAX }) {
            Ok(page) if page.iter().all(|record| record.feed == feed) && !page.is_empty() => page,
            Ok(_) => return Ok(None),
            Err(failure) if failure.code == Code::RelayRefused || failure.code == Code::Removed => return Ok(None),
            Err(failure) => return Err(failure),
        };
        if replica.ingest(&page, self.now_ms()).is_err() {
            return Ok(None);
        }
        self.follow_record(engine, replica)?;
        Ok(engine.relay.clone())
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
