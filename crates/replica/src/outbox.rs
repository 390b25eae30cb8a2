//! Sealing what was written, in one transaction, and the sealed bytes until they are answered.

use meguri_chart::DocName;
use meguri_seal::{ChangeRecord, EpochKey, Plain, Unsealed, seal_item};
use meguri_wire::frame::CLASS_RECORD;
use meguri_wire::ids::doc_id;
use meguri_wire::sign::Ed25519Signer;
use meguri_wire::{BlobId, Frame, FrameId, Seen, SpaceId};
use rand_core::CryptoRng;
use rusqlite::{Connection, params};
use std::collections::BTreeMap;

use crate::device::{DeviceInfo, read_device, read_epoch_key, read_newest_epoch_key};
use crate::error::ReplicaError;
use crate::feeds::{cursor, store_id};
use crate::open::{Inner, Replica};
use crate::sql::{col16, int, uint};

/// Changes of one item before packing; even incompressible they stay below the limit of an item.
const ITEM_CHANGES_BYTES_MAX: usize = 192 * 1024;
const ITEM_BLOBS_MAX: usize = 64;

/// One change of the outbox.
struct Waiting {
    ord: i64,
    name: DocName,
    record: ChangeRecord,
    blobs: Vec<BlobId>,
}

impl Replica {
    /// Spaces with changes or sealed items that no feed holds yet, or whose genesis is unanswered.
    ///
    /// # Errors
    /// Storage codes.
    pub fn unsent_spaces(&self) -> Result<Vec<SpaceId>, ReplicaError> {
        let inner = self.lock();
        let sql = "SELECT DISTINCT space FROM outbox UNION SELECT space FROM space WHERE genesis <> x'' ORDER BY 1";
        let mut statement = inner.conn.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| col16(row, 0).map(meguri_wire::FeedId))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Spaces with changes that no relay has accepted, and how many; a space whose genesis is unanswered counts
    /// at least one. Ascending.
    ///
    /// # Errors
    /// Storage codes.
    pub fn unsent_by_space(&self) -> Result<Vec<(SpaceId, u64)>, ReplicaError> {
        let inner = self.lock();
        let sql = "SELECT o.space, o.dseq, count(*), s.answered FROM outbox o
            LEFT JOIN sealed s ON s.space = o.space AND s.dseq = o.dseq GROUP BY o.space, o.dseq";
        let mut statement = inner.conn.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        let mut out: BTreeMap<SpaceId, u64> = BTreeMap::new();
        while let Some(row) = rows.next()? {
            if row.get::<_, Option<bool>>(3)? != Some(true) {
                *out.entry(meguri_wire::FeedId(col16(row, 0)?)).or_default() += uint(row.get(2)?);
            }
        }
        let mut statement = inner.conn.prepare_cached("SELECT space FROM space WHERE genesis <> x''")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            out.entry(meguri_wire::FeedId(col16(row, 0)?)).or_insert(1);
        }
        Ok(out.into_iter().collect())
    }

    /// Seals what is in the outbox of a space, up to about `bytes_max`, and gives all sealed items that are not
    /// answered, in order; the same bytes until they come back or a newer epoch is accepted. Empty while a new
    /// epoch is owed.
    ///
    /// # Errors
    /// [`ReplicaError::NotReady`] without a device, an accepted epoch or its key; storage codes.
    pub fn seal_next(
        &self,
        space: &SpaceId,
        bytes_max: usize,
        rng: &mut dyn CryptoRng,
    ) -> Result<Vec<Frame>, ReplicaError> {
        self.lock().write(|inner| {
            let author = Author::read(&inner.conn)?;
            seal_space(inner, &author, space, bytes_max, rng)
        })
    }

    /// [`Replica::seal_next`] for many spaces in one transaction, up to about `bytes_max` in all. A space that is
    /// not ready gives nothing; the first of the others gives at least one item.
    ///
    /// # Errors
    /// [`ReplicaError::NotReady`] without a device; storage codes.
    pub fn seal_spaces(
        &self,
        spaces: &[SpaceId],
        bytes_max: usize,
        rng: &mut dyn CryptoRng,
    ) -> Result<Vec<(SpaceId, Frame)>, ReplicaError> {
        self.lock().write(|inner| {
            let author = Author::read(&inner.conn)?;
            let (mut out, mut bytes) = (Vec::new(), 0);
            for space in spaces {
                if bytes >= bytes_max {
                    break;
                }
                let frames = match seal_space(inner, &author, space, bytes_max - bytes, rng) {
                    Err(ReplicaError::NotReady) => continue,
                    frames => frames?,
                };
                bytes += frames.iter().map(|frame| frame.raw.len()).sum::<usize>();
                out.extend(frames.into_iter().map(|frame| (*space, frame)));
            }
            Ok(out)
        })
    }

    /// The relay has taken a frame of ours. It leaves the outbox when it comes back by pull.
    ///
    /// # Errors
    /// Storage codes.
    pub fn accepted(&self, frame: &FrameId, ssn: u64, received_ms: u64) -> Result<(), ReplicaError> {
        let _ = (ssn, received_ms); // the feed itself says so, under its running hash
        self.accepted_all(std::slice::from_ref(frame))
    }

    /// The relay has taken these frames of ours; one transaction.
    ///
    /// # Errors
    /// Storage codes.
    pub fn accepted_all(&self, frames: &[FrameId]) -> Result<(), ReplicaError> {
        self.answered(frames, "UPDATE sealed SET answered = 1 WHERE frame = ?1")
    }

    /// The relay holds these frames of ours back until a manager lets them in.
    ///
    /// # Errors
    /// Storage codes.
    pub fn quarantined_all(&self, frames: &[FrameId]) -> Result<(), ReplicaError> {
        self.answered(frames, "UPDATE sealed SET answered = 1, quarantined = 1 WHERE frame = ?1")
    }

    fn answered(&self, frames: &[FrameId], sql: &str) -> Result<(), ReplicaError> {
        if frames.is_empty() {
            return Ok(());
        }
        self.lock().write(|inner| {
            for frame in frames {
                inner.conn.prepare_cached(sql)?.execute([frame.as_bytes()])?;
            }
            Ok(())
        })
    }

    /// How many changes of this device the relay holds back until a manager lets them in: entries, and where there are
    /// none, other changes.
    ///
    /// # Errors
    /// Storage codes.
    pub fn quarantined_count(&self) -> Result<u64, ReplicaError> {
        let sql = "SELECT count(*) FILTER (WHERE o.entry <> x''), count(*) FROM sealed s
            JOIN outbox o ON o.space = s.space AND o.dseq = s.dseq WHERE s.quarantined = 1";
        let inner = self.lock();
        let (entries, all) =
            inner.conn.prepare_cached(sql)?.query_row([], |row| Ok((uint(row.get(0)?), uint(row.get(1)?))))?;
        Ok(if entries > 0 { entries } else { all })
    }
}

