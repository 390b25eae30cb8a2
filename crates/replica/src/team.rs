//! The own team: its people, their devices, and what each has.

use std::collections::HashMap;

use meguri_seal::Generation;
use meguri_wire::control::{DeviceRole, RemoveReason, Role};
use meguri_wire::feed::{DeviceState, TeamState};
use meguri_wire::{DeviceId, FeedId, StaffId, TeamId};
use rusqlite::{Connection, OptionalExtension, params};

use crate::device::read_generation;
use crate::error::ReplicaError;
use crate::members::signed_by;
use crate::open::{Inner, Replica};
use crate::rows::PersonRow;
use crate::sql::{col16, uint};

/// A person of the own team, present or former.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffRow {
    /// By name card, or as the team certified the name.
    pub person: PersonRow,
    /// Whether the person left.
    pub removed: bool,
    /// The person's devices, the newest first.
    pub devices: Vec<DeviceRow>,
}

/// A device of the own team, active or removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceRow {
    /// The device.
    pub device: DeviceId,
    /// Whether it may add and remove.
    pub admin: bool,
    /// When the relay took the record that added it, ms UTC.
    pub since_ms: i64,
    /// Who signed that.
    pub by: Option<PersonRow>,
    /// When the relay took its newest item, ms UTC.
    pub last_heard_ms: Option<i64>,
    /// Positions it has not acknowledged over all charts of the team; 0 for this device, `None` when it never
    /// acknowledged any.
    pub lacks: Option<u64>,
    /// Whether it is this one.
    pub own: bool,
    /// Set once it was removed.
    pub removed: Option<RemovedRow>,
}

/// A removal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemovedRow {
    /// When the relay took the record, ms UTC.
    pub at_ms: i64,
    /// Who signed it.
    pub by: Option<PersonRow>,
    /// Why.
    pub reason: RemoveReason,
}

impl Replica {
    /// The people of the own team with their devices, present ones first, by name.
    ///
    /// # Errors
    /// [`ReplicaError::NotReady`] without a team; storage codes.
    pub fn staff(&self) -> Result<Vec<StaffRow>, ReplicaError> {
        let mut inner = self.lock();
        let inner = &mut *inner;
        let own = inner.own()?.ok_or(ReplicaError::NotReady)?;
        inner.feeds.load(&inner.conn)?;
        let team = inner.feeds.world.teams.get(&own.team).cloned().ok_or(ReplicaError::NotReady)?;
        let had = Had::read(inner, &own.team)?;
        let mut out = Vec::new();
        for (staff, state) in &team.staff {
            let person = named(inner, own.team, *staff)?;
            let devices = team.devices.iter().filter(|(_, device)| device.staff == *staff);
            let row = |(id, device)| device_row(inner, &team, id, device, &had, own.device);
            let mut devices = devices.map(row).collect::<Result<Vec<_>, _>>()?;
            devices.sort_by_key(|row| std::cmp::Reverse((row.removed.is_none(), row.since_ms)));
            out.push(StaffRow { person, removed: state.removed.is_some(), devices });
        }
        out.sort_by(|a, b| (a.removed, &a.person.name).cmp(&(b.removed, &b.person.name)));
        Ok(out)
    }

    /// How many charts the own team manages owe a new key.
    ///
    /// # Errors
    /// As [`Replica::owed`].
    pub fn rotations_owed(&self) -> Result<u64, ReplicaError> {
        Ok(self.owed(None)?.iter().filter(|(_, manager)| *manager).count() as u64)
    }
}

/// A person by name card, or by the name their team certified where that is the own one.
pub(crate) fn named(inner: &Inner, team: TeamId, staff: StaffId) -> Result<PersonRow, ReplicaError> {
    let mut person = crate::rows::person(&inner.conn, team, staff)?;
    if let Some(state) = inner.feeds.world.teams.get(&team).filter(|_| person.name.is_empty()) {
        let seeds = seeds(&inner.conn, &team, state)?;
        person.name = state.staff.get(&staff).map(|found| certified(&seeds, &staff, &found.name)).unwrap_or_default();
    }
    Ok(person)
}

