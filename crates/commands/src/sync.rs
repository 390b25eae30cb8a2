//! `sync.*`: synchronisation

pub mod now;
pub mod parked;
pub mod status;
