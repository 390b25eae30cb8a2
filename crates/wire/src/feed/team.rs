//! A team's rules: staff, devices, key generations and the Kit.

use std::collections::{BTreeMap, BTreeSet};

use crate::cbor::array;
use crate::codes::Code;
use crate::control::{
    AddDevice, Body, CitedHead, DeviceKeys, DeviceRole, Generation, RemoveReason, TeamBody, TeamKind,
};
use crate::feed::{Stop, chained, ensure, hash_at};
use crate::frame::{Control, Frame, Payload};
use crate::ids::{DeviceId, FrameId, Hash, KeyId, StaffId, TeamId, device_id, key_id};
use crate::limits::{CONTROL_TEXT_MAX, KEM_PUBLIC_KEY_BYTES, TEAM_DEVICES_MAX};
use crate::sign::check_key;

/// An AEAD-sealed 32-byte key.
const SEALED_KEY_BYTES: usize = 48;

array! {
    /// A person of the team.
    pub struct StaffState {
        /// The name, sealed.
        pub name: Vec<u8>,
        /// The control that removed the person.
        pub removed: Option<u64>,
    }

    /// When and why a device was removed.
    pub struct Removal {
        /// The control that did it.
        pub cseq: u64,
        /// Why.
        pub reason: RemoveReason,
    }

    /// A device of the team, active or not.
    pub struct DeviceState {
        /// Whose.
        pub staff: StaffId,
        /// What it may do.
        pub role: DeviceRole,
        /// Its keys.
        pub keys: DeviceKeys,
        /// The control that added it.
        pub added: u64,
        /// Set once it is removed.
        pub removed: Option<Removal>,
    }

    /// One key generation.
    pub struct GenerationState {
        /// The control that began it.
        pub since: u64,
        /// The X-Wing public key.
        pub public_key: Vec<u8>,
    }

    /// The newest Kit.
    pub struct KitState {
        /// Its signing key.
        pub signing_key: [u8; 32],
        /// SHA-256 of its KEM key.
        pub kem_key_hash: Hash,
        /// Whether its one frame was written.
        pub spent: bool,
    }

    /// A team after its controls so far.
    pub struct TeamState {
        /// The ids of its controls, in order.
        pub hashes: Vec<FrameId>,
        /// Facility or household.
        pub team_kind: TeamKind,
        /// Everybody, also former.
        pub staff: BTreeMap<StaffId, StaffState>,
        /// Every device, also removed.
        pub devices: BTreeMap<DeviceId, DeviceState>,
        /// The controls that removed a device or person, ascending.
        pub removals: Vec<u64>,
        /// Devices removed as compromised, by control.
        pub compromised: BTreeMap<u64, Vec<DeviceId>>,
        /// Generation 1, 2, …
        pub generations: Vec<GenerationState>,
        /// The newest Kit.
        pub kit: Option<KitState>,
        /// The active devices.
        pub active: BTreeSet<DeviceId>,
        /// The first device: its envelope in the Genesis names its key id.
        pub first_device: DeviceId,
    }
}

/// A checked team control.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamStep {
    id: FrameId,
    cseq: u64,
    body: Body,
    by_kit: bool,
}

impl TeamState {
    /// Checks a team Genesis, signed by the device key it names.
    ///
    /// # Errors
    /// [`Stop::Invalid`].
    pub fn begin(frame: &Frame) -> Result<Self, Stop> {
        let Payload::Control(Control { body: Body::Team(TeamBody::Genesis(body)), .. }) = &frame.payload else {
            return Err(Code::WrongFeed.into());
        };
        frame.verify(&body.keys.signing_key)?;
        check_text(&body.name)?;
        check_generation(&body.generation, 1, 0, &BTreeSet::from([key_id(&body.keys.signing_key).0]))?;
        let team = frame.id.feed();
        let device = device_id(&team, &body.keys.signing_key, &body.keys.kem_key_hash);
        Ok(Self {
            hashes: vec![frame.id],
            team_kind: body.team_kind,
            staff: BTreeMap::from([(body.staff, StaffState { name: body.name.clone(), removed: None })]),
            devices: BTreeMap::from([(
                device,
                DeviceState {
                    staff: body.staff,
                    role: DeviceRole::Admin,
                    keys: body.keys.clone(),
                    added: 1,
                    removed: None,
                },
            )]),
            removals: Vec::new(),
            compromised: BTreeMap::new(),
            generations: vec![GenerationState { since: 1, public_key: body.generation.public_key.clone() }],
            kit: None,
            active: BTreeSet::from([device]),
            first_device: device,
        })
    }

    /// The whole id of the Genesis.
    #[must_use]
    pub fn genesis(&self) -> FrameId {
        self.hashes.first().copied().unwrap_or_default()
    }

    /// The team.
    #[must_use]
    pub fn id(&self) -> TeamId {
        self.genesis().feed()
    }

    /// The number of the last control.
    #[must_use]
    pub fn tip(&self) -> u64 {
        self.hashes.len() as u64
    }

    /// The head as a space control cites it.
    #[must_use]
    pub fn head(&self) -> CitedHead {
        CitedHead { team: self.genesis(), cseq: self.tip(), hash: self.hashes.last().copied().unwrap_or_default() }
    }

