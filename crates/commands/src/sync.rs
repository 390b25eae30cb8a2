//! `sync.*`: synchronisation

pub mod dismiss;
pub mod now;
pub mod parked;
pub mod status;
