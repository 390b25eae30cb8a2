//! Drafts, and what becomes an entry.

use super::{People, storage};
use crate::host::{Host, new_id};
use crate::types::{Draft, EntryStatus, Instant};
use crate::{Code, Failure};
use meguri_replica::{Append, DraftRow, EntryBody, Founding, NewEntry, Replica};
use meguri_wire::ids::SpaceId;
use uuid::Uuid;

/// An entry to be written.
pub(crate) struct Writing {
    pub(crate) id: Uuid,
    pub(crate) kind: String,
    pub(crate) at: Instant,
    pub(crate) visit: Option<Uuid>,
    pub(crate) amends: Option<Uuid>,
    pub(crate) voids: Option<Uuid>,
    pub(crate) reason: Option<String>,
    pub(crate) body: Vec<u8>,
}

/// Writes entries and state in one transaction; the first time into a space with this person's name card.
pub(crate) fn append(
    host: &dyn Host,
    replica: &Replica,
    space: &SpaceId,
    patient: Uuid,
    entries: Vec<Writing>,
    mut state: super::Fields,
    discard_drafts: Vec<Uuid>,
) -> Result<(), Failure> {
    super::may_write(replica, space)?;
    if let Some((key, card)) = host.name_card(space)? {
        state.push((key, Some(card)));
    }
    let entries = entries.into_iter().map(new_entry).collect();
    replica
        .append(&Append {
            space: *space,
            patient,
            entries,
            state,
            written_at_ms: host.now_ms(),
            zone_min: host.zone_min(),
            discard_drafts,
        })
        .map_err(storage)?;
    host.written();
    Ok(())
}

/// Writes the fields that `read` makes into the current state of a patient.
pub(crate) fn put_state(
    host: &dyn Host,
    patient: &str,
    read: impl FnOnce(&Replica, Uuid) -> Result<super::Fields, Failure>,
) -> Result<(), Failure> {
    let replica = host.replica()?;
    let patient = super::id(patient)?;
    let space = super::space_of(&replica, patient)?;
    let state = read(&replica, patient)?;
    append(host, &replica, &space, patient, Vec::new(), state, Vec::new())
}

/// A new chart and what is first written into it, both or neither.
pub(crate) fn found(
    host: &dyn Host,
    replica: &Replica,
    founding: &Founding,
    mut state: super::Fields,
) -> Result<(), Failure> {
    if let Some((key, card)) = host.name_card(&founding.space())? {
        state.push((key, Some(card)));
    }
    let first = Append {
        space: founding.space(),
        patient: founding.patient,
        entries: Vec::new(),
        state,
        written_at_ms: host.now_ms(),
        zone_min: host.zone_min(),
        discard_drafts: Vec::new(),
    };
    replica.found(founding, &first).map_err(storage)?;
    host.written();
    Ok(())
}

fn new_entry(writing: Writing) -> NewEntry {
    NewEntry {
        id: writing.id,
        kind: writing.kind,
        at_ms: writing.at.ms,
        body: EntryBody {
            visit: writing.visit,
            amends: writing.amends,
            voids: writing.voids,
            reason: writing.reason,
            on_behalf_of: None,
            zone_min: writing.at.zone_min,
            body: writing.body,
        },
    }
}

/// An entry that may still be corrected.
pub(crate) struct Open {
    pub(crate) kind: String,
    pub(crate) patient: Uuid,
    space: SpaceId,
    pub(crate) id: Uuid,
    pub(crate) at: Instant,
    visit: Option<Uuid>,
}

const REASON_CHARACTERS_MAX: usize = 500;

pub(crate) fn open_entry(
    host: &dyn Host,
    replica: &Replica,
    patient: &str,
    entry: &str,
    reason: &str,
) -> Result<Open, Failure> {
    let (patient, id) = (super::id(patient)?, super::id(entry)?);
    if reason.trim().is_empty() {
        return Err(Code::ReasonMissing.into());
    }
    if reason.chars().count() > REASON_CHARACTERS_MAX {
        return Err(Code::Refused.with("field", "reason").with("reason", "too_long"));
    }
    let people = People::load(host, replica)?;
    let versions = super::versions(replica, &people, patient, id)?;
    let found = versions.iter().find(|v| v.id == id.to_string()).ok_or(Code::NotFound)?;
    if found.amended_by.is_some() || matches!(found.status, EntryStatus::Amended | EntryStatus::Voided) {
        return Err(Code::EntryClosed.into());
    }
    Ok(Open {
        kind: found.kind.clone(),
        patient,
        space: found.space_id.parse().map_err(|_| Code::Bug)?,
        id,
        at: found.at,
        visit: found.visit_id.as_deref().and_then(|v| Uuid::parse_str(v).ok()),
    })
}

/// The bytes of an entry as its author's app wrote them.
pub(crate) fn stored_body(replica: &Replica, old: &Open) -> Result<Vec<u8>, Failure> {
    let row = replica.entry(old.patient, old.id).map_err(storage)?.ok_or(Code::NotFound)?;
    Ok(row.body)
}

/// A correction (with a body) or a withdrawal (without).
pub(crate) fn follow_up(
    host: &dyn Host,
    replica: &Replica,
    old: &Open,
    body: Option<Vec<u8>>,
    reason: &str,
) -> Result<String, Failure> {
    let id = new_id(host);
    let voids = body.is_none().then_some(old.id);
    let amends = body.is_some().then_some(old.id);
    let writing = Writing {
        id,
        kind: old.kind.clone(),
        at: old.at,
        visit: old.visit,
        amends,
        voids,
        reason: Some(reason.trim().to_owned()),
        body: body.unwrap_or_default(),
    };
    append(host, replica, &old.space, old.patient, vec![writing], Vec::new(), Vec::new())?;
    Ok(id.to_string())
}

pub(crate) fn draft_put(replica: &Replica, draft: &Draft) -> Result<(), Failure> {
    let row = DraftRow {
        id: super::id(&draft.id)?,
        patient: super::id(&draft.patient_id)?,
        visit: draft.visit_id.clone(),
        kind: draft.kind.clone(),
        body_json: draft.body.to_string(),
        updated_ms: draft.updated_at,
    };
    replica.draft_put(&row).map_err(storage)
}

fn from_row(row: DraftRow) -> Draft {
    Draft {
        id: row.id.to_string(),
        patient_id: row.patient.to_string(),
        visit_id: row.visit,
        kind: row.kind,
        body: serde_json::from_str(&row.body_json).unwrap_or_default(),
        updated_at: row.updated_ms,
    }
}

pub(crate) fn draft(replica: &Replica, id: Uuid) -> Result<Draft, Failure> {
    let row = replica.draft(id).map_err(storage)?.ok_or(Code::NotFound)?;
    Ok(from_row(row))
}

pub(crate) fn drafts(replica: &Replica, patient: Option<Uuid>) -> Result<Vec<Draft>, Failure> {
    let rows = replica.drafts(patient).map_err(storage)?;
    Ok(rows.into_iter().map(from_row).collect())
}

pub(crate) fn draft_discard(replica: &Replica, id: Uuid) -> Result<(), Failure> {
    if replica.draft_discard(id).map_err(storage)? { Ok(()) } else { Err(Code::NotFound.into()) }
}
