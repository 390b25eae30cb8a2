//! Opening valid items and putting their changes into documents, a batch per document.

use std::collections::BTreeMap;

use meguri_chart::{DocName, Incoming, Verdict};
use meguri_seal::{ChangeRecord, EpochKey, SealError, item};
use meguri_wire::SpaceId;
use meguri_wire::frame::CLASS_RECORD;
use rusqlite::{Connection, OptionalExtension, params};

use crate::device::read_epoch_key;
use crate::documents::Documents;
use crate::error::ReplicaError;
use crate::feeds::patient_of;
use crate::former::FormerItem;
use crate::ingest::{PARKED, Pending, REPLAYED, VALID, WAITING_KEY, Work, batch, set_outcome};
use crate::open::Inner;
use crate::project::{Origin, Standing, prepare, project};
use crate::sql::int;

/// An opened item.
pub(crate) struct Opened {
    pub(crate) pending: Pending,
    pub(crate) changes: Vec<Vec<u8>>,
    /// When each was written, ms UTC, and the offset there, minutes.
    pub(crate) written: Vec<(i64, i32)>,
}

impl Opened {
    fn of(pending: Pending, records: Vec<ChangeRecord>) -> Self {
        let (written, changes) =
            records.into_iter().map(|r| ((r.written_at_ms, i32::try_from(r.zone_min).unwrap_or(0)), r.change)).unzip();
        Self { pending, changes, written }
    }
}

/// Keys used in this round, so that each is read once.
type Keys = BTreeMap<(SpaceId, u64), Option<EpochKey>>;

/// Opens and applies what is pending; how many items went in.
pub(crate) fn open_all(inner: &mut Inner, work: &mut Work) -> Result<usize, ReplicaError> {
    let pending = std::mem::take(&mut work.pending);
    if pending.is_empty() {
        return Ok(0);
    }
    let own = inner.own()?;
    let mut keys = Keys::new();
    // Core sorts before the logs: it tells whose chart the entries belong to.
    let mut batches: BTreeMap<(SpaceId, DocName), Vec<Opened>> = BTreeMap::new();
    let mut applied = 0;
    for pending in pending {
        let mine = own.is_some_and(|own| own.device == pending.author) && pending.was == VALID;
        let done = mine && came_back(inner, work, &pending)?;
        if done && work.standing(inner, &pending)? == Standing::Good {
            applied += 1;
            continue;
        }
        let space = pending.frame.feed();
        match open(inner, &mut keys, &pending)? {
            Ok(Some((name, records))) => {
                batches.entry((space, name)).or_default().push(Opened::of(pending, records));
            }
            Ok(None) => {
                outcome(&inner.conn, &pending, VALID, "")?;
                applied += 1;
            }
            Err((state, reason)) => outcome(&inner.conn, &pending, state, reason)?,
        }
    }
    Ok(applied + batch::run(inner, work, own.map(|own| own.device), batches)?)
}

