//! `entry.*`: writing into a chart

pub mod amend;
pub mod confirm;
pub mod reach;
pub mod strike;
pub mod void;
