//! Frames: the signed elements of feeds, to the byte.

use crate::cbor::{Cbor, In, Out, array};
use crate::codes::Code;
use crate::control::Body;
use crate::cose::{CONTEXT_CONTROL, CONTEXT_ITEM, Cose, Kid, SeenCose, Signatures, to_sign_many, to_sign_one};
use crate::ids::{BlobId, DeviceId, DocId, FeedId, FrameId, Hash};
use crate::limits::{CONTROL_BYTES_MAX, ITEM_BLOBS_MAX, ITEM_BYTES_MAX, VERSION};
use crate::sign::{Asked, Signer, verify};

/// Class of a record item: changes of documents.
pub const CLASS_RECORD: u64 = 0;
/// Class of a trace item: access and fault detail.
pub const CLASS_TRACE: u64 = 1;
/// Class of a checkpoint item.
pub const CLASS_CHECKPOINT: u64 = 2;

const CONTROL_FIELDS: usize = 6;
const ITEM_FIELDS: usize = 11;

array! {
    /// The head an item's author last saw.
    pub struct Seen {
        /// The first 8 bytes of the store id; empty with nothing seen.
        pub store: Vec<u8>,
        /// The position; 0 with nothing seen.
        pub ssn: u64,
        /// The running hash there; empty with nothing seen.
        pub h: Vec<u8>,
    }

    /// An envelope or KEM public key beside a record; named there by its hash.
    pub struct Attachment {
        /// The device, team or key id it is for.
        pub recipient: [u8; 16],
        /// The bytes.
        pub bytes: Vec<u8>,
    }
}

impl Seen {
    /// Nothing seen yet.
    #[must_use]
    pub fn nothing() -> Self {
        Self { store: Vec::new(), ssn: 0, h: Vec::new() }
    }

    /// A head of a store.
    #[must_use]
    pub fn at(store: [u8; 8], ssn: u64, h: Hash) -> Self {
        Self { store: store.to_vec(), ssn, h: h.0.to_vec() }
    }

    fn check(&self) -> Result<(), Code> {
        let nothing = self.store.is_empty() && self.ssn == 0 && self.h.is_empty();
        let something = self.store.len() == 8 && self.ssn > 0 && self.h.len() == 32;
        if nothing || something { Ok(()) } else { Err(Code::BadBytes) }
    }
}

impl Attachment {
    /// What the record names it by.
    #[must_use]
    pub fn hash(&self) -> Hash {
        Hash::of(&self.bytes)
    }
}

/// A sealed element of a space's feed.
#[derive(Clone, PartialEq, Eq)]
pub struct Item {
    /// The space.
    pub feed: FeedId,
    /// 0 record, 1 trace, 2 checkpoint; unknown classes are kept.
    pub class: u64,
    /// The document; none in class 1.
    pub doc: Option<DocId>,
    /// Dense per device and feed, from 1.
    pub dseq: u64,
    /// The device's item before this one.
    pub prev_item_hash: Option<FrameId>,
    /// The key generation of the space that seals it.
    pub epoch: u64,
    /// The head the author last saw.
    pub seen: Seen,
    /// Blobs the relay must hold first.
    pub blob_ids: Vec<BlobId>,
    /// Salt of key and nonce.
    pub salt: [u8; 32],
    /// The sealed bytes.
    pub ciphertext: Vec<u8>,
}

impl std::fmt::Debug for Item {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Item")
            .field("feed", &self.feed)
            .field("class", &self.class)
            .field("dseq", &self.dseq)
            .field("epoch", &self.epoch)
            .finish_non_exhaustive()
    }
}

/// A signed change of a feed's membership, keys or rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Control {
    /// The feed; none in a Genesis.
    pub feed: Option<FeedId>,
    /// Dense per feed, from 1.
    pub cseq: u64,
    /// The control before this one; none in a Genesis.
    pub prev_hash: Option<FrameId>,
    /// What it does.
    pub body: Body,
}

/// What a frame carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// A sealed item.
    Item(Item),
    /// A control.
    Control(Control),
}

