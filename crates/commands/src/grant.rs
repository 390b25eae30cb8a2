//! What a removed manager's device had granted.

pub mod confirm;
pub mod list;
