//! What a manager's device decided before it was removed as lost or compromised.
//!
//! What a compromised device granted is void by the rules of the feed (docs/protocol.md §2). What a lost one granted stays,
//! and managers are asked about the same grants: those after the newest Epoch by another device before the removal. It is
//! what the stricter reason would have undone, so nobody is asked about less than that, and what another device has sealed
//! a key to since is not asked about. Grants that something later has undone are left out.

use meguri_wire::control::{RemoveReason, Role};
use meguri_wire::feed::{MemberChange, MemberEvent, SpaceState};
use meguri_wire::{DeviceId, SpaceId, TeamId};
use rusqlite::params;
use std::collections::BTreeSet;
use uuid::Uuid;

use crate::error::ReplicaError;
use crate::feeds::patient_of;
use crate::members::signed_by;
use crate::open::{Inner, Replica};
use crate::rows::PersonRow;
use crate::sql::col16;

/// What was granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grant {
    /// A team came into the chart.
    Member(TeamId, Role),
    /// A team came into the chart for a time.
    BreakGlass(TeamId),
    /// A team's role.
    Role(TeamId, Role),
    /// Late work of a device was let in.
    Admit(DeviceId),
}

/// One grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// What.
    pub grant: Grant,
    /// When the relay took it, ms UTC.
    pub at_ms: i64,
    /// It is void since the removal.
    pub void: bool,
}

/// What one removed device granted in one chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantRow {
    /// The chart.
    pub space: SpaceId,
    /// Whose chart.
    pub patient: Uuid,
    /// The device.
    pub device: DeviceId,
    /// Whose it was.
    pub person: PersonRow,
    /// When the relay took its removal, ms UTC.
    pub removed_ms: i64,
    /// Why.
    pub reason: RemoveReason,
    /// The newest first.
    pub grants: Vec<Granted>,
    /// The manager who said that they may stay.
    pub confirmed: Option<PersonRow>,
}

/// The state key of a manager's word that the grants of a lost device may stay.
#[must_use]
pub fn confirmed_key(device: &DeviceId) -> String {
    format!("lost-grants/{device}/confirmed")
}

/// A device that is no more, and where.
struct Gone {
    device: DeviceId,
    person: PersonRow,
    at_ms: i64,
    reason: RemoveReason,
}

impl Replica {
    /// What devices removed as lost or compromised granted, in one chart or in all, by chart.
    ///
    /// # Errors
    /// Storage codes.
    pub fn grants(&self, patient: Option<Uuid>) -> Result<Vec<GrantRow>, ReplicaError> {
        let mut inner = self.lock();
        let inner = &mut *inner;
        let gone = gone(inner)?;
        if gone.is_empty() {
            return Ok(Vec::new());
        }
        let spaces: Vec<SpaceId> = {
            let mut statement = inner.conn.prepare_cached("SELECT space FROM space ORDER BY space")?;
            let rows = statement.query_map(params![], |row| Ok(meguri_wire::FeedId(col16(row, 0)?)))?;
            rows.collect::<Result<_, _>>()?
        };
        let mut out = Vec::new();
        for space in spaces {
            let whose = patient_of(&inner.conn, &space)?.unwrap_or(Uuid::from_bytes(space.0));
            if patient.is_some_and(|patient| patient != whose) {
                continue;
            }
            let Some(state) = inner.feeds.space(&inner.conn, &space)? else { continue };
            let granting: Vec<&Gone> = gone.iter().filter(|gone| granted(state, &gone.device)).collect();
            if granting.is_empty() {
                continue;
            }
            let state = state.clone();
            for gone in granting {
                let grants = of_device(inner, &state, gone)?;
                if grants.is_empty() {
                    continue;
                }
                out.push(GrantRow {
                    space,
                    patient: whose,
                    device: gone.device,
                    person: gone.person.clone(),
                    removed_ms: gone.at_ms,
                    reason: gone.reason,
                    grants,
                    confirmed: confirmed(inner, &state, &gone.device)?,
                });
            }
        }
        Ok(out)
    }
}

