//! `check`: reads everything and names what is wrong.

use std::io;
use std::path::Path;
use std::sync::Arc;

use meguri_wire::chain::{SignedHead, h_next, h0};
use meguri_wire::sign::{Ed25519Signer, Signer};
use meguri_wire::{Frame, FrameId};

use crate::blobs::Blobs;
use crate::feeds::{Memory, step};
use crate::keys::Keys;
use crate::store::sqlite::{SqliteLimits, SqliteStore};
use crate::store::{self, FeedKind, FeedRow, PageOf, Read, Stored};

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
}

/// Verifies chain hashes, signatures and rules of every feed, heads and blobs.
///
/// # Errors
/// Nothing could be read at all.
pub async fn check(folder: &Path) -> io::Result<Report> {
    let keys = Keys::read(folder)?;
    let signer = Ed25519Signer::own_id(&keys.signing_seed).map_err(|code| io::Error::other(code.text()))?;
    let relay_key = signer.public_key();
    let store = Arc::new(SqliteStore::open(folder, SqliteLimits::default())?);
    let mut report = store::read(store.as_ref(), move |rows| {
        let mut report = Report::default();
        let memory = Memory::load(rows, 16)?;
        for kind in [FeedKind::Directory, FeedKind::Team, FeedKind::Space] {
            for row in rows.feeds_of(kind)? {
                report.feeds += 1;
                feed(rows, &memory, &row, &relay_key, &mut report)?;
            }
        }
        Ok(report)
    })
    .await?;
    blobs(&store, folder, &mut report).await?;
    Ok(report)
}

fn feed(rows: &dyn Read, memory: &Memory, row: &FeedRow, relay_key: &[u8; 32], report: &mut Report) -> Stored<()> {
    let (mut state, mut at, mut h, mut received) = (None, 0, h0(&row.feed), 0);
    while at < row.ssn {
        let page = PageOf { feed_no: row.feed_no, after: at, upto: row.ssn, sparse: false, bytes_max: 1024 * 1024 };
        let frames = rows.frames(page)?;
        if frames.is_empty() {
            report.wrong.push(format!("feed {} frame {}: missing", row.feed, at + 1));
            return Ok(());
        }
        for stored in frames {
            let place = format!("feed {} frame {}", row.feed, stored.ssn);
            h = h_next(&h, stored.ssn, stored.received_ms, &FrameId::of(&stored.raw));
            if stored.ssn != at + 1 || stored.received_ms < received || h != stored.h {
                report.wrong.push(format!("{place}: chain hash"));
                return Ok(());
            }
            (at, received) = (stored.ssn, stored.received_ms);
            let valid = Frame::decode(&stored.raw).ok();
            state = valid.and_then(|frame| step(state.take(), &*memory.teams(), &frame));
            if state.is_none() {
                report.wrong.push(format!("{place}: signature or rule"));
                return Ok(());
            }
            report.frames += 1;
        }
    }
    let head = SignedHead::decode_verify(&row.head, relay_key);
    if !head.is_ok_and(|head| head.head.ssn == row.ssn && head.head.h == h) {
        report.wrong.push(format!("feed {}: signed head", row.feed));
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
