//! Keys of charts that did not open at somebody's: who made them, and who said so.

use meguri_wire::{SpaceId, TeamId};
use rusqlite::params;
use uuid::Uuid;

use crate::error::ReplicaError;
use crate::feeds::patient_of;
use crate::intents::Intent;
use crate::members::signed_by;
use crate::open::{Inner, Replica};
use crate::rows::PersonRow;
use crate::sql::col16;

/// A chart whose newest key does not open somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFaultRow {
    /// The chart.
    pub space: SpaceId,
    /// Whose chart.
    pub patient: Uuid,
    /// Which epoch.
    pub epoch: u64,
    /// When the relay took it, ms UTC.
    pub at_ms: i64,
    /// Whose device made it.
    pub by: Option<PersonRow>,
    /// The teams where it does not open.
    pub teams: Vec<TeamId>,
    /// Whether a new key is owed for it. It is not where the same team could not open the one before either, which
    /// somebody else made: then the fault lies with that team.
    pub owed: bool,
}

impl Replica {
    /// Charts whose newest key does not open somewhere, this device included, ascending.
    ///
    /// # Errors
    /// Storage codes.
    pub fn key_faults(&self) -> Result<Vec<KeyFaultRow>, ReplicaError> {
        let here: Vec<(SpaceId, u64)> = self
            .intents()?
            .into_iter()
            .filter_map(|row| match row.intent {
                Intent::Fault(fault) if row.refused.is_none() => Some((row.feed, fault.epoch)),
                Intent::Fault(_)
                | Intent::RemoveDevice(..)
                | Intent::RemoveStaff(..)
                | Intent::AddMember(..)
                | Intent::SetRole(_)
                | Intent::RemoveMember(_)
                | Intent::Admit(_)
                | Intent::Repudiate(_)
                | Intent::Certify(_)
                | Intent::Renew(_) => None,
            })
            .collect();
        let mut inner = self.lock();
        let inner = &mut *inner;
        let spaces: Vec<SpaceId> = {
            let mut statement = inner.conn.prepare_cached("SELECT space FROM space ORDER BY space")?;
            let rows = statement.query_map(params![], |row| Ok(meguri_wire::FeedId(col16(row, 0)?)))?;
            rows.collect::<Result<_, _>>()?
        };
        let mut out = Vec::new();
        for space in spaces {
            out.extend(of_space(inner, space, &here)?);
        }
        Ok(out)
    }
}

fn of_space(inner: &mut Inner, space: SpaceId, here: &[(SpaceId, u64)]) -> Result<Option<KeyFaultRow>, ReplicaError> {
    let own = inner.own()?.map(|own| own.team);
    let Some(state) = inner.feeds.space(&inner.conn, &space)? else { return Ok(None) };
    let n = state.newest_epoch();
    let mut teams: Vec<TeamId> = state.faults.iter().filter(|(epoch, _)| *epoch == n).map(|(_, team)| *team).collect();
    if let Some(own) = own.filter(|own| here.contains(&(space, n)) && !teams.contains(own)) {
        teams.push(own);
    }
    let Some(epoch) = state.epoch(n).filter(|_| !teams.is_empty()) else { return Ok(None) };
    let owed = state.owed_by_event || here.contains(&(space, n));
    let signed = state.hash_at(epoch.cseq).copied();
    let author = epoch.author;
    let (at_ms, _) = signed_by(inner, &space, signed.as_ref())?;
    let person = inner.feeds.person_of(&author);
    let by = person.map(|(team, staff)| crate::team::named(inner, team, staff)).transpose()?;
    let patient = patient_of(&inner.conn, &space)?.unwrap_or(Uuid::from_bytes(space.0));
    Ok(Some(KeyFaultRow { space, patient, epoch: n, at_ms, by, teams, owed }))
}
