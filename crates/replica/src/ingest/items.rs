//! Opening valid items and putting their changes into documents, a batch per document.

use std::collections::BTreeMap;

use meguri_chart::{DocName, Incoming, Verdict};
use meguri_seal::{ChangeRecord, EpochKey, SealError, item};
use meguri_wire::frame::CLASS_RECORD;
use meguri_wire::{DeviceId, SpaceId};
use rusqlite::{Connection, params};

use crate::device::{read_device, read_epoch_key};
use crate::error::ReplicaError;
use crate::feeds::patient_of;
use crate::ingest::{PARKED, Pending, VALID, WAITING_CHANGE, WAITING_KEY, Work, set_outcome};
use crate::open::Inner;
use crate::project::{Origin, project};
use crate::sql::int;

/// An opened item.
struct Opened {
    pending: Pending,
    records: Vec<ChangeRecord>,
}

/// Keys used in this round, so that each is read once.
type Keys = BTreeMap<(SpaceId, u64), Option<EpochKey>>;

/// Opens and applies what is pending; how many items went in.
pub(crate) fn open_all(inner: &mut Inner, work: &mut Work) -> Result<usize, ReplicaError> {
    let pending = std::mem::take(&mut work.pending);
    if pending.is_empty() {
        return Ok(0);
    }
    let own = read_device(&inner.conn)?.map(|(info, _)| info);
    let mut keys = Keys::new();
    // Core sorts before the logs: it tells whose chart the entries belong to.
    let mut batches: BTreeMap<(SpaceId, DocName), Vec<Opened>> = BTreeMap::new();
    let mut applied = 0;
    for pending in pending {
        if own.is_some_and(|own| own.device == pending.author) && pending.was == VALID {
            came_back(&inner.conn, work, &pending)?;
        }
        let space = pending.frame.feed();
        match open(inner, &mut keys, &pending)? {
            Ok(Some((name, records))) => batches.entry((space, name)).or_default().push(Opened { pending, records }),
            Ok(None) => {
                outcome(&inner.conn, &pending, VALID, "")?;
                applied += 1;
            }
            Err((state, reason)) => outcome(&inner.conn, &pending, state, reason)?,
        }
    }
    for ((space, name), opened) in batches {
        applied += apply(inner, work, own.map(|o| o.device), space, name, opened)?;
    }
    Ok(applied)
}

fn outcome(conn: &Connection, pending: &Pending, outcome: i64, reason: &str) -> Result<(), ReplicaError> {
    if pending.was == outcome {
        return Ok(());
    }
    set_outcome(conn, &pending.frame.feed(), pending.ssn, outcome, reason)
}

