//! Another life of the relay's storage: it was wiped, or restored from a backup. What it lacks is offered to it again.

use super::{Engine, SEAL_BYTES_MAX, pinned_key, verified};
use crate::device::Device;
use crate::local;
use crate::profile::storage;
use crate::relay::Relay;
use meguri_commands::{Code, Failure};
use meguri_replica::{FormerFrame, Offered, Replica};
use meguri_sync::Event;
use meguri_wire::Code as Wire;
use meguri_wire::api::{PushFrame, PushRequest, PushResult};
use meguri_wire::ids::{FeedId, StoreId};
use std::collections::BTreeSet;

impl Device {
    /// Holds the new store's heads against what is here.
    pub(super) fn adopt(
        &self,
        engine: &mut Engine,
        replica: &Replica,
        relay: &Relay,
        store: &StoreId,
    ) -> Result<Event, Failure> {
        let heads = verified(&relay.heads(&[])?.heads, &pinned_key(replica, relay)?)?;
        let store = heads.first().map_or(*store, |head| head.store_id);
        let heads = heads.into_iter().filter(|head| head.store_id == store);
        let heads = heads.map(|head| (head.feed, (head.ssn, head.h))).collect();
        replica.begin_store(&store, &heads).map_err(storage)?;
        self.log.note(self.now_ms(), "new store", replica.to_offer().map_err(storage)?);
        engine.since = Vec::new();
        engine.acked.clear();
        Ok(Event::StoreAdopted { store, local: local::local(replica, &mut engine.owed, None)? })
    }

    /// One push request of what the new store lacks; feeds that do not move are passed over for the others.
    pub(super) fn offer_again(&self, replica: &Replica, relay: &Relay) -> Result<Event, Failure> {
        Self::writes_as_oneself(replica)?;
        let key = pinned_key(replica, relay)?;
        self.bring_blobs(replica, relay)?;
        let (mut passed, mut heads, mut taken) = (BTreeSet::new(), Vec::new(), 0);
        loop {
            let frames = replica.next_to_offer(&passed, SEAL_BYTES_MAX).map_err(storage)?;
            if frames.is_empty() {
                break;
            }
            let push = |former: &FormerFrame| PushFrame {
                frame: former.frame.raw.clone(),
                attachments: former.attachments.clone(),
            };
            let reply = relay.push(&PushRequest { frames: frames.iter().map(push).collect() }, None)?;
            heads.extend(verified(&reply.heads, &key)?);
            let answers: Vec<(FormerFrame, Offered)> =
                frames.into_iter().zip(reply.results.iter().map(answer)).collect();
            let moved: BTreeSet<FeedId> = of(&answers, |answer| answer != Offered::Later);
            passed.extend(of(&answers, |answer| answer == Offered::Later).difference(&moved));
            taken += answers.iter().filter(|(_, answer)| *answer != Offered::Later).count();
            replica.offered(&answers, self.now_ms()).map_err(storage)?;
            if answers.iter().any(|(_, answer)| *answer == Offered::Superseded) {
                self.tell_written(); // an own item may be unsent again
            }
            if !moved.is_empty() {
                break; // what was taken is pulled first
            }
        }
        let left = replica.to_offer().map_err(storage)?;
        let intents = replica.open_intents().map_err(storage)?;
        Ok(Event::OfferedAgain { left, stuck: taken == 0, intents, heads })
    }

    /// Pictures that are here come before the items that name them; those that are not are not asked for.
    fn bring_blobs(&self, replica: &Replica, relay: &Relay) -> Result<(), Failure> {
        for blob in replica.blobs_to_offer().map_err(storage)? {
            match self.upload_blobs(relay, &[blob]) {
                Err(failure) if failure.code == Code::BlobMissing => {}
                done => done?,
            }
            replica.blob_offered(&blob).map_err(storage)?;
        }
        Ok(())
    }
}

fn of(answers: &[(FormerFrame, Offered)], which: impl Fn(Offered) -> bool) -> BTreeSet<FeedId> {
    answers.iter().filter(|(_, answer)| which(*answer)).map(|(former, _)| former.frame.feed()).collect()
}

fn answer(result: &PushResult) -> Offered {
    let PushResult::Refused(error) = result else {
        return if matches!(result, PushResult::Skipped) { Offered::Later } else { Offered::Taken };
    };
    let superseded = [
        Wire::Stale,
        Wire::AlreadySo,
        Wire::ChainConflict,
        Wire::Superseded,
        Wire::BadPrevious,
        Wire::Forbidden,
        Wire::Compromised,
        Wire::BadBytes,
        Wire::BadSignature,
    ];
    if superseded.contains(&error.code) { Offered::Superseded } else { Offered::Later }
}
