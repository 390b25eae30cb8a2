//! What needs no other frame, done for many frames at once on all cores: decoding, the signature under the key the
//! author's team gave, opening, unpacking, and reading the changes. The rules then see the frames one after the other, in their order.

use std::collections::HashMap;
use std::sync::mpsc;

use meguri_chart::{DocName, Incoming, Prepared};
use meguri_seal::export::FrameCopy;
use meguri_seal::item::KIND_CHANGES;
use meguri_seal::{EpochKey, SealError, open_item};
use meguri_wire::frame::CLASS_RECORD;
use meguri_wire::{Code, DeviceId, DocId, Frame, Item};

use crate::reason::Reason;
use crate::report::Written;

/// Frames a core takes at once.
const FRAMES: usize = 256;
/// Portions a core may be ahead of the rules; bounds what is in memory.
const PORTIONS: usize = 4;

/// What is known of the whole chart before its first frame.
pub(crate) struct Keys {
    /// Signing keys of every device of every team.
    pub(crate) devices: HashMap<DeviceId, [u8; 32]>,
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
                    let done: Vec<Ahead> = portion.iter().map(|record| look(keys, record)).collect();
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

fn look(keys: &Keys, record: &FrameCopy) -> Ahead {
    let frame = match Frame::decode(&record.frame) {
        Ok(frame) => frame,
        Err(code) => return Ahead { frame: Err(code), content: Content::Nothing },
    };
    let known = frame.author().and_then(|author| Some((author, keys.devices.get(&author)?)));
    let Some((author, key)) = known else { return Ahead { frame: Ok(frame), content: Content::Nothing } };
    let frame = frame.verified_ahead(key);
    let epochs = keys.epochs.as_ref().filter(|_| frame.verify(key).is_ok());
    let content = match (epochs, frame.item()) {
        (Some(epochs), Some(item)) => open(keys, epochs, &author, item),
        (Some(_) | None, _) => Content::Nothing,
    };
    Ahead { frame: Ok(frame), content }
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
