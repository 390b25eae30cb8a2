//! Writing rows into SQLite, inside the writer's transaction.

use meguri_wire::{BlobId, DeviceId, FeedId, Hash, TeamId};
use rusqlite::params;

use super::sqlite_rows::{Rows, id8, int, kind_number, place};
use super::{
    AckRow, AttachmentRow, FeedKind, FeedRow, LateRow, MembershipRow, NewFrame, Read, Staged, StoreError, Stored, Write,
};

/// About what a push of one item needs.
const PROBE_BYTES: u32 = 32 * 1024;

/// The writer's open transaction.
pub(super) struct Txn<'c> {
    pub(super) rows: Rows<'c>,
    pub(super) staged: &'c mut Staged,
}

impl Txn<'_> {
    fn run(&self, sql: &str, values: impl rusqlite::Params) -> Stored<usize> {
        Ok(self.rows.connection.prepare_cached(sql)?.execute(values)?)
    }
}

impl Write for Txn<'_> {
    fn begin_feed(&mut self, feed: &FeedId, kind: FeedKind, h0: Hash, sponsor: Option<&TeamId>) -> Stored<FeedRow> {
        let sponsor = sponsor.map(|team| team.0.to_vec()).unwrap_or_default();
        let sql = "INSERT INTO feed (feed, feed_kind, h, sponsor) VALUES (?1, ?2, ?3, ?4)";
        self.run(sql, params![feed.0, kind_number(kind), h0.0, sponsor])?;
        self.rows.feed(feed)?.ok_or(StoreError::Damaged)
    }

    fn append(&mut self, feed_no: u32, frame: NewFrame<'_>) -> Stored<()> {
        let sql = "INSERT INTO frame (place, id8, received_ms, class, author, dseq, h, raw)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let class = frame.class.map_or(-1, int);
        self.run(
            sql,
            params![
                place(feed_no, frame.ssn)?,
                id8(&frame.id),
                int(frame.received_ms),
                class,
                frame.author,
                int(frame.dseq),
                frame.h.0,
                frame.raw
            ],
        )
        .map(drop)
    }

    fn attach(&mut self, feed_no: u32, ssn: u64, row: &AttachmentRow) -> Stored<()> {
        let sql = "INSERT OR IGNORE INTO attachment (place, recipient, audience, hash, bytes)
            VALUES (?1, ?2, ?3, ?4, ?5)";
        let hash = Hash::of(&row.bytes);
        let at = place(feed_no, ssn)?;
        self.run(sql, params![at, row.recipient, row.audience, hash.0, row.bytes]).map(drop)
    }

    fn move_head(&mut self, row: &FeedRow) -> Stored<u64> {
        self.run("UPDATE relay SET moves = moves + 1 WHERE one = 1", [])?;
        let moves = self.rows.identity()?.moves;
        let sql = "UPDATE feed SET ssn = ?2, h = ?3, received_ms = ?4, head = ?5, moved = ?6, whole_ssn = ?7,
            rebuilt = ?8 WHERE feed_no = ?1";
        let whole_ssn = int(row.whole_ssn);
        let values = params![
            row.feed_no,
            int(row.ssn),
            row.h.0,
            int(row.received_ms),
            row.head,
            int(moves),
            whole_ssn,
            row.rebuilt
        ];
        self.run(sql, values)?;
        Ok(moves)
    }

    fn touch(&mut self, feed: &FeedId) -> Stored<()> {
        self.run("UPDATE relay SET moves = moves + 1 WHERE one = 1", [])?;
        let sql = "UPDATE feed SET moved = (SELECT moves FROM relay WHERE one = 1) WHERE feed = ?1";
        self.run(sql, params![feed.0]).map(drop)
    }

    fn put_snapshot(&mut self, feed_no: u32, ssn: u64, state: &[u8]) -> Stored<()> {
        let sql = "INSERT OR REPLACE INTO snapshot (feed_no, state_ssn, state) VALUES (?1, ?2, ?3)";
        self.run(sql, params![feed_no, int(ssn), state]).map(drop)
    }

    fn put_membership(&mut self, team: &TeamId, feed_no: u32, row: &MembershipRow) -> Stored<()> {
        let sql = "INSERT OR REPLACE INTO membership (team, feed_no, until_ssn, expires_ms, until_move)
            VALUES (?1, ?2, ?3, ?4, ?5)";
        let until = int(row.until_ssn.unwrap_or(0));
        let expires = int(row.expires_ms.unwrap_or(0));
        self.run(sql, params![team.0, feed_no, until, expires, int(row.until_move)]).map(drop)
    }

    fn put_late(&mut self, feed: &FeedId, row: &LateRow, blobs: &[BlobId]) -> Stored<()> {
        let sql = "INSERT INTO quarantine (feed, id8, author, dseq, received_ms, raw, unplaced)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let id = id8(&meguri_wire::FrameId::of(&row.raw));
        let values = params![feed.0, id, row.author.0, int(row.dseq), int(row.received_ms), row.raw, row.unplaced];
        self.run(sql, values)?;
        let entry_no = self.rows.connection.last_insert_rowid();
        for blob in blobs {
            let sql = "INSERT OR IGNORE INTO late_blob (blob, entry_no) VALUES (?1, ?2)";
            self.run(sql, params![blob.0, entry_no])?;
        }
        Ok(())
    }

    fn drop_late(&mut self, entry_nos: &[u64]) -> Stored<()> {
        for entry_no in entry_nos {
            self.run("DELETE FROM late_blob WHERE entry_no = ?1", params![int(*entry_no)])?;
            self.run("DELETE FROM quarantine WHERE entry_no = ?1", params![int(*entry_no)])?;
        }
        Ok(())
    }

    fn put_ack(&mut self, feed_no: u32, ack: &AckRow, at_ms: u64) -> Stored<()> {
        let sql = "INSERT INTO ack (feed_no, device, ssn, h, at_ms) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (feed_no, device) DO UPDATE SET ssn = excluded.ssn, h = excluded.h, at_ms = excluded.at_ms";
        self.run(sql, params![feed_no, ack.device.0, int(ack.ssn), ack.h.0, int(at_ms)]).map(drop)
    }

    fn put_blob(&mut self, blob: &BlobId, bytes: u64, device: &DeviceId, at_ms: u64) -> Stored<()> {
        let sql = "INSERT OR IGNORE INTO blob (blob, bytes_stored, stored_ms) VALUES (?1, ?2, ?3)";
        self.run(sql, params![blob.0, int(bytes), int(at_ms)])?;
        let sql = "INSERT OR IGNORE INTO blob_uploader (blob, device) VALUES (?1, ?2)";
        self.run(sql, params![blob.0, device.0]).map(drop)
    }

    fn list_blob(&mut self, blob: &BlobId, feed_no: u32, ssn: u64) -> Stored<()> {
        let sql = "INSERT OR IGNORE INTO blob_listing (blob, feed_no, ssn) VALUES (?1, ?2, ?3)";
        self.run(sql, params![blob.0, feed_no, int(ssn)]).map(drop)
    }

    fn drop_unlisted(&mut self, blob: &BlobId, before_ms: u64) -> Stored<bool> {
        let sql = "DELETE FROM blob WHERE blob = ?1 AND stored_ms < ?2
            AND NOT EXISTS (SELECT 1 FROM blob_listing l WHERE l.blob = ?1)
            AND NOT EXISTS (SELECT 1 FROM late_blob l WHERE l.blob = ?1)";
        self.run(sql, params![blob.0, int(before_ms)])?;
        if self.rows.blob(blob)?.is_some() {
            return Ok(false);
        }
        self.run("DELETE FROM blob_uploader WHERE blob = ?1", params![blob.0])?;
        Ok(true)
    }

    fn put_slot(&mut self, mailbox: &[u8], slot: u8, opened_ms: u64, bytes: &[u8]) -> Stored<bool> {
        let sql = "INSERT OR IGNORE INTO mailbox (mailbox, slot, opened_ms, bytes) VALUES (?1, ?2, ?3, ?4)";
        Ok(self.run(sql, params![mailbox, slot, int(opened_ms), bytes])? == 1)
    }

    fn drop_mailboxes(&mut self, before_ms: u64) -> Stored<()> {
        self.run("DELETE FROM mailbox WHERE opened_ms < ?1", params![int(before_ms)]).map(drop)
    }

    fn put_setup_code(&mut self, hash: Option<Hash>) -> Stored<()> {
        let hash = hash.map(|hash| hash.0.to_vec()).unwrap_or_default();
        self.run("UPDATE relay SET setup_code_hash = ?1 WHERE one = 1", params![hash]).map(drop)
    }

    fn probe(&mut self) -> Stored<()> {
        // Removed again at once, so that it takes new room each time.
        let sql = "INSERT OR REPLACE INTO probe (one, bytes) VALUES (1, randomblob(?1))";
        self.run(sql, params![PROBE_BYTES])?;
        self.run("DELETE FROM probe WHERE one = 1", []).map(drop)
    }

    fn staged(&mut self) -> &mut Staged {
        self.staged
    }

    fn rows(&self) -> &dyn Read {
        &self.rows
    }
}
