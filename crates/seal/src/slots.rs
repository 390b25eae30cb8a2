//! The key slots of a profile (`keys.cbor`): one random database key, wrapped
//! several ways. `[1, [[kind, body]…]]`; slots of unknown kinds are kept byte
//! for byte. A known body is `[memory_kib, passes, lanes, salt, sealed key]`;
//! `key ‖ nonce = HKDF(Argon2id(passphrase, salt) ‖ keystore secret, "slot" ‖ kind)`.
//! Passphrases are taken in NFKC, since keyboards differ in how they write the
//! same characters.

use argon2::{Algorithm, Argon2, Params, Version};
use meguri_wire::cbor::{In, Out};
use rand_core::CryptoRng;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::derive::{Sealer, Secret};
use crate::error::SealError;

const VERSION: u64 = 1;
const SALT_BYTES: usize = 16;
const SLOTS_MAX: usize = 32;

/// The cost of Argon2id (RFC 9106); stands in each slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KdfCost {
    /// Memory, KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl KdfCost {
    /// For new slots: 64 MiB, three passes (RFC 9106, second recommendation,
    /// with one lane).
    pub const STANDARD: Self = Self { memory_kib: 64 * 1024, passes: 3, lanes: 1 };
    /// Above this a slot is refused rather than tried.
    pub const MOST: Self = Self { memory_kib: 1024 * 1024, passes: 16, lanes: 8 };

    fn params(self) -> Result<Params, SealError> {
        let most = Self::MOST;
        if self.memory_kib > most.memory_kib || self.passes > most.passes || self.lanes > most.lanes {
            return Err(SealError::TooLarge);
        }
        Params::new(self.memory_kib, self.passes, self.lanes, Some(32)).map_err(|_| SealError::BadBytes)
    }
}

/// The kinds of slot this program writes; the texts are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotKind {
    /// Needs the passphrase and the secret in the OS keystore.
    KeystoreAndPassphrase,
    /// Needs the passphrase alone.
    Passphrase,
}

impl SlotKind {
    /// The stored tag.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::KeystoreAndPassphrase => "keystore+passphrase",
            Self::Passphrase => "passphrase",
        }
    }
}

#[derive(Clone, PartialEq, Eq)]
struct Slot {
    kind: String,
    body: Vec<u8>,
}

/// The slots of one profile.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct KeySlots {
    slots: Vec<Slot>,
}

impl std::fmt::Debug for KeySlots {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kinds = self.slots.iter().map(|slot| &slot.kind);
        f.debug_list().entries(kinds).finish()
    }
}

struct Wrapped<'a> {
    cost: KdfCost,
    salt: &'a [u8],
    sealed: &'a [u8],
}

