//! Taking in a page of a pull: check, open, apply, project, in one transaction.
//! Each frame is valid, waiting or parked; none stops another feed.

mod batch;
mod check;
mod items;
mod retry;
mod standing;
pub(crate) mod unjudged;
mod witnesses;

use std::collections::{BTreeMap, BTreeSet};

use meguri_wire::api::PullRecord;
use meguri_wire::chain::h_next;
use meguri_wire::feed::{Verdict, WaitFor};
use meguri_wire::{Attachment, DeviceId, FeedId, Frame, SpaceId};
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use crate::error::ReplicaError;
use crate::feeds::{cursor, patient_of, set_cursor};
use crate::former::FormerItem;
use crate::intents::is_in_feed;
use crate::keys::{Learned, learn};
use crate::lost_controls::remove_again;
use crate::open::{Inner, Replica};
use crate::project::Last;
use crate::rows::PersonRow;
use crate::sql::{col16, int, uint};
use witnesses::Witnesses;

pub(crate) const VALID: i64 = 0;
pub(crate) const WAITING_FEED: i64 = 1;
pub(crate) const WAITING_KEY: i64 = 2;
pub(crate) const WAITING_CHANGE: i64 = 3;
pub(crate) const PARKED: i64 = 4;
/// In memory only: goes through again while documents are rebuilt.
pub(crate) const REPLAYED: i64 = -1;

/// Pages of at most so many records are committed without waiting for the disk.
const UNFLUSHED_RECORDS_MAX: usize = 32;

/// What a page did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ingested {
    /// Feeds whose position moved.
    pub moved: Vec<FeedId>,
    /// Entries that were not here before.
    pub new_entries: usize,
    /// Frames that wait for something, in the whole replica.
    pub waiting: usize,
    /// Frames that are parked, in the whole replica.
    pub parked: usize,
    /// Feeds whose records do not continue the position here; nothing of them was taken.
    pub gaps: Vec<FeedId>,
    /// Spaces whose newest epoch holds nothing that opens here, and the own team when its newest generation does not: a
    /// reason for a `Fault`, or for another generation.
    pub faults: Vec<SpaceId>,
    /// Spaces where this device's own chain holds an item it did not seal here.
    pub cloned: Vec<SpaceId>,
}

/// A frame that stays out of the documents, with its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParkedRow {
    /// Its feed.
    pub feed: FeedId,
    /// Whose chart, where it is one.
    pub patient: Option<Uuid>,
    /// Who signed it, where that is known.
    pub person: Option<PersonRow>,
    /// A code.
    pub reason: String,
    /// When the relay took it, ms UTC.
    pub at_ms: i64,
}

/// What one ingest carries along.
#[derive(Default)]
pub(crate) struct Work {
    pub(crate) moved: BTreeSet<FeedId>,
    dirty: BTreeSet<FeedId>,
    pub(crate) pending: Vec<Pending>,
    pub(crate) new_entries: usize,
    pub(crate) last: Last,
    faults: BTreeSet<SpaceId>,
    pub(crate) cloned: BTreeSet<SpaceId>,
    /// Where controls stand that decide what items are worth.
    positions: BTreeMap<(SpaceId, u64), u64>,
    witnesses: Witnesses,
    /// Whether frames of a former store are held; asked once.
    former: Option<bool>,
    /// The first control of a feed that waits; asked once, and again when one moved.
    held_up: BTreeMap<FeedId, Option<u64>>,
    retry: bool,
    received_ms: Option<i64>,
    heard_ms: Option<i64>,
}

/// A valid item that is to be opened.
pub(crate) struct Pending {
    pub(crate) ssn: u64,
    pub(crate) received_ms: i64,
    pub(crate) author: DeviceId,
    pub(crate) frame: Frame,
    /// The outcome that stands in its row.
    pub(crate) was: i64,
}

impl Replica {
    /// Takes in a page. Records of a feed are ascending and continue what is here. A small page is on the disk after the
    /// next [`Replica::flush`] or own write. Positions and the relay's clock order everything; `now_ms`, the own clock, only
    /// dates decisions.
    ///
    /// # Errors
    /// Storage codes; nothing of the page is kept then.
    pub fn ingest(&self, page: &[PullRecord], now_ms: i64) -> Result<Ingested, ReplicaError> {
        let mut inner = self.lock();
        let take_in = |inner: &mut Inner| {
            inner.feeds.load(&inner.conn)?;
            let mut work = Work::default();
            let mut gaps = BTreeSet::new();
            for record in page {
                if !gaps.contains(&record.feed) && !take(inner, &mut work, record)? {
                    gaps.insert(record.feed);
                }
            }
            items::open_all(inner, &mut work)?;
            retry::retry(inner, &mut work)?;
            for feed in &work.dirty {
                inner.feeds.save(&inner.conn, feed)?;
            }
            heard(inner, &work)?;
            if let Some(team) = inner.own()?.map(|own| own.team).filter(|team| work.moved.contains(team)) {
                remove_again(inner, &team, now_ms)?;
            }
            work.last.flush(&inner.conn)?;
            finish(&inner.conn, work, gaps)
        };
        // The relay gives a page again to whoever lost it; the one entry of a hint shall be there at once.
        if page.len() <= UNFLUSHED_RECORDS_MAX { inner.write_unflushed(take_in) } else { inner.write(take_in) }
    }

