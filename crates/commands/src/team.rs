//! The own team: people and devices.

pub mod remove;
pub mod show;
