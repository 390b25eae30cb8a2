//! Who shares a chart.

pub mod add;
pub mod candidates;
pub mod members;
pub mod remove;
pub mod role;
