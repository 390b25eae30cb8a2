//! Every route on one page.

use std::sync::Arc;

use axum::Router;
use axum::extract::{MatchedPath, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use http::{HeaderValue, Method};
use meguri_wire::api::{HEADER_CLOCK, HEADER_NONCE};
use meguri_wire::request::HEADER_INPUT;
use meguri_wire::{Code, nonce};
use tower_http::catch_panic::CatchPanicLayer;

use crate::app::App;
use crate::auth;
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

/// Counts, gives every reply a fresh nonce and the clock, and tells the log what
/// happened: a route, a code, how long it took; no address and no whole id.
async fn around(State(app): State<Arc<App>>, request: axum::extract::Request, next: Next) -> Response {
    let started = std::time::Instant::now();
    let seen = Seen::of(&app, &request);
    let mut response = match unsigned_too_often(&app, &request) {
        Some(refusal) => refusal.into_response(),
        None => next.run(request).await,
    };
    Metrics::add(&app.metrics.requests, 1);
    if response.status().is_client_error() || response.status().is_server_error() {
        Metrics::add(&app.metrics.refused, 1);
    }
    seen.log(&response, started.elapsed());
    let now_ms = app.now_ms();
    let nonce = nonce::make_nonce(&app.nonce_key, now_ms);
    if let Ok(nonce) = HeaderValue::from_str(&nonce) {
        response.headers_mut().insert(HEADER_NONCE, nonce);
    }
    response.headers_mut().insert(HEADER_CLOCK, now_ms.into());
    response
}

/// Requests without a signature are counted by address.
fn unsigned_too_often(app: &App, request: &axum::extract::Request) -> Option<Refusal> {
    if request.headers().contains_key(HEADER_INPUT) {
        return None;
    }
    let from = auth::address(request.extensions(), request.headers())?;
    app.may_ask_unsigned(from).err()
}

/// What the log may say of a request.
struct Seen {
    method: Method,
    route: String,
    device: Option<String>,
}

impl Seen {
    fn of(app: &App, request: &axum::extract::Request) -> Self {
        let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str);
        let claim = auth::claim(request.headers()).ok();
        let device = claim.map(|claim| app.logged(&claim.keyid.0));
        Self { method: request.method().clone(), route: route.to_owned(), device }
    }

    fn log(&self, response: &Response, took: std::time::Duration) {
        let status = response.status();
        let code = response.extensions().get::<Code>().map_or("", |code| code.text());
        let (method, route, device) = (self.method.as_str(), self.route.as_str(), self.device.as_deref().unwrap_or(""));
        let (status_no, took_ms) = (status.as_u16(), took.as_millis());
        if status.is_server_error() {
            tracing::warn!(method, route, device, status = status_no, code, took_ms, "request");
        } else if status.is_client_error() {
            tracing::info!(method, route, device, status = status_no, code, took_ms, "request");
        } else {
            tracing::debug!(method, route, device, status = status_no, took_ms, "request");
        }
    }
}
