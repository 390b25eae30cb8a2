//! A chart's export: its content, and the file around it.

use super::canonical;
use meguri_seal::derive::hkdf32;
use meguri_seal::export::FORMAT;
use meguri_seal::slots::KdfCost;
use meguri_seal::{ChartExport, KeySlots, SealError, Secret, SlotKind, seal_blob};
use meguri_wire::cbor::{Cbor, In, Out};
use rand_core::{TryCryptoRng, TryRng};
use std::convert::Infallible;
use std::sync::LazyLock;

const PASSPHRASE: &str = "さくら さくら";
/// The least a slot may cost.
const COST: KdfCost = KdfCost { memory_kib: 8, passes: 1, lanes: 1 };
static KEY: LazyLock<Secret> = LazyLock::new(|| Secret::new([0x51; 32]));
static SLOTS: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut slots = KeySlots::default();
    slots.put(SlotKind::Passphrase, &KEY, PASSPHRASE, None, COST, &mut Same).expect("a slot");
    slots.to_bytes()
});

/// Always the same bytes.
struct Same;

impl TryRng for Same {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(7)
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(7)
    }
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        out.fill(7);
        Ok(())
    }
}

impl TryCryptoRng for Same {}

/// A file whose one part holds these bytes.
#[must_use]
pub fn sealed_export(content: &[u8]) -> Vec<u8> {
    let mut out = Out::default();
    out.array(3);
    out.text(FORMAT);
    out.bytes(&SLOTS);
    out.array(1);
    out.bytes(&part(content));
    out.finish()
}

fn part(content: &[u8]) -> Vec<u8> {
    let key = hkdf32(KEY.bytes(), &[b"export", &[0; 8], &[1]]).expect("a derived key");
    seal_blob(&Secret::new(key), content).expect("a small part").1
}

/// The content as it stands and sealed by somebody who knows the passphrase; the file as it came, but with slots that
/// cost little, for a cost is memory.
pub fn export(bytes: &[u8]) {
    let content = canonical::<ChartExport>(bytes);
    match ChartExport::open(PASSPHRASE, &sealed_export(bytes)) {
        Ok(found) => assert!(content.is_none_or(|content| content == found), "not what was sealed"),
        Err(error) => assert!(content.is_none() && error != SealError::DoesNotOpen, "sealed here: {error}"),
    }
    if let Some(file) = with_own_slots(bytes)
        && let Ok(found) = ChartExport::open(PASSPHRASE, &file)
    {
        assert!(file.ends_with(&part(&found.to_bytes())), "only what was sealed here opens");
    }
}

/// The same file, so far as it is one, with the slots from here.
fn with_own_slots(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut input = In::new(bytes);
    input.array().ok()?;
    input.text().ok()?;
    let before = input.position();
    input.bytes().ok()?;
    let mut own = Out::default();
    own.raw(bytes.get(..before)?);
    own.bytes(&SLOTS);
    own.raw(bytes.get(input.position()..)?);
    Some(own.finish())
}
