//! Counts events of a key within a day, and says once when there were enough.

use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use shikaku::instant::UnixTime;

use super::generations::Generations;

/// Keys that one tally remembers in each generation.
const REMEMBERED: usize = 50_000;
/// A count begins anew so many seconds after it began.
const DAY: u64 = 86_400;

/// Says, once a day for each key, that something happened for the `enough`th time.
pub struct Tally<K> {
    enough: u32,
    counts: Mutex<Generations<K, Count>>,
}

#[derive(Clone, Copy)]
struct Count {
    events: u32,
    since: UnixTime,
}

impl<K: Hash + Eq> Tally<K> {
    /// Speaks at the `enough`th event.
    pub fn new(enough: u32) -> Self {
        Self { enough, counts: Mutex::new(Generations::new(REMEMBERED)) }
    }

    /// Notes an event; `true` exactly when it is the one that makes it enough.
    pub fn note(&self, key: K, now: UnixTime) -> bool {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = Count { events: 0, since: now };
        let mut count = counts.take(&key).filter(|count| now.since(count.since) < DAY).unwrap_or(fresh);
        count.events = count.events.saturating_add(1);
        counts.put(key, count);
        count.events == self.enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fifth_event_of_a_day_speaks_and_no_other() {
        let tally = Tally::new(5);
        let spoken: Vec<_> = (1..=20).filter(|second| tally.note('a', UnixTime(*second))).collect();
        assert_eq!(spoken, [5]);
        assert!(!tally.note('b', UnixTime(21)));
        let next_day: Vec<_> = (1..=20).filter(|second| tally.note('a', UnixTime(DAY + second))).collect();
        assert_eq!(next_day, [5]);
    }
}
