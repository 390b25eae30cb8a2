//! How often and how much: a token bucket for each device and each network
//! address, and the bytes of an hour for each device. Held in memory; a relay
//! that starts again starts them afresh.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;

use parking_lot::Mutex;

/// Buckets remembered; beyond it full ones are forgotten, which changes nothing.
const REMEMBERED_MAX: usize = 20_000;
const HOUR_MS: u64 = 3_600_000;

/// How fast a bucket fills, and how much it holds.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Requests per second on average.
    pub per_s: u64,
    /// Requests at once.
    pub burst: u64,
}

#[derive(Clone, Copy)]
struct Bucket {
    tokens_milli: u64,
    at_ms: u64,
    hour: u64,
    bytes: u64,
}

/// Too much: when to come again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Later {
    /// Seconds to wait, at least 1.
    pub after_s: u64,
}

/// Buckets by key.
pub struct Rates<K> {
    pace: Pace,
    bytes_per_hour: u64,
    buckets: Mutex<HashMap<K, Bucket>>,
}

impl<K: Copy + Eq + Hash> Rates<K> {
    /// Empty; every key begins with a full bucket.
    #[must_use]
    pub fn new(pace: Pace, bytes_per_hour: u64) -> Self {
        Self { pace, bytes_per_hour, buckets: Mutex::default() }
    }

    /// Takes one request out.
    ///
    /// # Errors
    /// The bucket is empty.
    pub fn may_ask(&self, key: K, now_ms: u64) -> Result<(), Later> {
        self.with(key, now_ms, |bucket| {
            if bucket.tokens_milli < 1000 {
                let missing = 1000 - bucket.tokens_milli;
                let wait_ms = missing.div_ceil(self.pace.per_s.max(1));
                return Err(Later { after_s: wait_ms.div_ceil(1000).max(1) });
            }
            bucket.tokens_milli -= 1000;
            Ok(())
        })
    }

    /// Counts bytes that are to be stored.
    ///
    /// # Errors
    /// The hour's bytes are used up.
    pub fn may_store(&self, key: K, now_ms: u64, bytes: u64) -> Result<(), Later> {
        self.with(key, now_ms, |bucket| {
            let hour = now_ms / HOUR_MS;
            if bucket.hour != hour {
                (bucket.hour, bucket.bytes) = (hour, 0);
            }
            let sum = bucket.bytes.saturating_add(bytes);
            if sum > self.bytes_per_hour {
                let left_ms = HOUR_MS - now_ms % HOUR_MS;
                return Err(Later { after_s: left_ms.div_ceil(1000).max(1) });
            }
            bucket.bytes = sum;
            Ok(())
        })
    }

    fn with<T>(&self, key: K, now_ms: u64, work: impl FnOnce(&mut Bucket) -> T) -> T {
        let full = self.pace.burst.max(1).saturating_mul(1000);
        let mut buckets = self.buckets.lock();
        if buckets.len() >= REMEMBERED_MAX && !buckets.contains_key(&key) {
            buckets.retain(|_, bucket| {
                self.fill(bucket, full, now_ms);
                bucket.tokens_milli < full || (bucket.bytes > 0 && bucket.hour == now_ms / HOUR_MS)
            });
            if buckets.len() >= REMEMBERED_MAX {
                buckets.clear();
            }
        }
        let fresh = Bucket { tokens_milli: full, at_ms: now_ms, hour: 0, bytes: 0 };
        let bucket = buckets.entry(key).or_insert(fresh);
        self.fill(bucket, full, now_ms);
        work(bucket)
    }

    fn fill(&self, bucket: &mut Bucket, full: u64, now_ms: u64) {
        let gained = now_ms.saturating_sub(bucket.at_ms).saturating_mul(self.pace.per_s);
        bucket.tokens_milli = bucket.tokens_milli.saturating_add(gained).min(full);
        bucket.at_ms = now_ms;
    }
}

/// The other end of a socket; absent where there is none, in process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Peer(pub IpAddr);

impl Peer {
    /// What is counted as one: an IPv4 address, or the /64 of an IPv6 one.
    /// Behind a proxy on this machine, the last address it forwarded for.
    #[must_use]
    pub fn counted(self, forwarded_for: Option<&str>) -> IpAddr {
        let last = forwarded_for.and_then(|text| text.rsplit(',').next()).and_then(|text| text.trim().parse().ok());
        let address = if self.0.is_loopback() { last.unwrap_or(self.0) } else { self.0 };
        match address.to_canonical() {
            IpAddr::V6(six) => IpAddr::V6((u128::from(six) & !u128::from(u64::MAX)).into()),
            four @ IpAddr::V4(_) => four,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_empties_and_fills_again() {
        let rates = Rates::new(Pace { per_s: 2, burst: 3 }, 100);
        for _ in 0..3 {
            assert_eq!(rates.may_ask('a', 10_000), Ok(()));
        }
        assert_eq!(rates.may_ask('a', 10_000), Err(Later { after_s: 1 }));
        assert_eq!(rates.may_ask('b', 10_000), Ok(()), "another key has its own");
        assert_eq!(rates.may_ask('a', 10_499), Err(Later { after_s: 1 }));
        assert_eq!(rates.may_ask('a', 10_500), Ok(()));
        assert_eq!(rates.may_ask('a', 9_000), Err(Later { after_s: 1 }), "a clock that falls back fills nothing");
    }

    #[test]
    fn an_hour_has_its_bytes() {
        let rates = Rates::new(Pace { per_s: 1, burst: 1 }, 100);
        assert_eq!(rates.may_store('a', 1_000, 100), Ok(()));
        assert_eq!(rates.may_store('a', HOUR_MS - 2_500, 1), Err(Later { after_s: 3 }));
        assert_eq!(rates.may_store('a', HOUR_MS, 1), Ok(()));
    }

    #[test]
    fn many_keys_push_out_only_idle_ones() {
        let rates = Rates::new(Pace { per_s: 1, burst: 1 }, 100);
        for key in 0..REMEMBERED_MAX {
            rates.may_ask(key, 1_000).unwrap();
        }
        rates.may_ask(0, 900_000).unwrap();
        rates.may_ask(REMEMBERED_MAX, 900_000).unwrap();
        assert!(rates.may_ask(0, 900_000).is_err(), "the busy one is remembered");
        assert!(rates.buckets.lock().len() < 3);
    }

    #[test]
    fn an_address_is_counted_by_network_and_through_a_local_proxy() {
        let peer = |text: &str| Peer(text.parse().unwrap());
        let counted = |text: &str, forwarded| peer(text).counted(forwarded).to_string();
        assert_eq!(counted("192.0.2.7", Some("198.51.100.1")), "192.0.2.7", "only a local proxy is believed");
        assert_eq!(counted("127.0.0.1", Some("203.0.113.9, 198.51.100.1")), "198.51.100.1");
        assert_eq!(counted("127.0.0.1", Some("rubbish")), "127.0.0.1");
        assert_eq!(counted("2001:db8:1:2:3:4:5:6", None), counted("2001:db8:1:2::1", None));
        assert_eq!(counted("::ffff:192.0.2.7", None), "192.0.2.7");
    }
}
