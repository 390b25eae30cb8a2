//! A small region made by hand: a directory, three facilities of two devices each, and a chart of two of them. Every
//! frame is signed and every item sealed as on a device; positions and times are given as a relay does.
#![allow(dead_code, reason = "each user takes its part")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests fail loudly")]

use std::collections::BTreeMap;
use std::convert::Infallible;

use meguri_chart::{Actor, Doc, DocName};
use meguri_seal::export::{ChartExport, DocumentHeads, FeedCopy, FrameCopy};
use meguri_seal::item::{Plain, Unsealed};
use meguri_seal::{ChangeRecord, DeviceSecrets, EpochKey, Generation, seal_item};
use meguri_wire::chain::{Head, SignedHead, h_next, h0};
use meguri_wire::control::*;
use meguri_wire::feed::{DirectoryState, FeedState, Known, SpaceState, TeamState, Verdict};
use meguri_wire::ids::{doc_id, key_id};
use meguri_wire::sign::{Ed25519Signer, Signer};
use meguri_wire::{Control, DeviceId, Frame, FrameId, Hash, Seen, SpaceId, StaffId, StoreId, TeamId};
use rand_core::{TryCryptoRng, TryRng};

pub const STORE: StoreId = StoreId([7; 16]);
pub const BEGIN_MS: u64 = 1_795_305_600_000;
pub const LOG: DocName = DocName::Log(2026);

/// Deterministic and good enough for tests.
pub struct Seeded(pub u64);

impl TryRng for Seeded {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.try_next_u64()? >> 32) as u32)
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Ok(z ^ (z >> 31))
    }
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        for chunk in out.chunks_mut(8) {
            let bytes = self.try_next_u64()?.to_le_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
        Ok(())
    }
}

impl TryCryptoRng for Seeded {}

impl Seeded {
    pub fn random<const N: usize>(&mut self) -> [u8; N] {
        let mut out = [0; N];
        self.try_fill_bytes(&mut out).unwrap();
        out
    }
}

/// One device with what it has in memory.
pub struct Pen {
    pub team: TeamId,
    pub staff: StaffId,
    pub device: DeviceId,
    pub secrets: DeviceSecrets,
    pub signer: Ed25519Signer,
    actor: Actor,
    /// What it last saw of the chart.
    seen: Seen,
}

/// The relay's order of one feed.
pub struct Ordered {
    pub copy: FeedCopy,
}

impl Ordered {
    fn new(frame: &Frame) -> Self {
        let feed = frame.feed();
        Self { copy: FeedCopy { feed, records: Vec::new(), ssn: 0, h: h0(&feed), set_aside: Vec::new() } }
    }

    pub fn push(&mut self, raw: &[u8], received_ms: u64) {
        let ssn = self.copy.ssn + 1;
        self.copy.h = h_next(&self.copy.h, ssn, received_ms, &FrameId::of(raw));
        self.copy.ssn = ssn;
        self.copy.records.push(FrameCopy { ssn, received_ms, frame: raw.to_vec() });
    }
}

/// Numbers and hashes of a copy made anew, as somebody would who wants to hide what he did to its records.
pub fn renumber(copy: &mut FeedCopy) {
    copy.h = h0(&copy.feed);
    for (ssn, record) in (1..).zip(&mut copy.records) {
        record.ssn = ssn;
        copy.h = h_next(&copy.h, ssn, record.received_ms, &FrameId::of(&record.frame));
    }
    copy.ssn = copy.records.len() as u64;
}

pub struct Region {
    pub rng: Seeded,
    pub now_ms: u64,
    pub relay: Ed25519Signer,
    pub directory: Ordered,
    pub teams: Vec<Ordered>,
    pub chart: Ordered,
    pub world: Known,
    pub space: SpaceState,
    pub keys: Vec<EpochKey>,
    /// Two devices of each team: 0 and 1 of the first, 2 and 3 of the second …
    pub pens: Vec<Pen>,
    pub docs: BTreeMap<DocName, Doc>,
    entries: u64,
}

