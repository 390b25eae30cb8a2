//! Rules of items: the per-device chain, the author's right, late work.

use crate::cbor::array;
use crate::codes::Code;
use crate::control::Role;
use crate::feed::{DeviceState, SpaceState, Stop, WaitFor, World, ensure};
use crate::frame::{CLASS_TRACE, Frame, Item};
use crate::ids::{DeviceId, FrameId, TeamId};

array! {
    /// The last item of a device in a feed.
    pub struct Tail {
        /// The team it writes for.
        pub team: TeamId,
        /// Its number.
        pub dseq: u64,
        /// Its frame id.
        pub id: FrameId,
        /// The store its `seen` names; empty with nothing seen.
        pub store: Vec<u8>,
    }
}

/// A checked item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ItemStep {
    device: DeviceId,
    tail: Tail,
}

/// Which refusal two different items with one `dseq` of a device get:
/// `chain_conflict` if both saw one store, else `superseded`.
#[must_use]
pub fn conflict_code(stored_store: &[u8], offered: &Item) -> Code {
    if stored_store == offered.seen.store.as_slice() { Code::ChainConflict } else { Code::Superseded }
}

impl SpaceState {
    /// The last item of a device; no item yet is none.
    #[must_use]
    pub fn tail(&self, device: &DeviceId) -> Option<&Tail> {
        self.tails.get(device)
    }

    /// Whether an item was struck through by a `Repudiate`.
    #[must_use]
    pub fn is_repudiated(&self, device: &DeviceId, dseq: u64) -> bool {
        self.repudiations.iter().any(|r| r.device == *device && r.from <= dseq && dseq <= r.upto)
    }

    /// Whether `device` may write an item of `class` at the next position.
    ///
    /// # Errors
    /// [`Stop`].
    pub fn may_author(&self, world: &dyn World, device: &DeviceId, class: u64) -> Result<(), Stop> {
        let (team, found) = self.team_of(world, device)?;
        self.may_write(&team, found, class)
    }

    fn may_write(&self, team: &TeamId, device: &DeviceState, class: u64) -> Result<(), Stop> {
        let role = self.authority_of(team, device)?;
        ensure(class == CLASS_TRACE || role >= Role::Writer, Code::RoleTooLow)?;
        ensure(!self.archived, Code::Archived)
    }

    pub(crate) fn check_item(
        &self,
        world: &dyn World,
        frame: &Frame,
        item: &Item,
        tail: impl Fn(&DeviceId) -> Option<Tail>,
    ) -> Result<ItemStep, Stop> {
        let (device, team, found) = self.check_signed(world, frame, item)?;
        check_chain(tail(&device).as_ref(), frame, item)?;
        if !self.is_admitted(&device, frame, item)? {
            self.may_write(&team, found, item.class)?;
            ensure(item.epoch <= self.newest_epoch(), Code::EpochUnknown)?;
        }
        Ok(ItemStep { device, tail: tail_of(team, frame, item) })
    }

    fn check_signed<'w>(
        &self,
        world: &'w dyn World,
        frame: &Frame,
        item: &Item,
    ) -> Result<(DeviceId, TeamId, &'w DeviceState), Stop> {
        ensure(item.feed == self.id(), Code::WrongFeed)?;
        let device = frame.author().ok_or(Code::WrongFeed)?;
        let (team, found) = self.team_of(world, &device)?;
        frame.verify(&found.keys.signing_key)?;
        Ok((device, team, found))
    }

    /// Whether an `Admit` covers the item, whatever its epoch and author's state.
    fn is_admitted(&self, device: &DeviceId, frame: &Frame, item: &Item) -> Result<bool, Stop> {
        let admits = self.admits.get(device);
        let covering = admits.and_then(|all| all.iter().find(|a| item.dseq <= a.upto));
        let Some(admit) = covering else {
            return Ok(false);
        };
        let closes_right = item.dseq < admit.upto || frame.id == admit.last;
        ensure(closes_right, Code::ChainConflict)?;
        Ok(true)
    }

    /// Checks an item for quarantine: chain-valid after `tail` (the end of the
    /// device's chain in the feed or, if longer, in quarantine), and refused by the
    /// feed only because the author's device or team was removed (in the newest
    /// team feed known here, cited or not), the space is archived, or the author cannot be placed here. Gives the chain's new end.
    ///
    /// # Errors
    /// [`Stop`]: [`Code::Compromised`] is not even quarantined, and an item that
    /// is valid in the feed is [`Code::AlreadySo`].
    pub fn check_late(&self, world: &dyn World, frame: &Frame, tail: Option<&Tail>) -> Result<Tail, Stop> {
        let item = frame.item().ok_or(Code::WrongFeed)?;
        ensure(item.feed == self.id(), Code::WrongFeed)?;
        let (team, refusal) = match self.check_signed(world, frame, item) {
            Ok((_, team, found)) => match &found.removed {
                Some(removal) => (team, Some(removal.code().into())),
                None => (team, self.may_write(&team, found, item.class).err()),
            },
            Err(wait @ Stop::Waiting(WaitFor::Author(_))) => (TeamId::default(), Some(wait)),
            Err(stop) => return Err(stop),
        };
        check_chain(tail, frame, item)?;
        match refusal {
            Some(
                Stop::Invalid(Code::Removed | Code::NotMember | Code::Archived) | Stop::Waiting(WaitFor::Author(_)),
            ) => Ok(tail_of(team, frame, item)),
            Some(stop) => Err(stop),
            None => Err(Code::AlreadySo.into()),
        }
    }

    pub(crate) fn apply_item(&mut self, step: ItemStep) {
        self.tails.insert(step.device, step.tail);
    }
}

fn tail_of(team: TeamId, frame: &Frame, item: &Item) -> Tail {
    Tail { team, dseq: item.dseq, id: frame.id, store: item.seen.store.clone() }
}

fn check_chain(tail: Option<&Tail>, frame: &Frame, item: &Item) -> Result<(), Stop> {
    let last = tail.map_or(0, |tail| tail.dseq);
    if item.dseq > last + 1 {
        return Err(Stop::Waiting(WaitFor::Before));
    }
    if item.dseq <= last {
        let known = tail.is_some_and(|tail| tail.id == frame.id);
        let store = tail.map_or(&[][..], |tail| tail.store.as_slice());
        let code = if known { Code::AlreadySo } else { conflict_code(store, item) };
        return Err(code.into());
    }
    ensure(item.prev_item_hash.as_ref() == tail.map(|tail| &tail.id), Code::BadPrevious)
}
