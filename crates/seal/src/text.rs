//! A sentence inside a control: `salt (32) ‖ AEAD(HKDF(key, salt, context), padded UTF-8)`.

use meguri_wire::limits::CONTROL_TEXT_MAX;

use crate::derive::{Sealer, Secret};
use crate::error::SealError;
use crate::pad::{pad, unpad};

const SALT_BYTES: usize = 32;
/// Names of one to twenty characters look alike.
const PADDED_BYTES_MIN: usize = 64;

pub(crate) fn seal(key: &Secret, context: &[&[u8]], text: &str, salt: [u8; SALT_BYTES]) -> Result<Vec<u8>, SealError> {
    let plaintext = pad(text.as_bytes().to_vec(), PADDED_BYTES_MIN);
    let mut sealed = salt.to_vec();
    sealed.extend(Sealer::derive(key.bytes(), &salt, context)?.seal(&[], plaintext)?);
    if sealed.len() > CONTROL_TEXT_MAX {
        return Err(SealError::TooLarge);
    }
    Ok(sealed)
}

pub(crate) fn open(key: &Secret, context: &[&[u8]], sealed: &[u8]) -> Result<String, SealError> {
    let (salt, ciphertext) = sealed.split_at_checked(SALT_BYTES).ok_or(SealError::BadBytes)?;
    let plaintext = Sealer::derive(key.bytes(), salt, context)?.open(&[], ciphertext)?;
    String::from_utf8(unpad(plaintext)?).map_err(|_| SealError::BadBytes)
}
