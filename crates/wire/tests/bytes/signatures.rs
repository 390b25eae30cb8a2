use meguri_wire::Code;
use meguri_wire::sign::{Ed25519Signer, Signer, check_key, verify};

fn bytes<const N: usize>(text: &str) -> [u8; N] {
    hex::decode(text).unwrap().try_into().unwrap()
}

/// RFC 8032 §7.1, TEST 1 … 3: seed, public key, message, signature.
pub const RFC_8032: [(&str, &str, &str, &str); 3] = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
];

#[test]
fn rfc_8032_vectors() {
    for (seed, public, message, signature) in RFC_8032 {
        let signer = Ed25519Signer::own_id(&bytes(seed)).unwrap();
        let message = hex::decode(message).unwrap();
        assert_eq!(signer.public_key(), bytes(public));
        assert_eq!(signer.sign(&message), bytes(signature));
        assert!(verify(&bytes(public), &message, &bytes(signature)).is_ok());
    }
}

#[test]
fn a_signature_plus_the_group_order_is_refused() {
    let (_, public, message, signature) = RFC_8032[1];
    let order: [u8; 32] = bytes("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    let mut signature: [u8; 64] = bytes(signature);
    let mut carry = 0u16;
    for (byte, add) in signature[32..].iter_mut().zip(order) {
        carry += u16::from(*byte) + u16::from(add);
        *byte = carry as u8;
        carry >>= 8;
    }
    let message = hex::decode(message).unwrap();
    let malleated = verify(&bytes(public), &message, &signature);
    assert_eq!(malleated, Err(Code::BadSignature));
}

#[test]
fn keys_of_small_order_or_other_encoding_are_refused() {
    let p_minus_1 = "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f";
    let small = [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        p_minus_1,
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    ];
    for key in small {
        assert_eq!(check_key(&bytes(key)), Err(Code::BadSignature), "{key}");
    }
    // Under the identity, R = [S]B verifies for any message: what the list is for.
    let identity = bytes("0100000000000000000000000000000000000000000000000000000000000000");
    let mut forged = [0; 64];
    forged[0] = 1;
    assert_eq!(verify(&identity, b"x", &forged), Err(Code::BadSignature));
}
