//! What a removed device still has to hand in: its outbox, and its drafts as items of their own kind. Both go to
//! quarantine, where a manager may admit them; the device forgets everything afterwards.

use meguri_chart::DocName;
use meguri_seal::Plain;
use meguri_seal::item::{CODEC_PLAIN, KIND_DRAFT};
use meguri_wire::cbor::{Cbor, In, Out};
use meguri_wire::control::RemoveReason;
use meguri_wire::{Code, DeviceId, FeedId, Frame, FrameId, SpaceId};
use rand_core::CryptoRng;
use rusqlite::Connection;
use std::collections::BTreeSet;
use uuid::Uuid;

use crate::device::read_newest_epoch_key;
use crate::drafts::DraftRow;
use crate::error::ReplicaError;
use crate::open::Replica;
use crate::outbox::{Author, Sealer, unanswered};
use crate::sql::{col16, uint};

/// The record that removes this device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnRemoval {
    /// Who signed it.
    pub by: DeviceId,
    /// When the relay took it, ms UTC.
    pub at_ms: i64,
    /// Why.
    pub reason: RemoveReason,
}

/// A draft as a removed device hands it in: the plaintext of kind 1 (`docs/protocol.md` §7).
#[derive(Clone, PartialEq, Eq)]
pub struct HandedDraft {
    /// The draft.
    pub id: Uuid,
    /// The visit it belongs to.
    pub visit: String,
    /// Stored tag of the kind.
    pub kind: String,
    /// JSON as the form left it.
    pub body_json: String,
    /// When it was saved last, by the author's clock, ms UTC.
    pub updated_ms: i64,
}

impl std::fmt::Debug for HandedDraft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HandedDraft({})", self.id)
    }
}

impl Cbor for HandedDraft {
    fn put(&self, out: &mut Out) {
        out.array(5);
        out.bytes(self.id.as_bytes());
        out.text(&self.visit);
        out.text(&self.kind);
        out.text(&self.body_json);
        out.i64(self.updated_ms);
    }

    fn take(input: &mut In<'_>) -> Result<Self, Code> {
        input.array_of(5)?;
        let id = input.bytes()?.try_into().map_err(|_| Code::BadBytes)?;
        Ok(Self {
            id: Uuid::from_bytes(id),
            visit: input.text()?.to_owned(),
            kind: input.text()?.to_owned(),
            body_json: input.text()?.to_owned(),
            updated_ms: input.i64()?,
        })
    }
}

impl Replica {
    /// The record of the own team that removes this device, once one verified.
    ///
    /// # Errors
    /// Storage codes.
    pub fn own_removal(&self) -> Result<Option<OwnRemoval>, ReplicaError> {
        let mut inner = self.lock();
        let inner = &mut *inner;
        let Some(own) = inner.own()? else { return Ok(None) };
        inner.feeds.load(&inner.conn)?;
        let Some(team) = inner.feeds.world.teams.get(&own.team) else { return Ok(None) };
        let Some(removal) = team.device(&own.device).and_then(|device| device.removed.as_ref()) else {
            return Ok(None);
        };
        let found = crate::feeds::control(&inner.conn, &own.team, team.hash_at(removal.cseq))?;
        let (at_ms, frame) = found.ok_or(ReplicaError::Corrupt)?;
        Ok(Some(OwnRemoval { by: frame.author().unwrap_or_default(), at_ms, reason: removal.reason }))
    }

    /// Seals everything unsent under the newest key of each space, drafts too, in one transaction, behind what a lost store
    /// held of this device. What has no key stays where it is.
    ///
    /// # Errors
    /// [`ReplicaError::NotReady`] without a device; storage codes.
    pub fn seal_farewell(&self, rng: &mut dyn CryptoRng) -> Result<(), ReplicaError> {
        let drafts = self.drafts(None)?;
        self.lock().write(|inner| {
            let author = Author::read(&inner.conn)?;
            for (space, patient) in spaces(&inner.conn)? {
                inner.feeds.space(&inner.conn, &space)?;
                let key = match read_newest_epoch_key(&inner.conn, &space)? {
                    Some(key) => key,
                    // The relay's new store has not shown this chart, and shows it to a removed device no more.
                    None => match crate::former::newest_key(&inner.conn, &space)? {
                        Some(key) => key,
                        None => continue,
                    },
                };
                let mut sealer = Sealer::begin(inner, &author, &space, &key)?;
                sealer.follow(crate::former::own_tail(&inner.conn, &space, &author.own.device)?);
                sealer.seal_outbox(&inner.conn, usize::MAX, rng)?;
                for draft in drafts.iter().filter(|draft| draft.patient == patient) {
                    let bytes = handed(draft).to_bytes();
                    let plain = Plain { kind: KIND_DRAFT, codec: CODEC_PLAIN, bytes };
                    sealer.put(&inner.conn, DocName::Core, Vec::new(), &plain, rng)?;
                    inner.conn.prepare_cached("DELETE FROM draft WHERE id = ?1")?.execute([draft.id.as_bytes()])?;
                }
            }
            Ok(())
        })
    }

