//! Taking in a page of a pull: check, open, apply, project, in one transaction.
//! Each frame is valid, waiting or parked; none stops another feed.

mod items;

use std::collections::BTreeSet;

use meguri_wire::api::PullRecord;
use meguri_wire::chain::h_next;
use meguri_wire::feed::{FeedState, Step, Verdict, WaitFor};
use meguri_wire::{Attachment, DeviceId, FeedId, Frame, SpaceId};
use rusqlite::{Connection, params};
use uuid::Uuid;

use crate::error::ReplicaError;
use crate::feeds::{cursor, patient_of, set_cursor};
use crate::keys::{Learned, learn};
use crate::open::{Inner, Replica};
use crate::project::Counts;
use crate::rows::PersonRow;
use crate::sql::{col16, int, uint};

pub(crate) const VALID: i64 = 0;
pub(crate) const WAITING_FEED: i64 = 1;
pub(crate) const WAITING_KEY: i64 = 2;
pub(crate) const WAITING_CHANGE: i64 = 3;
pub(crate) const PARKED: i64 = 4;
/// In memory only: goes through again while documents are rebuilt.
pub(crate) const REPLAYED: i64 = -1;

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
    /// Spaces whose newest epoch holds nothing that opens here: a reason for a `Fault`.
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
    pub(crate) counts: Counts,
    faults: BTreeSet<SpaceId>,
    pub(crate) cloned: BTreeSet<SpaceId>,
    retry: bool,
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
    /// Takes in a page. Records of a feed are ascending and continue what is here.
    ///
    /// # Errors
    /// Storage codes; nothing of the page is kept then.
    pub fn ingest(&self, page: &[PullRecord], now_ms: i64) -> Result<Ingested, ReplicaError> {
        let _ = now_ms; // positions and the relay's clock order everything; the own clock has no say
        let mut inner = self.lock();
        inner.write(|inner| {
            inner.feeds.load(&inner.conn)?;
            let mut work = Work::default();
            let mut gaps = BTreeSet::new();
            for record in page {
                if !gaps.contains(&record.feed) && !take(inner, &mut work, record)? {
                    gaps.insert(record.feed);
                }
            }
            items::open_all(inner, &mut work)?;
            retry(inner, &mut work)?;
            for feed in &work.dirty {
                inner.feeds.save(&inner.conn, feed)?;
            }
            work.counts.flush(&inner.conn)?;
            finish(&inner.conn, work, gaps)
        })
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

/// Stores one record and checks its frame; false when it does not continue the feed.
fn take(inner: &mut Inner, work: &mut Work, record: &PullRecord) -> Result<bool, ReplicaError> {
    let (ssn, h) = cursor(&inner.conn, &record.feed)?;
    if record.ssn <= ssn {
        return Ok(true);
    }
    if record.ssn != ssn + 1 {
        return Ok(false);
    }
    let id = meguri_wire::FrameId::of(&record.frame);
    set_cursor(&inner.conn, &record.feed, record.ssn, &h_next(&h, record.ssn, record.received_ms, &id))?;
    work.moved.insert(record.feed);
    let received_ms = int(record.received_ms);
    let decoded = Frame::decode(&record.frame).map_err(|code| code.to_string());
    let decoded = decoded.and_then(|f| if f.feed() == record.feed { Ok(f) } else { Err("wrong_feed".to_string()) });
    let row = |outcome: i64, reason: &str, frame: Option<&Frame>| {
        let control = frame.is_some_and(|f| f.control().is_some());
        let author = frame.and_then(Frame::author).map(|a| a.0.to_vec()).unwrap_or_default();
        let sql = "INSERT INTO frame (feed, ssn, received_ms, outcome, reason, control, author, raw) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        inner.conn.prepare_cached(sql)?.execute(params![
            record.feed.as_bytes(),
            int(record.ssn),
            received_ms,
            outcome,
            reason,
            control,
            author,
            record.frame
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
    for (ord, attachment) in (0_i64..).zip(&record.attachments) {
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
    check(inner, work, frame, record.ssn, received_ms, &record.attachments, VALID)?;
    Ok(true)
}

/// Checks a stored frame and, when valid, takes its effect.
fn check(
    inner: &mut Inner,
    work: &mut Work,
    frame: Frame,
    ssn: u64,
    received_ms: i64,
    attachments: &[Attachment],
    was: i64,
) -> Result<(), ReplicaError> {
    let feed = frame.feed();
    let (outcome, reason) = match judge(inner, &frame)? {
        Verdict::Valid(()) => (VALID, String::new()),
        Verdict::Waiting(wait) => (WAITING_FEED, waiting_text(wait)),
        Verdict::Invalid(code) => (PARKED, code.to_string()),
    };
    if outcome != was {
        set_outcome(&inner.conn, &feed, ssn, outcome, &reason)?;
    }
    if outcome != VALID {
        return Ok(());
    }
    work.dirty.insert(feed);
    if let (Some(_), Some(author)) = (frame.item(), frame.author()) {
        work.pending.push(Pending { ssn, received_ms, author, frame, was: VALID });
        return Ok(());
    }
    work.retry = true;
    if frame.control().is_some_and(|c| c.feed.is_none()) {
        begun(&inner.conn, &feed, &frame)?;
    }
    if learn(&inner.conn, &mut inner.feeds, &frame, attachments)? == Learned::Fault {
        work.faults.insert(feed);
    }
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

fn judge(inner: &mut Inner, frame: &Frame) -> Result<Verdict<()>, ReplicaError> {
    let feed = frame.feed();
    inner.feeds.space(&inner.conn, &feed)?;
    let feeds = &mut inner.feeds;
    let known = feeds.spaces.contains_key(&feed)
        || feeds.world.teams.contains_key(&feed)
        || feeds.world.directory.as_ref().is_some_and(|d| crate::feeds::directory_id(d) == feed);
    if !known {
        return Ok(match FeedState::begin(&feeds.world, frame) {
            Verdict::Valid(FeedState::Space(state)) => {
                feeds.spaces.insert(feed, state);
                Verdict::Valid(())
            }
            Verdict::Valid(FeedState::Team(state)) => {
                feeds.world.teams.insert(feed, state);
                Verdict::Valid(())
            }
            Verdict::Valid(FeedState::Directory(state)) => {
                if feeds.world.directory.is_some() {
                    return Ok(Verdict::Invalid(meguri_wire::Code::WrongFeed));
                }
                feeds.world.directory = Some(state);
                Verdict::Valid(())
            }
            Verdict::Waiting(wait) => Verdict::Waiting(wait),
            // A feed whose beginning waits: what follows waits with it.
            Verdict::Invalid(_) if frame.control().is_none_or(|c| c.feed.is_some()) => {
                Verdict::Waiting(WaitFor::Before)
            }
            Verdict::Invalid(code) => Verdict::Invalid(code),
        });
    }
    Ok(step(feeds, &feed, frame))
}

fn step(feeds: &mut crate::feeds::Feeds, feed: &FeedId, frame: &Frame) -> Verdict<()> {
    let verdict: Verdict<Step> = if let Some(state) = feeds.spaces.get(feed) {
        state.check(&feeds.world, frame).map(Step::Space).into()
    } else if let Some(state) = feeds.world.teams.get(feed) {
        state.check(frame).map(Step::Team).into()
    } else if let Some(state) = feeds.world.directory.as_ref() {
        state.check(frame).map(Step::Directory).into()
    } else {
        return Verdict::Waiting(WaitFor::Before);
    };
    match verdict {
        Verdict::Valid(Step::Space(step)) => {
            if let Some(state) = feeds.spaces.get_mut(feed) {
                state.apply(step);
            }
        }
        Verdict::Valid(Step::Team(step)) => {
            if let Some(state) = feeds.world.teams.get_mut(feed) {
                state.apply(step);
            }
        }
        Verdict::Valid(Step::Directory(step)) => {
            if let Some(state) = feeds.world.directory.as_mut() {
                state.apply(step);
            }
        }
        Verdict::Waiting(wait) => return Verdict::Waiting(wait),
        Verdict::Invalid(code) => return Verdict::Invalid(code),
    }
    Verdict::Valid(())
}

fn waiting_text(wait: WaitFor) -> String {
    match wait {
        WaitFor::Feed(feed, _) => format!("feed {feed}"),
        WaitFor::Directory(_) => "directory".to_string(),
        WaitFor::Before => "before".to_string(),
        WaitFor::Author(device) => format!("author {device}"),
    }
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

/// Everything that waits is tried again, until nothing moves.
fn retry(inner: &mut Inner, work: &mut Work) -> Result<(), ReplicaError> {
    let mut rounds = 0;
    while (work.retry || (rounds == 0 && !work.moved.is_empty())) && rounds < 16 {
        work.retry = false;
        rounds += 1;
        for (feed, ssn, outcome) in waiting(&inner.conn)? {
            again(inner, work, feed, ssn, outcome)?;
        }
        if items::open_all(inner, work)? > 0 {
            work.retry = true;
        }
    }
    Ok(())
}

fn waiting(conn: &Connection) -> Result<Vec<(FeedId, u64, i64)>, ReplicaError> {
    let sql = "SELECT feed, ssn, outcome FROM frame WHERE outcome > 0 AND outcome < 4 ORDER BY feed, ssn LIMIT 20000";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| Ok((FeedId(col16(row, 0)?), uint(row.get(1)?), row.get(2)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn again(inner: &mut Inner, work: &mut Work, feed: FeedId, ssn: u64, outcome: i64) -> Result<(), ReplicaError> {
    let sql = "SELECT raw, received_ms FROM frame WHERE feed = ?1 AND ssn = ?2";
    let (raw, received_ms): (Vec<u8>, i64) = inner
        .conn
        .prepare_cached(sql)?
        .query_row(params![feed.as_bytes(), int(ssn)], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let frame = Frame::decode(&raw)?;
    if outcome != WAITING_FEED {
        if let Some(author) = frame.author() {
            work.pending.push(Pending { ssn, received_ms, author, frame, was: outcome });
        }
        return Ok(());
    }
    let sql = "SELECT recipient, bytes FROM attachment WHERE feed = ?1 AND ssn = ?2 ORDER BY ord";
    let attachments: Vec<Attachment> = {
        let mut statement = inner.conn.prepare_cached(sql)?;
        let rows = statement.query_map(params![feed.as_bytes(), int(ssn)], |row| {
            Ok(Attachment { recipient: col16(row, 0)?, bytes: row.get(1)? })
        })?;
        rows.collect::<Result<_, _>>()?
    };
    check(inner, work, frame, ssn, received_ms, &attachments, outcome)
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
        self.work.counts.flush(&inner.conn)
    }

    /// The own changes that no feed holds yet.
    pub(crate) fn outbox(&mut self, inner: &mut Inner) -> Result<(), ReplicaError> {
        items::replay_outbox(inner, &mut self.work)?;
        self.work.counts.flush(&inner.conn)
    }
}
