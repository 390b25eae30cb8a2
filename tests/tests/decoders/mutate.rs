//! What is done to good and nasty bytes. The same dice give the same bytes.

use meguri_testkit::Dice;

/// Longer inputs are cut: a doubled one that is doubled again finds nothing.
const BYTES_MAX: usize = 16 * 1024;

/// CBOR heads that say another length, number or type than what follows.
const HEADS: &[&[u8]] = &[
    &[0x00],
    &[0x01],
    &[0x17],
    &[0x18, 0x17],
    &[0x18, 0x18],
    &[0x19, 0x00, 0xff],
    &[0x1a, 0x7f, 0xff, 0xff, 0xff],
    &[0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    &[0x1b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    &[0x1b, 0x80, 0, 0, 0, 0, 0, 0, 0],
    &[0x20],
    &[0x3b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    &[0x3b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    &[0x40],
    &[0x50],
    &[0x58, 0x20],
    &[0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    &[0x5b, 0x00, 0x00, 0x00, 0x00, 0x7f, 0xff, 0xff, 0xff],
    &[0x5f],
    &[0x60],
    &[0x7b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    &[0x7f],
    &[0x80],
    &[0x98, 0x06],
    &[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    &[0x9b, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff],
    &[0x9f],
    &[0xa0],
    &[0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    &[0xbf],
    &[0xc0],
    &[0xd8, 0x40],
    &[0xf4],
    &[0xf5],
    &[0xf6],
    &[0xf7],
    &[0xf9, 0x7e, 0x00],
    &[0xfb, 0, 0, 0, 0, 0, 0, 0, 0],
    &[0xff],
];

/// One input with one to four things done to it, mostly one of the family's own.
pub fn mutated(dice: &Dice, own: &[Vec<u8>], all: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = pick(dice, if dice.chance(90) { own } else { all }).clone();
    for _ in 0..=dice.below(4) {
        step(dice, if dice.chance(70) { own } else { all }, &mut bytes);
        bytes.truncate(BYTES_MAX);
    }
    bytes
}

fn step(dice: &Dice, inputs: &[Vec<u8>], bytes: &mut Vec<u8>) {
    let at = below(dice, bytes.len() + 1);
    let upto = (at + 1 + below(dice, 9)).min(bytes.len());
    match dice.below(11) {
        // one bit
        0 | 1 => set(bytes, at, |byte| byte ^ (1 << dice.below(8))),
        // any byte
        2 => set(bytes, at, |byte| byte ^ (dice.below(255) as u8 + 1)),
        // a length or number of one more or less
        3 | 4 => {
            let by = if dice.chance(50) { 1 } else { 255 };
            set(bytes, at, |byte| byte.wrapping_add(by));
        }
        // another head in place of one
        5 | 6 => {
            let head = HEADS[below(dice, HEADS.len())];
            let over = if dice.chance(50) { head.len() } else { 1 };
            bytes.splice(at..(at + over).min(bytes.len()), head.iter().copied());
        }
        // cut
        7 => bytes.truncate(at),
        // some bytes gone
        8 => drop(bytes.drain(at.min(upto)..upto)),
        // doubled: some bytes, or all
        9 => {
            let part = if dice.chance(50) { bytes[at.min(upto)..upto].to_vec() } else { bytes.clone() };
            bytes.splice(at..at, part);
        }
        // the beginning of this, the end of another
        _ => {
            let other = pick(dice, inputs);
            bytes.truncate(at);
            bytes.extend_from_slice(&other[below(dice, other.len() + 1)..]);
        }
    }
}

fn set(bytes: &mut [u8], at: usize, to: impl FnOnce(u8) -> u8) {
    if let Some(byte) = bytes.get_mut(at) {
        *byte = to(*byte);
    }
}

fn pick<'a>(dice: &Dice, inputs: &'a [Vec<u8>]) -> &'a Vec<u8> {
    &inputs[below(dice, inputs.len())]
}

fn below(dice: &Dice, end: usize) -> usize {
    usize::try_from(dice.below(end as u64)).unwrap()
}
