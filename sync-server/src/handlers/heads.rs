//! `GET /v1/heads?since=`: signed heads of the caller's feeds that moved.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use http::Request;
use meguri_wire::Code;
use meguri_wire::api::{Ack, DeviceAck, HeadsReply};

use crate::app::App;
use crate::auth;
use crate::feeds::rights;
use crate::refusal::{Answered, Cbored};
use crate::store::{self, AckRow};

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
    let (memory, now_ms) = (app.memory.clone(), app.now_ms());
    let (feeds, acks, moves) = store::read(app.store.as_ref(), move |rows| {
        let moves = rows.identity()?.moves;
        let feeds = rights::moved(rows, &memory.teams(), &caller, since, now_ms)?;
        let numbers: Vec<u32> = feeds.iter().map(|row| row.feed_no).collect();
        Ok((feeds, rows.acks(&numbers)?, moves))
    })
    .await?;
    let mut next = app.store_id.short().to_vec();
    next.extend_from_slice(&moves.to_be_bytes());
    let told = |row: &AckRow| DeviceAck { device: row.device, ack: Ack { feed: row.feed, ssn: row.ssn, h: row.h } };
    Ok(Cbored(HeadsReply {
        heads: feeds.into_iter().map(|row| row.head).collect(),
        acks: acks.iter().map(told).collect(),
        next,
    }))
}
