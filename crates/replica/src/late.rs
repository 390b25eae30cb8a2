//! Late work in quarantine: what the relay holds of removed devices, looked at on a throw-away copy of the documents.
//! Nothing of it enters a chart before a manager admits it.

use std::collections::BTreeMap;

use meguri_chart::{Doc, DocName, Incoming, Verdict};
use meguri_seal::item::{KIND_CHANGES, KIND_DRAFT};
use meguri_wire::cbor::Cbor;
use meguri_wire::feed::{SpaceState, Stop, Tail};
use meguri_wire::frame::CLASS_RECORD;
use meguri_wire::{DeviceId, FeedId, Frame, FrameId, SpaceId, TeamId};
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use crate::device::read_epoch_key;
use crate::error::ReplicaError;
use crate::farewell::HandedDraft;
use crate::feeds::patient_of;
use crate::open::{Inner, Replica};
use crate::rows::PersonRow;
use crate::sql::{col16, int, uint};

/// A late item as the relay handed it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateItem {
    /// The whole COSE bytes.
    pub raw: Vec<u8>,
    /// When the relay took it, ms UTC.
    pub received_ms: u64,
}

/// The late work of one device in one chart, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateRow {
    /// The chart.
    pub space: SpaceId,
    /// Whose chart.
    pub patient: Uuid,
    /// The device.
    pub device: DeviceId,
    /// Whose device; `None` while its team's feed is not here.
    pub person: Option<PersonRow>,
    /// Its items.
    pub items: Vec<LatePreview>,
}

/// One late item, opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LatePreview {
    /// Its number.
    pub dseq: u64,
    /// Its id: an `Admit` that ends here names it.
    pub id: FrameId,
    /// When the relay took it, ms UTC.
    pub received_ms: i64,
    /// What it would bring.
    pub brings: Vec<LateEntry>,
    /// Why neither it nor what follows can be admitted.
    pub problem: Option<String>,
}

/// What a late item would put into the chart, or a draft that was handed in.
#[derive(Clone, PartialEq, Eq)]
pub struct LateEntry {
    /// The entry or draft; of changed state none.
    pub id: Option<Uuid>,
    /// Stored tag, or the state's key.
    pub kind: String,
    /// Clinical time, ms UTC; of state and drafts when it was written.
    pub at_ms: i64,
    /// Line for lists; of a draft empty.
    pub title: String,
    /// A draft: shown, never applied.
    pub draft: bool,
}

impl std::fmt::Debug for LateEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LateEntry({:?})", self.id)
    }
}

impl Replica {
    /// Takes what the relay holds of a space in the place of what is here.
    ///
    /// # Errors
    /// Storage codes.
    pub fn put_late(&self, space: &SpaceId, items: &[LateItem]) -> Result<(), ReplicaError> {
        self.lock().write(|inner| {
            inner.conn.prepare_cached("DELETE FROM late WHERE space = ?1")?.execute([space.as_bytes()])?;
            let sql = "INSERT INTO late (space, device, dseq, received_ms, raw) VALUES (?1, ?2, ?3, ?4, ?5)
                ON CONFLICT DO NOTHING";
            for item in items {
                let Ok(frame) = Frame::decode(&item.raw) else { continue };
                let (Some(author), Some(dseq)) = (frame.author(), frame.item().map(|item| item.dseq)) else { continue };
                if frame.feed() != *space {
                    continue;
                }
                let row =
                    params![space.as_bytes(), author.as_bytes(), int(dseq), int(item.received_ms), item.raw.as_slice()];
                inner.conn.prepare_cached(sql)?.execute(row)?;
            }
            Ok(())
        })
    }

