//! The two COSE shapes (RFC 9052) of this protocol, and no others: untagged
//! `COSE_Sign1` and, in directory feeds, untagged `COSE_Sign`, payload
//! attached, protected header exactly `{1: -19, 4: kid}`, unprotected empty.

use std::ops::Range;

use minicbor::data::Type;

use crate::cbor::{Cbor, In, Out};
use crate::codes::Code;

/// `external_aad` of items.
pub const CONTEXT_ITEM: &str = "meguri/v1/item";
/// `external_aad` of controls.
pub const CONTEXT_CONTROL: &str = "meguri/v1/control";
/// `external_aad` of signed heads.
pub const CONTEXT_HEAD: &str = "meguri/v1/head";
/// The algorithm "Ed25519" of RFC 9864.
const ALGORITHM: i64 = -19;

/// A key id as it stands in a header: 16 bytes, or none in a team Genesis.
pub type Kid = Option<[u8; 16]>;

/// Who signed, and the signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signatures {
    /// `COSE_Sign1`.
    One(Kid, [u8; 64]),
    /// `COSE_Sign`, ascending by kid.
    Many(Vec<([u8; 16], [u8; 64])>),
}

/// A decoded COSE object: its payload bytes and signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cose {
    /// The payload bytes.
    pub payload: Vec<u8>,
    /// Who signed.
    pub signatures: Signatures,
}

/// The bytes of a protected header.
#[must_use]
pub fn protected(kid: Kid) -> Vec<u8> {
    let mut out = Out::default();
    out.map(2);
    out.u64(1);
    out.i64(ALGORITHM);
    out.u64(4);
    out.bytes(kid.as_ref().map_or(&[], |kid| kid.as_slice()));
    out.finish()
}

fn take_protected(bytes: &[u8]) -> Result<Kid, Code> {
    let mut input = In::new(bytes);
    if input.map()? != 2 || input.u64()? != 1 || input.i64()? != ALGORITHM || input.u64()? != 4 {
        return Err(Code::BadBytes);
    }
    let kid = input.bytes()?;
    let kid = if kid.is_empty() { None } else { Some(kid.try_into().map_err(|_| Code::BadBytes)?) };
    if protected(kid) == bytes { Ok(kid) } else { Err(Code::BadBytes) }
}

/// The `Sig_structure` of a `COSE_Sign1` signature.
#[must_use]
pub fn to_sign_one(kid: Kid, context: &str, payload: &[u8]) -> Vec<u8> {
    let mut out = Out::default();
    out.array(4);
    out.text("Signature1");
    out.bytes(&protected(kid));
    out.bytes(context.as_bytes());
    out.bytes(payload);
    out.finish()
}

/// The `Sig_structure` of one `COSE_Sign` signature.
#[must_use]
pub fn to_sign_many(kid: [u8; 16], context: &str, payload: &[u8]) -> Vec<u8> {
    let mut out = Out::default();
    out.array(5);
    out.text("Signature");
    out.bytes(&[]);
    out.bytes(&protected(Some(kid)));
    out.bytes(context.as_bytes());
    out.bytes(payload);
    out.finish()
}

/// A COSE object inside its bytes, its payload not copied.
pub(crate) struct SeenCose {
    /// Where the payload's content stands.
    pub(crate) payload_at: Range<usize>,
    /// Who signed.
    pub(crate) signatures: Signatures,
}

impl SeenCose {
    /// Decodes the whole of `raw`, refusing any other encoding of the same value.
    pub(crate) fn decode(raw: &[u8]) -> Result<Self, Code> {
        let mut input = In::new(raw);
        let (payload, signatures) = take_parts(&mut input)?;
        let (before, after) = signatures.around(payload.len());
        let payload_at = before.len()..before.len().saturating_add(payload.len());
        let same = input.at_end() && raw.starts_with(&before) && raw.get(payload_at.end..) == Some(after.as_slice());
        if same { Ok(Self { payload_at, signatures }) } else { Err(Code::BadBytes) }
    }
}

impl Signatures {
    /// The bytes of a COSE object before and after the content of its payload.
    fn around(&self, payload_bytes: usize) -> (Vec<u8>, Vec<u8>) {
        let (mut before, mut after) = (Out::default(), Out::default());
        before.array(4);
        before.bytes(&match self {
            Self::One(kid, _) => protected(*kid),
            Self::Many(_) => Vec::new(),
        });
        before.map(0);
        before.bytes_head(payload_bytes);
        match self {
            Self::One(_, signature) => after.bytes(signature),
            Self::Many(all) => {
                after.array(all.len());
                for (kid, signature) in all {
                    after.array(3);
                    after.bytes(&protected(Some(*kid)));
                    after.map(0);
                    after.bytes(signature);
                }
            }
        }
        (before.finish(), after.finish())
    }
}

impl Cbor for Cose {
    fn put(&self, out: &mut Out) {
        let (before, after) = self.signatures.around(self.payload.len());
        out.raw(&before);
        out.raw(&self.payload);
        out.raw(&after);
    }

    fn take(input: &mut In<'_>) -> Result<Self, Code> {
        let (payload, signatures) = take_parts(input)?;
        Ok(Self { payload: payload.to_vec(), signatures })
    }
}

fn take_parts<'b>(input: &mut In<'b>) -> Result<(&'b [u8], Signatures), Code> {
    input.array_of(4)?;
    let header = input.bytes()?;
    if input.map()? != 0 {
        return Err(Code::BadBytes);
    }
    let payload = input.bytes()?;
    let signatures = if input.next() == Some(Type::Array) {
        if !header.is_empty() {
            return Err(Code::BadBytes);
        }
        take_many(input)?
    } else {
        Signatures::One(take_protected(header)?, <[u8; 64]>::take(input)?)
    };
    Ok((payload, signatures))
}

fn take_many(input: &mut In<'_>) -> Result<Signatures, Code> {
    let n = input.array()?;
    let mut all: Vec<([u8; 16], [u8; 64])> = Vec::new();
    for _ in 0..n {
        input.array_of(3)?;
        let kid = take_protected(input.bytes()?)?.ok_or(Code::BadBytes)?;
        if input.map()? != 0 || all.last().is_some_and(|(last, _)| *last >= kid) {
            return Err(Code::BadBytes);
        }
        all.push((kid, <[u8; 64]>::take(input)?));
    }
    if all.is_empty() {
        return Err(Code::BadBytes);
    }
    Ok(Signatures::Many(all))
}
