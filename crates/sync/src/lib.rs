//! The client's sync as a state machine: [`Sync::handle`] takes an event and
//! the time, and answers with what the device is to do.
//!
//! Deliberately absent: it opens no byte, knows nothing of HTTP or of the
//! database, has no clock and no thread. `device` carries its effects out.

mod backoff;
mod effect;
mod event;
mod feeds;
mod machine;
mod state;

pub use effect::{Effect, PullWanted};
pub use event::{EpochOutcome, Event, Failure, FeedClass, Job, Local, LocalFeed, PushOutcome};
pub use machine::Sync;
pub use state::{ClientState, WaitingFor, WhoCan};
