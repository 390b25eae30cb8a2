//! A table of a public key says of every signature what the one verification of this protocol says of it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fall")]

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use meguri_seal::{KeyTable, verify_many};
use meguri_wire::sign::{Asked, Ed25519Signer, Signer, verify};
use proptest::prelude::*;
use ring::digest::{Context, SHA512};

/// The order of the base point.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// Both verdicts, which are one.
fn verdict(public: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    let one = verify(public, message, signature).is_ok();
    let table = KeyTable::of(public).ok();
    let asked = Asked { public: *public, message: message.to_vec(), signature: *signature };
    let held = verify_many(std::slice::from_ref(&asked), |_| table.as_ref());
    assert_eq!(held, [one], "{public:02x?} {message:02x?} {signature:02x?}");
    one
}

fn challenge(r: &[u8; 32], public: &[u8; 32], message: &[u8]) -> Scalar {
    let mut hash = Context::new(&SHA512);
    [&r[..], public, message].into_iter().for_each(|part| hash.update(part));
    Scalar::from_bytes_mod_order_wide(hash.finish().as_ref().try_into().unwrap())
}

fn joined(r: &[u8; 32], s: &[u8; 32]) -> [u8; 64] {
    std::array::from_fn(|at| if at < 32 { r[at] } else { s[at - 32] })
}

/// A signature whose key and R may hold a point of small order beside their own, by somebody who knows every secret.
fn crafted(
    secret: u64,
    nonce: u64,
    of_key: &EdwardsPoint,
    of_r: &EdwardsPoint,
    message: &[u8],
) -> ([u8; 32], [u8; 64]) {
    let (a, r) = (Scalar::from(secret), Scalar::from(nonce));
    let public = (ED25519_BASEPOINT_POINT * a + of_key).compress().0;
    let seen = (ED25519_BASEPOINT_POINT * r + of_r).compress().0;
    let s = r + challenge(&seen, &public, message) * a;
    (public, joined(&seen, s.as_bytes()))
}

/// `a + b` as integers of 256 bits.
fn sum(a: &[u8; 32], b: &[u8; 32]) -> [u8; 32] {
    let mut carry = 0;
    std::array::from_fn(|at| {
        let both = u16::from(a[at]) + u16::from(b[at]) + carry;
        carry = both >> 8;
        both.to_le_bytes()[0]
    })
}

#[test]
fn small_orders_in_key_and_in_r_are_taken_and_refused_alike() {
    let (mut taken, mut refused) = (0, 0);
    for of_key in &EIGHT_TORSION {
        for of_r in &EIGHT_TORSION {
            for n in 0..6_u64 {
                let (public, signature) = crafted(77 + n, 1234 + n, of_key, of_r, &n.to_le_bytes());
                if verdict(&public, &n.to_le_bytes(), &signature) { taken += 1 } else { refused += 1 }
            }
        }
    }
    // Without a cofactor: those without small order, and those where h happens to make up for it.
    assert!(taken > 6 + 8 && refused > 6 * 32, "{taken} {refused}");
}

#[test]
fn keys_of_small_order_and_two_encodings_of_one_key_are_refused_alike() {
    // y = p − 1 + n in 255 bits: the last that are canonical, and all that are not.
    let last = |n: u8, sign: u8| {
        let mut bytes = [0xff; 32];
        (bytes[0], bytes[31]) = (0xec + n, 0x7f | sign);
        bytes
    };
    let mut keys: Vec<[u8; 32]> = EIGHT_TORSION.iter().map(|point| point.compress().0).collect();
    keys.extend((0..20).flat_map(|n| [last(n, 0), last(n, 0x80)]));
    keys.extend((0..=255_u8).flat_map(|n| {
        [0, 0x80].map(|sign| std::array::from_fn(|at| [n, sign][usize::from(at == 31)] * u8::from(at == 0 || at == 31)))
    }));
    let mut usable = 0;
    for public in &keys {
        // S = 0 and R = −hA are right under a key of small order for one message of a few.
        for r in keys.iter().take(8) {
            for n in 0..4_u8 {
                assert!(!verdict(public, &[n], &joined(r, &[0; 32])));
            }
        }
        usable += usize::from(KeyTable::of(public).is_ok());
    }
    assert!(usable > 0 && usable < keys.len(), "{usable}");
}

