//! A small region in memory: keys from numbers, controls signed and applied.

use std::collections::BTreeSet;

use meguri_wire::chain::h0;
use meguri_wire::control::*;
use meguri_wire::feed::{DirectoryState, Known, SpaceState, Stop, TeamState};
use meguri_wire::ids::{device_id, doc_id, key_id};
use meguri_wire::sign::{Ed25519Signer, Signer};
use meguri_wire::{Code, Control, DeviceId, Frame, FrameId, Hash, Item, Seen, SpaceId, StaffId, TeamId};

pub const STORE: [u8; 8] = [7; 8];

pub fn seed(n: u64) -> [u8; 32] {
    let mut seed = [0x5e; 32];
    seed[..8].copy_from_slice(&n.to_be_bytes());
    seed
}

pub fn signer(n: u64) -> Ed25519Signer {
    Ed25519Signer::own_id(&seed(n)).unwrap()
}

pub fn keys(n: u64) -> DeviceKeys {
    thread_local! {
        static MADE: std::cell::RefCell<std::collections::HashMap<u64, DeviceKeys>> = std::cell::RefCell::default();
    }
    let make = || DeviceKeys { signing_key: signer(n).public_key(), kem_key_hash: Hash::of(&n.to_be_bytes()) };
    MADE.with(|made| made.borrow_mut().entry(n).or_insert_with(make).clone())
}

pub fn staff(n: u8) -> StaffId {
    StaffId([n; 16])
}

pub fn envelope(recipient: [u8; 16]) -> Envelope {
    Envelope { recipient, hash: Hash::of(&recipient) }
}

pub fn generation(gen_no: u64, recipients: impl IntoIterator<Item = [u8; 16]>) -> Generation {
    Generation {
        gen_no,
        public_key: vec![gen_no as u8; 1216],
        previous: if gen_no == 1 { vec![] } else { vec![1; 48] },
        envelopes: recipients.into_iter().map(envelope).collect(),
    }
}

/// What a check refused with.
pub fn code<T: std::fmt::Debug>(result: Result<T, Stop>) -> Code {
    match result.unwrap_err() {
        Stop::Invalid(code) => code,
        Stop::Waiting(wait) => panic!("waiting for {wait:?}"),
    }
}

pub fn team_genesis(first: u64) -> Frame {
    Control {
        feed: None,
        cseq: 1,
        prev_hash: None,
        body: TeamGenesis {
            nonce: [first as u8; 16],
            team_kind: TeamKind::Facility,
            staff: staff(1),
            name: b"sealed".to_vec(),
            keys: keys(first),
            generation: generation(1, [key_id(&signer(first).public_key()).0]),
        }
        .into(),
    }
    .sign(&signer(first))
    .unwrap()
}

pub fn team(first: u64) -> TeamState {
    TeamState::begin(&team_genesis(first)).unwrap()
}

pub fn device_of(team: &TeamState, n: u64) -> DeviceId {
    let keys = keys(n);
    device_id(&team.id(), &keys.signing_key, &keys.kem_key_hash)
}

pub fn as_device(team: &TeamState, n: u64) -> Ed25519Signer {
    signer(n).as_device(device_of(team, n))
}

/// The next control of a team by its device `author`.
pub fn team_control(team: &TeamState, author: u64, body: impl Into<Body>) -> Frame {
    next(team.id(), &team.hashes, body.into()).sign(&as_device(team, author)).unwrap()
}

pub fn next(feed: SpaceId, hashes: &[FrameId], body: Body) -> Control {
    Control { feed: Some(feed), cseq: hashes.len() as u64 + 1, prev_hash: hashes.last().copied(), body }
}

pub fn grow(team: &mut TeamState, frame: &Frame) {
    let step = team.check(frame).unwrap();
    team.apply(step);
}

pub fn add_device(n: u64, role: DeviceRole) -> AddDevice {
    AddDevice { staff: staff(1), role, keys: keys(n), envelope: Hash::of(b"envelope") }
}

