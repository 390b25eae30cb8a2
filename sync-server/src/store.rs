//! The storage seam: what the relay keeps, as two traits over one transaction.
//!
//! [`Store::write`] runs work one after another on one writer; many queued
//! works share one commit, and each is answered only after it. The seam knows
//! rows and positions. It does not know what a frame means: every rule is in
//! `feeds` and `meguri-wire`.

pub mod sqlite;
mod sqlite_rows;
mod sqlite_write;

use std::future::Future;
use std::pin::Pin;

use meguri_wire::{BlobId, DeviceId, FeedId, FrameId, Hash, StoreId, TeamId};

/// The store failed; nothing of the work was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// No space left, or the page limit is reached.
    #[error("storage_full")]
    Full,
    /// Rows that cannot be read back: damage.
    #[error("storage_damaged")]
    Damaged,
    /// Input or output failed.
    #[error("storage_io")]
    Io,
    /// The store is closing.
    #[error("storage_closed")]
    Closed,
}

/// Result of a storage call.
pub type Stored<T> = Result<T, StoreError>;

/// Which rules a feed follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeedKind {
    /// The region's directory.
    Directory,
    /// Staff of a facility or a household.
    Team,
    /// What teams share.
    Space,
}

/// Who this store is.
#[derive(Debug, Clone)]
pub struct Identity {
    /// One life of this storage.
    pub store_id: StoreId,
    /// The newest move of any feed.
    pub moves: u64,
    /// SHA-256 of the one-time setup code; `None` once spent.
    pub setup_code_hash: Option<Hash>,
    /// When this store was made from a backup, ms; it is rebuilt from what devices
    /// offer again.
    pub restored_ms: Option<u64>,
    /// The directory that devices may bring, when it is rebuilt from nothing.
    pub directory: Option<FeedId>,
}

/// A feed and its position.
#[derive(Debug, Clone)]
pub struct FeedRow {
    /// Small number inside this store.
    pub feed_no: u32,
    /// The feed.
    pub feed: FeedId,
    /// Which rules.
    pub feed_kind: FeedKind,
    /// Newest position, 0 when empty.
    pub ssn: u64,
    /// Running hash at `ssn`.
    pub h: Hash,
    /// When the newest frame was taken, ms.
    pub received_ms: u64,
    /// The signed head, COSE bytes.
    pub head: Vec<u8>,
    /// Value of [`Identity::moves`] when it last moved or became visible to more devices.
    pub moved: u64,
    /// The team that sponsored a household.
    pub sponsor: Option<TeamId>,
    /// The newest Epoch this store took under all rules, with every envelope; 0 for none.
    pub whole_ssn: u64,
    /// After a restore: the feed goes on here, nothing of it is taken as re-offered any more.
    pub rebuilt: bool,
}

/// One stored frame.
#[derive(Debug, Clone)]
pub struct FrameRow {
    /// Position, from 1.
    pub ssn: u64,
    /// When it was taken, ms, never falling.
    pub received_ms: u64,
    /// Running hash after it.
    pub h: Hash,
    /// COSE bytes.
    pub raw: Vec<u8>,
}

/// A frame about to be stored.
#[derive(Debug, Clone, Copy)]
pub struct NewFrame<'a> {
    /// Position, from 1.
    pub ssn: u64,
    /// When it was taken, ms.
    pub received_ms: u64,
    /// Running hash after it.
    pub h: Hash,
    /// Its id.
    pub id: FrameId,
    /// Item class, `None` for a control.
    pub class: Option<u64>,
    /// `kid` of the signature; empty for directory frames.
    pub author: &'a [u8],
    /// Dense number of the author's items, 0 for controls.
    pub dseq: u64,
    /// COSE bytes.
    pub raw: &'a [u8],
}

/// Where a frame id was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In its feed.
    Feed {
        /// Position.
        ssn: u64,
        /// When it was taken, ms.
        received_ms: u64,
        /// Running hash after it.
        h: Hash,
    },
    /// In quarantine.
    Quarantine {
        /// When it was taken, ms.
        received_ms: u64,
    },
}

/// An envelope or key beside a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentRow {
    /// Whom it is for.
    pub recipient: [u8; 16],
    /// Who is served it: a device or a team.
    pub audience: [u8; 16],
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// A team in a space, now or once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MembershipRow {
    /// Position of the frame that removed it; `None` while a member.
    pub until_ssn: Option<u64>,
    /// Served up to this time, ms.
    pub expires_ms: Option<u64>,
    /// The relay's move with which it left; 0 while a member.
    pub until_move: u64,
}

