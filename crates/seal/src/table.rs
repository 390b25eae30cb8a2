//! Ed25519 verification for whoever has many signatures of few authors: multiples of each public key are kept, so that
//! `S·B − h·A` is 86 additions and no doubling.
//!
//! The verdict is that of `meguri_wire::sign::verify` for every input (`docs/decisions/0016-tables-of-public-keys.md`):
//! the same keys are refused, `S` is below the order, `h` is reduced before it is used, the whole point is computed
//! without a cofactor, and its one encoding is compared with `R` byte by byte. Everything here is public, so nothing
//! takes constant time; no secret may come near.

use std::sync::OnceLock;

use curve25519_dalek::constants::ED25519_BASEPOINT_POINT;
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::Identity;
use meguri_wire::Code;
use meguri_wire::sign::{Asked, check_key};
use ring::digest::{Context, SHA512};

/// Bits of a digit.
const DIGIT_BITS: u32 = 6;
/// The greatest digit; the least is one more than its opposite.
const DIGIT_MAX: usize = 1 << (DIGIT_BITS - 1);
/// Digits of a scalar: it is below 2²⁵³, and what the last hands on is nothing.
const DIGITS: usize = 43;

/// A public key with its multiples: 215 KiB, made in the time of about ten verifications.
pub struct KeyTable {
    public: [u8; 32],
    minus: Multiples,
}

/// `n · 64ⁱ · P` for n from 1 to 32, a row for each i.
struct Multiples(Vec<[EdwardsPoint; DIGIT_MAX]>);

impl std::fmt::Debug for KeyTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyTable").finish_non_exhaustive()
    }
}

impl KeyTable {
    /// Of a key that `wire` takes.
    ///
    /// # Errors
    /// [`Code::BadSignature`] for any other, as every signature under it has.
    pub fn of(public: &[u8; 32]) -> Result<Self, Code> {
        check_key(public)?;
        let point = CompressedEdwardsY(*public).decompress().ok_or(Code::BadSignature)?;
        Ok(Self { public: *public, minus: Multiples::of(-point) })
    }
}

/// Says of each whether it holds; of those without a table as `wire` does alone.
pub fn verify_many<'a>(asked: &[Asked], table: impl Fn(&[u8; 32]) -> Option<&'a KeyTable>) -> Vec<bool> {
    asked.chunks(TOGETHER).flat_map(|some| together(some, &table)).collect()
}

/// As many as are divided out by one inversion.
const TOGETHER: usize = 16;

fn together<'a>(asked: &[Asked], table: &impl Fn(&[u8; 32]) -> Option<&'a KeyTable>) -> Vec<bool> {
    let mut sums = [EdwardsPoint::identity(); TOGETHER];
    let told: Vec<Option<bool>> = asked
        .iter()
        .zip(&mut sums)
        .map(|(asked, sum)| match table(&asked.public).filter(|table| table.public == asked.public) {
            Some(table) => match table.sum(asked) {
                Some(point) => {
                    *sum = point;
                    None
                }
                None => Some(false),
            },
            None => Some(asked.holds()),
        })
        .collect();
    let encoded = EdwardsPoint::compress_batch(&sums);
    let holds = |asked: &Asked, encoded: CompressedEdwardsY| asked.signature.starts_with(&encoded.0);
    let each = asked.iter().zip(encoded).zip(told);
    each.map(|((asked, encoded), told)| told.unwrap_or_else(|| holds(asked, encoded))).collect()
}

impl KeyTable {
    /// The point that R must encode; none when S is not below the order.
    fn sum(&self, asked: &Asked) -> Option<EdwardsPoint> {
        let (r, s) = asked.signature.split_first_chunk::<32>()?;
        let s = Option::<Scalar>::from(Scalar::from_canonical_bytes(s.try_into().ok()?))?;
        let of_base = base().add_times(EdwardsPoint::identity(), &s);
        Some(self.minus.add_times(of_base, &self.challenge(r, &asked.message)?))
    }

    /// `SHA-512(R ‖ A ‖ M)` modulo the order.
    fn challenge(&self, r: &[u8; 32], message: &[u8]) -> Option<Scalar> {
        let mut hash = Context::new(&SHA512);
        hash.update(r);
        hash.update(&self.public);
        hash.update(message);
        let wide: [u8; 64] = hash.finish().as_ref().try_into().ok()?;
        Some(Scalar::from_bytes_mod_order_wide(&wide))
    }
}

impl Multiples {
    fn of(point: EdwardsPoint) -> Self {
        let mut step = point;
        let rows = (0..DIGITS).map(|_| {
            let mut next = EdwardsPoint::identity();
            let row = [(); DIGIT_MAX].map(|()| {
                next += step;
                next
            });
            step = next + next;
            row
        });
        Self(rows.collect())
    }

    /// `sum + scalar · P`, exactly, whatever the order of P: the scalar is taken as the integer below the order that it is.
    fn add_times(&self, mut sum: EdwardsPoint, scalar: &Scalar) -> EdwardsPoint {
        let mut carry = 0;
        for (row, digit) in self.0.iter().zip(digits(scalar)) {
            let digit = digit + carry;
            let down = digit > DIGIT_MAX;
            carry = usize::from(down);
            let size = if down { 2 * DIGIT_MAX - digit } else { digit };
            let Some(multiple) = size.checked_sub(1).and_then(|index| row.get(index)) else { continue };
            if down { sum -= multiple } else { sum += multiple }
        }
        sum
    }
}

/// The scalar in digits from 0 to 63, the least first: each three bytes are four.
fn digits(scalar: &Scalar) -> impl Iterator<Item = usize> + '_ {
    scalar.as_bytes().chunks(3).flat_map(|three| {
        let bits = three.iter().rev().fold(0, |bits, byte| bits << 8 | usize::from(*byte));
        (0..4).map(move |digit| bits >> (digit * DIGIT_BITS) & (2 * DIGIT_MAX - 1))
    })
}

/// Multiples of the base point.
fn base() -> &'static Multiples {
    static BASE: OnceLock<Multiples> = OnceLock::new();
    BASE.get_or_init(|| Multiples::of(ED25519_BASEPOINT_POINT))
}

#[cfg(test)]
mod tests {
    use curve25519_dalek::constants::EIGHT_TORSION;

    use super::*;

    #[test]
    fn every_edge_of_the_digits_multiplies_as_the_library_does() {
        let (base, greatest) = (ED25519_BASEPOINT_POINT, -Scalar::ONE);
        let mut scalars = vec![Scalar::ZERO, Scalar::ONE, greatest, greatest - Scalar::ONE];
        // One digit everywhere, so that carries run through all of them or none, up to each length.
        for digit in [31_u64, 32, 33, 63] {
            let mut scalar = Scalar::ZERO;
            for _ in 0..42 {
                scalar = scalar * Scalar::from(64_u64) + Scalar::from(digit);
                scalars.push(scalar);
            }
        }
        let mut power = Scalar::ONE;
        for _ in 0..252 {
            scalars.extend([power, power - Scalar::ONE, -power]);
            power += power;
        }
        // With a point of order 8 beside it a scalar is not the same as one that differs by the order.
        for point in EIGHT_TORSION.map(|small| base + small) {
            let multiples = Multiples::of(point);
            for scalar in &scalars {
                assert_eq!(multiples.add_times(base, scalar), base + point * scalar, "{scalar:?}");
            }
        }
    }
}