    /// The id of a control.
    #[must_use]
    pub fn hash_at(&self, cseq: u64) -> Option<&FrameId> {
        hash_at(&self.hashes, cseq)
    }

    /// A device, active or removed.
    #[must_use]
    pub fn device(&self, device: &DeviceId) -> Option<&DeviceState> {
        self.devices.get(device)
    }

    /// The generation current at control `cseq`, with its number.
    #[must_use]
    pub fn generation_at(&self, cseq: u64) -> Option<(u64, &GenerationState)> {
        let count = self.generations.partition_point(|g| g.since <= cseq);
        let generation = self.generations.get(count.checked_sub(1)?)?;
        Some((count as u64, generation))
    }

    /// Whether a removal lies beyond `base` and at or below `head`.
    #[must_use]
    pub fn removed_between(&self, base: u64, head: u64) -> bool {
        let upto = self.removals.partition_point(|cseq| *cseq <= head);
        upto.checked_sub(1).and_then(|index| self.removals.get(index)).is_some_and(|cseq| *cseq > base)
    }

    /// Whom the next generation is sealed to, besides removals: the active
    /// devices and the unspent Kit.
    #[must_use]
    pub fn recipients(&self) -> BTreeSet<[u8; 16]> {
        let devices = self.active.iter().map(|device| device.0);
        let kit = self.kit.iter().filter(|kit| !kit.spent);
        devices.chain(kit.map(|kit| key_id(&kit.signing_key).0)).collect()
    }

    /// The device behind the recipient of an envelope.
    #[must_use]
    pub fn recipient_device(&self, recipient: &[u8; 16]) -> Option<DeviceId> {
        let device = DeviceId(*recipient);
        if self.devices.contains_key(&device) {
            return Some(device);
        }
        let first = self.devices.get(&self.first_device)?;
        (key_id(&first.keys.signing_key) == KeyId(*recipient)).then_some(self.first_device)
    }

    /// Checks the next control.
    ///
    /// # Errors
    /// [`Stop`].
    pub fn check(&self, frame: &Frame) -> Result<TeamStep, Stop> {
        let control = chained(frame, &self.id(), &self.hashes)?;
        let author = frame.author().ok_or(Code::WrongFeed)?;
        let by_kit = self.check_author(frame, &author)?;
        match &control.body {
            Body::Team(body) => {
                ensure(!by_kit || matches!(body, TeamBody::AddDevice(_)), Code::KitSpent)?;
                let admin = self.devices.get(&author).is_some_and(|device| device.role == DeviceRole::Admin);
                ensure(by_kit || admin, Code::RoleTooLow)?;
                self.check_body(body, by_kit)?;
            }
            Body::Unknown { .. } => {
                ensure(!by_kit, Code::KitSpent)?;
                ensure(!control.body.is_critical_unknown(), Code::VersionTooOld)?;
            }
            Body::Directory(_) | Body::Space(_) => return Err(Code::WrongFeed.into()),
        }
        Ok(TeamStep { id: frame.id, cseq: control.cseq, body: control.body.clone(), by_kit })
    }

    /// Verifies the signature; true if the Kit signed.
    fn check_author(&self, frame: &Frame, author: &DeviceId) -> Result<bool, Stop> {
        if let Some(device) = self.devices.get(author) {
            frame.verify(&device.keys.signing_key)?;
            return match &device.removed {
                None => Ok(false),
                Some(removal) => Err(removal.code().into()),
            };
        }
        let kit = self.kit.as_ref();
        let kit = kit.filter(|kit| key_id(&kit.signing_key).0 == author.0);
        let kit = kit.ok_or(Code::UnknownAuthor)?;
        frame.verify(&kit.signing_key)?;
        ensure(!kit.spent, Code::KitSpent)?;
        Ok(true)
    }

    fn check_body(&self, body: &TeamBody, by_kit: bool) -> Result<(), Stop> {
        match body {
            TeamBody::Genesis(_) => Err(Code::WrongFeed.into()),
            TeamBody::AddStaff(body) => {
                check_text(&body.name)?;
                match self.staff.get(&body.staff) {
                    None => Ok(()),
                    Some(staff) if staff.removed.is_some() => Err(Code::RemovedForEver.into()),
                    Some(_) => Err(Code::AlreadySo.into()),
                }
            }
            TeamBody::RemoveStaff(body) => {
                let staff = self.staff.get(&body.staff).ok_or(Code::UnknownTarget)?;
                ensure(staff.removed.is_none(), Code::AlreadySo)?;
                self.check_removal(&self.devices_of(&body.staff), &body.generation)
            }
            TeamBody::AddDevice(body) => self.check_add_device(body, by_kit),
            TeamBody::RemoveDevice(body) => {
                let device = self.devices.get(&body.device).ok_or(Code::UnknownTarget)?;
                ensure(device.removed.is_none(), Code::AlreadySo)?;
                self.check_removal(&BTreeSet::from([body.device]), &body.generation)
            }
            TeamBody::Kit(body) => {
                check_key(&body.signing_key)?;
                let same = |kit: &KitState| kit.signing_key == body.signing_key;
                ensure(!self.kit.as_ref().is_some_and(same), Code::AlreadySo)
            }
        }
    }

