//! Rows of the timeline as screens get them.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use meguri_wire::{DeviceId, FeedId, SpaceId, StaffId, TeamId};
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use crate::error::ReplicaError;
use crate::sql::{col_uuid, col_uuid_maybe, col16, uint};

/// A person by certificate and name card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRow {
    /// The person.
    pub staff: StaffId,
    /// The team the device writes for.
    pub team: TeamId,
    /// Name on the card; empty until a card came.
    pub name: String,
    /// Code of the profession.
    pub profession: String,
}

/// What an entry is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// As written.
    Confirmed,
    /// Waits for approval.
    Pending,
    /// Struck through by a manager.
    Struck,
    /// Taken from late work.
    Late,
    /// Somebody put another body under the same id; the first stands.
    Tampered,
    /// A later entry corrects it.
    Amended,
    /// Withdrawn.
    Voided,
}

/// One entry.
#[derive(Clone, PartialEq, Eq)]
pub struct EntryRow {
    /// UUID v7.
    pub id: Uuid,
    /// Whose chart.
    pub patient: Uuid,
    /// Which space.
    pub space: SpaceId,
    /// Stored tag.
    pub kind: String,
    /// Clinical time, ms UTC.
    pub at_ms: i64,
    /// Its offset, minutes.
    pub zone_min: i32,
    /// When it was confirmed, by the author's clock, ms UTC.
    pub written_ms: i64,
    /// When the relay took it; `None` while it is only here.
    pub received_ms: Option<i64>,
    /// The certified device.
    pub author: DeviceId,
    /// The person it is certified for.
    pub person: PersonRow,
    /// On whose behalf.
    pub on_behalf_of: Option<PersonRow>,
    /// Its worth.
    pub status: Status,
    /// The visit.
    pub visit: Option<Uuid>,
    /// Line for lists.
    pub title: String,
    /// CBOR of the kind.
    pub body: Vec<u8>,
    /// Came from others and was not looked at.
    pub is_new: bool,
    /// For hours the chart could be read with what was written after this entry and without it.
    pub late: bool,
    /// Is in the feed.
    pub sent: bool,
    /// Its position there.
    pub ssn: Option<u64>,
    /// The entry it corrects.
    pub amends: Option<Uuid>,
    /// The entry that corrects or withdraws it.
    pub amended_by: Option<Uuid>,
    /// Why, of the correction or withdrawal.
    pub reason: Option<String>,
}

impl std::fmt::Debug for EntryRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "EntryRow({}, {:?})", self.id, self.status)
    }
}

pub(crate) const ENTRY_COLUMNS: &str = "e.patient, e.at_ms, e.id, e.space, e.kind, e.author, e.staff, e.team, e.on_behalf_of,
    e.status, e.written_ms, e.zone_min, e.received_ms, e.ssn, e.seen, e.visit, e.follow, e.follows, e.closed, e.closed_by,
    e.reason, e.title, e.body";

pub(crate) fn read_entry(row: &rusqlite::Row<'_>) -> Result<EntryRow, rusqlite::Error> {
    let (follow, closed): (i64, i64) = (row.get(16)?, row.get(18)?);
    let status = match (closed, row.get(9)?) {
        (2, _) => Status::Voided,
        (1, _) => Status::Amended,
        (_, 1_i64) => Status::Pending,
        (_, 2) => Status::Struck,
        (_, 3) => Status::Late,
        (_, 4) => Status::Tampered,
        _ => Status::Confirmed,
    };
    let empty = |staff, team| PersonRow { staff, team, name: String::new(), profession: String::new() };
    let team = FeedId(col16(row, 7)?);
    let ssn = uint(row.get(13)?);
    let reason: String = row.get(20)?;
    Ok(EntryRow {
        patient: col_uuid(row, 0)?,
        at_ms: row.get(1)?,
        id: col_uuid(row, 2)?,
        space: FeedId(col16(row, 3)?),
        kind: row.get(4)?,
        author: DeviceId(col16(row, 5)?),
        person: empty(StaffId(col16(row, 6)?), team),
        on_behalf_of: col_uuid_maybe(row, 8)?.map(|staff| empty(StaffId(staff.into_bytes()), team)),
        status,
        written_ms: row.get(10)?,
        zone_min: row.get(11)?,
        received_ms: (ssn > 0).then_some(row.get(12)?),
        sent: ssn > 0,
        ssn: (ssn > 0).then_some(ssn),
        is_new: row.get::<_, i64>(14)? == 0,
        late: false,
        visit: col_uuid_maybe(row, 15)?,
        amends: col_uuid_maybe(row, 17)?.filter(|_| follow == 1),
        amended_by: col_uuid_maybe(row, 19)?,
        reason: (!reason.is_empty()).then_some(reason),
        title: row.get(21)?,
        body: row.get(22)?,
    })
}

