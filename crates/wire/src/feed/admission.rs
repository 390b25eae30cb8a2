//! What the relay alone decides, after validity: newest epoch, newest heads,
//! suspended facilities, expiries on its own clock. Quota, rate, attachments and
//! blobs are its storage's business. Devices never call this to judge a frame.

use crate::codes::Code;
use crate::control::{Body, CitedHead, RemoveMemberReason, SpaceBody};
use crate::feed::{DirectoryState, SpaceState, Stop, World};
use crate::frame::{CLASS_TRACE, Control, Frame, Item, Payload};
use crate::ids::{DeviceId, StoreId, TeamId};
use crate::limits::BREAK_GLASS_MS_MAX;

/// Under what circumstances a frame is offered.
#[derive(Clone, Copy, Debug)]
pub struct Offer<'a> {
    /// This relay's store.
    pub store: &'a StoreId,
    /// This relay's clock, ms UTC.
    pub now_ms: u64,
    /// Whether a new store takes up what an older store already held. Controls
    /// carry no `seen`, so the relay says so; heads, expiries and removals that
    /// bore on the first admission are then not asked again.
    pub reoffered: bool,
}

/// Whether the relay takes a valid frame of a space now.
///
/// # Errors
/// [`Code::EpochOld`], [`Code::Stale`], [`Code::Suspended`], [`Code::BadExpiry`],
/// and [`Code::Removed`] or [`Code::Compromised`] for a device whose removal no
/// Epoch cites yet: the relay cuts it off at once, its items go to quarantine.
pub fn admit(state: &SpaceState, world: &dyn World, frame: &Frame, offer: &Offer<'_>) -> Result<(), Code> {
    let author = frame.author().ok_or(Code::UnknownAuthor)?;
    let (team, device) = state.team_of(world, &author).map_err(Stop::code)?;
    match &frame.payload {
        Payload::Item(item) if is_exempt(state, &author, item, offer.store) => Ok(()),
        Payload::Control(_) if offer.reoffered => Ok(()),
        Payload::Item(_) | Payload::Control(_) => {
            check_not_suspended(world.directory(), &team)?;
            if let Some(removal) = &device.removed {
                return Err(removal.code());
            }
            match &frame.payload {
                Payload::Item(item) => admit_item(state, world, item),
                Payload::Control(control) => admit_control(state, world, control, offer.now_ms),
            }
        }
    }
}

/// Whether an item was written against another store, or is late work that was
/// let in: asked for neither the newest epoch nor its blobs.
#[must_use]
pub fn is_exempt(state: &SpaceState, author: &DeviceId, item: &Item, store: &StoreId) -> bool {
    let other_store = !item.seen.store.is_empty() && item.seen.store != store.short();
    let admits = state.admits.get(author);
    other_store || admits.is_some_and(|all| all.iter().any(|admit| item.dseq <= admit.upto))
}

/// Whether the relay takes a valid Genesis of a space now: of a chart, thread,
/// notebook or office alike only from an active device of a listed team. One
/// that is `reoffered`, by whoever holds it, may be of a device that was removed
/// since, or of a facility that was suspended.
///
/// # Errors
/// [`Code::NotListed`], [`Code::Suspended`], [`Code::Removed`].
pub fn admit_genesis(world: &dyn World, frame: &Frame, reoffered: bool) -> Result<(), Code> {
    let Payload::Control(Control { body: Body::Space(SpaceBody::Genesis(body)), .. }) = &frame.payload else {
        return Err(Code::WrongFeed);
    };
    let directory = world.directory().ok_or(Code::NotListed)?;
    let listed = directory.facilities.get(&body.team);
    let listed = listed.ok_or(Code::NotListed)?;
    if listed.team != body.head.team {
        return Err(Code::NotListed);
    }
    if reoffered {
        return Ok(());
    }
    check_not_suspended(Some(directory), &body.team)?;
    let author = frame.author().ok_or(Code::UnknownAuthor)?;
    let team = world.team(&body.team).ok_or(Code::UnknownAuthor)?;
    if team.active.contains(&author) { Ok(()) } else { Err(Code::Removed) }
}

fn admit_item(state: &SpaceState, world: &dyn World, item: &Item) -> Result<(), Code> {
    let current = item.epoch == state.newest_epoch();
    let blocked = item.class != CLASS_TRACE && state.owed(world);
    if current && !blocked { Ok(()) } else { Err(Code::EpochOld) }
}

fn admit_control(state: &SpaceState, world: &dyn World, control: &Control, now_ms: u64) -> Result<(), Code> {
    let Body::Space(body) = &control.body else {
        return Ok(());
    };
    if let Some(heads) = body.heads() {
        check_newest(world, heads)?;
    }
    match body {
        SpaceBody::AddMember(body) => {
            check_not_suspended(world.directory(), &body.team)?;
            match body.expires {
                Some(expires) if expires <= now_ms => Err(Code::BadExpiry),
                Some(_) | None => Ok(()),
            }
        }
        SpaceBody::BreakGlass(body) => {
            check_not_suspended(world.directory(), &body.team)?;
            let latest = now_ms.saturating_add(BREAK_GLASS_MS_MAX);
            if body.expires > now_ms && body.expires <= latest { Ok(()) } else { Err(Code::BadExpiry) }
        }
        SpaceBody::RemoveMember(body) if body.reason == RemoveMemberReason::Expired => {
            let expires = state.members.get(&body.team).and_then(|m| m.expires);
            match expires {
                Some(expires) if expires <= now_ms => Ok(()),
                Some(_) | None => Err(Code::BadExpiry),
            }
        }
        SpaceBody::Genesis(_)
        | SpaceBody::SetRole(_)
        | SpaceBody::RemoveMember(_)
        | SpaceBody::Epoch(_)
        | SpaceBody::Review(_)
        | SpaceBody::Fault(_)
        | SpaceBody::Admit(_)
        | SpaceBody::Repudiate(_)
        | SpaceBody::Archive(_) => Ok(()),
    }
}

fn check_newest(world: &dyn World, heads: &[CitedHead]) -> Result<(), Code> {
    let newest = |head: &CitedHead| world.team(&head.team.feed()).is_some_and(|team| team.tip() == head.cseq);
    if heads.iter().all(newest) { Ok(()) } else { Err(Code::Stale) }
}

fn check_not_suspended(directory: Option<&DirectoryState>, team: &TeamId) -> Result<(), Code> {
    let suspended =
        directory.and_then(|directory| directory.facilities.get(team)).is_some_and(|facility| facility.suspended);
    if suspended { Err(Code::Suspended) } else { Ok(()) }
}
