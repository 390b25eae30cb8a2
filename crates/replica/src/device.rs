//! This device: who it is, its secrets, and the seeds of its team.

use meguri_seal::{DeviceSecrets, EpochKey, Generation, Secret};
use meguri_wire::feed::TeamState;
use meguri_wire::{Attachment, DeviceId, FeedId, Hash, SpaceId, StaffId, TeamId};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeMap;

use crate::error::ReplicaError;
use crate::open::Replica;
use crate::sql::{col16, int, uint};

/// Which device of whom this replica belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviceInfo {
    /// The device.
    pub device: DeviceId,
    /// Its team.
    pub team: TeamId,
    /// The person it is certified for.
    pub staff: StaffId,
    /// One life of this installation; actors of changes end with it.
    pub incarnation: [u8; 8],
}

impl DeviceInfo {
    pub(crate) fn actor(&self) -> meguri_chart::Actor {
        meguri_chart::Actor::new(self.device.0, self.incarnation)
    }
}

fn info(row: &rusqlite::Row<'_>) -> Result<DeviceInfo, rusqlite::Error> {
    let incarnation: Vec<u8> = row.get(3)?;
    Ok(DeviceInfo {
        device: DeviceId(col16(row, 0)?),
        team: TeamId::from(col16(row, 1)?),
        staff: StaffId(col16(row, 2)?),
        incarnation: incarnation.try_into().map_err(|_| rusqlite::Error::InvalidQuery)?,
    })
}

/// Who this device is, without its secrets.
pub(crate) fn read_info(conn: &Connection) -> Result<Option<DeviceInfo>, ReplicaError> {
    let sql = "SELECT device, team, staff, incarnation FROM own_device WHERE one = 1";
    Ok(conn.prepare_cached(sql)?.query_row([], info).optional()?)
}

pub(crate) fn read_device(conn: &Connection) -> Result<Option<(DeviceInfo, DeviceSecrets)>, ReplicaError> {
    let sql = "SELECT device, team, staff, incarnation, secrets FROM own_device WHERE one = 1";
    let read = |row: &rusqlite::Row<'_>| Ok((info(row)?, zeroize::Zeroizing::new(row.get::<_, Vec<u8>>(4)?)));
    let Some((info, secrets)) = conn.prepare_cached(sql)?.query_row([], read).optional()? else { return Ok(None) };
    let secrets = DeviceSecrets::from_bytes(&secrets).map_err(|_| ReplicaError::Corrupt)?;
    Ok(Some((info, secrets)))
}

/// Stores who this device is.
pub(crate) fn write_device(conn: &Connection, info: &DeviceInfo, secrets: &DeviceSecrets) -> Result<(), ReplicaError> {
    let sql = "INSERT INTO own_device (one, device, team, staff, incarnation, secrets) VALUES (1, ?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (one) DO UPDATE SET device = excluded.device, team = excluded.team, staff = excluded.staff,
            incarnation = excluded.incarnation, secrets = excluded.secrets";
    conn.prepare_cached(sql)?.execute(params![
        info.device.as_bytes(),
        info.team.as_bytes(),
        info.staff.as_bytes(),
        info.incarnation,
        secrets.to_bytes().as_slice()
    ])?;
    Ok(())
}

pub(crate) fn write_generation(conn: &Connection, team: &TeamId, generation: &Generation) -> Result<(), ReplicaError> {
    let sql = "INSERT INTO generation (team, gen_no, generation) VALUES (?1, ?2, ?3)
        ON CONFLICT DO UPDATE SET generation = excluded.generation";
    conn.prepare_cached(sql)?.execute(params![team.as_bytes(), int(generation.gen_no), generation.seed().bytes()])?;
    Ok(())
}

pub(crate) fn read_generation(
    conn: &Connection,
    team: &TeamId,
    gen_no: u64,
) -> Result<Option<Generation>, ReplicaError> {
    let sql = "SELECT gen_no, generation FROM generation WHERE team = ?1 AND gen_no = ?2";
    generation(conn, sql, params![team.as_bytes(), int(gen_no)])
}

