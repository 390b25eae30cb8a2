use meguri_wire::nonce::{check_nonce, make_nonce};
use meguri_wire::request::*;
use meguri_wire::sign::{Ed25519Signer, Signer, verify};
use meguri_wire::{Code, DeviceId};

const MINUTE_MS: u64 = 60 * 1000;

fn device() -> Ed25519Signer {
    let signer = Ed25519Signer::own_id(&[0x42; 32]).unwrap();
    signer.as_device(DeviceId([0xab; 16]))
}

fn parts() -> Parts<'static> {
    Parts { method: "POST", authority: "relay.example:8443", path: "/v1/push", query: "", body: Some(b"body") }
}

fn check(signed: &SignedHeaders, parts: &Parts<'_>) -> Result<(), Code> {
    let claim = read_claim(&signed.input, &signed.signature, parts.body.is_some())?;
    verify_request(&claim, parts, &device().public_key())
}

#[test]
fn a_signature_covers_every_part() {
    let signed = sign_request(&device(), &parts(), "n0nce");
    assert_eq!(check(&signed, &parts()), Ok(()));
    let others = [
        Parts { method: "PUT", ..parts() },
        Parts { authority: "other.example", ..parts() },
        Parts { path: "/v1/pull", ..parts() },
        Parts { query: "a=1", ..parts() },
        Parts { body: Some(b"Body"), ..parts() },
    ];
    for other in others {
        assert_eq!(check(&signed, &other), Err(Code::BadSignature));
    }
    let without = Parts { body: None, ..parts() };
    assert_eq!(check(&signed, &without), Err(Code::BadRequest));
    let get = sign_request(&device(), &without, "n0nce");
    assert_eq!(get.digest, None);
    assert_eq!(check(&get, &without), Ok(()));
}

#[test]
fn only_the_one_form_is_read() {
    let signed = sign_request(&device(), &parts(), "n0nce");
    let claim = read_claim(&signed.input, &signed.signature, true).unwrap();
    assert_eq!((claim.keyid, claim.nonce.as_str()), (DeviceId([0xab; 16]), "n0nce"));
    let forms = [
        signed.input.replace("sig=", "sig1="),
        signed.input.replace("\"@query\" ", ""),
        signed.input.replace("ed25519", "hmac-sha256"),
        signed.input.replace(TAG, "other"),
        signed.input.replace("n0nce", "n\\\"x"),
        format!("{};created=1", signed.input),
        String::new(),
    ];
    for form in forms {
        let refused = read_claim(&form, &signed.signature, true);
        assert_eq!(refused, Err(Code::BadRequest), "{form}");
    }
    let short = read_claim(&signed.input, "sig=:AAAA:", true);
    assert_eq!(short, Err(Code::BadRequest));
}

#[test]
fn nonces_pass_between_replicas_eleven_minutes_apart() {
    let key = [1; 32];
    let now_ms = 1_800_000_000_000;
    let nonce = make_nonce(&key, now_ms);
    for minutes in [0, 5, 11] {
        assert_eq!(check_nonce(&key, now_ms + minutes * MINUTE_MS, &nonce), Ok(()));
        assert_eq!(check_nonce(&key, now_ms - minutes * MINUTE_MS, &nonce), Ok(()));
    }
    for (key, at, nonce) in [
        (key, now_ms + 20 * MINUTE_MS, nonce.as_str()),
        (key, now_ms - 20 * MINUTE_MS, nonce.as_str()),
        ([2; 32], now_ms, nonce.as_str()),
        (key, now_ms, "AAAA"),
        (key, now_ms, "not base64!"),
    ] {
        assert_eq!(check_nonce(&key, at, nonce), Err(Code::StaleNonce));
    }
}

/// RFC 9421 B.2.6, the Ed25519 example.
#[test]
fn rfc_9421_vector() {
    use base64::{Engine, engine::general_purpose::*};
    let key = URL_SAFE_NO_PAD.decode("JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs").unwrap();
    let signature = STANDARD
        .decode("wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==")
        .unwrap();
    let base = "\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n\"@method\": POST\n\"@path\": /foo\n\"@authority\": example.com\n\"content-type\": application/json\n\"content-length\": 18\n\"@signature-params\": (\"date\" \"@method\" \"@path\" \"@authority\" \"content-type\" \"content-length\");created=1618884473;keyid=\"test-key-ed25519\"";
    let key: [u8; 32] = key.try_into().unwrap();
    assert!(verify(&key, base.as_bytes(), &signature.try_into().unwrap()).is_ok());
}
