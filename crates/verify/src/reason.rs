//! Why a frame, a feed or the whole is not proven.

use meguri_chart::ParkReason;
use meguri_wire::Code;

/// A closed list; none carries content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// A rule of the feeds refuses it, on every device alike; the protocol's code.
    #[error("{0}")]
    Rule(Code),
    /// It stands on something the export does not hold; the code a relay would refuse it with.
    #[error("{0}")]
    Missing(Code),
    /// A rule of changes refuses what is inside; `meguri-chart`'s code.
    #[error("{0}")]
    Change(ParkReason),
    /// A change inside stands on one that is in no item.
    #[error("change_waits")]
    ChangeWaits,
    /// It does not open under its epoch's key.
    #[error("does_not_open")]
    DoesNotOpen,
    /// What is inside is no list of changes.
    #[error("bad_changes")]
    BadChanges,
    /// It is for a document no chart has.
    #[error("unknown_document")]
    UnknownDocument,
    /// The export holds no key of its epoch.
    #[error("no_key")]
    NoKey,
    /// The export's key is not the one this Epoch announced.
    #[error("wrong_key")]
    WrongKey,
    /// The frame of this position is not here, or another position stands in its place.
    #[error("position_missing")]
    PositionMissing,
    /// The relay took it earlier than the frame before it.
    #[error("time_goes_back")]
    TimeGoesBack,
    /// From here on order or times are not those that somebody signed or the export ends with.
    #[error("other_order")]
    OtherOrder,
    /// The relay's signed head is none of this feed and relay.
    #[error("bad_head")]
    BadHead,
    /// The export sets it aside, though nothing is wrong with it.
    #[error("not_to_be_set_aside")]
    NotToBeSetAside,
    /// The feed is empty or of another kind.
    #[error("feed_missing")]
    FeedMissing,
    /// The document that follows from the items is not the one the export names.
    #[error("heads_differ")]
    HeadsDiffer,
    /// The directory is not the one that was asked for.
    #[error("other_directory")]
    OtherDirectory,
}

impl Reason {
    /// Whether such a frame has no effect on any device, so that an export which says so is still whole.
    #[must_use]
    pub fn stays_out_everywhere(self) -> bool {
        match self {
            Self::Rule(_)
            | Self::Change(_)
            | Self::ChangeWaits
            | Self::DoesNotOpen
            | Self::BadChanges
            | Self::UnknownDocument => true,
            Self::Missing(_)
            | Self::NoKey
            | Self::WrongKey
            | Self::PositionMissing
            | Self::TimeGoesBack
            | Self::OtherOrder
            | Self::BadHead
            | Self::NotToBeSetAside
            | Self::FeedMissing
            | Self::HeadsDiffer
            | Self::OtherDirectory => false,
        }
    }
}
