//! Late work in quarantine, fetched for those who may admit it; and keys that did not open.

use crate::device::Device;
use crate::profile::storage;
use crate::relay::Relay;
use meguri_commands::{Code, Failure};
use meguri_replica::{Intent, LateItem, Replica};
use meguri_sync::Event;
use meguri_wire::control::Fault;
use meguri_wire::ids::SpaceId;

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
    /// Keys of these spaces came and do not open: said once in each, so that the next writer makes new ones.
    pub(super) fn report_faults(&self, replica: &Replica, spaces: &[SpaceId]) -> Result<(), Failure> {
        for space in spaces {
            let Some(state) = replica.space(space).map_err(storage)? else { continue };
            let fault = Intent::Fault(Fault { epoch: state.newest_epoch() });
            replica.add_intent(space, &fault, self.now_ms()).map_err(storage)?;
        }
        Ok(())
    }
}
