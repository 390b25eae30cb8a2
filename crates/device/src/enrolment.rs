//! Enrolment of a further device (protocol §7) through the relay's mailbox. Both sides are asked again and again by
//! their screens; each call does what can be done now and tells where it stands.

mod admin;
mod newcomer;

use crate::device::{Device, Person};
use crate::relay::Relay;
use meguri_commands::types::EnrolState;
use meguri_commands::{Code, Failure};
use meguri_seal::{EnrolSecret, SealError, Slot};

pub(crate) use admin::Offering;
pub(crate) use newcomer::Joining;

/// How long a mailbox is open, by the relay's clock.
const OPEN_MS: i64 = 10 * 60_000;

/// What is under way on this device; gone when the process ends, which only means to begin again.
#[derive(Default)]
pub(crate) struct Enrolment {
    pub(crate) offering: Option<Offering>,
    pub(crate) joining: Option<Joining>,
}

impl std::fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Enrolment").finish_non_exhaustive()
    }
}

/// What the Outcome's `policy` holds (`docs/decisions/0005-pins-in-the-outcome.md`).
#[derive(serde::Serialize, serde::Deserialize)]
struct Handed {
    #[serde(flatten)]
    person: Person,
    /// The admin's pins, CBOR in hex.
    pins: String,
}

fn mailbox(secret: &EnrolSecret) -> Result<String, Failure> {
    secret.mailbox().map(hex::encode).map_err(|_| Code::Bug.into())
}

/// A slot that does not open was written by somebody without the secret, or damaged on the way.
fn unreadable<E>(_: E) -> Failure {
    Code::BadEnrolCode.with("reason", "unreadable")
}

fn mistyped(error: SealError) -> Failure {
    Code::BadEnrolCode.with("reason", error)
}

/// A mailbox's refusals in the words of enrolment.
fn in_words(failure: Failure) -> Failure {
    match failure.params.get("reason").map(String::as_str) {
        Some("mailbox_gone") => Code::EnrolExpired.into(),
        Some("mailbox_taken") => Code::EnrolUsed.into(),
        _ => failure,
    }
}

fn get(relay: &Relay, secret: &EnrolSecret, slot: Slot) -> Result<Option<Vec<u8>>, Failure> {
    relay.get_slot(&mailbox(secret)?, slot as u8).map_err(in_words)
}

fn put(relay: &Relay, secret: &EnrolSecret, slot: Slot, bytes: Vec<u8>, signed: bool) -> Result<(), Failure> {
    relay.put_slot(&mailbox(secret)?, slot as u8, bytes, signed).map_err(in_words)
}

impl Device {
    fn nonce(&self) -> [u8; 32] {
        let mut nonce = [0; 32];
        self.outside.env.fill_random(&mut nonce);
        nonce
    }
}

/// Where a side stands, with the digits once there are some.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    pub(crate) state: EnrolState,
    pub(crate) digits: Option<String>,
}