    /// The next own items nobody has answered, of one space: first those that a lost store of the relay held and its new
    /// one has not shown, then what was sealed after them. None when every space but `skip` has answered.
    ///
    /// # Errors
    /// Storage codes.
    pub fn next_farewell(
        &self,
        skip: &BTreeSet<SpaceId>,
        bytes_max: usize,
    ) -> Result<Option<(SpaceId, Vec<Frame>)>, ReplicaError> {
        let mut inner = self.lock();
        let own = inner.own()?.ok_or(ReplicaError::NotReady)?.device;
        for (space, _) in spaces(&inner.conn)?.into_iter().filter(|(space, _)| !skip.contains(space)) {
            let mut frames = crate::former::own_items(&inner.conn, &space, &own)?;
            if frames.is_empty() {
                frames = unanswered(&inner.conn, &space, bytes_max)?;
            }
            if !frames.is_empty() {
                return Ok(Some((space, frames)));
            }
        }
        Ok(None)
    }

    /// The relay has taken these items that were handed in.
    ///
    /// # Errors
    /// Storage codes.
    pub fn handed_in(&self, frames: &[FrameId]) -> Result<(), ReplicaError> {
        self.accepted_all(frames)?;
        let inner = self.lock();
        frames.iter().try_for_each(|frame| crate::former::came_back(&inner.conn, frame).map(drop))
    }

    /// Changes and drafts that no relay holds.
    ///
    /// # Errors
    /// Storage codes.
    pub fn farewell_left(&self) -> Result<u64, ReplicaError> {
        let unsealed =
            self.count("SELECT (SELECT count(*) FROM outbox WHERE dseq = 0) + (SELECT count(*) FROM draft)")?;
        let sealed = self.count("SELECT count(*) FROM sealed WHERE answered = 0")?;
        let mut inner = self.lock();
        let Some(own) = inner.own()?.map(|own| own.device) else { return Ok(unsealed + sealed) };
        let former = spaces(&inner.conn)?
            .iter()
            .map(|(space, _)| Ok(crate::former::own_items(&inner.conn, space, &own)?.len() as u64))
            .sum::<Result<u64, ReplicaError>>()?;
        Ok(unsealed + sealed + former)
    }

    /// Items that were handed in.
    ///
    /// # Errors
    /// Storage codes.
    pub fn farewell_answered(&self) -> Result<u64, ReplicaError> {
        self.count("SELECT count(*) FROM sealed WHERE answered = 1")
    }

    fn count(&self, sql: &str) -> Result<u64, ReplicaError> {
        Ok(self.lock().conn.prepare_cached(sql)?.query_row([], |row| Ok(uint(row.get(0)?)))?)
    }

    /// Blobs that handed in items list, which a removed device brings after them.
    ///
    /// # Errors
    /// Storage codes.
    pub fn farewell_blobs(&self) -> Result<Vec<meguri_wire::BlobId>, ReplicaError> {
        let inner = self.lock();
        let mut statement =
            inner.conn.prepare_cached("SELECT raw FROM sealed WHERE answered = 1 ORDER BY space, dseq")?;
        let mut rows = statement.query([])?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            let frame = Frame::decode(row.get_ref(0)?.as_blob().map_err(|_| ReplicaError::Corrupt)?)?;
            out.extend(frame.item().map(|item| item.blob_ids.clone()).unwrap_or_default());
        }
        out.sort_unstable();
        out.dedup();
        Ok(out)
    }
}

fn handed(draft: &DraftRow) -> HandedDraft {
    HandedDraft {
        id: draft.id,
        visit: draft.visit.clone(),
        kind: draft.kind.clone(),
        body_json: draft.body_json.clone(),
        updated_ms: draft.updated_ms,
    }
}

fn spaces(conn: &Connection) -> Result<Vec<(SpaceId, Uuid)>, ReplicaError> {
    let mut statement = conn.prepare_cached("SELECT space, patient FROM space ORDER BY space")?;
    let rows = statement.query_map([], |row| Ok((FeedId(col16(row, 0)?), crate::sql::col_uuid(row, 1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