fn next(feed: SpaceId, hashes: &[FrameId], body: Body) -> Control {
    Control { feed: Some(feed), cseq: hashes.len() as u64 + 1, prev_hash: hashes.last().copied(), body }
}

fn first(body: Body) -> Control {
    Control { feed: None, cseq: 1, prev_hash: None, body }
}

fn made<T>(verdict: Verdict<T>) -> T {
    match verdict {
        Verdict::Valid(value) => value,
        Verdict::Waiting(wait) => panic!("waits: {wait:?}"),
        Verdict::Invalid(code) => panic!("invalid: {code}"),
    }
}

impl Region {
    pub fn new(seed: u64) -> Self {
        let mut rng = Seeded(seed);
        let root = Ed25519Signer::own_id(&rng.random()).unwrap();
        let relay = Ed25519Signer::own_id(&rng.random()).unwrap();
        let body = DirectoryGenesis {
            nonce: rng.random(),
            name: "南浜地区".into(),
            threshold: 1,
            roots: vec![root.public_key()],
        };
        let genesis = first(body.into()).sign_directory(&[&root]).unwrap();
        let mut state = DirectoryState::begin(&genesis).unwrap();
        let mut directory = Ordered::new(&genesis);
        directory.push(&genesis.raw, BEGIN_MS);
        let mut list = |body: Body| {
            let frame = next(state.feed(), &state.hashes, body).sign_directory(&[&root]).unwrap();
            let step = state.check(&frame).unwrap();
            state.apply(step);
            directory.push(&frame.raw, BEGIN_MS);
        };
        list(Relay { urls: vec!["http://relay.test".into()], key: relay.public_key() }.into());
        let (mut teams, mut pens, mut world) = (Vec::new(), Vec::new(), Known::default());
        for name in ["ひばり訪問看護", "みなと薬局", "佐伯内科医院"] {
            let (ordered, team, of_team) = team(&mut rng);
            let body = AddFacility {
                name: name.into(),
                code: name.into(),
                facility_type: FacilityType::VisitingNursing,
                team: team.genesis(),
            };
            list(body.into());
            world.teams.insert(team.id(), team);
            teams.push(ordered);
            pens.extend(of_team);
        }
        world.directory = Some(state);
        let founder = &world.teams[&pens[0].team];
        let body = SpaceGenesis {
            nonce: rng.random(),
            space_kind: SpaceKind::Chart,
            team: founder.id(),
            head: founder.head(),
        };
        let genesis = first(body.into()).sign(&pens[0].signer).unwrap();
        let FeedState::Space(space) = made(FeedState::begin(&world, &genesis)) else { panic!("no space") };
        let mut chart = Ordered::new(&genesis);
        chart.push(&genesis.raw, BEGIN_MS);
        let docs = [DocName::Core, LOG].map(|name| (name, Doc::new(space.id().0, name).unwrap())).into();
        let mut region = Self {
            rng,
            now_ms: BEGIN_MS,
            relay,
            directory,
            teams,
            chart,
            world,
            space,
            keys: Vec::new(),
            pens,
            docs,
            entries: 0,
        };
        region.rotate(0);
        region.add_member(0, 2, Role::Writer);
        region
    }

    /// With a dozen items of four devices, two epochs and two documents.
    pub fn with_items(seed: u64) -> Self {
        let mut region = Self::new(seed);
        for round in 0..3 {
            for pen in 0..4 {
                region.pull(pen);
                if pen == 1 {
                    region.put_state(pen)
                } else {
                    region.write(pen, 1)
                };
            }
            if round == 0 {
                region.rotate(0);
            }
        }
        region
    }

    /// The pen sees all there is.
    pub fn pull(&mut self, pen: usize) {
        self.pens[pen].seen = Seen::at(STORE.short(), self.chart.copy.ssn, self.chart.copy.h);
    }

    pub fn heads(&self, extra: Option<TeamId>) -> Vec<CitedHead> {
        let mut teams: Vec<TeamId> = self.space.members.keys().copied().chain(extra).collect();
        teams.sort();
        teams.iter().map(|team| self.world.teams[team].head()).collect()
    }

