//! How feeds begin: who may bring a Genesis.

use std::sync::Arc;

use meguri_wire::api::PushResult;
use meguri_wire::chain::h0;
use meguri_wire::control::{Body, TeamBody};
use meguri_wire::feed::{FeedState, Verdict, World, admission};
use meguri_wire::{Attachment, Code, DeviceId, Frame, TeamId};

use super::beside;
use super::push::{Right, Run, refused, team_of};
use super::rights::may_sponsor;
use crate::store::{FeedKind, Stored};

impl Run<'_> {
    pub(super) fn begins_own_team(&self, frame: &Frame, device: &DeviceId) -> Result<(), Code> {
        match frame.control().map(|control| &control.body) {
            Some(Body::Team(TeamBody::Genesis(body))) if self.state.is_none() => {
                let key = &body.keys;
                let named = meguri_wire::ids::device_id(&frame.feed(), &key.signing_key, &key.kem_key_hash);
                if named == *device { Ok(()) } else { Err(Code::NotSponsored) }
            }
            Some(_) | None => Err(Code::NotSponsored),
        }
    }

    /// What a device that is not known yet may bring to a store that is rebuilt: controls whose signatures lead to the
    /// directory's roots, or to the Genesis of a team that the directory lists.
    pub(super) fn proves_itself(&self, frame: &Frame) -> Result<(), Code> {
        let listed = || self.view.directory().is_some_and(|d| d.facilities.contains_key(&frame.feed()));
        let proves = match frame.control().map(|control| &control.body) {
            Some(Body::Directory(_)) => true,
            Some(Body::Team(_)) => listed(),
            Some(Body::Space(_) | Body::Unknown { .. }) | None => false,
        };
        if proves && self.rebuilding { Ok(()) } else { Err(Code::UnknownAuthor) }
    }

    pub(super) fn begin(&mut self, frame: &Frame, beside: &[Attachment]) -> Stored<PushResult> {
        if !frame.control().is_some_and(|control| control.body.is_genesis()) {
            let code = if frame.item().is_some() { Code::NotFound } else { Code::Gap };
            return Ok(refused(code));
        }
        let state = match FeedState::begin(self.view, frame) {
            Verdict::Valid(state) => state,
            Verdict::Waiting(wait) => return Ok(refused(wait.code())),
            Verdict::Invalid(code) => return Ok(refused(code)),
        };
        let kind = kind_of(&state);
        let sponsor = match self.admit_genesis(&state, frame) {
            Ok(sponsor) => sponsor,
            Err(code) => return Ok(refused(code)),
        };
        let lenient = self.rebuilding;
        let team = team_of(&state);
        let picked = match beside::pick(frame, team, beside, lenient) {
            Ok(picked) => picked,
            Err(code) => return Ok(refused(code)),
        };
        let row = self.tx.begin_feed(&frame.feed(), kind, h0(&frame.feed()), sponsor.as_ref())?;
        if matches!(self.part.right, Right::Setup(_)) {
            self.tx.put_setup_code(None)?;
        }
        self.row = Some(row);
        self.place(frame, Arc::new(state), &picked)
    }

    fn admit_genesis(&self, state: &FeedState, frame: &Frame) -> Result<Option<TeamId>, Code> {
        match (state, self.part.right) {
            (FeedState::Directory(_), Right::Operator) => match self.view.directory() {
                None => Ok(None),
                Some(_) => Err(Code::AlreadySo),
            },
            (FeedState::Directory(_), Right::Stranger) => {
                let wanted = self.identity.directory == Some(frame.feed());
                if wanted && self.view.directory().is_none() { Ok(None) } else { Err(Code::Forbidden) }
            }
            (FeedState::Directory(_), Right::Device(_) | Right::Setup(_)) => Err(Code::Forbidden),
            (FeedState::Team(_), Right::Setup(_) | Right::Stranger) => Ok(None),
            (FeedState::Team(team), Right::Device(caller)) => {
                may_sponsor(self.view, &caller.team, team.team_kind)?;
                Ok(Some(caller.team))
            }
            (FeedState::Space(_), Right::Device(_)) => {
                admission::admit_genesis(self.view, frame, self.rebuilding).map(|()| None)
            }
            (FeedState::Space(_), Right::Setup(_) | Right::Stranger)
            | (FeedState::Team(_) | FeedState::Space(_), Right::Operator) => Err(Code::Forbidden),
        }
    }
}

fn kind_of(state: &FeedState) -> FeedKind {
    match state {
        FeedState::Directory(_) => FeedKind::Directory,
        FeedState::Team(_) => FeedKind::Team,
        FeedState::Space(_) => FeedKind::Space,
    }
}
