//! Late work in quarantine, fetched for those who may admit it; and keys that did not open.

use crate::device::Device;
use crate::profile::storage;
use crate::relay::Relay;
use meguri_commands::{Code, Failure};
use meguri_replica::{Intent, LateItem, Replica};
use meguri_sync::Event;
use meguri_wire::control::{DeviceRole, Fault};
use meguri_wire::ids::{FeedId, SpaceId};

/// Takes what the relay holds of these spaces. One that is not this device's to see has none.
pub(super) fn fetch_late(replica: &Replica, relay: &Relay, spaces: &[SpaceId]) -> Result<Event, Failure> {
    for space in spaces {
        let entries = match relay.quarantine(space) {
            Ok(reply) => reply.entries,
            Err(failure) if failure.code == Code::RelayRefused => Vec::new(),
            Err(failure) => return Err(failure),
        };
        let item =
            |entry: meguri_wire::api::QuarantineEntry| LateItem { raw: entry.frame, received_ms: entry.received_ms };
        let items: Vec<LateItem> = entries.into_iter().map(item).collect();
        replica.put_late(space, &items).map_err(storage)?;
    }
    Ok(Event::LateFetched { late: replica.late_counts().map_err(storage)? })
}

impl Device {
    /// Keys of these feeds came and do not open: said once in each space, so that the next writer makes new ones; in the own
    /// team an administrator's device makes them itself.
    pub(super) fn report_faults(&self, replica: &Replica, feeds: &[FeedId]) -> Result<(), Failure> {
        for space in feeds {
            if let Some(gen_no) = lacking_generation(replica, space)? {
                replica.add_intent(space, &Intent::Renew(gen_no), self.now_ms()).map_err(storage)?;
            }
            let Some(state) = replica.space(space).map_err(storage)? else { continue };
            let fault = Intent::Fault(Fault { epoch: state.newest_epoch() });
            replica.add_intent(space, &fault, self.now_ms()).map_err(storage)?;
        }
        Ok(())
    }
}

/// The newest generation of the own team, where its seed is not here and this device may make another.
fn lacking_generation(replica: &Replica, feed: &FeedId) -> Result<Option<u64>, Failure> {
    let Some(own) = replica.device_info().map_err(storage)?.filter(|own| own.team == *feed) else { return Ok(None) };
    let Some(state) = replica.team(feed).map_err(storage)? else { return Ok(None) };
    let admin = state.active.contains(&own.device)
        && state.device(&own.device).is_some_and(|device| device.role == DeviceRole::Admin);
    let newest = state.generations.len() as u64;
    let held = replica.newest_generation(feed).map_err(storage)?;
    Ok((admin && held.is_none_or(|held| held.gen_no < newest)).then_some(newest))
}
