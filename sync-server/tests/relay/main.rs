//! The relay as devices and operators meet it: its router in process, its operator's
//! commands, its real binary.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod bounds;
mod configuration;
mod endpoints;
mod operator;
mod process;
mod real;
mod rebuilding;
mod region;
mod rules;
mod store_story;
mod streams;
mod tls;
