//! Signing controls: a team's genesis, a chart's genesis, its epochs and its
//! members. Pure: states, keys and randomness in, frames with their attachments
//! out. Whether a control is valid is not decided here but by
//! `meguri_wire::feed`, at the relay and at every client.

mod space;
mod team;

pub use space::{Space, Tip, space_genesis, space_id};
pub use team::{Newcomer, Removed, add_device, remove, team_genesis};

use meguri_commands::{Code, Failure};
use meguri_wire::{Attachment, Frame};
use rand_core::CryptoRng;

/// A control with what travels beside it.
#[derive(Debug, Clone)]
pub struct Signed {
    /// The frame.
    pub frame: Frame,
    /// Envelopes and KEM keys its record names.
    pub attachments: Vec<Attachment>,
}

fn bug<E>(_: E) -> Failure {
    Code::Bug.into()
}

fn random<const N: usize>(rng: &mut dyn CryptoRng) -> [u8; N] {
    let mut out = [0; N];
    rng.fill_bytes(&mut out);
    out
}
