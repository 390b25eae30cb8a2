//! Deterministic CBOR (RFC 8949 §4.2) as this protocol uses it: fixed-length
//! arrays of integers, byte strings, text, `null` and arrays.
//!
//! [`Cbor::from_bytes`] decodes, refuses trailing bytes, encodes again and
//! compares, so each value has exactly one encoding.

mod shapes;
mod values;

pub(crate) use shapes::{array, minicbor_by_cbor, number};

use minicbor::data::Type;

use crate::codes::Code;

/// Nesting allowed in a value of a kind this version does not know.
const UNKNOWN_DEPTH_MAX: u8 = 16;

/// An encoder that writes into memory and so cannot fail.
#[derive(Default)]
pub struct Out(Vec<u8>);

impl Out {
    fn head(&mut self, write: impl FnOnce(&mut minicbor::Encoder<&mut Vec<u8>>)) {
        write(&mut minicbor::Encoder::new(&mut self.0));
    }
    /// An unsigned integer.
    pub fn u64(&mut self, n: u64) {
        self.head(|e| drop(e.u64(n).map(drop)));
    }
    /// A signed integer.
    pub fn i64(&mut self, n: i64) {
        self.head(|e| drop(e.i64(n).map(drop)));
    }
    /// A byte string.
    pub fn bytes(&mut self, b: &[u8]) {
        self.head(|e| drop(e.bytes(b).map(drop)));
    }
    /// The head of a byte string of `n` bytes, which follow.
    pub fn bytes_head(&mut self, n: usize) {
        self.head(|e| drop(e.bytes_len(n as u64).map(drop)));
    }
    /// A text string.
    pub fn text(&mut self, s: &str) {
        self.head(|e| drop(e.str(s).map(drop)));
    }
    /// An array of `n` items, which follow.
    pub fn array(&mut self, n: usize) {
        self.head(|e| drop(e.array(n as u64).map(drop)));
    }
    /// A map of `n` pairs, which follow.
    pub fn map(&mut self, n: usize) {
        self.head(|e| drop(e.map(n as u64).map(drop)));
    }
    /// `true` or `false`.
    pub fn bool(&mut self, b: bool) {
        self.head(|e| drop(e.bool(b).map(drop)));
    }
    /// `null`.
    pub fn null(&mut self) {
        self.head(|e| drop(e.null().map(drop)));
    }
    /// One value that is already encoded.
    pub fn raw(&mut self, encoded: &[u8]) {
        self.0.extend_from_slice(encoded);
    }
    /// What was written.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.0
    }
}

/// A decoder over borrowed bytes; every failure is [`Code::BadBytes`].
pub struct In<'b>(minicbor::Decoder<'b>);

