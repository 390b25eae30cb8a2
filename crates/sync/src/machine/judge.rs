//! Which client state holds.

use meguri_wire::{Code, SpaceId};

use super::{CLOCK_WRONG_MS, Sync};
use crate::state::{ClientState, WaitingFor};

impl Sync {
    /// The first that holds, worst first.
    pub(super) fn judge(&self) -> ClientState {
        let refused = |code: Code| self.outbox.values().any(|o| o.refused == Some(code));
        if let Some(by) = self.leaving {
            ClientState::Removed { by: Some(by) }
        } else if self.unknown {
            ClientState::Waiting { what: WaitingFor::OwnKey, who_can: WaitingFor::OwnKey.who_can() }
        } else if self.adopt.is_some() || self.to_offer > 0 {
            ClientState::RelayReset
        } else if let Some(frozen) = self.feeds.frozen() {
            frozen
        } else if refused(Code::ChainConflict) {
            ClientState::ChainConflict
        } else if refused(Code::Quota) {
            ClientState::Quota
        } else if self.unproven {
            ClientState::Waiting { what: WaitingFor::Removal, who_can: WaitingFor::Removal.who_can() }
        } else if let Some(since_ms) = self.offline_since_ms {
            ClientState::Offline { since_ms }
        } else if let Some((n, reason)) = self.local.parked {
            ClientState::Parked { n, reason }
        } else {
            self.judge_work()
        }
    }

    /// A space in which this facility may only read since something was written here.
    fn role_lost(&self) -> Option<SpaceId> {
        self.outbox.iter().find(|(_, outbox)| outbox.refused == Some(Code::RoleTooLow)).map(|(space, _)| *space)
    }

    fn judge_work(&self) -> ClientState {
        let unsent = self.unsent();
        let waiting = |what: WaitingFor| ClientState::Waiting { what, who_can: what.who_can() };
        let owed_and_unsent = |space: &SpaceId| {
            let outbox = self.outbox.get(space);
            outbox.is_some_and(|outbox| outbox.unsent > 0)
        };
        if self.owed.keys().any(owed_and_unsent) {
            ClientState::RotationOwed
        } else if let Some(space) = self.role_lost() {
            waiting(WaitingFor::Role(space))
        } else if unsent > 0 {
            ClientState::Sending { n: unsent }
        } else if let Some(what) = self.local.waiting {
            waiting(what)
        } else if self.late_items() > 0 {
            ClientState::LateItems { n: self.late_items() }
        } else if self.local.blob_missing {
            ClientState::BlobMissing
        } else if self.local.history_unchecked {
            ClientState::HistoryBeingChecked
        } else if self.clock_offset_ms.unsigned_abs() > CLOCK_WRONG_MS {
            ClientState::ClockWrong { offset_ms: self.clock_offset_ms }
        } else if self.feeds.all_equal() {
            ClientState::UpToDate
        } else {
            waiting(WaitingFor::Feed(self.feeds.unequal().unwrap_or_default()))
        }
    }
}
