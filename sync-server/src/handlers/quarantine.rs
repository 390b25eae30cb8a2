//! `GET /v1/feeds/{id}/quarantine`: late items of a space, for its managers.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use http::Request;
use meguri_wire::api::{QuarantineEntry, QuarantineReply};
use meguri_wire::control::Role;
use meguri_wire::{Code, FeedId};

use crate::app::App;
use crate::auth;
use crate::feeds;
use crate::refusal::{Answered, Cbored};
use crate::store;

/// Bytes of one reply.
const PAGE_BYTES: usize = 8 * 1024 * 1024;

pub(crate) async fn get(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    request: Request<Body>,
) -> Answered<Cbored<QuarantineReply>> {
    let (caller, _) = auth::active(&app, request, 0).await?;
    let feed: FeedId = id.parse().map_err(|_| Code::NotFound)?;
    let memory = app.memory.clone();
    let found = store::read(app.store.as_ref(), move |rows| {
        let Some(space) = feeds::space(&memory, rows, &feed)? else {
            return Ok(Err(Code::NotFound));
        };
        match space.authority(&*memory.teams(), &caller.device) {
            Ok(Role::Manager) => Ok(Ok(rows.late(&feed, 0, PAGE_BYTES)?)),
            Ok(Role::Reader | Role::Writer) => Ok(Err(Code::RoleTooLow)),
            Err(_) => Ok(Err(Code::NotMember)),
        }
    });
    let mut rows = found.await??;
    rows.sort_by_key(|row| (row.author, row.dseq));
    let entry = |row: store::LateRow| QuarantineEntry { frame: row.raw, received_ms: row.received_ms };
    Ok(Cbored(QuarantineReply { entries: rows.into_iter().map(entry).collect() }))
}
