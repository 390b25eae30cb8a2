//! Who carries a chart, and how far each device has it.

use std::collections::HashMap;

use meguri_wire::control::Role;
use meguri_wire::{DeviceId, FeedId, SpaceId, TeamId};
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use crate::error::ReplicaError;
use crate::feeds::cursor;
use crate::open::{Inner, Replica};
use crate::rows::PersonRow;
use crate::sql::{col16, int, uint};

/// A member team of a chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRow {
    /// The team.
    pub team: TeamId,
    /// What it may do.
    pub role: Role,
    /// When the relay took the control that added it, ms UTC.
    pub since_ms: i64,
    /// Who signed that control.
    pub by: Option<PersonRow>,
    /// Its active devices.
    pub devices: Vec<MemberDeviceRow>,
}

/// A device of a member team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberDeviceRow {
    /// The device.
    pub device: DeviceId,
    /// Whose it is.
    pub person: PersonRow,
    /// When the relay took its newest item here, ms UTC.
    pub last_heard_ms: Option<i64>,
    /// How many positions it has not acknowledged, and entries that are only here; 0 for this device, `None` when it
    /// never acknowledged any.
    pub lacks: Option<u32>,
}

impl Replica {
    /// A durable position that a device acknowledged.
    ///
    /// # Errors
    /// Storage codes.
    pub fn put_ack(&self, device: &DeviceId, feed: &FeedId, ssn: u64) -> Result<(), ReplicaError> {
        self.put_acks(&[(*device, *feed, ssn)])
    }

    /// Durable positions that devices acknowledged; one transaction, none when nothing is new.
    ///
    /// # Errors
    /// Storage codes.
    pub fn put_acks(&self, acks: &[(DeviceId, FeedId, u64)]) -> Result<(), ReplicaError> {
        let mut inner = self.lock();
        let held = "SELECT 1 FROM ack WHERE feed = ?1 AND device = ?2 AND ssn >= ?3";
        let mut news = Vec::new();
        for (device, feed, ssn) in acks {
            let key = params![feed.as_bytes(), device.as_bytes(), int(*ssn)];
            if !inner.conn.prepare_cached(held)?.exists(key)? {
                news.push((device, feed, ssn));
            }
        }
        if news.is_empty() {
            return Ok(());
        }
        inner.write(|inner| {
            let sql = "INSERT INTO ack (feed, device, ssn) VALUES (?1, ?2, ?3)
                ON CONFLICT (feed, device) DO UPDATE SET ssn = max(ssn, excluded.ssn)";
            for (device, feed, ssn) in news {
                inner.conn.prepare_cached(sql)?.execute(params![feed.as_bytes(), device.as_bytes(), int(*ssn)])?;
            }
            Ok(())
        })
    }

    /// What devices acknowledged in a feed.
    ///
    /// # Errors
    /// Storage codes.
    pub fn acks(&self, feed: &FeedId) -> Result<Vec<(DeviceId, u64)>, ReplicaError> {
        read_acks(&self.lock().conn, feed)
    }

    /// Each member team of a space with the greatest position one of its devices holds.
    ///
    /// # Errors
    /// Storage codes.
    pub fn delivered(&self, space: &SpaceId) -> Result<Vec<(TeamId, u64)>, ReplicaError> {
        let mut inner = self.lock();
        let inner = &mut *inner;
        let acks = read_acks(&inner.conn, space)?;
        // What is here needs no acknowledgement to count as here.
        let own = inner.own()?.map(|own| own.team);
        let (here, _) = cursor(&inner.conn, space)?;
        let members: Vec<TeamId> = match inner.feeds.space(&inner.conn, space)? {
            Some(state) => state.members.keys().copied().collect(),
            None => Vec::new(),
        };
        let upto = |team: &TeamId| {
            let state = inner.feeds.world.teams.get(team);
            let of_team = acks.iter().filter(|(device, _)| state.is_some_and(|s| s.device(device).is_some()));
            let acked = of_team.map(|(_, ssn)| *ssn).max().unwrap_or(0);
            if own == Some(*team) { acked.max(here) } else { acked }
        };
        Ok(members.iter().map(|team| (*team, upto(team))).collect())
    }

    /// The member teams of a patient's chart with their devices.
    ///
    /// # Errors
    /// Storage codes.
    pub fn members(&self, patient: Uuid) -> Result<Vec<MemberRow>, ReplicaError> {
        let Some(space) = self.space_of(patient)? else { return Ok(Vec::new()) };
        let mut inner = self.lock();
        let inner = &mut *inner;
        let acks: HashMap<DeviceId, u64> = read_acks(&inner.conn, &space)?.into_iter().collect();
        let (ssn, _) = cursor(&inner.conn, &space)?;
        let own = inner.own()?.map(|own| own.device);
        let unsent = "SELECT count(*) FROM outbox WHERE space = ?1 AND entry <> x''";
        let unsent: u64 =
            inner.conn.prepare_cached(unsent)?.query_row([space.as_bytes()], |row| Ok(uint(row.get(0)?)))?;
        let Some(state) = inner.feeds.space(&inner.conn, &space)?.cloned() else { return Ok(Vec::new()) };
        let mut out = Vec::new();
        for (team, member) in &state.members {
            let mut devices = Vec::new();
            let team_state = inner.feeds.world.teams.get(team);
            for (device, found) in team_state.iter().flat_map(|t| t.devices.iter()).filter(|(_, d)| d.removed.is_none())
            {
                let lacking = |have: &u64| ssn.saturating_sub(*have).saturating_add(unsent);
                let lacks = if own == Some(*device) { Some(0) } else { acks.get(device).map(lacking) };
                let lacks = lacks.map(|n| u32::try_from(n).unwrap_or(u32::MAX));
                devices.push(MemberDeviceRow {
                    device: *device,
                    person: crate::rows::person(&inner.conn, *team, found.staff)?,
                    last_heard_ms: last_heard(&inner.conn, &space, device)?,
                    lacks,
                });
            }
            let (since_ms, by) = signed_by(inner, &space, state.hash_at(member.since))?;
            out.push(MemberRow { team: *team, role: member.role, since_ms, by, devices });
        }
        Ok(out)
    }
}

/// When the relay took a control, and who signed it.
pub(crate) fn signed_by(
    inner: &Inner,
    feed: &FeedId,
    id: Option<&meguri_wire::FrameId>,
) -> Result<(i64, Option<PersonRow>), ReplicaError> {
    let Some((at_ms, frame)) = crate::feeds::control(&inner.conn, feed, id)? else { return Ok((0, None)) };
    let person = frame.author().and_then(|author| inner.feeds.person_of(&author));
    let person = person.map(|(team, staff)| crate::rows::person(&inner.conn, team, staff)).transpose()?;
    Ok((at_ms, person))
}

fn read_acks(conn: &Connection, feed: &FeedId) -> Result<Vec<(DeviceId, u64)>, ReplicaError> {
    let mut statement = conn.prepare_cached("SELECT device, ssn FROM ack WHERE feed = ?1")?;
    let rows = statement.query_map([feed.as_bytes()], |row| Ok((DeviceId(col16(row, 0)?), uint(row.get(1)?))))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn last_heard(conn: &Connection, space: &SpaceId, device: &DeviceId) -> Result<Option<i64>, ReplicaError> {
    let sql = "SELECT received_ms FROM frame WHERE feed = ?1 AND author = ?2 ORDER BY ssn DESC LIMIT 1";
    Ok(conn
        .prepare_cached(sql)?
        .query_row(params![space.as_bytes(), device.as_bytes()], |row| row.get(0))
        .optional()?)
}
