//! PADMÉ (Nikitin et al., PETS 2019): lengths leak O(log log n) bits for at
//! most 12 % more bytes. The padding itself is ISO/IEC 7816-4: `0x80`, then zeros.

use crate::error::SealError;

/// The byte that ends the content.
pub(crate) const MARK: u8 = 0x80;

/// The padded length of `length` bytes, never less than `length`.
#[must_use]
pub fn padme(length: u64) -> u64 {
    if length < 2 {
        return length;
    }
    let exponent = length.ilog2();
    let kept = exponent.max(1).ilog2() + 1;
    let dropped = exponent.saturating_sub(kept);
    let mask = (1u64 << dropped) - 1;
    length.saturating_add(mask) & !mask
}

/// The length of `length` bytes with mark and zeros.
#[must_use]
pub fn padded_length(length: u64) -> u64 {
    padme(length.saturating_add(1))
}

/// Appends mark and zeros, up to at least `least` bytes in all.
pub(crate) fn pad(mut bytes: Vec<u8>, least: usize) -> Vec<u8> {
    let length = usize::try_from(padded_length(bytes.len() as u64)).unwrap_or(usize::MAX);
    let length = length.max(least);
    bytes.reserve_exact(length.saturating_sub(bytes.len()));
    bytes.push(MARK);
    bytes.resize(length, 0);
    bytes
}

/// Takes mark and zeros off.
pub(crate) fn unpad(mut bytes: Vec<u8>) -> Result<Vec<u8>, SealError> {
    let mark = bytes.iter().rposition(|b| *b != 0);
    let mark = mark.filter(|at| bytes.get(*at) == Some(&MARK));
    bytes.truncate(mark.ok_or(SealError::BadBytes)?);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failing test may panic")]
    use super::*;

    #[test]
    fn padme_follows_the_paper() {
        for (length, padded) in [
            (0, 0),
            (1, 1),
            (8, 8),
            (9, 10),
            (63, 64),
            (100, 104),
            (1_000, 1_024),
            (1_025, 1_088),
            (1_048_577, 1_081_344),
        ] {
            assert_eq!(padme(length), padded, "{length}");
        }
    }

    #[test]
    fn padding_comes_off_and_never_costs_more_than_an_eighth() {
        for length in (0..3_000).chain([65_535, 65_536, 100_000]) {
            let bytes = vec![0; length];
            let padded = pad(bytes.clone(), 0);
            assert!(padded.len() as u64 <= 2 + length as u64 + length as u64 / 8);
            assert_eq!(unpad(padded).unwrap(), bytes);
        }
        assert_eq!(unpad(vec![0; 9]), Err(SealError::BadBytes));
        assert_eq!(unpad(vec![]), Err(SealError::BadBytes));
        assert_eq!(unpad(vec![1, 0]), Err(SealError::BadBytes));
    }
}
