//! The relay's order: a running hash per feed, and heads signed by the relay.

use crate::cbor::{Cbor, array};
use crate::codes::Code;
use crate::cose::{CONTEXT_HEAD, Cose, Signatures, to_sign_one};
use crate::ids::{FeedId, FrameId, Hash, StoreId, key_id, sha256};
use crate::limits::VERSION;
use crate::sign::{Signer, verify};

/// `H_0 = SHA-256(feed)`.
#[must_use]
pub fn h0(feed: &FeedId) -> Hash {
    Hash(sha256(&[&feed.0]))
}

/// `H_ssn = SHA-256(H_{ssn-1} ‖ ssn ‖ received_ms ‖ id)`, integers u64 big-endian.
#[must_use]
pub fn h_next(previous: &Hash, ssn: u64, received_ms: u64, id: &FrameId) -> Hash {
    Hash(sha256(&[&previous.0, &ssn.to_be_bytes(), &received_ms.to_be_bytes(), &id.0]))
}

array! {
    /// Where a feed stands in one store.
    pub struct Head {
        /// 1.
        pub v: u64,
        /// Which life of the relay's storage.
        pub store_id: StoreId,
        /// Which feed.
        pub feed: FeedId,
        /// The last position.
        pub ssn: u64,
        /// The running hash there.
        pub h: Hash,
    }
}

impl Head {
    /// A head of protocol v1.
    #[must_use]
    pub fn new(store_id: StoreId, feed: FeedId, ssn: u64, h: Hash) -> Self {
        Self { v: VERSION, store_id, feed, ssn, h }
    }
}

/// A head with its signed bytes: evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedHead {
    /// What it says.
    pub head: Head,
    /// The whole COSE bytes.
    pub raw: Vec<u8>,
}

impl SignedHead {
    /// Signs `head` with the relay's key.
    #[must_use]
    pub fn sign(head: Head, signer: &dyn Signer) -> Self {
        let payload = head.to_bytes();
        let kid = Some(signer.kid());
        let signature = signer.sign(&to_sign_one(kid, CONTEXT_HEAD, &payload));
        let raw = Cose { payload, signatures: Signatures::One(kid, signature) }.to_bytes();
        Self { head, raw }
    }

    /// Decodes and verifies under the pinned relay key.
    ///
    /// # Errors
    /// [`Code::BadBytes`], [`Code::VersionTooOld`], [`Code::BadSignature`].
    pub fn decode_verify(raw: &[u8], relay_key: &[u8; 32]) -> Result<Self, Code> {
        let cose = Cose::from_bytes(raw)?;
        let Signatures::One(Some(kid), signature) = cose.signatures else {
            return Err(Code::BadBytes);
        };
        let mut input = crate::cbor::In::new(&cose.payload);
        input.array()?;
        if input.u64()? != VERSION {
            return Err(Code::VersionTooOld);
        }
        let head = Head::from_bytes(&cose.payload)?;
        if kid != key_id(relay_key).0 {
            return Err(Code::BadSignature);
        }
        let message = to_sign_one(Some(kid), CONTEXT_HEAD, &cose.payload);
        verify(relay_key, &message, &signature)?;
        Ok(Self { head, raw: raw.to_vec() })
    }
}
