//! What was decided here and is not so yet.

pub mod dismiss;
pub mod list;
