//! Enrolment (protocol §7): what a new device and an admin's device say to each
//! other through a mailbox, under a secret shown on one and read by the other.

mod code;
mod messages;

pub use messages::{Offer, Outcome, Reveal};

use meguri_wire::Hash;
use meguri_wire::cbor::Cbor;
use rand_core::CryptoRng;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::derive::{Sealer, Secret, hkdf32};
use crate::envelope::{self, EnvelopeInfo};
use crate::error::SealError;
use crate::keys::DevicePublic;

/// The secret in a QR code (32 bytes) or spoken as a code (16 bytes).
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct EnrolSecret(Vec<u8>);

/// The slots of a mailbox, each written once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// Admin: [`Offer`].
    Offer = 0,
    /// Newcomer: [`commit`].
    Commit = 1,
    /// Admin: a random value of its own.
    Nonce = 2,
    /// Newcomer: [`Reveal`], also sealed to the admin's KEM key.
    Reveal = 3,
    /// Admin: [`Outcome`], also sealed to the newcomer's KEM key.
    Outcome = 4,
}

const SCANNED_BYTES: usize = 32;
const SPOKEN_BYTES: usize = 16;

impl std::fmt::Debug for EnrolSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EnrolSecret(redacted)")
    }
}

impl EnrolSecret {
    /// For a QR code: 256 bits.
    #[must_use]
    pub fn make_scanned(rng: &mut dyn CryptoRng) -> Self {
        let mut secret = vec![0; SCANNED_BYTES];
        rng.fill_bytes(&mut secret);
        Self(secret)
    }

    /// For the telephone: 128 bits.
    #[must_use]
    pub fn make_spoken(rng: &mut dyn CryptoRng) -> Self {
        let mut secret = vec![0; SPOKEN_BYTES];
        rng.fill_bytes(&mut secret);
        Self(secret)
    }

    /// Crockford's base 32 with check bits: 26 characters for a spoken secret
    /// (2 check bits), 52 for a scanned one (4 check bits).
    #[must_use]
    pub fn to_code(&self) -> Zeroizing<String> {
        Zeroizing::new(code::encode(&self.0))
    }

    /// Reads a code of either length; case, hyphens, spaces and full-width
    /// forms do not matter, and I, L, O are read as 1, 1, 0.
    ///
    /// # Errors
    /// [`SealError::CodeLength`], [`SealError::CodeCharacter`], [`SealError::CodeTypo`].
    pub fn from_code(text: &str) -> Result<Self, SealError> {
        code::decode(text).map(Self)
    }

    /// `HKDF(secret, "mbox")`.
    ///
    /// # Errors
    /// [`SealError::Refused`], never for these lengths.
    pub fn mailbox(&self) -> Result<[u8; 32], SealError> {
        hkdf32(&self.0, &[b"mbox"])
    }

    fn sealer(&self, slot: Slot) -> Result<Sealer, SealError> {
        Sealer::derive(&self.0, &[], &[b"slot", &[slot as u8]])
    }

    /// Seals a slot under `HKDF(secret, "slot" ‖ number)`; AAD is the mailbox
    /// id. A slot is sealed once: to send it again, send the same bytes.
    ///
    /// # Errors
    /// [`SealError::Refused`], never for these lengths.
    pub fn seal_slot(&self, slot: Slot, plaintext: &[u8]) -> Result<Vec<u8>, SealError> {
        self.sealer(slot)?.seal(&self.mailbox()?, plaintext.to_vec())
    }

    /// The opposite of [`EnrolSecret::seal_slot`].
    ///
    /// # Errors
    /// [`SealError::DoesNotOpen`].
    pub fn open_slot(&self, slot: Slot, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        self.sealer(slot)?.open(&self.mailbox()?, sealed)
    }

    /// Seals a slot to a KEM key first, then as every slot: `Reveal` and `Outcome`.
    ///
    /// # Errors
    /// [`SealError::BadKey`].
    pub fn seal_slot_to(
        &self,
        slot: Slot,
        kem_key: &[u8],
        plaintext: &[u8],
        rng: &mut dyn CryptoRng,
    ) -> Result<Vec<u8>, SealError> {
        let info = EnvelopeInfo::Mailbox { mailbox: &self.mailbox()?, slot: slot as u64 };
        self.seal_slot(slot, &envelope::seal_to(kem_key, &info, plaintext, rng)?)
    }

    /// The opposite of [`EnrolSecret::seal_slot_to`].
    ///
    /// # Errors
    /// [`SealError::DoesNotOpen`], [`SealError::BadBytes`].
    pub fn open_slot_with(&self, slot: Slot, kem: &Secret, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let info = EnvelopeInfo::Mailbox { mailbox: &self.mailbox()?, slot: slot as u64 };
        envelope::open_with(kem, &info, &self.open_slot(slot, sealed)?)
    }
}

/// What the newcomer commits to before it sees the admin's value:
/// `SHA-256(n_N ‖ signing key ‖ KEM key)`.
#[must_use]
pub fn commit(newcomer_nonce: &[u8; 32], keys: &DevicePublic) -> [u8; 32] {
    meguri_wire::ids::sha256(&[newcomer_nonce, &keys.signing_key, &keys.kem_key])
}

/// The six digits both screens show: the first 8 bytes of
/// `HKDF(n_N ‖ n_A ‖ commit ‖ SHA-256(Offer plaintext))` as u64, modulo 10⁶.
/// Of committed values only, so a relay cannot search for keys that fit.
///
/// # Errors
/// [`SealError::Refused`], never for these lengths.
pub fn digits(
    newcomer_nonce: &[u8; 32],
    admin_nonce: &[u8; 32],
    commit: &[u8; 32],
    offer: &Offer,
) -> Result<String, SealError> {
    let offer = Hash::of(&offer.to_bytes());
    let parts: [&[u8]; 4] = [newcomer_nonce, admin_nonce, commit, offer.as_bytes()];
    let okm = hkdf32(&parts.concat(), &[])?;
    let (first, _) = okm.split_first_chunk::<8>().ok_or(SealError::Refused)?;
    Ok(format!("{:06}", u64::from_be_bytes(*first) % 1_000_000))
}
