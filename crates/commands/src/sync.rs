//! `sync.*`: synchronisation

pub mod dismiss;
pub mod faults;
pub mod now;
pub mod parked;
pub mod status;
