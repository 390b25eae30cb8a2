//! From the effects of changes to the rows that screens read.

use std::collections::HashMap;

use meguri_chart::{Doc, Effect, Scanned};
use meguri_clinical::{Facts, entry_kind};
use meguri_wire::{DeviceId, SpaceId, StaffId, TeamId};
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use crate::body::EntryBody;
use crate::error::ReplicaError;
use crate::sql::{col_uuid, int};
use crate::words::Words;

const AMENDS: i64 = 1;
const VOIDS: i64 = 2;
const TAMPERED: i64 = 4;

/// What an item is worth, as `entry.status` holds it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Standing {
    /// As written.
    #[default]
    Good = 0,
    /// Struck through by a manager.
    Struck = 2,
    /// Late work that was let in.
    Late = 3,
}

/// Where a change comes from.
#[derive(Clone, Copy)]
pub(crate) struct Origin {
    pub(crate) space: SpaceId,
    pub(crate) patient: Uuid,
    pub(crate) author: DeviceId,
    pub(crate) team: TeamId,
    pub(crate) staff: StaffId,
    pub(crate) own: bool,
    pub(crate) written_ms: i64,
    pub(crate) zone_min: i32,
    pub(crate) received_ms: i64,
    /// 0 while it is only here.
    pub(crate) ssn: u64,
    pub(crate) standing: Standing,
}

/// What is written once, at the end of a transaction.
#[derive(Default)]
pub(crate) struct Last {
    /// How many shown entries each patient gained.
    counts: HashMap<Uuid, i64>,
    /// Words to be found. FTS5 writes out what it holds whenever another statement opens a savepoint, so its rows
    /// come after all others.
    words: Vec<Words>,
}

impl Last {
    fn count(&mut self, patient: Uuid, count: i64) {
        *self.counts.entry(patient).or_insert(0) += count;
    }

    /// What stood under `from` stands under `to`.
    fn rename(&mut self, from: Uuid, to: Uuid) {
        if let Some(count) = self.counts.remove(&from) {
            self.count(to, count);
        }
        self.words.iter_mut().filter(|words| words.patient == from).for_each(|words| words.patient = to);
    }

    pub(crate) fn flush(&mut self, conn: &Connection) -> Result<(), ReplicaError> {
        for (patient, count) in self.counts.drain().filter(|(_, count)| *count != 0) {
            ensure_patient(conn, patient)?;
            let sql = "UPDATE patient SET entries = entries + ?2 WHERE id = ?1";
            conn.prepare_cached(sql)?.execute(params![patient.as_bytes(), count])?;
        }
        let words = std::mem::take(&mut self.words);
        words.iter().try_for_each(|words| words.add(conn))
    }
}

pub(crate) fn ensure_patient(conn: &Connection, patient: Uuid) -> Result<(), ReplicaError> {
    conn.prepare_cached("INSERT INTO patient (id) VALUES (?1) ON CONFLICT DO NOTHING")?
        .execute([patient.as_bytes()])?;
    Ok(())
}

/// A change with its bodies read: what can be made ready without the file.
pub(crate) struct Ready {
    hash: [u8; 32],
    effects: Vec<ReadyEffect>,
}

enum ReadyEffect {
    Entry(Box<ReadyEntry>),
    State(String),
}

struct ReadyEntry {
    id: Uuid,
    kind: String,
    at_ms: i64,
    body: EntryBody,
    facts: Facts,
    /// Its words as bigrams; empty without any.
    grams: String,
}

/// Reads the bodies of a change.
pub(crate) fn prepare(scanned: Scanned) -> Ready {
    let effects = scanned.effects.into_iter().map(|effect| match effect {
        Effect::Entry { id, kind, at_ms, body } => {
            // An entry whose frame is of a newer form is kept and shown without content.
            let body = EntryBody::from_bytes(&body).unwrap_or_default();
            ReadyEffect::Entry(Box::new(ReadyEntry::of(Uuid::from_bytes(id), kind, at_ms, body)))
        }
        Effect::State { key } => ReadyEffect::State(key),
    });
    Ready { hash: scanned.hash, effects: effects.collect() }
}

impl ReadyEntry {
    fn of(id: Uuid, kind: String, at_ms: i64, body: EntryBody) -> Self {
        let facts = if body.voids.is_none() { facts_of(&kind, &body.body) } else { Facts::default() };
        let grams = crate::words::grams(&facts.search);
        Self { id, kind, at_ms, body, facts, grams }
    }
}

impl Ready {
    /// A change that was just written here and creates one entry.
    pub(crate) fn entry(hash: [u8; 32], entry: &crate::append::NewEntry) -> Self {
        let ready = ReadyEntry::of(entry.id, entry.kind.clone(), entry.at_ms, entry.body.clone());
        Self { hash, effects: vec![ReadyEffect::Entry(Box::new(ready))] }
    }