    /// When the relay took the newest frame that is here, and the newest of another device, ms UTC.
    ///
    /// # Errors
    /// Storage codes.
    pub fn last_received(&self) -> Result<(Option<i64>, Option<i64>), ReplicaError> {
        let inner = self.lock();
        Ok((kept_ms(&inner.conn, META_RECEIVED)?, kept_ms(&inner.conn, META_HEARD)?))
    }

    /// What is parked, newest first.
    ///
    /// # Errors
    /// Storage codes.
    pub fn parked(&self) -> Result<Vec<ParkedRow>, ReplicaError> {
        let mut inner = self.lock();
        let inner = &mut *inner;
        inner.feeds.load(&inner.conn)?;
        let sql = "SELECT feed, author, reason, received_ms FROM frame WHERE outcome = 4 AND outcome > 0 ORDER BY received_ms DESC LIMIT 500";
        let mut statement = inner.conn.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            let feed = FeedId(col16(row, 0)?);
            let person = match DeviceId::from_slice(row.get_ref(1)?.as_blob().unwrap_or_default()) {
                Ok(author) => inner.feeds.person_of(&author),
                Err(_) => None,
            };
            out.push(ParkedRow {
                feed,
                patient: patient_of(&inner.conn, &feed)?,
                person: person.map(|(team, staff)| crate::rows::person(&inner.conn, team, staff)).transpose()?,
                reason: row.get(2)?,
                at_ms: row.get(3)?,
            });
        }
        Ok(out)
    }
}

fn finish(conn: &Connection, work: Work, gaps: BTreeSet<FeedId>) -> Result<Ingested, ReplicaError> {
    let count = |sql: &str| -> Result<usize, ReplicaError> {
        let count: i64 = conn.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
        Ok(usize::try_from(count).unwrap_or(0))
    };
    Ok(Ingested {
        moved: work.moved.into_iter().collect(),
        new_entries: work.new_entries,
        waiting: count("SELECT count(*) FROM frame WHERE outcome > 0 AND outcome < 4")?,
        parked: count("SELECT count(*) FROM frame WHERE outcome > 0 AND outcome = 4")?,
        gaps: gaps.into_iter().collect(),
        faults: work.faults.into_iter().collect(),
        cloned: work.cloned.into_iter().collect(),
    })
}

const META_RECEIVED: &str = "last-received";
const META_HEARD: &str = "last-heard";

fn heard(inner: &mut Inner, work: &Work) -> Result<(), ReplicaError> {
    for (key, ms) in [(META_RECEIVED, work.received_ms), (META_HEARD, work.heard_ms)] {
        if ms > kept_ms(&inner.conn, key)? {
            let bytes = ms.unwrap_or(0).to_be_bytes();
            crate::sql::meta_put(&inner.conn, key, &bytes)?;
        }
    }
    Ok(())
}

fn kept_ms(conn: &Connection, key: &str) -> Result<Option<i64>, ReplicaError> {
    let bytes = crate::sql::meta_get(conn, key)?;
    Ok(bytes.and_then(|bytes| bytes.try_into().ok()).map(i64::from_be_bytes))
}

