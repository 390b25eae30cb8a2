//! Controls of a space: its member teams, roles and epochs.

use crate::cbor::{Cbor, In, Out, array, number};
use crate::codes::Code;
use crate::control::Envelope;
use crate::ids::{DeviceId, FrameId, Hash, TeamId};

crate::control::bodies! {
    /// A control of a space feed.
    pub enum SpaceBody {
        /// Begins the space.
        Genesis(SpaceGenesis) = 32,
        /// Adds a team.
        AddMember(AddMember) = 33,
        /// Changes a team's role.
        SetRole(SetRole) = 34,
        /// Removes a team.
        RemoveMember(RemoveMember) = 35,
        /// A new key.
        Epoch(Epoch) = 36,
        /// Adds a reader in an emergency.
        BreakGlass(BreakGlass) = 37,
        /// A manager has reviewed a break-glass.
        Review(Review) = 38,
        /// An envelope or wrap did not open.
        Fault(Fault) = 39,
        /// Takes late items out of quarantine.
        Admit(Admit) = 40,
        /// Strikes items through.
        Repudiate(Repudiate) = 41,
        /// Closes the space for items.
        Archive(Archive) = 42,
    }
}

number! {
    /// What teams share in a space.
    pub enum SpaceKind {
        /// A patient's chart; listed teams only.
        Chart = 0,
        /// The family notebook: staff teams and the household.
        Notebook = 1,
        /// Mail.
        Thread = 2,
        /// One team's own settings, drafts for approval, schedule.
        Office = 3,
    }
    /// What a team may do in a space.
    pub enum Role {
        /// Reads, writes traces.
        Reader = 0,
        /// Writes records too.
        Writer = 1,
        /// Changes membership too.
        Manager = 2,
    }
    /// Why a team leaves.
    pub enum RemoveMemberReason {
        /// By a manager, or by the team itself.
        Removed = 0,
        /// Its `expires` has passed, by any writer.
        Expired = 1,
    }
}

array! {
    /// A team feed's head as a space control cites it.
    pub struct CitedHead {
        /// The whole id of the team's Genesis.
        pub team: FrameId,
        /// The team control cited.
        pub cseq: u64,
        /// Its frame id.
        pub hash: FrameId,
    }

    /// The directory record that lists a team.
    pub struct Listing {
        /// Its place in the directory.
        pub cseq: u64,
        /// Its frame id.
        pub hash: FrameId,
    }

    /// Begins a space. `kid` is a device active in `head.team` at `head`; that
    /// team is the first manager.
    pub struct SpaceGenesis {
        /// Random, makes the feed id unique.
        pub nonce: [u8; 16],
        /// What it is.
        pub space_kind: SpaceKind,
        /// The founding team.
        pub team: TeamId,
        /// Its head.
        pub head: CitedHead,
    }

    /// Adds a team and seals the current epoch key to it.
    pub struct AddMember {
        /// Who.
        pub team: TeamId,
        /// As what.
        pub role: Role,
        /// Every member team's head, the newcomer's included; ascending.
        pub heads: Vec<CitedHead>,
        /// The directory record that lists the team; required in a chart.
        pub listing: Option<Listing>,
        /// SHA-256 of the envelope of the current epoch key.
        pub envelope: Hash,
        /// Ms UTC after which anyone may remove it.
        pub expires: Option<u64>,
    }

    /// Changes a member's role.
    pub struct SetRole {
        /// Who.
        pub team: TeamId,
        /// As what.
        pub role: Role,
    }

    /// Removes a member.
    pub struct RemoveMember {
        /// Who.
        pub team: TeamId,
        /// Why.
        pub reason: RemoveMemberReason,
    }

    /// An older epoch's key under the new one.
    pub struct Wrapped {
        /// The older epoch.
        pub m: u64,
        /// `AEAD(HKDF(K_n, "wrap" ‖ feed ‖ n ‖ m), K_m)`.
        pub sealed: [u8; 48],
    }

    /// A new key of the space.
    pub struct Epoch {
        /// Its number: the previous + 1.
        pub n: u64,
        /// `HKDF(K_n, "kcv")`.
        pub kcv: [u8; 32],
        /// Every member team's head; ascending.
        pub heads: Vec<CitedHead>,
        /// One envelope per member team; ascending by team.
        pub recipients: Vec<Envelope>,
        /// Older keys, ascending by `m`.
        pub wrapped: Vec<Wrapped>,
    }

    /// Adds a team as a reader in an emergency.
    pub struct BreakGlass {
        /// Who.
        pub team: TeamId,
        /// Every member team's head, the newcomer's included; ascending.
        pub heads: Vec<CitedHead>,
        /// The directory record that lists the team; required in a chart.
        pub listing: Option<Listing>,
        /// SHA-256 of the envelope of the current epoch key.
        pub envelope: Hash,
        /// Ms UTC after which anyone may remove it.
        pub expires: u64,
        /// The reason, under the feed's key.
        pub reason: Vec<u8>,
    }

    /// A break-glass was reviewed.
    pub struct Review {
        /// The `cseq` of the `BreakGlass`.
        pub break_glass: u64,
    }

    /// An envelope or wrap of an epoch did not open to the right `kcv`.
    pub struct Fault {
        /// Which epoch.
        pub epoch: u64,
    }

    /// Takes a device's late items, up to and including `upto`.
    pub struct Admit {
        /// Whose.
        pub device: DeviceId,
        /// The last `dseq` taken.
        pub upto: u64,
        /// The id of that item.
        pub last: FrameId,
    }

    /// Strikes a device's items through, `from` … `upto` inclusive.
    pub struct Repudiate {
        /// Whose.
        pub device: DeviceId,
        /// The first `dseq`.
        pub from: u64,
        /// The last `dseq`.
        pub upto: u64,
    }
}

/// Closes the space for items; encoded as an empty array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Archive;

impl Cbor for Archive {
    fn put(&self, out: &mut Out) {
        out.array(0);
    }
    fn take(input: &mut In<'_>) -> Result<Self, Code> {
        input.array_of(0).map(|()| Self)
    }
}

impl SpaceBody {
    /// The heads this control cites, if it is of a citing kind.
    #[must_use]
    pub fn heads(&self) -> Option<&[CitedHead]> {
        match self {
            Self::Genesis(body) => Some(std::slice::from_ref(&body.head)),
            Self::AddMember(body) => Some(&body.heads),
            Self::Epoch(body) => Some(&body.heads),
            Self::BreakGlass(body) => Some(&body.heads),
            Self::SetRole(_)
            | Self::RemoveMember(_)
            | Self::Review(_)
            | Self::Fault(_)
            | Self::Admit(_)
            | Self::Repudiate(_)
            | Self::Archive(_) => None,
        }
    }
}
