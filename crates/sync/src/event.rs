//! What the machine is told: one event per thing that happened.

use meguri_wire::chain::Head;
use meguri_wire::{Code, DeviceId, FeedId, Hash, SpaceId, StoreId};

use crate::state::WaitingFor;

/// Where a feed stands on this device, and how soon it is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalFeed {
    /// Which feed.
    pub feed: FeedId,
    /// Its place in a pull.
    pub class: FeedClass,
    /// The last position ingested; 0 before the first.
    pub ssn: u64,
    /// The running hash there (`chain::h0(feed)` at 0).
    pub h: Hash,
}

/// The order of feeds in a pull: what names authors comes before what they wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FeedClass {
    /// The region's directory.
    Directory,
    /// This device's own team.
    OwnTeam,
    /// Any other team.
    Team,
    /// A space of a patient on today's list.
    SpaceToday,
    /// Any other space.
    Space,
}

/// What the device knows of itself, told at the start and after every change of it.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Local {
    /// Feeds that are new or moved; others stay as they were.
    pub feeds: Vec<LocalFeed>,
    /// Every space with entries that no relay has accepted yet, and how many.
    pub unsent: Vec<(SpaceId, u64)>,
    /// Every space that owes an Epoch which this device may sign, and whether
    /// it does so without having to send: as a manager, or, of a key that does
    /// not open somewhere, as one who holds it.
    pub owed: Vec<(SpaceId, bool)>,
    /// The first thing a waiting frame waits for.
    pub waiting: Option<WaitingFor>,
    /// Frames parked, and the reason of the newest.
    pub parked: Option<(u64, Code)>,
    /// Decisions of an administrator that were made here and no feed holds yet.
    pub intents: u64,
    /// Late items fetched from quarantine, by space.
    pub late: Vec<(SpaceId, u64)>,
    /// Frames of the relay's former store that the new one has not shown yet.
    pub to_offer: u64,
    /// A document still awaits the check of its checkpoint.
    pub history_unchecked: bool,
    /// A blob named by a record could not be found.
    pub blob_missing: bool,
    /// A verified frame removes this device: who signed it, and when the relay took it.
    pub removed: Option<(DeviceId, u64)>,
}

/// What became of one space's part of a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PushOutcome {
    /// Which space.
    pub space: SpaceId,
    /// Entries of it that no relay has accepted yet.
    pub unsent: u64,
    /// The first refusal, if there was one.
    pub refused: Option<Code>,
}

/// What became of an owed Epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EpochOutcome {
    /// The relay has taken it; its author reads it back by a pull.
    Accepted,
    /// Another control came first: the key is discarded.
    Lost,
    /// The relay refused it.
    Refused(Code),
}

/// A piece of work that is under way, at most one at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Job {
    /// [`crate::Effect::FetchHeads`].
    Heads,
    /// [`crate::Effect::Pull`].
    Pull,
    /// [`crate::Effect::Ingest`].
    Ingest,
    /// [`crate::Effect::PayOwedEpoch`].
    Epoch,
    /// [`crate::Effect::SealAndPush`].
    Push,
    /// [`crate::Effect::SendAcks`].
    Acks,
    /// [`crate::Effect::AdoptStore`].
    Adopt,
    /// [`crate::Effect::CarryOutIntents`].
    Intents,
    /// [`crate::Effect::FetchLate`].
    Late,
    /// [`crate::Effect::HandIn`].
    HandIn,
    /// [`crate::Effect::OfferAgain`].
    Offer,
    /// [`crate::Effect::Introduce`].
    Introduce,
}

