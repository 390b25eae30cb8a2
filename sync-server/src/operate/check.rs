//! `check`: reads everything and names what is wrong, by feed and position.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use meguri_wire::cbor::Cbor;
use meguri_wire::chain::{SignedHead, h_next, h0};
use meguri_wire::feed::{FeedState, Known, Verdict};
use meguri_wire::sign::{Ed25519Signer, Signer};
use meguri_wire::{Code, FeedId, Frame, FrameId};

use crate::blobs::Blobs;
use crate::keys::Keys;
use crate::store::sqlite::{SqliteLimits, SqliteStore};
use crate::store::{self, FeedKind, FeedRow, FrameRow, PageOf, Read, Stored};

/// Bytes of frames read at once.
const PAGE_BYTES: usize = 1024 * 1024;
/// Missing blobs named at most.
const NOTES_MAX: usize = 1000;

/// What a check found.
#[derive(Debug, Default)]
pub struct Report {
    /// Feeds read.
    pub feeds: u64,
    /// Frames verified.
    pub frames: u64,
    /// Blobs hashed.
    pub blobs: u64,
    /// One line for each thing that is wrong.
    pub wrong: Vec<String>,
    /// What a restore may leave behind: items whose blob nobody has brought again.
    pub notes: Vec<String>,
}

/// Verifies the database, chain hashes, signatures and rules of every feed, heads,
/// snapshots, attachments, quarantine and blobs.
///
/// # Errors
/// Nothing could be read at all.
pub async fn check(folder: &Path) -> io::Result<Report> {
    let keys = Keys::read(folder)?;
    let signer = Ed25519Signer::own_id(&keys.signing_seed).map_err(|code| io::Error::other(code.text()))?;
    let relay_key = signer.public_key();
    let store = Arc::new(SqliteStore::open(folder, SqliteLimits::default())?);
    let mut report = store::read(store.as_ref(), move |rows| database(rows, &relay_key)).await?;
    blobs(&store, folder, &mut report).await?;
    Ok(report)
}

fn database(rows: &dyn Read, relay_key: &[u8; 32]) -> Stored<Report> {
    let mut report = Report::default();
    report.wrong.extend(rows.faults()?.into_iter().map(|fault| format!("database: {fault}")));
    let mut known = Known::default();
    let mut feeds = HashMap::new();
    for kind in [FeedKind::Directory, FeedKind::Team, FeedKind::Space] {
        for row in rows.feeds_of(kind)? {
            report.feeds += 1;
            feeds.insert(row.feed_no, row.feed);
            let mut checking = Checking { rows, row: &row, relay_key, report: &mut report };
            match checking.feed(&known) {
                Some(FeedState::Directory(state)) => known.directory = Some(state),
                Some(FeedState::Team(state)) => drop(known.teams.insert(row.feed, state)),
                Some(FeedState::Space(_)) | None => {}
            }
            late(rows, &row.feed, &known, &mut report)?;
        }
    }
    let name = |feed_no: u32| feeds.get(&feed_no).map_or("unknown".to_owned(), FeedId::to_string);
    for (feed_no, ssn) in rows.attachments_wrong()? {
        report.wrong.push(format!("feed {} frame {ssn}: attachment", name(feed_no)));
    }
    for (blob, feed_no, ssn) in rows.listed_missing(NOTES_MAX)? {
        report.notes.push(format!("blob {blob}: named by feed {} frame {ssn}, not stored", name(feed_no)));
    }
    Ok(report)
}

/// Late items must be frames that their authors signed.
fn late(rows: &dyn Read, feed: &FeedId, known: &Known, report: &mut Report) -> Stored<()> {
    for row in rows.late(feed, 0, usize::MAX)? {
        let device = known.teams.values().find_map(|team| team.device(&row.author));
        let valid = Frame::decode(&row.raw).and_then(|frame| match device {
            Some(device) => frame.verify(&device.keys.signing_key),
            None => Ok(()),
        });
        if let Err(code) = valid {
            report.wrong.push(format!("quarantine of feed {feed} entry {}: {code}", row.entry_no));
        }
    }
    Ok(())
}