/// Who seals.
pub(crate) struct Author {
    pub(crate) own: DeviceInfo,
    signer: Ed25519Signer,
}

impl Author {
    pub(crate) fn read(conn: &Connection) -> Result<Self, ReplicaError> {
        let (own, secrets) = read_device(conn)?.ok_or(ReplicaError::NotReady)?;
        let signer = secrets.signer(&own.team).map_err(|_| ReplicaError::Corrupt)?;
        Ok(Self { own, signer })
    }
}

fn seal_space(
    inner: &mut Inner,
    author: &Author,
    space: &SpaceId,
    bytes_max: usize,
    rng: &mut dyn CryptoRng,
) -> Result<Vec<Frame>, ReplicaError> {
    inner.feeds.space(&inner.conn, space)?;
    let state = inner.feeds.spaces.get(space).ok_or(ReplicaError::NotReady)?;
    let key = if state.members.contains_key(&author.own.team) {
        if state.owed(&inner.feeds.world) {
            return Ok(Vec::new());
        }
        let key = read_epoch_key(&inner.conn, space, state.newest_epoch())?.ok_or(ReplicaError::NotReady)?;
        drop_older(&inner.conn, space, &key)?;
        key
    } else {
        // The team was taken off: what was written before it knew goes to quarantine under the last key it had.
        read_newest_epoch_key(&inner.conn, space)?.ok_or(ReplicaError::NotReady)?
    };
    let mut sealer = Sealer::begin(inner, author, space, &key)?;
    let spent = sealed_bytes(&inner.conn, space)?;
    sealer.seal_outbox(&inner.conn, bytes_max.saturating_sub(spent), rng)?;
    unanswered(&inner.conn, space, bytes_max)
}

/// Puts items at the end of this device's chain in one space.
pub(crate) struct Sealer<'a> {
    space: &'a SpaceId,
    own: &'a DeviceInfo,
    key: &'a EpochKey,
    signer: &'a dyn meguri_wire::sign::Signer,
    tail: Option<(u64, FrameId)>,
    seen: Seen,
}

