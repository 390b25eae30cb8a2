//! Bytes from the relay and from other devices.

use super::canonical;
use meguri_wire::api::{
    Ack, AckRequest, DeviceAck, ErrorBody, HeadsReply, Hint, Info, PullBuffer, PullFeed, PullKind, PullRecord,
    PullRequest, PushFrame, PushReply, PushRequest, PushResult, QuarantineEntry, QuarantineReply,
};
use meguri_wire::cbor::{Cbor, In};
use meguri_wire::chain::{Head, SignedHead};
use meguri_wire::control::Body;
use meguri_wire::cose::{CONTEXT_CONTROL, CONTEXT_ITEM, Cose, Kid, Signatures, to_sign_many, to_sign_one};
use meguri_wire::feed::{DirectoryState, FeedState, Known, SpaceState, TeamState};
use meguri_wire::ids::sha256;
use meguri_wire::limits::{ITEM_BYTES_MAX, NONCE_BUCKET_MS};
use meguri_wire::nonce::{check_nonce, make_nonce};
use meguri_wire::request::{Parts, read_claim, sign_request, verify_request};
use meguri_wire::sign::{Ed25519Signer, Signer, verify};
use meguri_wire::{
    Attachment, BlobId, Code, DeviceId, DocId, FeedId, Frame, FrameId, Hash, KeyId, Payload, StaffId, StoreId,
};
use std::fmt::Display;
use std::str::FromStr;
use std::sync::LazyLock;

/// The golden vectors' clock and nonce key.
const NOW_MS: u64 = 1_800_000_000_000;
const NONCE_KEY: [u8; 32] = [0x11; 32];
/// The golden vectors' first device, first root and relay.
static DEVICE: LazyLock<Ed25519Signer> = LazyLock::new(|| signer(10));
static ROOT: LazyLock<Ed25519Signer> = LazyLock::new(|| signer(1001));
static RELAY: LazyLock<Ed25519Signer> = LazyLock::new(|| signer(2000));

/// A key of the golden vectors.
fn signer(n: u64) -> Ed25519Signer {
    let mut seed = [0x5e; 32];
    seed[..8].copy_from_slice(&n.to_be_bytes());
    Ed25519Signer::own_id(&seed).expect("a seed of 32 bytes")
}

/// Whole COSE bytes of a frame.
pub fn frame(bytes: &[u8]) {
    let Ok(frame) = Frame::decode(bytes) else { return };
    assert_eq!(Frame::decode_owned(bytes.to_vec()).as_ref(), Ok(&frame));
    assert!(bytes.len() <= ITEM_BYTES_MAX);
    assert_eq!(frame.raw, bytes);
    assert_eq!(frame.id.0, sha256(&[bytes]));
    canonical::<Cose>(bytes).expect("a frame is a COSE object");
    match &frame.payload {
        Payload::Item(item) => {
            assert_eq!(frame.feed(), item.feed);
            In::new(&item.aad()).any().expect("the AAD is deterministic");
        }
        Payload::Control(control) => {
            assert_eq!(control.body.is_genesis(), control.cseq == 1);
            canonical::<Body>(&control.body.to_bytes()).expect("a body of a frame");
        }
    }
    let _ = (frame.verify(&DEVICE.public_key()), frame.verify_root(&ROOT.public_key()));
    let _ = FeedState::begin(&Known::default(), &frame);
}

/// A payload that somebody signed: past the signature, as the author of a frame can make it.
pub fn payload(bytes: &[u8]) {
    for kid in [None, Some(DEVICE.kid())] {
        signed_as(bytes, kid);
    }
    let kid = ROOT.kid();
    let signature = ROOT.sign(&to_sign_many(kid, CONTEXT_CONTROL, bytes));
    let raw = Cose { payload: bytes.to_vec(), signatures: Signatures::Many(vec![(kid, signature)]) }.to_bytes();
    if let Ok(taken) = Frame::decode(&raw) {
        assert_eq!(taken.verify_root(&ROOT.public_key()), Ok(()));
        frame(&raw);
    }
}

fn signed_as(bytes: &[u8], kid: Kid) {
    for context in [CONTEXT_ITEM, CONTEXT_CONTROL] {
        let signature = DEVICE.sign(&to_sign_one(kid, context, bytes));
        let raw = Cose { payload: bytes.to_vec(), signatures: Signatures::One(kid, signature) }.to_bytes();
        let Ok(taken) = Frame::decode(&raw) else { return };
        let meant = if taken.item().is_some() { CONTEXT_ITEM } else { CONTEXT_CONTROL };
        assert_eq!(taken.verify(&DEVICE.public_key()).is_ok(), context == meant, "a signature is of one context");
        frame(&raw);
    }
}

/// `[kind, body]` of a control.
pub fn control(bytes: &[u8]) {
    if let Some(body) = canonical::<Body>(bytes) {
        let known = !matches!(body, Body::Unknown { .. });
        assert!(!(known && body.is_critical_unknown()));
        assert!(body.kind() < 48 || !known);
    }
}

