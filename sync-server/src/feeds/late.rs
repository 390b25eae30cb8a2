//! Quarantine: late work of those who may no longer write, kept until a manager
//! admits it.

use std::sync::Arc;

use meguri_wire::api::PushResult;
use meguri_wire::control::Admit;
use meguri_wire::feed::{FeedState, SpaceState, Stop, Tail, Verdict, World};
use meguri_wire::{Code, DeviceId, Frame, Item, TeamId};

use super::push::{Run, admit_in, refused};
use crate::store::{LateRow, LateTail, StoreError, Stored};

/// Where an item goes whose author has others in quarantine.
pub(super) enum Way {
    /// On to the feed as it stands.
    Feed,
    /// On to the feed, which has taken in what waited.
    Released,
    /// Behind those that wait, or nowhere.
    Answered(PushResult),
}

/// An item whose author's chain already goes on in quarantine continues there, unless what waits may go on now.
pub(super) fn way(run: &mut Run<'_>, space: &SpaceState, frame: &Frame) -> Stored<Way> {
    let Some(author) = frame.author() else {
        return Ok(Way::Feed);
    };
    let tail = run.tx.rows().late_tail(&author, &run.part.feed)?;
    let Some(last) = &tail.last else {
        return Ok(Way::Feed);
    };
    let last = tail_of(space, run.view, &author, last)?;
    if space.tail(&author).is_some_and(|kept| kept.dseq >= last.dseq) {
        return Ok(Way::Feed);
    }
    if release(run, &author)? {
        return Ok(Way::Released);
    }
    match space.check_late(run.view, frame, Some(&last)) {
        // `already_so`: nothing stands against the author any more, but a chain is one: what came before waits here.
        Ok(_) | Err(Stop::Invalid(Code::AlreadySo)) => keep_bytes(run, frame, &tail, false).map(Way::Answered),
        Err(stop) => Ok(Way::Answered(refused(stop.code()))),
    }
}

/// Takes in what only waited for a team to name its author; true once nothing of the author's waits any more.
pub(super) fn release(run: &mut Run<'_>, author: &DeviceId) -> Stored<bool> {
    let waiting = run.tx.rows().late_of(&run.part.feed, author, u64::MAX)?;
    if !waiting.iter().all(|row| row.unplaced) {
        return Ok(false);
    }
    let all = waiting.len();
    Ok(place_all(run, waiting, |run, state, frame| match state {
        FeedState::Space(space) => run.admit(space, frame, true).is_ok(),
        FeedState::Directory(_) | FeedState::Team(_) => false,
    })? == all)
}

/// An item the feed refuses: into quarantine if only its author's standing is why.
pub(super) fn keep(run: &mut Run<'_>, space: &SpaceState, frame: &Frame, why: Stop) -> Stored<PushResult> {
    let Some(author) = frame.author() else {
        return Ok(refused(why.code()));
    };
    let unplaced = why.code() == Code::UnknownAuthor;
    if unplaced && !run.rebuilding {
        return Ok(refused(Code::UnknownAuthor));
    }
    match space.check_late(run.view, frame, space.tail(&author)) {
        Ok(_) => {
            let tail = run.tx.rows().late_tail(&author, &run.part.feed)?;
            keep_bytes(run, frame, &tail, unplaced)
        }
        Err(_) => Ok(refused(why.code())),
    }
}

/// A valid item of a device that its team removed and no Epoch has cited yet.
pub(super) fn keep_checked(run: &mut Run<'_>, frame: &Frame) -> Stored<PushResult> {
    let Some(author) = frame.author() else {
        return Ok(refused(Code::UnknownAuthor));
    };
    let tail = run.tx.rows().late_tail(&author, &run.part.feed)?;
    keep_bytes(run, frame, &tail, false)
}

fn keep_bytes(run: &mut Run<'_>, frame: &Frame, tail: &LateTail, unplaced: bool) -> Stored<PushResult> {
    let (Some(author), Some(item)) = (frame.author(), frame.item()) else {
        return Ok(refused(Code::WrongFeed));
    };
    if tail.bytes.saturating_add(frame.raw.len() as u64) > run.bounds.late_bytes_max {
        return Ok(refused(Code::Quota));
    }
    let (received_ms, raw) = (run.part.now_ms, frame.raw.clone());
    let row = LateRow { entry_no: 0, author, dseq: item.dseq, received_ms, raw, unplaced };
    run.tx.put_late(&run.part.feed, &row, &item.blob_ids)?;
    Ok(PushResult::Quarantined)
}

/// An `Admit` must name the end of a whole chain that waits here.
pub(super) fn check_admit(run: &Run<'_>, frame: &Frame) -> Stored<Result<(), Code>> {
    let Some((device, upto, last)) = admit_in(frame) else {
        return Ok(Ok(()));
    };
    let waiting = run.tx.rows().late_of(&run.part.feed, &device, upto)?;
    let ends = waiting.last().is_some_and(|row| row.dseq == upto && meguri_wire::FrameId::of(&row.raw) == last);
    let known = ends || run.rebuilding;
    Ok(if known { Ok(()) } else { Err(Code::UnknownTarget) })
}

/// Appends the admitted chain right after its `Admit`.
pub(super) fn take_in(run: &mut Run<'_>, admit: &Admit) -> Stored<()> {
    let waiting = run.tx.rows().late_of(&run.part.feed, &admit.device, admit.upto)?;
    place_all(run, waiting, |_, _, _| true).map(drop)
}

/// Appends items as long as each is valid; how many.
fn place_all(
    run: &mut Run<'_>,
    waiting: Vec<LateRow>,
    may: impl Fn(&Run<'_>, &FeedState, &Frame) -> bool,
) -> Stored<usize> {
    let mut taken = Vec::new();
    for row in waiting {
        let frame = Frame::decode(&row.raw).map_err(|_| StoreError::Damaged)?;
        let Some(state) = run.state.clone() else {
            break;
        };
        let Verdict::Valid(step) = state.check(run.view, &frame) else {
            tracing::warn!(code = "late_chain_broken", "a late item does not continue the feed");
            break;
        };
        if !may(run, &state, &frame) {
            break;
        }
        let mut next: FeedState = state.as_ref().clone();
        next.apply(step);
        run.place(&frame, Arc::new(next), &[])?;
        taken.push(row.entry_no);
    }
    run.tx.drop_late(&taken)?;
    Ok(taken.len())
}

fn tail_of(space: &SpaceState, world: &dyn World, author: &DeviceId, raw: &[u8]) -> Stored<Tail> {
    let frame = Frame::decode(raw).map_err(|_| StoreError::Damaged)?;
    let item: &Item = frame.item().ok_or(StoreError::Damaged)?;
    let team = space.team_of(world, author).map_or(TeamId::default(), |(team, _)| team);
    Ok(Tail { team, dseq: item.dseq, id: frame.id, store: item.seen.store.clone() })
}
