//! Crockford's base 32 with check bits: the secret's bits, then as many bits of
//! `SHA-256("meguri/v1/code" ‖ secret)` as fill the last character. Two bits
//! find three typos in four at once; the mailbox that is not there finds the rest.

use meguri_wire::ids::sha256;

use super::{SCANNED_BYTES, SPOKEN_BYTES};
use crate::error::SealError;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const BITS: usize = 5;

fn check_byte(secret: &[u8]) -> u8 {
    let [first, ..] = sha256(&[b"meguri/v1/code", secret]);
    first
}

pub(super) fn encode(secret: &[u8]) -> String {
    let mut text = String::new();
    let (mut buffer, mut bits) = (0u32, 0);
    for byte in secret.iter().chain([&check_byte(secret)]) {
        buffer = (buffer << 8) | u32::from(*byte);
        bits += 8;
        while bits >= BITS && text.len() < characters(secret.len()) {
            bits -= BITS;
            let digit = (buffer >> bits) & 31;
            let character = ALPHABET.get(digit as usize).copied().unwrap_or_default();
            text.push(char::from(character));
        }
        buffer &= (1 << bits) - 1;
    }
    text
}

fn characters(bytes: usize) -> usize {
    (bytes * 8).div_ceil(BITS)
}

pub(super) fn decode(text: &str) -> Result<Vec<u8>, SealError> {
    let digits: Vec<u8> = text
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '‐' | '－' | 'ー'))
        .map(digit)
        .collect::<Result<_, _>>()?;
    let length = [SPOKEN_BYTES, SCANNED_BYTES]
        .into_iter()
        .find(|bytes| characters(*bytes) == digits.len())
        .ok_or(SealError::CodeLength)?;
    let mut secret = Vec::new();
    let (mut buffer, mut bits) = (0u32, 0);
    for digit in digits {
        buffer = (buffer << BITS) | u32::from(digit);
        bits += BITS;
        if bits >= 8 && secret.len() < length {
            bits -= 8;
            secret.push(((buffer >> bits) & 255) as u8);
        }
        buffer &= (1 << bits) - 1;
    }
    if buffer == u32::from(check_byte(&secret)) >> (8 - bits) { Ok(secret) } else { Err(SealError::CodeTypo) }
}

fn digit(character: char) -> Result<u8, SealError> {
    let narrow = match character {
        '！'..='～' => char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character),
        other => other,
    };
    let upper = match narrow.to_ascii_uppercase() {
        'I' | 'L' => '1',
        'O' => '0',
        other => other,
    };
    let place = ALPHABET.iter().position(|c| char::from(*c) == upper);
    place.and_then(|place| u8::try_from(place).ok()).ok_or(SealError::CodeCharacter)
}