/// Every device known here that was removed for one of the two reasons.
fn gone(inner: &mut Inner) -> Result<Vec<Gone>, ReplicaError> {
    inner.feeds.load(&inner.conn)?;
    let mut found = Vec::new();
    for (team, state) in &inner.feeds.world.teams {
        for (device, known) in &state.devices {
            let Some(removal) = known.removed.as_ref().filter(|r| r.reason != RemoveReason::Retired) else { continue };
            found.push((*team, *device, known.staff, removal.reason, state.hash_at(removal.cseq).copied()));
        }
    }
    let mut out = Vec::new();
    for (team, device, staff, reason, signed) in found {
        let person = crate::team::named(inner, team, staff)?;
        let (at_ms, _) = signed_by(inner, &team, signed.as_ref())?;
        out.push(Gone { device, person, at_ms, reason });
    }
    Ok(out)
}

/// A Genesis is no grant.
fn granted(state: &SpaceState, device: &DeviceId) -> bool {
    state.events.iter().any(|event| event.cseq > 1 && event.author == *device)
        || state.admits.values().flatten().any(|admit| admit.author == *device)
}

fn of_device(inner: &Inner, state: &SpaceState, gone: &Gone) -> Result<Vec<Granted>, ReplicaError> {
    let space = state.id();
    let at = |cseq: u64| Ok::<i64, ReplicaError>(signed_by(inner, &space, state.hash_at(cseq))?.0);
    let mut cut = 0;
    for epoch in state.epochs.iter().rev().filter(|epoch| epoch.author != gone.device) {
        if at(epoch.cseq)? < gone.at_ms {
            cut = epoch.cseq;
            break;
        }
    }
    let mut found: Vec<(u64, Grant, bool)> = Vec::new();
    let own = |event: &&MemberEvent| event.author == gone.device && event.cseq > cut.max(1);
    for event in state.events.iter().filter(own).filter(|event| event.void || stands(state, event)) {
        let break_glass = state.break_glass.contains_key(&event.cseq);
        let grant = match event.change {
            MemberChange::Added if break_glass => Grant::BreakGlass(event.team),
            MemberChange::Added => Grant::Member(event.team, event.role),
            MemberChange::Role => Grant::Role(event.team, event.role),
            MemberChange::Removed => continue,
        };
        found.push((event.cseq, grant, event.void));
    }
    for (device, admits) in &state.admits {
        let own = admits.iter().filter(|admit| admit.author == gone.device && admit.cseq > cut);
        found.extend(own.map(|admit| (admit.cseq, Grant::Admit(*device), false)));
    }
    found.sort_by_key(|(cseq, ..)| std::cmp::Reverse(*cseq));
    found.into_iter().map(|(cseq, grant, void)| Ok(Granted { grant, at_ms: at(cseq)?, void })).collect()
}

/// Whether the chart is still as a grant made it.
fn stands(state: &SpaceState, event: &MemberEvent) -> bool {
    let Some(member) = state.members.get(&event.team) else { return false };
    match event.change {
        MemberChange::Added => member.since == event.cseq,
        MemberChange::Role => {
            let of_team = state.events.iter().filter(|each| each.team == event.team && !each.void);
            of_team.max_by_key(|each| each.cseq).is_some_and(|last| last.cseq == event.cseq)
        }
        MemberChange::Removed => false,
    }
}

/// Only a team that manages the chart can say so.
fn confirmed(inner: &Inner, state: &SpaceState, device: &DeviceId) -> Result<Option<PersonRow>, ReplicaError> {
    let managers: BTreeSet<&TeamId> =
        state.members.iter().filter(|(_, member)| member.role == Role::Manager).map(|(team, _)| team).collect();
    let sql = "SELECT author FROM state WHERE space = ?1 AND key = ?2";
    let mut statement = inner.conn.prepare_cached(sql)?;
    let mut rows = statement.query(params![state.id().as_bytes(), confirmed_key(device)])?;
    while let Some(row) = rows.next()? {
        let author = DeviceId(col16(row, 0)?);
        let person = inner.feeds.person_of(&author).filter(|(team, _)| author != *device && managers.contains(team));
        if let Some((team, staff)) = person {
            return Ok(Some(crate::team::named(inner, team, staff)?));
        }
    }
    Ok(None)
}
