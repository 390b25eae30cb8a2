//! A dishonest relay: an honest one whose answers to one device are kept back, changed or made up, with the very key that
//! signs heads. Every misbehaviour that `docs/security.md` lists is one of these.
#![allow(clippy::wildcard_enum_match_arm, reason = "a lie twists one kind of answer and leaves the others")]

use meguri_device::net::{NetRequest, NetResponse};
use meguri_wire::api::{ErrorBody, HeadsReply, PullBuffer, PullRecord, PushReply, PushRequest, PushResult};
use meguri_wire::cbor::Cbor;
use meguri_wire::chain::{Head, SignedHead, h_next};
use meguri_wire::sign::{Ed25519Signer, Signer};
use meguri_wire::{Code, FeedId, Frame, FrameId, Hash, StoreId};
use std::collections::BTreeMap;

/// What it does.
#[derive(Debug, Clone)]
pub enum Lie {
    /// Keeps the last record of every page back, while its heads say that it is there.
    Drop,
    /// Gives every record twice.
    Duplicate,
    /// Gives the records of a page backwards.
    Reorder,
    /// Cuts every page off before its end.
    Truncate,
    /// Signs heads at these earlier positions, and gives nothing after them.
    Behind(BTreeMap<FeedId, (u64, Hash)>),
    /// Signs another hash for the place where a feed stands.
    Fork,
    /// Signs heads with another key.
    OtherKey,
    /// Puts rubbish in the place of every envelope.
    RubbishEnvelopes,
    /// Gives no envelope.
    NoEnvelopes,
    /// Says of every frame that it was taken, and throws it away.
    Discard,
    /// Says `epoch_old` to every frame, and has no newer epoch.
    EpochOld,
    /// Adds an unprotected header to every frame.
    Header,
    /// Adds this frame to the end of its feed, with heads to match.
    Ghost(Box<Frame>),
    /// Says to every request that the device was removed.
    SaysRemoved,
    /// Gives the answer of its first heads for ever.
    Freeze,
    /// Says another time than it is, by this much.
    Clock(i64),
}

/// The liar, with what it remembers.
#[derive(Debug)]
pub struct Liar {
    lie: Lie,
    signer: Ed25519Signer,
    heads: BTreeMap<FeedId, (StoreId, u64, Hash)>,
    frozen: Option<Vec<u8>>,
}

const RECEIVED_MS: u64 = 1_795_400_000_000;

impl Liar {
    pub(crate) fn new(lie: Lie, signer: Ed25519Signer) -> Self {
        Self { lie, signer, heads: BTreeMap::new(), frozen: None }
    }

    /// An answer that the relay never hears of.
    pub(crate) fn instead(&mut self, request: &NetRequest) -> Option<NetResponse> {
        if matches!(self.lie, Lie::SaysRemoved) && request.path != "/v1/info" {
            let body = ErrorBody::of(Code::Removed).to_bytes();
            return Some(NetResponse { status: 403, headers: Vec::new(), body });
        }
        if request.path != "/v1/push" {
            return None;
        }
        let push = PushRequest::from_bytes(&request.body).ok()?;
        let results = match self.lie {
            Lie::EpochOld => push.frames.iter().map(|_| PushResult::Refused(ErrorBody::of(Code::EpochOld))).collect(),
            Lie::Discard => push.frames.iter().filter_map(|pushed| self.pretend(&pushed.frame)).collect(),
            _ => return None,
        };
        let body = PushReply { results, heads: Vec::new() }.to_bytes();
        Some(NetResponse { status: 200, headers: Vec::new(), body })
    }

    fn pretend(&mut self, raw: &[u8]) -> Option<PushResult> {
        let frame = Frame::decode(raw).ok()?;
        let (_, ssn, h) = self.heads.get_mut(&frame.feed())?;
        *ssn += 1;
        *h = h_next(h, *ssn, RECEIVED_MS, &frame.id);
        Some(PushResult::Accepted { ssn: *ssn, received_ms: RECEIVED_MS, h: *h })
    }

    /// Makes of an answer what it wants.
    pub(crate) fn twist(&mut self, request: &NetRequest, response: &mut NetResponse) {
        if let Lie::Clock(by_ms) = self.lie {
            for (name, value) in response.headers.iter_mut().filter(|(name, _)| name == "meguri-clock-ms") {
                debug_assert_eq!(name, "meguri-clock-ms");
                let now: i64 = value.parse().unwrap_or(0);
                *value = (now + by_ms).max(0).to_string();
            }
        }
        if response.status != 200 {
            return;
        }
        if request.path.starts_with("/v1/heads") {
            self.twist_heads(response);
        } else if request.path == "/v1/pull" {
            self.twist_page(response);
        } else if request.path == "/v1/push" && !matches!(self.lie, Lie::Duplicate | Lie::Clock(_)) {
            self.twist_push(response);
        }
    }

