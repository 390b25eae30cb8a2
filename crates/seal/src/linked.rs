//! A change that stands directly on the one before it needs neither its header nor that one's hash: both follow
//! from the change before. 40 bytes a change that no packing can shrink are not sent.
//! Knows the outer form of an Automerge change chunk (magic, checksum, type, length, dependencies) and nothing inside.

use ring::digest::{SHA256, digest};

/// First bytes of every chunk.
const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
/// Type of an uncompressed change.
const CHANGE: u8 = 1;
const HASH: usize = 32;
/// Bytes of a length as LEB128 at most.
const LENGTH_BYTES_MAX: usize = 10;

/// The hash by which a later change names this one; none if it is no uncompressed change.
pub(crate) fn hash(change: &[u8]) -> Option<[u8; HASH]> {
    let hashed = change.strip_prefix(&MAGIC)?.get(4..)?;
    if hashed.first() != Some(&CHANGE) {
        return None;
    }
    digest(&SHA256, hashed).as_ref().try_into().ok()
}

/// What is left of `change` when its header and `before`, its only dependency, are taken away; none if
/// [`lengthen`] would not give it back to the byte.
pub(crate) fn shorten<'a>(change: &'a [u8], before: &[u8; HASH]) -> Option<&'a [u8]> {
    let rest = |start: usize| change.get(start..)?.strip_prefix(&[1])?.strip_prefix(before);
    let rest = (10..=9 + LENGTH_BYTES_MAX).find_map(rest)?;
    (lengthen(rest, before) == change).then_some(rest)
}

/// The whole change from what [`shorten`] left.
pub(crate) fn lengthen(rest: &[u8], before: &[u8; HASH]) -> Vec<u8> {
    let mut hashed = vec![CHANGE];
    let mut length = rest.len() + 1 + HASH;
    loop {
        let low = u8::try_from(length & 0x7f).unwrap_or_default();
        length >>= 7;
        hashed.push(if length == 0 { low } else { low | 0x80 });
        if length == 0 {
            break;
        }
    }
    hashed.push(1);
    hashed.extend_from_slice(before);
    hashed.extend_from_slice(rest);
    let checksum = digest(&SHA256, &hashed);
    let mut change = MAGIC.to_vec();
    change.extend_from_slice(checksum.as_ref().get(..4).unwrap_or_default());
    change.append(&mut hashed);
    change
}
