//! Reading rows out of SQLite.

use meguri_wire::{BlobId, DeviceId, FeedId, FrameId, Hash, StoreId, TeamId};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{
    AckRow, AttachmentRow, FeedKind, FeedRow, FrameRow, Identity, LateRow, LateTail, MembershipRow, PageOf, Place,
    Read, SlotRow, StoreError, Stored,
};

/// A connection inside a transaction.
pub(super) struct Rows<'c> {
    pub(super) connection: &'c Connection,
}

const FEED: &str = "feed_no, feed, feed_kind, ssn, h, received_ms, head, moved, sponsor, whole_ssn, rebuilt";

/// `feed_no * 2^32 + ssn`.
pub(super) fn place(feed_no: u32, ssn: u64) -> Stored<i64> {
    let ssn = u32::try_from(ssn).map_err(|_| StoreError::Full)?;
    Ok((i64::from(feed_no) << 32) | i64::from(ssn))
}

fn ssn_of(place: i64) -> u64 {
    u64::try_from(place & 0xffff_ffff).unwrap_or(0)
}

fn feed_no_of(place: i64) -> u32 {
    u32::try_from(place >> 32).unwrap_or(0)
}

/// SQLite holds i64; every number here stays below 2^63.
pub(super) fn int(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn nat(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}

/// The first 8 bytes of a frame id as SQLite's integer.
pub(super) fn id8(id: &FrameId) -> i64 {
    id.0.first_chunk::<8>().map_or(0, |b| i64::from_be_bytes(*b))
}

pub(super) fn kind_number(kind: FeedKind) -> i64 {
    match kind {
        FeedKind::Directory => 0,
        FeedKind::Team => 1,
        FeedKind::Space => 2,
    }
}

fn feed_row(row: &Row<'_>) -> rusqlite::Result<FeedRow> {
    let sponsor: Vec<u8> = row.get(8)?;
    Ok(FeedRow {
        feed_no: row.get(0)?,
        feed: FeedId(row.get(1)?),
        feed_kind: match row.get::<_, i64>(2)? {
            0 => FeedKind::Directory,
            1 => FeedKind::Team,
            _ => FeedKind::Space,
        },
        ssn: nat(row.get(3)?),
        h: Hash(row.get(4)?),
        received_ms: nat(row.get(5)?),
        head: row.get(6)?,
        moved: nat(row.get(7)?),
        sponsor: TeamId::from_slice(&sponsor).ok(),
        whole_ssn: nat(row.get(9)?),
        rebuilt: row.get(10)?,
    })
}

fn membership_row(row: &Row<'_>, at: usize) -> rusqlite::Result<MembershipRow> {
    let until = nat(row.get(at)?);
    let expires = nat(row.get(at + 1)?);
    Ok(MembershipRow {
        until_ssn: (until > 0).then_some(until),
        expires_ms: (expires > 0).then_some(expires),
        until_move: nat(row.get(at + 2)?),
    })
}

fn late_row(row: &Row<'_>) -> rusqlite::Result<LateRow> {
    Ok(LateRow {
        entry_no: nat(row.get(0)?),
        author: DeviceId(row.get(1)?),
        dseq: nat(row.get(2)?),
        received_ms: nat(row.get(3)?),
        raw: row.get(4)?,
        unplaced: row.get(5)?,
    })
}

impl Rows<'_> {
    fn all<T>(
        &self,
        sql: &str,
        values: impl rusqlite::Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Stored<Vec<T>> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(values, read)?;
        Ok(rows.collect::<rusqlite::Result<Vec<T>>>()?)
    }

    fn one<T>(
        &self,
        sql: &str,
        values: impl rusqlite::Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Stored<Option<T>> {
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row(values, read).optional()?)
    }

    /// Stops adding rows once `bytes_max` is reached; the first always comes.
    fn page<T>(
        &self,
        sql: &str,
        values: impl rusqlite::Params,
        bytes_max: usize,
        mut read: impl FnMut(&Row<'_>) -> rusqlite::Result<(T, usize)>,
    ) -> Stored<Vec<T>> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(values)?;
        let (mut out, mut bytes) = (Vec::new(), 0);
        while let Some(row) = rows.next()? {
            let (value, size) = read(row)?;
            bytes += size;
            out.push(value);
            if bytes >= bytes_max {
                break;
            }
        }
        Ok(out)
    }
}

