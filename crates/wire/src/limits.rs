//! Limits of protocol v1, enforced by relay and devices alike.

/// The protocol version in every payload.
pub const VERSION: u64 = 1;
/// Whole COSE bytes of an item.
pub const ITEM_BYTES_MAX: usize = 256 * 1024;
/// Unpacked plaintext of an item, checked before allocation.
pub const ITEM_UNPACKED_MAX: usize = 4 * 1024 * 1024;
/// Changes are cut into items of at most this many bytes when written.
pub const CHANGE_BYTES_MAX: usize = 128 * 1024;
/// A push request body.
pub const PUSH_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Whole COSE bytes of a control, without attachments.
pub const CONTROL_BYTES_MAX: usize = 64 * 1024;
/// Active devices of a team.
pub const TEAM_DEVICES_MAX: usize = 500;
/// Member teams of a space.
pub const SPACE_TEAMS_MAX: usize = 200;
/// A sealed blob.
pub const BLOB_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// One part of a blob upload.
pub const BLOB_PART_MAX: usize = 8 * 1024 * 1024;
/// Blobs one item may name.
pub const ITEM_BLOBS_MAX: usize = 64;
/// An X-Wing public key.
pub const KEM_PUBLIC_KEY_BYTES: usize = 1216;
/// One attachment (an envelope or a KEM public key).
pub const ATTACHMENT_BYTES_MAX: usize = 2048;
/// A pull reply: the byte limit a client may ask for.
pub const PULL_BYTES_MAX: u64 = 8 * 1024 * 1024;
/// Feeds in one pull request.
pub const PULL_FEEDS_MAX: usize = 4096;
/// Ciphertext of a short text in a control (a name, a reason).
pub const CONTROL_TEXT_MAX: usize = 2048;
/// How long a break-glass membership may last; admission, on the relay's clock.
pub const BREAK_GLASS_MS_MAX: u64 = 72 * 60 * 60 * 1000;
/// One bucket of the request nonce.
pub const NONCE_BUCKET_MS: u64 = 5 * 60 * 1000;
/// A mailbox lives this long, on the relay's clock.
pub const MAILBOX_MS_MAX: u64 = 10 * 60 * 1000;
/// One mailbox slot.
pub const MAILBOX_SLOT_BYTES_MAX: usize = 256 * 1024;
/// Write-once slots of a mailbox: 0 … 4.
pub const MAILBOX_SLOTS: u8 = 5;