/// Each body of the relay's endpoints.
pub fn api(bytes: &[u8]) {
    canonical::<Info>(bytes);
    canonical::<HeadsReply>(bytes);
    canonical::<DeviceAck>(bytes);
    canonical::<PullRequest>(bytes);
    canonical::<PullFeed>(bytes);
    canonical::<PullKind>(bytes);
    canonical::<PullRecord>(bytes);
    canonical::<PushRequest>(bytes);
    canonical::<PushFrame>(bytes);
    canonical::<Attachment>(bytes);
    canonical::<PushReply>(bytes);
    canonical::<PushResult>(bytes);
    canonical::<AckRequest>(bytes);
    canonical::<Ack>(bytes);
    canonical::<QuarantineReply>(bytes);
    canonical::<QuarantineEntry>(bytes);
    canonical::<ErrorBody>(bytes);
}

/// The pull stream, whole and in pieces: the same records, and each the bytes it was cut from.
pub fn pull_stream(bytes: &[u8]) {
    let whole = records(bytes, bytes.len());
    assert_eq!(whole, records(bytes, 61), "cut elsewhere it is another stream");
    let again: Vec<u8> = whole.iter().flat_map(Cbor::to_bytes).collect();
    assert!(bytes.starts_with(&again));
}

fn records(bytes: &[u8], piece: usize) -> Vec<PullRecord> {
    let mut buffer = PullBuffer::default();
    let mut found = Vec::new();
    for chunk in bytes.chunks(piece.max(1)) {
        buffer.push(chunk);
        loop {
            match buffer.next_record() {
                Ok(Some(record)) => found.push(record),
                Ok(None) => break,
                Err(_) => return found,
            }
        }
    }
    found
}

/// A relay's head: the COSE bytes, and a payload the relay did sign.
pub fn head(bytes: &[u8]) {
    canonical::<Cose>(bytes);
    canonical::<Head>(bytes);
    let key = RELAY.public_key();
    let _ = (verify(&[1; 32], bytes, &[2; 64]), SignedHead::decode_verify(bytes, &[1; 32]));
    if let Ok(signed) = SignedHead::decode_verify(bytes, &key) {
        assert_eq!(signed.raw, bytes);
        assert_eq!(SignedHead::sign(signed.head, &*RELAY).raw, bytes, "Ed25519 signs in one way");
    }
    let kid = Some(RELAY.kid());
    let signature = RELAY.sign(&to_sign_one(kid, meguri_wire::cose::CONTEXT_HEAD, bytes));
    let raw = Cose { payload: bytes.to_vec(), signatures: Signatures::One(kid, signature) }.to_bytes();
    match SignedHead::decode_verify(&raw, &key) {
        Ok(signed) => assert_eq!(signed.head.to_bytes(), bytes),
        Err(code) => assert_ne!(code, Code::BadSignature),
    }
}

/// `Signature-Input`, a line break, `Signature`.
pub fn request(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (input, signature) = text.split_once('\n').unwrap_or((&text, ""));
    let parts = |body| Parts { method: "POST", authority: "Relay.example", path: "/v1/push", query: "", body };
    for body in [None, Some(bytes)] {
        let Ok(claim) = read_claim(input, signature, body.is_some()) else { continue };
        let signed = sign_request(&signer(10).as_device(claim.keyid), &parts(body), &claim.nonce);
        assert_eq!(signed.input, input, "another form of the same claim");
        assert_eq!(signed.signature.len(), signature.len());
        let _ = verify_request(&claim, &parts(body), &DEVICE.public_key());
        nonce(&claim.nonce);
    }
    nonce(&text);
}

fn nonce(text: &str) {
    if check_nonce(&NONCE_KEY, NOW_MS, text).is_ok() {
        let mut buckets = (0..=6).map(|n| NOW_MS + n * NONCE_BUCKET_MS - 3 * NONCE_BUCKET_MS);
        assert!(buckets.any(|now_ms| make_nonce(&NONCE_KEY, now_ms) == text));
    }
}

/// Snapshots of feeds in the store of device and relay.
pub fn snapshot(bytes: &[u8]) {
    canonical::<FeedState>(bytes);
    canonical::<DirectoryState>(bytes);
    canonical::<TeamState>(bytes);
    canonical::<SpaceState>(bytes);
}

/// Ids, codes and hints in text.
pub fn text(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    one_text::<DeviceId>(&text);
    one_text::<FeedId>(&text);
    one_text::<StaffId>(&text);
    one_text::<DocId>(&text);
    one_text::<StoreId>(&text);
    one_text::<KeyId>(&text);
    one_text::<FrameId>(&text);
    one_text::<BlobId>(&text);
    one_text::<Hash>(&text);
    one_text::<Code>(&text);
    one_text::<Hint>(&text);
    one_text::<meguri_chart::DocName>(&text);
    canonical::<Code>(bytes);
    let _ = DeviceId::from_slice(bytes);
    let _ = Hash::from_slice(bytes);
}

/// What is read is written in the same words.
fn one_text<T: FromStr + Display>(text: &str) {
    if let Ok(value) = text.parse::<T>() {
        assert_eq!(value.to_string(), text);
    }
}