impl Read for Rows<'_> {
    fn identity(&self) -> Stored<Identity> {
        let sql =
            "SELECT store_id, moves, setup_code_hash, rebuilding, restored_ms, directory FROM relay WHERE one = 1";
        let found = self.one(sql, [], |row| {
            let setup: Vec<u8> = row.get(2)?;
            let restored: bool = row.get(3)?;
            let restored_ms = nat(row.get(4)?);
            let directory: Vec<u8> = row.get(5)?;
            Ok(Identity {
                store_id: StoreId(row.get(0)?),
                moves: nat(row.get(1)?),
                setup_code_hash: Hash::from_slice(&setup).ok(),
                restored_ms: restored.then_some(restored_ms),
                directory: FeedId::from_slice(&directory).ok(),
            })
        })?;
        found.ok_or(StoreError::Damaged)
    }

    fn feed(&self, feed: &FeedId) -> Stored<Option<FeedRow>> {
        let sql = format!("SELECT {FEED} FROM feed WHERE feed = ?1");
        self.one(&sql, params![feed.0], feed_row)
    }

    fn feeds_of(&self, kind: FeedKind) -> Stored<Vec<FeedRow>> {
        let sql = format!("SELECT {FEED} FROM feed WHERE feed_kind = ?1 ORDER BY feed_no");
        self.all(&sql, params![kind_number(kind)], feed_row)
    }

    fn spaces_of(&self, team: &TeamId, since: u64) -> Stored<Vec<(FeedRow, MembershipRow)>> {
        let sql = "SELECT f.feed_no, f.feed, f.feed_kind, f.ssn, f.h, f.received_ms, f.head, f.moved, f.sponsor,
            f.whole_ssn, f.rebuilt, m.until_ssn, m.expires_ms, m.until_move FROM membership m JOIN feed f ON f.feed_no = m.feed_no
            WHERE m.team = ?1 AND f.moved > ?2 ORDER BY f.moved DESC";
        self.all(sql, params![team.0, int(since)], |row| Ok((feed_row(row)?, membership_row(row, 11)?)))
    }

    fn membership(&self, team: &TeamId, feed_no: u32) -> Stored<Option<MembershipRow>> {
        let sql = "SELECT until_ssn, expires_ms, until_move FROM membership WHERE team = ?1 AND feed_no = ?2";
        self.one(sql, params![team.0, feed_no], |row| membership_row(row, 0))
    }

    fn share_a_space(&self, a: &TeamId, b: &TeamId) -> Stored<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM membership x JOIN membership y ON y.feed_no = x.feed_no
            WHERE x.team = ?1 AND x.until_ssn = 0 AND y.team = ?2 AND y.until_ssn = 0)";
        Ok(self.one(sql, params![a.0, b.0], |row| row.get(0))?.unwrap_or(false))
    }

    fn snapshot(&self, feed_no: u32) -> Stored<(u64, Vec<u8>)> {
        let sql = "SELECT state_ssn, state FROM snapshot WHERE feed_no = ?1";
        Ok(self.one(sql, params![feed_no], |row| Ok((nat(row.get(0)?), row.get(1)?)))?.unwrap_or_default())
    }

    fn frames(&self, page: PageOf) -> Stored<Vec<FrameRow>> {
        let sql = "SELECT place, received_ms, h, raw FROM frame
            WHERE place > ?1 AND place <= ?2 AND (?3 = 0 OR class IN (-1, 2)) ORDER BY place";
        let upto = place(page.feed_no, page.upto.min(u64::from(u32::MAX)))?;
        let values = params![place(page.feed_no, page.after)?, upto, page.sparse];
        self.page(sql, values, page.bytes_max, |row| {
            let frame = FrameRow {
                ssn: ssn_of(row.get(0)?),
                received_ms: nat(row.get(1)?),
                h: Hash(row.get(2)?),
                raw: row.get(3)?,
            };
            let size = frame.raw.len();
            Ok((frame, size))
        })
    }

    fn find(&self, id: &FrameId) -> Stored<Option<Place>> {
        let sql = "SELECT place, received_ms, h, raw FROM frame WHERE id8 = ?1";
        let placed = self.all(sql, params![id8(id)], |row| {
            let raw: Vec<u8> = row.get(3)?;
            let found = Place::Feed { ssn: ssn_of(row.get(0)?), received_ms: nat(row.get(1)?), h: Hash(row.get(2)?) };
            Ok((raw, found))
        })?;
        let sql = "SELECT received_ms, raw FROM quarantine WHERE id8 = ?1";
        let late = self.all(sql, params![id8(id)], |row| {
            let raw: Vec<u8> = row.get(1)?;
            Ok((raw, Place::Quarantine { received_ms: nat(row.get(0)?) }))
        })?;
        let mut found = placed.into_iter().chain(late);
        Ok(found.find(|(raw, _)| FrameId::of(raw) == *id).map(|(_, at)| at))
    }

    fn item_at(&self, feed_no: u32, author: &DeviceId, dseq: u64) -> Stored<Option<Vec<u8>>> {
        let sql = "SELECT raw FROM frame WHERE place > ?1 AND place <= ?2 AND author = ?3 AND dseq = ?4 LIMIT 1";
        let (from, upto) = (place(feed_no, 0)?, place(feed_no, u64::from(u32::MAX))?);
        self.one(sql, params![from, upto, author.0, int(dseq)], |row| row.get(0))
    }

    fn attachments(&self, feed_no: u32, ssn: u64, audiences: &[[u8; 16]]) -> Stored<Vec<AttachmentRow>> {
        let sql = "SELECT recipient, audience, bytes FROM attachment WHERE place = ?1";
        let rows = self.all(sql, params![place(feed_no, ssn)?], |row| {
            Ok(AttachmentRow { recipient: row.get(0)?, audience: row.get(1)?, bytes: row.get(2)? })
        })?;
        Ok(rows.into_iter().filter(|row| audiences.contains(&row.audience)).collect())
    }

    fn late_tail(&self, device: &DeviceId, feed: &FeedId) -> Stored<LateTail> {
        let sql = "SELECT coalesce(sum(length(raw)), 0) FROM quarantine WHERE author = ?1";
        let bytes = self.one(sql, params![device.0], |row| row.get(0))?.unwrap_or(0);
        let sql = "SELECT raw FROM quarantine WHERE author = ?1 AND feed = ?2 ORDER BY dseq DESC LIMIT 1";
        let last = self.one(sql, params![device.0, feed.0], |row| row.get(0))?;
        Ok(LateTail { last, bytes: nat(bytes) })
    }

    fn late(&self, feed: &FeedId, after: u64, bytes_max: usize) -> Stored<Vec<LateRow>> {
        let sql = "SELECT entry_no, author, dseq, received_ms, raw, unplaced FROM quarantine
            WHERE feed = ?1 AND entry_no > ?2 ORDER BY entry_no";
        self.page(sql, params![feed.0, int(after)], bytes_max, |row| {
            let late = late_row(row)?;
            let size = late.raw.len();
            Ok((late, size))
        })
    }

    fn late_counts(&self, feeds_max: usize) -> Stored<Vec<(FeedId, u64)>> {
        let sql = "SELECT feed, count(*) FROM quarantine GROUP BY feed ORDER BY feed LIMIT ?1";
        self.all(sql, params![int(feeds_max as u64)], |row| Ok((FeedId(row.get(0)?), nat(row.get(1)?))))
    }

    fn late_lists(&self, author: &DeviceId, blob: &BlobId) -> Stored<bool> {
        let sql = "SELECT 1 FROM late_blob l JOIN quarantine q ON q.entry_no = l.entry_no
            WHERE l.blob = ?1 AND q.author = ?2";
        Ok(self.one(sql, params![blob.0, author.0], |row| row.get::<_, i64>(0))?.is_some())
    }

    fn late_of(&self, feed: &FeedId, author: &DeviceId, upto: u64) -> Stored<Vec<LateRow>> {
        let sql = "SELECT entry_no, author, dseq, received_ms, raw, unplaced FROM quarantine
            WHERE author = ?1 AND feed = ?2 AND dseq <= ?3 ORDER BY dseq";
        self.all(sql, params![author.0, feed.0, int(upto)], late_row)
    }

    fn acks(&self, feed_nos: &[u32]) -> Stored<Vec<AckRow>> {
        let sql = "SELECT f.feed, a.device, a.ssn, a.h FROM ack a JOIN feed f ON f.feed_no = a.feed_no
            WHERE a.feed_no = ?1";
        let mut out = Vec::new();
        for feed_no in feed_nos {
            out.extend(self.all(sql, params![feed_no], |row| {
                Ok(AckRow {
                    feed: FeedId(row.get(0)?),
                    device: DeviceId(row.get(1)?),
                    ssn: nat(row.get(2)?),
                    h: Hash(row.get(3)?),
                })
            })?);
        }
        Ok(out)
    }

    fn blob(&self, blob: &BlobId) -> Stored<Option<u64>> {
        let sql = "SELECT bytes_stored FROM blob WHERE blob = ?1";
        self.one(sql, params![blob.0], |row| Ok(nat(row.get(0)?)))
    }

    fn uploaded(&self, blob: &BlobId, device: &DeviceId) -> Stored<bool> {
        let sql = "SELECT 1 FROM blob_uploader WHERE blob = ?1 AND device = ?2";
        Ok(self.one(sql, params![blob.0, device.0], |_| Ok(()))?.is_some())
    }

    fn listings(&self, blob: &BlobId) -> Stored<Vec<(u32, u64)>> {
        let sql = "SELECT feed_no, ssn FROM blob_listing WHERE blob = ?1";
        self.all(sql, params![blob.0], |row| Ok((row.get(0)?, nat(row.get(1)?))))
    }

    fn unlisted(&self, before_ms: u64, count_max: usize) -> Stored<Vec<BlobId>> {
        let sql = "SELECT blob FROM blob b WHERE stored_ms < ?1
            AND NOT EXISTS (SELECT 1 FROM blob_listing l WHERE l.blob = b.blob)
            AND NOT EXISTS (SELECT 1 FROM late_blob l WHERE l.blob = b.blob) LIMIT ?2";
        let count = int(count_max as u64);
        self.all(sql, params![int(before_ms), count], |row| Ok(BlobId(row.get(0)?)))
    }

    fn blobs_after(&self, after: Option<&BlobId>, count_max: usize) -> Stored<Vec<(BlobId, u64)>> {
        let sql = "SELECT blob, bytes_stored FROM blob WHERE blob > ?1 ORDER BY blob LIMIT ?2";
        let after = after.map(|blob| blob.0.to_vec()).unwrap_or_default();
        self.all(sql, params![after, int(count_max as u64)], |row| Ok((BlobId(row.get(0)?), nat(row.get(1)?))))
    }

    fn slot(&self, mailbox: &[u8], slot: u8) -> Stored<Option<SlotRow>> {
        let opened = "SELECT opened_ms FROM mailbox WHERE mailbox = ?1 AND slot = 0";
        let Some(opened_ms) = self.one(opened, params![mailbox], |row| Ok(nat(row.get(0)?)))? else {
            return Ok(None);
        };
        let sql = "SELECT bytes FROM mailbox WHERE mailbox = ?1 AND slot = ?2";
        let bytes = self.one(sql, params![mailbox, slot], |row| row.get(0))?;
        Ok(Some(SlotRow { opened_ms, bytes }))
    }

    fn attachments_wrong(&self) -> Stored<Vec<(u32, u64)>> {
        let sql = "SELECT place, hash, bytes FROM attachment";
        let rows = self.all(sql, [], |row| {
            let (at, hash, bytes): (i64, [u8; 32], Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok((Hash::of(&bytes).0 != hash).then(|| (feed_no_of(at), ssn_of(at))))
        })?;
        Ok(rows.into_iter().flatten().collect())
    }

    fn listed_missing(&self, count_max: usize) -> Stored<Vec<(BlobId, u32, u64)>> {
        let sql = "SELECT blob, feed_no, ssn FROM blob_listing l
            WHERE NOT EXISTS (SELECT 1 FROM blob b WHERE b.blob = l.blob) LIMIT ?1";
        let count = int(count_max as u64);
        self.all(sql, params![count], |row| Ok((BlobId(row.get(0)?), row.get(1)?, nat(row.get(2)?))))
    }

    fn faults(&self) -> Stored<Vec<String>> {
        let lines = self.all("PRAGMA integrity_check(20)", [], |row| row.get::<_, String>(0))?;
        Ok(lines.into_iter().filter(|line| line != "ok").collect())
    }

    fn bytes_used(&self) -> Stored<u64> {
        let sql = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()";
        Ok(self.one(sql, [], |row| Ok(nat(row.get(0)?)))?.unwrap_or(0))
    }
}
