//! `blob.*`: pictures

pub mod put;
pub mod read;
