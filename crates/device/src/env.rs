//! Clock, offset and randomness of the installation. The only place that names
//! the real ones; a simulation passes its own.

use meguri_seal::slots::KdfCost;
use rand_core::{TryCryptoRng, TryRng};
use std::convert::Infallible;
use std::sync::Arc;

/// Where time and randomness come from.
pub trait Env: Send + Sync {
    /// Milliseconds UTC.
    fn now_ms(&self) -> i64;
    /// Offset from UTC in minutes.
    fn zone_min(&self) -> i32;
    /// Cryptographic randomness.
    fn fill_random(&self, out: &mut [u8]);
    /// Waits; a simulation advances its clock instead.
    fn sleep_ms(&self, ms: u64);
    /// What a new passphrase slot costs to open. Only a simulation, whose profiles guard nothing, asks for less.
    fn kdf_cost(&self) -> KdfCost {
        KdfCost::STANDARD
    }
}

/// The real clock and the system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEnv;

impl Env for SystemEnv {
    fn now_ms(&self) -> i64 {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }

    /// The region's offset: Meguri's facilities are in Japan, which has one.
    fn zone_min(&self) -> i32 {
        540
    }

    /// A system without randomness must not go on: keys would be known.
    fn fill_random(&self, out: &mut [u8]) {
        if getrandom::fill(out).is_err() {
            std::process::abort();
        }
    }

    fn sleep_ms(&self, ms: u64) {
        std::thread::sleep(std::time::Duration::from_millis(ms));
    }
}

/// An [`Env`] as the generator that key-making functions take.
#[derive(Clone)]
pub struct EnvRng(pub Arc<dyn Env>);

impl std::fmt::Debug for EnvRng {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EnvRng")
    }
}

impl TryRng for EnvRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.0.fill_random(&mut bytes);
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.0.fill_random(&mut bytes);
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill_random(out);
        Ok(())
    }
}

impl TryCryptoRng for EnvRng {}