pub fn remove_device(team: &TeamState, n: u64, reason: RemoveReason) -> RemoveDevice {
    let device = device_of(team, n);
    let mut recipients: BTreeSet<[u8; 16]> = team.recipients();
    recipients.remove(&device.0);
    RemoveDevice { device, reason, generation: generation(team.generations.len() as u64 + 1, recipients) }
}

pub fn directory_genesis() -> Frame {
    let roots = [1001, 1002, 1003].map(signer);
    let mut keys: Vec<[u8; 32]> = roots.iter().map(|root| root.public_key()).collect();
    keys.sort();
    Control {
        feed: None,
        cseq: 1,
        prev_hash: None,
        body: DirectoryGenesis { nonce: [9; 16], name: "巡り地区".to_owned(), threshold: 2, roots: keys }.into(),
    }
    .sign_directory(&[&roots[0], &roots[1]])
    .unwrap()
}

pub fn directory_control(state: &DirectoryState, roots: &[u64], body: impl Into<Body>) -> Frame {
    let signers: Vec<Ed25519Signer> = roots.iter().map(|n| signer(*n)).collect();
    let signers: Vec<&dyn Signer> = signers.iter().map(|s| s as &dyn Signer).collect();
    next(state.feed(), &state.hashes, body.into()).sign_directory(&signers).unwrap()
}

/// Teams 10 and 20 and 30, all listed; a chart of team 10 with devices 10 (admin), 11.
pub struct Region {
    pub known: Known,
    pub space: SpaceState,
    pub teams: [TeamId; 3],
}

impl Region {
    pub fn new() -> Self {
        let mut known = Known::default();
        let mut directory = DirectoryState::begin(&directory_genesis()).unwrap();
        let mut ids = [TeamId::default(); 3];
        for (slot, first) in ids.iter_mut().zip([10, 20, 30]) {
            let mut state = team(first);
            let add = team_control(&state, first, add_device(first + 1, DeviceRole::Member));
            grow(&mut state, &add);
            *slot = state.id();
            let listing = AddFacility {
                name: "つばさ訪問看護".to_owned(),
                code: String::new(),
                facility_type: FacilityType::VisitingNursing,
                team: state.genesis(),
            };
            let frame = directory_control(&directory, &[1001, 1002], listing);
            let step = directory.check(&frame).unwrap();
            directory.apply(step);
            known.teams.insert(state.id(), state);
        }
        known.directory = Some(directory);
        let founder = &known.teams[&ids[0]];
        let genesis = space_genesis(founder, 10, SpaceKind::Chart);
        let space = SpaceState::begin(&known, &genesis).unwrap();
        Self { known, space, teams: ids }
    }

    /// With epoch 1.
    pub fn keyed() -> Self {
        let mut region = Self::new();
        region.rotate(10);
        region
    }

    /// With team 20 as a writer.
    pub fn shared() -> Self {
        let mut region = Self::keyed();
        let add = region.add_member(1, Role::Writer);
        region.put(10, add);
        region
    }

    pub fn state(&self, index: usize) -> &TeamState {
        &self.known.teams[&self.teams[index]]
    }

    /// The team of a device number: 10.. , 20.. , 30..
    pub fn team_of(&self, device: u64) -> &TeamState {
        self.state((device / 10 - 1) as usize)
    }

    pub fn device(&self, n: u64) -> DeviceId {
        device_of(self.team_of(n), n)
    }

    pub fn heads(&self, extra: Option<usize>) -> Vec<CitedHead> {
        let mut teams: BTreeSet<TeamId> = self.space.members.keys().copied().collect();
        teams.extend(extra.map(|index| self.teams[index]));
        teams.iter().map(|t| self.known.teams[t].head()).collect()
    }

    pub fn listing(&self, index: usize) -> Listing {
        let directory = self.known.directory.as_ref().unwrap();
        directory.facilities[&self.teams[index]].listing.clone()
    }