pub(crate) fn outcome(conn: &Connection, pending: &Pending, outcome: i64, reason: &str) -> Result<(), ReplicaError> {
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

/// An own item is in the feed: it leaves the outbox. One that was not sealed
/// here is of a clone; what was sealed here after it must be sealed again.
/// True when nothing is left to do: the very bytes sealed here came back, and
/// what they hold is in the document and its projection since it was written.
fn came_back(inner: &mut Inner, work: &mut Work, pending: &Pending) -> Result<bool, ReplicaError> {
    let conn = &inner.conn;
    let space = pending.frame.feed();
    let Some(dseq) = pending.frame.item().map(|item| int(item.dseq)) else { return Ok(false) };
    let sql = "SELECT frame = ?3 FROM sealed WHERE space = ?1 AND dseq = ?2";
    let key = params![space.as_bytes(), dseq, pending.frame.id.as_bytes()];
    let same: Option<bool> = conn.prepare_cached(sql)?.query_row(key, |row| row.get(0)).optional()?;
    if same == Some(false) {
        work.cloned.insert(space);
        crate::outbox::unseal(conn, &space)?;
        return Ok(false);
    }
    let done = same == Some(true) && mark_sent(conn, &space, dseq, pending)?;
    keep(conn, &mut inner.documents, space, dseq)?;
    conn.prepare_cached("DELETE FROM outbox WHERE space = ?1 AND dseq = ?2")?
        .execute(params![space.as_bytes(), dseq])?;
    conn.prepare_cached("DELETE FROM sealed WHERE space = ?1 AND dseq = ?2")?
        .execute(params![space.as_bytes(), dseq])?;
    Ok(done)
}

/// What leaves the outbox stays with its document.
fn keep(conn: &Connection, documents: &mut Documents, space: SpaceId, dseq: i64) -> Result<(), ReplicaError> {
    let mut statement =
        conn.prepare_cached("SELECT name, change FROM outbox WHERE space = ?1 AND dseq = ?2 ORDER BY ord")?;
    let rows = statement.query_map(params![space.as_bytes(), dseq], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut changes: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
    for row in rows {
        let (name, change): (String, Vec<u8>) = row?;
        changes.entry(name).or_default().push(change);
    }
    changes.iter().try_for_each(|(name, changes)| documents.keep(conn, space, name.parse()?, changes))
}

/// Gives the entries of an own item their place in the feed; false when the outbox does not say which they are.
fn mark_sent(conn: &Connection, space: &SpaceId, dseq: i64, pending: &Pending) -> Result<bool, ReplicaError> {
    let mut statement = conn.prepare_cached("SELECT entry, name FROM outbox WHERE space = ?1 AND dseq = ?2")?;
    let mut rows = statement.query(params![space.as_bytes(), dseq])?;
    let mut any = false;
    while let Some(row) = rows.next()? {
        any = true;
        let entry = row.get_ref(0)?.as_blob().map_err(|_| ReplicaError::Corrupt)?;
        let Some((_at_ms, id)) = entry.split_first_chunk::<8>() else {
            // A log change of an outbox from before the column, or state, which has nothing to mark.
            if row.get_ref(1)?.as_str().is_ok_and(|name| name.starts_with("log-")) {
                return Ok(false);
            }
            continue;
        };
        let sql = "UPDATE entry SET ssn = ?2, received_ms = ?3 WHERE id = ?1 AND ssn = 0";
        conn.prepare_cached(sql)?.execute(params![id, int(pending.ssn), pending.received_ms])?;
    }
    Ok(any)
}

/// Applies and projects items of a former store to documents that were built again.
pub(crate) fn replay_former(inner: &mut Inner, work: &mut Work, former: Vec<FormerItem>) -> Result<(), ReplicaError> {
    let own = inner.own()?.map(|own| own.device);
    let mut batches = batch::Batches::new();
    for FormerItem { space, name, author, frame, received_ms, records } in former {
        inner.feeds.space(&inner.conn, &space)?;
        let pending = Pending { ssn: 0, received_ms, author, frame, was: REPLAYED };
        batches.entry((space, name)).or_default().push(Opened::of(pending, records));
    }
    batch::run(inner, work, own, batches)?;
    Ok(())
}

/// Applies and projects the outbox to documents that were built again.
pub(crate) fn replay_outbox(inner: &mut Inner, work: &mut Work) -> Result<(), ReplicaError> {
    let Some(own) = inner.own()? else { return Ok(()) };
    // Document by document: one that is put away in between would come back without its changes.
    let sql = "SELECT space, name, written_ms, zone_min, change FROM outbox ORDER BY space, name, ord";
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
        result.new_changes.iter().for_each(|change| loaded.wrote(change));
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
            standing: Standing::Good,
        };
        for scanned in scanned {
            let ready = prepare(scanned.clone());
            work.new_entries += project(&inner.conn, &loaded.doc, &origin, &ready, &mut work.last)?;
        }
    }
    Ok(())
}