/// A generation that has the key its team's feed names.
pub(crate) fn held_generation(
    conn: &Connection,
    team: &TeamState,
    gen_no: u64,
) -> Result<Option<Generation>, ReplicaError> {
    let Some(named) = gen_no.checked_sub(1).and_then(|at| team.generations.get(usize::try_from(at).ok()?)) else {
        return Ok(None);
    };
    let held = read_generation(conn, &team.id(), gen_no)?;
    Ok(held.filter(|held| held.public_key().is_ok_and(|key| key == named.public_key)))
}

fn generation(conn: &Connection, sql: &str, params: impl rusqlite::Params) -> Result<Option<Generation>, ReplicaError> {
    let found: Option<(i64, Vec<u8>)> =
        conn.prepare_cached(sql)?.query_row(params, |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let Some((gen_no, seed)) = found else { return Ok(None) };
    let seed = Secret::from_slice(&seed).map_err(|_| ReplicaError::Corrupt)?;
    Ok(Some(Generation::from_parts(uint(gen_no), seed)))
}

pub(crate) fn write_epoch_key(conn: &Connection, space: &SpaceId, key: &EpochKey) -> Result<bool, ReplicaError> {
    let sql = "INSERT INTO epoch_key (space, epoch, key) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    let count = conn.prepare_cached(sql)?.execute(params![space.as_bytes(), int(key.n), key.secret().bytes()])?;
    Ok(count > 0)
}

pub(crate) fn read_epoch_key(conn: &Connection, space: &SpaceId, epoch: u64) -> Result<Option<EpochKey>, ReplicaError> {
    let sql = "SELECT key FROM epoch_key WHERE space = ?1 AND epoch = ?2";
    let found: Option<Vec<u8>> =
        conn.prepare_cached(sql)?.query_row(params![space.as_bytes(), int(epoch)], |row| row.get(0)).optional()?;
    let Some(key) = found else { return Ok(None) };
    let key = Secret::from_slice(&key).map_err(|_| ReplicaError::Corrupt)?;
    Ok(Some(EpochKey::from_parts(epoch, key)))
}

/// Every key of a space that is held, ascending.
pub(crate) fn epoch_keys(conn: &Connection, space: &SpaceId) -> Result<Vec<EpochKey>, ReplicaError> {
    let mut statement = conn.prepare_cached("SELECT epoch, key FROM epoch_key WHERE space = ?1 ORDER BY epoch")?;
    let mut rows = statement.query([space.as_bytes()])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        let key = row.get_ref(1)?.as_blob().map_err(|_| ReplicaError::Corrupt)?;
        let key = Secret::from_slice(key).map_err(|_| ReplicaError::Corrupt)?;
        out.push(EpochKey::from_parts(uint(row.get(0)?), key));
    }
    Ok(out)
}

/// The newest key of a space that is held, whether or not its epoch is the newest.
pub(crate) fn read_newest_epoch_key(conn: &Connection, space: &SpaceId) -> Result<Option<EpochKey>, ReplicaError> {
    let sql = "SELECT max(epoch) FROM epoch_key WHERE space = ?1";
    let epoch: Option<i64> = conn.prepare_cached(sql)?.query_row([space.as_bytes()], |row| row.get(0))?;
    epoch.map_or(Ok(None), |epoch| read_epoch_key(conn, space, uint(epoch)))
}

impl Replica {
    /// Stores who this device is.
    ///
    /// # Errors
    /// Storage codes.
    pub fn set_device(&self, info: &DeviceInfo, secrets: &DeviceSecrets) -> Result<(), ReplicaError> {
        let mut inner = self.lock();
        inner.forget_own();
        write_device(&inner.conn, info, secrets)
    }

    /// Starts a new life of this installation; changes from now on carry it.
    ///
    /// # Errors
    /// Storage codes.
    pub fn set_incarnation(&self, incarnation: [u8; 8]) -> Result<(), ReplicaError> {
        let mut inner = self.lock();
        inner.forget_own();
        inner.conn.prepare_cached("UPDATE own_device SET incarnation = ?1 WHERE one = 1")?.execute([incarnation])?;
        Ok(())
    }

    /// Who this device is, once it is one.
    ///
    /// # Errors
    /// Storage codes.
    pub fn device(&self) -> Result<Option<(DeviceInfo, DeviceSecrets)>, ReplicaError> {
        read_device(&self.lock().conn)
    }

    /// Who this device is, without its secrets.
    ///
    /// # Errors
    /// Storage codes.
    pub fn device_info(&self) -> Result<Option<DeviceInfo>, ReplicaError> {
        self.lock().own()
    }