    /// How many late items are here, by space, ascending.
    ///
    /// # Errors
    /// Storage codes.
    pub fn late_counts(&self) -> Result<Vec<(SpaceId, u64)>, ReplicaError> {
        let inner = self.lock();
        let mut statement =
            inner.conn.prepare_cached("SELECT space, count(*) FROM late GROUP BY space ORDER BY space")?;
        let rows = statement.query_map([], |row| Ok((FeedId(col16(row, 0)?), uint(row.get(1)?))))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Late work, of one chart or of all, by chart and device, opened on copies.
    ///
    /// # Errors
    /// Storage codes.
    pub fn late(&self, patient: Option<Uuid>) -> Result<Vec<LateRow>, ReplicaError> {
        let mut inner = self.lock();
        let inner = &mut *inner;
        inner.feeds.load(&inner.conn)?;
        let set_aside = crate::lost_controls::people(&inner.conn)?;
        let mut out = Vec::new();
        for (space, device) in waiting(&inner.conn)? {
            let whose = patient_of(&inner.conn, &space)?.unwrap_or(Uuid::from_bytes(space.0));
            if patient.is_some_and(|patient| patient != whose) {
                continue;
            }
            let items = preview(inner, &space, &device)?;
            let person = inner.feeds.person_of(&device).or_else(|| set_aside.get(&device).copied());
            let person = person.map(|(team, staff)| crate::team::named(inner, team, staff)).transpose()?;
            out.push(LateRow { space, patient: whose, device, person, items });
        }
        Ok(out)
    }

    /// The id of a late item of a device.
    ///
    /// # Errors
    /// Storage codes.
    pub fn late_at(&self, space: &SpaceId, device: &DeviceId, dseq: u64) -> Result<Option<FrameId>, ReplicaError> {
        let inner = self.lock();
        let sql = "SELECT raw FROM late WHERE space = ?1 AND device = ?2 AND dseq = ?3";
        let key = params![space.as_bytes(), device.as_bytes(), int(dseq)];
        let raw: Option<Vec<u8>> = inner.conn.prepare_cached(sql)?.query_row(key, |row| row.get(0)).optional()?;
        Ok(raw.map(|raw| FrameId::of(&raw)))
    }
}

fn waiting(conn: &Connection) -> Result<Vec<(SpaceId, DeviceId)>, ReplicaError> {
    let mut statement = conn.prepare_cached("SELECT DISTINCT space, device FROM late ORDER BY space, device")?;
    let rows = statement.query_map([], |row| Ok((FeedId(col16(row, 0)?), DeviceId(col16(row, 1)?))))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn frames(conn: &Connection, space: &SpaceId, device: &DeviceId) -> Result<Vec<(i64, Frame)>, ReplicaError> {
    let sql = "SELECT received_ms, raw FROM late WHERE space = ?1 AND device = ?2 ORDER BY dseq";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params![space.as_bytes(), device.as_bytes()])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        out.push((row.get(0)?, Frame::decode(row.get_ref(1)?.as_blob().map_err(|_| ReplicaError::Corrupt)?)?));
    }
    Ok(out)
}

/// The chain of a device held against the rules, each item opened and applied to copies. After the first problem
/// nothing more is looked at: an `Admit` takes no middle piece.
fn preview(inner: &mut Inner, space: &SpaceId, device: &DeviceId) -> Result<Vec<LatePreview>, ReplicaError> {
    let Some(state) = inner.feeds.space(&inner.conn, space)?.cloned() else { return Ok(Vec::new()) };
    let mut chain = Chain { tail: state.tail(device).cloned(), broken: None, copies: BTreeMap::new() };
    // Nobody's key to judge it by: admitting it would take nothing in.
    let unplaced = inner.feeds.person_of(device).is_none().then(|| meguri_wire::Code::UnknownAuthor.to_string());
    let mut out = Vec::new();
    for (received_ms, frame) in frames(&inner.conn, space, device)? {
        let Some(dseq) = frame.item().map(|item| item.dseq) else { continue };
        if chain.tail.as_ref().is_some_and(|tail| dseq <= tail.dseq) {
            continue; // in the feed already
        }
        let brings = if chain.broken.is_none() { chain.take(inner, &state, device, &frame)? } else { Vec::new() };
        out.push(LatePreview {
            dseq,
            id: frame.id,
            received_ms,
            brings,
            problem: chain.broken.clone().or_else(|| unplaced.clone()),
        });
    }
    Ok(out)
}

struct Chain {
    tail: Option<Tail>,
    broken: Option<String>,
    copies: BTreeMap<DocName, Doc>,
}

