//! Items: `key ‖ nonce = HKDF(K_epoch, salt, "item" ‖ feed ‖ device)`, AAD = all
//! fields before the ciphertext, plaintext `[v, kind, codec, bytes]` padded.

use std::cell::RefCell;

use meguri_wire::cbor::{Cbor, In, Out};
use meguri_wire::limits::{ITEM_BYTES_MAX, ITEM_UNPACKED_MAX, VERSION};
use meguri_wire::{BlobId, DeviceId, DocId, FrameId, Item, Seen, SpaceId};

use crate::derive::Sealer;
use crate::epoch::EpochKey;
use crate::error::SealError;
use crate::linked;
use crate::pad::{pad, unpad};

/// Plaintext kind: changes of a document.
pub const KIND_CHANGES: u64 = 0;
/// Plaintext kind: a draft of a removed device; previewed, never applied.
pub const KIND_DRAFT: u64 = 1;
/// Plaintext kind: who looked at what.
pub const KIND_ACCESS: u64 = 2;
/// Plaintext kind: detail of a `Fault`.
pub const KIND_FAULT: u64 = 3;
/// Plaintext kind: a checkpoint.
pub const KIND_CHECKPOINT: u64 = 4;
/// Codec: the bytes as they are.
pub const CODEC_PLAIN: u64 = 0;
/// Codec: one zstd frame that records its content size.
pub const CODEC_ZSTD: u64 = 1;

const ZSTD_LEVEL: i32 = 3;
/// First bytes of a frame (RFC 8878); a skippable one has others.
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// Fields of a record that carries its change whole.
const RECORD_FIELDS: usize = 4;
/// Fields of a record whose change stands on the one before it in the item: the last says so.
const LINKED_FIELDS: usize = 5;
const LINKED: u64 = 1;

/// The fields of an item before it is sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsealed {
    /// The space.
    pub feed: SpaceId,
    /// 0 record, 1 trace, 2 checkpoint.
    pub class: u64,
    /// The document; none in class 1.
    pub doc: Option<DocId>,
    /// Dense per device and feed, from 1.
    pub dseq: u64,
    /// The device's item before this one.
    pub prev_item_hash: Option<FrameId>,
    /// The head last seen.
    pub seen: Seen,
    /// Blobs the relay must hold first.
    pub blob_ids: Vec<BlobId>,
}

/// What an item contains. Unknown kinds and codecs are kept as they came.
#[derive(Clone, PartialEq, Eq)]
pub struct Plain {
    /// What the bytes are.
    pub kind: u64,
    /// How they are packed.
    pub codec: u64,
    /// The packed bytes.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Plain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plain")
            .field("kind", &self.kind)
            .field("codec", &self.codec)
            .field("length", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

/// One change with what its author's clock said.
#[derive(Clone, PartialEq, Eq)]
pub struct ChangeRecord {
    /// When it was written, ms UTC.
    pub written_at_ms: i64,
    /// Offset of the place it was written at, minutes east of UTC.
    pub zone_min: i64,
    /// The relay's clock minus the author's, ms, as last known; 0 if unknown.
    pub clock_offset_ms: i64,
    /// The change.
    pub change: Vec<u8>,
}

impl std::fmt::Debug for ChangeRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChangeRecord")
            .field("written_at_ms", &self.written_at_ms)
            .field("length", &self.change.len())
            .finish_non_exhaustive()
    }
}

impl ChangeRecord {
    /// The record with its change, or with what is left of one that stands on the change before it.
    fn put(&self, rest: Option<&[u8]>, out: &mut Out) {
        out.array(if rest.is_some() { LINKED_FIELDS } else { RECORD_FIELDS });
        out.i64(self.written_at_ms);
        out.i64(self.zone_min);
        out.i64(self.clock_offset_ms);
        out.bytes(rest.unwrap_or(&self.change));
        if rest.is_some() {
            out.u64(LINKED);
        }
    }
}

impl Plain {
    /// Changes, packed.
    ///
    /// # Errors
    /// [`SealError::TooLarge`] if a reader would refuse them.
    pub fn changes(records: &[ChangeRecord]) -> Result<Self, SealError> {
        let mut out = Out::default();
        out.array(records.len());
        let mut before = None;
        for record in records {
            record.put(before.and_then(|before| linked::shorten(&record.change, &before)), &mut out);
            before = linked::hash(&record.change);
        }
        Self::pack(KIND_CHANGES, &out.finish())
    }

    /// Bytes of any kind, packed if that makes them shorter.
    ///
    /// # Errors
    /// [`SealError::TooLarge`] above 4 MiB unpacked.
    pub fn pack(kind: u64, bytes: &[u8]) -> Result<Self, SealError> {
        if bytes.len() > ITEM_UNPACKED_MAX {
            return Err(SealError::TooLarge);
        }
        let packed = zstd::bulk::compress(bytes, ZSTD_LEVEL).map_err(|_| SealError::Refused)?;
        let shorter = packed.len() < bytes.len();
        Ok(Self {
            kind,
            codec: if shorter { CODEC_ZSTD } else { CODEC_PLAIN },
            bytes: if shorter { packed } else { bytes.to_vec() },
        })
    }