    /// A change that was just written here and puts these state keys.
    pub(crate) fn state<'a>(hash: [u8; 32], keys: impl Iterator<Item = &'a String>) -> Self {
        Self { hash, effects: keys.cloned().map(ReadyEffect::State).collect() }
    }

    /// Blobs its entries name.
    pub(crate) fn blobs(&self) -> impl Iterator<Item = meguri_wire::BlobId> {
        let entries = self.effects.iter().filter_map(|effect| match effect {
            ReadyEffect::Entry(entry) => Some(entry),
            ReadyEffect::State(_) => None,
        });
        entries.flat_map(|entry| &entry.facts.blobs).filter_map(|blob| blob.id.parse().ok())
    }
}

/// Projects one change; how many entries were new.
pub(crate) fn project(
    conn: &Connection,
    doc: &Doc,
    origin: &Origin,
    ready: &Ready,
    last: &mut Last,
) -> Result<usize, ReplicaError> {
    let mut new = 0;
    for effect in &ready.effects {
        match effect {
            ReadyEffect::Entry(entry) => new += usize::from(project_entry(conn, origin, entry, &ready.hash, last)?),
            ReadyEffect::State(key) => crate::state::project_key(conn, doc, origin, &ready.hash, key)?,
        }
    }
    Ok(new)
}

/// What is known of a body; nothing of an unknown kind or of bytes its kind cannot read.
pub(crate) fn facts_of(kind: &str, body: &[u8]) -> Facts {
    entry_kind(kind).and_then(|kind| kind.facts(body).ok()).unwrap_or_default()
}

fn project_entry(
    conn: &Connection,
    origin: &Origin,
    entry: &ReadyEntry,
    hash: &[u8; 32],
    last: &mut Last,
) -> Result<bool, ReplicaError> {
    let sql = "SELECT row, change FROM entry WHERE id = ?1";
    let found: Option<(i64, Vec<u8>)> =
        conn.prepare_cached(sql)?.query_row([entry.id.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    if let Some((row, change)) = found {
        if change == hash {
            let sql = "UPDATE entry SET ssn = ?2, received_ms = ?3 WHERE row = ?1 AND ssn = 0";
            conn.prepare_cached(sql)?.execute(params![row, int(origin.ssn), origin.received_ms])?;
            if origin.standing != Standing::Good {
                stands(conn, row, origin.standing)?;
            }
        } else if same_again(conn, row, origin, entry)? {
            // A device that became another wrote it again; somebody may have seen the former one already.
            let sql =
                "UPDATE entry SET ssn = ?2, received_ms = ?3, author = ?4, change = ?5 WHERE row = ?1 AND ssn = 0";
            let put = params![row, int(origin.ssn), origin.received_ms, origin.author.as_bytes(), hash];
            conn.prepare_cached(sql)?.execute(put)?;
        } else {
            // The first put stands; the other stays in the document.
            conn.prepare_cached("UPDATE entry SET status = ?2 WHERE row = ?1")?.execute([row, TAMPERED])?;
        }
        return Ok(false);
    }
    let row = insert(conn, origin, entry, hash)?;
    if entry.body.voids.is_none() {
        last.count(origin.patient, 1);
        insert_blobs(conn, origin, entry)?;
        if !entry.grams.is_empty() {
            last.words.push(Words { row, patient: origin.patient, grams: entry.grams.clone() });
        }
    }
    link(conn, origin, entry, last)?;
    Ok(true)
}

/// Whether a second put of an entry says what the first says, by the same person.
fn same_again(conn: &Connection, row: i64, origin: &Origin, entry: &ReadyEntry) -> Result<bool, ReplicaError> {
    let body = &entry.body;
    let bytes = |id: Option<Uuid>| id.map(|id| id.into_bytes().to_vec()).unwrap_or_default();
    let sql =
        "SELECT space = ?2 AND kind = ?3 AND at_ms = ?4 AND body = ?5 AND visit = ?6 AND follows = ?7 AND staff = ?8
        AND team = ?9 AND on_behalf_of = ?10 AND written_ms = ?11 AND follow = ?12 AND zone_min = ?13
        AND (closed = 2 OR reason = ?14) FROM entry WHERE row = ?1";
    let follow = if body.voids.is_some() { VOIDS } else { i64::from(body.amends.is_some()) };
    Ok(conn.prepare_cached(sql)?.query_row(
        params![
            row,
            origin.space.as_bytes(),
            entry.kind,
            entry.at_ms,
            body.body,
            bytes(body.visit),
            bytes(body.voids.or(body.amends)),
            origin.staff.as_bytes(),
            origin.team.as_bytes(),
            body.on_behalf_of.map(|staff| staff.0.to_vec()).unwrap_or_default(),
            origin.written_ms,
            follow,
            body.zone_min,
            body.reason.as_deref().unwrap_or_default()
        ],
        |row| row.get(0),
    )?)
}

/// What is struck through is shown so and measured no more.
fn stands(conn: &Connection, row: i64, standing: Standing) -> Result<(), ReplicaError> {
    let sql = "UPDATE entry SET status = ?2, measured = CASE WHEN ?2 = 2 THEN x'' ELSE measured END
        WHERE row = ?1 AND status IN (0, 3)";
    conn.prepare_cached(sql)?.execute(params![row, standing as i64])?;
    Ok(())
}

/// Writes the row of an entry; its number.
fn insert(conn: &Connection, origin: &Origin, entry: &ReadyEntry, hash: &[u8; 32]) -> Result<i64, ReplicaError> {
    let body = &entry.body;
    let maybe = |id: Option<Uuid>| id.map(|id| id.into_bytes().to_vec()).unwrap_or_default();
    let (follow, follows) = match (body.voids, body.amends) {
        (Some(id), _) => (VOIDS, maybe(Some(id))),
        (None, Some(id)) => (AMENDS, maybe(Some(id))),
        (None, None) => (0, Vec::new()),
    };
    let sql =
        "INSERT INTO entry (patient, at_ms, id, space, kind, author, staff, team, on_behalf_of, written_ms, zone_min,
        received_ms, ssn, seen, shown, visit, follow, follows, reason, title, measured, change, body, status)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23,
        ?24)";
    let measures = if origin.standing == Standing::Struck { &[][..] } else { &entry.facts.measures };
    conn.prepare_cached(sql)?.execute(params![
        origin.patient.as_bytes(),
        entry.at_ms,
        entry.id.as_bytes(),
        origin.space.as_bytes(),
        entry.kind,
        origin.author.as_bytes(),
        origin.staff.as_bytes(),
        origin.team.as_bytes(),
        body.on_behalf_of.map(|staff| staff.0.to_vec()).unwrap_or_default(),
        origin.written_ms,
        body.zone_min,
        origin.received_ms,
        int(origin.ssn),
        origin.own,
        follow != VOIDS,
        maybe(body.visit),
        follow,
        follows,
        body.reason.as_deref().unwrap_or_default(),
        entry.facts.title,
        crate::measures::stored(measures)?,
        hash,
        body.body,
        origin.standing as i64
    ])?;
    Ok(conn.last_insert_rowid())
}

