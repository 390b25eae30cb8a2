//! Generations of a team's key pair. All follows from a random 32-byte seed:
//! the X-Wing private key is `HKDF(seed, "kem")`, the former seed is sealed
//! under `HKDF(seed, "prev")`, names of the staff under `HKDF(seed, salt, "staff" ‖ staff)`.

use meguri_wire::{StaffId, TeamId};
use rand_core::CryptoRng;

use crate::derive::{Sealer, Secret, hkdf32};
use crate::envelope::{self, EnvelopeInfo};
use crate::error::SealError;
use crate::text;

/// A seed under an AEAD.
const PREVIOUS_BYTES: usize = 48;

/// One generation with its seed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generation {
    /// 1, 2, 3 …
    pub gen_no: u64,
    seed: Secret,
}

/// What an envelope of a seed is bound to.
#[derive(Clone, Copy, Debug)]
pub struct GenerationEnvelope<'a> {
    /// The team; none in its Genesis.
    pub team: Option<&'a TeamId>,
    /// The generation inside.
    pub gen_no: u64,
    /// Its public key, as the record says.
    pub public_key: &'a [u8],
    /// A device id or key id.
    pub recipient: [u8; 16],
    /// The `kid` of the record; in a Genesis the key id of its first device.
    pub author: [u8; 16],
}

impl GenerationEnvelope<'_> {
    fn info(&self) -> EnvelopeInfo<'_> {
        EnvelopeInfo::Generation {
            team: self.team,
            gen_no: self.gen_no,
            public_key: self.public_key,
            recipient: &self.recipient,
            author: &self.author,
        }
    }
}

impl Generation {
    /// The first of a team, random.
    #[must_use]
    pub fn make_first(rng: &mut dyn CryptoRng) -> Self {
        Self::make(1, rng)
    }

    /// The one of this number, random.
    #[must_use]
    pub fn make(gen_no: u64, rng: &mut dyn CryptoRng) -> Self {
        Self::from_parts(gen_no, Secret::make(rng))
    }

    /// The one after this, random.
    #[must_use]
    pub fn make_next(&self, rng: &mut dyn CryptoRng) -> Self {
        Self::make(self.gen_no.saturating_add(1), rng)
    }

    /// From storage.
    #[must_use]
    pub fn from_parts(gen_no: u64, seed: Secret) -> Self {
        Self { gen_no, seed }
    }

    /// The seed, for storage.
    #[must_use]
    pub fn seed(&self) -> &Secret {
        &self.seed
    }

    fn kem(&self) -> Result<Secret, SealError> {
        hkdf32(self.seed.bytes(), &[b"kem"]).map(Secret::new)
    }

    /// The X-Wing public key.
    ///
    /// # Errors
    /// [`SealError::BadKey`], never for 32 bytes.
    pub fn public_key(&self) -> Result<Vec<u8>, SealError> {
        envelope::public_key(&self.kem()?)
    }

    /// Opens what was sealed to this generation's public key.
    ///
    /// # Errors
    /// [`SealError::DoesNotOpen`], [`SealError::BadBytes`].
    pub fn open(&self, info: &EnvelopeInfo<'_>, bytes: &[u8]) -> Result<zeroize::Zeroizing<Vec<u8>>, SealError> {
        envelope::open_with(&self.kem()?, info, bytes)
    }

    /// The seed of the generation before, under this one's: 48 bytes.
    ///
    /// # Errors
    /// [`SealError::WrongKey`] if `previous` is not the generation before.
    pub fn seal_previous(&self, previous: &Generation) -> Result<Vec<u8>, SealError> {
        if previous.gen_no.checked_add(1) != Some(self.gen_no) {
            return Err(SealError::WrongKey);
        }
        let plaintext = previous.seed.bytes().to_vec();
        Sealer::derive(self.seed.bytes(), &[], &[b"prev"])?.seal(&[], plaintext)
    }

    /// What stands in the place of [`Generation::seal_previous`] where the seed before is not held by whoever makes this one:
    /// random bytes, which open for nobody.
    #[must_use]
    pub fn no_previous(rng: &mut dyn CryptoRng) -> Vec<u8> {
        let mut bytes = vec![0; PREVIOUS_BYTES];
        rng.fill_bytes(&mut bytes);
        bytes
    }

    /// The generation before; the caller compares its public key.
    ///
    /// # Errors
    /// [`SealError::DoesNotOpen`], [`SealError::BadBytes`].
    pub fn open_previous(&self, sealed: &[u8]) -> Result<Generation, SealError> {
        let before = self.gen_no.checked_sub(1).filter(|n| *n > 0);
        let gen_no = before.ok_or(SealError::BadBytes)?;
        let sealer = Sealer::derive(self.seed.bytes(), &[], &[b"prev"])?;
        let seed = zeroize::Zeroizing::new(sealer.open(&[], sealed)?);
        Ok(Self::from_parts(gen_no, Secret::from_slice(&seed)?))
    }

    /// The seed in an envelope to a device (or Kit).
    ///
    /// # Errors
    /// [`SealError::BadKey`] for a KEM key that is none.
    pub fn seal_envelope(
        &self,
        team: Option<&TeamId>,
        recipient: [u8; 16],
        recipient_kem: &[u8],
        author: [u8; 16],
        rng: &mut dyn CryptoRng,
    ) -> Result<Vec<u8>, SealError> {
        let public_key = self.public_key()?;
        let bound = GenerationEnvelope { team, gen_no: self.gen_no, public_key: &public_key, recipient, author };
        envelope::seal_to(recipient_kem, &bound.info(), self.seed.bytes(), rng)
    }

    /// Opens such an envelope and checks that the seed gives the public key.
    ///
    /// # Errors
    /// [`SealError::DoesNotOpen`], [`SealError::BadBytes`], [`SealError::WrongKey`].
    pub fn open_envelope(kem: &Secret, bound: &GenerationEnvelope<'_>, bytes: &[u8]) -> Result<Generation, SealError> {
        let seed = envelope::open_with(kem, &bound.info(), bytes)?;
        let generation = Self::from_parts(bound.gen_no, Secret::from_slice(&seed)?);
        generation.check(bound.public_key)?;
        Ok(generation)
    }

    /// Whether the seed gives this public key.
    ///
    /// # Errors
    /// [`SealError::WrongKey`].
    pub fn check(&self, public_key: &[u8]) -> Result<(), SealError> {
        if self.public_key()? == public_key { Ok(()) } else { Err(SealError::WrongKey) }
    }

    /// The name of a person, for a team control. A fresh random salt each time.
    ///
    /// # Errors
    /// [`SealError::TooLarge`].
    pub fn seal_name(&self, staff: &StaffId, name: &str, salt: [u8; 32]) -> Result<Vec<u8>, SealError> {
        text::seal(&self.seed, &[b"staff", staff.as_bytes()], name, salt)
    }

    /// The opposite of [`Generation::seal_name`].
    ///
    /// # Errors
    /// [`SealError::DoesNotOpen`], [`SealError::BadBytes`].
    pub fn open_name(&self, staff: &StaffId, sealed: &[u8]) -> Result<String, SealError> {
        text::open(&self.seed, &[b"staff", staff.as_bytes()], sealed)
    }
}
