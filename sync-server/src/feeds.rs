//! Validated feed states in memory, and the way of a frame into the store.
//!
//! Teams and the directory are held whole; spaces in a bounded cache. A state is
//! loaded from its snapshot and the frames after it. Every rule is
//! `meguri_wire::feed`; this module only gives it what it asks for.

mod begin;
mod beside;
mod close;
mod late;
mod push;
pub mod rights;

use std::collections::HashMap;
use std::sync::Arc;

use meguri_wire::cbor::Cbor;
use meguri_wire::feed::{DirectoryState, FeedState, SpaceState, TeamState, Verdict, World};
use meguri_wire::{DeviceId, FeedId, Frame, TeamId};
use parking_lot::{Mutex, RwLock, RwLockReadGuard};

use crate::store::{FeedKind, FeedRow, PageOf, Read, Staged, StoreError, Stored};

pub use push::{Bounds, Offered, Part, PartDone, Right, lately_restored, push_part};

/// A shared, immutable state.
pub type Cached = Arc<FeedState>;

/// Bytes of frames read at once while a state is rebuilt.
const REPLAY_BYTES: usize = 1024 * 1024;

/// Team feeds and the directory.
#[derive(Default)]
pub struct Teams {
    teams: HashMap<TeamId, Cached>,
    directory: Option<Cached>,
    devices: HashMap<DeviceId, TeamId>,
}

impl Teams {
    fn put(&mut self, feed: FeedId, state: Cached) {
        match state.as_ref() {
            FeedState::Directory(_) => self.directory = Some(state),
            FeedState::Team(team) => {
                for device in team.devices.keys() {
                    self.devices.insert(*device, feed);
                }
                self.teams.insert(feed, state);
            }
            FeedState::Space(_) => {}
        }
    }

    /// How many controls the directory has.
    #[must_use]
    pub fn directory_controls(&self) -> u64 {
        self.directory().map_or(0, DirectoryState::tip)
    }

    /// The team that names a device.
    #[must_use]
    pub fn team_of(&self, device: &DeviceId) -> Option<&TeamState> {
        self.team(self.devices.get(device)?)
    }
}

impl World for Teams {
    fn team(&self, team: &TeamId) -> Option<&TeamState> {
        match self.teams.get(team)?.as_ref() {
            FeedState::Team(state) => Some(state),
            FeedState::Directory(_) | FeedState::Space(_) => None,
        }
    }
    fn directory(&self) -> Option<&DirectoryState> {
        match self.directory.as_deref()? {
            FeedState::Directory(state) => Some(state),
            FeedState::Team(_) | FeedState::Space(_) => None,
        }
    }
}

#[derive(Default)]
struct Spaces {
    states: HashMap<FeedId, (Cached, u64)>,
    uses: u64,
}

/// The states this relay has validated.
pub struct Memory {
    teams: RwLock<Teams>,
    spaces: Mutex<Spaces>,
    spaces_max: usize,
}

impl Memory {
    /// Loads the directory and all teams.
    ///
    /// # Errors
    /// The store failed, or a stored frame does not validate.
    pub fn load(rows: &dyn Read, spaces_max: usize) -> Stored<Self> {
        let memory = Self { teams: RwLock::default(), spaces: Mutex::default(), spaces_max: spaces_max.max(16) };
        for kind in [FeedKind::Directory, FeedKind::Team] {
            for row in rows.feeds_of(kind)? {
                let state = rebuild(rows, &Teams::default(), &row)?;
                memory.teams.write().put(row.feed, state);
            }
        }
        Ok(memory)
    }

    /// Team feeds and the directory, as committed.
    pub fn teams(&self) -> RwLockReadGuard<'_, Teams> {
        self.teams.read()
    }

    /// Takes over what a commit changed.
    pub fn commit(&self, staged: &mut Staged) {
        for (feed, state) in staged.states.drain() {
            match state.as_ref() {
                FeedState::Space(_) => self.keep(feed, state),
                FeedState::Directory(_) | FeedState::Team(_) => {
                    self.teams.write().put(feed, state);
                }
            }
        }
    }

    fn keep(&self, feed: FeedId, state: Cached) {
        let mut spaces = self.spaces.lock();
        spaces.uses += 1;
        let used = spaces.uses;
        spaces.states.insert(feed, (state, used));
        if spaces.states.len() > self.spaces_max {
            let oldest = used.saturating_sub(self.spaces_max as u64 / 2);
            spaces.states.retain(|_, (_, at)| *at > oldest);
        }
    }

    fn kept(&self, feed: &FeedId) -> Option<Cached> {
        let mut spaces = self.spaces.lock();
        spaces.uses += 1;
        let used = spaces.uses;
        let (state, at) = spaces.states.get_mut(feed)?;
        *at = used;
        Some(state.clone())
    }
}