    pub fn control(&mut self, pen: usize, body: impl Into<Body>) -> Frame {
        let frame = next(self.space.id(), &self.space.hashes, body.into()).sign(&self.pens[pen].signer).unwrap();
        self.take(&frame);
        frame
    }

    pub fn take(&mut self, frame: &Frame) {
        let step = self.space.check(&self.world, frame).unwrap();
        self.space.apply(step);
        self.push(frame);
    }

    /// Into the feed, whatever it is.
    pub fn push(&mut self, frame: &Frame) {
        self.now_ms += 1_000;
        self.chart.push(&frame.raw, self.now_ms);
    }

    pub fn rotate(&mut self, pen: usize) -> Frame {
        let n = self.space.newest_epoch() + 1;
        let key = EpochKey::make(n, &mut self.rng);
        let space = self.space.id();
        let wrapped = self.keys.last().map(|older| Wrapped { m: n - 1, sealed: key.wrap(&space, older).unwrap() });
        let envelope = |team: &TeamId| Envelope { recipient: team.0, hash: Hash::of(&team.0) };
        let body = Epoch {
            n,
            kcv: key.kcv().unwrap(),
            heads: self.heads(None),
            recipients: self.space.members.keys().map(envelope).collect(),
            wrapped: wrapped.into_iter().collect(),
        };
        self.keys.push(key);
        self.control(pen, body)
    }

    pub fn add_member(&mut self, pen: usize, newcomer: usize, role: Role) -> Frame {
        let team = self.pens[newcomer].team;
        let listing = self.world.directory.as_ref().unwrap().facilities[&team].listing.clone();
        let body = AddMember {
            team,
            role,
            heads: self.heads(Some(team)),
            listing: Some(listing),
            envelope: Hash::of(b"envelope"),
            expires: None,
        };
        self.control(pen, body)
    }

    pub fn record(&self, change: Vec<u8>) -> ChangeRecord {
        ChangeRecord { written_at_ms: self.now_ms as i64, zone_min: 540, clock_offset_ms: 12, change }
    }

    /// An item as the pen would sign it next.
    pub fn sealed(&mut self, pen: usize, name: DocName, plain: &Plain) -> Frame {
        let key = self.keys.last().unwrap();
        let pen = &self.pens[pen];
        let tail = self.space.tail(&pen.device);
        let fields = Unsealed {
            feed: self.space.id(),
            class: 0,
            doc: Some(doc_id(&self.space.id(), &name.to_string())),
            dseq: tail.map_or(0, |tail| tail.dseq) + 1,
            prev_item_hash: tail.map(|tail| tail.id),
            seen: pen.seen.clone(),
            blob_ids: Vec::new(),
        };
        let salt = self.rng.random();
        seal_item(key, &pen.device, fields, plain, salt).unwrap().sign(&pen.signer).unwrap()
    }

    /// One item of `count` entries.
    pub fn write(&mut self, pen: usize, count: usize) -> Frame {
        let mut records = Vec::new();
        for _ in 0..count {
            self.entries += 1;
            let mut id = [0; 16];
            id[..8].copy_from_slice(&self.entries.to_be_bytes());
            let body = body(self.entries);
            let doc = self.docs.get_mut(&LOG).unwrap();
            let change = doc.put_entry(&self.pens[pen].actor, id, "note", self.now_ms as i64, &body).unwrap();
            records.push(self.record(change.bytes));
        }
        let frame = self.sealed(pen, LOG, &Plain::changes(&records).unwrap());
        self.take(&frame);
        frame
    }

    pub fn put_state(&mut self, pen: usize) -> Frame {
        self.entries += 1;
        let values = [(format!("memo/m/{}", self.entries), Some(vec![1]))];
        let doc = self.docs.get_mut(&DocName::Core).unwrap();
        let change = doc.put_state(&self.pens[pen].actor, &values).unwrap().unwrap();
        let frame = self.sealed(pen, DocName::Core, &Plain::changes(&[self.record(change.bytes)]).unwrap());
        self.take(&frame);
        frame
    }