/// Stores one record and checks its frame; false when it does not continue the feed.
fn take(inner: &mut Inner, work: &mut Work, record: &PullRecord) -> Result<bool, ReplicaError> {
    let own = inner.own()?.map(|own| own.device);
    let (ssn, h) = cursor(&inner.conn, &record.feed)?;
    if record.ssn <= ssn {
        return Ok(true);
    }
    if record.ssn != ssn + 1 {
        return Ok(false);
    }
    let id = meguri_wire::FrameId::of(&record.frame);
    let h = h_next(&h, record.ssn, record.received_ms, &id);
    set_cursor(&inner.conn, &record.feed, record.ssn, &h)?;
    work.moved.insert(record.feed);
    let received_ms = int(record.received_ms);
    let decoded = Frame::decode(&record.frame).map_err(|code| code.to_string());
    let decoded = decoded.and_then(|f| if f.feed() == record.feed { Ok(f) } else { Err("wrong_feed".to_string()) });
    let row = |outcome: i64, reason: &str, frame: Option<&Frame>| {
        let control = frame.is_some_and(|f| f.control().is_some());
        let author = frame.and_then(Frame::author).map(|a| a.0.to_vec()).unwrap_or_default();
        let sql = "INSERT INTO frame (feed, ssn, received_ms, outcome, reason, control, author, raw, h8) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        inner.conn.prepare_cached(sql)?.execute(params![
            record.feed.as_bytes(),
            int(record.ssn),
            received_ms,
            outcome,
            reason,
            control,
            author,
            record.frame,
            h.0.first_chunk::<8>()
        ])
    };
    let frame = match decoded {
        Ok(frame) => frame,
        Err(reason) => {
            row(PARKED, &reason, None)?;
            return Ok(true);
        }
    };
    row(VALID, "", Some(&frame))?;
    if frame.control().is_some() && frame.author() == own {
        is_in_feed(&inner.conn, &id)?;
    }
    work.received_ms = work.received_ms.max(Some(received_ms));
    if frame.author() != own {
        work.heard_ms = work.heard_ms.max(Some(received_ms));
    }
    let attachments = beside(inner, work, record, &id)?;
    for (ord, attachment) in (0_i64..).zip(&attachments) {
        let sql = "INSERT INTO attachment (feed, ssn, ord, recipient, bytes) VALUES (?1, ?2, ?3, ?4, ?5)";
        let feed = record.feed.as_bytes();
        inner.conn.prepare_cached(sql)?.execute(params![
            feed,
            int(record.ssn),
            ord,
            attachment.recipient,
            attachment.bytes
        ])?;
    }
    check_frame(inner, work, frame, record.ssn, received_ms, &attachments, VALID)?;
    Ok(true)
}

/// What came beside a record, and what was kept of it from the relay's former store.
fn beside(
    inner: &Inner,
    work: &mut Work,
    record: &PullRecord,
    id: &meguri_wire::FrameId,
) -> Result<Vec<Attachment>, ReplicaError> {
    let mut all = record.attachments.clone();
    let former = match work.former {
        Some(former) => former,
        None => *work.former.insert(crate::former::any(&inner.conn)?),
    };
    if former {
        let kept = crate::former::came_back(&inner.conn, id)?;
        all.extend(kept.into_iter().filter(|kept| !record.attachments.contains(kept)));
    }
    Ok(all)
}

/// Checks a stored frame and, when valid, takes its effect.
fn check_frame(
    inner: &mut Inner,
    work: &mut Work,
    frame: Frame,
    ssn: u64,
    received_ms: i64,
    attachments: &[Attachment],
    was: i64,
) -> Result<(), ReplicaError> {
    let feed = frame.feed();
    let verdict = if held_up(inner, work, &feed, ssn)? {
        Verdict::Waiting(WaitFor::Before)
    } else {
        check::judge(inner, &frame)?
    };
    let (outcome, reason) = match verdict {
        Verdict::Valid(()) => (VALID, String::new()),
        Verdict::Waiting(wait) => (WAITING_FEED, check::waiting_text(wait)),
        Verdict::Invalid(code) => (PARKED, code.to_string()),
    };
    if outcome != was {
        set_outcome(&inner.conn, &feed, ssn, outcome, &reason)?;
        if frame.control().is_some() {
            work.held_up.remove(&feed);
        }
    }
    if outcome != VALID {
        return Ok(());
    }
    work.dirty.insert(feed);
    if let (Some(item), Some(author)) = (frame.item(), frame.author()) {
        work.witnesses.hold(inner, &feed, &author, &item.seen, ssn)?;
        work.pending.push(Pending { ssn, received_ms, author, frame, was: VALID });
        return Ok(());
    }
    work.retry = true;
    members_changed(&inner.conn, &feed, &frame)?;
    standing::strike(inner, work, &frame)?;
    if frame.control().is_some_and(|c| c.feed.is_none()) {
        begun(&inner.conn, &feed, &frame)?;
    }
    if learn(&inner.conn, &mut inner.feeds, &frame, attachments)? == Learned::Fault {
        work.faults.insert(feed);
    }
    Ok(())
}

/// Whether a control before this position waits: what follows it can only be judged after it.
fn held_up(inner: &Inner, work: &mut Work, feed: &FeedId, ssn: u64) -> Result<bool, ReplicaError> {
    let first = match work.held_up.get(feed) {
        Some(first) => *first,
        None if unjudged::all(&inner.conn)?.contains(feed) => *work.held_up.entry(*feed).or_insert(Some(0)),
        None => {
            let sql = "SELECT min(ssn) FROM frame WHERE feed = ?1 AND outcome > 0 AND outcome = 1 AND control = 1";
            let first: Option<i64> = inner.conn.prepare_cached(sql)?.query_row([feed.as_bytes()], |row| row.get(0))?;
            *work.held_up.entry(*feed).or_insert(first.map(uint))
        }
    };
    Ok(first.is_some_and(|first| first < ssn))
}

