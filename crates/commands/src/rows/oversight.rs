//! What managers look into: struck fields, keys that do not open, grants of a device that is gone.

use super::people::People;
use super::{bodies, storage};
use crate::grant::list::{GrantKind, LostGrant, LostGrants};
use crate::host::Host;
use crate::space::candidates::Candidate;
use crate::state::struck::StruckField;
use crate::sync::faults::KeyFault;
use crate::{Code, Failure};
use meguri_replica::{Append, Grant, GrantRow, Granted, Replica, StateValue};
use meguri_wire::cbor::Cbor;
use meguri_wire::control::{RemoveReason, Role};
use meguri_wire::ids::{SpaceId, TeamId};
use uuid::Uuid;

/// What a manager notes beside a decision: a word of a closed list.
pub(crate) fn note(word: &str) -> Vec<u8> {
    word.to_owned().to_bytes()
}

/// The word of a note.
pub(crate) fn noted(bytes: &[u8]) -> Option<String> {
    String::from_bytes(bytes).ok()
}

/// Facilities that a chart could be shared with, by name.
pub(crate) fn candidates(replica: &Replica, patient: Uuid) -> Result<Vec<Candidate>, Failure> {
    let space = super::space_of(replica, patient)?;
    let members = replica.space(&space).map_err(storage)?.map(|state| state.members).unwrap_or_default();
    let listed = replica.listed().map_err(storage)?;
    let free = listed.into_iter().filter(|(team, found)| !members.contains_key(team) && !found.suspended);
    let mut out: Vec<Candidate> = free
        .map(|(team, found)| Candidate {
            facility_id: team.to_string(),
            facility: found.name,
            facility_type: found.facility_type as u32,
            code: found.code,
        })
        .collect();
    out.sort_by(|a, b| a.facility.cmp(&b.facility));
    Ok(out)
}

/// Someone must go on deciding who shares a chart.
///
/// # Errors
/// `not_allowed{reason: no_manager}`.
pub(crate) fn keeps_manager(replica: &Replica, space: &SpaceId, team: &TeamId) -> Result<(), Failure> {
    let members = replica.space(space).map_err(storage)?.map(|state| state.members).unwrap_or_default();
    let other = members.iter().any(|(each, member)| each != team && member.role == Role::Manager);
    if other || members.get(team).is_none_or(|member| member.role != Role::Manager) {
        return Ok(());
    }
    Err(Code::NotAllowed.with("reason", "no_manager"))
}

pub(crate) fn struck_fields(replica: &Replica, people: &People, patient: Uuid) -> Result<Vec<StruckField>, Failure> {
    let mut out = Vec::new();
    for found in replica.struck_state(patient).map_err(storage)? {
        let Some((kind, id, field)) = bodies::split(&found.key) else { continue };
        let values = |values: &[StateValue]| bodies::values_of(people, kind, field, values);
        out.push(StruckField {
            kind: kind.to_owned(),
            id: id.to_owned(),
            field: field.to_owned(),
            now: values(&found.now),
            before: values(&offered(&found.before)),
            key: found.key,
        });
    }
    Ok(out)
}

/// The same value is offered once.
fn offered(values: &[StateValue]) -> Vec<StateValue> {
    let mut out: Vec<StateValue> = Vec::new();
    for value in values {
        if !out.iter().any(|other| other.bytes == value.bytes) {
            out.push(value.clone());
        }
    }
    out
}

/// Puts a value back in the place of a struck one, or stands for one that is there; without a choice the field is emptied.
pub(crate) fn restore(host: &dyn Host, patient: &str, key: &str, choice: Option<&str>) -> Result<(), Failure> {
    let replica = host.replica()?;
    let patient = super::id(patient)?;
    let space = super::space_of(&replica, patient)?;
    super::may_write(&replica, &space)?;
    let struck = replica.struck_state(patient).map_err(storage)?;
    let field = struck.into_iter().find(|field| field.key == key).ok_or(Code::NotFound)?;
    let chosen = match choice {
        None => None,
        Some(choice) => {
            let mut all = field.before.iter().chain(&field.now);
            Some(all.find(|value| value.choice == choice).ok_or(Code::NotFound)?.bytes.clone())
        }
    };
    let mut state = vec![(key.to_owned(), chosen)];
    if let Some((key, card)) = host.name_card(&space)? {
        state.push((key, Some(card)));
    }
    let append = Append {
        space,
        patient,
        entries: Vec::new(),
        state,
        written_at_ms: host.now_ms(),
        zone_min: host.zone_min(),
        discard_drafts: Vec::new(),
    };
    replica.append_again(&append).map_err(storage)?;
    host.written();
    Ok(())
}

pub(crate) fn key_faults(replica: &Replica, people: &People) -> Result<Vec<KeyFault>, Failure> {
    let own = replica.device_info().map_err(storage)?.map(|own| own.team);
    let rows = replica.key_faults().map_err(storage)?;
    let fault = |row: meguri_replica::KeyFaultRow| KeyFault {
        patient_id: row.patient.to_string(),
        at: row.at_ms,
        made_by: row.by.as_ref().map(|by| people.person(by)),
        facilities: row.teams.iter().map(|team| people.facility(team)).collect(),
        here: own.is_some_and(|own| row.teams.contains(&own)),
        owed: row.owed,
    };
    Ok(rows.into_iter().map(fault).collect())
}

pub(crate) fn grants(replica: &Replica, people: &People, patient: Option<Uuid>) -> Result<Vec<LostGrants>, Failure> {
    let mut out = Vec::new();
    for row in replica.grants(patient).map_err(storage)? {
        if super::may_manage(replica, &row.space).is_err() {
            continue;
        }
        let name = replica.patient(row.patient).map_err(storage)?.map(|found| found.name).unwrap_or_default();
        out.push(LostGrants {
            patient_id: row.patient.to_string(),
            patient: format!("{} {}", name.0, name.1),
            device_id: row.device.to_string(),
            person: people.person(&row.person),
            removed_at: row.removed_ms,
            reason: row.reason.into(),
            grants: listed(replica, people, &row)?,
            confirmed_by: row.confirmed.as_ref().map(|by| people.person(by)),
        });
    }
    Ok(out)
}

/// Of a compromised device what is void, of a lost one what still holds.
fn listed(replica: &Replica, people: &People, row: &GrantRow) -> Result<Vec<LostGrant>, Failure> {
    let shown = |each: &&Granted| each.void || row.reason == RemoveReason::Lost;
    let mut out = Vec::new();
    for Granted { grant, at_ms, void } in row.grants.iter().filter(shown) {
        let (what, team, role) = match grant {
            Grant::Member(team, role) => (GrantKind::Member, Some(*team), Some((*role).into())),
            Grant::BreakGlass(team) => (GrantKind::BreakGlass, Some(*team), None),
            Grant::Role(team, role) => (GrantKind::Role, Some(*team), Some((*role).into())),
            Grant::Admit(device) => (GrantKind::Admit, replica.team_of(device).map_err(storage)?, None),
        };
        out.push(LostGrant {
            what,
            facility_id: team.map(|team| team.to_string()).unwrap_or_default(),
            facility: team.map(|team| people.facility(&team)).unwrap_or_default(),
            role,
            at: *at_ms,
            void: *void,
        });
    }
    Ok(out)
}