    /// The bytes unpacked. The size is checked before anything is allocated.
    ///
    /// # Errors
    /// [`SealError::TooLarge`], [`SealError::BadBytes`], [`SealError::VersionTooOld`]
    /// for another codec.
    pub fn unpack(&self) -> Result<Vec<u8>, SealError> {
        if self.codec == CODEC_PLAIN {
            return Ok(self.bytes.clone());
        }
        if self.codec != CODEC_ZSTD {
            return Err(SealError::VersionTooOld);
        }
        if !self.bytes.starts_with(&ZSTD_MAGIC) {
            return Err(SealError::BadBytes);
        }
        let size = zstd::zstd_safe::get_frame_content_size(&self.bytes).ok().flatten().ok_or(SealError::BadBytes)?;
        let size = usize::try_from(size).ok().filter(|size| *size <= ITEM_UNPACKED_MAX).ok_or(SealError::TooLarge)?;
        if zstd::zstd_safe::find_frame_compressed_size(&self.bytes) != Ok(self.bytes.len()) {
            return Err(SealError::BadBytes);
        }
        decompress(&self.bytes, size).filter(|bytes| bytes.len() == size).ok_or(SealError::BadBytes)
    }

    /// The changes inside.
    ///
    /// # Errors
    /// [`SealError::VersionTooOld`] for another kind, else as [`Plain::unpack`].
    pub fn to_changes(&self) -> Result<Vec<ChangeRecord>, SealError> {
        if self.kind != KIND_CHANGES {
            return Err(SealError::VersionTooOld);
        }
        let bytes = self.unpack()?;
        let mut input = In::new(&bytes);
        let mut again = Out::default();
        let mut records: Vec<ChangeRecord> = Vec::new();
        let mut size = 0;
        let count = input.array()?;
        again.array(count);
        for _ in 0..count {
            let fields = input.array()?;
            let (written_at_ms, zone_min, clock_offset_ms) = (input.i64()?, input.i64()?, input.i64()?);
            let written = input.bytes()?;
            let (change, rest) = match fields {
                RECORD_FIELDS => (written.to_vec(), None),
                LINKED_FIELDS if input.u64()? == LINKED => {
                    let before = records.last().and_then(|record| linked::hash(&record.change));
                    (linked::lengthen(written, &before.ok_or(SealError::BadBytes)?), Some(written))
                }
                _ => return Err(SealError::BadBytes),
            };
            size += change.len();
            if size > ITEM_UNPACKED_MAX {
                return Err(SealError::TooLarge);
            }
            let record = ChangeRecord { written_at_ms, zone_min, clock_offset_ms, change };
            record.put(rest, &mut again);
            records.push(record);
        }
        if input.at_end() && again.finish() == bytes { Ok(records) } else { Err(SealError::BadBytes) }
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut out = Out::default();
        out.array(4);
        out.u64(VERSION);
        out.u64(self.kind);
        out.u64(self.codec);
        out.bytes(&self.bytes);
        out.finish()
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, SealError> {
        let mut input = In::new(bytes);
        let fields = input.array()?;
        if input.u64()? != VERSION {
            return Err(SealError::VersionTooOld);
        }
        let plain = Self { kind: input.u64()?, codec: input.u64()?, bytes: Vec::take(&mut input)? };
        if fields == 4 && plain.to_bytes() == bytes { Ok(plain) } else { Err(SealError::BadBytes) }
    }
}

/// With one context for each thread: making one costs more than a short item.
fn decompress(bytes: &[u8], size: usize) -> Option<Vec<u8>> {
    thread_local! {
        static UNPACKER: RefCell<Option<zstd::bulk::Decompressor<'static>>> =
            RefCell::new(zstd::bulk::Decompressor::new().ok());
    }
    UNPACKER.with_borrow_mut(|unpacker| unpacker.as_mut()?.decompress(bytes, size).ok())
}

fn sealer(key: &EpochKey, device: &DeviceId, item: &Item) -> Result<Sealer, SealError> {
    let info: [&[u8]; 3] = [b"item", item.feed.as_bytes(), device.as_bytes()];
    Sealer::derive(key.secret().bytes(), &item.salt, &info)
}

/// Seals `plain` as `device`. `salt` is random and never used twice.
///
/// # Errors
/// [`SealError::TooLarge`] above 256 KiB.
pub fn seal_item(
    key: &EpochKey,
    device: &DeviceId,
    fields: Unsealed,
    plain: &Plain,
    salt: [u8; 32],
) -> Result<Item, SealError> {
    let mut item = Item {
        feed: fields.feed,
        class: fields.class,
        doc: fields.doc,
        dseq: fields.dseq,
        prev_item_hash: fields.prev_item_hash,
        epoch: key.n,
        seen: fields.seen,
        blob_ids: fields.blob_ids,
        salt,
        ciphertext: Vec::new(),
    };
    let plaintext = pad(plain.to_bytes(), 0);
    item.ciphertext = sealer(key, device, &item)?.seal(&item.aad(), plaintext)?;
    if item.ciphertext.len() > ITEM_BYTES_MAX {
        return Err(SealError::TooLarge);
    }
    Ok(item)
}

/// Opens an item that `device` signed. The caller has checked the signature.
///
/// # Errors
/// [`SealError::WrongKey`] for another epoch's key, [`SealError::DoesNotOpen`],
/// [`SealError::BadBytes`], [`SealError::VersionTooOld`].
pub fn open_item(key: &EpochKey, device: &DeviceId, item: &Item) -> Result<Plain, SealError> {
    if item.epoch != key.n {
        return Err(SealError::WrongKey);
    }
    let plaintext = sealer(key, device, item)?.open(&item.aad(), &item.ciphertext)?;
    Plain::from_bytes(&unpad(plaintext)?)
}
