//! Writing: change, projection and outbox in one transaction.

use meguri_chart::{Change, Doc, DocName};
use meguri_wire::SpaceId;
use rusqlite::{Connection, params};
use uuid::Uuid;

use crate::body::EntryBody;
use crate::error::ReplicaError;
use crate::open::{Inner, Replica};
use crate::project::{Last, Origin, Ready, Standing, project};

/// The region's offset decides the year of an entry.
const REGION_OFFSET_MS: i64 = 9 * 3_600_000;
const DAY_MS: i64 = 86_400_000;

/// An entry to be written.
#[derive(Debug, Clone)]
pub struct NewEntry {
    /// UUID v7, not used before.
    pub id: Uuid,
    /// Stored tag.
    pub kind: String,
    /// Clinical time, ms UTC.
    pub at_ms: i64,
    /// The bytes of the kind and what stands around them.
    pub body: EntryBody,
}

/// What is written together.
#[derive(Debug, Clone)]
pub struct Append {
    /// Into which space.
    pub space: SpaceId,
    /// Whose chart it is.
    pub patient: Uuid,
    /// Entries, confirmed together.
    pub entries: Vec<NewEntry>,
    /// State keys with their new bytes; `None` deletes.
    pub state: Vec<(String, Option<Vec<u8>>)>,
    /// The device's clock, ms UTC.
    pub written_at_ms: i64,
    /// Its offset, minutes.
    pub zone_min: i32,
    /// Drafts that became these entries.
    pub discard_drafts: Vec<Uuid>,
}

/// The log an instant belongs to.
pub(crate) fn log_of(at_ms: i64) -> DocName {
    let days = (at_ms.saturating_add(REGION_OFFSET_MS)).div_euclid(DAY_MS);
    DocName::Log(year_of(days))
}

/// Gregorian year of a day since 1970-01-01.
fn year_of(days: i64) -> i32 {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let month = (5 * doy + 2) / 153;
    i32::try_from(yoe + era * 400 + i64::from(month >= 10)).unwrap_or(0)
}

impl Replica {
    /// Writes entries and state. Durable when it returns.
    ///
    /// # Errors
    /// [`ReplicaError::NotReady`] before there is a device, [`ReplicaError::NotFound`] for a space that is not here,
    /// [`ReplicaError::Exists`] for an id in use, [`ReplicaError::TooLarge`]; storage codes. Nothing is written then.
    pub fn append(&self, append: &Append) -> Result<(), ReplicaError> {
        self.append_after(append, |_| Ok(()))
    }

    /// The same, with something before it in the same transaction.
    pub(crate) fn append_after(
        &self,
        append: &Append,
        before: impl FnOnce(&Connection) -> Result<(), ReplicaError>,
    ) -> Result<(), ReplicaError> {
        self.append_in(append, false, before)
    }

    /// With `again`, state is written also where the same stands there already.
    pub(crate) fn append_in(
        &self,
        append: &Append,
        again: bool,
        before: impl FnOnce(&Connection) -> Result<(), ReplicaError>,
    ) -> Result<(), ReplicaError> {
        self.lock().write(|inner| {
            before(&inner.conn)?;
            let own = inner.own()?.ok_or(ReplicaError::NotReady)?;
            let patient = crate::feeds::patient_of(&inner.conn, &append.space)?.ok_or(ReplicaError::NotFound)?;
            let origin = Origin {
                space: append.space,
                patient,
                author: own.device,
                team: own.team,
                staff: own.staff,
                own: true,
                written_ms: append.written_at_ms,
                zone_min: append.zone_min,
                received_ms: 0,
                ssn: 0,
                standing: Standing::Good,
            };
            let mut last = Last::default();
            write_state(inner, append, again, &origin, &own.actor(), &mut last)?;
            for entry in &append.entries {
                write_entry(inner, append, entry, &origin, &own.actor(), &mut last)?;
            }
            for draft in &append.discard_drafts {
                inner.conn.prepare_cached("DELETE FROM draft WHERE id = ?1")?.execute([draft.as_bytes()])?;
            }
            last.flush(&inner.conn)
        })
    }
}

fn write_state(
    inner: &mut Inner,
    append: &Append,
    again: bool,
    origin: &Origin,
    actor: &meguri_chart::Actor,
    last: &mut Last,
) -> Result<(), ReplicaError> {
    if append.state.is_empty() {
        return Ok(());
    }
    let loaded = inner.documents.get(&inner.conn, append.space, DocName::Core)?;
    let put = if again { Doc::put_state_again } else { Doc::put_state };
    let Some(change) = put(&mut loaded.doc, actor, &append.state)? else { return Ok(()) };
    loaded.wrote(&change.bytes);
    let ready = Ready::state(change.hash, append.state.iter().map(|(key, _)| key));
    project(&inner.conn, &loaded.doc, origin, &ready, last)?;
    queue(&inner.conn, append, DocName::Core, &change, Queued::default())
}

fn write_entry(
    inner: &mut Inner,
    append: &Append,
    entry: &NewEntry,
    origin: &Origin,
    actor: &meguri_chart::Actor,
    last: &mut Last,
) -> Result<(), ReplicaError> {
    let taken = inner.conn.prepare_cached("SELECT 1 FROM entry WHERE id = ?1")?.exists([entry.id.as_bytes()])?;
    if taken {
        return Err(ReplicaError::Exists);
    }
    let name = log_of(entry.at_ms);
    let body = entry.body.to_bytes();
    let loaded = inner.documents.get(&inner.conn, append.space, name)?;
    let change = loaded.doc.put_entry(actor, entry.id.into_bytes(), &entry.kind, entry.at_ms, &body)?;
    loaded.wrote(&change.bytes);
    let ready = Ready::entry(change.hash, entry);
    project(&inner.conn, &loaded.doc, origin, &ready, last)?;
    let blobs = ready.blobs().flat_map(|blob| blob.0).collect();
    let entry = entry.at_ms.to_be_bytes().into_iter().chain(entry.id.into_bytes()).collect();
    queue(&inner.conn, append, name, &change, Queued { blobs, entry })
}

/// What stands beside a change of the outbox.
#[derive(Default)]
struct Queued {
    /// Ids of blobs it names.
    blobs: Vec<u8>,
    /// Time and id of the entry it creates.
    entry: Vec<u8>,
}

fn queue(
    conn: &Connection,
    append: &Append,
    name: DocName,
    change: &Change,
    beside: Queued,
) -> Result<(), ReplicaError> {
    let sql = "INSERT INTO outbox (space, name, written_ms, zone_min, blobs, entry, change) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    conn.prepare_cached(sql)?.execute(params![
        append.space.as_bytes(),
        name.to_string(),
        append.written_at_ms,
        append.zone_min,
        beside.blobs,
        beside.entry,
        change.bytes
    ])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_year_turns_in_the_region() {
        // 2026-12-31T14:59:59.999Z is the last millisecond of the year at +09:00.
        assert_eq!(log_of(1_798_729_199_999), DocName::Log(2026));
        assert_eq!(log_of(1_798_729_200_000), DocName::Log(2027));
        assert_eq!(log_of(0), DocName::Log(1970));
        assert_eq!(log_of(951_782_400_000), DocName::Log(2000)); // 29 February
    }
}