type Read = Result<Option<(DocName, Vec<ChangeRecord>)>, (i64, &'static str)>;

fn open(inner: &mut Inner, keys: &mut Keys, pending: &Pending) -> Result<Read, ReplicaError> {
    let space = pending.frame.feed();
    let Some(sealed) = pending.frame.item() else { return Ok(Ok(None)) };
    if let std::collections::btree_map::Entry::Vacant(slot) = keys.entry((space, sealed.epoch)) {
        slot.insert(read_epoch_key(&inner.conn, &space, sealed.epoch)?);
    }
    let Some(Some(key)) = keys.get(&(space, sealed.epoch)) else { return Ok(Err((WAITING_KEY, "key"))) };
    let plain = match meguri_seal::open_item(key, &pending.author, sealed) {
        Ok(plain) => plain,
        Err(SealError::VersionTooOld) => return Ok(Ok(None)),
        Err(_) => return Ok(Err((PARKED, "does_not_open"))),
    };
    // Other classes and kinds are kept with the frame and show nothing in the chart.
    if sealed.class != CLASS_RECORD || plain.kind != item::KIND_CHANGES {
        return Ok(Ok(None));
    }
    let name = sealed.doc.and_then(|doc| inner.feeds.doc_name(&space, &doc));
    let Some(name) = name else { return Ok(Err((PARKED, "unknown_document"))) };
    Ok(match plain.to_changes() {
        Ok(records) => Ok(Some((name, records))),
        Err(_) => Err((PARKED, "bad_bytes")),
    })
}

fn apply(
    inner: &mut Inner,
    work: &mut Work,
    own: Option<DeviceId>,
    space: SpaceId,
    name: DocName,
    opened: Vec<Opened>,
) -> Result<usize, ReplicaError> {
    let changes: Vec<Vec<Vec<u8>>> =
        opened.iter().map(|o| o.records.iter().map(|record| record.change.clone()).collect()).collect();
    let incoming: Vec<Incoming<'_>> =
        opened.iter().zip(&changes).map(|(o, changes)| Incoming { author: o.pending.author.0, changes }).collect();
    let loaded = inner.documents.get(&inner.conn, space, name)?;
    let result = loaded.doc.apply(&incoming);
    loaded.store(&inner.conn, &result.new_changes)?;
    loaded.settle(&inner.conn)?;
    let mut applied = 0;
    let mut patient = patient_of(&inner.conn, &space)?.unwrap_or(uuid::Uuid::from_bytes(space.0));
    for (item, verdict) in opened.iter().zip(&result.verdicts) {
        let scanned = match verdict {
            Verdict::Applied(scanned) => scanned,
            Verdict::Waiting => {
                outcome(&inner.conn, &item.pending, WAITING_CHANGE, "change")?;
                continue;
            }
            Verdict::Parked(reason) => {
                outcome(&inner.conn, &item.pending, PARKED, &reason.to_string())?;
                continue;
            }
        };
        outcome(&inner.conn, &item.pending, VALID, "")?;
        applied += 1;
        let author = item.pending.author;
        let (team, staff) = inner.feeds.person_of(&author).unwrap_or_default();
        for (record, scanned) in item.records.iter().zip(scanned) {
            let origin = Origin {
                space,
                patient,
                author,
                team,
                staff,
                own: own == Some(author),
                written_ms: record.written_at_ms,
                zone_min: i32::try_from(record.zone_min).unwrap_or(0),
                received_ms: item.pending.received_ms,
                ssn: item.pending.ssn,
            };
            work.new_entries += project(&inner.conn, &loaded.doc, &origin, scanned, &mut work.counts)?;
        }
        if name == DocName::Core {
            patient = crate::project::adopt(&inner.conn, &space, patient, &mut work.counts)?;
        }
    }
    Ok(applied)
}

/// An own item is in the feed: it leaves the outbox. One that was not sealed
/// here is of a clone; what was sealed here after it must be sealed again.
fn came_back(conn: &Connection, work: &mut Work, pending: &Pending) -> Result<(), ReplicaError> {
    let space = pending.frame.feed();
    let Some(dseq) = pending.frame.item().map(|item| int(item.dseq)) else { return Ok(()) };
    let sql = "SELECT count(*) FROM sealed WHERE space = ?1 AND dseq = ?2 AND frame <> ?3";
    let other: i64 = conn
        .prepare_cached(sql)?
        .query_row(params![space.as_bytes(), dseq, pending.frame.id.as_bytes()], |row| row.get(0))?;
    if other > 0 {
        work.cloned.insert(space);
        conn.prepare_cached("UPDATE outbox SET dseq = 0 WHERE space = ?1")?.execute([space.as_bytes()])?;
        conn.prepare_cached("DELETE FROM sealed WHERE space = ?1")?.execute([space.as_bytes()])?;
        return Ok(());
    }
    conn.prepare_cached("DELETE FROM outbox WHERE space = ?1 AND dseq = ?2")?
        .execute(params![space.as_bytes(), dseq])?;
    conn.prepare_cached("DELETE FROM sealed WHERE space = ?1 AND dseq = ?2")?
        .execute(params![space.as_bytes(), dseq])?;
    Ok(())
}

/// Applies and projects the outbox to documents that were built again.
pub(crate) fn replay_outbox(inner: &mut Inner, work: &mut Work) -> Result<(), ReplicaError> {
    let Some((own, _)) = read_device(&inner.conn)? else { return Ok(()) };
    let sql = "SELECT space, name, written_ms, zone_min, change FROM outbox ORDER BY ord";
    let rows: Vec<(SpaceId, String, i64, i32, Vec<u8>)> = {
        let mut statement = inner.conn.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| {
            let space = meguri_wire::FeedId(crate::sql::col16(row, 0)?);
            Ok((space, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
        })?;
        rows.collect::<Result<_, _>>()?
    };
    for (space, name, written_ms, zone_min, change) in rows {
        let loaded = inner.documents.get(&inner.conn, space, name.parse()?)?;
        let changes = [change];
        let result = loaded.doc.apply(&[Incoming { author: own.device.0, changes: &changes }]);
        loaded.store(&inner.conn, &result.new_changes)?;
        let Some(Verdict::Applied(scanned)) = result.verdicts.first() else { continue };
        let patient = patient_of(&inner.conn, &space)?.unwrap_or(uuid::Uuid::from_bytes(space.0));
        let origin = Origin {
            space,
            patient,
            author: own.device,
            team: own.team,
            staff: own.staff,
            own: true,
            written_ms,
            zone_min,
            received_ms: 0,
            ssn: 0,
        };
        for scanned in scanned {
            work.new_entries += project(&inner.conn, &loaded.doc, &origin, scanned, &mut work.counts)?;
        }
    }
    Ok(())
}
