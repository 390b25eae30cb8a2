//! Feed rules of protocol §3–§5, each with a frame that keeps it and one that breaks it.
// A failing step in a test is a failing test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod admission;
mod directory;
mod items;
mod rotation;
mod scale;
mod space;
mod team;
mod world;
