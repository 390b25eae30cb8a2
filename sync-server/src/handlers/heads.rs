//! `GET /v1/heads?since=`: signed heads of the caller's feeds that moved.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use http::Request;
use meguri_wire::Code;
use meguri_wire::api::{Ack, DeviceAck, HeadsReply, LateCount};
use meguri_wire::chain::{Head, SignedHead};
use meguri_wire::control::Role;

use crate::app::App;
use crate::auth;
use crate::feeds::rights::{self, Caller};
use crate::feeds::{self, Memory};
use crate::refusal::{Answered, Cbored};
use crate::store::{self, AckRow, FeedRow, PageOf, Read, Stored};

/// Spaces named as having late items.
const LATE_SPACES_MAX: usize = 4_096;

/// `since` is the store's id and the number of its newest move, in hex.
fn since_of(app: &App, text: &str) -> Result<u64, Code> {
    if text.is_empty() {
        return Ok(0);
    }
    let bytes = hex::decode(text).map_err(|_| Code::BadRequest)?;
    let (store, number) = bytes.split_at_checked(8).ok_or(Code::BadRequest)?;
    let number = <[u8; 8]>::try_from(number).map_err(|_| Code::BadRequest)?;
    // Another store's `since` begins again.
    let same = store == app.store_id.short();
    Ok(if same { u64::from_be_bytes(number) } else { 0 })
}

pub(crate) async fn get(State(app): State<Arc<App>>, request: Request<Body>) -> Answered<Cbored<HeadsReply>> {
    let (caller, asked) = auth::active(&app, request, 0).await?;
    let since = since_of(&app, auth::query(&asked.parts, "since").unwrap_or_default())?;
    let (memory, now_ms, signing) = (app.memory.clone(), app.now_ms(), app.clone());
    let (heads, acks, moves, late) = store::read(app.store.as_ref(), move |rows| {
        let moves = rows.identity()?.moves;
        let heard = rights::moved(rows, &memory.teams(), &caller, since, now_ms)?;
        let numbers: Vec<u32> = heard.feeds.iter().map(|row| row.feed_no).collect();
        let mut heads: Vec<Vec<u8>> = heard.feeds.into_iter().map(|row| row.head).collect();
        for (row, until) in heard.left {
            heads.extend(last_head(rows, &signing, &row, until)?);
        }
        Ok((heads, rows.acks(&numbers)?, moves, late(rows, &memory, &caller)?))
    })
    .await?;
    let mut next = app.store_id.short().to_vec();
    next.extend_from_slice(&moves.to_be_bytes());
    let told = |row: &AckRow| DeviceAck { device: row.device, ack: Ack { feed: row.feed, ssn: row.ssn, h: row.h } };
    Ok(Cbored(HeadsReply { heads, acks: acks.iter().map(told).collect(), next, late }))
}

/// The head at the frame that took the caller's team off.
fn last_head(rows: &dyn Read, app: &App, row: &FeedRow, ssn: u64) -> Stored<Option<Vec<u8>>> {
    let page = PageOf { feed_no: row.feed_no, after: ssn.saturating_sub(1), upto: ssn, sparse: false, bytes_max: 1 };
    let found = rows.frames(page)?.into_iter().next();
    Ok(found.map(|frame| {
        let head = Head::new(app.store_id, row.feed, ssn, frame.h);
        SignedHead::sign(head, app.signer.as_ref()).raw
    }))
}

/// Spaces with late items that the caller may admit.
fn late(rows: &dyn Read, memory: &Memory, caller: &Caller) -> Stored<Vec<LateCount>> {
    let mut out = Vec::new();
    for (feed, n) in rows.late_counts(LATE_SPACES_MAX)? {
        let space = feeds::space(memory, rows, &feed)?;
        if space.is_some_and(|space| space.authority(&*memory.teams(), &caller.device) == Ok(Role::Manager)) {
            out.push(LateCount { feed, n });
        }
    }
    Ok(out)
}
