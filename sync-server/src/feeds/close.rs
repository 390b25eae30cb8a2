//! The end of a part: the signed head, the snapshot, the table of memberships, and
//! who must hear of it.

use meguri_wire::cbor::Cbor;
use meguri_wire::chain::{Head, SignedHead};
use meguri_wire::feed::{FeedState, SpaceState, World};
use meguri_wire::sign::Signer;
use meguri_wire::{DeviceId, TeamId};

use super::push::Run;
use crate::store::{MembershipRow, Moved, Stored};

/// A snapshot is renewed after so many items; controls renew it at once.
const SNAPSHOT_ITEMS: u64 = 256;

impl Run<'_> {
    /// Keeps the table of memberships in step with the state.
    pub(super) fn note_members(&mut self, now: &SpaceState, feed_no: u32, ssn: u64) -> Stored<()> {
        let none = std::collections::BTreeMap::new();
        let before = self.state.clone();
        let before = match before.as_deref() {
            Some(FeedState::Space(space)) => &space.members,
            Some(FeedState::Directory(_) | FeedState::Team(_)) | None => &none,
        };
        for (team, member) in &now.members {
            if before.get(team).is_none_or(|was| was.expires != member.expires) {
                self.ended.remove(team);
                let row = MembershipRow { until_ssn: None, expires_ms: member.expires, until_move: 0 };
                self.tx.put_membership(team, feed_no, &row)?;
                // Colleagues may read each other's team feeds from now on.
                for other in now.members.keys() {
                    self.tx.touch(other)?;
                }
            }
        }
        for team in before.keys().filter(|team| !now.members.contains_key(*team)) {
            self.ended.insert(*team, ssn);
        }
        Ok(())
    }

    /// Signs the head, renews the snapshot, stages what others must see.
    pub(super) fn close(&mut self, before: Option<&FeedState>, signer: &dyn Signer) -> Stored<Option<Vec<u8>>> {
        let (Some(row), Some(state), true) = (self.row.as_mut(), self.state.clone(), self.grew) else {
            return Ok(None);
        };
        let head = Head::new(self.identity.store_id, row.feed, row.ssn, row.h);
        row.head = SignedHead::sign(head, signer).raw;
        row.moved = self.tx.move_head(row)?;
        for (team, ssn) in &self.ended {
            let ended = MembershipRow { until_ssn: Some(*ssn), expires_ms: None, until_move: row.moved };
            self.tx.put_membership(team, row.feed_no, &ended)?;
        }
        if self.controls || row.ssn % SNAPSHOT_ITEMS == 0 {
            self.tx.put_snapshot(row.feed_no, row.ssn, &state.to_bytes())?;
        }
        let cut = cut_devices(before, &state);
        let mut teams = match state.as_ref() {
            FeedState::Team(team) if !is_listed(self.view, &team.id()) => {
                Some(std::iter::once(team.id()).chain(row.sponsor).collect())
            }
            FeedState::Directory(_) | FeedState::Team(_) | FeedState::Space(_) => None,
        };
        if let FeedState::Space(space) = state.as_ref() {
            let mut all: Vec<TeamId> = space.members.keys().copied().collect();
            if let Some(FeedState::Space(was)) = before {
                all.extend(was.members.keys().filter(|team| !space.members.contains_key(*team)));
            }
            teams = Some(all);
        }
        if let (FeedState::Directory(now), was) = (state.as_ref(), before) {
            let known = |team: &TeamId| matches!(was, Some(FeedState::Directory(d)) if d.facilities.contains_key(team));
            for team in now.facilities.keys().filter(|team| !known(team)) {
                self.tx.touch(team)?;
            }
        }
        let (feed, ssn, head) = (row.feed, row.ssn, row.head.clone());
        let staged = self.tx.staged();
        staged.states.insert(feed, state);
        staged.moved.push(Moved { feed, ssn, teams });
        staged.cut.extend(cut);
        Ok(Some(head))
    }
}

fn is_listed(world: &dyn World, team: &TeamId) -> bool {
    world.directory().is_some_and(|directory| directory.facilities.contains_key(team))
}

fn cut_devices(before: Option<&FeedState>, after: &FeedState) -> Vec<DeviceId> {
    match (before, after) {
        (Some(FeedState::Team(was)), FeedState::Team(now)) => was.active.difference(&now.active).copied().collect(),
        (_, FeedState::Directory(_) | FeedState::Team(_) | FeedState::Space(_)) => Vec::new(),
    }
}