/// One signed element of a feed. Its bytes are canonical; its signature is
/// checked by [`Frame::verify`], once the author's key is known.
#[derive(Clone, Debug)]
pub struct Frame {
    /// SHA-256 of `raw`.
    pub id: FrameId,
    /// The whole COSE bytes.
    pub raw: Vec<u8>,
    /// What it carries.
    pub payload: Payload,
    /// Who signed.
    pub signatures: Signatures,
    /// Where the payload as signed stands in `raw`.
    payload_at: std::ops::Range<usize>,
    /// The key under which the one signature was verified ahead of the rules.
    verified: Option<[u8; 32]>,
}

/// All else follows from the bytes.
impl PartialEq for Frame {
    fn eq(&self, other: &Self) -> bool {
        self.raw == other.raw
    }
}

impl Eq for Frame {}

impl Item {
    /// Deterministic CBOR of all fields before the ciphertext: the AAD.
    #[must_use]
    pub fn aad(&self) -> Vec<u8> {
        let mut out = Out::default();
        out.array(ITEM_FIELDS - 1);
        self.put_head(&mut out);
        out.finish()
    }

    fn put_head(&self, out: &mut Out) {
        out.u64(VERSION);
        self.feed.put(out);
        out.u64(self.class);
        put_or_empty(self.doc.as_ref(), out);
        out.u64(self.dseq);
        put_or_empty(self.prev_item_hash.as_ref(), out);
        out.u64(self.epoch);
        self.seen.put(out);
        self.blob_ids.put(out);
        self.salt.put(out);
    }

    fn put(&self) -> Vec<u8> {
        let mut bytes = self.before_ciphertext();
        bytes.extend_from_slice(&self.ciphertext);
        bytes
    }

    /// All bytes of the payload but the content of its last field.
    fn before_ciphertext(&self) -> Vec<u8> {
        let mut out = Out::default();
        out.array(ITEM_FIELDS);
        self.put_head(&mut out);
        out.bytes_head(self.ciphertext.len());
        out.finish()
    }

    fn take(input: &mut In<'_>) -> Result<Self, Code> {
        let item = Self {
            feed: FeedId::take(input)?,
            class: input.u64()?,
            doc: take_or_empty(input.bytes()?, DocId::from_slice)?,
            dseq: input.u64()?,
            prev_item_hash: take_or_empty(input.bytes()?, FrameId::from_slice)?,
            epoch: input.u64()?,
            seen: Seen::take(input)?,
            blob_ids: Vec::take(input)?,
            salt: <[u8; 32]>::take(input)?,
            ciphertext: input.bytes()?.to_vec(),
        };
        item.seen.check()?;
        let first = item.dseq == 1;
        let trace = item.class == CLASS_TRACE;
        let documented = item.class == CLASS_RECORD || item.class == CLASS_CHECKPOINT;
        if item.dseq == 0
            || item.epoch == 0
            || first != item.prev_item_hash.is_none()
            || (trace && item.doc.is_some())
            || (documented && item.doc.is_none())
        {
            return Err(Code::BadBytes);
        }
        if item.blob_ids.len() > ITEM_BLOBS_MAX {
            return Err(Code::TooLarge);
        }
        Ok(item)
    }

    /// Signs the item as `signer`, a device.
    ///
    /// # Errors
    /// [`Code::TooLarge`], or [`Code::BadBytes`] for fields no decoder would take.
    pub fn sign(&self, signer: &dyn Signer) -> Result<Frame, Code> {
        sign_one(self.put(), Some(signer.kid()), CONTEXT_ITEM, signer)
    }
}

impl Control {
    fn put(&self) -> Vec<u8> {
        let mut out = Out::default();
        out.array(CONTROL_FIELDS);
        out.u64(VERSION);
        put_or_empty(self.feed.as_ref(), &mut out);
        out.u64(self.cseq);
        put_or_empty(self.prev_hash.as_ref(), &mut out);
        out.u64(self.body.kind());
        Body::put(&self.body, &mut out);
        out.finish()
    }

    fn take(input: &mut In<'_>) -> Result<Self, Code> {
        let feed = take_or_empty(input.bytes()?, FeedId::from_slice)?;
        let cseq = input.u64()?;
        let prev_hash = take_or_empty(input.bytes()?, FrameId::from_slice)?;
        let kind = input.u64()?;
        let body = Body::take(kind, input)?;
        let genesis = body.is_genesis();
        if cseq == 0 || genesis != (cseq == 1) || genesis != feed.is_none() || genesis != prev_hash.is_none() {
            return Err(Code::BadBytes);
        }
        Ok(Self { feed, cseq, prev_hash, body })
    }