impl<'a> Sealer<'a> {
    /// At the end of this device's chain in a space, as far as it was sealed.
    pub(crate) fn begin(
        inner: &Inner,
        author: &'a Author,
        space: &'a SpaceId,
        key: &'a EpochKey,
    ) -> Result<Self, ReplicaError> {
        let in_feed = || {
            let state = inner.feeds.spaces.get(space);
            state.and_then(|state| state.tail(&author.own.device)).map(|tail| (tail.dseq, tail.id))
        };
        let tail = last_sealed(&inner.conn, space)?.or_else(in_feed);
        Ok(Self { space, own: &author.own, key, signer: &author.signer, tail, seen: seen(inner, space)? })
    }

    /// Goes on behind an item of this device that is in no feed here, where that is further on.
    pub(crate) fn follow(&mut self, item: Option<(u64, FrameId)>) {
        self.tail = self.tail.max(item);
    }

    /// Seals what is in the outbox, up to about `bytes_max`.
    pub(crate) fn seal_outbox(
        &mut self,
        conn: &Connection,
        bytes_max: usize,
        rng: &mut dyn CryptoRng,
    ) -> Result<(), ReplicaError> {
        let mut spent = 0;
        while spent < bytes_max {
            let batch = next_batch(conn, self.space)?;
            if batch.is_empty() {
                break;
            }
            spent += self.seal(conn, batch, rng)?;
        }
        Ok(())
    }

    fn seal(&mut self, conn: &Connection, batch: Vec<Waiting>, rng: &mut dyn CryptoRng) -> Result<usize, ReplicaError> {
        let Some(name) = batch.first().map(|w| w.name) else { return Ok(0) };
        let mut blob_ids: Vec<BlobId> = batch.iter().flat_map(|w| w.blobs.iter().copied()).collect();
        blob_ids.sort_unstable();
        blob_ids.dedup();
        let last = batch.last().map_or(0, |w| w.ord);
        let records: Vec<ChangeRecord> = batch.into_iter().map(|w| w.record).collect();
        let plain = Plain::changes(&records).map_err(|_| ReplicaError::TooLarge)?;
        let bytes = self.put(conn, name, blob_ids, &plain, rng)?;
        let dseq = self.tail.map_or(0, |(dseq, _)| dseq);
        // A batch is all that was unsealed of its document up to its last change.
        let sql = "UPDATE outbox SET dseq = ?4 WHERE space = ?1 AND dseq = 0 AND ord <= ?3 AND name = ?2";
        conn.prepare_cached(sql)?.execute(params![self.space.as_bytes(), name.to_string(), last, int(dseq)])?;
        Ok(bytes)
    }

    /// Seals one item at the end of this device's chain; its bytes.
    pub(crate) fn put(
        &mut self,
        conn: &Connection,
        name: DocName,
        blob_ids: Vec<BlobId>,
        plain: &Plain,
        rng: &mut dyn CryptoRng,
    ) -> Result<usize, ReplicaError> {
        let dseq = self.tail.map_or(1, |(dseq, _)| dseq + 1);
        let fields = Unsealed {
            feed: *self.space,
            class: CLASS_RECORD,
            doc: Some(doc_id(self.space, &name.to_string())),
            dseq,
            prev_item_hash: self.tail.map(|(_, id)| id),
            seen: self.seen.clone(),
            blob_ids,
        };
        let mut salt = [0; 32];
        rng.fill_bytes(&mut salt);
        let item = seal_item(self.key, &self.own.device, fields, plain, salt).map_err(|_| ReplicaError::TooLarge)?;
        let frame = item.sign(self.signer)?;
        let kcv = self.key.kcv().map_err(|_| ReplicaError::Corrupt)?;
        let sql = "INSERT INTO sealed (space, dseq, frame, epoch, raw, kcv) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        conn.prepare_cached(sql)?.execute(params![
            self.space.as_bytes(),
            int(dseq),
            frame.id.as_bytes(),
            int(self.key.n),
            frame.raw,
            kcv
        ])?;
        self.tail = Some((dseq, frame.id));
        Ok(frame.raw.len())
    }
}

