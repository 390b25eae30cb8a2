//! `draft.*`: drafts, on this device alone

pub mod discard;
pub mod list;
pub mod save;
