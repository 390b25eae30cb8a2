//! `POST /v1/acks`: what a device says it holds durably.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use http::{Request, StatusCode};
use meguri_wire::api::AckRequest;
use meguri_wire::cbor::Cbor;
use meguri_wire::{Code, limits};

use crate::app::App;
use crate::auth;
use crate::feeds::rights;
use crate::refusal::Answered;
use crate::store::{self, AckRow};

const BODY_BYTES_MAX: usize = 512 * 1024;

pub(crate) async fn post(State(app): State<Arc<App>>, request: Request<Body>) -> Answered<StatusCode> {
    let (caller, asked) = auth::active(&app, request, BODY_BYTES_MAX).await?;
    let body = AckRequest::from_bytes(&asked.body)?;
    if body.acks.len() > limits::PULL_FEEDS_MAX {
        return Err(Code::TooLarge.into());
    }
    let (memory, now_ms) = (app.memory.clone(), app.now_ms());
    let kept = store::write(app.store.as_ref(), move |tx| {
        for ack in body.acks {
            let Some(row) = tx.rows().feed(&ack.feed)? else {
                return Ok(Err(Code::NotFound));
            };
            if let Err(code) = rights::readable(tx.rows(), &memory.teams(), &caller, &row, now_ms)? {
                return Ok(Err(code));
            }
            if ack.ssn > row.ssn {
                return Ok(Err(Code::BadNumber));
            }
            let kept = AckRow { feed: ack.feed, device: caller.device, ssn: ack.ssn, h: ack.h };
            tx.put_ack(row.feed_no, &kept, now_ms)?;
        }
        Ok(Ok(()))
    });
    kept.await??;
    Ok(StatusCode::NO_CONTENT)
}