/// Items under an older epoch than the accepted one did not get into the feed before it: they are sealed again,
/// with the same numbers. So are those under a key of a lost store that had the number of this one.
fn drop_older(conn: &Connection, space: &SpaceId, newest: &EpochKey) -> Result<(), ReplicaError> {
    let kcv = newest.kcv().map_err(|_| ReplicaError::Corrupt)?;
    let sql = "SELECT 1 FROM sealed WHERE space = ?1 AND (epoch < ?2 OR kcv NOT IN (x'', ?3))";
    if !conn.prepare_cached(sql)?.exists(params![space.as_bytes(), int(newest.n), kcv])? {
        return Ok(());
    }
    unseal(conn, space)
}

/// What was sealed and has not come back is sealed again, with new numbers.
pub(crate) fn unseal(conn: &Connection, space: &SpaceId) -> Result<(), ReplicaError> {
    conn.prepare_cached("UPDATE outbox SET dseq = 0 WHERE space = ?1")?.execute([space.as_bytes()])?;
    conn.prepare_cached("DELETE FROM sealed WHERE space = ?1")?.execute([space.as_bytes()])?;
    Ok(())
}

fn last_sealed(conn: &Connection, space: &SpaceId) -> Result<Option<(u64, FrameId)>, ReplicaError> {
    use rusqlite::OptionalExtension;
    let sql = "SELECT dseq, frame FROM sealed WHERE space = ?1 ORDER BY dseq DESC LIMIT 1";
    let read =
        |row: &rusqlite::Row<'_>| Ok((uint(row.get(0)?), FrameId(crate::sql::id32(row.get_ref(1)?.as_blob()?)?)));
    Ok(conn.prepare_cached(sql)?.query_row([space.as_bytes()], read).optional()?)
}

fn sealed_bytes(conn: &Connection, space: &SpaceId) -> Result<usize, ReplicaError> {
    let sql = "SELECT coalesce(sum(length(raw)), 0) FROM sealed WHERE space = ?1 AND answered = 0";
    let bytes: i64 = conn.prepare_cached(sql)?.query_row([space.as_bytes()], |row| row.get(0))?;
    Ok(usize::try_from(bytes).unwrap_or(usize::MAX))
}

fn seen(inner: &Inner, space: &SpaceId) -> Result<Seen, ReplicaError> {
    let (ssn, h) = cursor(&inner.conn, space)?;
    Ok(match store_id(&inner.conn)? {
        Some(store) if ssn > 0 => Seen::at(store.short(), ssn, h),
        Some(_) | None => Seen::nothing(),
    })
}

/// The next changes of one document that go into one item: of the document of the oldest unsealed change.
fn next_batch(conn: &Connection, space: &SpaceId) -> Result<Vec<Waiting>, ReplicaError> {
    let sql = "SELECT ord, name, written_ms, zone_min, blobs, change FROM outbox WHERE space = ?1 AND dseq = 0
        AND name = (SELECT name FROM outbox WHERE space = ?1 AND dseq = 0 ORDER BY ord LIMIT 1) ORDER BY ord";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query([space.as_bytes()])?;
    let (mut out, mut bytes, mut blob_count): (Vec<Waiting>, usize, usize) = (Vec::new(), 0, 0);
    while let Some(row) = rows.next()? {
        let change: Vec<u8> = row.get(5)?;
        let blobs: Vec<u8> = row.get(4)?;
        let (ids, _) = blobs.as_chunks::<32>();
        bytes += change.len() + 64;
        blob_count += ids.len();
        if !out.is_empty() && (bytes > ITEM_CHANGES_BYTES_MAX || blob_count > ITEM_BLOBS_MAX) {
            break;
        }
        let name: String = row.get(1)?;
        out.push(Waiting {
            ord: row.get(0)?,
            name: name.parse()?,
            record: ChangeRecord { written_at_ms: row.get(2)?, zone_min: row.get(3)?, clock_offset_ms: 0, change },
            blobs: ids.iter().map(|id| BlobId(*id)).collect(),
        });
    }
    Ok(out)
}

pub(crate) fn unanswered(conn: &Connection, space: &SpaceId, bytes_max: usize) -> Result<Vec<Frame>, ReplicaError> {
    let sql = "SELECT raw FROM sealed WHERE space = ?1 AND answered = 0 ORDER BY dseq";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query([space.as_bytes()])?;
    let (mut out, mut bytes) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        let raw = row.get_ref(0)?.as_blob().map_err(|_| ReplicaError::Corrupt)?;
        bytes += raw.len();
        if !out.is_empty() && bytes > bytes_max {
            break;
        }
        out.push(Frame::decode(raw)?);
    }
    Ok(out)
}
