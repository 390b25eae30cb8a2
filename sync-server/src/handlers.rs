//! A file per resource.

pub(crate) mod acks;
pub(crate) mod blobs;
pub(crate) mod events;
pub(crate) mod heads;
pub(crate) mod health;
pub(crate) mod info;
pub(crate) mod mailbox;
pub(crate) mod pull;
pub(crate) mod push;
pub(crate) mod quarantine;
