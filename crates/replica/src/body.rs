//! What stands around a kind's bytes in the `b` of an entry.

use minicbor::{Decode, Encode};
use uuid::Uuid;

/// The frame of an entry: how it belongs to others, and the bytes of its kind.
/// Stored as a CBOR map by number, so that fields of a newer version are skipped.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct EntryBody {
    /// Entries of one visit share it.
    pub visit: Option<Uuid>,
    /// The entry this one corrects.
    pub amends: Option<Uuid>,
    /// The entry this one withdraws; the body is then empty.
    pub voids: Option<Uuid>,
    /// Why, of a correction or withdrawal.
    pub reason: Option<String>,
    /// The person on whose behalf it was written; the author stays the certified one.
    pub on_behalf_of: Option<meguri_wire::StaffId>,
    /// Offset of the clinical time in minutes.
    pub zone_min: i32,
    /// CBOR of the kind.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for EntryBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "EntryBody({} bytes)", self.body.len())
    }
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct Stored {
    #[cbor(n(0), with = "minicbor::bytes")]
    body: Vec<u8>,
    #[n(1)]
    zone_min: i32,
    #[cbor(n(2), with = "minicbor::bytes")]
    visit: Option<[u8; 16]>,
    #[cbor(n(3), with = "minicbor::bytes")]
    amends: Option<[u8; 16]>,
    #[cbor(n(4), with = "minicbor::bytes")]
    voids: Option<[u8; 16]>,
    #[n(5)]
    reason: Option<String>,
    #[cbor(n(6), with = "minicbor::bytes")]
    on_behalf_of: Option<[u8; 16]>,
}

impl EntryBody {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let stored = Stored {
            body: self.body.clone(),
            zone_min: self.zone_min,
            visit: self.visit.map(Uuid::into_bytes),
            amends: self.amends.map(Uuid::into_bytes),
            voids: self.voids.map(Uuid::into_bytes),
            reason: self.reason.clone(),
            on_behalf_of: self.on_behalf_of.map(|id| id.0),
        };
        minicbor::to_vec(&stored).unwrap_or_default()
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let stored: Stored = minicbor::decode(bytes).ok()?;
        Some(Self {
            visit: stored.visit.map(Uuid::from_bytes),
            amends: stored.amends.map(Uuid::from_bytes),
            voids: stored.voids.map(Uuid::from_bytes),
            reason: stored.reason,
            on_behalf_of: stored.on_behalf_of.map(meguri_wire::StaffId),
            zone_min: stored.zone_min,
            body: stored.body,
        })
    }
}
