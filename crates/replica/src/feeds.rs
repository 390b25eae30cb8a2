//! States of feeds, cursors and spaces.

use std::collections::{BTreeMap, HashMap};

use meguri_chart::DocName;
use meguri_wire::cbor::Cbor;
use meguri_wire::chain::{h_next, h0};
use meguri_wire::feed::{DirectoryState, FeedState, Known, ListedFacility, SpaceState, TeamState, World};
use meguri_wire::{DeviceId, DocId, FeedId, Frame, Hash, SpaceId, StaffId, StoreId, TeamId};
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use crate::error::ReplicaError;
use crate::founding::Founding;
use crate::open::Replica;
use crate::sql::{col_uuid, col16, id32, int, uint};

const META_STORE: &str = "replica/store";

/// Feed states in memory: directory and teams all, spaces as they are used.
#[derive(Default)]
pub(crate) struct Feeds {
    loaded: bool,
    pub(crate) world: Known,
    pub(crate) spaces: HashMap<SpaceId, SpaceState>,
    docs: HashMap<SpaceId, HashMap<DocId, DocName>>,
    /// Who is behind devices of a former store's feeds, while documents are built again.
    pub(crate) set_aside: BTreeMap<DeviceId, (TeamId, StaffId)>,
}

/// A space this device carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpaceRow {
    /// The space.
    pub space: SpaceId,
    /// Whose chart it is.
    pub patient: Uuid,
    /// Teams that are to be members, by who founded it here.
    pub members_wanted: Vec<TeamId>,
}

impl Feeds {
    pub(crate) fn load(&mut self, conn: &Connection) -> Result<(), ReplicaError> {
        if self.loaded {
            return Ok(());
        }
        let mut statement = conn.prepare_cached("SELECT state FROM feed WHERE feed_kind < 2")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let bytes = row.get_ref(0)?.as_blob().map_err(|_| ReplicaError::Corrupt)?;
            match FeedState::from_bytes(bytes).map_err(|_| ReplicaError::Corrupt)? {
                FeedState::Directory(state) => self.world.directory = Some(state),
                FeedState::Team(state) => {
                    self.world.teams.insert(state.id(), state);
                }
                FeedState::Space(_) => {}
            }
        }
        self.loaded = true;
        Ok(())
    }

    pub(crate) fn space(&mut self, conn: &Connection, space: &SpaceId) -> Result<Option<&SpaceState>, ReplicaError> {
        self.load(conn)?;
        if !self.spaces.contains_key(space) {
            let sql = "SELECT state FROM feed WHERE feed = ?1 AND feed_kind = 2";
            let found: Option<Vec<u8>> =
                conn.prepare_cached(sql)?.query_row([space.as_bytes()], |row| row.get(0)).optional()?;
            let state =
                found.map(|bytes| FeedState::from_bytes(&bytes)).transpose().map_err(|_| ReplicaError::Corrupt)?;
            if let Some(FeedState::Space(state)) = state {
                self.spaces.insert(*space, state);
            }
        }
        Ok(self.spaces.get(space))
    }

    /// Forgets the state of a feed.
    pub(crate) fn put_away(&mut self, feed: &FeedId) {
        self.spaces.remove(feed);
        self.world.teams.remove(feed);
        if self.world.directory.as_ref().is_some_and(|directory| directory_id(directory) == *feed) {
            self.world.directory = None;
        }
    }

    /// The team and person behind a device.
    pub(crate) fn person_of(&self, device: &DeviceId) -> Option<(TeamId, StaffId)> {
        let found = self.world.teams.iter().find_map(|(team, state)| state.device(device).map(|d| (*team, d.staff)));
        found.or_else(|| self.set_aside.get(device).copied())
    }

    /// Which document of a space an id names.
    pub(crate) fn doc_name(&mut self, space: &SpaceId, doc: &DocId) -> Option<DocName> {
        let names = self
            .docs
            .entry(*space)
            .or_insert_with(|| DocName::all().map(|n| (meguri_wire::ids::doc_id(space, &n.to_string()), n)).collect());
        names.get(doc).copied()
    }

    pub(crate) fn save(&self, conn: &Connection, feed: &FeedId) -> Result<(), ReplicaError> {
        let (feed_kind, state) = if let Some(state) = self.spaces.get(feed) {
            (2, FeedState::Space(state.clone()))
        } else if let Some(state) = self.world.teams.get(feed) {
            (1, FeedState::Team(state.clone()))
        } else if let Some(state) = self.world.directory.as_ref().filter(|d| directory_id(d) == *feed) {
            (0, FeedState::Directory(state.clone()))
        } else {
            return Ok(());
        };
        let sql = "UPDATE feed SET feed_kind = ?2, state = ?3 WHERE feed = ?1";
        conn.prepare_cached(sql)?.execute(params![feed.as_bytes(), feed_kind, state.to_bytes()])?;
        Ok(())
    }
}

