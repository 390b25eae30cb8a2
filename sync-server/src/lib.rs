//! `meguri-relay`: stores, orders and forwards sealed, signed bytes.
//!
//! It links `meguri-wire` and nothing else of ours: it has no code that could
//! open a record. [`app`] is the whole HTTP interface and needs no socket; the
//! binary adds sockets, TLS, signals and the operator's commands.

mod app;
mod auth;
mod blobs;
mod feeds;
mod handlers;
mod hub;
pub mod keys;
mod metrics;
mod moved;
pub mod operate;
mod rates;
mod refusal;
mod router;
pub mod store;

pub use app::{App, Clock, Settings};
pub use rates::Peer;
pub use refusal::Refusal;
pub use router::app;

impl From<store::StoreError> for std::io::Error {
    fn from(error: store::StoreError) -> Self {
        std::io::Error::other(error.to_string())
    }
}