impl Chain {
    fn take(
        &mut self,
        inner: &mut Inner,
        state: &SpaceState,
        device: &DeviceId,
        frame: &Frame,
    ) -> Result<Vec<LateEntry>, ReplicaError> {
        match state.check_late(&inner.feeds.world, frame, self.tail.as_ref()) {
            Ok(tail) => self.tail = Some(tail),
            // A device that may write here again: the chain is what counts.
            Err(Stop::Invalid(meguri_wire::Code::AlreadySo)) => self.tail = Some(tail_of(state, inner, device, frame)),
            Err(stop) => {
                self.broken = Some(stop.code().to_string());
                return Ok(Vec::new());
            }
        }
        match self.open(inner, &state.id(), device, frame)? {
            Ok(brings) => Ok(brings),
            Err(problem) => {
                self.broken = Some(problem);
                Ok(Vec::new())
            }
        }
    }

    fn open(
        &mut self,
        inner: &mut Inner,
        space: &SpaceId,
        device: &DeviceId,
        frame: &Frame,
    ) -> Result<Result<Vec<LateEntry>, String>, ReplicaError> {
        let Some(item) = frame.item() else { return Ok(Err("wrong_feed".into())) };
        let Some(key) = read_epoch_key(&inner.conn, space, item.epoch)? else { return Ok(Err("key".into())) };
        let Ok(plain) = meguri_seal::open_item(&key, device, item) else { return Ok(Err("does_not_open".into())) };
        if plain.kind == KIND_DRAFT {
            let draft = plain.unpack().ok().and_then(|bytes| HandedDraft::from_bytes(&bytes).ok());
            return Ok(Ok(draft.map(of_draft).into_iter().collect()));
        }
        if item.class != CLASS_RECORD || plain.kind != KIND_CHANGES {
            return Ok(Ok(Vec::new()));
        }
        let name = item.doc.and_then(|doc| inner.feeds.doc_name(space, &doc));
        let (Some(name), Ok(records)) = (name, plain.to_changes()) else { return Ok(Err("bad_bytes".into())) };
        if let std::collections::btree_map::Entry::Vacant(room) = self.copies.entry(name) {
            room.insert(inner.documents.get(&inner.conn, *space, name)?.doc.clone());
        }
        let Some(copy) = self.copies.get_mut(&name) else { return Ok(Err("bad_bytes".into())) };
        let written_ms: Vec<i64> = records.iter().map(|record| record.written_at_ms).collect();
        let changes: Vec<Vec<u8>> = records.into_iter().map(|record| record.change).collect();
        let outcome = copy.apply(&[Incoming { author: device.0, changes: &changes }]);
        Ok(match outcome.verdicts.into_iter().next() {
            Some(Verdict::Applied(scanned)) => Ok(brings(scanned, &written_ms)),
            Some(Verdict::Parked(reason)) => Err(reason.to_string()),
            Some(Verdict::Waiting) | None => Err("change".into()),
        })
    }
}

fn tail_of(state: &SpaceState, inner: &Inner, device: &DeviceId, frame: &Frame) -> Tail {
    let team = state.team_of(&inner.feeds.world, device).map_or(TeamId::default(), |(team, _)| team);
    let item = frame.item();
    let store = item.map(|item| item.seen.store.clone()).unwrap_or_default();
    Tail { team, dseq: item.map_or(0, |item| item.dseq), id: frame.id, store }
}

fn of_draft(draft: HandedDraft) -> LateEntry {
    let HandedDraft { id, kind, updated_ms, .. } = draft;
    LateEntry { id: Some(id), kind, at_ms: updated_ms, title: String::new(), draft: true }
}

fn brings(scanned: Vec<meguri_chart::Scanned>, written_ms: &[i64]) -> Vec<LateEntry> {
    use meguri_chart::Effect;
    let mut out = Vec::new();
    for (scanned, written_ms) in scanned.into_iter().zip(written_ms) {
        out.extend(scanned.effects.into_iter().map(|effect| match effect {
            Effect::Entry { id, kind, at_ms, body } => {
                let body = crate::body::EntryBody::from_bytes(&body).unwrap_or_default();
                let title = crate::project::facts_of(&kind, &body.body).title;
                LateEntry { id: Some(Uuid::from_bytes(id)), kind, at_ms, title, draft: false }
            }
            Effect::State { key } => {
                LateEntry { id: None, kind: key, at_ms: *written_ms, title: String::new(), draft: false }
            }
        }));
    }
    out
}
