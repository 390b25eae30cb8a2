//! `PUT·GET /v1/mailbox/{id}/{slot}`: five write-once slots for ten minutes.
//! A known device opens a box; the other side, unsigned, may write 1 and 3.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{Request, StatusCode};
use meguri_wire::request::HEADER_INPUT;
use meguri_wire::{Code, limits};

use crate::app::App;
use crate::auth;
use crate::refusal::Answered;
use crate::store::{self, SlotRow};

/// What the other side may write, counted for whoever opens a box.
const NEWCOMERS_BYTES: u64 = 2 * limits::MAILBOX_SLOT_BYTES_MAX as u64;

fn place_of(id: &str, slot: &str) -> Result<(Vec<u8>, u8), Code> {
    let id = hex::decode(id).map_err(|_| Code::NotFound)?;
    let slot: u8 = slot.parse().map_err(|_| Code::NotFound)?;
    let fits = (16..=32).contains(&id.len()) && slot < limits::MAILBOX_SLOTS;
    if fits { Ok((id, slot)) } else { Err(Code::NotFound) }
}

/// The box as it is now; gone ten minutes after slot 0 was written.
fn open_at(found: Option<SlotRow>, now_ms: u64) -> Result<SlotRow, Code> {
    let slot = found.ok_or(Code::MailboxGone)?;
    let age = now_ms.saturating_sub(slot.opened_ms);
    if age > limits::MAILBOX_MS_MAX { Err(Code::MailboxGone) } else { Ok(slot) }
}

pub(crate) async fn put(
    State(app): State<Arc<App>>,
    Path((id, slot)): Path<(String, String)>,
    request: Request<Body>,
) -> Answered<StatusCode> {
    let (id, slot) = place_of(&id, &slot)?;
    let newcomers = matches!(slot, 1 | 3);
    let asked = if request.headers().contains_key(HEADER_INPUT) {
        let (caller, asked) = auth::active(&app, request, limits::MAILBOX_SLOT_BYTES_MAX).await?;
        let others = if slot == 0 { NEWCOMERS_BYTES } else { 0 };
        app.may_store(caller.device, asked.body.len() as u64 + others)?;
        asked
    } else if newcomers {
        // Without an open box nothing is read.
        let (parts, body) = request.into_parts();
        let found = store::read(app.store.as_ref(), {
            let id = id.clone();
            move |rows| rows.slot(&id, slot)
        })
        .await?;
        open_at(found, app.now_ms())?;
        auth::read(&app, parts, body, limits::MAILBOX_SLOT_BYTES_MAX).await?
    } else {
        return Err(Code::MailboxSide.into());
    };
    let (now_ms, bytes) = (app.now_ms(), asked.body);
    let written = store::write(app.store.as_ref(), move |tx| {
        tx.drop_mailboxes(now_ms.saturating_sub(limits::MAILBOX_MS_MAX))?;
        let opened_ms = match (slot, tx.rows().slot(&id, 0)?) {
            (0, None) => now_ms,
            (_, found) => match open_at(found, now_ms) {
                Ok(slot) => slot.opened_ms,
                Err(code) => return Ok(Err(code)),
            },
        };
        let written = tx.put_slot(&id, slot, opened_ms, &bytes)?;
        Ok(if written { Ok(()) } else { Err(Code::MailboxTaken) })
    });
    written.await??;
    Ok(StatusCode::CREATED)
}

pub(crate) async fn get(State(app): State<Arc<App>>, Path((id, slot)): Path<(String, String)>) -> Answered<Response> {
    let (id, slot) = place_of(&id, &slot)?;
    let found = store::read(app.store.as_ref(), move |rows| rows.slot(&id, slot)).await?;
    let bytes = open_at(found, app.now_ms())?.bytes.ok_or(Code::NotFound)?;
    Ok(bytes.into_response())
}
