//! HKDF-SHA-256 and ChaCha20-Poly1305, as every other module here uses them.

use rand_core::CryptoRng;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, KeyType, Salt};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::error::SealError;

/// Bytes an AEAD adds.
pub const TAG_BYTES: usize = 16;
const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 12;

/// 32 secret bytes: zeroized when dropped, redacted in `Debug`, compared in
/// constant time.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Secret([u8; KEY_BYTES]);

impl Secret {
    /// Random.
    #[must_use]
    pub fn make(rng: &mut dyn CryptoRng) -> Self {
        let mut secret = Self([0; KEY_BYTES]);
        rng.fill_bytes(&mut secret.0);
        secret
    }

    /// These bytes.
    #[must_use]
    pub fn new(bytes: [u8; KEY_BYTES]) -> Self {
        Self(bytes)
    }

    /// From a slice of exactly 32 bytes.
    ///
    /// # Errors
    /// [`SealError::BadBytes`].
    pub fn from_slice(bytes: &[u8]) -> Result<Self, SealError> {
        bytes.try_into().map(Self).map_err(|_| SealError::BadBytes)
    }

    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(redacted)")
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        let pairs = self.0.iter().zip(&other.0);
        pairs.fold(0u8, |sum, (a, b)| sum | (a ^ b)) == 0
    }
}

impl Eq for Secret {}

/// Key and nonce of one AEAD, from one derivation.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Sealer {
    key: [u8; KEY_BYTES],
    nonce: [u8; NONCE_BYTES],
}

impl Sealer {
    /// Key ‖ nonce = the 44 bytes of [`hkdf`] for these arguments. Seals one plaintext.
    ///
    /// # Errors
    /// [`SealError::Refused`], never with the lengths used here.
    pub fn derive(ikm: &[u8], salt: &[u8], info: &[&[u8]]) -> Result<Self, SealError> {
        let mut okm = Zeroizing::new([0; KEY_BYTES + NONCE_BYTES]);
        hkdf(ikm, salt, info, okm.as_mut())?;
        let (key, nonce) = okm.split_first_chunk().ok_or(SealError::Refused)?;
        let nonce = nonce.try_into().map_err(|_| SealError::Refused)?;
        Ok(Self { key: *key, nonce })
    }

    /// The ciphertext with its tag.
    ///
    /// # Errors
    /// [`SealError::Refused`], never with the lengths used here.
    pub fn seal(&self, aad: &[u8], plaintext: Vec<u8>) -> Result<Vec<u8>, SealError> {
        seal(&self.key, self.nonce, aad, plaintext)
    }

    /// The plaintext.
    ///
    /// # Errors
    /// [`SealError::DoesNotOpen`].
    pub fn open(&self, aad: &[u8], ciphertext: &[u8]) -> Result<Vec<u8>, SealError> {
        open(&self.key, self.nonce, aad, ciphertext.to_vec())
    }
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

/// Fills `out` with HKDF-SHA-256; `info` is the concatenation of its parts.
///
/// # Errors
/// [`SealError::Refused`] above 255 × 32 bytes.
pub fn hkdf(ikm: &[u8], salt: &[u8], info: &[&[u8]], out: &mut [u8]) -> Result<(), SealError> {
    Salt::new(HKDF_SHA256, salt)
        .extract(ikm)
        .expand(info, Length(out.len()))
        .and_then(|okm| okm.fill(out))
        .map_err(|_| SealError::Refused)
}

/// 32 bytes of [`hkdf`] without a salt.
///
/// # Errors
/// [`SealError::Refused`], never with this length.
pub fn hkdf32(ikm: &[u8], info: &[&[u8]]) -> Result<[u8; 32], SealError> {
    let mut out = [0; 32];
    hkdf(ikm, &[], info, &mut out)?;
    Ok(out)
}

fn aead(key: &[u8; KEY_BYTES]) -> Result<LessSafeKey, SealError> {
    UnboundKey::new(&CHACHA20_POLY1305, key).map(LessSafeKey::new).map_err(|_| SealError::Refused)
}

/// ChaCha20-Poly1305 with an explicit nonce, in place.
pub(crate) fn seal(
    key: &[u8; KEY_BYTES],
    nonce: [u8; NONCE_BYTES],
    aad: &[u8],
    mut bytes: Vec<u8>,
) -> Result<Vec<u8>, SealError> {
    bytes.reserve_exact(TAG_BYTES);
    aead(key)?
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(aad), &mut bytes)
        .map_err(|_| SealError::Refused)?;
    Ok(bytes)
}

/// The opposite of [`seal`].
pub(crate) fn open(
    key: &[u8; KEY_BYTES],
    nonce: [u8; NONCE_BYTES],
    aad: &[u8],
    mut bytes: Vec<u8>,
) -> Result<Vec<u8>, SealError> {
    let length = aead(key)?
        .open_in_place(Nonce::assume_unique_for_key(nonce), Aad::from(aad), &mut bytes)
        .map_err(|_| SealError::DoesNotOpen)?
        .len();
    bytes.truncate(length);
    Ok(bytes)
}
