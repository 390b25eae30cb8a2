//! `PUT·HEAD·GET /v1/blobs/{sha256}`: sealed bytes by their hash.

use std::ops::Range;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Request, StatusCode, header};
use meguri_wire::api::HEADER_OFFSET;
use meguri_wire::{BlobId, Code, limits};

use crate::app::App;
use crate::auth;
use crate::feeds::rights;
use crate::metrics::Metrics;
use crate::moved;
use crate::refusal::Answered;
use crate::store;

fn id_of(text: &str) -> Result<BlobId, Code> {
    text.parse().map_err(|_| Code::NotFound)
}

pub(crate) async fn put(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    request: Request<Body>,
) -> Answered<Response> {
    let (caller, asked) = auth::signed(&app, request, limits::BLOB_PART_MAX).await?;
    let blob = id_of(&id)?;
    may_bring(&app, caller, blob).await?;
    moved::takes_records(&app).await?;
    let offset = auth::query(&asked.parts, "offset").unwrap_or("0");
    let offset: u64 = offset.parse().map_err(|_| Code::BadRequest)?;
    let bytes = asked.body.len() as u64;
    app.may_store(caller.device, bytes)?;
    let _unswept = app.sweeping.read().await;
    let reached = app.blobs.put(caller.device, blob, offset, asked.body).await?;
    Metrics::add(&app.metrics.blob_bytes, bytes);
    if reached.complete {
        let now_ms = app.now_ms();
        store::write(app.store.as_ref(), move |tx| tx.put_blob(&blob, reached.offset, &caller.device, now_ms)).await?;
    }
    let status = if reached.complete { StatusCode::CREATED } else { StatusCode::ACCEPTED };
    Ok((status, [(HEADER_OFFSET, reached.offset.to_string())]).into_response())
}

/// A removed device may still bring what its late work lists.
async fn may_bring(app: &App, caller: rights::Caller, blob: BlobId) -> Answered<()> {
    let Err(removed) = caller.active() else {
        return Ok(());
    };
    let listed = store::read(app.store.as_ref(), move |rows| rows.late_lists(&caller.device, &blob)).await?;
    if listed { Ok(()) } else { Err(removed.into()) }
}

/// The size of a blob the caller may fetch.
async fn size(app: &App, caller: rights::Caller, blob: BlobId) -> Answered<Option<u64>> {
    let now_ms = app.now_ms();
    let found = store::read(app.store.as_ref(), move |rows| {
        let may = rights::may_fetch(rows, &caller, &blob, now_ms)?;
        if may { rows.blob(&blob) } else { Ok(None) }
    });
    Ok(found.await?)
}

pub(crate) async fn head(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    request: Request<Body>,
) -> Answered<Response> {
    let (caller, _) = auth::signed(&app, request, 0).await?;
    let blob = id_of(&id)?;
    may_bring(&app, caller, blob).await?;
    if let Some(size) = size(&app, caller, blob).await? {
        let headers = [(HEADER_OFFSET, size.to_string()), ("content-length", size.to_string())];
        return Ok((StatusCode::OK, headers).into_response());
    }
    let offset = app.blobs.offset(caller.device, blob).await?;
    if offset == 0 {
        return Err(Code::NotFound.into());
    }
    Ok((StatusCode::ACCEPTED, [(HEADER_OFFSET, offset.to_string())]).into_response())
}

/// `bytes=from-to` or `bytes=from-`; one range only.
fn range_of(headers: &HeaderMap, size: u64) -> Result<Option<Range<u64>>, Code> {
    let Some(text) = auth::header(headers, "range") else {
        return Ok(None);
    };
    let (from, to) = text.strip_prefix("bytes=").and_then(|range| range.split_once('-')).ok_or(Code::BadOffset)?;
    let from: u64 = from.parse().map_err(|_| Code::BadOffset)?;
    let end = match to {
        "" => size,
        to => to.parse::<u64>().map_err(|_| Code::BadOffset)?.saturating_add(1).min(size),
    };
    if from < end { Ok(Some(from..end)) } else { Err(Code::BadOffset) }
}

pub(crate) async fn get(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    request: Request<Body>,
) -> Answered<Response> {
    let (caller, asked) = auth::active(&app, request, 0).await?;
    let blob = id_of(&id)?;
    let size = size(&app, caller, blob).await?.ok_or(Code::NotFound)?;
    let range = range_of(&asked.parts.headers, size)?;
    let bytes = app.blobs.get(&blob, range.clone()).await?;
    let length = range.as_ref().map_or(size, |range| range.end - range.start);
    let mut response = Body::from_stream(bytes).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, http::HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_LENGTH, length.into());
    if let Some(range) = range {
        let text = format!("bytes {}-{}/{size}", range.start, range.end.saturating_sub(1));
        if let Ok(value) = text.parse() {
            headers.insert(header::CONTENT_RANGE, value);
        }
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    Ok(response)
}
