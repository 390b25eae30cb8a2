//! Identifiers: newtypes over fixed byte arrays, shown as lower hex.

use ring::digest::{SHA256, digest};

use crate::cbor::{Cbor, In, Out};
use crate::codes::Code;

/// SHA-256 over the concatenation of `parts`.
#[must_use]
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = ring::digest::Context::new(&SHA256);
    for part in parts {
        context.update(part);
    }
    first(context.finish().as_ref())
}

/// The first `N` bytes of `bytes`, padded with zeros if there are fewer.
fn first<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    for (to, from) in out.iter_mut().zip(bytes) {
        *to = *from;
    }
    out
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(pub [u8; $len]);

        impl $name {
            /// Length in bytes.
            pub const LEN: usize = $len;

            /// Reads an id from a slice of exactly the right length.
            ///
            /// # Errors
            /// [`Code::BadBytes`] on another length.
            pub fn from_slice(bytes: &[u8]) -> Result<Self, Code> {
                <[u8; $len]>::try_from(bytes).map(Self).map_err(|_| Code::BadBytes)
            }

            /// The bytes.
            #[must_use]
            pub fn as_bytes(&self) -> &[u8] {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl std::str::FromStr for $name {
            type Err = Code;
            fn from_str(text: &str) -> Result<Self, Code> {
                if text.bytes().any(|b| b.is_ascii_uppercase()) {
                    return Err(Code::BadBytes);
                }
                let bytes = hex::decode(text).map_err(|_| Code::BadBytes)?;
                Self::from_slice(&bytes)
            }
        }

        impl From<[u8; $len]> for $name {
            fn from(bytes: [u8; $len]) -> Self {
                Self(bytes)
            }
        }

        impl From<$name> for [u8; $len] {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl AsRef<[u8]> for $name {
            fn as_ref(&self) -> &[u8] {
                &self.0
            }
        }

        impl Cbor for $name {
            fn put(&self, out: &mut Out) {
                out.bytes(&self.0);
            }
            fn take(input: &mut In<'_>) -> Result<Self, Code> {
                Self::from_slice(input.bytes()?)
            }
        }

        crate::cbor::minicbor_by_cbor!($name);
    };
}

id!(
    /// A device: one profile of one person in one team (see [`device_id`]).
    DeviceId, 16
);
id!(
    /// A feed: the first 16 bytes of the id of its Genesis frame.
    FeedId, 16
);
id!(
    /// A person of a team; random.
    StaffId, 16
);
id!(
    /// An Automerge document of a space (see [`doc_id`]).
    DocId, 16
);
id!(
    /// One life of a relay's storage; random, new when storage is new or restored.
    StoreId, 16
);
id!(
    /// A key without a device id: SHA-256(signing key)[..16] (see [`key_id`]).
    KeyId, 16
);
id!(
    /// SHA-256 of the whole COSE bytes of a frame.
    FrameId, 32
);
id!(
    /// SHA-256 of the whole sealed blob.
    BlobId, 32
);
id!(
    /// Any other SHA-256: running hashes, envelope hashes, KEM key hashes.
    Hash, 32
);

/// A team's feed.
pub type TeamId = FeedId;
/// A space's feed.
pub type SpaceId = FeedId;

impl StoreId {
    /// The first 8 bytes, as items carry them in `seen`.
    #[must_use]
    pub fn short(&self) -> [u8; 8] {
        first(&self.0)
    }
}

impl FrameId {
    /// The id of a frame from its whole COSE bytes.
    #[must_use]
    pub fn of(raw: &[u8]) -> Self {
        Self(first(digest(&SHA256, raw).as_ref()))
    }

    /// The feed this frame begins, if it is a Genesis.
    #[must_use]
    pub fn feed(&self) -> FeedId {
        FeedId(first(&self.0))
    }
}

impl Hash {
    /// SHA-256 of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(first(digest(&SHA256, bytes).as_ref()))
    }
}

impl BlobId {
    /// The id of a whole sealed blob.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(first(digest(&SHA256, bytes).as_ref()))
    }
}

/// `SHA-256("meguri/v1/device" ‖ team ‖ signing key ‖ SHA-256(KEM key))[..16]`.
#[must_use]
pub fn device_id(team: &TeamId, signing_key: &[u8; 32], kem_key_hash: &Hash) -> DeviceId {
    DeviceId(first(&sha256(&[b"meguri/v1/device", &team.0, signing_key, &kem_key_hash.0])))
}

/// `SHA-256(signing key)[..16]`: the `kid` of relay, root and Kit keys, and the
/// envelope recipient in a team Genesis and for a Kit.
#[must_use]
pub fn key_id(signing_key: &[u8; 32]) -> KeyId {
    KeyId(first(&sha256(&[signing_key])))
}

/// `SHA-256(space ‖ name)[..16]`, so that two devices which start a document
/// offline agree on its id.
#[must_use]
pub fn doc_id(space: &SpaceId, name: &str) -> DocId {
    DocId(first(&sha256(&[&space.0, name.as_bytes()])))
}
