//! For tests: a whole region in one process. A real relay router over a real store, real devices with real encrypted
//! files; the clock, randomness and the network between them come from a seed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot be set up must fail loudly"
)]

mod crash;
mod env;
mod front;
mod liar;
mod person;
mod region;
mod router_net;

pub use crash::{Crash, crash_at};
pub use env::{Dice, VirtualEnv};
pub use front::Front;
pub use liar::{Liar, Lie};
pub use person::Person;
pub use region::{PASSPHRASE, Region};
pub use router_net::{RouterNet, Traffic, Weather};
