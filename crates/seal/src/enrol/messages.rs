//! What stands in the slots of a mailbox, each `[1, …]` in deterministic CBOR.

use meguri_wire::cbor::{Cbor, In, Out};
use meguri_wire::control::CitedHead;
use meguri_wire::{BlobId, Code, FrameId};

use super::commit;
use crate::error::SealError;
use crate::keys::DevicePublic;

const VERSION: u64 = 1;

/// Slot 0: who invites.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The team and its head.
    pub head: CitedHead,
    /// The inviting admin device's keys.
    pub admin: DevicePublic,
    /// The relay's head-signing key.
    pub relay_key: [u8; 32],
}

/// Slot 3: what slot 1 committed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reveal {
    /// n_N, 32 random bytes.
    pub nonce: [u8; 32],
    /// The newcomer's keys.
    pub keys: DevicePublic,
}

impl Reveal {
    /// Whether this is what `committed` (slot 1) said.
    ///
    /// # Errors
    /// [`SealError::CommitMismatch`].
    pub fn check(&self, committed: &[u8]) -> Result<(), SealError> {
        if commit(&self.nonce, &self.keys) == committed { Ok(()) } else { Err(SealError::CommitMismatch) }
    }
}

/// Slot 4: what the newcomer starts from, instead of from the relay's word.
#[derive(Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The whole `AddDevice` frame.
    pub certificate: Vec<u8>,
    /// The directory's Genesis, if the region has one.
    pub directory: Option<FrameId>,
    /// Its root keys, ascending.
    pub roots: Vec<[u8; 32]>,
    /// The sealed blob with all pins, and its key.
    pub pins: Option<(BlobId, [u8; 32])>,
    /// Rules for the new device; its reader knows their shape.
    pub policy: Vec<u8>,
}

impl std::fmt::Debug for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outcome").field("directory", &self.directory).finish_non_exhaustive()
    }
}

fn version(input: &mut In<'_>, fields: usize) -> Result<(), Code> {
    let found = input.array()?;
    if input.u64()? != VERSION {
        return Err(Code::VersionTooOld);
    }
    if found == fields { Ok(()) } else { Err(Code::BadBytes) }
}

impl Cbor for Offer {
    fn put(&self, out: &mut Out) {
        out.array(5);
        out.u64(VERSION);
        self.head.put(out);
        self.admin.signing_key.put(out);
        out.bytes(&self.admin.kem_key);
        self.relay_key.put(out);
    }
    fn take(input: &mut In<'_>) -> Result<Self, Code> {
        version(input, 5)?;
        Ok(Self { head: Cbor::take(input)?, admin: take_keys(input)?, relay_key: Cbor::take(input)? })
    }
}

impl Cbor for Reveal {
    fn put(&self, out: &mut Out) {
        out.array(4);
        out.u64(VERSION);
        self.nonce.put(out);
        self.keys.signing_key.put(out);
        out.bytes(&self.keys.kem_key);
    }
    fn take(input: &mut In<'_>) -> Result<Self, Code> {
        version(input, 4)?;
        Ok(Self { nonce: Cbor::take(input)?, keys: take_keys(input)? })
    }
}

fn take_keys(input: &mut In<'_>) -> Result<DevicePublic, Code> {
    Ok(DevicePublic { signing_key: Cbor::take(input)?, kem_key: input.bytes()?.to_vec() })
}

impl Cbor for Outcome {
    fn put(&self, out: &mut Out) {
        out.array(6);
        out.u64(VERSION);
        out.bytes(&self.certificate);
        self.directory.put(out);
        self.roots.put(out);
        self.pins.put(out);
        out.bytes(&self.policy);
    }
    fn take(input: &mut In<'_>) -> Result<Self, Code> {
        version(input, 6)?;
        Ok(Self {
            certificate: input.bytes()?.to_vec(),
            directory: Cbor::take(input)?,
            roots: Cbor::take(input)?,
            pins: Cbor::take(input)?,
            policy: input.bytes()?.to_vec(),
        })
    }
}
