//! `space.*`: who shares a chart

pub mod members;