/// The feed of a directory.
pub(crate) fn directory_id(state: &DirectoryState) -> FeedId {
    state.hashes.first().map(|id| id.feed()).unwrap_or_default()
}

/// Position and running hash of a feed here.
pub(crate) fn cursor(conn: &Connection, feed: &FeedId) -> Result<(u64, Hash), ReplicaError> {
    let sql = "SELECT ssn, h FROM feed WHERE feed = ?1";
    let found = conn
        .prepare_cached(sql)?
        .query_row([feed.as_bytes()], |row| Ok((uint(row.get(0)?), Hash(id32(row.get_ref(1)?.as_blob()?)?))))
        .optional()?;
    Ok(found.unwrap_or((0, h0(feed))))
}

pub(crate) fn set_cursor(conn: &Connection, feed: &FeedId, ssn: u64, h: &Hash) -> Result<(), ReplicaError> {
    let sql = "INSERT INTO feed (feed, ssn, h) VALUES (?1, ?2, ?3) ON CONFLICT (feed) DO UPDATE SET ssn = excluded.ssn, h = excluded.h";
    conn.prepare_cached(sql)?.execute(params![feed.as_bytes(), int(ssn), h.0])?;
    Ok(())
}

/// The running hash after `ssn`, from the frames that are kept.
pub(crate) fn chain_at(conn: &Connection, feed: &FeedId, ssn: u64) -> Result<Hash, ReplicaError> {
    let sql = "SELECT ssn, received_ms, raw FROM frame WHERE feed = ?1 AND ssn <= ?2 ORDER BY ssn";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params![feed.as_bytes(), int(ssn)])?;
    let mut h = h0(feed);
    while let Some(row) = rows.next()? {
        let raw = row.get_ref(2)?.as_blob().map_err(|_| ReplicaError::Corrupt)?;
        h = h_next(&h, uint(row.get(0)?), uint(row.get(1)?), &meguri_wire::FrameId::of(raw));
    }
    Ok(h)
}

pub(crate) fn put_store(conn: &Connection, store: &StoreId) -> Result<(), ReplicaError> {
    crate::sql::meta_put(conn, META_STORE, store.as_bytes())
}

pub(crate) fn store_id(conn: &Connection) -> Result<Option<StoreId>, ReplicaError> {
    let bytes = crate::sql::meta_get(conn, META_STORE)?;
    bytes.map(|bytes| StoreId::from_slice(&bytes).map_err(ReplicaError::from)).transpose()
}

/// A control by its id, and when the relay took it.
pub(crate) fn control(
    conn: &Connection,
    feed: &FeedId,
    id: Option<&meguri_wire::FrameId>,
) -> Result<Option<(i64, Frame)>, ReplicaError> {
    let Some(id) = id else { return Ok(None) };
    // The newest are asked for most.
    let sql = "SELECT received_ms, raw FROM frame WHERE feed = ?1 AND control = 1 ORDER BY ssn DESC";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query([feed.as_bytes()])?;
    while let Some(row) = rows.next()? {
        let raw = row.get_ref(1)?.as_blob().map_err(|_| ReplicaError::Corrupt)?;
        if meguri_wire::FrameId::of(raw) == *id {
            return Ok(Some((row.get(0)?, Frame::decode(raw)?)));
        }
    }
    Ok(None)
}

pub(crate) fn patient_of(conn: &Connection, space: &SpaceId) -> Result<Option<Uuid>, ReplicaError> {
    let sql = "SELECT patient FROM space WHERE space = ?1";
    Ok(conn.prepare_cached(sql)?.query_row([space.as_bytes()], |row| col_uuid(row, 0)).optional()?)
}

impl Replica {
    /// The region's directory, as far as it was pulled.
    ///
    /// # Errors
    /// Storage codes.
    pub fn directory(&self) -> Result<Option<DirectoryState>, ReplicaError> {
        self.with_feeds(|feeds| feeds.world.directory.clone())
    }

    /// A team.
    ///
    /// # Errors
    /// Storage codes.
    pub fn team(&self, team: &TeamId) -> Result<Option<TeamState>, ReplicaError> {
        self.with_feeds(|feeds| feeds.world.teams.get(team).cloned())
    }

    /// A space.
    ///
    /// # Errors
    /// Storage codes.
    pub fn space(&self, space: &SpaceId) -> Result<Option<SpaceState>, ReplicaError> {
        let mut inner = self.lock();
        let inner = &mut *inner;
        Ok(inner.feeds.space(&inner.conn, space)?.cloned())
    }

    /// Directory and teams as the rules look at them.
    ///
    /// # Errors
    /// Storage codes.
    pub fn with_world<T>(&self, look: impl FnOnce(&dyn World) -> T) -> Result<T, ReplicaError> {
        self.with_feeds(|feeds| look(&feeds.world))
    }