impl KeySlots {
    /// Reads `keys.cbor`.
    ///
    /// # Errors
    /// [`SealError::BadBytes`], [`SealError::VersionTooOld`], [`SealError::TooLarge`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SealError> {
        let mut input = In::new(bytes);
        let fields = input.array()?;
        if input.u64()? != VERSION {
            return Err(SealError::VersionTooOld);
        }
        let count = input.array()?;
        if count > SLOTS_MAX {
            return Err(SealError::TooLarge);
        }
        let mut slots = Vec::new();
        for _ in 0..count {
            input.array_of(2)?;
            slots.push(Slot { kind: input.text()?.to_owned(), body: input.any()? });
        }
        let slots = Self { slots };
        if fields == 2 && slots.to_bytes() == bytes { Ok(slots) } else { Err(SealError::BadBytes) }
    }

    /// The bytes of `keys.cbor`.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Out::default();
        out.array(2);
        out.u64(VERSION);
        out.array(self.slots.len());
        for slot in &self.slots {
            out.array(2);
            out.text(&slot.kind);
            out.raw(&slot.body);
        }
        out.finish()
    }

    /// The kinds present, also unknown ones, in order.
    pub fn kinds(&self) -> impl Iterator<Item = &str> {
        self.slots.iter().map(|slot| slot.kind.as_str())
    }

    /// Wraps `db_key` in the slot of this kind, replacing it if there is one.
    ///
    /// # Errors
    /// [`SealError::NoSlot`] if the kind needs a keystore secret and there is
    /// none, [`SealError::TooLarge`] or [`SealError::BadBytes`] for a cost out of range.
    pub fn put(
        &mut self,
        kind: SlotKind,
        db_key: &Secret,
        passphrase: &str,
        keystore: Option<&Secret>,
        cost: KdfCost,
        rng: &mut dyn CryptoRng,
    ) -> Result<(), SealError> {
        let mut salt = [0; SALT_BYTES];
        rng.fill_bytes(&mut salt);
        let sealer = sealer(kind, passphrase, keystore, cost, &salt)?;
        let sealed = sealer.seal(&[], db_key.bytes().to_vec())?;
        let mut body = Out::default();
        body.array(5);
        body.u64(u64::from(cost.memory_kib));
        body.u64(u64::from(cost.passes));
        body.u64(u64::from(cost.lanes));
        body.bytes(&salt);
        body.bytes(&sealed);
        let slot = Slot { kind: kind.text().to_owned(), body: body.finish() };
        if let Some(old) = self.slots.iter_mut().find(|old| old.kind == slot.kind) {
            *old = slot;
        } else if self.slots.len() < SLOTS_MAX {
            self.slots.push(slot);
        } else {
            return Err(SealError::TooLarge);
        }
        Ok(())
    }

    /// Takes the slot of this kind away.
    pub fn remove(&mut self, kind: SlotKind) {
        self.slots.retain(|slot| slot.kind != kind.text());
    }

    /// The database key, from the first slot that opens: with the keystore
    /// secret if it is given, then by the passphrase alone.
    ///
    /// # Errors
    /// [`SealError::WrongPassphrase`] if slots were tried, [`SealError::NoSlot`]
    /// if none could be, [`SealError::BadBytes`] for a broken slot.
    pub fn open(&self, passphrase: &str, keystore: Option<&Secret>) -> Result<Secret, SealError> {
        let mut outcome = Err(SealError::NoSlot);
        for kind in [SlotKind::KeystoreAndPassphrase, SlotKind::Passphrase] {
            let slot = self.slots.iter().find(|slot| slot.kind == kind.text());
            let needs_more = kind == SlotKind::KeystoreAndPassphrase && keystore.is_none();
            let Some(slot) = slot.filter(|_| !needs_more) else {
                continue;
            };
            outcome = open_slot(kind, &slot.body, passphrase, keystore);
            if outcome.is_ok() {
                break;
            }
        }
        outcome
    }
}

fn open_slot(kind: SlotKind, body: &[u8], passphrase: &str, keystore: Option<&Secret>) -> Result<Secret, SealError> {
    let wrapped = read_body(body)?;
    let sealer = sealer(kind, passphrase, keystore, wrapped.cost, wrapped.salt)?;
    let key = sealer.open(&[], wrapped.sealed).map_err(|_| SealError::WrongPassphrase)?;
    Secret::from_slice(&Zeroizing::new(key))
}

fn read_body(body: &[u8]) -> Result<Wrapped<'_>, SealError> {
    let mut input = In::new(body);
    input.array_of(5)?;
    let mut number = || u32::try_from(input.u64()?).map_err(|_| SealError::BadBytes);
    let cost = KdfCost { memory_kib: number()?, passes: number()?, lanes: number()? };
    Ok(Wrapped { cost, salt: input.bytes()?, sealed: input.bytes()? })
}

fn sealer(
    kind: SlotKind,
    passphrase: &str,
    keystore: Option<&Secret>,
    cost: KdfCost,
    salt: &[u8],
) -> Result<Sealer, SealError> {
    let passphrase: Zeroizing<String> = Zeroizing::new(passphrase.nfkc().collect());
    let mut ikm = Zeroizing::new(vec![0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, cost.params()?)
        .hash_password_into(passphrase.as_bytes(), salt, &mut ikm)
        .map_err(|_| SealError::BadBytes)?;
    if kind == SlotKind::KeystoreAndPassphrase {
        ikm.extend_from_slice(keystore.ok_or(SealError::NoSlot)?.bytes());
    }
    Sealer::derive(&ikm, &[], &[b"slot", kind.text().as_bytes()])
}
