//! The two keys of a device: Ed25519 to sign, X-Wing to receive.

use meguri_wire::cbor::{In, Out};
use meguri_wire::control::DeviceKeys;
use meguri_wire::ids::{device_id, key_id};
use meguri_wire::sign::{Ed25519Signer, Signer};
use meguri_wire::{DeviceId, Hash, KeyId, TeamId};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::derive::Secret;
use crate::envelope;
use crate::error::SealError;

const VERSION: u64 = 1;

/// The secrets of one device; they never leave it and never rotate in place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceSecrets {
    sign_seed: Secret,
    kem: Secret,
}

/// What others know of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DevicePublic {
    /// Ed25519.
    pub signing_key: [u8; 32],
    /// X-Wing, 1216 bytes.
    pub kem_key: Vec<u8>,
}

impl DeviceSecrets {
    /// Random.
    #[must_use]
    pub fn make(rng: &mut dyn CryptoRng) -> Self {
        Self { sign_seed: Secret::make(rng), kem: Secret::make(rng) }
    }

    /// `[1, signing seed, X-Wing private key]` in CBOR, for the device's own database.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Out::default();
        out.array(3);
        out.u64(VERSION);
        out.bytes(self.sign_seed.bytes());
        out.bytes(self.kem.bytes());
        Zeroizing::new(out.finish())
    }

    /// The opposite of [`DeviceSecrets::to_bytes`].
    ///
    /// # Errors
    /// [`SealError::BadBytes`], [`SealError::VersionTooOld`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SealError> {
        let mut input = In::new(bytes);
        input.array_of(3)?;
        if input.u64()? != VERSION {
            return Err(SealError::VersionTooOld);
        }
        let secrets = Self { sign_seed: Secret::from_slice(input.bytes()?)?, kem: Secret::from_slice(input.bytes()?)? };
        if *secrets.to_bytes() == bytes { Ok(secrets) } else { Err(SealError::BadBytes) }
    }

    /// What others know of it.
    ///
    /// # Errors
    /// [`SealError::BadKey`], never for keys made here.
    pub fn public(&self) -> Result<DevicePublic, SealError> {
        Ok(DevicePublic { signing_key: self.genesis_signer()?.public_key(), kem_key: envelope::public_key(&self.kem)? })
    }

    /// Signs as the device it is in `team`.
    ///
    /// # Errors
    /// [`SealError::BadKey`], never for keys made here.
    pub fn signer(&self, team: &TeamId) -> Result<Ed25519Signer, SealError> {
        let id = self.public()?.id(team);
        Ok(self.genesis_signer()?.as_device(id))
    }

    /// Signs by key id: a team Genesis, before there is a team.
    ///
    /// # Errors
    /// [`SealError::BadKey`], never for keys made here.
    pub fn genesis_signer(&self) -> Result<Ed25519Signer, SealError> {
        Ed25519Signer::own_id(self.sign_seed.bytes()).map_err(|_| SealError::BadKey)
    }

    /// The X-Wing private key.
    #[must_use]
    pub fn kem(&self) -> &Secret {
        &self.kem
    }
}

impl DevicePublic {
    /// The keys as a record holds them.
    #[must_use]
    pub fn keys(&self) -> DeviceKeys {
        DeviceKeys { signing_key: self.signing_key, kem_key_hash: Hash::of(&self.kem_key) }
    }

    /// The device's id in `team`.
    #[must_use]
    pub fn id(&self, team: &TeamId) -> DeviceId {
        device_id(team, &self.signing_key, &Hash::of(&self.kem_key))
    }

    /// The recipient id in a team Genesis, before there is a team.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        key_id(&self.signing_key)
    }
}