    fn check_add_device(&self, body: &AddDevice, by_kit: bool) -> Result<(), Stop> {
        check_key(&body.keys.signing_key)?;
        let staff = self.staff.get(&body.staff).ok_or(Code::UnknownTarget)?;
        ensure(staff.removed.is_none(), Code::RemovedForEver)?;
        ensure(!by_kit || body.role == DeviceRole::Admin, Code::RoleTooLow)?;
        match self.devices.get(&self.device_id(&body.keys)) {
            Some(device) if device.removed.is_some() => Err(Code::RemovedForEver.into()),
            Some(_) => Err(Code::AlreadySo.into()),
            None => ensure(self.active.len() < TEAM_DEVICES_MAX, Code::TooLarge),
        }
    }

    fn check_removal(&self, removed: &BTreeSet<DeviceId>, generation: &Generation) -> Result<(), Stop> {
        let admin_stays = self
            .active
            .difference(removed)
            .filter_map(|device| self.devices.get(device))
            .any(|device| device.role == DeviceRole::Admin);
        ensure(admin_stays, Code::NoAdmin)?;
        let mut recipients = self.recipients();
        recipients.retain(|recipient| !removed.contains(&DeviceId(*recipient)));
        let next = self.generations.len() as u64 + 1;
        check_generation(generation, next, SEALED_KEY_BYTES, &recipients)
    }

    fn devices_of(&self, staff: &StaffId) -> BTreeSet<DeviceId> {
        let of_staff = |id: &&DeviceId| self.devices.get(id).is_some_and(|d| d.staff == *staff);
        self.active.iter().filter(of_staff).copied().collect()
    }

    fn device_id(&self, keys: &DeviceKeys) -> DeviceId {
        device_id(&self.id(), &keys.signing_key, &keys.kem_key_hash)
    }

    /// Applies a step this state has checked.
    pub fn apply(&mut self, step: TeamStep) {
        self.hashes.push(step.id);
        let Body::Team(body) = step.body else {
            return;
        };
        match body {
            TeamBody::Genesis(_) => {}
            TeamBody::AddStaff(body) => {
                let name = body.name;
                let added = StaffState { name, removed: None };
                self.staff.insert(body.staff, added);
            }
            TeamBody::RemoveStaff(body) => {
                if let Some(staff) = self.staff.get_mut(&body.staff) {
                    staff.removed = Some(step.cseq);
                }
                let devices = self.devices_of(&body.staff);
                self.remove(&devices, step.cseq, body.reason, body.generation);
            }
            TeamBody::AddDevice(body) => {
                let id = self.device_id(&body.keys);
                let device = DeviceState {
                    staff: body.staff,
                    role: body.role,
                    keys: body.keys,
                    added: step.cseq,
                    removed: None,
                };
                self.devices.insert(id, device);
                self.active.insert(id);
                if let Some(kit) = self.kit.as_mut().filter(|_| step.by_kit) {
                    kit.spent = true;
                }
            }
            TeamBody::RemoveDevice(body) => {
                let devices = BTreeSet::from([body.device]);
                self.remove(&devices, step.cseq, body.reason, body.generation);
            }
            TeamBody::Kit(body) => {
                self.kit =
                    Some(KitState { signing_key: body.signing_key, kem_key_hash: body.kem_key_hash, spent: false });
            }
        }
    }

    fn remove(&mut self, devices: &BTreeSet<DeviceId>, cseq: u64, reason: RemoveReason, generation: Generation) {
        for id in devices {
            self.active.remove(id);
            if let Some(device) = self.devices.get_mut(id) {
                device.removed = Some(Removal { cseq, reason });
            }
        }
        self.removals.push(cseq);
        if reason == RemoveReason::Compromised {
            let devices = devices.iter().copied().collect();
            self.compromised.insert(cseq, devices);
        }
        self.generations.push(GenerationState { since: cseq, public_key: generation.public_key });
    }
}

impl Removal {
    /// What an author who was removed so is refused with.
    #[must_use]
    pub fn code(&self) -> Code {
        match self.reason {
            RemoveReason::Compromised => Code::Compromised,
            RemoveReason::Lost | RemoveReason::Retired => Code::Removed,
        }
    }
}

fn check_text(sealed: &[u8]) -> Result<(), Stop> {
    ensure(sealed.len() <= CONTROL_TEXT_MAX, Code::TooLarge)
}

fn check_generation(
    generation: &Generation,
    number: u64,
    previous_bytes: usize,
    recipients: &BTreeSet<[u8; 16]>,
) -> Result<(), Stop> {
    ensure(generation.gen_no == number, Code::BadNumber)?;
    ensure(
        generation.public_key.len() == KEM_PUBLIC_KEY_BYTES && generation.previous.len() == previous_bytes,
        Code::BadBytes,
    )?;
    let named = generation.envelopes.iter().map(|e| &e.recipient);
    ensure(named.eq(recipients.iter()), Code::BadRecipients)
}
