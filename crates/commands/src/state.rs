//! `state.*`: current state and its conflicts

pub mod conflicts;
pub mod put;
pub mod resolve;
pub mod restore;
pub mod struck;
