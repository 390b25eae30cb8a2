//! What a device signs is what `wire` accepts, and opens for whom it was sealed.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test may panic")]

use meguri_device::authoring::{Signed, Space, space_genesis, space_id, team_genesis};
use meguri_device::env::{Env, EnvRng};
use meguri_seal::{DeviceSecrets, EpochKey, EpochOpening, Generation};
use meguri_wire::control::{AddFacility, DirectoryGenesis, FacilityType, Role, SpaceKind, TeamKind};
use meguri_wire::feed::{DirectoryState, Known, SpaceState, TeamState};
use meguri_wire::sign::{Ed25519Signer, Signer};
use meguri_wire::{Control, DeviceId, StaffId, TeamId};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A counter instead of randomness: every run is the same.
struct Counting(AtomicU64);

impl Env for Counting {
    fn now_ms(&self) -> i64 {
        1_790_000_000_000
    }
    fn zone_min(&self) -> i32 {
        540
    }
    fn fill_random(&self, out: &mut [u8]) {
        for chunk in out.chunks_mut(8) {
            let next = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed).to_le_bytes();
            chunk.iter_mut().zip(next).for_each(|(o, n)| *o = n);
        }
    }
    fn sleep_ms(&self, _: u64) {}
}

struct Facility {
    secrets: DeviceSecrets,
    generation: Generation,
    state: TeamState,
    genesis: Signed,
}

impl Facility {
    fn found(name: u8, rng: &mut EnvRng) -> Facility {
        let secrets = DeviceSecrets::make(rng);
        let generation = Generation::make_first(rng);
        let genesis =
            team_genesis(TeamKind::Facility, StaffId([name; 16]), "佐久間 灯子", &secrets, &generation, rng).unwrap();
        let state = TeamState::begin(&genesis.frame).unwrap();
        Facility { secrets, generation, state, genesis }
    }

    fn id(&self) -> TeamId {
        self.state.id()
    }

    fn device(&self) -> DeviceId {
        self.secrets.public().unwrap().id(&self.id())
    }

    fn signer(&self) -> Ed25519Signer {
        self.secrets.signer(&self.id()).unwrap()
    }
}

fn region(facilities: &[&Facility], rng: &EnvRng) -> Known {
    let mut seed = [0; 32];
    rng.0.fill_random(&mut seed);
    let root = Ed25519Signer::own_id(&seed).unwrap();
    let body =
        DirectoryGenesis {
            nonce: [1; 16], name: "試験地域".to_owned(), threshold: 1, roots: vec![root.public_key()]
        };
    let frame = Control { feed: None, cseq: 1, prev_hash: None, body: body.into() }.sign_directory(&[&root]).unwrap();
    let mut directory = DirectoryState::begin(&frame).unwrap();
    let feed = directory.feed();
    let mut last = frame.id;
    for (n, facility) in facilities.iter().enumerate() {
        let body = AddFacility {
            name: format!("施設{n}"),
            code: String::new(),
            facility_type: FacilityType::Other,
            team: facility.genesis.frame.id,
        };
        let control = Control { feed: Some(feed), cseq: n as u64 + 2, prev_hash: Some(last), body: body.into() };
        let frame = control.sign_directory(&[&root]).unwrap();
        last = frame.id;
        let step = directory.check(&frame).unwrap();
        directory.apply(step);
    }
    Known { teams: facilities.iter().map(|f| (f.id(), f.state.clone())).collect(), directory: Some(directory) }
}

fn take(state: &mut SpaceState, world: &Known, signed: &Signed) {
    let step = state.check(world, &signed.frame).unwrap();
    state.apply(step);
}

