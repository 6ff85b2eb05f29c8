//! Waits that grow with each failure.

use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use shikaku::instant::UnixTime;

use super::TooMany;
use super::generations::Generations;

/// Keys that one back-off remembers in each generation.
const REMEMBERED: usize = 50_000;
/// The longest wait, seconds.
const LONGEST: u64 = 900;
/// Failures are forgotten when a key has been quiet for so long, seconds.
const FORGOTTEN: u64 = 3_600;

/// Counts failures for each key; after some free ones each doubles the wait, from 2 s to 15 min.
pub struct Backoff<K> {
    free: u32,
    failures: Mutex<Generations<K, Failures>>,
}

#[derive(Clone, Copy)]
struct Failures {
    count: u32,
    last: UnixTime,
}

impl<K: Hash + Eq> Backoff<K> {
    /// `free` failures cost nothing.
    pub fn new(free: u32) -> Self {
        Self { free, failures: Mutex::new(Generations::new(REMEMBERED)) }
    }

    /// Whether `key` may try now, or when.
    pub fn admit(&self, key: K, now: UnixTime) -> Result<(), TooMany> {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(mut entry) = failures.take(&key) else { return Ok(()) };
        // A clock that was set back must not stretch a wait.
        entry.last = entry.last.min(now);
        let quiet = now.since(entry.last);
        if quiet >= FORGOTTEN {
            return Ok(());
        }
        failures.put(key, entry);
        match self.wait(entry.count).checked_sub(quiet) {
            None | Some(0) => Ok(()),
            Some(seconds) => Err(TooMany { seconds }),
        }
    }

    /// Notes a failure of `key`.
    pub fn failed(&self, key: K, now: UnixTime) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let count = failures.take(&key).map_or(0, |entry| entry.count);
        failures.put(key, Failures { count: count.saturating_add(1), last: now });
    }

    /// Forgets the failures of `key`.
    pub fn succeeded(&self, key: &K) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).take(key);
    }

    fn wait(&self, failures: u32) -> u64 {
        match failures.checked_sub(self.free) {
            None | Some(0) => 0,
            Some(beyond) => 1_u64.checked_shl(beyond).map_or(LONGEST, |wait| wait.min(LONGEST)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_after_the_free_failures_up_to_a_quarter_of_an_hour() {
        let backoff = Backoff::new(3);
        let mut waits = Vec::new();
        for _ in 0..16 {
            backoff.failed('a', UnixTime(0));
            waits.push(backoff.admit('a', UnixTime(0)).err().map_or(0, |too_many| too_many.seconds));
        }
        assert_eq!(waits, [0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900]);
    }

    #[test]
    fn a_key_is_admitted_when_its_wait_is_over_and_not_before() {
        let backoff = Backoff::new(0);
        backoff.failed('a', UnixTime(100));
        assert_eq!(backoff.admit('a', UnixTime(101)), Err(TooMany { seconds: 1 }));
        assert_eq!(backoff.admit('a', UnixTime(102)), Ok(()));
        assert_eq!(backoff.admit('b', UnixTime(100)), Ok(()));
    }

    #[test]
    fn success_and_an_hour_of_quiet_forget_the_failures() {
        let backoff = Backoff::new(0);
        for _ in 0..20 {
            backoff.failed('a', UnixTime(0));
        }
        assert_eq!(backoff.admit('a', UnixTime(3_600)), Ok(()));
        backoff.failed('a', UnixTime(3_600));
        backoff.succeeded(&'a');
        assert_eq!(backoff.admit('a', UnixTime(3_600)), Ok(()));
    }
}
