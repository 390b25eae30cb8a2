//! Bytes: decoders are total and canonical, signatures and requests are exact.
// A failing step in a test is a failing test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod frames;
mod requests;
mod signatures;
