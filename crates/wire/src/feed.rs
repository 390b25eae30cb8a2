//! Feed rules: the only validation there is, called by relay and device alike.
//!
//! *Validity* ([`DirectoryState`], [`TeamState`], [`SpaceState`]) is a function
//! of the feed and of the feeds it names. *Admission* ([`admission`]) is the
//! relay's alone and never parks a frame at a device. Nothing here knows a
//! clock (admission takes the time), a connection, or what an item contains.

pub mod admission;
mod directory;
mod effects;
mod items;
mod rotation;
mod space;
mod team;

pub use directory::{DirectoryState, DirectoryStep, ListedFacility};
pub use items::{Tail, conflict_code};
pub use space::{
    AdmitEntry, BreakGlassEntry, EpochEntry, MemberChange, MemberEvent, MemberState, Repudiation, SpaceState, SpaceStep,
};
pub use team::{DeviceState, GenerationState, KitState, Removal, StaffState, TeamState, TeamStep};

use std::collections::BTreeMap;

use crate::codes::Code;
use crate::frame::{Control, Frame, Payload};
use crate::ids::{DeviceId, FeedId, FrameId, TeamId};

/// The other feeds a rule may look at, as far as they are known here.
pub trait World {
    /// A team's state.
    fn team(&self, team: &TeamId) -> Option<&TeamState>;
    /// The region's directory.
    fn directory(&self) -> Option<&DirectoryState>;
}

/// A [`World`] held in memory.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Teams by id.
    pub teams: BTreeMap<TeamId, TeamState>,
    /// The directory.
    pub directory: Option<DirectoryState>,
}

impl World for Known {
    fn team(&self, team: &TeamId) -> Option<&TeamState> {
        self.teams.get(team)
    }
    fn directory(&self) -> Option<&DirectoryState> {
        self.directory.as_ref()
    }
}

/// What a frame waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitFor {
    /// A feed at least up to this control.
    Feed(FeedId, u64),
    /// The directory at least up to this control.
    Directory(u64),
    /// An earlier frame of the same feed.
    Before,
    /// A team feed that names this device.
    Author(DeviceId),
}

impl WaitFor {
    /// The relay does not wait: it refuses with this.
    #[must_use]
    pub fn code(self) -> Code {
        match self {
            Self::Feed(..) | Self::Directory(_) => Code::BadHeads,
            Self::Before => Code::Gap,
            Self::Author(_) => Code::UnknownAuthor,
        }
    }
}

/// Why a frame is not valid, at least for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Something is missing here.
    Waiting(WaitFor),
    /// It will never be valid at this place.
    Invalid(Code),
}

impl From<Code> for Stop {
    fn from(code: Code) -> Self {
        Self::Invalid(code)
    }
}

impl Stop {
    /// The relay's refusal.
    #[must_use]
    pub fn code(self) -> Code {
        match self {
            Self::Waiting(wait) => wait.code(),
            Self::Invalid(code) => code,
        }
    }
}

/// The outcome of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict<T> {
    /// Valid; apply this.
    Valid(T),
    /// Not yet decidable here.
    Waiting(WaitFor),
    /// Refused.
    Invalid(Code),
}

impl<T> From<Result<T, Stop>> for Verdict<T> {
    fn from(result: Result<T, Stop>) -> Self {
        match result {
            Ok(value) => Self::Valid(value),
            Err(Stop::Waiting(wait)) => Self::Waiting(wait),
            Err(Stop::Invalid(code)) => Self::Invalid(code),
        }
    }
}

/// The state of any feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedState {
    /// A directory.
    Directory(DirectoryState),
    /// A team.
    Team(TeamState),
    /// A space.
    Space(SpaceState),
}

/// A checked frame, ready to be applied to the state that checked it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// For a directory.
    Directory(DirectoryStep),
    /// For a team.
    Team(TeamStep),
    /// For a space.
    Space(SpaceStep),
}

impl FeedState {
    /// Checks a Genesis and gives the state after it.
    #[must_use]
    pub fn begin(world: &dyn World, frame: &Frame) -> Verdict<Self> {
        use crate::control::Body;
        let Payload::Control(control) = &frame.payload else {
            return Verdict::Invalid(Code::WrongFeed);
        };
        match &control.body {
            Body::Directory(_) => DirectoryState::begin(frame).map(Self::Directory).into(),
            Body::Team(_) => TeamState::begin(frame).map(Self::Team).into(),
            Body::Space(_) => SpaceState::begin(world, frame).map(Self::Space).into(),
            Body::Unknown { .. } => Verdict::Invalid(Code::WrongFeed),
        }
    }

    /// Checks the next frame.
    #[must_use]
    pub fn check(&self, world: &dyn World, frame: &Frame) -> Verdict<Step> {
        match self {
            Self::Directory(state) => state.check(frame).map(Step::Directory).into(),
            Self::Team(state) => state.check(frame).map(Step::Team).into(),
            Self::Space(state) => state.check(world, frame).map(Step::Space).into(),
        }
    }

    /// Applies a step this state has checked.
    pub fn apply(&mut self, step: Step) {
        match (self, step) {
            (Self::Directory(state), Step::Directory(step)) => state.apply(step),
            (Self::Team(state), Step::Team(step)) => state.apply(step),
            (Self::Space(state), Step::Space(step)) => state.apply(step),
            (Self::Directory(_) | Self::Team(_) | Self::Space(_), _) => {}
        }
    }
}

impl crate::cbor::Cbor for FeedState {
    /// `[0 directory | 1 team | 2 space, state]`: a snapshot for storage, never sent.
    fn put(&self, out: &mut crate::cbor::Out) {
        out.array(2);
        match self {
            Self::Directory(state) => {
                out.u64(0);
                state.put(out);
            }
            Self::Team(state) => {
                out.u64(1);
                state.put(out);
            }
            Self::Space(state) => {
                out.u64(2);
                state.put(out);
            }
        }
    }
    fn take(input: &mut crate::cbor::In<'_>) -> Result<Self, Code> {
        input.array_of(2)?;
        match input.u64()? {
            0 => DirectoryState::take(input).map(Self::Directory),
            1 => TeamState::take(input).map(Self::Team),
            2 => SpaceState::take(input).map(Self::Space),
            _ => Err(Code::BadBytes),
        }
    }
}

/// The control of a frame that continues the chain `hashes` of `feed`.
fn chained<'a>(frame: &'a Frame, feed: &FeedId, hashes: &[FrameId]) -> Result<&'a Control, Stop> {
    let Payload::Control(control) = &frame.payload else {
        return Err(Code::WrongFeed.into());
    };
    if frame.feed() != *feed {
        return Err(Code::WrongFeed.into());
    }
    let next = hashes.len() as u64 + 1;
    if control.cseq > next {
        return Err(Stop::Waiting(WaitFor::Before));
    }
    if control.cseq < next {
        let known = hash_at(hashes, control.cseq) == Some(&frame.id);
        return Err(if known { Code::AlreadySo } else { Code::Stale }.into());
    }
    if control.prev_hash.as_ref() != hashes.last() {
        return Err(Code::BadPrevious.into());
    }
    Ok(control)
}

/// The id of control `cseq`, which starts at 1.
fn hash_at(hashes: &[FrameId], cseq: u64) -> Option<&FrameId> {
    let index = usize::try_from(cseq).ok()?.checked_sub(1)?;
    hashes.get(index)
}

fn ensure(condition: bool, code: Code) -> Result<(), Stop> {
    if condition { Ok(()) } else { Err(code.into()) }
}