fn insert_blobs(conn: &Connection, origin: &Origin, entry: &ReadyEntry) -> Result<(), ReplicaError> {
    for blob in &entry.facts.blobs {
        let Ok(id) = blob.id.parse::<meguri_wire::BlobId>() else { continue };
        let sql = "INSERT INTO blob (blob, entry, space, present) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
        conn.prepare_cached(sql)?.execute(params![
            id.as_bytes(),
            entry.id.as_bytes(),
            origin.space.as_bytes(),
            origin.own
        ])?;
    }
    Ok(())
}

/// A correction or withdrawal of another entry.
struct Closing {
    /// [`AMENDS`] or [`VOIDS`].
    kind: i64,
    by: Uuid,
    written_ms: i64,
    reason: String,
}

/// Ties a correction or withdrawal to what it is about, whichever came first.
fn link(conn: &Connection, origin: &Origin, entry: &ReadyEntry, last: &mut Last) -> Result<(), ReplicaError> {
    let body = &entry.body;
    if let Some(target) = body.voids.or(body.amends) {
        let kind = if body.voids.is_some() { VOIDS } else { AMENDS };
        let reason = body.reason.clone().unwrap_or_default();
        let closing = Closing { kind, by: entry.id, written_ms: origin.written_ms, reason };
        close(conn, origin.patient, target, &closing, last)?;
    }
    if let Some(closing) = follower(conn, origin.patient, entry.id)? {
        close(conn, origin.patient, entry.id, &closing, last)?;
    }
    Ok(())
}

/// The first correction or withdrawal that came before what it is about. Chosen here, because an order in SQL opens a
/// sorter each time, and nearly always there is none.
fn follower(conn: &Connection, patient: Uuid, id: Uuid) -> Result<Option<Closing>, ReplicaError> {
    let sql = "SELECT written_ms, follow, id, reason FROM entry INDEXED BY entry_follows
        WHERE follows = ?1 AND follow > 0 AND patient = ?2";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params![id.as_bytes(), patient.as_bytes()])?;
    let mut first: Option<Closing> = None;
    while let Some(row) = rows.next()? {
        let closing =
            Closing { written_ms: row.get(0)?, kind: row.get(1)?, by: col_uuid(row, 2)?, reason: row.get(3)? };
        if first.as_ref().is_none_or(|first| closing.goes_before(first.kind, first.written_ms, first.by)) {
            first = Some(closing);
        }
    }
    Ok(first)
}