    /// Signs a team or space control.
    ///
    /// # Errors
    /// [`Code::TooLarge`], or [`Code::BadBytes`] for fields no decoder would take.
    pub fn sign(&self, signer: &dyn Signer) -> Result<Frame, Code> {
        let team_genesis = matches!(self.body, Body::Team(crate::control::TeamBody::Genesis(_)));
        let kid = (!team_genesis).then(|| signer.kid());
        sign_one(self.put(), kid, CONTEXT_CONTROL, signer)
    }

    /// Signs a directory control with each of `signers`, in any order.
    ///
    /// # Errors
    /// [`Code::TooLarge`], or [`Code::BadBytes`] for fields no decoder would
    /// take, no signer, or one twice.
    pub fn sign_directory(&self, signers: &[&dyn Signer]) -> Result<Frame, Code> {
        let payload = self.put();
        let mut all: Vec<([u8; 16], [u8; 64])> = signers
            .iter()
            .map(|signer| {
                let kid = signer.kid();
                let message = to_sign_many(kid, CONTEXT_CONTROL, &payload);
                (kid, signer.sign(&message))
            })
            .collect();
        all.sort_by_key(|(kid, _)| *kid);
        Frame::decode_owned(Cose { payload, signatures: Signatures::Many(all) }.to_bytes())
    }
}

impl Frame {
    /// Decodes and checks that the bytes are the one encoding; checks no signature.
    ///
    /// # Errors
    /// [`Code::BadBytes`], [`Code::VersionTooOld`] or [`Code::TooLarge`].
    pub fn decode(raw: &[u8]) -> Result<Self, Code> {
        Self::decode_owned(raw.to_vec())
    }

    /// As [`Frame::decode`], without a copy of bytes the caller gives away.
    ///
    /// # Errors
    /// [`Code::BadBytes`], [`Code::VersionTooOld`] or [`Code::TooLarge`].
    pub fn decode_owned(raw: Vec<u8>) -> Result<Self, Code> {
        if raw.len() > ITEM_BYTES_MAX {
            return Err(Code::TooLarge);
        }
        let seen = SeenCose::decode(&raw)?;
        let signed = raw.get(seen.payload_at.clone()).ok_or(Code::BadBytes)?;
        let mut input = In::new(signed);
        let fields = input.array()?;
        if input.u64()? != VERSION {
            return Err(Code::VersionTooOld);
        }
        let (payload, same) = if fields == ITEM_FIELDS {
            let item = Item::take(&mut input)?;
            let before = item.before_ciphertext();
            let same = signed.len() == before.len() + item.ciphertext.len() && signed.starts_with(&before);
            (Payload::Item(item), same)
        } else if fields == CONTROL_FIELDS {
            let control = Control::take(&mut input)?;
            let same = control.put() == signed;
            (Payload::Control(control), same)
        } else {
            return Err(Code::BadBytes);
        };
        if !input.at_end() || !same {
            return Err(Code::BadBytes);
        }
        check_shape(&payload, &seen.signatures, raw.len())?;
        let id = FrameId::of(&raw);
        Ok(Self { id, payload, signatures: seen.signatures, payload_at: seen.payload_at, verified: None, raw })
    }

    fn signed(&self) -> &[u8] {
        self.raw.get(self.payload_at.clone()).unwrap_or_default()
    }

    /// The feed it stands in; for a Genesis the one it begins.
    #[must_use]
    pub fn feed(&self) -> FeedId {
        match &self.payload {
            Payload::Item(item) => item.feed,
            Payload::Control(control) => control.feed.unwrap_or_else(|| self.id.feed()),
        }
    }

    /// The `kid` of a frame with one signature; none in a team Genesis and in
    /// directory frames.
    #[must_use]
    pub fn kid(&self) -> Kid {
        match &self.signatures {
            Signatures::One(kid, _) => *kid,
            Signatures::Many(_) => None,
        }
    }

    /// The author, where the `kid` is a device id.
    #[must_use]
    pub fn author(&self) -> Option<DeviceId> {
        self.kid().map(DeviceId)
    }

    /// The item, if it is one.
    #[must_use]
    pub fn item(&self) -> Option<&Item> {
        match &self.payload {
            Payload::Item(item) => Some(item),
            Payload::Control(_) => None,
        }
    }