/// Why a job or the hint connection failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// No network, no answer, or an answer cut off.
    Unreachable,
    /// The relay refused the whole request.
    Refused(Code),
    /// What came does not decode or verify under the pinned keys.
    BadAnswer,
    /// The device's own storage failed.
    Storage,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A profile was opened (or sync is to begin again after a stop). A job in
    /// flight is given up: its answer is not to be sent.
    Start {
        /// Everything known locally.
        local: Local,
        /// The store the local positions belong to, if any.
        store: Option<StoreId>,
    },
    /// The system says there is a network again.
    NetworkUp,
    /// The system says there is none.
    NetworkDown,
    /// Somebody pressed "sync now".
    SyncNow,
    /// The hint connection is open.
    EventsOpened,
    /// Something arrived on it: a comment, or hints.
    HintsReceived {
        /// Which feeds moved, and to which position; empty for a comment.
        hints: Vec<(FeedId, u64)>,
    },
    /// The hint connection ended or could not be opened.
    EventsClosed {
        /// Why; `None` for an orderly end.
        failure: Option<Failure>,
    },
    /// Heads were fetched and verified under the pinned relay key.
    HeadsFetched {
        /// The heads of feeds that moved.
        heads: Vec<Head>,
        /// Spaces with late items that this device may admit, and how many.
        late: Vec<(SpaceId, u64)>,
        /// The relay's clock minus ours, ms; information only.
        clock_offset_ms: i64,
    },
    /// A page was received and is held by the device until it is ingested.
    PullDone {
        /// Records in it.
        records: u64,
    },
    /// The page was ingested, in one transaction.
    IngestDone {
        /// What is known now; `feeds` are those that moved.
        local: Local,
    },
    /// An owed Epoch was tried.
    EpochDone {
        /// For which space.
        space: SpaceId,
        /// What became of it.
        outcome: EpochOutcome,
        /// Verified heads from the reply.
        heads: Vec<Head>,
    },
    /// A push was answered.
    PushDone {
        /// One per space that took part.
        results: Vec<PushOutcome>,
        /// Feeds that moved here because own items were taken into them at the place the reply gave, without a pull.
        taken: Vec<LocalFeed>,
        /// Verified heads from the reply.
        heads: Vec<Head>,
    },
    /// Acks were taken.
    AcksSent,
    /// Decisions of an administrator were signed and offered.
    IntentsDone {
        /// How many no feed holds yet.
        left: u64,
        /// Another control came first: they are signed again after a pull.
        lost: bool,
        /// Verified heads from the replies.
        heads: Vec<Head>,
    },
    /// Late items were fetched.
    LateFetched {
        /// What is held now, by space.
        late: Vec<(SpaceId, u64)>,
    },
    /// Frames of the former store were offered.
    OfferedAgain {
        /// How many are left.
        left: u64,
        /// Nothing was taken: others must bring something first.
        stuck: bool,
        /// As in [`Local::intents`]: a removal that lost its place is decided again.
        intents: u64,
        /// Verified heads from the replies.
        heads: Vec<Head>,
    },
    /// A relay that did not know this device was told who it is.
    Introduced {
        /// Verified heads from the replies; none when nothing was new to either.
        heads: Vec<Head>,
    },
    /// A removed device has sent what it could.
    HandedIn {
        /// Items and drafts that are still only here; 0 when nothing keeps the device.
        left: u64,
    },
    /// Positions were begun anew for this store.
    StoreAdopted {
        /// Which store that is; a relay may have been lost once more meanwhile.
        store: StoreId,
        /// What is known now, with every feed.
        local: Local,
    },
    /// The timer set last has fired.
    TimerFired,
    /// Something was written, or a setting of `Local` changed.
    LocalChange {
        /// Entries that no relay has accepted yet, per space that changed.
        unsent: Vec<(SpaceId, u64)>,
        /// Spaces among them that owe an Epoch (a chart just founded has none), as in [`Local::owed`].
        owed: Vec<(SpaceId, bool)>,
        /// As in [`Local::intents`].
        intents: u64,
    },
    /// A job failed.
    Failed {
        /// Which.
        job: Job,
        /// Why.
        failure: Failure,
        /// The relay's `retry-after`, ms.
        retry_after_ms: Option<u64>,
    },
}
