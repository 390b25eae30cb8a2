//! One feed's part of a push: every frame checked in the order of protocol §5,
//! the accepted ones appended, the head signed once.

use std::sync::Arc;

use meguri_wire::api::{ErrorBody, PushResult};
use meguri_wire::cbor::Cbor;
use meguri_wire::chain::{Head, SignedHead, h_next, h0};
use meguri_wire::control::{Admit, Body, SpaceBody, TeamBody};
use meguri_wire::feed::{FeedState, SpaceState, Stop, TeamState, Verdict, World, admission};
use meguri_wire::sign::Signer;
use meguri_wire::{Attachment, Code, DeviceId, FeedId, Frame, FrameId, TeamId};

use super::rights::{Caller, may_sponsor, readable};
use super::{Cached, Memory, View, beside, late};
use crate::store::{FeedKind, FeedRow, Identity, MembershipRow, Moved, NewFrame, Place, Stored, Write};

/// A snapshot is renewed after so many items; controls renew it at once.
const SNAPSHOT_ITEMS: u64 = 256;

/// What bounds a push, from the configuration.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Bytes a device may have in quarantine.
    pub late_bytes_max: u64,
}

/// One frame as offered, decoded before the writer sees it.
pub struct Offered {
    /// The frame, or why its bytes are none.
    pub frame: Result<Frame, Code>,
    /// What came beside it.
    pub attachments: Vec<Attachment>,
}

/// By what right a push is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// A device that a team names.
    Device(Caller),
    /// A first device with the setup code; may only begin its own team.
    Setup(DeviceId),
    /// The operator, who brings in directory records.
    Operator,
}

/// The frames of one feed in a push.
pub struct Part {
    /// The feed.
    pub feed: FeedId,
    /// By what right.
    pub right: Right,
    /// In order.
    pub offered: Vec<Offered>,
    /// The relay's clock.
    pub now_ms: u64,
}

/// What became of a part.
pub struct PartDone {
    /// One per frame.
    pub results: Vec<PushResult>,
    /// The signed head, if the feed moved.
    pub head: Option<Vec<u8>>,
}

pub(super) struct Run<'a> {
    pub(super) tx: &'a mut dyn Write,
    pub(super) view: &'a View<'a>,
    pub(super) identity: Identity,
    pub(super) bounds: Bounds,
    pub(super) part: &'a Part,
    pub(super) row: Option<FeedRow>,
    pub(super) state: Option<Cached>,
    controls: bool,
    grew: bool,
}

/// Takes one part inside the writer's transaction.
///
/// # Errors
/// The store failed; nothing of the part is kept.
pub fn push_part(
    tx: &mut dyn Write,
    memory: &Memory,
    signer: &dyn Signer,
    bounds: Bounds,
    part: &Part,
) -> Stored<PartDone> {
    let view = View::new(memory, tx.staged());
    let identity = tx.rows().identity()?;
    let row = tx.rows().feed(&part.feed)?;
    let state = match &row {
        Some(row) if row.ssn > 0 => Some(view.state(tx.rows(), row)?),
        Some(_) | None => None,
    };
    let before = state.clone();
    let mut run = Run { tx, view: &view, identity, bounds, part, row, state, controls: false, grew: false };
    let mut results = Vec::with_capacity(part.offered.len());
    let mut stopped = false;
    for offered in &part.offered {
        let result = if stopped { PushResult::Skipped } else { run.take(offered)? };
        stopped |= matches!(result, PushResult::Refused(_));
        results.push(result);
    }
    let head = run.close(before.as_deref(), signer)?;
    Ok(PartDone { results, head })
}

pub(super) fn refused(code: Code) -> PushResult {
    PushResult::Refused(ErrorBody::of(code))
}