    /// The control, if it is one.
    #[must_use]
    pub fn control(&self) -> Option<&Control> {
        match &self.payload {
            Payload::Control(control) => Some(control),
            Payload::Item(_) => None,
        }
    }

    fn context(&self) -> &'static str {
        match &self.payload {
            Payload::Item(_) => CONTEXT_ITEM,
            Payload::Control(_) => CONTEXT_CONTROL,
        }
    }

    /// Verifies the one signature of each frame under the key beside it ahead of the rules, which then need not: for
    /// whoever has many frames and several cores, while the rules want one after the other. `verdicts` says of each
    /// whether it holds. What does not is left to the rules to refuse.
    pub fn verify_ahead<'a>(
        frames: impl Iterator<Item = (&'a mut Self, [u8; 32])>,
        verdicts: impl FnOnce(&[Asked]) -> Vec<bool>,
    ) {
        let with = |(frame, public): (&'a mut Self, [u8; 32])| frame.asked(public).map(|asked| (frame, asked));
        let (frames, asked): (Vec<&mut Self>, Vec<Asked>) = frames.filter_map(with).unzip();
        let verdicts = verdicts(&asked);
        for ((frame, asked), holds) in frames.into_iter().zip(asked).zip(verdicts) {
            frame.verified = holds.then_some(asked.public);
        }
    }

    /// Verifies the one signature under `key`, unless [`Frame::verify_ahead`] has.
    ///
    /// # Errors
    /// [`Code::BadSignature`].
    pub fn verify(&self, key: &[u8; 32]) -> Result<(), Code> {
        let holds = self.verified.as_ref() == Some(key) || self.asked(*key).is_some_and(|asked| asked.holds());
        if holds { Ok(()) } else { Err(Code::BadSignature) }
    }

    fn asked(&self, public: [u8; 32]) -> Option<Asked> {
        match &self.signatures {
            Signatures::One(kid, signature) => {
                let message = to_sign_one(*kid, self.context(), self.signed());
                Some(Asked { public, message, signature: *signature })
            }
            Signatures::Many(_) => None,
        }
    }

    /// Verifies the signature of a directory frame whose `kid` is that of `key`.
    ///
    /// # Errors
    /// [`Code::BadSignature`] also when `key` did not sign.
    pub fn verify_root(&self, key: &[u8; 32]) -> Result<(), Code> {
        let Signatures::Many(all) = &self.signatures else {
            return Err(Code::BadSignature);
        };
        let wanted = crate::ids::key_id(key).0;
        let (kid, signature) = all.iter().find(|(kid, _)| *kid == wanted).ok_or(Code::BadSignature)?;
        verify(key, &to_sign_many(*kid, self.context(), self.signed()), signature)
    }
}

/// Which COSE shape and size goes with which payload.
fn check_shape(payload: &Payload, signatures: &Signatures, bytes: usize) -> Result<(), Code> {
    let (has_kid, one) = match signatures {
        Signatures::One(kid, _) => (kid.is_some(), true),
        Signatures::Many(_) => (false, false),
    };
    let fits = match payload {
        Payload::Item(_) => one && has_kid,
        Payload::Control(control) => {
            if bytes > CONTROL_BYTES_MAX {
                return Err(Code::TooLarge);
            }
            match &control.body {
                Body::Directory(_) => !one,
                Body::Team(crate::control::TeamBody::Genesis(_)) => one && !has_kid,
                Body::Team(_) | Body::Space(_) => one && has_kid,
                Body::Unknown { .. } => !one || has_kid,
            }
        }
    };
    if fits { Ok(()) } else { Err(Code::BadBytes) }
}

fn sign_one(payload: Vec<u8>, kid: Kid, context: &str, signer: &dyn Signer) -> Result<Frame, Code> {
    let signature = signer.sign(&to_sign_one(kid, context, &payload));
    Frame::decode_owned(Cose { payload, signatures: Signatures::One(kid, signature) }.to_bytes())
}

fn put_or_empty<T: AsRef<[u8]>>(value: Option<&T>, out: &mut Out) {
    out.bytes(value.map_or(&[], AsRef::as_ref));
}

fn take_or_empty<T>(bytes: &[u8], read: impl Fn(&[u8]) -> Result<T, Code>) -> Result<Option<T>, Code> {
    if bytes.is_empty() { Ok(None) } else { read(bytes).map(Some) }
}
