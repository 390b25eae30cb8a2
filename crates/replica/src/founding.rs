//! A chart that begins here: its space and what is first written into it, in one transaction.

use meguri_wire::{Frame, SpaceId, TeamId};
use rusqlite::{Connection, params};
use uuid::Uuid;

use crate::append::Append;
use crate::error::ReplicaError;
use crate::open::Replica;

/// A space founded here; its genesis waits until it comes back by pull.
#[derive(Debug, Clone)]
pub struct Founding {
    /// Whose chart it will be.
    pub patient: Uuid,
    /// Signed by this device.
    pub genesis: Frame,
    /// The teams to be added when it is sent.
    pub members: Vec<TeamId>,
}

impl Founding {
    /// The space that begins.
    #[must_use]
    pub fn space(&self) -> SpaceId {
        self.genesis.feed()
    }

    pub(crate) fn insert(&self, conn: &Connection) -> Result<(), ReplicaError> {
        let wanted: Vec<u8> = self.members.iter().flat_map(|team| team.0).collect();
        let sql = "INSERT INTO space (space, patient, genesis, wanted) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
        let space = self.space();
        let row = params![space.as_bytes(), self.patient.as_bytes(), self.genesis.raw, wanted];
        if conn.prepare_cached(sql)?.execute(row)? == 0 {
            return Err(ReplicaError::Exists);
        }
        crate::project::ensure_patient(conn, self.patient)
    }
}

impl Replica {
    /// Founds a space and writes into it; after a crash both are here, or nothing is.
    ///
    /// # Errors
    /// [`ReplicaError::Exists`]; as [`Replica::append`].
    pub fn found(&self, founding: &Founding, first: &Append) -> Result<(), ReplicaError> {
        self.append_after(first, |conn| founding.insert(conn))
    }
}