/// So long may readers have had what was written later, and not this entry, before it is called late.
const LATE_MS: i64 = 6 * 3_600_000;
/// An author's clock further ahead of the relay's than this says nothing about what was written later.
const AHEAD_MS: i64 = 10 * 60_000;
/// Entries after the oldest of a page that are looked at: the largest page and some that follow it.
const NEAR_ROWS: u32 = 600;

/// Marks what came late: something written after it had been at the relay for hours. What arrives in its order is not
/// late, however old it is when it arrives: nobody has read the chart with a gap in it.
fn mark_late(conn: &Connection, rows: &mut [EntryRow]) -> Result<(), ReplicaError> {
    let until = |row: &EntryRow| row.received_ms.map(|ms| ms - LATE_MS).filter(|until| row.written_ms < *until);
    let mut patients: Vec<Uuid> = rows.iter().filter(|row| until(row).is_some()).map(|row| row.patient).collect();
    patients.sort_unstable();
    patients.dedup();
    for patient in patients {
        let old = || rows.iter().filter(|row| row.patient == patient && until(row).is_some());
        let Some(from) = old().map(|row| row.at_ms).min() else { continue };
        // Only what stands near: the cost of a page must not grow with its chart.
        let sql =
            "SELECT written_ms, received_ms FROM (SELECT written_ms, received_ms, ssn FROM entry INDEXED BY entry_place
            WHERE patient = ?1 AND at_ms > ?2 ORDER BY at_ms LIMIT ?3) WHERE ssn > 0 AND written_ms < received_ms + ?4";
        let mut statement = conn.prepare_cached(sql)?;
        let near = params![patient.as_bytes(), from, NEAR_ROWS, AHEAD_MS];
        let later = statement.query_map(near, |r| Ok((r.get(0)?, r.get(1)?)))?;
        let later: Vec<(i64, i64)> = later.collect::<Result<_, _>>()?;
        for row in rows.iter_mut().filter(|row| row.patient == patient) {
            let Some(until) = until(row) else { continue };
            row.late = later.iter().any(|(written, received)| *written > row.written_ms && *received < until);
        }
    }
    Ok(())
}

/// Fills in what stands beside the entry: the names of the persons, and whether it came late.
pub(crate) fn complete(conn: &Connection, rows: &mut [EntryRow]) -> Result<(), ReplicaError> {
    // A page has many entries of few people.
    let mut known: HashMap<(TeamId, StaffId), PersonRow> = HashMap::new();
    let mut named = |who: &PersonRow| match known.entry((who.team, who.staff)) {
        Entry::Occupied(found) => Ok(found.get().clone()),
        Entry::Vacant(room) => Ok::<_, ReplicaError>(room.insert(person(conn, who.team, who.staff)?).clone()),
    };
    for row in rows.iter_mut() {
        row.person = named(&row.person)?;
        row.on_behalf_of = row.on_behalf_of.as_ref().map(&mut named).transpose()?;
    }
    mark_late(conn, rows)
}

pub(crate) fn person(conn: &Connection, team: TeamId, staff: StaffId) -> Result<PersonRow, ReplicaError> {
    let sql = "SELECT name, profession FROM staff_card WHERE staff = ?1";
    let card =
        conn.prepare_cached(sql)?.query_row([staff.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let (name, profession) = card.unwrap_or_default();
    Ok(PersonRow { staff, team, name, profession })
}
