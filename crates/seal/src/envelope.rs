//! HPKE (RFC 9180) in Base mode: X-Wing (draft-ietf-hpke-pq, KEM 0x647a),
//! HKDF-SHA-256, ChaCha20-Poly1305. An envelope is `enc` (1120 bytes) ‖
//! ciphertext; its AAD is empty, its `info` says what it is for.

use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::XWing;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable, single_shot_open, single_shot_seal_with_rng};
use meguri_wire::cbor::{Cbor, Out};
use meguri_wire::{FeedId, TeamId};
use rand_core::CryptoRng;

use crate::derive::Secret;
use crate::error::SealError;

/// Length of `enc` in an envelope.
pub const ENC_BYTES: usize = 1120;

/// What an envelope is for; encoded in deterministic CBOR as HPKE `info`.
/// It does not open for another purpose, feed, recipient or author.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnvelopeInfo<'a> {
    /// `["meguri/v1/epoch", feed, n, kcv, recipient, generation, author]`
    Epoch {
        /// The space.
        feed: &'a FeedId,
        /// The epoch.
        n: u64,
        /// Its check value.
        kcv: &'a [u8; 32],
        /// The team.
        recipient: &'a TeamId,
        /// The team's generation it is sealed to.
        gen_no: u64,
        /// The device that made it.
        author: &'a [u8; 16],
    },
    /// `["meguri/v1/generation", team or h'', generation, public key, recipient, author]`
    Generation {
        /// The team; none in its Genesis.
        team: Option<&'a TeamId>,
        /// The generation inside.
        gen_no: u64,
        /// Its public key.
        public_key: &'a [u8],
        /// A device id or key id.
        recipient: &'a [u8; 16],
        /// The `kid` of the device that made it, or its key id in a Genesis.
        author: &'a [u8; 16],
    },
    /// `["meguri/v1/mailbox", mailbox, slot]`
    Mailbox {
        /// The mailbox.
        mailbox: &'a [u8; 32],
        /// The slot.
        slot: u64,
    },
}

impl EnvelopeInfo<'_> {
    /// The bytes of HPKE `info`.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Out::default();
        match self {
            Self::Epoch { feed, n, kcv, recipient, gen_no, author } => {
                out.array(7);
                out.text("meguri/v1/epoch");
                feed.put(&mut out);
                out.u64(*n);
                out.bytes(*kcv);
                recipient.put(&mut out);
                out.u64(*gen_no);
                out.bytes(*author);
            }
            Self::Generation { team, gen_no, public_key, recipient, author } => {
                out.array(6);
                out.text("meguri/v1/generation");
                out.bytes(team.map_or(&[], TeamId::as_bytes));
                out.u64(*gen_no);
                out.bytes(public_key);
                out.bytes(*recipient);
                out.bytes(*author);
            }
            Self::Mailbox { mailbox, slot } => {
                out.array(3);
                out.text("meguri/v1/mailbox");
                out.bytes(*mailbox);
                out.u64(*slot);
            }
        }
        out.finish()
    }
}

/// The X-Wing public key (1216 bytes) of a private key (its 32-byte seed).
///
/// # Errors
/// [`SealError::BadKey`], never for 32 bytes.
pub fn public_key(private: &Secret) -> Result<Vec<u8>, SealError> {
    Ok(XWing::sk_to_pk(&private_key(private)?).to_bytes().to_vec())
}

fn private_key(private: &Secret) -> Result<<XWing as Kem>::PrivateKey, SealError> {
    <XWing as Kem>::PrivateKey::from_bytes(private.bytes()).map_err(|_| SealError::BadKey)
}

/// Seals `plaintext` to an X-Wing public key.
///
/// # Errors
/// [`SealError::BadKey`].
pub fn seal_to(
    public: &[u8],
    info: &EnvelopeInfo<'_>,
    plaintext: &[u8],
    rng: &mut dyn CryptoRng,
) -> Result<Vec<u8>, SealError> {
    let public = <XWing as Kem>::PublicKey::from_bytes(public).map_err(|_| SealError::BadKey)?;
    let mut rng = rng;
    let (enc, ciphertext) = single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, XWing>(
        &OpModeS::Base,
        &public,
        &info.to_bytes(),
        plaintext,
        &[],
        &mut rng,
    )
    .map_err(|_| SealError::BadKey)?;
    let mut envelope = enc.to_bytes().to_vec();
    envelope.extend_from_slice(&ciphertext);
    Ok(envelope)
}

/// Opens an envelope with an X-Wing private key.
///
/// # Errors
/// [`SealError::BadBytes`] if too short, [`SealError::DoesNotOpen`].
pub fn open_with(
    private: &Secret,
    info: &EnvelopeInfo<'_>,
    envelope: &[u8],
) -> Result<zeroize::Zeroizing<Vec<u8>>, SealError> {
    let (enc, ciphertext) = envelope.split_at_checked(ENC_BYTES).ok_or(SealError::BadBytes)?;
    let enc = <XWing as Kem>::EncappedKey::from_bytes(enc).map_err(|_| SealError::BadBytes)?;
    single_shot_open::<ChaCha20Poly1305, HkdfSha256, XWing>(
        &OpModeR::Base,
        &private_key(private)?,
        &enc,
        &info.to_bytes(),
        ciphertext,
        &[],
    )
    .map(zeroize::Zeroizing::new)
    .map_err(|_| SealError::DoesNotOpen)
}