/// Whom the founder wanted in is settled for a team as soon as a record has let it in or taken it off.
fn members_changed(conn: &Connection, feed: &FeedId, frame: &Frame) -> Result<(), ReplicaError> {
    use meguri_wire::control::{Body, SpaceBody};
    let team = match frame.control().map(|c| &c.body) {
        Some(Body::Space(SpaceBody::AddMember(body))) => body.team,
        Some(Body::Space(SpaceBody::RemoveMember(body))) => body.team,
        Some(_) | None => return Ok(()),
    };
    let sql = "SELECT wanted FROM space WHERE space = ?1 AND wanted <> x''";
    let wanted: Option<Vec<u8>> =
        conn.prepare_cached(sql)?.query_row([feed.as_bytes()], |row| row.get(0)).optional()?;
    let Some(wanted) = wanted else { return Ok(()) };
    let (ids, _) = wanted.as_chunks::<16>();
    let left: Vec<u8> = ids.iter().filter(|id| **id != team.0).flatten().copied().collect();
    conn.prepare_cached("UPDATE space SET wanted = ?2 WHERE space = ?1")?.execute(params![feed.as_bytes(), left])?;
    Ok(())
}

/// A space that begins here needs its row; one founded here is answered.
fn begun(conn: &Connection, feed: &FeedId, frame: &Frame) -> Result<(), ReplicaError> {
    use meguri_wire::control::{Body, SpaceBody};
    if !matches!(frame.control().map(|c| &c.body), Some(Body::Space(SpaceBody::Genesis(_)))) {
        return Ok(());
    }
    // Until the state names the patient, the space stands for itself.
    let sql = "INSERT INTO space (space, patient) VALUES (?1, ?1) ON CONFLICT (space) DO UPDATE SET genesis = x''";
    conn.prepare_cached(sql)?.execute([feed.as_bytes()])?;
    Ok(())
}

/// Comes to the state of a feed anew from the frames of it that were judged; false when one of them has to wait now, for a
/// feed that it cites and that is not here any more.
pub(crate) fn judge_again(inner: &mut Inner, feed: &FeedId) -> Result<bool, ReplicaError> {
    let frames: Vec<Vec<u8>> = {
        let sql = "SELECT raw FROM frame WHERE feed = ?1 AND outcome <> ?2 ORDER BY ssn";
        let mut statement = inner.conn.prepare_cached(sql)?;
        let rows = statement.query_map(params![feed.as_bytes(), WAITING_FEED], |row| row.get(0))?;
        rows.collect::<Result<_, _>>()?
    };
    let mut whole = true;
    for raw in frames {
        // What was none then is none now.
        if let Ok(frame) = Frame::decode(&raw) {
            whole &= !matches!(check::judge(inner, &frame)?, Verdict::Waiting(_));
        }
    }
    inner.feeds.save(&inner.conn, feed)?;
    Ok(whole)
}

pub(crate) fn set_outcome(
    conn: &Connection,
    feed: &FeedId,
    ssn: u64,
    outcome: i64,
    reason: &str,
) -> Result<(), ReplicaError> {
    let sql = "UPDATE frame SET outcome = ?3, reason = ?4 WHERE feed = ?1 AND ssn = ?2";
    conn.prepare_cached(sql)?.execute(params![feed.as_bytes(), int(ssn), outcome, reason])?;
    Ok(())
}

/// Goes through stored items again, without checking what was checked.
#[derive(Default)]
pub(crate) struct Rebuilding {
    work: Work,
}

impl Rebuilding {
    pub(crate) fn add(&mut self, frame: Frame, ssn: u64, received_ms: i64) {
        if let Some(author) = frame.author() {
            self.work.pending.push(Pending { ssn, received_ms, author, frame, was: REPLAYED });
        }
    }

    pub(crate) fn run(&mut self, inner: &mut Inner) -> Result<(), ReplicaError> {
        items::open_all(inner, &mut self.work)?;
        self.work.last.flush(&inner.conn)
    }

    /// What a former store held and the feeds lack.
    pub(crate) fn former(&mut self, inner: &mut Inner, former: Vec<FormerItem>) -> Result<(), ReplicaError> {
        items::replay_former(inner, &mut self.work, former)?;
        self.work.last.flush(&inner.conn)
    }

    /// The own changes that no feed holds yet.
    pub(crate) fn outbox(&mut self, inner: &mut Inner) -> Result<(), ReplicaError> {
        items::replay_outbox(inner, &mut self.work)?;
        self.work.last.flush(&inner.conn)
    }
}