impl<'b> In<'b> {
    /// Starts at the first byte.
    #[must_use]
    pub fn new(bytes: &'b [u8]) -> Self {
        Self(minicbor::Decoder::new(bytes))
    }
    /// An unsigned integer.
    ///
    /// # Errors
    /// [`Code::BadBytes`], as for every method here.
    pub fn u64(&mut self) -> Result<u64, Code> {
        self.0.u64().map_err(|_| Code::BadBytes)
    }
    /// A signed integer.
    ///
    /// # Errors
    /// [`Code::BadBytes`].
    pub fn i64(&mut self) -> Result<i64, Code> {
        self.0.i64().map_err(|_| Code::BadBytes)
    }
    /// A byte string of definite length.
    ///
    /// # Errors
    /// [`Code::BadBytes`].
    pub fn bytes(&mut self) -> Result<&'b [u8], Code> {
        self.0.bytes().map_err(|_| Code::BadBytes)
    }
    /// A text string of definite length.
    ///
    /// # Errors
    /// [`Code::BadBytes`].
    pub fn text(&mut self) -> Result<&'b str, Code> {
        self.0.str().map_err(|_| Code::BadBytes)
    }
    /// `true` or `false`.
    ///
    /// # Errors
    /// [`Code::BadBytes`].
    pub fn bool(&mut self) -> Result<bool, Code> {
        self.0.bool().map_err(|_| Code::BadBytes)
    }
    /// The length of an array, which follows.
    ///
    /// # Errors
    /// [`Code::BadBytes`], also for a length beyond the bytes left.
    pub fn array(&mut self) -> Result<usize, Code> {
        let n = self.0.array().ok().flatten().ok_or(Code::BadBytes)?;
        self.bounded(n)
    }
    /// The length of a map, whose pairs follow.
    ///
    /// # Errors
    /// [`Code::BadBytes`], also for a length beyond the bytes left.
    pub fn map(&mut self) -> Result<usize, Code> {
        let n = self.0.map().ok().flatten().ok_or(Code::BadBytes)?;
        self.bounded(n)
    }
    /// An array of exactly `n` items.
    ///
    /// # Errors
    /// [`Code::BadBytes`].
    pub fn array_of(&mut self, n: usize) -> Result<(), Code> {
        if self.array()? == n { Ok(()) } else { Err(Code::BadBytes) }
    }
    /// Whether the next value is `null`; if so it is consumed.
    pub fn null(&mut self) -> bool {
        self.next() == Some(Type::Null) && self.0.null().is_ok()
    }
    /// Whether all bytes are consumed.
    #[must_use]
    pub fn at_end(&self) -> bool {
        self.0.position() == self.0.input().len()
    }
    /// The bytes consumed so far.
    #[must_use]
    pub fn position(&self) -> usize {
        self.0.position()
    }
    /// The type of the next value.
    #[must_use]
    pub fn next(&self) -> Option<Type> {
        self.0.datatype().ok()
    }
    /// One value of any shape in deterministic encoding, as its bytes.
    ///
    /// # Errors
    /// [`Code::BadBytes`], also for floats, tags and deep nesting.
    pub fn any(&mut self) -> Result<Vec<u8>, Code> {
        let start = self.position();
        let mut out = Out::default();
        self.copy(&mut out, UNKNOWN_DEPTH_MAX)?;
        let read = self.0.input().get(start..self.position());
        let encoded = out.finish();
        if read == Some(encoded.as_slice()) { Ok(encoded) } else { Err(Code::BadBytes) }
    }

    fn bounded(&self, n: u64) -> Result<usize, Code> {
        let left = self.0.input().len().saturating_sub(self.0.position());
        usize::try_from(n).ok().filter(|n| *n <= left).ok_or(Code::BadBytes)
    }

    fn copy(&mut self, out: &mut Out, depth: u8) -> Result<(), Code> {
        let deeper = depth.checked_sub(1).ok_or(Code::BadBytes)?;
        let next = self.next().ok_or(Code::BadBytes)?;
        if matches!(next, Type::U8 | Type::U16 | Type::U32 | Type::U64) {
            out.u64(self.u64()?);
        } else if matches!(next, Type::I8 | Type::I16 | Type::I32 | Type::I64) {
            out.i64(self.i64()?);
        } else if next == Type::Bytes {
            out.bytes(self.bytes()?);
        } else if next == Type::String {
            out.text(self.text()?);
        } else if next == Type::Bool {
            out.bool(self.bool()?);
        } else if next == Type::Array {
            let n = self.array()?;
            out.array(n);
            for _ in 0..n {
                self.copy(out, deeper)?;
            }
        } else if next == Type::Map {
            self.copy_map(out, deeper)?;
        } else if self.null() {
            out.null();
        } else {
            return Err(Code::BadBytes);
        }
        Ok(())
    }

    fn copy_map(&mut self, out: &mut Out, depth: u8) -> Result<(), Code> {
        let n = self.map()?;
        out.map(n);
        let mut last: Option<Vec<u8>> = None;
        for _ in 0..n {
            let mut key = Out::default();
            self.copy(&mut key, depth)?;
            let key = key.finish();
            if last.as_ref().is_some_and(|last| *last >= key) {
                return Err(Code::BadBytes);
            }
            out.raw(&key);
            last = Some(key);
            self.copy(out, depth)?;
        }
        Ok(())
    }
}

/// A value with exactly one encoding.
pub trait Cbor: Sized {
    /// Appends the encoding.
    fn put(&self, out: &mut Out);

    /// Reads one value; leniently as to encoding, which [`Cbor::from_bytes`] checks.
    ///
    /// # Errors
    /// [`Code::BadBytes`] or [`Code::VersionTooOld`].
    fn take(input: &mut In<'_>) -> Result<Self, Code>;

    /// The encoding.
    fn to_bytes(&self) -> Vec<u8> {
        let mut out = Out::default();
        self.put(&mut out);
        out.finish()
    }

    /// Decodes the whole of `bytes`, refusing any other encoding of the same value.
    ///
    /// # Errors
    /// [`Code::BadBytes`] or [`Code::VersionTooOld`].
    fn from_bytes(bytes: &[u8]) -> Result<Self, Code> {
        let mut input = In::new(bytes);
        let value = Self::take(&mut input)?;
        let mut again = Out(Vec::with_capacity(bytes.len()));
        value.put(&mut again);
        if input.at_end() && again.0 == bytes { Ok(value) } else { Err(Code::BadBytes) }
    }
}
