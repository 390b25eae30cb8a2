//! The client states of protocol §9. Screens own the sentence and the button.

use meguri_wire::{Code, DeviceId, FeedId, Hash};

/// What a frame waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitingFor {
    /// A feed this device has not fully: its own pull brings it.
    Feed(FeedId),
    /// An item before one that came, in this space: its author's device has it.
    ItemBefore(FeedId),
    /// The key of an epoch of this space: a writer or manager heals it.
    Key(FeedId),
    /// A role that may write in this space again: a manager of it.
    Role(FeedId),
    /// The relay does not know this device's key: an admin of the team.
    OwnKey,
    /// The relay says this device was removed, and shows no record that does so: an admin of the team.
    Removal,
}

/// Who can end a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhoCan {
    /// Nobody has to do anything.
    ThisDevice,
    /// The device that wrote it, when it connects.
    TheAuthor,
    /// Any writer or manager of the space.
    AWriter,
    /// A manager of the space.
    AManager,
    /// An admin of this team.
    AnAdmin,
}

impl WaitingFor {
    /// Who can end this wait.
    #[must_use]
    pub fn who_can(self) -> WhoCan {
        match self {
            Self::Feed(_) => WhoCan::ThisDevice,
            Self::ItemBefore(_) => WhoCan::TheAuthor,
            Self::Key(_) => WhoCan::AWriter,
            Self::Role(_) => WhoCan::AManager,
            Self::OwnKey | Self::Removal => WhoCan::AnAdmin,
        }
    }
}

/// What is shown of sync; the first that holds, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientState {
    /// The local chain hash of every feed equals its signed head, and nothing is unsent.
    UpToDate,
    /// Entries are on their way.
    Sending {
        /// How many no relay has accepted yet.
        n: u64,
    },
    /// The relay cannot be reached.
    Offline {
        /// Ms UTC of the first failure.
        since_ms: i64,
    },
    /// Something has not come yet.
    Waiting {
        /// What.
        what: WaitingFor,
        /// Who can end the wait.
        who_can: WhoCan,
    },
    /// A space's key is to be renewed before anything more is sent to it.
    RotationOwed,
    /// This device was removed.
    Removed {
        /// Who signed it and when (ms UTC), once the frame was verified.
        by: Option<(DeviceId, u64)>,
    },
    /// Late items wait for a manager.
    LateItems {
        /// How many.
        n: u64,
    },
    /// Frames are set aside.
    Parked {
        /// How many.
        n: u64,
        /// Why the newest was.
        reason: Code,
    },
    /// A chart is shown from a checkpoint that is still being checked.
    HistoryBeingChecked,
    /// The relay began a new storage; positions are begun anew.
    RelayReset,
    /// The relay shows less than it has shown before.
    Rollback {
        /// In which feed.
        feed: FeedId,
        /// What was pinned.
        pin: u64,
        /// What it says now.
        got: u64,
    },
    /// The relay shows another history than before.
    Fork {
        /// In which feed.
        feed: FeedId,
        /// The running hash here.
        a: Hash,
        /// The running hash it signs for the same position.
        b: Hash,
    },
    /// Another installation writes under this device's key.
    ChainConflict,
    /// A picture or file could not be found.
    BlobMissing,
    /// The relay has no room left for this device.
    Quota,
    /// This program is too old.
    VersionTooOld,
    /// This device's clock is wrong; information only.
    ClockWrong {
        /// The relay's clock minus ours, ms.
        offset_ms: i64,
    },
}

impl ClientState {
    /// The stable name, as the screens know it.
    #[must_use]
    pub fn text(&self) -> &'static str {
        match self {
            Self::UpToDate => "up-to-date",
            Self::Sending { .. } => "sending",
            Self::Offline { .. } => "offline",
            Self::Waiting { .. } => "waiting",
            Self::RotationOwed => "rotation-owed",
            Self::Removed { .. } => "removed",
            Self::LateItems { .. } => "late-items",
            Self::Parked { .. } => "parked",
            Self::HistoryBeingChecked => "history-being-checked",
            Self::RelayReset => "relay-reset",
            Self::Rollback { .. } => "rollback",
            Self::Fork { .. } => "fork",
            Self::ChainConflict => "chain-conflict",
            Self::BlobMissing => "blob-missing",
            Self::Quota => "quota",
            Self::VersionTooOld => "version-too-old",
            Self::ClockWrong { .. } => "clock-wrong",
        }
    }
}
