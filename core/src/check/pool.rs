//! The open challenges of a device: there before a card comes, used once, dropped when they end.

use serde::{Deserialize, Serialize};

use super::OPEN_CHALLENGES;
use crate::instant::UnixTime;
use crate::transcript::Challenge;

/// Seconds a challenge must have left when a tap begins, so that it lives through tap and sending.
pub const SECONDS_FOR_A_TAP: u64 = 120;

/// Challenges that lie ready, at most [`OPEN_CHALLENGES`]. Part of the sealed state: save it after every change, and
/// before a tap begins, so that none is ever signed twice.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ChallengePool {
    open: Vec<Challenge>,
}

impl ChallengePool {
    /// An empty pool.
    pub const fn new() -> Self {
        Self { open: Vec::new() }
    }

    /// Adds what the service issued. Asking for more retires the oldest on the service's side, so the ones that end
    /// last are kept; ended ones are dropped.
    pub fn add(&mut self, issued: Vec<Challenge>, now: UnixTime) {
        for challenge in issued {
            if !self.open.iter().any(|known| known.id == challenge.id) {
                self.open.push(challenge);
            }
        }
        self.drop_ended(now);
        self.open.sort_by_key(|challenge| core::cmp::Reverse(challenge.expires_at));
        self.open.truncate(OPEN_CHALLENGES);
    }

    /// How many to ask the service for, so that the pool is full of challenges that can begin a tap.
    pub fn wanted(&self, now: UnixTime) -> u8 {
        let ready = self.open.iter().filter(|challenge| is_ready(challenge, now)).count();
        u8::try_from(OPEN_CHALLENGES.saturating_sub(ready)).unwrap_or(0)
    }

    /// Takes out a challenge for a tap: of those with at least [`SECONDS_FOR_A_TAP`] left the one that ends first.
    /// It never comes back.
    pub fn take(&mut self, now: UnixTime) -> Option<Challenge> {
        self.drop_ended(now);
        let ready = self.open.iter().enumerate().filter(|(_, challenge)| is_ready(challenge, now));
        let (index, _) = ready.min_by_key(|(_, challenge)| challenge.expires_at)?;
        Some(self.open.remove(index))
    }

    /// Drops everything: after a change of keys, or when the device is released.
    pub fn clear(&mut self) {
        self.open.clear();
    }

    /// Number of challenges.
    pub fn len(&self) -> usize {
        self.open.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    fn drop_ended(&mut self, now: UnixTime) {
        self.open.retain(|challenge| now < challenge.expires_at);
    }
}

fn is_ready(challenge: &Challenge, now: UnixTime) -> bool {
    challenge.expires_at.since(now) >= SECONDS_FOR_A_TAP
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixTime = UnixTime(1_800_000_000);

    fn challenge(id: u8, left: u64) -> Challenge {
        Challenge { id: [id; 16], nonce: [id; 32], issued_at: NOW, expires_at: NOW.plus(left) }
    }

    fn pool(challenges: &[(u8, u64)]) -> ChallengePool {
        let mut pool = ChallengePool::new();
        pool.add(challenges.iter().map(|(id, left)| challenge(*id, *left)).collect(), NOW);
        pool
    }

    #[test]
    fn the_challenge_that_ends_first_is_taken_and_never_comes_back() {
        let mut pool = pool(&[(1, 300), (2, 120), (3, 119)]);
        assert_eq!(pool.take(NOW).unwrap().id, [2; 16]);
        assert_eq!(pool.take(NOW).unwrap().id, [1; 16]);
        assert_eq!(pool.take(NOW), None);
        assert_eq!(pool.len(), 1);
    }

    #[test]
    fn a_tap_begins_only_with_two_minutes_left() {
        let mut pool = pool(&[(1, 300)]);
        assert_eq!(pool.take(NOW.plus(181)), None);
        assert_eq!(pool.wanted(NOW.plus(181)), 4);
        assert!(pool.take(NOW.plus(180)).is_some());
    }

    #[test]
    fn ended_challenges_are_dropped_and_at_most_four_are_kept() {
        let mut pool = pool(&[(1, 10), (2, 300), (3, 299), (4, 298), (5, 297), (6, 296)]);
        assert_eq!(pool.len(), 4);
        assert_eq!(pool.wanted(NOW), 0);
        pool.add(vec![challenge(2, 300)], NOW.plus(297));
        assert_eq!(pool.len(), 3);
    }
}