struct Checking<'c> {
    rows: &'c dyn Read,
    row: &'c FeedRow,
    relay_key: &'c [u8; 32],
    report: &'c mut Report,
}

impl Checking<'_> {
    fn wrong(&mut self, what: &str) {
        self.report.wrong.push(format!("feed {}{what}", self.row.feed));
    }

    /// Replays a feed; gives its state as far as it is right.
    fn feed(&mut self, known: &Known) -> Option<FeedState> {
        let (mut state, mut at, mut received, mut h) = (None, 0, 0, h0(&self.row.feed));
        let snapshot = self.rows.snapshot(self.row.feed_no).unwrap_or_default();
        while at < self.row.ssn {
            let page = PageOf {
                feed_no: self.row.feed_no,
                after: at,
                upto: self.row.ssn,
                sparse: false,
                bytes_max: PAGE_BYTES,
            };
            let frames = match self.rows.frames(page) {
                Ok(frames) if !frames.is_empty() => frames,
                Ok(_) => {
                    self.wrong(&format!(" frame {}: missing", at + 1));
                    return state;
                }
                Err(_) => {
                    self.wrong(&format!(" frame {}: cannot be read", at + 1));
                    return state;
                }
            };
            for stored in frames {
                h = h_next(&h, stored.ssn, stored.received_ms, &FrameId::of(&stored.raw));
                if stored.ssn != at + 1 || stored.received_ms < received || h != stored.h {
                    self.wrong(&format!(" frame {}: chain hash", stored.ssn));
                    return state;
                }
                if let Err(code) = advance(&mut state, known, &stored) {
                    self.wrong(&format!(" frame {}: {code}", stored.ssn));
                    return state;
                }
                (at, received) = (stored.ssn, stored.received_ms);
                self.report.frames += 1;
                if at == snapshot.0 && state.as_ref().is_some_and(|state| state.to_bytes() != snapshot.1) {
                    self.wrong(": snapshot");
                }
            }
        }
        let head = SignedHead::decode_verify(&self.row.head, self.relay_key);
        if !head.is_ok_and(|head| head.head.ssn == self.row.ssn && head.head.h == h) {
            self.wrong(": signed head");
        }
        state
    }
}

/// Takes a stored frame into the state.
fn advance(state: &mut Option<FeedState>, known: &Known, stored: &FrameRow) -> Result<(), Code> {
    let frame = Frame::decode(&stored.raw)?;
    let refused = |wait: meguri_wire::feed::WaitFor| Err(wait.code());
    match state {
        None => match FeedState::begin(known, &frame) {
            Verdict::Valid(begun) => *state = Some(begun),
            Verdict::Waiting(wait) => return refused(wait),
            Verdict::Invalid(code) => return Err(code),
        },
        Some(state) => match state.check(known, &frame) {
            Verdict::Valid(step) => state.apply(step),
            Verdict::Waiting(wait) => return refused(wait),
            Verdict::Invalid(code) => return Err(code),
        },
    }
    Ok(())
}

async fn blobs(store: &SqliteStore, folder: &Path, report: &mut Report) -> io::Result<()> {
    let blobs = Blobs::open(folder)?;
    let mut after = None;
    loop {
        let page = store::read(store, move |rows| rows.blobs_after(after.as_ref(), 256)).await?;
        let Some((last, _)) = page.last() else {
            return Ok(());
        };
        after = Some(*last);
        for (blob, _) in page {
            report.blobs += 1;
            match blobs.verify(&blob).await {
                Ok(true) => {}
                Ok(false) => report.wrong.push(format!("blob {blob}: hash")),
                Err(_) => report.wrong.push(format!("blob {blob}: missing")),
            }
        }
    }
}
