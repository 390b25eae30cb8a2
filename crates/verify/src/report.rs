//! What a proof came to: what is broken, what has no effect, and who wrote what when.

use meguri_wire::ids::StoreId;
use meguri_wire::{BlobId, DeviceId, FeedId, KeyId, StaffId, TeamId};

use crate::place::{FeedKind, Place};
use crate::reason::Reason;

/// The outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The first broken place of each feed, and documents that do not follow; the directory first.
    pub broken: Vec<Broken>,
    /// Frames without effect here and on the exporting device.
    pub set_aside: Vec<SetAside>,
    /// Everything that is proven, feed by feed, in order.
    pub lines: Vec<Line>,
    /// In short.
    pub summary: Summary,
}

/// Where a proof ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The first frame that is not proven.
    pub place: Place,
    /// The change lies between the place and this position.
    pub until: Option<u64>,
    /// Why.
    pub reason: Reason,
    /// Frames of this feed from there on.
    pub unproven: u64,
}

/// A frame without effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// Where.
    pub place: Place,
    /// Why.
    pub reason: Reason,
}

/// Something somebody wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Of which kind its feed is.
    pub kind: FeedKind,
    /// The feed.
    pub feed: FeedId,
    /// Its position.
    pub ssn: u64,
    /// When the relay took it, ms UTC.
    pub received_ms: u64,
    /// Who signed it; nobody alone signs the directory.
    pub author: Option<Author>,
    /// What it is.
    pub what: What,
}

/// The device behind a signature, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// The device.
    pub device: DeviceId,
    /// The person its team certified it for.
    pub staff: StaffId,
    /// The team.
    pub team: TeamId,
    /// What the exporting device calls the person: said, not proved.
    pub name: String,
    /// What the directory calls the team.
    pub facility: String,
}

/// When a change was written, by its author's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Ms UTC.
    pub at_ms: i64,
    /// Offset of the place, minutes.
    pub zone_min: i64,
    /// The relay's clock minus the author's, as the author last knew it, ms.
    pub clock_offset_ms: i64,
}

/// What a line is about.
#[derive(Clone, PartialEq, Eq)]
pub enum What {
    /// A control, in words.
    Control {
        /// Its number.
        cseq: u64,
        /// What it does.
        text: String,
    },
    /// An entry.
    Entry {
        /// Its id.
        id: [u8; 16],
        /// Its kind's stored tag.
        kind: String,
        /// Clinical time, ms UTC.
        at_ms: i64,
        /// When it was written.
        written: Written,
        /// The change that made it.
        change: [u8; 32],
        /// Its bytes.
        body: Vec<u8>,
        /// A manager struck it through.
        struck: bool,
    },
    /// A value of the state.
    State {
        /// Its key.
        key: String,
        /// When it was written.
        written: Written,
        /// The change that wrote it.
        change: [u8; 32],
        /// A manager struck it through.
        struck: bool,
    },
    /// An item that is proven and shows nothing in the chart: a trace, a checkpoint, or of a newer form.
    Other {
        /// The item's class.
        class: u64,
    },
}

impl std::fmt::Debug for What {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Control { .. } => "Control(…)",
            Self::Entry { .. } => "Entry(…)",
            Self::State { .. } => "State(…)",
            Self::Other { .. } => "Other(…)",
        })
    }
}

/// The region all else hangs on: whoever compares it with the known one knows that it is that one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// The directory.
    pub directory: FeedId,
    /// Its name.
    pub name: String,
    /// The keys that sign it now.
    pub roots: Vec<KeyId>,
    /// How many of them must sign.
    pub threshold: u64,
    /// The relay's key.
    pub relay: Option<KeyId>,
}

/// In short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The chart.
    pub space: FeedId,
    /// The region, where the directory is proven.
    pub region: Option<Region>,
    /// The life of the relay's storage.
    pub store: Option<StoreId>,
    /// When the file was made, by the exporting device's clock, ms UTC.
    pub exported_ms: u64,
    /// Valid frames, in all feeds.
    pub frames: u64,
    /// Entries.
    pub entries: u64,
    /// People who signed something in the chart.
    pub people: u64,
    /// When the relay took the chart's first proven frame, ms UTC.
    pub first_ms: Option<u64>,
    /// And the last.
    pub last_ms: Option<u64>,
    /// The last position of the chart.
    pub positions: u64,
    /// The last position whose order an author's or the relay's signature bears out.
    pub witnessed: u64,
    /// Blobs the entries name.
    pub blobs: Vec<BlobId>,
    /// Whether items were opened.
    pub opened: bool,
}

impl Report {
    /// Whether all of it is proven.
    #[must_use]
    pub fn is_proven(&self) -> bool {
        self.broken.is_empty() && self.summary.opened
    }
}
