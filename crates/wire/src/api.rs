//! Bodies of the relay's endpoints, in CBOR, and the names of its headers.

use crate::cbor::{Cbor, In, Out, array, number};
use crate::codes::Code;
use crate::frame::Attachment;
use crate::ids::{DeviceId, FeedId, Hash, StoreId};

/// Media type of every body.
pub const MEDIA_TYPE: &str = "application/cbor";
/// Reply header with a fresh nonce, on every reply.
pub const HEADER_NONCE: &str = "meguri-nonce";
/// Request header with the one-time setup code that sponsors a facility's team.
pub const HEADER_SETUP: &str = "meguri-setup";
/// The store a push was sealed for, in lower hex.
pub const HEADER_STORE: &str = "meguri-store";
/// Reply header with the relay's clock, ms UTC; information only.
pub const HEADER_CLOCK: &str = "meguri-clock-ms";
/// Reply header of `HEAD /v1/blobs/{id}`: the offset reached by an upload.
pub const HEADER_OFFSET: &str = "meguri-offset";
/// The most a pull buffer holds before a record is complete.
const RECORD_BYTES_MAX: usize = 4 * 1024 * 1024;

array! {
    /// `GET /v1/info`, unsigned.
    pub struct Info {
        /// Protocol versions spoken, ascending.
        pub versions: Vec<u64>,
        /// The relay's head-signing key.
        pub relay_key: [u8; 32],
        /// This life of its storage.
        pub store_id: StoreId,
        /// The `@authority` that requests sign.
        pub authority: String,
        /// The region's directory, if it has one.
        pub directory: Option<FeedId>,
        /// Limits in force by name, where they are lower than `limits`.
        pub limits: Vec<(String, u64)>,
        /// A first nonce.
        pub nonce: String,
        /// The relay's clock, ms UTC; information only.
        pub now_ms: u64,
        /// The relay's program version; information only.
        pub software: String,
    }

    /// What a device says it holds durably.
    pub struct Ack {
        /// Which feed.
        pub feed: FeedId,
        /// Up to which position.
        pub ssn: u64,
        /// The running hash there.
        pub h: Hash,
    }

    /// `POST /v1/acks`.
    pub struct AckRequest {
        /// One per feed.
        pub acks: Vec<Ack>,
    }

    /// An ack with the device that sent it.
    pub struct DeviceAck {
        /// Who.
        pub device: DeviceId,
        /// What it holds.
        pub ack: Ack,
    }

    /// `GET /v1/heads?since=`.
    pub struct HeadsReply {
        /// COSE bytes of signed heads of feeds that moved; may repeat.
        pub heads: Vec<Vec<u8>>,
        /// Acks of colleagues' devices in those feeds.
        pub acks: Vec<DeviceAck>,
        /// For the next `since`; opaque.
        pub next: Vec<u8>,
        /// Spaces with late items that the caller may admit, ascending; whatever `since` is, at most 4,096.
        pub late: Vec<LateCount>,
    }

    /// Late items of a space.
    pub struct LateCount {
        /// Which space.
        pub feed: FeedId,
        /// How many wait.
        pub n: u64,
    }

    /// One feed of a pull.
    pub struct PullFeed {
        /// Which.
        pub feed: FeedId,
        /// Records after this position.
        pub after_ssn: u64,
        /// Which records.
        pub kind: PullKind,
    }

    /// `POST /v1/pull`.
    pub struct PullRequest {
        /// In the order wanted.
        pub feeds: Vec<PullFeed>,
        /// Stop after about this many bytes.
        pub bytes_max: u64,
    }

    /// One element of the pull stream, which is a CBOR sequence (RFC 8742).
    pub struct PullRecord {
        /// Which feed.
        pub feed: FeedId,
        /// Its position.
        pub ssn: u64,
        /// When the relay took it, ms UTC, never falling within a feed.
        pub received_ms: u64,
        /// The COSE bytes.
        pub frame: Vec<u8>,
        /// Those for the puller.
        pub attachments: Vec<Attachment>,
    }

    /// One frame of a push.
    pub struct PushFrame {
        /// The COSE bytes.
        pub frame: Vec<u8>,
        /// All that its record names.
        pub attachments: Vec<Attachment>,
    }

    /// `POST /v1/push`; frames of one feed in their order.
    pub struct PushRequest {
        /// The frames.
        pub frames: Vec<PushFrame>,
    }

    /// The answer to a push.
    pub struct PushReply {
        /// One per frame, in order.
        pub results: Vec<PushResult>,
        /// COSE bytes of signed heads of the feeds that moved.
        pub heads: Vec<Vec<u8>>,
    }

    /// A late item that waits for a manager.
    pub struct QuarantineEntry {
        /// The COSE bytes.
        pub frame: Vec<u8>,
        /// When the relay took it, ms UTC.
        pub received_ms: u64,
    }

    /// `GET /v1/feeds/{id}/quarantine`.
    pub struct QuarantineReply {
        /// In `dseq` order per device.
        pub entries: Vec<QuarantineEntry>,
    }

    /// Every refusal of a whole request.
    pub struct ErrorBody {
        /// What failed.
        pub code: Code,
        /// Ids and numbers that explain it, by name.
        pub params: Vec<(String, String)>,
    }
}

