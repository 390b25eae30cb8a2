//! Keys and envelopes of protocol v1: bytes in, sealed bytes out.
//!
//! Deliberately absent: no I/O, no clock, no randomness of its own (a generator
//! is an argument), no signing (`wire` signs), no knowledge of what a change,
//! an entry or a picture is. The relay does not link this crate. Secrets are
//! zeroized when dropped and never stand in `Debug`.

pub mod blob;
pub mod derive;
pub mod enrol;
pub mod envelope;
pub mod epoch;
mod error;
pub mod export;
pub mod generation;
pub mod item;
pub mod keys;
mod linked;
pub mod pad;
pub mod slots;
mod table;
pub mod text;

pub use blob::{open_blob, open_blob_stream, seal_blob, seal_blob_stream};
pub use derive::Secret;
pub use enrol::{EnrolSecret, Offer, Outcome, Reveal, Slot};
pub use epoch::{EpochKey, EpochOpening, EpochRecipient};
pub use error::SealError;
pub use export::ChartExport;
pub use generation::{Generation, GenerationEnvelope};
pub use item::{ChangeRecord, Plain, Unsealed, open_item, seal_item};
pub use keys::{DevicePublic, DeviceSecrets};
pub use slots::{KdfCost, KeySlots, SlotKind};
pub use table::{KeyTable, verify_many};
