//! A region in memory for the tests: a directory, teams of one device, and a
//! relay that only gives positions. Every frame is made and signed as on a device.
#![allow(dead_code)] // each test file uses its part

use meguri_replica::{Append, DeviceInfo, EntryBody, NewEntry, Replica};
use meguri_seal::{DeviceSecrets, EpochKey, EpochRecipient, Generation};
use meguri_wire::api::PullRecord;
use meguri_wire::control::*;
use meguri_wire::sign::{Ed25519Signer, Signer};
use meguri_wire::{Attachment, Control, DeviceId, FeedId, Frame, Hash, SpaceId, StaffId, TeamId};
use rand_core::{TryCryptoRng, TryRng};
use std::convert::Infallible;
use uuid::Uuid;

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

fn random<const N: usize>(rng: &mut Seeded) -> [u8; N] {
    let mut out = [0; N];
    rng.try_fill_bytes(&mut out).unwrap();
    out
}

/// One person with one device, a team of their own.
pub struct Person {
    pub secrets: DeviceSecrets,
    pub generation: Generation,
    pub info: DeviceInfo,
    pub genesis: Frame,
    pub attachments: Vec<Attachment>,
}

impl Person {
    pub fn make(rng: &mut Seeded) -> Self {
        let secrets = DeviceSecrets::make(rng);
        let generation = Generation::make_first(rng);
        let public = secrets.public().unwrap();
        let recipient = public.key_id().0;
        let staff = StaffId(random(rng));
        let envelope = generation.seal_envelope(None, recipient, &public.kem_key, recipient, rng).unwrap();
        let body = TeamGenesis {
            nonce: random(rng),
            team_kind: TeamKind::Facility,
            staff,
            name: generation.seal_name(&staff, "試験 花子", random(rng)).unwrap(),
            keys: public.keys(),
            generation: meguri_wire::control::Generation {
                gen_no: 1,
                public_key: generation.public_key().unwrap(),
                previous: Vec::new(),
                envelopes: vec![Envelope { recipient, hash: Hash::of(&envelope) }],
            },
        };
        let control = Control { feed: None, cseq: 1, prev_hash: None, body: body.into() };
        let genesis = control.sign(&secrets.genesis_signer().unwrap()).unwrap();
        let team = genesis.feed();
        let info = DeviceInfo { device: public.id(&team), team, staff, incarnation: random(rng) };
        let attachments =
            vec![Attachment { recipient, bytes: public.kem_key.clone() }, Attachment { recipient, bytes: envelope }];
        Self { secrets, generation, info, genesis, attachments }
    }

    pub fn team(&self) -> TeamId {
        self.info.team
    }

    pub fn signer(&self) -> Ed25519Signer {
        self.secrets.signer(&self.info.team).unwrap()
    }
}

/// Orders frames as a relay does.
#[derive(Default)]
pub struct Relay {
    pub feeds: std::collections::BTreeMap<FeedId, Vec<PullRecord>>,
    /// Milliseconds since [`NOW`].
    pub clock: u64,
}

impl Relay {
    pub fn push(&mut self, frame: &Frame, attachments: Vec<Attachment>) {
        self.clock += 10;
        let feed = self.feeds.entry(frame.feed()).or_default();
        if feed.iter().any(|record| record.frame == frame.raw) {
            return;
        }
        let record = PullRecord {
            feed: frame.feed(),
            ssn: feed.len() as u64 + 1,
            received_ms: 1_800_000_000_000 + self.clock,
            frame: frame.raw.clone(),
            attachments,
        };
        feed.push(record);
    }

    /// Everything a replica does not hold yet, feed by feed.
    pub fn page(&self, replica: &Replica) -> Vec<PullRecord> {
        let cursors = replica.cursors().unwrap();
        let at = |feed: &FeedId| cursors.iter().find(|(f, ..)| f == feed).map_or(0, |(_, ssn, _)| *ssn);
        self.feeds.iter().flat_map(|(feed, all)| all.iter().skip(at(feed) as usize)).cloned().collect()
    }
}

pub const KEY: [u8; 32] = [0x42; 32];
pub const NOW: i64 = 1_800_000_000_000;

/// Directory, two persons (alice manages, bob writes) and a chart with its first epoch.
pub struct Region {
    pub rng: Seeded,
    pub relay: Relay,
    pub alice: Person,
    pub bob: Person,
    pub directory: Vec<Frame>,
}