    pub fn add_member(&self, index: usize, role: Role) -> AddMember {
        AddMember {
            team: self.teams[index],
            role,
            heads: self.heads(Some(index)),
            listing: Some(self.listing(index)),
            envelope: Hash::of(b"e"),
            expires: None,
        }
    }

    pub fn break_glass(&self, index: usize, expires: u64) -> BreakGlass {
        BreakGlass {
            team: self.teams[index],
            heads: self.heads(Some(index)),
            listing: Some(self.listing(index)),
            envelope: Hash::of(b"e"),
            expires,
            reason: b"sealed reason".to_vec(),
        }
    }

    pub fn epoch(&self) -> Epoch {
        let n = self.space.newest_epoch() + 1;
        Epoch {
            n,
            kcv: [n as u8; 32],
            heads: self.heads(None),
            recipients: self.space.members.keys().map(|t| envelope(t.0)).collect(),
            wrapped: (n > 1).then_some(Wrapped { m: n - 1, sealed: [1; 48] }).into_iter().collect(),
        }
    }

    pub fn control(&self, author: u64, body: impl Into<Body>) -> Frame {
        next(self.space.id(), &self.space.hashes, body.into()).sign(&as_device(self.team_of(author), author)).unwrap()
    }

    pub fn check(&self, author: u64, body: impl Into<Body>) -> Result<(), Stop> {
        let frame = self.control(author, body);
        self.space.check(&self.known, &frame).map(drop)
    }

    pub fn put(&mut self, author: u64, body: impl Into<Body>) {
        let frame = self.control(author, body);
        self.take(&frame);
    }

    pub fn take(&mut self, frame: &Frame) {
        let step = self.space.check(&self.known, frame).unwrap();
        self.space.apply(step);
    }

    pub fn rotate(&mut self, author: u64) {
        self.put(author, self.epoch());
    }

    pub fn change_team(&mut self, index: usize, author: u64, body: impl Into<Body>) {
        let team = self.known.teams.get_mut(&self.teams[index]).unwrap();
        let frame = team_control(team, author, body);
        grow(team, &frame);
    }

    pub fn remove(&mut self, author: u64, device: u64, reason: RemoveReason) {
        let body = remove_device(self.team_of(device), device, reason);
        self.change_team((device / 10 - 1) as usize, author, body);
    }

    pub fn item(&self, author: u64) -> Item {
        let tail = self.space.tail(&self.device(author));
        Item {
            feed: self.space.id(),
            class: 0,
            doc: Some(doc_id(&self.space.id(), "core")),
            dseq: tail.map_or(0, |tail| tail.dseq) + 1,
            prev_item_hash: tail.map(|tail| tail.id),
            epoch: self.space.newest_epoch().max(1),
            seen: Seen::at(STORE, 1, h0(&self.space.id())),
            blob_ids: vec![],
            salt: [3; 32],
            ciphertext: vec![0; 64],
        }
    }

    pub fn trace(&self, author: u64) -> Item {
        Item { class: 1, doc: None, ..self.item(author) }
    }

    pub fn sign(&self, author: u64, item: &Item) -> Frame {
        item.sign(&as_device(self.team_of(author), author)).unwrap()
    }

    pub fn check_item(&self, author: u64, item: &Item) -> Result<(), Stop> {
        let frame = self.sign(author, item);
        self.space.check(&self.known, &frame).map(drop)
    }

    pub fn write(&mut self, author: u64) -> Frame {
        let frame = self.sign(author, &self.item(author));
        self.take(&frame);
        frame
    }
}

pub fn space_genesis(team: &TeamState, author: u64, space_kind: SpaceKind) -> Frame {
    Control {
        feed: None,
        cseq: 1,
        prev_hash: None,
        body: SpaceGenesis { nonce: [4; 16], space_kind, team: team.id(), head: team.head() }.into(),
    }
    .sign(&as_device(team, author))
    .unwrap()
}