/// A late item.
#[derive(Debug, Clone)]
pub struct LateRow {
    /// Order of arrival over all feeds.
    pub entry_no: u64,
    /// Author.
    pub author: DeviceId,
    /// Dense number of the author's items.
    pub dseq: u64,
    /// When it was taken, ms.
    pub received_ms: u64,
    /// COSE bytes.
    pub raw: Vec<u8>,
    /// Only waits for a team to name its author.
    pub unplaced: bool,
}

/// What one device says it holds durably.
#[derive(Debug, Clone, Copy)]
pub struct AckRow {
    /// The feed.
    pub feed: FeedId,
    /// The device.
    pub device: DeviceId,
    /// Up to here.
    pub ssn: u64,
    /// Its running hash there.
    pub h: Hash,
}

/// A page of frames to read.
#[derive(Debug, Clone, Copy)]
pub struct PageOf {
    /// The feed.
    pub feed_no: u32,
    /// Strictly after this position.
    pub after: u64,
    /// Not beyond this position.
    pub upto: u64,
    /// Only controls and checkpoints.
    pub sparse: bool,
    /// Stop after about so many bytes of frames; at least one frame comes.
    pub bytes_max: usize,
}

/// A mailbox slot as found.
#[derive(Debug, Clone)]
pub struct SlotRow {
    /// When slot 0 was written, ms.
    pub opened_ms: u64,
    /// Content; `None` while unwritten.
    pub bytes: Option<Vec<u8>>,
}

/// Reading, inside one consistent view.
pub trait Read {
    /// Who this store is.
    ///
    /// # Errors
    /// As every method here: the store failed.
    fn identity(&self) -> Stored<Identity>;
    /// A feed by id.
    ///
    /// # Errors
    /// The store failed.
    fn feed(&self, feed: &FeedId) -> Stored<Option<FeedRow>>;
    /// All feeds of a kind.
    ///
    /// # Errors
    /// The store failed.
    fn feeds_of(&self, kind: FeedKind) -> Stored<Vec<FeedRow>>;
    /// The spaces a team has or had, with a move after `since`; the one that moved last is first.
    ///
    /// # Errors
    /// The store failed.
    fn spaces_of(&self, team: &TeamId, since: u64) -> Stored<Vec<(FeedRow, MembershipRow)>>;
    /// Whether a team is or was in a space.
    ///
    /// # Errors
    /// The store failed.
    fn membership(&self, team: &TeamId, feed_no: u32) -> Stored<Option<MembershipRow>>;
    /// Whether both teams are members of one space today.
    ///
    /// # Errors
    /// The store failed.
    fn share_a_space(&self, a: &TeamId, b: &TeamId) -> Stored<bool>;
    /// The stored state snapshot of a feed, with its position.
    ///
    /// # Errors
    /// The store failed.
    fn snapshot(&self, feed_no: u32) -> Stored<(u64, Vec<u8>)>;
    /// A page of frames in order.
    ///
    /// # Errors
    /// The store failed.
    fn frames(&self, page: PageOf) -> Stored<Vec<FrameRow>>;
    /// Where a frame is, by id.
    ///
    /// # Errors
    /// The store failed.
    fn find(&self, id: &FrameId) -> Stored<Option<Place>>;
    /// The frame of an author with this `dseq` in a feed.
    ///
    /// # Errors
    /// The store failed.
    fn item_at(&self, feed_no: u32, author: &DeviceId, dseq: u64) -> Stored<Option<Vec<u8>>>;
    /// What travels beside a record for one of `audiences`.
    ///
    /// # Errors
    /// The store failed.
    fn attachments(&self, feed_no: u32, ssn: u64, audiences: &[[u8; 16]]) -> Stored<Vec<AttachmentRow>>;
    /// Bytes and newest `dseq` a device has in quarantine for a feed, and its bytes over all feeds.
    ///
    /// # Errors
    /// The store failed.
    fn late_tail(&self, device: &DeviceId, feed: &FeedId) -> Stored<LateTail>;
    /// Late items of a feed after an entry number.
    ///
    /// # Errors
    /// The store failed.
    fn late(&self, feed: &FeedId, after: u64, bytes_max: usize) -> Stored<Vec<LateRow>>;
    /// How many late items each feed has, ascending by feed.
    ///
    /// # Errors
    /// The store failed.
    fn late_counts(&self, feeds_max: usize) -> Stored<Vec<(FeedId, u64)>>;
    /// Whether a late item of this author lists a blob.
    ///
    /// # Errors
    /// The store failed.
    fn late_lists(&self, author: &DeviceId, blob: &BlobId) -> Stored<bool>;
    /// Late items of one author up to a `dseq`, in order.
    ///
    /// # Errors
    /// The store failed.
    fn late_of(&self, feed: &FeedId, author: &DeviceId, upto: u64) -> Stored<Vec<LateRow>>;
    /// What the devices of these feeds acknowledged.
    ///
    /// # Errors
    /// The store failed.
    fn acks(&self, feed_nos: &[u32]) -> Stored<Vec<AckRow>>;
    /// Size of a complete blob.
    ///
    /// # Errors
    /// The store failed.
    fn blob(&self, blob: &BlobId) -> Stored<Option<u64>>;
    /// Whether this device uploaded the blob itself.
    ///
    /// # Errors
    /// The store failed.
    fn uploaded(&self, blob: &BlobId, device: &DeviceId) -> Stored<bool>;
    /// Feeds that list the blob, with the position of the first item that does.
    ///
    /// # Errors
    /// The store failed.
    fn listings(&self, blob: &BlobId) -> Stored<Vec<(u32, u64)>>;
    /// Blobs stored before `before_ms` which no item lists, in a feed or in quarantine.
    ///
    /// # Errors
    /// The store failed.
    fn unlisted(&self, before_ms: u64, count_max: usize) -> Stored<Vec<BlobId>>;
    /// All blobs with their sizes, in order, after one.
    ///
    /// # Errors
    /// The store failed.
    fn blobs_after(&self, after: Option<&BlobId>, count_max: usize) -> Stored<Vec<(BlobId, u64)>>;
    /// A mailbox slot; `None` when no box is open.
    ///
    /// # Errors
    /// The store failed.
    fn slot(&self, mailbox: &[u8], slot: u8) -> Stored<Option<SlotRow>>;
    /// Places of attachments whose bytes do not have their hash, with their feed.
    ///
    /// # Errors
    /// The store failed.
    fn attachments_wrong(&self) -> Stored<Vec<(u32, u64)>>;
    /// Items that list a blob which is not stored: blob, feed, position.
    ///
    /// # Errors
    /// The store failed.
    fn listed_missing(&self, count_max: usize) -> Stored<Vec<(BlobId, u32, u64)>>;
    /// What the storage itself says is wrong with it; numbers and names of tables only.
    ///
    /// # Errors
    /// The store failed.
    fn faults(&self) -> Stored<Vec<String>>;
    /// Bytes the store uses on disk without blobs.
    ///
    /// # Errors
    /// The store failed.
    fn bytes_used(&self) -> Stored<u64>;
}