impl Region {
    pub fn new(seed: u64) -> Self {
        let mut rng = Seeded(seed);
        let (alice, bob) = (Person::make(&mut rng), Person::make(&mut rng));
        let mut relay = Relay::default();
        let root = Ed25519Signer::own_id(&random(&mut rng)).unwrap();
        let body = DirectoryGenesis {
            nonce: random(&mut rng),
            name: "試験地域".into(),
            threshold: 1,
            roots: vec![root.public_key()],
        };
        let control = Control { feed: None, cseq: 1, prev_hash: None, body: body.into() };
        let mut directory = vec![control.sign_directory(&[&root]).unwrap()];
        for (person, name) in [(&alice, "ひばり訪問看護"), (&bob, "みなと薬局")] {
            let last = directory.last().unwrap();
            let body = AddFacility {
                name: name.into(),
                code: name.into(),
                facility_type: FacilityType::VisitingNursing,
                team: person.genesis.id,
            };
            let control = Control {
                feed: Some(directory[0].feed()),
                cseq: directory.len() as u64 + 1,
                prev_hash: Some(last.id),
                body: body.into(),
            };
            directory.push(control.sign_directory(&[&root]).unwrap());
        }
        for frame in &directory {
            relay.push(frame, Vec::new());
        }
        for person in [&alice, &bob] {
            relay.push(&person.genesis, person.attachments.clone());
        }
        Self { rng, relay, alice, bob, directory }
    }

    /// A chart of alice's team with bob's as a writer; its controls are at the relay.
    pub fn chart(&mut self, founder: &Replica, patient: Uuid) -> SpaceId {
        let signer = self.alice.signer();
        let team = founder.team(&self.alice.team()).unwrap().unwrap();
        let bob_team = founder.team(&self.bob.team()).unwrap().unwrap();
        let body = SpaceGenesis {
            nonce: random(&mut self.rng),
            space_kind: SpaceKind::Chart,
            team: team.id(),
            head: team.head(),
        };
        let genesis = Control { feed: None, cseq: 1, prev_hash: None, body: body.into() }.sign(&signer).unwrap();
        let space = genesis.feed();
        founder.add_space(&space, patient, &genesis, &[self.bob.team()]).unwrap();
        assert!(founder.pending_genesis(&space).unwrap().is_some());
        let key = EpochKey::make(1, &mut self.rng);
        let (envelope, attachment) =
            self.envelope(&key, &space, &self.alice.team(), &team.generations[0].public_key.clone());
        let body = Epoch {
            n: 1,
            kcv: key.kcv().unwrap(),
            heads: vec![team.head()],
            recipients: vec![envelope],
            wrapped: Vec::new(),
        };
        let epoch = Control { feed: Some(space), cseq: 2, prev_hash: Some(genesis.id), body: body.into() }
            .sign(&signer)
            .unwrap();
        self.relay.push(&genesis, Vec::new());
        self.relay.push(&epoch, vec![attachment]);
        let (envelope, attachment) =
            self.envelope(&key, &space, &self.bob.team(), &bob_team.generations[0].public_key.clone());
        let mut heads = vec![team.head(), bob_team.head()];
        heads.sort_by_key(|head| head.team.feed());
        let body = AddMember {
            team: self.bob.team(),
            role: Role::Writer,
            heads,
            listing: Some(Listing { cseq: 3, hash: self.directory[2].id }),
            envelope: envelope.hash,
            expires: None,
        };
        let add =
            Control { feed: Some(space), cseq: 3, prev_hash: Some(epoch.id), body: body.into() }.sign(&signer).unwrap();
        self.relay.push(&add, vec![attachment]);
        space
    }

    /// A next epoch by alice for both teams, with these wraps of older keys.
    pub fn rotate(&mut self, founder: &Replica, space: &SpaceId, key: &EpochKey, wrapped: Vec<Wrapped>) {
        self.rotate_to(founder, space, key, wrapped, None);
    }