#[test]
fn r_in_another_encoding_and_s_beyond_the_order_are_refused_alike() {
    // R = 0: y = 1, which p + 1 encodes too, and so does either with the sign of x set.
    let a = Scalar::from(99_u64);
    let public = (ED25519_BASEPOINT_POINT * a).compress().0;
    let one: [u8; 32] = std::array::from_fn(|at| u8::from(at == 0));
    let mut others = [one; 3];
    others[0][31] = 0x80;
    others[1] = [0xff; 32];
    (others[1][0], others[1][31]) = (0xee, 0x7f);
    others[2] = others[1];
    others[2][31] = 0xff;
    for (r, good) in std::iter::once((one, true)).chain(others.into_iter().map(|other| (other, false))) {
        assert!(CompressedEdwardsY(r).decompress().is_some());
        let s = challenge(&r, &public, b"m") * a;
        assert_eq!(verdict(&public, b"m", &joined(&r, s.as_bytes())), good, "{r:02x?}");
    }
    let signer = Ed25519Signer::own_id(&[7; 32]).unwrap();
    let good = signer.sign(b"m");
    let (r, mut s): ([u8; 32], [u8; 32]) = (good[..32].try_into().unwrap(), good[32..].try_into().unwrap());
    assert!(verdict(&signer.public_key(), b"m", &good));
    for _ in 0..14 {
        s = sum(&s, &ORDER);
        assert!(!verdict(&signer.public_key(), b"m", &joined(&r, &s)));
    }
    for s in [ORDER, [0xff; 32], sum(&ORDER, &[0xff; 32])] {
        assert!(!verdict(&signer.public_key(), b"m", &joined(&r, &s)));
    }
}

#[test]
fn many_keep_their_order_with_and_without_a_table() {
    let signers: Vec<Ed25519Signer> = (0..3).map(|n| Ed25519Signer::own_id(&[n; 32]).unwrap()).collect();
    let tables: Vec<KeyTable> = signers[..2].iter().map(|signer| KeyTable::of(&signer.public_key()).unwrap()).collect();
    let asked: Vec<Asked> = (0..50_u8)
        .map(|n| {
            let signer = &signers[usize::from(n) % 3];
            let signature = signer.sign(&[n - n % 5 % 2]);
            Asked { public: signer.public_key(), message: vec![n], signature }
        })
        .collect();
    let one_by_one: Vec<bool> = asked.iter().map(Asked::holds).collect();
    let table =
        |public: &[u8; 32]| tables.iter().zip(&signers).find(|(_, s)| s.public_key() == *public).map(|(t, _)| t);
    assert_eq!(verify_many(&asked, table), one_by_one);
    assert!(one_by_one.contains(&true) && one_by_one.contains(&false));
    // The table of another key is none.
    assert_eq!(verify_many(&asked, |_| tables.first()), one_by_one);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn signatures_and_what_is_left_of_them_are_judged_alike(
        seed: [u8; 32],
        message in proptest::collection::vec(any::<u8>(), 0..600),
        at in 0_usize..96,
        bit in 0_u32..8,
    ) {
        let signer = Ed25519Signer::own_id(&seed).unwrap();
        let (public, good) = (signer.public_key(), signer.sign(&message));
        prop_assert!(verdict(&public, &message, &good));
        let (mut public, mut changed) = (public, good);
        let flipped = public.iter_mut().chain(&mut changed).nth(at).unwrap();
        *flipped ^= 1 << bit;
        prop_assert!(!verdict(&public, &message, &changed));
        let mut longer = message.clone();
        longer.push(0);
        prop_assert!(!verdict(&signer.public_key(), &longer, &good));
    }

    #[test]
    fn any_bytes_are_judged_alike(public: [u8; 32], r: [u8; 32], mut s: [u8; 32], below: bool) {
        if below {
            s[31] &= 0x0f;
        }
        verdict(&public, b"m", &joined(&r, &s));
    }
}
