//! A chart's export, `meguri-chart-1`: all that proves one chart without the app, sealed under a passphrase.
//!
//! `["meguri-chart-1", slots, [part…]]` in deterministic CBOR. `slots` are [`KeySlots`] around a random key; each part
//! is a blob under `HKDF(key, "export" ‖ number from 0 ‖ last flag)`, so that none can be left out, moved or added. Their
//! contents one after the other are the array of the fields of [`ChartExport`].
//!
//! Nothing here judges a frame: the reader proves them, and believes neither names nor heads it cannot derive.

use meguri_wire::cbor::{Cbor, In, Out};
use meguri_wire::{BlobId, Code, DocId, FeedId, Hash, SpaceId, StaffId, StoreId};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::blob::{open_blob, seal_blob};
use crate::derive::{Secret, hkdf32};
use crate::epoch::EpochKey;
use crate::error::SealError;
use crate::slots::{KdfCost, KeySlots, SlotKind};

/// The tag of this form.
pub const FORMAT: &str = "meguri-chart-1";
/// What every form of an export begins with.
const FAMILY: &str = "meguri-chart-";
/// Content of every part but the last.
const PART_BYTES: usize = 16 * 1024 * 1024;
/// A reader takes no larger file.
pub const EXPORT_BYTES_MAX: u64 = 4 * 1024 * 1024 * 1024;

/// One chart as one device holds it: what came by the feeds, and nothing that is still unsent.
#[derive(Clone, PartialEq, Eq)]
pub struct ChartExport {
    /// The chart.
    pub space: SpaceId,
    /// When it was exported, by the exporting device's clock, ms UTC.
    pub exported_ms: u64,
    /// The life of the relay's storage the positions refer to.
    pub store: Option<StoreId>,
    /// The region's directory.
    pub directory: Option<FeedCopy>,
    /// Every team the chart's controls cite.
    pub teams: Vec<FeedCopy>,
    /// The chart's own feed.
    pub chart: FeedCopy,
    /// The relay's newest signed head of it, whole COSE bytes, where the device kept one.
    pub head: Option<Vec<u8>>,
    /// The keys of its epochs that the device holds.
    pub keys: Vec<EpochKey>,
    /// What the device calls people. Names are said, not proved.
    pub names: Vec<(StaffId, String)>,
    /// Its documents.
    pub documents: Vec<DocumentHeads>,
    /// Blobs its entries name.
    pub blobs: Vec<BlobId>,
}

/// A feed as the relay gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedCopy {
    /// The feed.
    pub feed: FeedId,
    /// Its frames in order.
    pub records: Vec<FrameCopy>,
    /// The last position.
    pub ssn: u64,
    /// The running hash there.
    pub h: Hash,
    /// Positions whose frames have no effect on the device, ascending.
    pub set_aside: Vec<SetAside>,
}

/// A frame with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameCopy {
    /// Its position.
    pub ssn: u64,
    /// When the relay took it, ms UTC.
    pub received_ms: u64,
    /// The whole COSE bytes.
    pub frame: Vec<u8>,
}

/// A frame that waits or is parked on the exporting device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// Its position.
    pub ssn: u64,
    /// A code.
    pub reason: String,
}

/// Where a document stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentHeads {
    /// The document.
    pub doc: DocId,
    /// Hashes of its newest changes, ascending.
    pub heads: Vec<[u8; 32]>,
}

impl std::fmt::Debug for ChartExport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChartExport").field("space", &self.space).finish_non_exhaustive()
    }
}

/// A struct as the array of its fields.
macro_rules! as_array {
    ($($name:ident { $($field:ident),* })*) => {$(
        impl Cbor for $name {
            fn put(&self, out: &mut Out) {
                out.array([$(stringify!($field)),*].len());
                $(self.$field.put(out);)*
            }
            fn take(input: &mut In<'_>) -> Result<Self, Code> {
                input.array_of([$(stringify!($field)),*].len())?;
                Ok(Self { $($field: Cbor::take(input)?),* })
            }
        }
    )*};
}

as_array! {
    ChartExport { space, exported_ms, store, directory, teams, chart, head, keys, names, documents, blobs }
    FeedCopy { feed, records, ssn, h, set_aside }
    FrameCopy { ssn, received_ms, frame }
    SetAside { ssn, reason }
    DocumentHeads { doc, heads }
}

impl Cbor for EpochKey {
    fn put(&self, out: &mut Out) {
        out.array(2);
        out.u64(self.n);
        out.bytes(self.secret().bytes());
    }
    fn take(input: &mut In<'_>) -> Result<Self, Code> {
        input.array_of(2)?;
        let n = input.u64()?;
        Ok(Self::from_parts(n, Secret::new(Cbor::take(input)?)))
    }
}

impl ChartExport {
    /// The bytes of the file.
    ///
    /// # Errors
    /// [`SealError::BadBytes`] or [`SealError::TooLarge`] for a cost out of range.
    pub fn seal(&self, passphrase: &str, cost: KdfCost, rng: &mut dyn CryptoRng) -> Result<Vec<u8>, SealError> {
        let key = Secret::make(rng);
        let mut slots = KeySlots::default();
        slots.put(SlotKind::Passphrase, &key, passphrase, None, cost, rng)?;
        let content = Zeroizing::new(self.to_bytes());
        let chunks: Vec<&[u8]> = content.chunks(PART_BYTES).collect();
        let mut out = Out::default();
        out.array(3);
        out.text(FORMAT);
        out.bytes(&slots.to_bytes());
        out.array(chunks.len());
        for (number, chunk) in chunks.iter().enumerate() {
            let (_, sealed) = seal_blob(&part_key(&key, number, number + 1 == chunks.len())?, chunk)?;
            out.bytes(&sealed);
        }
        Ok(out.finish())
    }

    /// The opposite of [`ChartExport::seal`].
    ///
    /// # Errors
    /// [`SealError::BadBytes`] for a file that is no export, [`SealError::VersionTooOld`] for one of another form,
    /// [`SealError::WrongPassphrase`], and [`SealError::DoesNotOpen`] for a damaged one.
    pub fn open(passphrase: &str, file: &[u8]) -> Result<Self, SealError> {
        let mut input = In::new(file);
        let fields = input.array()?;
        let format = input.text()?;
        if format != FORMAT {
            return Err(if format.starts_with(FAMILY) { SealError::VersionTooOld } else { SealError::BadBytes });
        }
        let key = KeySlots::from_bytes(input.bytes()?)?.open(passphrase, None)?;
        let mut content = Zeroizing::new(Vec::with_capacity(file.len()));
        let parts = input.array()?;
        for number in 0..parts {
            let sealed = input.bytes()?;
            let key = part_key(&key, number, number + 1 == parts)?;
            content.extend_from_slice(&Zeroizing::new(open_blob(&key, &BlobId::of(sealed), sealed)?));
        }
        // Authentic by now: that there is no other encoding of the same is not asked again.
        let mut inside = In::new(&content);
        let export = Self::take(&mut inside)?;
        if fields == 3 && input.at_end() && inside.at_end() { Ok(export) } else { Err(SealError::BadBytes) }
    }
}

fn part_key(key: &Secret, number: usize, last: bool) -> Result<Secret, SealError> {
    let number = (number as u64).to_be_bytes();
    hkdf32(key.bytes(), &[b"export", &number, &[u8::from(last)]]).map(Secret::new)
}