    /// Stores a generation of the own team.
    ///
    /// # Errors
    /// Storage codes.
    pub fn put_generation(&self, team: &TeamId, generation: &Generation) -> Result<(), ReplicaError> {
        write_generation(&self.lock().conn, team, generation)
    }

    /// The X-Wing public keys of a team's devices and Kit, by their hash.
    ///
    /// # Errors
    /// Storage codes.
    pub fn kem_keys(&self, team: &TeamId) -> Result<BTreeMap<Hash, Vec<u8>>, ReplicaError> {
        let inner = self.lock();
        let sql = "SELECT bytes FROM attachment WHERE feed = ?1 AND length(bytes) = ?2";
        let mut statement = inner.conn.prepare_cached(sql)?;
        let length = i64::try_from(meguri_wire::limits::KEM_PUBLIC_KEY_BYTES).unwrap_or(i64::MAX);
        let rows = statement.query_map(params![team.as_bytes(), length], |row| row.get::<_, Vec<u8>>(0))?;
        rows.map(|bytes| Ok(bytes.map(|bytes| (Hash::of(&bytes), bytes))?)).collect()
    }

    /// What came beside the records of a feed: this team's and this device's envelopes, and KEM keys.
    ///
    /// # Errors
    /// Storage codes.
    pub fn envelopes(&self, feed: &FeedId) -> Result<Vec<Attachment>, ReplicaError> {
        let inner = self.lock();
        let mut statement =
            inner.conn.prepare_cached("SELECT recipient, bytes FROM attachment WHERE feed = ?1 ORDER BY ssn, ord")?;
        let rows = statement
            .query_map([feed.as_bytes()], |row| Ok(Attachment { recipient: col16(row, 0)?, bytes: row.get(1)? }))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Keeps the seed of a generation that was signed here, before it is offered: its envelope may never come back. One of a
    /// former store with the same number stays.
    ///
    /// # Errors
    /// Storage codes.
    pub fn keep_generation(&self, team: &TeamId, made: &Generation) -> Result<(), ReplicaError> {
        let sql = "INSERT INTO generation (team, gen_no, generation) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
        let inner = self.lock();
        inner.conn.prepare_cached(sql)?.execute(params![team.as_bytes(), int(made.gen_no), made.seed().bytes()])?;
        Ok(())
    }

    /// The newest generation of the feed that is held. One of a former store may have the same number and another key.
    ///
    /// # Errors
    /// Storage codes.
    pub fn newest_generation(&self, team: &TeamId) -> Result<Option<Generation>, ReplicaError> {
        let mut inner = self.lock();
        let inner = &mut *inner;
        inner.feeds.load(&inner.conn)?;
        let sql = "SELECT gen_no, generation FROM generation WHERE team = ?1 ORDER BY gen_no DESC LIMIT 1";
        let Some(state) = inner.feeds.world.teams.get(team) else {
            return generation(&inner.conn, sql, params![team.as_bytes()]);
        };
        for gen_no in (1..=state.generations.len() as u64).rev() {
            if let Some(held) = held_generation(&inner.conn, state, gen_no)? {
                return Ok(Some(held));
            }
        }
        Ok(None)
    }

    /// The key of the newest accepted epoch of a space, if it is held.
    ///
    /// # Errors
    /// Storage codes.
    pub fn epoch_key(&self, space: &SpaceId) -> Result<Option<EpochKey>, ReplicaError> {
        let mut inner = self.lock();
        let inner = &mut *inner;
        let newest = inner.feeds.space(&inner.conn, space)?.map_or(0, |state| state.newest_epoch());
        read_epoch_key(&inner.conn, space, newest)
    }

    /// Every key of a space that is held, ascending.
    ///
    /// # Errors
    /// Storage codes.
    pub fn epoch_keys(&self, space: &SpaceId) -> Result<Vec<EpochKey>, ReplicaError> {
        epoch_keys(&self.lock().conn, space)
    }

    /// The key of one epoch, if it is held.
    ///
    /// # Errors
    /// Storage codes.
    pub fn epoch_key_at(&self, space: &SpaceId, epoch: u64) -> Result<Option<EpochKey>, ReplicaError> {
        read_epoch_key(&self.lock().conn, space, epoch)
    }
}
