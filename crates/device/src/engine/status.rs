//! What screens show of synchronisation.

use super::Shown;
use crate::device::Device;
use crate::profile::storage;
use meguri_commands::Failure;
use meguri_commands::types::{SyncState, SyncStatus};
use meguri_sync::ClientState;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

impl Device {
    /// What screens show of synchronisation.
    ///
    /// # Errors
    /// `locked`, storage codes.
    pub fn status(&self) -> Result<SyncStatus, Failure> {
        let replica = self.background()?;
        let unsent = u32::try_from(replica.unsent_count().map_err(storage)?).unwrap_or(u32::MAX);
        let Shown { state, broken, last_contact_ms } = self.shared.shown.lock().clone();
        let lacking = self.shared.pictures_lacking.load(Ordering::Acquire);
        let [in_heads, in_pages] = broken;
        // A colleague was shown another history: shown until a person has looked at it; nothing stops.
        let witness = replica.witness().map_err(storage)?;
        let witness = witness.map(|row| ClientState::Fork { feed: row.feed, a: row.here, b: row.there });
        let witness = witness.filter(|_| !matches!(state, Some(ClientState::Removed { .. })));
        let state = match in_heads.or(in_pages).or(witness).or(state) {
            Some(ClientState::UpToDate) if lacking => Some(ClientState::BlobMissing),
            state => state,
        };
        let (last_received_ms, last_heard_from_others_ms) = replica.last_received().map_err(storage)?;
        let (state, params) = state.map_or((SyncState::Offline, BTreeMap::new()), |state| shown(&state));
        let pending = u32::try_from(replica.open_intents().map_err(storage)?).unwrap_or(u32::MAX);
        let quarantined = u32::try_from(replica.quarantined_count().map_err(storage)?).unwrap_or(u32::MAX);
        let rotations = u32::try_from(self.shared.rotations.load(Ordering::Acquire)).unwrap_or(u32::MAX);
        let pictures_missing = replica.pictures_missing().map_err(storage)?;
        Ok(SyncStatus {
            state,
            params,
            unsent,
            pictures_missing,
            rotations,
            pending,
            quarantined,
            last_received_ms,
            last_contact_ms,
            last_heard_from_others_ms,
        })
    }
}

fn shown(state: &ClientState) -> (SyncState, BTreeMap<String, String>) {
    let of = |pairs: &[(&str, String)]| pairs.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
    match state {
        ClientState::UpToDate => (SyncState::UpToDate, of(&[])),
        ClientState::Sending { n } => (SyncState::Sending, of(&[("n", n.to_string())])),
        ClientState::Offline { since_ms } => (SyncState::Offline, of(&[("sinceMs", since_ms.to_string())])),
        ClientState::Waiting { what, .. } => (SyncState::Waiting, of(&[("what", waiting(*what).to_owned())])),
        ClientState::RotationOwed => (SyncState::RotationOwed, of(&[])),
        ClientState::Removed { by } => {
            let pairs = by.map_or(Vec::new(), |(device, at)| vec![("by", device.to_string()), ("at", at.to_string())]);
            (SyncState::Removed, of(&pairs))
        }
        ClientState::LateItems { n } => (SyncState::LateItems, of(&[("n", n.to_string())])),
        ClientState::Parked { n, reason } => {
            (SyncState::Parked, of(&[("n", n.to_string()), ("reason", reason.to_string())]))
        }
        ClientState::HistoryBeingChecked => (SyncState::HistoryBeingChecked, of(&[])),
        ClientState::RelayReset => (SyncState::RelayReset, of(&[])),
        ClientState::Rollback { feed, pin, got } => {
            (SyncState::Rollback, of(&[("feed", feed.to_string()), ("pin", pin.to_string()), ("got", got.to_string())]))
        }
        ClientState::Fork { feed, a, b } => {
            (SyncState::Fork, of(&[("feed", feed.to_string()), ("a", a.to_string()), ("b", b.to_string())]))
        }
        ClientState::ChainConflict => (SyncState::ChainConflict, of(&[])),
        ClientState::BlobMissing => (SyncState::BlobMissing, of(&[])),
        ClientState::Quota => (SyncState::Quota, of(&[])),
        ClientState::VersionTooOld => (SyncState::VersionTooOld, of(&[])),
        ClientState::ClockWrong { offset_ms } => (SyncState::ClockWrong, of(&[("offsetMs", offset_ms.to_string())])),
    }
}

fn waiting(what: meguri_sync::WaitingFor) -> &'static str {
    match what {
        meguri_sync::WaitingFor::Feed(_) => "feed",
        meguri_sync::WaitingFor::ItemBefore(_) => "item",
        meguri_sync::WaitingFor::Key(_) => "key",
        meguri_sync::WaitingFor::Role(_) => "role",
        meguri_sync::WaitingFor::OwnKey => "own-key",
        meguri_sync::WaitingFor::Removal => "removal",
    }
}