/// What a work on the writer sees: committed states under those staged before it.
pub(crate) struct View<'m> {
    shared: RwLockReadGuard<'m, Teams>,
    staged: HashMap<FeedId, Cached>,
    memory: &'m Memory,
}

impl<'m> View<'m> {
    pub(crate) fn new(memory: &'m Memory, staged: &Staged) -> Self {
        Self { shared: memory.teams(), staged: staged.states.clone(), memory }
    }

    /// The state of a feed that has frames.
    pub(crate) fn state(&self, rows: &dyn Read, row: &FeedRow) -> Stored<Cached> {
        if let Some(state) = self.staged.get(&row.feed) {
            return Ok(state.clone());
        }
        let shared = match row.feed_kind {
            FeedKind::Directory => self.shared.directory.clone(),
            FeedKind::Team => self.shared.teams.get(&row.feed).cloned(),
            FeedKind::Space => self.memory.kept(&row.feed),
        };
        match shared {
            Some(state) => Ok(state),
            None => rebuild(rows, self, row),
        }
    }
}

impl World for View<'_> {
    fn team(&self, team: &TeamId) -> Option<&TeamState> {
        match self.staged.get(team).map(AsRef::as_ref) {
            Some(FeedState::Team(state)) => Some(state),
            Some(FeedState::Directory(_) | FeedState::Space(_)) | None => self.shared.team(team),
        }
    }
    fn directory(&self) -> Option<&DirectoryState> {
        let staged = self.staged.values().find_map(|state| match state.as_ref() {
            FeedState::Directory(state) => Some(state),
            FeedState::Team(_) | FeedState::Space(_) => None,
        });
        staged.or_else(|| self.shared.directory())
    }
}

/// Snapshot, then the frames after it.
fn rebuild(rows: &dyn Read, world: &dyn World, row: &FeedRow) -> Stored<Cached> {
    let (mut at, bytes) = rows.snapshot(row.feed_no)?;
    let mut state = FeedState::from_bytes(&bytes).ok();
    if state.is_none() {
        at = 0;
    }
    while at < row.ssn {
        let page = PageOf { feed_no: row.feed_no, after: at, upto: row.ssn, sparse: false, bytes_max: REPLAY_BYTES };
        let frames = rows.frames(page)?;
        if frames.is_empty() {
            return Err(StoreError::Damaged);
        }
        for stored in frames {
            let frame = Frame::decode(&stored.raw).map_err(|_| StoreError::Damaged)?;
            state = Some(step(state, world, &frame).ok_or(StoreError::Damaged)?);
            at = stored.ssn;
        }
    }
    state.map(Arc::new).ok_or(StoreError::Damaged)
}

/// The state after a frame, if it is valid there.
pub(crate) fn step(state: Option<FeedState>, world: &dyn World, frame: &Frame) -> Option<FeedState> {
    let Some(mut state) = state else {
        return match FeedState::begin(world, frame) {
            Verdict::Valid(state) => Some(state),
            Verdict::Waiting(_) | Verdict::Invalid(_) => None,
        };
    };
    match state.check(world, frame) {
        Verdict::Valid(step) => {
            state.apply(step);
            Some(state)
        }
        Verdict::Waiting(_) | Verdict::Invalid(_) => None,
    }
}

/// A space's state, read outside the writer.
///
/// # Errors
/// The store failed.
pub fn space(memory: &Memory, rows: &dyn Read, feed: &FeedId) -> Stored<Option<SpaceState>> {
    let Some(row) = rows.feed(feed)? else {
        return Ok(None);
    };
    let state = View::new(memory, &Staged::default()).state(rows, &row)?;
    Ok(match state.as_ref() {
        FeedState::Space(space) => Some(space.clone()),
        FeedState::Directory(_) | FeedState::Team(_) => None,
    })
}
