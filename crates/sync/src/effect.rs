//! What the machine asks for: one effect per thing the device is to do.

use meguri_wire::{FeedId, SpaceId, StoreId};

use crate::state::ClientState;

/// One feed of a pull.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PullWanted {
    /// Which feed.
    pub feed: FeedId,
    /// Records after this position.
    pub after_ssn: u64,
}

/// Something to do. Jobs ([`crate::Job`]) run one at a time and each is
/// answered by its own event or by [`crate::Event::Failed`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// `GET /v1/heads`, verify, answer `HeadsFetched`. The first after `Start`
    /// asks without `since`, so that every feed's head is known.
    FetchHeads,
    /// `POST /v1/pull` for these feeds in this order, answer `PullDone`.
    Pull {
        /// Team feeds first, then spaces, today's patients first.
        feeds: Vec<PullWanted>,
        /// Stop after about this many bytes.
        bytes_max: u64,
    },
    /// Ingest the page just received, answer `IngestDone`.
    Ingest,
    /// Sign and push the owed Epoch of one space, answer `EpochDone`.
    PayOwedEpoch {
        /// Which space.
        space: SpaceId,
    },
    /// Seal what is unsent and push it, at most one push request, answer `PushDone`.
    SealAndPush {
        /// In this order.
        spaces: Vec<SpaceId>,
    },
    /// `POST /v1/acks` for what is held durably, answer `AcksSent`.
    SendAcks,
    /// Go on with another life of the relay's storage: keep what both have, set the rest aside to be offered again,
    /// answer `StoreAdopted`.
    AdoptStore {
        /// The new life.
        store: StoreId,
    },
    /// Sign what an administrator decided and push it, answer `IntentsDone`.
    CarryOutIntents,
    /// Fetch the late items of these spaces, answer `LateFetched`.
    FetchLate {
        /// Which; those that have none any more are among them.
        spaces: Vec<SpaceId>,
    },
    /// Push what the relay's new store lacks of the former one, at most one push request, answer `OfferedAgain`.
    OfferAgain,
    /// The relay does not know this device, or signs with another key. If it is another life of its storage, or the
    /// directory's roots name the new key: bring it the directory and the own team, answer `Introduced`.
    Introduce,
    /// This device was removed: lock, send what is unsent to quarantine, answer `HandedIn`.
    HandIn,
    /// Open the hint connection; a former one is over.
    OpenEvents,
    /// Close the hint connection.
    CloseEvents,
    /// Send `TimerFired` at this time; replaces the timer set before.
    SetTimer {
        /// Ms UTC on the clock that `handle` is given.
        at_ms: i64,
    },
    /// Show this.
    ReportState(ClientState),
    /// Nothing more happens until [`crate::Event::Start`].
    Stop,
}