/// What a device has in quarantine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LateTail {
    /// The newest item in the feed asked for, COSE bytes.
    pub last: Option<Vec<u8>>,
    /// Bytes over all feeds.
    pub bytes: u64,
}

/// Writing; everything done by one work is kept together or not at all.
pub trait Write {
    /// What is stored, this work's own changes included.
    fn rows(&self) -> &dyn Read;
    /// Begins a feed at position 0.
    ///
    /// # Errors
    /// As every method here: the store failed.
    fn begin_feed(&mut self, feed: &FeedId, kind: FeedKind, h0: Hash, sponsor: Option<&TeamId>) -> Stored<FeedRow>;
    /// Adds a frame after the last.
    ///
    /// # Errors
    /// The store failed.
    fn append(&mut self, feed_no: u32, frame: NewFrame<'_>) -> Stored<()>;
    /// Keeps what travels beside a record.
    ///
    /// # Errors
    /// The store failed.
    fn attach(&mut self, feed_no: u32, ssn: u64, row: &AttachmentRow) -> Stored<()>;
    /// Sets a feed's position and signed head and counts a move; gives the move's number.
    ///
    /// # Errors
    /// The store failed.
    fn move_head(&mut self, row: &FeedRow) -> Stored<u64>;
    /// Makes heads mention a feed again, because more devices see it now.
    ///
    /// # Errors
    /// The store failed.
    fn touch(&mut self, feed: &FeedId) -> Stored<()>;
    /// Replaces a feed's snapshot.
    ///
    /// # Errors
    /// The store failed.
    fn put_snapshot(&mut self, feed_no: u32, ssn: u64, state: &[u8]) -> Stored<()>;
    /// Notes a team in a space, since or until.
    ///
    /// # Errors
    /// The store failed.
    fn put_membership(&mut self, team: &TeamId, feed_no: u32, row: &MembershipRow) -> Stored<()>;
    /// Keeps a late item and the blobs it lists.
    ///
    /// # Errors
    /// The store failed.
    fn put_late(&mut self, feed: &FeedId, row: &LateRow, blobs: &[BlobId]) -> Stored<()>;
    /// Takes late items out, because they are in the feed now.
    ///
    /// # Errors
    /// The store failed.
    fn drop_late(&mut self, entry_nos: &[u64]) -> Stored<()>;
    /// Keeps an acknowledgement.
    ///
    /// # Errors
    /// The store failed.
    fn put_ack(&mut self, feed_no: u32, ack: &AckRow, at_ms: u64) -> Stored<()>;
    /// Notes a complete blob and who brought it.
    ///
    /// # Errors
    /// The store failed.
    fn put_blob(&mut self, blob: &BlobId, bytes: u64, device: &DeviceId, at_ms: u64) -> Stored<()>;
    /// Notes that an item of a feed lists a blob.
    ///
    /// # Errors
    /// The store failed.
    fn list_blob(&mut self, blob: &BlobId, feed_no: u32, ssn: u64) -> Stored<()>;
    /// Forgets a blob stored before `before_ms` that no item lists; whether it is
    /// unknown now.
    ///
    /// # Errors
    /// The store failed.
    fn drop_unlisted(&mut self, blob: &BlobId, before_ms: u64) -> Stored<bool>;
    /// Writes a mailbox slot once; `false` when it was written before.
    ///
    /// # Errors
    /// The store failed.
    fn put_slot(&mut self, mailbox: &[u8], slot: u8, opened_ms: u64, bytes: &[u8]) -> Stored<bool>;
    /// Forgets mailboxes opened before a time.
    ///
    /// # Errors
    /// The store failed.
    fn drop_mailboxes(&mut self, before_ms: u64) -> Stored<()>;
    /// Replaces the setup code; `None` spends it.
    ///
    /// # Errors
    /// The store failed.
    fn put_setup_code(&mut self, hash: Option<Hash>) -> Stored<()>;
    /// Writes something of some size, to learn whether the store still can.
    ///
    /// # Errors
    /// The store cannot.
    fn probe(&mut self) -> Stored<()>;
    /// What works of the same commit left behind, seen by later ones.
    fn staged(&mut self) -> &mut Staged;
}

/// States changed by works that are not committed yet. Cleared after each commit.
#[derive(Default)]
pub struct Staged {
    /// Newest state of each feed touched.
    pub states: std::collections::HashMap<FeedId, std::sync::Arc<meguri_wire::feed::FeedState>>,
    /// Feeds that moved, for hints.
    pub moved: Vec<Moved>,
    /// Devices that were removed.
    pub cut: Vec<DeviceId>,
}

/// A feed that moved and who may hear of it.
#[derive(Debug, Clone)]
pub struct Moved {
    /// The feed.
    pub feed: FeedId,
    /// Its new position.
    pub ssn: u64,
    /// Member teams; `None` for any known device.
    pub teams: Option<Vec<TeamId>>,
}

/// A future on the heap.
pub type Soon<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
/// Work that reads.
pub type ReadWork = Box<dyn FnOnce(&dyn Read) -> Stored<()> + Send>;
/// Work that writes.
pub type WriteWork = Box<dyn FnOnce(&mut dyn Write) -> Stored<()> + Send>;
/// Called after a commit with what was staged, before anybody is answered.
pub type OnCommit = std::sync::Arc<dyn Fn(&mut Staged) + Send + Sync>;

/// A place that keeps feeds durably.
pub trait Store: Send + Sync + 'static {
    /// Runs work that reads, in one view.
    fn read_dyn(&self, work: ReadWork) -> Soon<'_, Stored<()>>;
    /// Runs work that writes; returns after it is durable.
    fn write_dyn(&self, work: WriteWork) -> Soon<'_, Stored<()>>;
    /// Called after every commit.
    fn on_commit(&self, hook: OnCommit);
}

/// Reads and gives the result.
///
/// # Errors
/// The store failed.
pub async fn read<T: Send + 'static>(
    store: &dyn Store,
    work: impl FnOnce(&dyn Read) -> Stored<T> + Send + 'static,
) -> Stored<T> {
    let slot = std::sync::Arc::new(parking_lot::Mutex::new(None));
    let put = slot.clone();
    store
        .read_dyn(Box::new(move |rows| {
            *put.lock() = Some(work(rows)?);
            Ok(())
        }))
        .await?;
    let value = slot.lock().take();
    value.ok_or(StoreError::Closed)
}

/// Writes and gives the result, once durable.
///
/// # Errors
/// The store failed; nothing was kept.
pub async fn write<T: Send + 'static>(
    store: &dyn Store,
    work: impl FnOnce(&mut dyn Write) -> Stored<T> + Send + 'static,
) -> Stored<T> {
    let slot = std::sync::Arc::new(parking_lot::Mutex::new(None));
    let put = slot.clone();
    store
        .write_dyn(Box::new(move |rows| {
            *put.lock() = Some(work(rows)?);
            Ok(())
        }))
        .await?;
    let value = slot.lock().take();
    value.ok_or(StoreError::Closed)
}
