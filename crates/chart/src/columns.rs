//! How many values the columns of a change stand for. A few bytes are a run of any length, and Automerge walks and
//! keeps every value of it before anybody could ask how many there are: so they are counted here, before it sees them.
//! Knows the outer form of an uncompressed change and of a column, and no meaning.

/// Type of an uncompressed change; of a compressed one nobody knows the size.
const CHANGE: u8 = 1;
/// Magic and checksum.
const HEAD_BYTES: usize = 8;
const HASH_BYTES: usize = 32;
const LEB128_BYTES_MAX: usize = 10;
/// Of a column's number the type, and whether it is compressed.
const COLUMN_TYPE: u64 = 7;
const COLUMN_COMPRESSED: u64 = 8;
/// Types that are no runs of integers.
const BOOLEAN: u64 = 4;
const STRING: u64 = 5;
const RAW: u64 = 7;

/// Whether these are an uncompressed change and no column of it stands for more values than the change has bytes.
/// Each operation names a key of its own, so no honest change comes near that.
pub(crate) fn bounded(change: &[u8]) -> bool {
    let most = change.len() as u64;
    columns(change).is_some_and(|columns| columns.iter().all(|(kind, data)| fits(*kind, data, most)))
}

/// Type and data of each column.
fn columns(change: &[u8]) -> Option<Vec<(u64, &[u8])>> {
    let mut input = Input(change);
    input.take(HEAD_BYTES)?;
    if input.take(1)? != [CHANGE] {
        return None;
    }
    input.unsigned()?;
    let dependencies = input.length()?;
    input.take(dependencies.checked_mul(HASH_BYTES)?)?;
    input.prefixed()?;
    // seq, start_op, time
    input.unsigned()?;
    input.unsigned()?;
    input.signed()?;
    input.prefixed()?;
    for _ in 0..input.unsigned()? {
        input.prefixed()?;
    }
    let mut lengths = Vec::new();
    for _ in 0..input.unsigned()? {
        let number = input.unsigned()?;
        if number & COLUMN_COMPRESSED != 0 {
            return None;
        }
        lengths.push((number & COLUMN_TYPE, input.length()?));
    }
    lengths.into_iter().map(|(kind, length)| Some((kind, input.take(length)?))).collect()
}

fn fits(kind: u64, data: &[u8], most: u64) -> bool {
    kind == RAW || values(kind, data, most).is_some_and(|values| values <= most)
}

/// The values of a column, as far as `most`; none if it ends too early.
fn values(kind: u64, data: &[u8], most: u64) -> Option<u64> {
    let mut input = Input(data);
    let mut total = 0u64;
    while !input.0.is_empty() && total <= most {
        let run = if kind == BOOLEAN { i64::try_from(input.unsigned()?).ok()? } else { input.signed()? };
        let length = if run == 0 && kind != BOOLEAN { input.unsigned()? } else { run.unsigned_abs() };
        total = total.checked_add(length)?;
        let written = if kind == BOOLEAN || run == 0 {
            0
        } else if run > 0 {
            1
        } else {
            length.min(most)
        };
        for _ in 0..written {
            if kind == STRING {
                input.prefixed()?
            } else {
                input.number()?
            };
        }
    }
    Some(total)
}

struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// The bytes of one LEB128 number.
    fn number(&mut self) -> Option<&'a [u8]> {
        let end = self.0.iter().take(LEB128_BYTES_MAX).position(|byte| byte & 0x80 == 0)?;
        self.take(end + 1)
    }

    fn unsigned(&mut self) -> Option<u64> {
        let number = self.number()?;
        let sum: u128 = number.iter().rev().fold(0, |sum, byte| (sum << 7) | u128::from(byte & 0x7f));
        u64::try_from(sum).ok()
    }

    fn signed(&mut self) -> Option<i64> {
        let number = self.number()?;
        let negative = number.last()? & 0x40 != 0;
        let start = if negative { -1i128 } else { 0 };
        let sum = number.iter().rev().fold(start, |sum, byte| (sum << 7) | i128::from(byte & 0x7f));
        i64::try_from(sum).ok()
    }

    fn length(&mut self) -> Option<usize> {
        usize::try_from(self.unsigned()?).ok()
    }

    fn prefixed(&mut self) -> Option<&'a [u8]> {
        let length = self.length()?;
        self.take(length)
    }
}
