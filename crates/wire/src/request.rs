//! Signed requests (RFC 9421) in the one form this protocol uses: label `sig`,
//! components `@method @authority @path @query` and `content-digest` with a
//! body, parameters `keyid`, `nonce`, `alg`, `tag`, in this order.

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::codes::Code;
use crate::ids::{DeviceId, sha256};
use crate::sign::{Signer, verify};

/// The `tag` parameter.
pub const TAG: &str = "meguri/v1";
/// Header names, lower case.
pub const HEADER_INPUT: &str = "signature-input";
/// The signature's header.
pub const HEADER_SIGNATURE: &str = "signature";
/// The body's digest (RFC 9530), SHA-256.
pub const HEADER_DIGEST: &str = "content-digest";

/// What a signature covers.
#[derive(Clone, Copy, Debug)]
pub struct Parts<'a> {
    /// Upper case.
    pub method: &'a str,
    /// The relay's configured public name, with a port unless it is the default.
    pub authority: &'a str,
    /// The path as sent, percent-encoding untouched.
    pub path: &'a str,
    /// The query without `?`; empty without one.
    pub query: &'a str,
    /// The body; none and empty differ.
    pub body: Option<&'a [u8]>,
}

/// The three headers of a signed request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedHeaders {
    /// `Signature-Input`.
    pub input: String,
    /// `Signature`.
    pub signature: String,
    /// `Content-Digest`, with a body.
    pub digest: Option<String>,
}

/// `Content-Digest` of a body.
#[must_use]
pub fn content_digest(body: &[u8]) -> String {
    format!("sha-256=:{}:", STANDARD.encode(sha256(&[body])))
}

fn parameters(has_body: bool, keyid: &DeviceId, nonce: &str) -> String {
    let digest = if has_body { " \"content-digest\"" } else { "" };
    format!(
        "(\"@method\" \"@authority\" \"@path\" \"@query\"{digest});keyid=\"{keyid}\";nonce=\"{nonce}\";alg=\"ed25519\";tag=\"{TAG}\""
    )
}

/// The signature base (RFC 9421 §2.5).
#[must_use]
pub fn signature_base(parts: &Parts<'_>, keyid: &DeviceId, nonce: &str) -> String {
    let digest = parts.body.map_or(String::new(), |body| format!("\"content-digest\": {}\n", content_digest(body)));
    format!(
        "\"@method\": {}\n\"@authority\": {}\n\"@path\": {}\n\"@query\": ?{}\n{digest}\"@signature-params\": {}",
        parts.method,
        parts.authority.to_ascii_lowercase(),
        parts.path,
        parts.query,
        parameters(parts.body.is_some(), keyid, nonce)
    )
}

/// Signs a request as `signer`, a device.
#[must_use]
pub fn sign_request(signer: &dyn Signer, parts: &Parts<'_>, nonce: &str) -> SignedHeaders {
    let keyid = DeviceId(signer.kid());
    let base = signature_base(parts, &keyid, nonce);
    let signature = signer.sign(base.as_bytes());
    SignedHeaders {
        input: format!("sig={}", parameters(parts.body.is_some(), &keyid, nonce)),
        signature: format!("sig=:{}:", STANDARD.encode(signature)),
        digest: parts.body.map(content_digest),
    }
}

/// Who claims to have signed, and over which nonce; read before the key is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The device.
    pub keyid: DeviceId,
    /// The nonce, unchecked.
    pub nonce: String,
    signature: [u8; 64],
}

/// Reads `Signature-Input` and `Signature`.
///
/// # Errors
/// [`Code::BadRequest`] for any other form.
pub fn read_claim(input: &str, signature: &str, has_body: bool) -> Result<Claim, Code> {
    let after = |key: &str| {
        let start = input.find(key)?.checked_add(key.len())?;
        let rest = input.get(start..)?;
        rest.split_once('"').map(|(value, _)| value)
    };
    let keyid = after(";keyid=\"").ok_or(Code::BadRequest)?;
    let keyid: DeviceId = keyid.parse().map_err(|_| Code::BadRequest)?;
    let nonce = after(";nonce=\"").ok_or(Code::BadRequest)?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if !nonce.bytes().all(plain) || input != format!("sig={}", parameters(has_body, &keyid, nonce)) {
        return Err(Code::BadRequest);
    }
    let signature = signature
        .strip_prefix("sig=:")
        .and_then(|rest| rest.strip_suffix(':'))
        .and_then(|text| STANDARD.decode(text).ok())
        .and_then(|bytes| <[u8; 64]>::try_from(bytes).ok())
        .ok_or(Code::BadRequest)?;
    Ok(Claim { keyid, nonce: nonce.to_owned(), signature })
}

/// Verifies a claim under the device's key; `parts` must be the request as received
/// with the relay's own public name as authority. Check the nonce separately.
///
/// # Errors
/// [`Code::BadSignature`].
pub fn verify_request(claim: &Claim, parts: &Parts<'_>, key: &[u8; 32]) -> Result<(), Code> {
    let base = signature_base(parts, &claim.keyid, &claim.nonce);
    verify(key, base.as_bytes(), &claim.signature)
}
