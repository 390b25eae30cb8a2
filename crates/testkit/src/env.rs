//! Clock and randomness from a seed.

use meguri_device::env::Env;
use meguri_seal::slots::KdfCost;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// SplitMix64: small, fast and the same everywhere. Not for keys outside tests.
#[derive(Debug, Clone)]
pub struct Dice(Arc<AtomicU64>);

impl Dice {
    /// From a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Arc::new(AtomicU64::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5bf0_3635)))
    }

    /// The next 64 bits.
    #[must_use]
    pub fn next(&self) -> u64 {
        let state = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed).wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    #[must_use]
    pub fn below(&self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    /// True in `percent` of cases.
    #[must_use]
    pub fn chance(&self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

/// One device's clock: the region's, off by a skew; and its own randomness.
#[derive(Debug, Clone)]
pub struct VirtualEnv {
    now_ms: Arc<AtomicI64>,
    skew_ms: i64,
    dice: Dice,
}

impl VirtualEnv {
    /// On the region's clock.
    #[must_use]
    pub fn new(now_ms: Arc<AtomicI64>, skew_ms: i64, dice: Dice) -> Self {
        Self { now_ms, skew_ms, dice }
    }
}

impl Env for VirtualEnv {
    fn now_ms(&self) -> i64 {
        self.now_ms.load(Ordering::Relaxed) + self.skew_ms
    }

    fn zone_min(&self) -> i32 {
        540
    }

    fn fill_random(&self, out: &mut [u8]) {
        for part in out.chunks_mut(8) {
            let bytes = self.dice.next().to_le_bytes();
            for (to, from) in part.iter_mut().zip(bytes) {
                *to = from;
            }
        }
    }

    /// The least Argon2id takes.
    fn kdf_cost(&self) -> KdfCost {
        KdfCost { memory_kib: 8, passes: 1, lanes: 1 }
    }

    fn sleep_ms(&self, ms: u64) {
        self.now_ms.fetch_add(i64::try_from(ms).unwrap_or(0), Ordering::Relaxed);
    }
}