number! {
    /// Which records of a feed a pull wants.
    pub enum PullKind {
        /// All.
        All = 0,
        /// Controls and checkpoints, to show a chart early.
        ControlAndCheckpoint = 1,
    }
}

impl ErrorBody {
    /// A refusal without parameters.
    #[must_use]
    pub fn of(code: Code) -> Self {
        Self { code, params: Vec::new() }
    }
}

/// What became of one frame of a push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PushResult {
    /// In the feed, now or before: `[0, ssn, received_ms, H]`.
    Accepted {
        /// Its position.
        ssn: u64,
        /// When the relay took it, ms UTC.
        received_ms: u64,
        /// The running hash there.
        h: Hash,
    },
    /// Held for a manager: `[1]`.
    Quarantined,
    /// Not taken: `[2, code, params]`.
    Refused(ErrorBody),
    /// Not looked at, because an earlier frame of its feed was refused: `[3]`.
    Skipped,
}

impl Cbor for PushResult {
    fn put(&self, out: &mut Out) {
        match self {
            Self::Accepted { ssn, received_ms, h } => {
                out.array(4);
                out.u64(0);
                out.u64(*ssn);
                out.u64(*received_ms);
                h.put(out);
            }
            Self::Quarantined => {
                out.array(1);
                out.u64(1);
            }
            Self::Refused(error) => {
                out.array(3);
                out.u64(2);
                error.code.put(out);
                error.params.put(out);
            }
            Self::Skipped => {
                out.array(1);
                out.u64(3);
            }
        }
    }

    fn take(input: &mut In<'_>) -> Result<Self, Code> {
        match (input.array()?, input.u64()?) {
            (4, 0) => Ok(Self::Accepted { ssn: input.u64()?, received_ms: input.u64()?, h: Hash::take(input)? }),
            (1, 1) => Ok(Self::Quarantined),
            (3, 2) => Ok(Self::Refused(ErrorBody { code: Code::take(input)?, params: Vec::take(input)? })),
            (1, 3) => Ok(Self::Skipped),
            _ => Err(Code::BadBytes),
        }
    }
}

/// An SSE hint: the `data` of one event is `<feed in hex> <ssn in decimal>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The feed that moved.
    pub feed: FeedId,
    /// To which position.
    pub ssn: u64,
}

impl std::fmt::Display for Hint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.feed, self.ssn)
    }
}

impl std::str::FromStr for Hint {
    type Err = Code;
    fn from_str(text: &str) -> Result<Self, Code> {
        let (feed, ssn) = text.split_once(' ').ok_or(Code::BadBytes)?;
        let hint = Self { feed: feed.parse()?, ssn: ssn.parse().map_err(|_| Code::BadBytes)? };
        if hint.to_string() == text { Ok(hint) } else { Err(Code::BadBytes) }
    }
}

/// Cuts the pull stream into records as its bytes arrive.
#[derive(Default)]
pub struct PullBuffer {
    bytes: Vec<u8>,
    used: usize,
}

impl PullBuffer {
    /// Takes the next bytes of the body.
    pub fn push(&mut self, chunk: &[u8]) {
        if self.used > 0 {
            self.bytes.drain(..self.used);
            self.used = 0;
        }
        self.bytes.extend_from_slice(chunk);
    }

    /// The next whole record, if it has arrived.
    ///
    /// # Errors
    /// [`Code::BadBytes`], [`Code::TooLarge`].
    pub fn next_record(&mut self) -> Result<Option<PullRecord>, Code> {
        let left = self.bytes.get(self.used..).unwrap_or_default();
        if left.is_empty() {
            return Ok(None);
        }
        let mut decoder = minicbor::Decoder::new(left);
        if let Err(error) = decoder.skip() {
            return if !error.is_end_of_input() {
                Err(Code::BadBytes)
            } else if left.len() > RECORD_BYTES_MAX {
                Err(Code::TooLarge)
            } else {
                Ok(None)
            };
        }
        let length = decoder.position();
        let record = PullRecord::from_bytes(left.get(..length).ok_or(Code::BadBytes)?)?;
        self.used += length;
        Ok(Some(record))
    }

    /// Whether every byte that arrived belonged to a whole record.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.used == self.bytes.len()
    }
}
