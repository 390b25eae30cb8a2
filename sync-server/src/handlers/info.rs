//! `GET /v1/info`: who this relay is, unsigned.

use std::sync::Arc;

use axum::extract::State;
use meguri_wire::api::Info;
use meguri_wire::feed::{DirectoryState, World};
use meguri_wire::{limits, nonce};

use crate::app::App;
use crate::refusal::Cbored;

pub(crate) async fn get(State(app): State<Arc<App>>) -> Cbored<Info> {
    let now_ms = app.now_ms();
    let directory = app.memory.teams().directory().map(DirectoryState::feed);
    let limit = |name: &str, value: u64| (name.to_owned(), value);
    Cbored(Info {
        versions: vec![limits::VERSION],
        relay_key: app.relay_key(),
        store_id: app.store_id,
        authority: app.settings.authority.clone(),
        directory,
        limits: vec![
            limit("late_bytes_max", app.settings.late_bytes_max),
            limit("requests_per_s", app.settings.requests_per_s),
        ],
        nonce: nonce::make_nonce(&app.nonce_key, now_ms),
        now_ms,
        software: env!("CARGO_PKG_VERSION").to_owned(),
    })
}