#[test]
fn a_chart_begins_gets_its_epoch_and_its_second_team() {
    let mut rng = EnvRng(Arc::new(Counting(AtomicU64::new(7))));
    let station = Facility::found(1, &mut rng);
    let clinic = Facility::found(2, &mut rng);
    let world = region(&[&station, &clinic], &rng);
    let signer = station.signer();

    let genesis = space_genesis(SpaceKind::Chart, station.state.head(), &signer, &mut rng).unwrap();
    let mut state = SpaceState::begin(&world, &genesis).unwrap();
    assert_eq!(space_id(&genesis), state.id());
    assert!(state.owed(&world));

    let unpaid = state.clone();
    let author = Space { state: &unpaid, world: &world, signer: &signer };
    let (epoch, key, tip) = author.epoch(author.tip().unwrap(), &[], &mut rng).unwrap();
    let (member, _) = author.add_member(tip, &clinic.id(), Role::Writer, &[], &key, &mut rng).unwrap();
    take(&mut state, &world, &epoch);
    assert!(!state.owed(&world));
    take(&mut state, &world, &member);
    assert_eq!(state.authority(&world, &clinic.device()).unwrap(), Role::Writer);

    let open = |facility: &Facility, signed: &Signed| -> EpochKey {
        let envelope = signed.attachments.iter().find(|a| a.recipient == facility.id().0).unwrap();
        let (feed, team, author) = (state.id(), facility.id(), station.device());
        let opening = EpochOpening { feed: &feed, n: 1, kcv: &key.kcv().unwrap(), team: &team, author: &author };
        EpochKey::open_envelope(&facility.generation, &opening, &envelope.bytes).unwrap()
    };
    assert_eq!(open(&station, &epoch).secret().bytes(), key.secret().bytes());
    assert_eq!(open(&clinic, &member).secret().bytes(), key.secret().bytes());
}

#[test]
fn a_second_epoch_wraps_the_first_and_reaches_both_teams() {
    let mut rng = EnvRng(Arc::new(Counting(AtomicU64::new(11))));
    let station = Facility::found(1, &mut rng);
    let clinic = Facility::found(2, &mut rng);
    let world = region(&[&station, &clinic], &rng);
    let signer = station.signer();
    let genesis = space_genesis(SpaceKind::Chart, station.state.head(), &signer, &mut rng).unwrap();
    let mut state = SpaceState::begin(&world, &genesis).unwrap();
    let unpaid = state.clone();
    let author = Space { state: &unpaid, world: &world, signer: &signer };
    let (epoch, first, tip) = author.epoch(author.tip().unwrap(), &[], &mut rng).unwrap();
    let (member, _) = author.add_member(tip, &clinic.id(), Role::Writer, &[], &first, &mut rng).unwrap();
    take(&mut state, &world, &epoch);
    take(&mut state, &world, &member);

    let paid = state.clone();
    let author = Space { state: &paid, world: &world, signer: &signer };
    let (second, key, _) = author.epoch(author.tip().unwrap(), std::slice::from_ref(&first), &mut rng).unwrap();
    take(&mut state, &world, &second);
    assert_eq!(state.newest_epoch(), 2);
    assert_eq!(second.attachments.len(), 2);
    let Some(meguri_wire::control::Body::Space(meguri_wire::control::SpaceBody::Epoch(body))) =
        second.frame.control().map(|c| &c.body)
    else {
        panic!("an epoch");
    };
    let wrapped = body.wrapped.first().unwrap();
    let older = key.unwrap(&state.id(), wrapped.m, &wrapped.sealed).unwrap();
    assert_eq!(older.secret().bytes(), first.secret().bytes());
}

#[test]
fn a_team_the_directory_does_not_list_gets_no_key() {
    let mut rng = EnvRng(Arc::new(Counting(AtomicU64::new(13))));
    let station = Facility::found(1, &mut rng);
    let stranger = Facility::found(2, &mut rng);
    let mut world = region(&[&station], &rng);
    world.teams.insert(stranger.id(), stranger.state.clone());
    let signer = station.signer();
    let genesis = space_genesis(SpaceKind::Chart, station.state.head(), &signer, &mut rng).unwrap();
    let state = SpaceState::begin(&world, &genesis).unwrap();
    let author = Space { state: &state, world: &world, signer: &signer };
    let (_, key, tip) = author.epoch(author.tip().unwrap(), &[], &mut rng).unwrap();
    let refused = author.add_member(tip, &stranger.id(), Role::Writer, &[], &key, &mut rng);
    assert_eq!(refused.unwrap_err().code, meguri_commands::Code::NotFound);
}
