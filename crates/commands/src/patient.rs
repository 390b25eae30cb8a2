//! `patient.*`: patients

pub mod register;
pub mod search;
pub mod show;
