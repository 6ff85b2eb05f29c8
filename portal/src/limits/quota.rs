//! A bucket of tokens for each key.

use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use shikaku::instant::UnixTime;

use super::TooMany;
use super::generations::Generations;

/// Buckets that one quota remembers in each generation.
const REMEMBERED: usize = 50_000;

/// How fast a bucket fills, and how much it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Tokens that flow in each minute; at least 1.
    pub per_minute: u32,
    /// Tokens that the full bucket holds; at least 1.
    pub burst: u32,
}

/// A bucket for each key, full at first; each request takes one token.
pub struct Quota<K> {
    rate: Rate,
    buckets: Mutex<Generations<K, Bucket>>,
}

/// Level in sixtieths of a token, so that whole seconds of inflow are whole numbers.
#[derive(Clone, Copy)]
struct Bucket {
    level: u64,
    at: UnixTime,
}

impl<K: Hash + Eq> Quota<K> {
    /// A quota whose buckets are all full.
    pub fn new(rate: Rate) -> Self {
        Self { rate, buckets: Mutex::new(Generations::new(REMEMBERED)) }
    }

    /// Takes a token from the bucket of `key`, or says when there will be one. A refused request takes none.
    pub fn take(&self, key: K, now: UnixTime) -> Result<(), TooMany> {
        let full = u64::from(self.rate.burst.max(1)) * 60;
        let inflow = u64::from(self.rate.per_minute.max(1));
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.take(&key).unwrap_or(Bucket { level: full, at: now });
        let level = bucket.level.saturating_add(now.since(bucket.at).saturating_mul(inflow)).min(full);
        let (left, outcome) = match level.checked_sub(60) {
            Some(left) => (left, Ok(())),
            None => (level, Err(TooMany { seconds: (60 - level).div_ceil(inflow) })),
        };
        buckets.put(key, Bucket { level: left, at: now });
        outcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHECKS: Rate = Rate { per_minute: 30, burst: 10 };

    fn taken(quota: &Quota<u8>, key: u8, now: u64) -> usize {
        (0..1_000).take_while(|_| quota.take(key, UnixTime(now)).is_ok()).count()
    }

    #[test]
    fn a_burst_of_ten_then_thirty_a_minute() {
        let quota = Quota::new(CHECKS);
        assert_eq!(taken(&quota, 1, 1_000), 10);
        assert_eq!(quota.take(1, UnixTime(1_000)), Err(TooMany { seconds: 2 }));
        assert_eq!(quota.take(1, UnixTime(1_001)), Err(TooMany { seconds: 1 }));
        assert_eq!(quota.take(1, UnixTime(1_002)), Ok(()));
        let minute: usize = (1_003..1_063).map(|second| taken(&quota, 1, second)).sum();
        assert_eq!(minute, 30);
    }

    #[test]
    fn one_key_does_not_drain_another() {
        let quota = Quota::new(CHECKS);
        assert_eq!(taken(&quota, 1, 1_000), 10);
        assert_eq!(taken(&quota, 2, 1_000), 10);
    }

    #[test]
    fn an_idle_bucket_fills_to_its_burst_and_no_further() {
        let quota = Quota::new(CHECKS);
        assert_eq!(taken(&quota, 1, 1_000), 10);
        assert_eq!(taken(&quota, 1, 1_000_000), 10);
    }

    #[test]
    fn a_clock_set_back_does_not_lock_a_key_out_for_long() {
        let quota = Quota::new(CHECKS);
        assert_eq!(taken(&quota, 1, 1_000_000), 10);
        assert_eq!(quota.take(1, UnixTime(500)), Err(TooMany { seconds: 2 }));
        assert_eq!(quota.take(1, UnixTime(502)), Ok(()));
    }
}
