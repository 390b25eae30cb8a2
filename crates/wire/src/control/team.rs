//! Controls of a team: the staff, their devices and the team's key generations.

use crate::cbor::{array, number};
use crate::ids::{DeviceId, Hash, StaffId};

crate::control::bodies! {
    /// A control of a team feed.
    pub enum TeamBody {
        /// Begins the team with its first person, device and generation.
        Genesis(TeamGenesis) = 16,
        /// Adds a person.
        AddStaff(AddStaff) = 17,
        /// Removes a person with all devices.
        RemoveStaff(RemoveStaff) = 18,
        /// Adds a device.
        AddDevice(AddDevice) = 19,
        /// Removes a device.
        RemoveDevice(RemoveDevice) = 20,
        /// Lays down the recovery Kit, replacing the former.
        Kit(Kit) = 21,
    }
}

number! {
    /// What kind of group holds the key.
    pub enum TeamKind {
        /// 施設
        Facility = 0,
        /// 家族
        Household = 1,
    }
    /// What a device may do in its team.
    pub enum DeviceRole {
        /// Writes items only.
        Member = 0,
        /// Signs the team's controls too.
        Admin = 1,
    }
    /// Why a device was removed.
    pub enum RemoveReason {
        /// Lost; managers are asked about its latest grants.
        Lost = 0,
        /// No longer used.
        Retired = 1,
        /// In a stranger's hands: not even late work is taken.
        Compromised = 2,
    }
}

array! {
    /// A sealed copy of a key, by hash; the envelope itself is an attachment.
    pub struct Envelope {
        /// A device id, or a key id (team Genesis, Kit).
        pub recipient: [u8; 16],
        /// SHA-256 of the envelope.
        pub hash: Hash,
    }

    /// One generation of a team's key pair.
    pub struct Generation {
        /// 1, 2, 3 …
        pub gen_no: u64,
        /// The X-Wing public key, 1216 bytes.
        pub public_key: Vec<u8>,
        /// The former seed under `HKDF(seed, "prev")`, 48 bytes; empty in generation 1.
        pub previous: Vec<u8>,
        /// To exactly the active devices and the unspent Kit, ascending by recipient.
        pub envelopes: Vec<Envelope>,
    }

    /// The keys of a device.
    pub struct DeviceKeys {
        /// Ed25519.
        pub signing_key: [u8; 32],
        /// SHA-256 of the X-Wing public key; the key itself is an attachment.
        pub kem_key_hash: Hash,
    }

    /// Begins a team. Empty `kid`, signed by `keys.signing_key`.
    pub struct TeamGenesis {
        /// Random, makes the feed id unique.
        pub nonce: [u8; 16],
        /// Facility or household.
        pub team_kind: TeamKind,
        /// The first person.
        pub staff: StaffId,
        /// The person's name under a key from the seed.
        pub name: Vec<u8>,
        /// The first device, an admin.
        pub keys: DeviceKeys,
        /// Generation 1, with one envelope to the key id of `keys.signing_key`.
        pub generation: Generation,
    }

    /// Adds a person.
    pub struct AddStaff {
        /// Random.
        pub staff: StaffId,
        /// The name under a key from the current seed.
        pub name: Vec<u8>,
    }

    /// Removes a person and all devices of the person.
    pub struct RemoveStaff {
        /// Who.
        pub staff: StaffId,
        /// Why; `compromised` counts for each device.
        pub reason: RemoveReason,
        /// The next generation.
        pub generation: Generation,
    }

    /// Adds a device; its id follows from the team and the keys.
    pub struct AddDevice {
        /// Whose it is.
        pub staff: StaffId,
        /// What it may do.
        pub role: DeviceRole,
        /// Its keys.
        pub keys: DeviceKeys,
        /// SHA-256 of the envelope of the current seed.
        pub envelope: Hash,
    }

    /// Removes a device.
    pub struct RemoveDevice {
        /// Which.
        pub device: DeviceId,
        /// Why.
        pub reason: RemoveReason,
        /// The next generation.
        pub generation: Generation,
    }

    /// The recovery Kit; it may author one `AddDevice` with role admin.
    pub struct Kit {
        /// Its signing key; recipient and `kid` are the key id.
        pub signing_key: [u8; 32],
        /// SHA-256 of its X-Wing public key.
        pub kem_key_hash: Hash,
        /// SHA-256 of the envelope of the current seed.
        pub envelope: Hash,
    }
}
