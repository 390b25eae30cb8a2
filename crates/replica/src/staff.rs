//! A person of a team by certificate and name card.

use meguri_wire::{StaffId, TeamId};

use crate::error::ReplicaError;
use crate::open::Replica;
use crate::rows::PersonRow;

impl Replica {
    /// The person's card as far as one has come.
    ///
    /// # Errors
    /// Storage codes.
    pub fn person(&self, team: &TeamId, staff: &StaffId) -> Result<PersonRow, ReplicaError> {
        crate::rows::person(&self.lock().conn, *team, *staff)
    }
}
