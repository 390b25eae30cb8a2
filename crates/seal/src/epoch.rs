//! The keys of a space, one per epoch: sealed to its member teams, each wrapping
//! those before it, so that one envelope opens all history.

use meguri_wire::{DeviceId, SpaceId, TeamId};
use rand_core::CryptoRng;

use crate::derive::{Sealer, Secret, hkdf32};
use crate::envelope::{self, EnvelopeInfo};
use crate::error::SealError;
use crate::generation::Generation;
use crate::text;

/// One epoch's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EpochKey {
    /// 1, 2, 3 …
    pub n: u64,
    key: Secret,
}

/// To whom an epoch's key is sealed.
#[derive(Clone, Copy, Debug)]
pub struct EpochRecipient<'a> {
    /// The space.
    pub feed: &'a SpaceId,
    /// The member team.
    pub team: &'a TeamId,
    /// Its generation at the head the record cites.
    pub gen_no: u64,
    /// That generation's public key.
    pub public_key: &'a [u8],
    /// The device that signs the record.
    pub author: &'a DeviceId,
}

/// What an envelope of an epoch's key must be bound to.
#[derive(Clone, Copy, Debug)]
pub struct EpochOpening<'a> {
    /// The space.
    pub feed: &'a SpaceId,
    /// The epoch.
    pub n: u64,
    /// Its check value, as its record says.
    pub kcv: &'a [u8; 32],
    /// This device's team.
    pub team: &'a TeamId,
    /// The device that signed the record (Epoch, `AddMember` or `BreakGlass`).
    pub author: &'a DeviceId,
}

impl EpochKey {
    /// Random.
    #[must_use]
    pub fn make(n: u64, rng: &mut dyn CryptoRng) -> Self {
        Self::from_parts(n, Secret::make(rng))
    }

    /// From storage.
    #[must_use]
    pub fn from_parts(n: u64, key: Secret) -> Self {
        Self { n, key }
    }

    /// The key, for storage.
    #[must_use]
    pub fn secret(&self) -> &Secret {
        &self.key
    }

    /// The check value: `HKDF(K_n, "kcv")`.
    ///
    /// # Errors
    /// [`SealError::Refused`], never for 32 bytes.
    pub fn kcv(&self) -> Result<[u8; 32], SealError> {
        hkdf32(self.key.bytes(), &[b"kcv"])
    }

    /// Whether this is the key a record announced.
    ///
    /// # Errors
    /// [`SealError::WrongKey`]: a reason for a `Fault`.
    pub fn check(&self, kcv: &[u8; 32]) -> Result<(), SealError> {
        if self.kcv()? == *kcv { Ok(()) } else { Err(SealError::WrongKey) }
    }

    fn wrapper(&self, feed: &SpaceId, m: u64) -> Result<Sealer, SealError> {
        let (n, m) = (self.n.to_be_bytes(), m.to_be_bytes());
        Sealer::derive(self.key.bytes(), &[], &[b"wrap", feed.as_bytes(), &n, &m])
    }

    /// An older epoch's key under this one.
    ///
    /// # Errors
    /// [`SealError::WrongKey`] if it is not older.
    pub fn wrap(&self, feed: &SpaceId, older: &EpochKey) -> Result<[u8; 48], SealError> {
        if older.n >= self.n {
            return Err(SealError::WrongKey);
        }
        let sealed = self.wrapper(feed, older.n)?.seal(&[], older.key.bytes().to_vec())?;
        sealed.try_into().map_err(|_| SealError::Refused)
    }

    /// The opposite of [`EpochKey::wrap`]; the caller [checks](EpochKey::check)
    /// the key against the record of epoch `m`.
    ///
    /// # Errors
    /// [`SealError::DoesNotOpen`].
    pub fn unwrap(&self, feed: &SpaceId, m: u64, sealed: &[u8; 48]) -> Result<EpochKey, SealError> {
        let key = zeroize::Zeroizing::new(self.wrapper(feed, m)?.open(&[], sealed)?);
        Ok(Self::from_parts(m, Secret::from_slice(&key)?))
    }

    /// The key in an envelope to a member team.
    ///
    /// # Errors
    /// [`SealError::BadKey`].
    pub fn seal_envelope(&self, to: &EpochRecipient<'_>, rng: &mut dyn CryptoRng) -> Result<Vec<u8>, SealError> {
        let info = EnvelopeInfo::Epoch {
            feed: to.feed,
            n: self.n,
            kcv: &self.kcv()?,
            recipient: to.team,
            gen_no: to.gen_no,
            author: &to.author.0,
        };
        envelope::seal_to(to.public_key, &info, self.key.bytes(), rng)
    }

    /// Opens such an envelope with the generation it was sealed to, and checks the key.
    ///
    /// # Errors
    /// [`SealError::DoesNotOpen`], [`SealError::BadBytes`], [`SealError::WrongKey`]:
    /// each a reason for a `Fault`.
    pub fn open_envelope(
        generation: &Generation,
        opening: &EpochOpening<'_>,
        bytes: &[u8],
    ) -> Result<EpochKey, SealError> {
        let info = EnvelopeInfo::Epoch {
            feed: opening.feed,
            n: opening.n,
            kcv: opening.kcv,
            recipient: opening.team,
            gen_no: generation.gen_no,
            author: &opening.author.0,
        };
        let key = Self::from_parts(opening.n, Secret::from_slice(&generation.open(&info, bytes)?)?);
        key.check(opening.kcv)?;
        Ok(key)
    }

    /// The reason of a break-glass. A fresh random salt each time.
    ///
    /// # Errors
    /// [`SealError::TooLarge`].
    pub fn seal_reason(&self, feed: &SpaceId, reason: &str, salt: [u8; 32]) -> Result<Vec<u8>, SealError> {
        text::seal(&self.key, &[b"reason", feed.as_bytes()], reason, salt)
    }

    /// The opposite of [`EpochKey::seal_reason`].
    ///
    /// # Errors
    /// [`SealError::DoesNotOpen`], [`SealError::BadBytes`].
    pub fn open_reason(&self, feed: &SpaceId, sealed: &[u8]) -> Result<String, SealError> {
        text::open(&self.key, &[b"reason", feed.as_bytes()], sealed)
    }
}
