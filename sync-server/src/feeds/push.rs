//! One feed's part of a push: every frame checked in the order of protocol §5,
//! the accepted ones appended, the head signed once.

use std::collections::BTreeMap;
use std::sync::Arc;

use meguri_wire::api::{ErrorBody, PushResult};
use meguri_wire::chain::h_next;
use meguri_wire::control::{Admit, Body, SpaceBody};
use meguri_wire::feed::{FeedState, SpaceState, Stop, TeamState, Verdict, admission};
use meguri_wire::sign::Signer;
use meguri_wire::{Attachment, BlobId, Code, DeviceId, FeedId, Frame, FrameId, TeamId};

use super::rights::{Caller, readable};
use super::{Cached, Memory, View, beside, late};
use crate::store::{FeedKind, FeedRow, Identity, NewFrame, Place, StoreError, Stored, Write};

/// How long a restored store takes records as re-offered.
const REBUILDING_MS: u64 = 30 * 24 * 3_600_000;

/// Whether a store made at `restored_ms` still takes records as re-offered.
#[must_use]
pub fn lately_restored(restored_ms: Option<u64>, now_ms: u64) -> bool {
    restored_ms.is_some_and(|at_ms| now_ms < at_ms.saturating_add(REBUILDING_MS))
}

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
    /// A device that this store does not know yet, while it is rebuilt: it brings the directory and listed teams, which
    /// prove themselves.
    Stranger,
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
    /// Whether records of this feed are taken as re-offered after a restore.
    pub(super) rebuilding: bool,
    pub(super) controls: bool,
    pub(super) grew: bool,
    /// Teams that leave in this part, and the frame that removes each.
    pub(super) ended: BTreeMap<TeamId, u64>,
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
    let rebuilding = is_rebuilding(&identity, row.as_ref(), part.now_ms);
    let (controls, grew, ended) = (false, false, BTreeMap::new());
    let mut run = Run { tx, view: &view, identity, bounds, part, row, state, rebuilding, controls, grew, ended };
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

