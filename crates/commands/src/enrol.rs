//! `enrol.*`: enrolment of a device

pub mod approve;
pub mod join;
pub mod offer;