impl Closing {
    /// A withdrawal goes before corrections, else what was written first; the same on every device, in whatever order
    /// feeds brought them.
    fn goes_before(&self, kind: i64, written_ms: i64, by: Uuid) -> bool {
        (-self.kind, self.written_ms, self.by) < (-kind, written_ms, by)
    }
}

/// A withdrawn entry stays in the list, a corrected one among its versions; neither is measured any more.
fn close(conn: &Connection, patient: Uuid, id: Uuid, closing: &Closing, last: &mut Last) -> Result<(), ReplicaError> {
    let sql = "SELECT e.row, e.shown, e.closed, e.closed_by, coalesce(b.written_ms, 0) FROM entry e INDEXED BY entry_id
        LEFT JOIN entry b INDEXED BY entry_id ON b.id = e.closed_by WHERE e.id = ?1 AND e.patient = ?2";
    let key = params![id.as_bytes(), patient.as_bytes()];
    let read = |row: &rusqlite::Row<'_>| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, crate::sql::col_uuid_maybe(row, 3)?, row.get(4)?))
    };
    let found: Option<(i64, bool, i64, Option<Uuid>, i64)> =
        conn.prepare_cached(sql)?.query_row(key, read).optional()?;
    let Some((row, was_shown, closed, closed_by, written_ms)) = found else { return Ok(()) };
    if closed_by.is_some_and(|by| !closing.goes_before(closed, written_ms, by)) {
        return Ok(());
    }
    let shown = closing.kind == VOIDS;
    last.count(patient, i64::from(shown) - i64::from(was_shown));
    let sql = "UPDATE entry SET closed = ?2, closed_by = ?3, shown = ?4, measured = x'',
        reason = CASE WHEN ?2 = 2 THEN ?5 ELSE reason END WHERE row = ?1";
    conn.prepare_cached(sql)?.execute(params![row, closing.kind, closing.by.as_bytes(), shown, closing.reason])?;
    Ok(())
}

/// Once the state names the patient, what stood under the space itself moves there.
pub(crate) fn adopt(conn: &Connection, space: &SpaceId, patient: Uuid, last: &mut Last) -> Result<Uuid, ReplicaError> {
    let placeholder = Uuid::from_bytes(space.0);
    if patient != placeholder {
        return Ok(patient);
    }
    let sql =
        "SELECT key FROM state WHERE space = ?1 AND key >= 'identity/' AND key < 'identity0' ORDER BY key LIMIT 1";
    let key: Option<String> = conn.prepare_cached(sql)?.query_row([space.as_bytes()], |row| row.get(0)).optional()?;
    let found = key.as_deref().and_then(|key| key.split('/').nth(1)).and_then(|id| Uuid::parse_str(id).ok());
    let Some(found) = found else { return Ok(patient) };
    last.rename(placeholder, found);
    ensure_patient(conn, found)?;
    let sql = "UPDATE space SET patient = ?2 WHERE patient = ?1";
    conn.prepare_cached(sql)?.execute(params![placeholder.as_bytes(), found.as_bytes()])?;
    let sql =
        "SELECT EXISTS (SELECT 1 FROM entry WHERE patient = ?1) OR EXISTS (SELECT 1 FROM draft WHERE patient = ?1)";
    if conn.prepare_cached(sql)?.query_row([placeholder.as_bytes()], |row| row.get(0))? {
        move_rows(conn, placeholder, found)?;
    }
    conn.prepare_cached("DELETE FROM patient WHERE id = ?1")?.execute([placeholder.as_bytes()])?;
    crate::patients::project_identity(conn, found)?;
    Ok(found)
}

/// What was written or came before its patient was known.
fn move_rows(conn: &Connection, placeholder: Uuid, found: Uuid) -> Result<(), ReplicaError> {
    for sql in [
        "UPDATE entry SET patient = ?2 WHERE patient = ?1",
        "UPDATE draft SET patient = ?2 WHERE patient = ?1",
        "UPDATE patient SET entries = entries + coalesce((SELECT entries FROM patient WHERE id = ?1), 0) WHERE id = ?2",
    ] {
        conn.prepare_cached(sql)?.execute(params![placeholder.as_bytes(), found.as_bytes()])?;
    }
    crate::words::move_patient(conn, placeholder, found)
}