/// For 30 days after a restore records are taken as re-offered, unless their feed
/// goes on already.
fn is_rebuilding(identity: &Identity, row: Option<&FeedRow>, now_ms: u64) -> bool {
    lately_restored(identity.restored_ms, now_ms) && !row.is_some_and(|row| row.rebuilt)
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
                self.complete(frame, ssn, &offered.attachments)?;
                return Ok(PushResult::Accepted { ssn, received_ms, h });
            }
            Some(Place::Quarantine { .. }) => return self.waits(frame),
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

    /// An item that waits in quarantine was offered again: it may not have to any more.
    fn waits(&mut self, frame: &Frame) -> Stored<PushResult> {
        if let Some(author) = frame.author() {
            late::release(self, &author)?;
        }
        Ok(match self.tx.rows().find(&frame.id)? {
            Some(Place::Feed { ssn, received_ms, h }) => PushResult::Accepted { ssn, received_ms, h },
            Some(Place::Quarantine { .. }) | None => PushResult::Quarantined,
        })
    }

    /// The connection's right; the frame's own authority is checked after.
    fn may_offer(&self, frame: &Frame) -> Stored<Result<(), Code>> {
        let directory = matches!(frame.control().map(|c| &c.body), Some(Body::Directory(_)));
        let caller = match self.part.right {
            Right::Operator => return Ok(if directory { Ok(()) } else { Err(Code::Forbidden) }),
            Right::Setup(device) => return Ok(self.begins_own_team(frame, &device)),
            Right::Stranger => return Ok(self.proves_itself(frame)),
            Right::Device(caller) => caller,
        };
        if directory && !self.rebuilding {
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
        // Who is a member stands in records that are still to come; each proves itself.
        let brings_again = self.rebuilding && row.feed_kind == FeedKind::Space && frame.control().is_some();
        Ok(match readable {
            Ok(u64::MAX) => caller.active(),
            Ok(_) => Err(Code::Removed),
            Err(Code::NotMember) if brings_again => caller.active(),
            Err(code) => Err(code),
        })
    }

    fn next(&mut self, state: &Cached, frame: &Frame, beside: &[Attachment]) -> Stored<PushResult> {
        let mut state = state.clone();
        if let (FeedState::Space(space), Some(_)) = (state.as_ref(), frame.item()) {
            match late::way(self, space, frame)? {
                late::Way::Feed => {}
                late::Way::Released => state = self.state.clone().ok_or(StoreError::Damaged)?,
                late::Way::Answered(result) => return Ok(result),
            }
        }
        let state = &state;
        let step = match state.check(self.view, frame) {
            Verdict::Valid(step) => step,
            Verdict::Waiting(wait) => return self.refuse(state, frame, Stop::Waiting(wait)),
            Verdict::Invalid(code) => return self.refuse(state, frame, Stop::Invalid(code)),
        };
        if let FeedState::Space(space) = state.as_ref() {
            if let Err(code) = self.admit(space, frame, self.rebuilding) {
                let late = frame.item().is_some() && code == Code::Removed;
                return if late { late::keep_checked(self, frame) } else { Ok(refused(code)) };
            }
            if let Err(code) = late::check_admit(self, frame)? {
                return Ok(refused(code));
            }
            if let Some(blob) = self.missing_blob(space, frame)? {
                let params = vec![("blob".to_owned(), blob.to_string())];
                return Ok(PushResult::Refused(ErrorBody { code: Code::MissingBlob, params }));
            }
        }
        let mut next = state.as_ref().clone();
        next.apply(step);
        let picked = match beside::pick(frame, team_of(&next), beside, self.rebuilding) {
            Ok(picked) => picked,
            Err(code) => return Ok(refused(code)),
        };
        let whole = self.rebuilding && self.is_whole_epoch(state, frame, beside);
        let result = self.place(frame, Arc::new(next), &picked)?;
        self.note_rebuilt(frame, whole);
        if let Some(admit) = admit_of(frame) {
            late::take_in(self, admit)?;
        }
        Ok(result)
    }

    /// A record that came again without all that belongs beside it takes the rest from whoever has it.
    fn complete(&mut self, frame: &Frame, ssn: u64, sent: &[Attachment]) -> Stored<()> {
        let (true, Some(row), Some(state)) = (self.rebuilding && !sent.is_empty(), &self.row, &self.state) else {
            return Ok(());
        };
        let feed_no = row.feed_no;
        let Ok(picked) = beside::pick(frame, team_of(state), sent, true) else { return Ok(()) };
        for attachment in picked {
            let there = self.tx.rows().attachments(feed_no, ssn, &[attachment.audience])?;
            if !there.iter().any(|kept| kept.bytes == attachment.bytes) {
                self.tx.attach(feed_no, ssn, &attachment)?;
            }
        }
        Ok(())
    }

    pub(super) fn admit(&self, space: &SpaceState, frame: &Frame, reoffered: bool) -> Result<(), Code> {
        let (store, now_ms) = (&self.identity.store_id, self.part.now_ms);
        admission::admit(space, self.view, frame, &admission::Offer { store, now_ms, reoffered })
    }

    /// A blob the item names and nobody has brought. Not asked of late work that
    /// was let in, nor of items written against another store.
    fn missing_blob(&self, space: &SpaceState, frame: &Frame) -> Stored<Option<BlobId>> {
        let (Some(item), Some(author)) = (frame.item(), frame.author()) else {
            return Ok(None);
        };
        if admission::is_exempt(space, &author, item, &self.identity.store_id) {
            return Ok(None);
        }
        for blob in &item.blob_ids {
            if self.tx.rows().blob(blob)?.is_none() {
                return Ok(Some(*blob));
            }
        }
        Ok(None)
    }

    /// Whether an Epoch would also be taken without a restore.
    fn is_whole_epoch(&self, state: &FeedState, frame: &Frame, beside: &[Attachment]) -> bool {
        let FeedState::Space(space) = state else {
            return false;
        };
        let epoch = matches!(frame.control().map(|c| &c.body), Some(Body::Space(SpaceBody::Epoch(_))));
        epoch && self.admit(space, frame, false).is_ok() && beside::pick(frame, None, beside, false).is_ok()
    }

    /// A feed goes on in this store once somebody writes who has seen, in this
    /// store, an Epoch that was taken whole.
    fn note_rebuilt(&mut self, frame: &Frame, whole: bool) {
        let store = self.identity.store_id.short();
        let Some(row) = self.row.as_mut().filter(|_| self.rebuilding) else {
            return;
        };
        if whole {
            row.whole_ssn = row.ssn;
        }
        let seen = frame.item().map(|item| &item.seen).filter(|seen| seen.store == store);
        if row.whole_ssn > 0 && seen.is_some_and(|seen| seen.ssn >= row.whole_ssn) {
            row.rebuilt = true;
            self.rebuilding = false;
        }
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
}

pub(super) fn team_of(state: &FeedState) -> Option<&TeamState> {
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
