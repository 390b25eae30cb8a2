//! Late work in quarantine.

pub mod admit;
pub mod list;
