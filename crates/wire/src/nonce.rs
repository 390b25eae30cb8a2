//! Request nonces: an HMAC of a 5-minute bucket of the relay's clock, so that
//! replicas share one key and no session, and a device's clock does not matter.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::hmac;

use crate::codes::Code;
use crate::limits::NONCE_BUCKET_MS;

/// Buckets a nonce may lie away from the checking replica's clock: replicas
/// 11 minutes apart take each other's nonces.
const BUCKETS_APART_MAX: u64 = 3;
const MAC_BYTES: usize = 16;

/// The nonce of `now_ms`: base64url of `bucket (u64) ‖ HMAC-SHA-256(key, "meguri/v1/nonce" ‖ bucket)[..16]`.
#[must_use]
pub fn make_nonce(key: &[u8; 32], now_ms: u64) -> String {
    nonce_of(key, now_ms / NONCE_BUCKET_MS)
}

fn nonce_of(key: &[u8; 32], bucket: u64) -> String {
    let bucket = bucket.to_be_bytes();
    let mut message = b"meguri/v1/nonce".to_vec();
    message.extend_from_slice(&bucket);
    let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), &message);
    let mut bytes = bucket.to_vec();
    bytes.extend(mac.as_ref().iter().take(MAC_BYTES));
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Checks a nonce at `now_ms`.
///
/// # Errors
/// [`Code::StaleNonce`].
pub fn check_nonce(key: &[u8; 32], now_ms: u64, nonce: &str) -> Result<(), Code> {
    let bytes = URL_SAFE_NO_PAD.decode(nonce).map_err(|_| Code::StaleNonce)?;
    let bucket = bytes.first_chunk::<8>().map(|b| u64::from_be_bytes(*b)).ok_or(Code::StaleNonce)?;
    let expected = nonce_of(key, bucket);
    // Both are hashed under the key before they are compared, so that the time the
    // comparison takes tells nothing.
    let same = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), expected.as_bytes());
    let given = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), nonce.as_bytes());
    let apart = bucket.abs_diff(now_ms / NONCE_BUCKET_MS);
    if same.as_ref() == given.as_ref() && apart <= BUCKETS_APART_MAX { Ok(()) } else { Err(Code::StaleNonce) }
}
