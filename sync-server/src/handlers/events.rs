//! `GET /v1/events?feeds=`: hints that feeds moved, as server-sent events.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use futures_util::{StreamExt, stream};
use http::{HeaderValue, Request};
use meguri_wire::{Code, FeedId};
use tokio::time::Instant;

use crate::app::App;
use crate::auth;
use crate::hub::Listening;
use crate::refusal::Answered;

/// Hints of one stream come no closer together.
const APART: Duration = Duration::from_millis(10);

fn wanted(text: &str) -> Result<Option<BTreeSet<FeedId>>, Code> {
    if text.is_empty() {
        return Ok(None);
    }
    let feeds = text.split(',').map(str::parse);
    feeds.collect::<Result<_, _>>().map(Some).map_err(|_| Code::BadRequest)
}

pub(crate) async fn get(State(app): State<Arc<App>>, request: Request<Body>) -> Answered<Response> {
    let (caller, asked) = auth::active(&app, request, 0).await?;
    let feeds = wanted(auth::query(&asked.parts, "feeds").unwrap_or_default())?;
    let listening = app.hub.listen(caller.device, caller.team, feeds, app.settings.streams_per_device);
    let start: Option<Instant> = None;
    let hints = unfold((listening, start), next).flat_map(stream::iter);
    let keep = KeepAlive::new().interval(Duration::from_millis(app.settings.comment_ms));
    let mut response = Sse::new(hints).keep_alive(keep).into_response();
    let no_buffering = HeaderValue::from_static("no");
    response.headers_mut().insert("x-accel-buffering", no_buffering);
    Ok(response)
}

type Hints = Vec<Result<Event, Infallible>>;

async fn next((listening, last): (Listening, Option<Instant>)) -> Option<(Hints, (Listening, Option<Instant>))> {
    if let Some(last) = last {
        tokio::time::sleep_until(last + APART).await;
    }
    let hints = listening.listener.next().await?;
    let event = |hint: meguri_wire::api::Hint| Ok(Event::default().data(hint.to_string()));
    Some((hints.into_iter().map(event).collect(), (listening, Some(Instant::now()))))
}
