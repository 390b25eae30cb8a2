//! `GET /healthz · /readyz · /metrics`: for operators.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;

use crate::app::App;
use crate::refusal::Answered;
use crate::store;

pub(crate) async fn healthz() -> &'static str {
    "ok\n"
}

/// Ready while the store can be read and written.
pub(crate) async fn readyz(State(app): State<Arc<App>>) -> StatusCode {
    if app.is_ready().await { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
}

pub(crate) async fn metrics(State(app): State<Arc<App>>) -> Answered<String> {
    let bytes = store::read(app.store.as_ref(), |rows| rows.bytes_used()).await?;
    Ok(app.metrics.text(app.hub.count(), bytes))
}