impl Run<'_> {
    fn take(&mut self, offered: &Offered) -> Stored<PushResult> {
        let frame = match &offered.frame {
            Ok(frame) => frame,
            Err(code) => return Ok(refused(*code)),
        };
        match self.tx.rows().find(&frame.id)? {
            Some(Place::Feed { ssn, received_ms, h }) => {
                return Ok(PushResult::Accepted { ssn, received_ms, h });
            }
            Some(Place::Quarantine { .. }) => return Ok(PushResult::Quarantined),
            None => {}
        }
        if let Err(code) = self.may_offer(frame)? {
            return Ok(refused(code));
        }
        let Some(state) = self.state.clone() else {
            return self.begin(frame, &offered.attachments);
        };
        self.next(&state, frame, &offered.attachments)
    }

    /// The connection's right; the frame's own authority is checked after.
    fn may_offer(&self, frame: &Frame) -> Stored<Result<(), Code>> {
        let directory = matches!(frame.control().map(|c| &c.body), Some(Body::Directory(_)));
        let caller = match self.part.right {
            Right::Operator => return Ok(if directory { Ok(()) } else { Err(Code::Forbidden) }),
            Right::Setup(device) => return Ok(self.begins_own_team(frame, &device)),
            Right::Device(caller) => caller,
        };
        if directory && !self.identity.rebuilding {
            return Ok(Err(Code::Forbidden));
        }
        let Some(row) = &self.row else {
            return Ok(caller.active());
        };
        if frame.item().is_some() && frame.author() == Some(caller.device) {
            // Its own work: at the least it is late.
            return Ok(Ok(()));
        }
        let readable = readable(self.tx.rows(), &self.view.shared, &caller, row, self.part.now_ms)?;
        Ok(match readable {
            Ok(u64::MAX) => caller.active(),
            Ok(_) => Err(Code::Removed),
            Err(code) => Err(code),
        })
    }

    fn begins_own_team(&self, frame: &Frame, device: &DeviceId) -> Result<(), Code> {
        match frame.control().map(|control| &control.body) {
            Some(Body::Team(TeamBody::Genesis(body))) if self.state.is_none() => {
                let key = &body.keys;
                let named = meguri_wire::ids::device_id(&frame.feed(), &key.signing_key, &key.kem_key_hash);
                if named == *device { Ok(()) } else { Err(Code::NotSponsored) }
            }
            Some(_) | None => Err(Code::NotSponsored),
        }
    }

    fn begin(&mut self, frame: &Frame, beside: &[Attachment]) -> Stored<PushResult> {
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
        let lenient = self.identity.rebuilding;
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
            (FeedState::Directory(_), Right::Device(_) | Right::Setup(_)) => Err(Code::Forbidden),
            (FeedState::Team(_), Right::Setup(_)) => Ok(None),
            (FeedState::Team(team), Right::Device(caller)) => {
                may_sponsor(self.view, &caller.team, team.team_kind)?;
                Ok(Some(caller.team))
            }
            (FeedState::Space(_), Right::Device(_)) => admission::admit_genesis(self.view, frame).map(|()| None),
            (FeedState::Space(_), Right::Setup(_)) | (FeedState::Team(_) | FeedState::Space(_), Right::Operator) => {
                Err(Code::Forbidden)
            }
        }
    }

    fn next(&mut self, state: &Cached, frame: &Frame, beside: &[Attachment]) -> Stored<PushResult> {
        if let (FeedState::Space(space), Some(_)) = (state.as_ref(), frame.item())
            && let Some(result) = late::divert(self, space, frame)?
        {
            return Ok(result);
        }
        let step = match state.check(self.view, frame) {
            Verdict::Valid(step) => step,
            Verdict::Waiting(wait) => return self.refuse(state, frame, Stop::Waiting(wait)),
            Verdict::Invalid(code) => return self.refuse(state, frame, Stop::Invalid(code)),
        };
        if let FeedState::Space(space) = state.as_ref() {
            let offer = admission::Offer {
                store: &self.identity.store_id,
                now_ms: self.part.now_ms,
                reoffered: self.identity.rebuilding,
            };
            if let Err(code) = admission::admit(space, self.view, frame, &offer) {
                let late = frame.item().is_some() && code == Code::Removed;
                return if late { late::keep_checked(self, frame) } else { Ok(refused(code)) };
            }
            if let Err(code) = late::check_admit(self, frame)? {
                return Ok(refused(code));
            }
        }
        let mut next = state.as_ref().clone();
        next.apply(step);
        let picked = match beside::pick(frame, team_of(&next), beside, self.identity.rebuilding) {
            Ok(picked) => picked,
            Err(code) => return Ok(refused(code)),
        };
        let result = self.place(frame, Arc::new(next), &picked)?;
        if let Some(admit) = admit_of(frame) {
            late::take_in(self, admit)?;
        }
        Ok(result)
    }

    /// A frame its feed does not take: quarantine, or the right refusal.
    fn refuse(&mut self, state: &Cached, frame: &Frame, stop: Stop) -> Stored<PushResult> {
        let (FeedState::Space(space), Some(item)) = (state.as_ref(), frame.item()) else {
            return Ok(refused(stop.code()));
        };
        let conflict = matches!(stop.code(), Code::ChainConflict | Code::Superseded);
        if conflict && let (Some(row), Some(author)) = (&self.row, frame.author()) {
            let stored = self.tx.rows().item_at(row.feed_no, &author, item.dseq)?;
            let seen = stored.and_then(|raw| Frame::decode(&raw).ok());
            let store = seen.as_ref().and_then(Frame::item).map(|item| item.seen.store.clone());
            let code = store.map_or(stop.code(), |s| meguri_wire::feed::conflict_code(&s, item));
            return Ok(refused(code));
        }
        late::keep(self, space, frame, stop)
    }

    /// Appends a checked frame and makes `next` the state.
    pub(super) fn place(
        &mut self,
        frame: &Frame,
        next: Cached,
        beside: &[crate::store::AttachmentRow],
    ) -> Stored<PushResult> {
        let Some(row) = self.row.as_mut() else {
            return Ok(refused(Code::NotFound));
        };
        let ssn = row.ssn + 1;
        let received_ms = self.part.now_ms.max(row.received_ms);
        let h = h_next(&row.h, ssn, received_ms, &frame.id);
        let author = frame.kid().map(|kid| kid.to_vec()).unwrap_or_default();
        let item = frame.item();
        self.tx.append(
            row.feed_no,
            NewFrame {
                ssn,
                received_ms,
                h,
                id: frame.id,
                class: item.map(|item| item.class),
                author: &author,
                dseq: item.map_or(0, |item| item.dseq),
                raw: &frame.raw,
            },
        )?;
        for attachment in beside {
            self.tx.attach(row.feed_no, ssn, attachment)?;
        }
        for blob in item.map(|item| item.blob_ids.as_slice()).unwrap_or_default() {
            self.tx.list_blob(blob, row.feed_no, ssn)?;
        }
        (row.ssn, row.received_ms, row.h) = (ssn, received_ms, h);
        self.controls |= item.is_none();
        self.grew = true;
        if let (FeedState::Space(now), None) = (next.as_ref(), item) {
            let feed_no = row.feed_no;
            self.note_members(now, feed_no, ssn)?;
        }
        self.state = Some(next);
        Ok(PushResult::Accepted { ssn, received_ms, h })
    }

    /// Keeps the table of memberships in step with the state.
    fn note_members(&mut self, now: &SpaceState, feed_no: u32, ssn: u64) -> Stored<()> {
        let none = std::collections::BTreeMap::new();
        let before = self.state.clone();
        let before = match before.as_deref() {
            Some(FeedState::Space(space)) => &space.members,
            Some(FeedState::Directory(_) | FeedState::Team(_)) | None => &none,
        };
        for (team, member) in &now.members {
            if before.get(team).is_none_or(|was| was.expires != member.expires) {
                let row = MembershipRow { until_ssn: None, expires_ms: member.expires };
                self.tx.put_membership(team, feed_no, &row)?;
                // Colleagues may read each other's team feeds from now on.
                for other in now.members.keys() {
                    self.tx.touch(other)?;
                }
            }
        }
        for team in before.keys().filter(|team| !now.members.contains_key(*team)) {
            let row = MembershipRow { until_ssn: Some(ssn), expires_ms: None };
            self.tx.put_membership(team, feed_no, &row)?;
        }
        Ok(())
    }

    /// Signs the head, renews the snapshot, stages what others must see.
    fn close(&mut self, before: Option<&FeedState>, signer: &dyn Signer) -> Stored<Option<Vec<u8>>> {
        let (Some(row), Some(state), true) = (self.row.as_mut(), self.state.clone(), self.grew) else {
            return Ok(None);
        };
        let head = Head::new(self.identity.store_id, row.feed, row.ssn, row.h);
        row.head = SignedHead::sign(head, signer).raw;
        row.moved = self.tx.move_head(row)?;
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

fn kind_of(state: &FeedState) -> FeedKind {
    match state {
        FeedState::Directory(_) => FeedKind::Directory,
        FeedState::Team(_) => FeedKind::Team,
        FeedState::Space(_) => FeedKind::Space,
    }
}

fn team_of(state: &FeedState) -> Option<&TeamState> {
    match state {
        FeedState::Team(team) => Some(team),
        FeedState::Directory(_) | FeedState::Space(_) => None,
    }
}

fn admit_of(frame: &Frame) -> Option<&Admit> {
    match frame.control().map(|control| &control.body) {
        Some(Body::Space(SpaceBody::Admit(admit))) => Some(admit),
        Some(_) | None => None,
    }
}

pub(super) fn admit_in(frame: &Frame) -> Option<(DeviceId, u64, FrameId)> {
    admit_of(frame).map(|admit| (admit.device, admit.upto, admit.last))
}
