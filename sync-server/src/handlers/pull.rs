//! `POST /v1/pull`: records of many feeds as one CBOR sequence, page by page.

use std::collections::VecDeque;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::future::ready;
use futures_util::stream::{once, try_unfold};
use http::{Request, header};
use meguri_wire::api::{MEDIA_TYPE, PullKind, PullRecord, PullRequest};
use meguri_wire::cbor::Cbor;
use meguri_wire::{Attachment, Code, FeedId, limits};

use crate::app::App;
use crate::auth;
use crate::feeds::Memory;
use crate::feeds::rights::{self, Caller};
use crate::metrics::Metrics;
use crate::refusal::{Answered, Refusal};
use crate::store::{self, FeedKind, PageOf, Read, StoreError, Stored};

/// A request names at most `PULL_FEEDS_MAX` feeds of about 30 bytes.
const BODY_BYTES_MAX: usize = 256 * 1024;
/// Frames read and sent at once.
const PAGE_BYTES: usize = 256 * 1024;

struct Wanted {
    feed: FeedId,
    feed_no: u32,
    after: u64,
    upto: u64,
    sparse: bool,
}

struct Pulling {
    app: Arc<App>,
    caller: Option<Caller>,
    wanted: VecDeque<Wanted>,
    bytes_left: usize,
}

pub(crate) async fn post(State(app): State<Arc<App>>, request: Request<Body>) -> Answered<Response> {
    let (caller, asked) = auth::perhaps_strange(&app, request, BODY_BYTES_MAX).await?;
    let pull = PullRequest::from_bytes(&asked.body)?;
    if pull.feeds.len() > limits::PULL_FEEDS_MAX {
        return Err(Code::TooLarge.into());
    }
    let bytes_left = usize::try_from(pull.bytes_max.min(limits::PULL_BYTES_MAX)).unwrap_or(0);
    let (first, wanted) = begin(&app, caller, pull).await?;
    Metrics::add(&app.metrics.bytes_pulled, first.len() as u64);
    let bytes_left = bytes_left.saturating_sub(first.len());
    let head = [(header::CONTENT_TYPE, MEDIA_TYPE)];
    let pulling = Pulling { app, caller, wanted, bytes_left };
    if pulling.is_done() {
        return Ok((head, first).into_response());
    }
    let rest = try_unfold(pulling, next_page);
    Ok((head, Body::from_stream(once(ready(Ok(first))).chain(rest))).into_response())
}

/// The first page, and what of the feeds asked for is left. If the caller may read none of them, why.
async fn begin(app: &Arc<App>, caller: Option<Caller>, pull: PullRequest) -> Answered<(Bytes, VecDeque<Wanted>)> {
    let (memory, now_ms) = (app.memory.clone(), app.now_ms());
    let bytes_max = pull.bytes_max;
    let (wanted, refused, first) = store::read(app.store.as_ref(), move |rows| {
        let (mut wanted, refused) = allowed(rows, &memory, caller.as_ref(), &pull, now_ms)?;
        let refused = refused.filter(|_| wanted.is_empty());
        let budget = usize::try_from(bytes_max).unwrap_or(usize::MAX).min(PAGE_BYTES);
        let first = if budget > 0 { page(rows, caller.as_ref(), &mut wanted, budget)? } else { Vec::new() };
        Ok((wanted, refused, first))
    })
    .await?;
    match refused {
        Some((code, feed)) => Err(Refusal::with(code, "feed", feed)),
        None => Ok((Bytes::from(first), wanted)),
    }
}

type Allowed = (VecDeque<Wanted>, Option<(Code, FeedId)>);

/// The feeds asked for that the caller may read (a stranger, the directory), and the first refusal.
fn allowed(
    rows: &dyn Read,
    memory: &Memory,
    caller: Option<&Caller>,
    pull: &PullRequest,
    now_ms: u64,
) -> Stored<Allowed> {
    let (mut wanted, mut refused) = (VecDeque::new(), None);
    for asked in &pull.feeds {
        let Some(row) = rows.feed(&asked.feed)? else {
            refused.get_or_insert((Code::NotFound, asked.feed));
            continue;
        };
        let readable = match caller {
            Some(caller) => rights::readable(rows, &memory.teams(), caller, &row, now_ms)?,
            None if row.feed_kind == FeedKind::Directory => Ok(u64::MAX),
            None => Err(Code::UnknownAuthor),
        };
        match readable {
            Ok(upto) => wanted.push_back(Wanted {
                feed: row.feed,
                feed_no: row.feed_no,
                after: asked.after_ssn,
                upto: upto.min(row.ssn),
                sparse: asked.kind == PullKind::ControlAndCheckpoint,
            }),
            Err(code) => {
                refused.get_or_insert((code, asked.feed));
            }
        }
    }
    Ok((wanted, refused))
}

impl Pulling {
    fn is_done(&self) -> bool {
        self.wanted.is_empty() || self.bytes_left == 0
    }
}

async fn next_page(mut pulling: Pulling) -> Result<Option<(Bytes, Pulling)>, StoreError> {
    if pulling.is_done() {
        return Ok(None);
    }
    let (caller, budget) = (pulling.caller, pulling.bytes_left.min(PAGE_BYTES));
    let mut wanted = std::mem::take(&mut pulling.wanted);
    let (page, rest) = store::read(pulling.app.store.as_ref(), move |rows| {
        let page = page(rows, caller.as_ref(), &mut wanted, budget)?;
        Ok((page, wanted))
    })
    .await?;
    pulling.wanted = rest;
    pulling.bytes_left = pulling.bytes_left.saturating_sub(page.len());
    Metrics::add(&pulling.app.metrics.bytes_pulled, page.len() as u64);
    if page.is_empty() {
        return Ok(None);
    }
    Ok(Some((Bytes::from(page), pulling)))
}

/// Records of the feeds in turn, about `budget` bytes; feeds that are through leave `wanted`.
fn page(rows: &dyn Read, caller: Option<&Caller>, wanted: &mut VecDeque<Wanted>, budget: usize) -> Stored<Vec<u8>> {
    let audience = caller.map(|caller| vec![caller.device.0, caller.team.0]).unwrap_or_default();
    let mut page = Vec::new();
    while let Some(feed) = wanted.front_mut() {
        if fill(rows, feed, &audience, budget, &mut page)? {
            wanted.pop_front();
        }
        if page.len() >= budget {
            break;
        }
    }
    Ok(page)
}

/// Adds a feed's next records to the page; `true` when the feed is through.
fn fill(rows: &dyn Read, feed: &mut Wanted, audience: &[[u8; 16]], budget: usize, page: &mut Vec<u8>) -> Stored<bool> {
    if feed.after >= feed.upto {
        return Ok(true);
    }
    let frames = rows.frames(PageOf {
        feed_no: feed.feed_no,
        after: feed.after,
        upto: feed.upto,
        sparse: feed.sparse,
        bytes_max: budget.saturating_sub(page.len()).max(1),
    })?;
    if frames.is_empty() {
        return Ok(true);
    }
    for row in frames {
        feed.after = row.ssn;
        let beside = rows.attachments(feed.feed_no, row.ssn, audience)?;
        let attachment = |row: store::AttachmentRow| Attachment { recipient: row.recipient, bytes: row.bytes };
        let record = PullRecord {
            feed: feed.feed,
            ssn: row.ssn,
            received_ms: row.received_ms,
            frame: row.raw,
            attachments: beside.into_iter().map(attachment).collect(),
        };
        page.extend_from_slice(&record.to_bytes());
    }
    Ok(feed.after >= feed.upto)
}
