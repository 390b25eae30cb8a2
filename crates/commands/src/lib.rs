//! The commands of Meguri: one file per command (`Req`, `Res`, a blocking
//! function on a [`Host`]), one line each in [`list`], and a closed list of
//! error codes. Screens, the CLI and tests call the same list.
//!
//! It deliberately knows no window, no socket, no clock and no file: the
//! [`Host`] has those. It names no entry kind: bodies go through
//! `meguri_clinical`'s registries.

pub mod about;
pub mod blob;
pub mod chart;
pub mod code;
pub mod draft;
pub mod enrol;
pub mod entry;
pub mod generate;
pub mod grant;
pub mod home;
pub mod host;
pub mod intent;
pub mod late;
pub mod list;
pub mod patient;
pub mod profile;
mod rows;
pub mod settings;
pub mod space;
pub mod state;
pub mod sync;
pub mod team;
pub mod types;

pub use code::{Code, Failure};
pub use host::{Host, Needs};
pub use list::{Command, LIST, call, find};
