//! One running installation of Meguri: it opens a profile (lock, key slots),
//! implements `meguri_commands::Host` and carries out what the sync machine
//! asks for. Clock, randomness, network and OS keystore come in as traits
//! ([`env::Env`], [`net::Net`], [`keystore::Keystore`]), so that a simulation
//! drives it without sockets.
//!
//! It deliberately has no clinical rule, no feed rule and no screen.

pub mod authoring;
pub mod device;
pub mod engine;
mod enrolment;
pub mod env;
mod farewell;
mod hints;
pub mod keystore;
mod local;
pub mod log;
pub mod net;
pub mod panic;
pub mod passphrase;
pub mod pin;
mod pins;
pub mod profile;
pub mod relay;
pub mod session;
pub mod system;

pub use device::Device;