    fn with_feeds<T>(&self, look: impl FnOnce(&Feeds) -> T) -> Result<T, ReplicaError> {
        let mut inner = self.lock();
        let inner = &mut *inner;
        inner.feeds.load(&inner.conn)?;
        Ok(look(&inner.feeds))
    }

    /// Where each feed stands here.
    ///
    /// # Errors
    /// Storage codes.
    pub fn cursors(&self) -> Result<Vec<(FeedId, u64, Hash)>, ReplicaError> {
        let inner = self.lock();
        let mut statement = inner.conn.prepare_cached("SELECT feed, ssn, h FROM feed ORDER BY feed")?;
        let rows = statement.query_map([], |row| {
            Ok((FeedId(col16(row, 0)?), uint(row.get(1)?), Hash(id32(row.get_ref(2)?.as_blob()?)?)))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Where these feeds stand here.
    ///
    /// # Errors
    /// Storage codes.
    pub fn cursors_of(&self, feeds: &[FeedId]) -> Result<Vec<(FeedId, u64, Hash)>, ReplicaError> {
        let inner = self.lock();
        let at = |feed: &FeedId| cursor(&inner.conn, feed).map(|(ssn, h)| (*feed, ssn, h));
        feeds.iter().map(at).collect()
    }

    /// Pins the life of the relay's storage that positions refer to.
    ///
    /// # Errors
    /// Storage codes.
    pub fn set_store(&self, store: &StoreId) -> Result<(), ReplicaError> {
        put_store(&self.lock().conn, store)
    }

    /// The spaces this device carries.
    ///
    /// # Errors
    /// Storage codes.
    pub fn spaces(&self) -> Result<Vec<SpaceRow>, ReplicaError> {
        let inner = self.lock();
        let mut statement = inner.conn.prepare_cached("SELECT space, patient, wanted FROM space ORDER BY space")?;
        let rows = statement.query_map([], |row| {
            let wanted: Vec<u8> = row.get(2)?;
            let (ids, _) = wanted.as_chunks::<16>();
            let members_wanted = ids.iter().map(|id| TeamId::from(*id)).collect();
            Ok(SpaceRow { space: FeedId(col16(row, 0)?), patient: col_uuid(row, 1)?, members_wanted })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Founds a space here; its genesis waits until it comes back by pull.
    ///
    /// # Errors
    /// [`ReplicaError::Exists`]; storage codes.
    pub fn add_space(
        &self,
        space: &SpaceId,
        patient: Uuid,
        genesis: &Frame,
        members: &[TeamId],
    ) -> Result<(), ReplicaError> {
        debug_assert_eq!(*space, genesis.feed());
        let founding = Founding { patient, genesis: genesis.clone(), members: members.to_vec() };
        self.lock().write(|inner| founding.insert(&inner.conn))
    }

    /// A genesis made here that has not come back yet.
    ///
    /// # Errors
    /// Storage codes.
    pub fn pending_genesis(&self, space: &SpaceId) -> Result<Option<Frame>, ReplicaError> {
        let inner = self.lock();
        let sql = "SELECT genesis FROM space WHERE space = ?1 AND genesis <> x''";
        let raw: Option<Vec<u8>> =
            inner.conn.prepare_cached(sql)?.query_row([space.as_bytes()], |row| row.get(0)).optional()?;
        raw.map(|raw| Frame::decode(&raw).map_err(ReplicaError::from)).transpose()
    }

    /// The chart of a patient.
    ///
    /// # Errors
    /// Storage codes.
    pub fn space_of(&self, patient: Uuid) -> Result<Option<SpaceId>, ReplicaError> {
        let inner = self.lock();
        let sql = "SELECT space FROM space WHERE patient = ?1 ORDER BY space LIMIT 1";
        let found = inner.conn.prepare_cached(sql)?.query_row([patient.as_bytes()], |row| col16(row, 0)).optional()?;
        Ok(found.map(FeedId))
    }

    /// Names of facilities as the directory lists them.
    ///
    /// # Errors
    /// Storage codes.
    pub fn facilities(&self) -> Result<Vec<(TeamId, String)>, ReplicaError> {
        self.with_feeds(|feeds| {
            let listed = feeds.world.directory.iter().flat_map(|d| d.facilities.iter());
            listed.map(|(team, facility)| (*team, facility.name.clone())).collect()
        })
    }

    /// The same as the directory lists them.
    ///
    /// # Errors
    /// Storage codes.
    pub fn listed(&self) -> Result<Vec<(TeamId, ListedFacility)>, ReplicaError> {
        self.with_feeds(|feeds| {
            let listed = feeds.world.directory.iter().flat_map(|d| d.facilities.iter());
            listed.map(|(team, facility)| (*team, facility.clone())).collect()
        })
    }

    /// The team of a device, present or former.
    ///
    /// # Errors
    /// Storage codes.
    pub fn team_of(&self, device: &DeviceId) -> Result<Option<TeamId>, ReplicaError> {
        self.with_feeds(|feeds| feeds.person_of(device).map(|(team, _)| team))
    }
}
