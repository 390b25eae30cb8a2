//! When the relay says that this device was removed: proof first, then the farewell.

use meguri_wire::{Code, DeviceId};

use super::{Hints, Sync};
use crate::effect::{Effect, PullWanted};
use crate::event::{Failure, Job};

/// A relay may say "removed" to anybody. Only a record of the own team that verifies makes it true; without one this
/// device works on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Proof {
    /// Not wanted now.
    #[default]
    No,
    /// The own team's feed is pulled next.
    Wanted,
    /// Being pulled.
    Asked,
}

/// Whether a failure claims a removal.
fn claims(failure: Failure) -> bool {
    matches!(failure, Failure::Refused(Code::Removed | Code::Compromised))
}

impl Sync {
    /// Takes a failure that claims a removal; true if the proof is asked for at once.
    pub(super) fn removal_claimed(&mut self, job: Job, failure: Failure) -> bool {
        if !claims(failure) || job == Job::HandIn {
            return false;
        }
        self.page = false;
        self.unproven |= self.proof == Proof::Asked;
        self.proof = Proof::Wanted;
        !self.unproven
    }

    /// The own team's feed from where it stands here.
    pub(super) fn proof_job(&mut self, effects: &mut Vec<Effect>) -> bool {
        if self.proof != Proof::Wanted {
            return false;
        }
        let Some((feed, after_ssn)) = self.feeds.own_team() else {
            self.proof = Proof::No;
            self.unproven = true;
            return false;
        };
        self.proof = Proof::Asked;
        self.asked = vec![PullWanted { feed, after_ssn }];
        let feeds = self.asked.clone();
        self.run(Job::Pull, Effect::Pull { feeds, bytes_max: meguri_wire::limits::PULL_BYTES_MAX }, effects);
        true
    }

    /// The pull for the proof has ended; true if it brought none.
    pub(super) fn proof_failed(&mut self) -> bool {
        if self.proof != Proof::Asked || self.leaving.is_some() || self.page {
            return false;
        }
        self.proof = Proof::No;
        self.unproven = true;
        true
    }

    /// A record that verified removes this device: nothing is done any more but to hand in.
    pub(super) fn leave(&mut self, by: (DeviceId, u64)) {
        self.leaving = Some(by);
        self.proof = Proof::No;
        self.page = false;
        self.not_before_ms = i64::MIN;
    }

    pub(super) fn farewell(&mut self, now_ms: i64, effects: &mut Vec<Effect>) {
        if self.hints != Hints::Closed {
            self.hints = Hints::Closed;
            effects.push(Effect::CloseEvents);
        }
        if self.job.is_none() && self.not_before_ms <= now_ms {
            self.run(Job::HandIn, Effect::HandIn, effects);
        }
    }
}
