//! Full-jitter backoff with a seeded generator.

/// The first wait is at most this long.
pub(crate) const FIRST_MS: u64 = 1_000;
/// No wait of our own is longer.
pub(crate) const MOST_MS: u64 = 5 * 60 * 1_000;
/// No wait is shorter, so that a jitter of zero is no busy loop.
pub(crate) const LEAST_MS: u64 = 100;
/// A relay may ask for at most this.
pub(crate) const RETRY_AFTER_MS_MAX: u64 = 60 * 60 * 1_000;

/// SplitMix64: spreads retries, decides nothing secret.
#[derive(Debug)]
pub(crate) struct Jitter(u64);

impl Jitter {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`; 0 where there is none.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next()).unwrap_or(usize::MAX).checked_rem(end).unwrap_or(0)
    }

    /// When to try again after the `failures`-th failure in a row.
    pub(crate) fn until_ms(&mut self, now_ms: i64, failures: u32, retry_after_ms: u64) -> i64 {
        let doubled = FIRST_MS << failures.saturating_sub(1).min(16);
        let wait = self.next() % (doubled.min(MOST_MS) + 1);
        let wait = wait.max(LEAST_MS).max(retry_after_ms.min(RETRY_AFTER_MS_MAX));
        now_ms.saturating_add(i64::try_from(wait).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_five_minutes_and_are_spread() {
        let mut jitter = Jitter::new(1);
        for failures in 1..40 {
            let most = (FIRST_MS << (failures - 1).min(20)).min(MOST_MS) as i64;
            let waits: Vec<i64> = (0..200).map(|_| jitter.until_ms(0, failures, 0)).collect();
            assert!(waits.iter().all(|wait| (LEAST_MS as i64..=most).contains(wait)));
            assert!(waits.iter().any(|wait| *wait > most / 2));
            assert!(waits.iter().any(|wait| *wait < most / 2));
        }
        assert_eq!(jitter.until_ms(7, 1, 20_000), 20_007);
        assert_eq!(jitter.until_ms(0, 1, u64::MAX), RETRY_AFTER_MS_MAX as i64);
    }
}
