//! What needs no other frame, done for many frames at once on all cores: decoding, the signature under the key the
//! author's team gave, opening, unpacking, and reading the changes. The rules then see the frames one after the other, in their order.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{OnceLock, mpsc};

use meguri_chart::{DocName, Incoming, Prepared};
use meguri_seal::export::FrameCopy;
use meguri_seal::item::KIND_CHANGES;
use meguri_seal::{EpochKey, KeyTable, SealError, open_item, verify_many};
use meguri_wire::frame::CLASS_RECORD;
use meguri_wire::{Code, DeviceId, DocId, Frame, Item};

use crate::reason::Reason;
use crate::report::Written;

/// Frames a core takes at once.
const FRAMES: usize = 256;
/// Frames whose signatures are verified together; of a portion a whole number.
const TOGETHER: usize = 16;
/// Portions a core may be ahead of the rules; bounds what is in memory.
const PORTIONS: usize = 4;

/// Frames of one author before a table of its key is made: it pays by then, and takes little more than they do.
const FEW: usize = 64;

/// A device's signing key, with its table once many frames are seen to be its own.
pub(crate) struct SigningKey {
    public: [u8; 32],
    frames: AtomicUsize,
    table: OnceLock<Option<KeyTable>>,
}

impl SigningKey {
    pub(crate) fn new(public: [u8; 32]) -> Self {
        Self { public, frames: AtomicUsize::new(0), table: OnceLock::new() }
    }

    /// Its table, unless it has had few frames so far.
    fn table(&self) -> Option<&KeyTable> {
        let few = self.frames.fetch_add(1, Ordering::Relaxed) < FEW;
        if few { None } else { self.table.get_or_init(|| KeyTable::of(&self.public).ok()).as_ref() }
    }
}

/// What is known of the whole chart before its first frame.
pub(crate) struct Keys {
    /// Signing keys of every device of every team.
    pub(crate) devices: HashMap<DeviceId, [u8; 32]>,
    /// What verifies under each of them.
    pub(crate) signing: HashMap<[u8; 32], SigningKey>,
    /// Keys by epoch; none when nothing is to be opened.
    pub(crate) epochs: Option<HashMap<u64, EpochKey>>,
    /// Documents by id.
    pub(crate) documents: HashMap<DocId, DocName>,
}

/// A frame with what could be told of it alone.
pub(crate) struct Ahead {
    pub(crate) frame: Result<Frame, Code>,
    pub(crate) content: Content,
}

/// What an item holds.
pub(crate) enum Content {
    /// Changes of a document, and when each was written.
    Changes(DocName, Prepared, Vec<Written>),
    /// Nothing for a document, or not looked at.
    Nothing,
    /// It has no effect, or cannot be told.
    Refused(Reason),
}

/// Gives every record to `take`, in order; ends early when that says false.
pub(crate) fn each(keys: &Keys, records: &[FrameCopy], cores: usize, mut take: impl FnMut(&FrameCopy, Ahead) -> bool) {
    let cores = cores.clamp(1, 64);
    std::thread::scope(|scope| {
        let mut lanes = Vec::new();
        for lane in 0..cores {
            let (send, receive) = mpsc::sync_channel(PORTIONS);
            let portions = records.chunks(FRAMES).skip(lane).step_by(cores);
            scope.spawn(move || {
                for portion in portions {
                    let done: Vec<Ahead> = portion.chunks(TOGETHER).flat_map(|some| look(keys, some)).collect();
                    // Nobody waits for it any more.
                    if send.send(done).is_err() {
                        return;
                    }
                }
            });
            lanes.push(receive);
        }
        for (portion, lane) in records.chunks(FRAMES).zip((0..cores).cycle()) {
            let Some(Ok(done)) = lanes.get(lane).map(mpsc::Receiver::recv) else { return };
            for (record, ahead) in portion.iter().zip(done) {
                if !take(record, ahead) {
                    return;
                }
            }
        }
    });
}

fn look(keys: &Keys, records: &[FrameCopy]) -> Vec<Ahead> {
    let mut frames: Vec<_> = records.iter().map(|record| Frame::decode(&record.frame)).collect();
    let read = frames.iter_mut().filter_map(|frame| frame.as_mut().ok());
    let with_key = read.filter_map(|frame| keys.of(frame).map(|(_, key)| (frame, key)));
    Frame::verify_ahead(with_key, |asked| {
        verify_many(asked, |public| keys.signing.get(public).and_then(SigningKey::table))
    });
    frames.into_iter().map(|frame| with_content(keys, frame)).collect()
}

fn with_content(keys: &Keys, frame: Result<Frame, Code>) -> Ahead {
    let known = frame.as_ref().ok().and_then(|frame| Some((frame, keys.of(frame)?)));
    let verified = known.filter(|(frame, (_, key))| keys.epochs.is_some() && frame.verify(key).is_ok());
    let content = match (verified, &keys.epochs) {
        (Some((frame, (author, _))), Some(epochs)) => {
            frame.item().map_or(Content::Nothing, |item| open(keys, epochs, &author, item))
        }
        (Some(_) | None, _) => Content::Nothing,
    };
    Ahead { frame, content }
}

impl Keys {
    /// The author of a frame and the key its team gave it.
    fn of(&self, frame: &Frame) -> Option<(DeviceId, [u8; 32])> {
        let author = frame.author()?;
        Some((author, *self.devices.get(&author)?))
    }
}

fn open(keys: &Keys, epochs: &HashMap<u64, EpochKey>, author: &DeviceId, item: &Item) -> Content {
    let Some(key) = epochs.get(&item.epoch) else { return Content::Refused(Reason::NoKey) };
    let plain = match open_item(key, author, item) {
        Ok(plain) => plain,
        Err(SealError::VersionTooOld) => return Content::Nothing,
        Err(_) => return Content::Refused(Reason::DoesNotOpen),
    };
    if item.class != CLASS_RECORD || plain.kind != KIND_CHANGES {
        return Content::Nothing;
    }
    let Some(name) = item.doc.and_then(|doc| keys.documents.get(&doc)) else {
        return Content::Refused(Reason::UnknownDocument);
    };
    let Ok(records) = plain.to_changes() else { return Content::Refused(Reason::BadChanges) };
    let (written, changes): (Vec<_>, Vec<_>) = records
        .into_iter()
        .map(|record| {
            let (at_ms, zone_min) = (record.written_at_ms, record.zone_min);
            (Written { at_ms, zone_min, clock_offset_ms: record.clock_offset_ms }, record.change)
        })
        .unzip();
    Content::Changes(*name, Prepared::of(*name, &Incoming { author: author.0, changes: &changes }), written)
}
