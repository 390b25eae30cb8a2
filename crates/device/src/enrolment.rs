//! Enrolment of a further device (protocol §7) through the relay's mailbox. Both sides are asked again and again by
//! their screens; each call does what can be done now and tells where it stands.

mod admin;
mod another;
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failing test may panic")]
    use super::Handed;
    use crate::device::Person;
    use crate::pins::Pins;
    use meguri_wire::cbor::{Cbor, Out};
    use meguri_wire::ids::{FeedId, Hash, StoreId};
    use serde_json::{Value, json};

    /// `[1, store / null, [[feed, ssn, h]…]]`, written out as decision 5 has it.
    fn pins(store: Option<StoreId>, feeds: &[(FeedId, u64, Hash)]) -> String {
        let mut out = Out::default();
        out.array(3);
        out.u64(1);
        store.put(&mut out);
        out.array(feeds.len());
        for (feed, ssn, h) in feeds {
            out.array(3);
            feed.put(&mut out);
            out.u64(*ssn);
            h.put(&mut out);
        }
        let bytes = out.finish();
        assert_eq!(Pins::from_bytes(&bytes).unwrap().to_bytes(), bytes);
        hex::encode(bytes)
    }

    /// `tests/golden/device/policy.json`; `MEGURI_GOLDEN=write` writes it.
    #[test]
    fn the_policy_of_an_outcome_is_golden() {
        let feeds = [(FeedId([1; 16]), 3, Hash([2; 32])), (FeedId([4; 16]), 300, Hash([5; 32]))];
        let made: Vec<Value> = [(Some(StoreId([6; 16])), feeds.as_slice()), (None, &[])]
            .into_iter()
            .map(|(store, feeds)| {
                let person = Person { name: "佐藤 花子".into(), profession: "nurse".into() };
                let policy = serde_json::to_string(&Handed { person, pins: pins(store, feeds) }).unwrap();
                let feeds: Vec<Value> =
                    feeds.iter().map(|(feed, ssn, h)| json!([feed.to_string(), ssn, h.to_string()])).collect();
                json!({ "name": "佐藤 花子", "profession": "nurse", "store": store.map(|id| id.to_string()),
                    "feeds": feeds, "policy": policy })
            })
            .collect();
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/device");
        let path = format!("{folder}/policy.json");
        if std::env::var("MEGURI_GOLDEN").is_ok_and(|mode| mode == "write") {
            std::fs::create_dir_all(folder).unwrap();
            std::fs::write(&path, serde_json::to_string_pretty(&made).unwrap() + "\n").unwrap();
        }
        let stored: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        assert!(made == stored, "policy.json is stale");
        for vector in &stored {
            let handed: Handed = serde_json::from_str(vector.get("policy").and_then(Value::as_str).unwrap()).unwrap();
            Pins::from_bytes(&hex::decode(handed.pins).unwrap()).unwrap();
        }
    }
}
