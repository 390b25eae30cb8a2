//! What devices and the relay agree on: ids, bytes, signatures, feed rules,
//! limits and request signing (protocol v1, `docs/protocol.md`).
//!
//! Deliberately absent: this crate decrypts nothing, holds no key that opens a
//! record, does no I/O, and takes time and randomness as arguments. It does not
//! know what an item contains. Every decoder is total: bad bytes give a
//! [`Code`], never a panic.

pub mod api;
pub mod cbor;
pub mod chain;
pub mod codes;
pub mod control;
pub mod cose;
pub mod feed;
pub mod frame;
pub mod ids;
pub mod limits;
pub mod nonce;
pub mod request;
pub mod sign;

pub use codes::Code;
pub use frame::{Attachment, Control, Frame, Item, Payload, Seen};
pub use ids::{BlobId, DeviceId, DocId, FeedId, FrameId, Hash, KeyId, SpaceId, StaffId, StoreId, TeamId};
