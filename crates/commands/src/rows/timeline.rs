//! Entries as lines of the chart.

use super::{People, storage};
use crate::home::show::Waiting;
use crate::types::{Delivery, DeliveryState, EntryStatus, Instant, Strike, StrikeReason, TimelineEntry};
use crate::{Code, Failure};
use meguri_clinical::entry_kind;
use meguri_replica::{EntryRow, Replica, Status, TimelineQuery};
use meguri_wire::ids::{BlobId, SpaceId, TeamId};
use serde_json::Value;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use uuid::Uuid;

/// What to list.
pub(crate) struct Page {
    pub(crate) patient: Uuid,
    pub(crate) before: Option<(i64, Uuid)>,
    pub(crate) limit: u32,
    pub(crate) kinds: Vec<String>,
    pub(crate) facilities: Vec<String>,
    pub(crate) text: String,
}

/// What was found.
pub(crate) struct Found {
    pub(crate) entries: Vec<TimelineEntry>,
    pub(crate) more: bool,
    pub(crate) total: u32,
}

pub(crate) fn timeline(replica: &Replica, people: &People, page: Page) -> Result<Found, Failure> {
    let facilities =
        page.facilities.iter().map(|id| id.parse()).collect::<Result<Vec<_>, _>>().map_err(|_| Code::NotFound)?;
    let found = replica
        .timeline(&TimelineQuery {
            patient: page.patient,
            before: page.before,
            limit: page.limit,
            kinds: page.kinds,
            facilities,
            text: page.text,
        })
        .map_err(storage)?;
    let entries = lines(replica, people, found.entries)?;
    Ok(Found { entries, more: found.more, total: found.total })
}

pub(crate) fn versions(
    replica: &Replica,
    people: &People,
    patient: Uuid,
    entry: Uuid,
) -> Result<Vec<TimelineEntry>, Failure> {
    let rows = replica.versions(patient, entry).map_err(storage)?;
    lines(replica, people, rows)
}

pub(crate) fn news(replica: &Replica, people: &People, limit: u32) -> Result<Vec<TimelineEntry>, Failure> {
    let rows = replica.news(limit).map_err(storage)?;
    lines(replica, people, rows)
}

pub(crate) fn unsent(replica: &Replica, people: &People, patient: &str) -> Result<Vec<TimelineEntry>, Failure> {
    let rows = replica.unsent_entries(super::id(patient)?).map_err(storage)?;
    lines(replica, people, rows)
}

pub(crate) fn waiting(replica: &Replica) -> Result<Waiting, Failure> {
    let found = replica.waiting().map_err(storage)?;
    Ok(Waiting {
        conflicts: found.conflicts,
        unsent: found.unsent,
        drafts: found.drafts,
        pictures_missing: found.pictures,
    })
}

pub(crate) fn mark_seen(replica: &Replica, patient: Uuid, up_to_ms: i64) -> Result<(), Failure> {
    replica.mark_seen(patient, up_to_ms).map_err(storage)
}

fn lines(replica: &Replica, people: &People, rows: Vec<EntryRow>) -> Result<Vec<TimelineEntry>, Failure> {
    let missing = replica.blobs_missing(MISSING_MAX).map_err(storage)?;
    let mut held: HashMap<SpaceId, Vec<(TeamId, u64)>> = HashMap::new();
    rows.into_iter()
        .map(|row| {
            let held = match held.entry(row.space) {
                Entry::Occupied(found) => found.into_mut(),
                Entry::Vacant(room) => room.insert(replica.delivered(&row.space).map_err(storage)?),
            };
            let strike = strike(replica, people, &row)?;
            Ok(TimelineEntry { strike, ..line(people, row, &missing, held) })
        })
        .collect()
}

/// Pictures that have not arrived; more than this many are still fetched, only not marked.
const MISSING_MAX: u32 = 1000;

/// `held` says how far each member team has the chart.
fn line(people: &People, row: EntryRow, missing: &[BlobId], held: &[(TeamId, u64)]) -> TimelineEntry {
    let kind = entry_kind(&row.kind);
    let body = kind.and_then(|kind| kind.decode(&row.body).ok());
    let lacks = !missing.is_empty()
        && kind.and_then(|kind| kind.facts(&row.body).ok()).is_some_and(|facts| {
            facts.blobs.iter().any(|blob| blob.id.parse().is_ok_and(|id: BlobId| missing.contains(&id)))
        });
    let author = people.person(&row.person);
    TimelineEntry {
        id: row.id.to_string(),
        patient_id: row.patient.to_string(),
        space_id: row.space.to_string(),
        at: Instant { ms: row.at_ms, zone_min: row.zone_min },
        written_at: Instant { ms: row.written_ms, zone_min: row.zone_min },
        received_at: row.received_ms,
        arrived_late: (row.late && !author.is_me).then_some(true),
        author,
        on_behalf_of: row.on_behalf_of.as_ref().map(|person| people.person(person)),
        status: status(row.status),
        visit_id: row.visit.map(|id| id.to_string()),
        unknown_kind: body.is_none() && !row.body.is_empty(),
        body: body.unwrap_or(Value::Null),
        is_new: row.is_new,
        delivery: delivery(people, &row, held),
        amends: row.amends.map(|id| id.to_string()),
        amended_by: row.amended_by.map(|id| id.to_string()),
        reason: row.reason,
        strike: None,
        blob_missing: lacks.then_some(true),
        title: row.title,
        kind: row.kind,
    }
}

/// Who struck an entry through.
fn strike(replica: &Replica, people: &People, row: &EntryRow) -> Result<Option<Strike>, Failure> {
    if row.status != Status::Struck {
        return Ok(None);
    }
    let found = replica.strike_of(row.patient, row.id).map_err(storage)?;
    Ok(found.map(|found| Strike {
        by: found.by.as_ref().map(|by| people.person(by)),
        at: found.at_ms,
        reason: found.reason.as_deref().and_then(super::noted).map(|word| StrikeReason::of(&word)),
    }))
}

fn status(status: Status) -> EntryStatus {
    match status {
        Status::Confirmed => EntryStatus::Confirmed,
        Status::Pending => EntryStatus::Pending,
        Status::Struck => EntryStatus::Struck,
        Status::Late => EntryStatus::Late,
        Status::Tampered => EntryStatus::Tampered,
        Status::Amended => EntryStatus::Amended,
        Status::Voided => EntryStatus::Voided,
    }
}

/// A team has an entry when one of its devices acknowledged its position.
fn delivery(people: &People, row: &EntryRow, held: &[(TeamId, u64)]) -> Delivery {
    let Some(ssn) = row.ssn else {
        let others = held.iter().filter(|(team, _)| *team != row.person.team);
        let lack = others.map(|(team, _)| people.facility(team)).collect();
        return Delivery { state: DeliveryState::OnlyHere, have: Vec::new(), lack };
    };
    let mut have = Vec::new();
    let mut lack = Vec::new();
    for (team, upto) in held {
        let name = people.facility(team);
        if *upto >= ssn || *team == row.person.team { have.push(name) } else { lack.push(name) }
    }
    let state = match (have.len(), lack.len()) {
        (_, 0) => DeliveryState::Everyone,
        (0 | 1, _) => DeliveryState::Sent,
        _ => DeliveryState::Partly,
    };
    Delivery { state, have, lack }
}