/// Every seed of the team that is held, the newest first.
fn seeds(conn: &Connection, id: &TeamId, team: &TeamState) -> Result<Vec<Generation>, ReplicaError> {
    let all = (1..=team.generations.len() as u64).rev();
    all.filter_map(|gen_no| read_generation(conn, id, gen_no).transpose()).collect()
}

fn certified(seeds: &[Generation], staff: &StaffId, sealed: &[u8]) -> String {
    seeds.iter().find_map(|seed| seed.open_name(staff, sealed).ok()).unwrap_or_default()
}

/// What devices acknowledged, against what is here.
struct Had {
    here: HashMap<FeedId, u64>,
    acks: HashMap<DeviceId, HashMap<FeedId, u64>>,
}

impl Had {
    fn read(inner: &mut Inner, team: &TeamId) -> Result<Self, ReplicaError> {
        let spaces: Vec<(FeedId, u64)> = {
            let sql = "SELECT f.feed, f.ssn FROM space s JOIN feed f ON f.feed = s.space";
            let mut statement = inner.conn.prepare_cached(sql)?;
            let rows = statement.query_map([], |row| Ok((FeedId(col16(row, 0)?), uint(row.get(1)?))))?;
            rows.collect::<Result<_, _>>()?
        };
        let mut here = HashMap::new();
        for (space, ssn) in spaces {
            let member = inner.feeds.space(&inner.conn, &space)?.and_then(|state| state.members.get(team));
            if member.is_some_and(|member| member.role >= Role::Reader) {
                here.insert(space, ssn);
            }
        }
        let mut acks: HashMap<DeviceId, HashMap<FeedId, u64>> = HashMap::new();
        let mut statement = inner.conn.prepare_cached("SELECT device, feed, ssn FROM ack")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let of_device = acks.entry(DeviceId(col16(row, 0)?)).or_default();
            of_device.insert(FeedId(col16(row, 1)?), uint(row.get(2)?));
        }
        Ok(Self { here, acks })
    }

    fn lacks(&self, device: &DeviceId) -> Option<u64> {
        let acks = self.acks.get(device)?;
        let lacking = |(feed, ssn): (&FeedId, &u64)| ssn.saturating_sub(acks.get(feed).copied().unwrap_or(0));
        Some(self.here.iter().map(lacking).sum())
    }
}

fn device_row(
    inner: &Inner,
    team: &TeamState,
    id: &DeviceId,
    device: &DeviceState,
    had: &Had,
    own: DeviceId,
) -> Result<DeviceRow, ReplicaError> {
    let feed = team.id();
    let (since_ms, by) = signed_by(inner, &feed, team.hash_at(device.added))?;
    let removed = match &device.removed {
        None => None,
        Some(removal) => {
            let (at_ms, by) = signed_by(inner, &feed, team.hash_at(removal.cseq))?;
            Some(RemovedRow { at_ms, by, reason: removal.reason })
        }
    };
    let mut last_heard_ms = None;
    for space in had.here.keys() {
        let sql = "SELECT received_ms FROM frame WHERE feed = ?1 AND author = ?2 ORDER BY ssn DESC LIMIT 1";
        let key = params![space.as_bytes(), id.as_bytes()];
        let heard: Option<i64> = inner.conn.prepare_cached(sql)?.query_row(key, |row| row.get(0)).optional()?;
        last_heard_ms = last_heard_ms.max(heard);
    }
    let lacks = if *id == own { Some(0) } else { had.lacks(id) };
    let admin = device.role == DeviceRole::Admin;
    Ok(DeviceRow { device: *id, admin, since_ms, by, last_heard_ms, lacks, own: *id == own, removed })
}