    fn twist_heads(&mut self, response: &mut NetResponse) {
        if matches!(self.lie, Lie::Freeze) {
            let kept = self.frozen.get_or_insert_with(|| response.body.clone());
            response.body.clone_from(kept);
            return;
        }
        let Ok(mut reply) = HeadsReply::from_bytes(&response.body) else { return };
        reply.heads = reply.heads.iter().map(|raw| self.head(raw)).collect();
        response.body = reply.to_bytes();
    }

    fn twist_push(&mut self, response: &mut NetResponse) {
        let Ok(mut reply) = PushReply::from_bytes(&response.body) else { return };
        reply.heads = reply.heads.iter().map(|raw| self.head(raw)).collect();
        response.body = reply.to_bytes();
    }

    /// A head as this liar signs it.
    fn head(&mut self, raw: &[u8]) -> Vec<u8> {
        let key = self.signer.public_key();
        let Ok(signed) = SignedHead::decode_verify(raw, &key) else { return raw.to_vec() };
        let Head { store_id, feed, ssn, h, .. } = signed.head;
        self.heads.insert(feed, (store_id, ssn, h));
        let sign = |ssn, h| SignedHead::sign(Head::new(store_id, feed, ssn, h), &self.signer).raw;
        match &self.lie {
            Lie::Fork => sign(ssn, Hash::of(&h.0)),
            Lie::Behind(earlier) => earlier.get(&feed).map_or_else(|| raw.to_vec(), |(ssn, h)| sign(*ssn, *h)),
            Lie::Ghost(frame) if frame.feed() == feed => {
                sign(ssn + 1, h_next(&h, ssn + 1, RECEIVED_MS, &FrameId::of(&frame.raw)))
            }
            Lie::OtherKey => {
                let other = Ed25519Signer::own_id(&[3; 32]).expect("a key");
                SignedHead::sign(Head::new(store_id, feed, ssn, h), &other).raw
            }
            _ => raw.to_vec(),
        }
    }

    fn twist_page(&mut self, response: &mut NetResponse) {
        let mut buffer = PullBuffer::default();
        buffer.push(&response.body);
        let mut records = Vec::new();
        while let Ok(Some(record)) = buffer.next_record() {
            records.push(record);
        }
        match &self.lie {
            Lie::Drop => drop(records.pop()),
            Lie::Duplicate => records = records.into_iter().flat_map(|record| [record.clone(), record]).collect(),
            Lie::Reorder => records.reverse(),
            Lie::Behind(earlier) => {
                records.retain(|record| earlier.get(&record.feed).is_none_or(|(ssn, _)| record.ssn <= *ssn));
            }
            Lie::RubbishEnvelopes => {
                for beside in records.iter_mut().flat_map(|record| &mut record.attachments) {
                    beside.bytes = vec![7; beside.bytes.len()];
                }
            }
            Lie::NoEnvelopes => records.iter_mut().for_each(|record| record.attachments.clear()),
            Lie::Header => records.iter_mut().for_each(|record| add_header(&mut record.frame)),
            Lie::Ghost(frame) => self.add_ghost(frame, &mut records),
            _ => {}
        }
        response.body = records.iter().flat_map(Cbor::to_bytes).collect();
        if matches!(self.lie, Lie::Truncate) {
            response.body.pop();
        }
    }

    fn add_ghost(&self, frame: &Frame, records: &mut Vec<PullRecord>) {
        let feed = frame.feed();
        let Some((_, ssn, _)) = self.heads.get(&feed) else { return };
        records.push(PullRecord {
            feed,
            ssn: ssn + 1,
            received_ms: RECEIVED_MS,
            frame: frame.raw.clone(),
            attachments: Vec::new(),
        });
    }
}

/// `[protected, {}, …]` becomes `[protected, {9: 9}, …]`.
fn add_header(frame: &mut Vec<u8>) {
    // An array of four, a byte string of the protected header with its length in one byte, the empty map.
    let at = match frame.get(1) {
        Some(0x58) => frame.get(2).map(|length| 3 + usize::from(*length)),
        Some(short @ 0x40..=0x57) => Some(2 + usize::from(*short - 0x40)),
        Some(_) | None => None,
    };
    if let Some(at) = at.filter(|at| frame.get(*at) == Some(&0xa0)) {
        frame.splice(at..=at, [0xa1, 0x09, 0x09]);
    }
}
