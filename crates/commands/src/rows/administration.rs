//! Decisions about teams and charts, and what screens read of them.

use super::people::People;
use super::storage;
use crate::host::Host;
use crate::intent::list::Pending;
use crate::late::list::{LateChain, LateEntry, LateItem};
use crate::team::show::{DeviceRemoval, TeamDevice, TeamPerson};
use crate::types::Decided;
use crate::{Code, Failure, team};
use meguri_replica::{DeviceRow, Intent, LateRow, Replica};
use meguri_wire::control::DeviceRole;
use meguri_wire::feed::TeamState;
use meguri_wire::ids::{DeviceId, FeedId, FrameId, SpaceId, TeamId};
use uuid::Uuid;

/// Keeps a decision and carries it out at once if the relay can be reached.
pub(crate) fn decide(host: &dyn Host, replica: &Replica, feed: &FeedId, intent: &Intent) -> Result<Decided, Failure> {
    replica.add_intent(feed, intent, host.now_ms()).map_err(storage)?;
    host.written();
    host.sync_now()?;
    let rows = replica.intents().map_err(storage)?;
    let kept = rows.iter().rev().find(|row| row.feed == *feed && row.intent == *intent);
    Ok(Decided { done: kept.is_none(), refused: kept.and_then(|row| row.refused).map(|code| code.text().to_owned()) })
}

/// What a removal means for this device.
pub(crate) struct Removable {
    pub(crate) team: TeamId,
    /// This device goes too.
    pub(crate) goes: bool,
}

/// Whether the own team can do without.
pub(crate) fn removable(replica: &Replica, intent: &Intent) -> Result<Removable, Failure> {
    let own = replica.device_info().map_err(storage)?.ok_or(Code::NotEnrolled)?;
    let team = replica.team(&own.team).map_err(storage)?.ok_or(Code::NotEnrolled)?;
    let gone = leaving(&team, intent);
    if gone.is_empty() {
        return Err(Code::NotFound.into());
    }
    let admin = |device: &&DeviceId| team.device(device).is_some_and(|found| found.role == DeviceRole::Admin);
    if !team.active.iter().filter(|device| !gone.contains(device)).any(|device| admin(&device)) {
        return Err(Code::NotAllowed.with("reason", "no_admin"));
    }
    Ok(Removable { team: own.team, goes: gone.contains(&own.device) })
}

/// The active devices that a removal takes.
fn leaving(team: &TeamState, intent: &Intent) -> Vec<DeviceId> {
    let goes = |device: &&DeviceId| match intent {
        Intent::RemoveDevice(gone, _) => *device == gone,
        Intent::RemoveStaff(staff, _) => team.device(device).is_some_and(|found| found.staff == *staff),
        Intent::AddMember(..)
        | Intent::SetRole(_)
        | Intent::RemoveMember(_)
        | Intent::Admit(_)
        | Intent::Repudiate(_)
        | Intent::Fault(_)
        | Intent::Certify(_)
        | Intent::Renew(_) => false,
    };
    team.active.iter().filter(goes).copied().collect()
}

/// The chart and a facility that shares it.
pub(crate) fn member_of(replica: &Replica, patient: &str, facility: &str) -> Result<(SpaceId, TeamId), Failure> {
    let space = super::space_of(replica, super::id(patient)?)?;
    let team: TeamId = facility.parse().map_err(|_| Code::NotFound)?;
    let state = replica.space(&space).map_err(storage)?.ok_or(Code::NotFound)?;
    if state.members.contains_key(&team) { Ok((space, team)) } else { Err(Code::NotFound.into()) }
}

pub(crate) fn team(replica: &Replica, people: &People) -> Result<team::show::Res, Failure> {
    let own = replica.device_info().map_err(storage)?.ok_or(Code::NotEnrolled)?;
    let rows = replica.staff().map_err(storage)?;
    let admin = rows.iter().flat_map(|row| &row.devices).any(|device| device.own && device.admin);
    let staff = rows.into_iter().map(|row| TeamPerson {
        person: people.person(&row.person),
        removed: row.removed,
        devices: row.devices.iter().map(|device| team_device(people, device)).collect(),
    });
    let staff = staff.collect();
    let rotations = u32::try_from(replica.rotations_owed().map_err(storage)?).unwrap_or(u32::MAX);
    Ok(team::show::Res { facility: people.facility(&own.team), admin, staff, rotations })
}

