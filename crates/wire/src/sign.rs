//! Ed25519 (RFC 8032): cofactorless, S < L, canonical R, and no key of small
//! order or non-canonical encoding.

use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

use crate::codes::Code;
use crate::ids::{DeviceId, KeyId};

/// Something that signs as one author.
pub trait Signer {
    /// The `kid`: a device id, or SHA-256(signing key)[..16].
    fn kid(&self) -> [u8; 16];
    /// The Ed25519 public key.
    fn public_key(&self) -> [u8; 32];
    /// Signs `message`.
    fn sign(&self, message: &[u8]) -> [u8; 64];
}

/// One signature to verify, for whoever verifies many at once with the verdicts of [`verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The key.
    pub public: [u8; 32],
    /// What is signed.
    pub message: Vec<u8>,
    /// The signature.
    pub signature: [u8; 64],
}

impl Asked {
    /// The verdict of [`verify`].
    #[must_use]
    pub fn holds(&self) -> bool {
        verify(&self.public, &self.message, &self.signature).is_ok()
    }
}

/// An Ed25519 key in memory.
pub struct Ed25519Signer {
    kid: [u8; 16],
    public_key: [u8; 32],
    pair: Ed25519KeyPair,
}

impl Ed25519Signer {
    /// The key of `seed`, signing as `kid`.
    ///
    /// # Errors
    /// [`Code::BadSignature`] if the library refuses the seed.
    pub fn from_seed(kid: [u8; 16], seed: &[u8; 32]) -> Result<Self, Code> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| Code::BadSignature)?;
        let public_key = pair.public_key().as_ref().try_into().map_err(|_| Code::BadSignature)?;
        Ok(Self { kid, public_key, pair })
    }

    /// The key of `seed`, signing as SHA-256(public key)[..16]: relay, root and Kit keys.
    ///
    /// # Errors
    /// [`Code::BadSignature`] if the library refuses the seed.
    pub fn own_id(seed: &[u8; 32]) -> Result<Self, Code> {
        let mut signer = Self::from_seed([0; 16], seed)?;
        signer.kid = crate::ids::key_id(&signer.public_key).0;
        Ok(signer)
    }

    /// The same key as a device of a team.
    #[must_use]
    pub fn as_device(mut self, device: DeviceId) -> Self {
        self.kid = device.0;
        self
    }

    /// The `kid` as a key id.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        KeyId(self.kid)
    }
}

impl std::fmt::Debug for Ed25519Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ed25519Signer(redacted)")
    }
}

impl Signer for Ed25519Signer {
    fn kid(&self) -> [u8; 16] {
        self.kid
    }
    fn public_key(&self) -> [u8; 32] {
        self.public_key
    }
    fn sign(&self, message: &[u8]) -> [u8; 64] {
        let mut out = [0; 64];
        for (to, from) in out.iter_mut().zip(self.pair.sign(message).as_ref()) {
            *to = *from;
        }
        out
    }
}

/// The y coordinates of small order that are below p (RFC 8032 encoding, sign bit clear).
const SMALL_ORDER: [[u8; 32]; 5] = [
    [0; 32],
    [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf,
        0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20,
        0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
    [
        0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f,
    ],
];

/// Whether `public` may be used at all: canonical, and not of small order.
///
/// # Errors
/// [`Code::BadSignature`].
pub fn check_key(public: &[u8; 32]) -> Result<(), Code> {
    let mut magnitude = *public;
    let [first, middle @ .., last] = &mut magnitude;
    *last &= 0x7f;
    let not_canonical = *last == 0x7f && *first >= 0xed && middle.iter().all(|b| *b == 0xff);
    if not_canonical || SMALL_ORDER.contains(&magnitude) {
        return Err(Code::BadSignature);
    }
    Ok(())
}

/// Verifies `signature` over `message`.
///
/// # Errors
/// [`Code::BadSignature`].
pub fn verify(public: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> Result<(), Code> {
    check_key(public)?;
    UnparsedPublicKey::new(&ED25519, public).verify(message, signature).map_err(|_| Code::BadSignature)
}
