//! `chart.*`: reading a chart

pub mod entry;
pub mod seen;
pub mod timeline;
pub mod trend;
