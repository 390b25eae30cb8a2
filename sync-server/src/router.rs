//! Every route on one page.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use http::HeaderValue;
use meguri_wire::api::{HEADER_CLOCK, HEADER_NONCE};
use meguri_wire::{Code, nonce};
use tower_http::catch_panic::CatchPanicLayer;

use crate::app::App;
use crate::handlers::{acks, blobs, events, heads, health, info, mailbox, pull, push, quarantine};
use crate::metrics::Metrics;
use crate::refusal::Refusal;

/// The relay's HTTP interface.
pub fn app(app: Arc<App>) -> Router {
    Router::new()
        .route("/v1/info", get(info::get))
        .route("/v1/heads", get(heads::get))
        .route("/v1/pull", post(pull::post))
        .route("/v1/push", post(push::post))
        .route("/v1/events", get(events::get))
        .route("/v1/blobs/{id}", put(blobs::put).get(blobs::get).head(blobs::head))
        .route("/v1/mailbox/{id}/{slot}", put(mailbox::put).get(mailbox::get))
        .route("/v1/acks", post(acks::post))
        .route("/v1/feeds/{id}/quarantine", get(quarantine::get))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(health::metrics))
        .fallback(nothing)
        .layer(from_fn_with_state(app.clone(), around))
        .layer(CatchPanicLayer::custom(panicked))
        .with_state(app)
}

async fn nothing() -> Refusal {
    Code::NotFound.into()
}

fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    tracing::error!(code = "panic", "a handler panicked");
    Refusal::from(Code::Storage).into_response()
}

/// Counts, and gives every reply a fresh nonce and the clock.
async fn around(State(app): State<Arc<App>>, request: axum::extract::Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    Metrics::add(&app.metrics.requests, 1);
    if response.status().is_client_error() || response.status().is_server_error() {
        Metrics::add(&app.metrics.refused, 1);
    }
    let now_ms = app.now_ms();
    let nonce = nonce::make_nonce(&app.nonce_key, now_ms);
    if let Ok(nonce) = HeaderValue::from_str(&nonce) {
        response.headers_mut().insert(HEADER_NONCE, nonce);
    }
    response.headers_mut().insert(HEADER_CLOCK, now_ms.into());
    response
}
