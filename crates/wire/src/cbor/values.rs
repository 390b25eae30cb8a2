//! The encodings of numbers, strings, options, lists, pairs, maps and sets.

use super::{Cbor, In, Out};
use crate::codes::Code;

impl Cbor for u64 {
    fn put(&self, out: &mut Out) {
        out.u64(*self);
    }
    fn take(input: &mut In<'_>) -> Result<Self, Code> {
        input.u64()
    }
}

impl Cbor for bool {
    fn put(&self, out: &mut Out) {
        out.bool(*self);
    }
    fn take(input: &mut In<'_>) -> Result<Self, Code> {
        input.bool()
    }
}

impl Cbor for String {
    fn put(&self, out: &mut Out) {
        out.text(self);
    }
    fn take(input: &mut In<'_>) -> Result<Self, Code> {
        input.text().map(str::to_owned)
    }
}

impl Cbor for Vec<u8> {
    fn put(&self, out: &mut Out) {
        out.bytes(self);
    }
    fn take(input: &mut In<'_>) -> Result<Self, Code> {
        input.bytes().map(<[u8]>::to_vec)
    }
}

impl<const N: usize> Cbor for [u8; N] {
    fn put(&self, out: &mut Out) {
        out.bytes(self);
    }
    fn take(input: &mut In<'_>) -> Result<Self, Code> {
        input.bytes()?.try_into().map_err(|_| Code::BadBytes)
    }
}

/// Absent is `null`.
impl<T: Cbor> Cbor for Option<T> {
    fn put(&self, out: &mut Out) {
        match self {
            Some(value) => value.put(out),
            None => out.null(),
        }
    }
    fn take(input: &mut In<'_>) -> Result<Self, Code> {
        if input.null() {
            return Ok(None);
        }
        T::take(input).map(Some)
    }
}

impl<T: Cbor> Cbor for Vec<T> {
    fn put(&self, out: &mut Out) {
        out.array(self.len());
        for value in self {
            value.put(out);
        }
    }
    fn take(input: &mut In<'_>) -> Result<Self, Code> {
        let n = input.array()?;
        let mut values = Vec::new();
        for _ in 0..n {
            values.push(T::take(input)?);
        }
        Ok(values)
    }
}

impl<A: Cbor, B: Cbor> Cbor for (A, B) {
    fn put(&self, out: &mut Out) {
        out.array(2);
        self.0.put(out);
        self.1.put(out);
    }
    fn take(input: &mut In<'_>) -> Result<Self, Code> {
        input.array_of(2)?;
        Ok((A::take(input)?, B::take(input)?))
    }
}

impl<K: Cbor + Ord, V: Cbor> Cbor for std::collections::BTreeMap<K, V> {
    fn put(&self, out: &mut Out) {
        out.array(self.len());
        for (key, value) in self {
            out.array(2);
            key.put(out);
            value.put(out);
        }
    }
    fn take(input: &mut In<'_>) -> Result<Self, Code> {
        Ok(Vec::<(K, V)>::take(input)?.into_iter().collect())
    }
}

impl<T: Cbor + Ord> Cbor for std::collections::BTreeSet<T> {
    fn put(&self, out: &mut Out) {
        out.array(self.len());
        for value in self {
            value.put(out);
        }
    }
    fn take(input: &mut In<'_>) -> Result<Self, Code> {
        Ok(Vec::<T>::take(input)?.into_iter().collect())
    }
}
