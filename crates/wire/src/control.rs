//! Bodies of controls: one enum per feed type, one struct per kind, each a
//! fixed-length array. Kinds 0–63 are critical; each feed type has its range,
//! so a frame is readable without knowing whose feed it stands in.

mod directory;
mod space;
mod team;

pub use directory::{
    AddFacility, DirectoryBody, DirectoryGenesis, FacilityType, MinVersion, Notice, Pack, Relay, RootChange,
    SuspendFacility,
};
pub use space::{
    AddMember, Admit, Archive, BreakGlass, CitedHead, Epoch, Fault, Listing, RemoveMember, RemoveMemberReason,
    Repudiate, Review, Role, SetRole, SpaceBody, SpaceGenesis, SpaceKind, Wrapped,
};
pub use team::{
    AddDevice, AddStaff, DeviceKeys, DeviceRole, Envelope, Generation, Kit, RemoveDevice, RemoveReason, RemoveStaff,
    TeamBody, TeamGenesis, TeamKind,
};

use crate::cbor::{Cbor, In, Out};
use crate::codes::Code;

/// Kinds below this are critical: a program that does not know one stops at it.
pub const CRITICAL_KINDS: u64 = 64;

/// What a control does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// Kinds 0–15.
    Directory(DirectoryBody),
    /// Kinds 16–31.
    Team(TeamBody),
    /// Kinds 32–47.
    Space(SpaceBody),
    /// A kind this version does not know, with its encoded body.
    Unknown {
        /// The kind.
        kind: u64,
        /// The body as it stands in the frame.
        raw: Vec<u8>,
    },
}

impl Body {
    /// The number of the kind.
    #[must_use]
    pub fn kind(&self) -> u64 {
        match self {
            Self::Directory(body) => body.kind(),
            Self::Team(body) => body.kind(),
            Self::Space(body) => body.kind(),
            Self::Unknown { kind, .. } => *kind,
        }
    }

    /// Whether this is an unknown kind that must not be passed over.
    #[must_use]
    pub fn is_critical_unknown(&self) -> bool {
        matches!(self, Self::Unknown { kind, .. } if *kind < CRITICAL_KINDS)
    }

    /// Whether this begins a feed.
    #[must_use]
    pub fn is_genesis(&self) -> bool {
        matches!(
            self,
            Self::Directory(DirectoryBody::Genesis(_))
                | Self::Team(TeamBody::Genesis(_))
                | Self::Space(SpaceBody::Genesis(_))
        )
    }

    pub(crate) fn put(&self, out: &mut Out) {
        match self {
            Self::Directory(body) => body.put(out),
            Self::Team(body) => body.put(out),
            Self::Space(body) => body.put(out),
            Self::Unknown { raw, .. } => out.raw(raw),
        }
    }

    pub(crate) fn take(kind: u64, input: &mut In<'_>) -> Result<Self, Code> {
        if let Some(body) = DirectoryBody::take(kind, input)? {
            return Ok(Self::Directory(body));
        }
        if let Some(body) = TeamBody::take(kind, input)? {
            return Ok(Self::Team(body));
        }
        if let Some(body) = SpaceBody::take(kind, input)? {
            return Ok(Self::Space(body));
        }
        Ok(Self::Unknown { kind, raw: input.any()? })
    }
}

/// An enum of bodies with a fixed number per kind.
macro_rules! bodies {
    ($(#[$doc:meta])* pub enum $name:ident { $($(#[$vdoc:meta])* $variant:ident($ty:ty) = $kind:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$vdoc])* $variant($ty),)* }

        impl $name {
            /// The numbers of all kinds, ascending.
            pub const KINDS: &'static [u64] = &[$($kind),*];

            /// The number of the kind.
            #[must_use]
            pub fn kind(&self) -> u64 {
                match self { $(Self::$variant(_) => $kind,)* }
            }
            pub(crate) fn put(&self, out: &mut crate::cbor::Out) {
                match self { $(Self::$variant(body) => crate::cbor::Cbor::put(body, out),)* }
            }
            pub(crate) fn take(
                kind: u64,
                input: &mut crate::cbor::In<'_>,
            ) -> Result<Option<Self>, crate::codes::Code> {
                Ok(match kind {
                    $($kind => Some(Self::$variant(crate::cbor::Cbor::take(input)?)),)*
                    _ => None,
                })
            }
        }

        $(impl From<$ty> for crate::control::Body {
            fn from(body: $ty) -> Self {
                $name::$variant(body).into()
            }
        })*
    };
}
pub(crate) use bodies;

impl From<DirectoryBody> for Body {
    fn from(body: DirectoryBody) -> Self {
        Self::Directory(body)
    }
}
impl From<TeamBody> for Body {
    fn from(body: TeamBody) -> Self {
        Self::Team(body)
    }
}
impl From<SpaceBody> for Body {
    fn from(body: SpaceBody) -> Self {
        Self::Space(body)
    }
}

impl Cbor for Body {
    /// `[kind, body]`, as stored; inside a frame the two stand in the payload array.
    fn put(&self, out: &mut Out) {
        out.array(2);
        out.u64(self.kind());
        Body::put(self, out);
    }
    fn take(input: &mut In<'_>) -> Result<Self, Code> {
        input.array_of(2)?;
        let kind = input.u64()?;
        Body::take(kind, input)
    }
}
