//! When a new epoch is owed, and what an Epoch must hold.

use std::collections::BTreeSet;

use crate::codes::Code;
use crate::control::{CitedHead, Epoch, Role};
use crate::feed::space::needs;
use crate::feed::{SpaceState, Stop, World, ensure};
use crate::ids::{DeviceId, TeamId};

/// Rounds until the teams of an Epoch stand.
const VOID_ROUNDS: usize = 8;

impl SpaceState {
    /// Whether a new epoch is owed at the newest heads known here.
    #[must_use]
    pub fn owed(&self, world: &dyn World) -> bool {
        self.epochs.is_empty()
            || self.owed_by_event
            || self.members.iter().any(|(team, member)| {
                world.team(team).is_some_and(|state| state.removed_between(member.paid, state.tip()))
            })
    }

    /// Whether a new epoch is owed at the heads an Epoch cites.
    #[must_use]
    pub fn owed_at(&self, world: &dyn World, heads: &[CitedHead]) -> bool {
        self.epochs.is_empty()
            || self.owed_by_event
            || heads.iter().any(|head| {
                let team = head.team.feed();
                let paid = self.members.get(&team).map(|member| member.paid);
                world.team(&team).zip(paid).is_some_and(|(state, paid)| state.removed_between(paid, head.cseq))
            })
    }

    /// The member teams an Epoch signed now would have: those of today without the void grants of compromised devices
    /// (docs/protocol.md §2).
    #[must_use]
    pub fn next_recipients(&self, world: &dyn World) -> BTreeSet<TeamId> {
        let mut teams: BTreeSet<TeamId> = self.members.keys().copied().collect();
        // A team that goes takes the compromises of its own devices with it, which may bring others back: a few rounds
        // settle it.
        for _ in 0..VOID_ROUNDS {
            let heads: Vec<CitedHead> =
                teams.iter().filter_map(|team| world.team(team)).map(super::TeamState::head).collect();
            let voided = self.newly_compromised(world, &heads);
            let next: BTreeSet<TeamId> = self.members_without(&voided).into_keys().collect();
            if next == teams {
                break;
            }
            teams = next;
        }
        teams
    }

    /// A Fault counts unless the same team faulted the epoch before it and the
    /// author changed: then the fault lies with that team.
    pub(crate) fn fault_owes(&self, epoch: u64, team: &TeamId) -> bool {
        let before = epoch.saturating_sub(1);
        let author = self.epoch(epoch).map(|entry| entry.author);
        let author_before = self.epoch(before).map(|entry| entry.author);
        let changed = author_before.is_some() && author != author_before;
        !(changed && self.faults.contains(&(before, *team)))
    }

    /// Checks an Epoch; gives the devices whose grants it voids, each with the
    /// control after which they are void.
    pub(crate) fn check_epoch(
        &self,
        world: &dyn World,
        body: &Epoch,
        role: Role,
    ) -> Result<Vec<(DeviceId, u64)>, Stop> {
        needs(role, Role::Writer)?;
        ensure(body.n == self.newest_epoch() + 1, Code::BadNumber)?;
        let voided = self.newly_compromised(world, &body.heads);
        let members = self.members_without(&voided);
        let teams: BTreeSet<TeamId> = members.keys().copied().collect();
        self.check_heads(world, &body.heads, &teams)?;
        let recipients = body.recipients.iter().map(|e| TeamId::from(e.recipient));
        ensure(recipients.eq(teams.iter().copied()), Code::BadRecipients)?;
        let ms = body.wrapped.iter().map(|wrapped| wrapped.m);
        let ascending = ms.clone().zip(ms.clone().skip(1)).all(|(a, b)| a < b);
        let in_range = ms.clone().all(|m| m >= 1 && m < body.n);
        ensure(ascending && in_range, Code::BadNumber)?;
        let owed = role == Role::Manager || self.owed_at(world, &body.heads);
        ensure(owed, Code::NotOwed)?;
        Ok(voided)
    }

    /// Devices that `heads` show removed as compromised and the newest Epoch did
    /// not, each with the newest Epoch by another device.
    fn newly_compromised(&self, world: &dyn World, heads: &[CitedHead]) -> Vec<(DeviceId, u64)> {
        let mut voided = Vec::new();
        for head in heads {
            let team = head.team.feed();
            let Some((state, member)) = world.team(&team).zip(self.members.get(&team)) else {
                continue;
            };
            if head.cseq <= member.paid {
                continue;
            }
            let range = (std::ops::Bound::Excluded(member.paid), std::ops::Bound::Included(head.cseq));
            for (_, devices) in state.compromised.range(range) {
                voided.extend(devices.iter().map(|device| (*device, self.cut(device))));
            }
        }
        voided
    }

    /// The control of the newest Epoch by another device; 0 without one.
    fn cut(&self, device: &DeviceId) -> u64 {
        let other = self.epochs.iter().rev().find(|epoch| epoch.author != *device);
        other.map_or(0, |epoch| epoch.cseq)
    }
}