    pub fn signed_head(&self) -> Vec<u8> {
        let FeedCopy { feed, ssn, h, .. } = self.chart.copy;
        SignedHead::sign(Head::new(STORE, feed, ssn, h), &self.relay).raw
    }

    pub fn export(&self) -> ChartExport {
        let space = self.space.id();
        let documents = self.docs.iter().filter(|(_, doc)| doc.changes() > 1);
        ChartExport {
            space,
            exported_ms: self.now_ms,
            store: Some(STORE),
            directory: Some(self.directory.copy.clone()),
            // The third facility has no part in the chart.
            teams: self.teams.iter().take(2).map(|team| team.copy.clone()).collect(),
            chart: self.chart.copy.clone(),
            head: None,
            keys: self.keys.clone(),
            names: self.pens.iter().map(|pen| (pen.staff, "試験 花子".to_owned())).collect(),
            documents: documents
                .map(|(name, doc)| DocumentHeads { doc: doc_id(&space, &name.to_string()), heads: doc.heads() })
                .collect(),
            blobs: Vec::new(),
        }
    }
}

/// What an entry holds, as large as a short note.
fn body(n: u64) -> Vec<u8> {
    let inner = minicbor::to_vec(("訴え", n, "食欲あり、夜はよく眠れた。下肢の浮腫は軽くなっている。")).unwrap();
    let mut encoder = minicbor::Encoder::new(Vec::new());
    encoder.map(2).unwrap().u8(0).unwrap().bytes(&inner).unwrap().u8(1).unwrap().i32(540).unwrap();
    encoder.into_writer()
}

fn team(rng: &mut Seeded) -> (Ordered, TeamState, [Pen; 2]) {
    let generation = Generation::make_first(rng);
    let secrets = [DeviceSecrets::make(rng), DeviceSecrets::make(rng)];
    let people = [StaffId(rng.random()), StaffId(rng.random())];
    let public = secrets[0].public().unwrap();
    let recipient = key_id(&public.signing_key).0;
    let body = TeamGenesis {
        nonce: rng.random(),
        team_kind: TeamKind::Facility,
        staff: people[0],
        name: generation.seal_name(&people[0], "試験 花子", rng.random()).unwrap(),
        keys: public.keys(),
        generation: meguri_wire::control::Generation {
            gen_no: 1,
            public_key: generation.public_key().unwrap(),
            previous: Vec::new(),
            envelopes: vec![Envelope { recipient, hash: Hash::of(b"envelope") }],
        },
    };
    let genesis = first(body.into()).sign(&secrets[0].genesis_signer().unwrap()).unwrap();
    let mut state = TeamState::begin(&genesis).unwrap();
    let mut ordered = Ordered::new(&genesis);
    ordered.push(&genesis.raw, BEGIN_MS);
    let name = generation.seal_name(&people[1], "試験 太郎", rng.random()).unwrap();
    let keys = secrets[1].public().unwrap().keys();
    let device = AddDevice { staff: people[1], role: DeviceRole::Member, keys, envelope: Hash::of(b"envelope") };
    for body in [Body::from(AddStaff { staff: people[1], name }), device.into()] {
        let signer = secrets[0].signer(&state.id()).unwrap();
        let frame = next(state.id(), &state.hashes, body).sign(&signer).unwrap();
        let step = state.check(&frame).unwrap();
        state.apply(step);
        ordered.push(&frame.raw, BEGIN_MS);
    }
    let team = state.id();
    let pens = [0, 1].map(|n| {
        let device = secrets[n].public().unwrap().id(&team);
        Pen {
            team,
            staff: people[n],
            device,
            signer: secrets[n].signer(&team).unwrap(),
            secrets: secrets[n].clone(),
            actor: Actor::new(device.0, [n as u8; 8]),
            seen: Seen::nothing(),
        }
    });
    (ordered, state, pens)
}