fn team_device(people: &People, row: &DeviceRow) -> TeamDevice {
    TeamDevice {
        device_id: row.device.to_string(),
        admin: row.admin,
        own: row.own,
        since: row.since_ms,
        added_by: row.by.as_ref().map(|by| people.person(by)),
        last_heard_ms: row.last_heard_ms,
        lacks: row.lacks.map(|n| u32::try_from(n).unwrap_or(u32::MAX)),
        removed: row.removed.as_ref().map(|removed| DeviceRemoval {
            at: removed.at_ms,
            by: removed.by.as_ref().map(|by| people.person(by)),
            reason: removed.reason.into(),
        }),
    }
}

pub(crate) fn late(replica: &Replica, people: &People, patient: Option<Uuid>) -> Result<Vec<LateChain>, Failure> {
    let chain = |row: LateRow| {
        let name = replica.patient(row.patient).map_err(storage)?;
        let entry = |entry: &meguri_replica::LateEntry| LateEntry {
            id: entry.id.map(|id| id.to_string()),
            kind: entry.kind.clone(),
            at: entry.at_ms,
            title: entry.title.clone(),
            draft: entry.draft,
        };
        let item = |item: &meguri_replica::LatePreview| LateItem {
            dseq: u32::try_from(item.dseq).unwrap_or(u32::MAX),
            received_ms: item.received_ms,
            brings: item.brings.iter().map(entry).collect(),
            problem: item.problem.clone(),
        };
        Ok(LateChain {
            patient_id: row.patient.to_string(),
            patient: name.map(|found| format!("{} {}", found.name.0, found.name.1)).unwrap_or_default(),
            device_id: row.device.to_string(),
            author: row.person.as_ref().map(|person| people.person(person)),
            items: row.items.iter().map(item).collect(),
        })
    };
    replica.late(patient).map_err(storage)?.into_iter().map(chain).collect()
}

pub(crate) fn intents(replica: &Replica, people: &People) -> Result<Vec<Pending>, Failure> {
    let staff = replica.staff().map_err(storage)?;
    let spaces = replica.spaces().map_err(storage)?;
    let of_device = |device: &DeviceId| {
        let owner = staff.iter().find(|row| row.devices.iter().any(|found| found.device == *device));
        owner.map(|row| row.person.name.clone()).unwrap_or_default()
    };
    let certified = |record: &FrameId| {
        let found = replica.lost_certificate(record).ok().flatten();
        let owner = found.and_then(|found| staff.iter().find(|row| row.person.staff == found.body.staff));
        owner.map(|row| row.person.name.clone()).unwrap_or_default()
    };
    let rows = replica.intents().map_err(storage)?;
    let pending = rows.into_iter().map(|row| {
        let (what, about) = match &row.intent {
            Intent::RemoveDevice(device, _) => ("remove-device", of_device(device)),
            Intent::RemoveStaff(id, _) => {
                let found = staff.iter().find(|row| row.person.staff == *id);
                ("remove-staff", found.map(|row| row.person.name.clone()).unwrap_or_default())
            }
            Intent::AddMember(team, _) => ("add-member", people.facility(team)),
            Intent::SetRole(body) => ("set-role", people.facility(&body.team)),
            Intent::RemoveMember(team) => ("remove-member", people.facility(team)),
            Intent::Admit(body) => ("admit", of_device(&body.device)),
            Intent::Repudiate(body) => ("repudiate", of_device(&body.device)),
            Intent::Fault(_) => ("fault", String::new()),
            Intent::Certify(record) => ("certify", certified(record)),
            Intent::Renew(_) => ("renew", String::new()),
        };
        let patient = spaces.iter().find(|space| space.space == row.feed).map(|space| space.patient.to_string());
        Pending {
            id: u32::try_from(row.id).unwrap_or(u32::MAX),
            what: what.to_owned(),
            about,
            patient_id: patient,
            made_ms: row.made_ms,
            refused: row.refused.map(|code| code.text().to_owned()),
        }
    });
    Ok(pending.collect())
}
