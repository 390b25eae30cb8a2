//! Devices that saw another history than this one was shown: which, of whom, and what a person makes of it.

use meguri_wire::{DeviceId, FeedId, Hash};
use rusqlite::{OptionalExtension, params};
use uuid::Uuid;

use crate::error::ReplicaError;
use crate::feeds::{chain_at, cursor, patient_of};
use crate::open::Replica;
use crate::rows::PersonRow;
use crate::sql::{col16, id32, uint};

/// A contradiction between what a colleague's device and this one were shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessRow {
    /// The feed.
    pub feed: FeedId,
    /// Whose chart, where it is one.
    pub patient: Option<Uuid>,
    /// Whose device, where that is known.
    pub person: Option<PersonRow>,
    /// The running hash here, at the place it names or at the end.
    pub here: Hash,
    /// The one it saw.
    pub there: Hash,
}

impl Replica {
    /// The first contradiction that nobody has put away.
    ///
    /// # Errors
    /// Storage codes.
    pub fn witness(&self) -> Result<Option<WitnessRow>, ReplicaError> {
        let mut inner = self.lock();
        let inner = &mut *inner;
        let sql = "SELECT feed, author, ssn, h FROM witness WHERE NOT dismissed ORDER BY rowid LIMIT 1";
        let read = |row: &rusqlite::Row<'_>| {
            let author = DeviceId(col16(row, 1)?);
            Ok((FeedId(col16(row, 0)?), author, uint(row.get(2)?), Hash(id32(row.get_ref(3)?.as_blob()?)?)))
        };
        let Some((feed, author, ssn, there)) = inner.conn.prepare_cached(sql)?.query_row([], read).optional()? else {
            return Ok(None);
        };
        inner.feeds.load(&inner.conn)?;
        let (end, h) = cursor(&inner.conn, &feed)?;
        let here = if ssn <= end { chain_at(&inner.conn, &feed, ssn)? } else { h };
        let person = inner.feeds.person_of(&author);
        let person = person.map(|(team, staff)| crate::rows::person(&inner.conn, team, staff)).transpose()?;
        Ok(Some(WitnessRow { feed, patient: patient_of(&inner.conn, &feed)?, person, here, there }))
    }

    /// A person has looked at it: this device's word is not shown again, in any feed.
    ///
    /// # Errors
    /// Storage codes.
    pub fn dismiss_witness(&self) -> Result<(), ReplicaError> {
        let sql = "UPDATE witness SET dismissed = 1 WHERE author =
            (SELECT author FROM witness WHERE NOT dismissed ORDER BY rowid LIMIT 1)";
        self.lock().conn.prepare_cached(sql)?.execute(params![])?;
        Ok(())
    }
}