    /// As [`Region::rotate`]; bob's envelope names his team and is sealed to `instead`, if given.
    pub fn rotate_to(
        &mut self,
        founder: &Replica,
        space: &SpaceId,
        key: &EpochKey,
        wrapped: Vec<Wrapped>,
        instead: Option<&[u8]>,
    ) {
        let bob = self.bob.team();
        let frames = self.relay.feeds[space].iter().map(|record| Frame::decode(&record.frame).unwrap());
        let controls: Vec<Frame> = frames.filter(|frame| frame.control().is_some()).collect();
        let mut teams = [self.alice.team(), self.bob.team()].map(|team| founder.team(&team).unwrap().unwrap()).to_vec();
        teams.sort_by_key(meguri_wire::feed::TeamState::id);
        let (mut recipients, mut attachments) = (Vec::new(), Vec::new());
        for team in &teams {
            let its = &team.generations[0].public_key[..];
            let public_key = instead.filter(|_| team.id() == bob).unwrap_or(its);
            let (envelope, attachment) = self.envelope(key, space, &team.id(), public_key);
            recipients.push(envelope);
            attachments.push(attachment);
        }
        let heads = teams.iter().map(meguri_wire::feed::TeamState::head).collect();
        let body = Epoch { n: key.n, kcv: key.kcv().unwrap(), heads, recipients, wrapped };
        let (cseq, prev_hash) = (controls.len() as u64 + 1, controls.last().map(|frame| frame.id));
        let control = Control { feed: Some(*space), cseq, prev_hash, body: body.into() };
        self.relay.push(&control.sign(&self.alice.signer()).unwrap(), attachments);
    }

    fn envelope(
        &mut self,
        key: &EpochKey,
        space: &SpaceId,
        team: &TeamId,
        public_key: &[u8],
    ) -> (Envelope, Attachment) {
        let author = self.alice.info.device;
        let to = EpochRecipient { feed: space, team, gen_no: 1, public_key, author: &author };
        let bytes = key.seal_envelope(&to, &mut self.rng).unwrap();
        (Envelope { recipient: team.0, hash: Hash::of(&bytes) }, Attachment { recipient: team.0, bytes })
    }

    /// A new replica of a person, with directory and teams.
    pub fn replica(&self, path: &std::path::Path, person: &Person) -> Replica {
        let replica = Replica::create(path, &KEY).unwrap();
        replica.set_device(&person.info, &person.secrets).unwrap();
        replica.ingest(&self.relay.page(&replica), NOW).unwrap();
        replica
    }

    /// Sends what is unsent, then pulls.
    pub fn sync(&mut self, replica: &Replica) -> meguri_replica::Ingested {
        for space in replica.unsent_spaces().unwrap() {
            // A space whose genesis has not come back seals nothing yet.
            let sealed = match replica.seal_next(&space, 4 << 20, &mut self.rng) {
                Err(meguri_replica::ReplicaError::NotReady) => continue,
                sealed => sealed.unwrap(),
            };
            for frame in sealed {
                self.relay.push(&frame, Vec::new());
                replica.accepted(&frame.id, 1, 1).unwrap();
            }
        }
        replica.ingest(&self.relay.page(replica), NOW).unwrap()
    }
}

pub fn id(n: u64) -> Uuid {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&(n << 8).to_be_bytes());
    bytes[8..].copy_from_slice(&n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    uuid::Builder::from_bytes(bytes).with_version(uuid::Version::SortRand).into_uuid()
}

pub fn note(n: u64, at_ms: i64, text: &str) -> NewEntry {
    let json = serde_json::json!({ "s": text, "o": "", "a": "", "p": "" });
    let body = meguri_clinical::entry_kind("note").unwrap().encode(&json).unwrap();
    NewEntry { id: id(n), kind: "note".into(), at_ms, body: EntryBody { zone_min: 540, body, ..EntryBody::default() } }
}

pub fn vitals(n: u64, at_ms: i64, temperature: &str) -> NewEntry {
    let json = serde_json::json!({ "items": [{ "key": "temp", "value": temperature }] });
    let body = meguri_clinical::entry_kind("vitals").unwrap().encode(&json).unwrap();
    NewEntry {
        id: id(n),
        kind: "vitals".into(),
        at_ms,
        body: EntryBody { zone_min: 540, body, ..EntryBody::default() },
    }
}

pub fn identity(patient: Uuid, fields: &serde_json::Value) -> Vec<(String, Option<Vec<u8>>)> {
    let kind = meguri_clinical::state_kind("identity").unwrap();
    let fields = fields.as_object().unwrap();
    fields.iter().map(|(f, v)| (format!("identity/{patient}/{f}"), Some(kind.encode_field(f, v).unwrap()))).collect()
}

pub fn append(space: SpaceId, patient: Uuid, entries: Vec<NewEntry>, state: Vec<(String, Option<Vec<u8>>)>) -> Append {
    Append { space, patient, entries, state, written_at_ms: NOW, zone_min: 540, discard_drafts: Vec::new() }
}

pub fn device(n: u8) -> DeviceId {
    DeviceId([n; 16])
}
