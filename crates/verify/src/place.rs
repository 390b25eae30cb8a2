//! Where a frame stands, so that a person can find it.

use meguri_seal::export::FrameCopy;
use meguri_wire::{DeviceId, DocId, FeedId, Frame, FrameId, Payload};

/// What a feed is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FeedKind {
    /// The region.
    Directory,
    /// A facility or household.
    Team,
    /// The chart.
    Chart,
}

/// What stands there, as far as it can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A control by its number.
    Control(u64),
    /// An item by device and number.
    Item(DeviceId, u64),
    /// A document.
    Document(DocId),
    /// Nothing readable.
    Nothing,
}

/// A place in a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// What the feed is of.
    pub kind: FeedKind,
    /// The feed.
    pub feed: FeedId,
    /// The position; 0 for the feed as a whole.
    pub ssn: u64,
    /// The frame's id.
    pub frame: Option<FrameId>,
    /// What it is.
    pub mark: Mark,
}

impl FeedKind {
    /// One word.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Directory => "directory",
            Self::Team => "team",
            Self::Chart => "chart",
        }
    }
}

impl Place {
    /// The feed as a whole.
    #[must_use]
    pub fn of_feed(kind: FeedKind, feed: FeedId) -> Self {
        Self { kind, feed, ssn: 0, frame: None, mark: Mark::Nothing }
    }

    /// A stored frame, read or not.
    #[must_use]
    pub fn of(kind: FeedKind, feed: FeedId, record: &FrameCopy, frame: Option<&Frame>) -> Self {
        let id = frame.map_or_else(|| FrameId::of(&record.frame), |frame| frame.id);
        let mark = match frame.map(|frame| (&frame.payload, frame.author())) {
            Some((Payload::Control(control), _)) => Mark::Control(control.cseq),
            Some((Payload::Item(item), Some(device))) => Mark::Item(device, item.dseq),
            Some((Payload::Item(_), None)) | None => Mark::Nothing,
        };
        Self { kind, feed, ssn: record.ssn, frame: Some(id), mark }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.kind.text(), self.feed)?;
        if self.ssn > 0 {
            write!(f, ", position {}", self.ssn)?;
        }
        match self.mark {
            Mark::Control(cseq) => write!(f, ", control {cseq}")?,
            Mark::Item(device, dseq) => write!(f, ", item {dseq} of device {device}")?,
            Mark::Document(doc) => write!(f, ", document {doc}")?,
            Mark::Nothing => {}
        }
        match self.frame {
            Some(frame) => write!(f, ", frame {frame}"),
            None => Ok(()),
        }
    }
}
