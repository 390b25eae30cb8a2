//! `profile.*`: the profile and its lock

pub mod create;
pub mod lock;
pub mod pin;
pub mod status;
pub mod unlock;
