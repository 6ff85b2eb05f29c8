//! The open challenges of a device: there before a card comes, used once, dropped when they end.

use serde::{Deserialize, Serialize};

use super::OPEN_CHALLENGES;
use crate::instant::UnixTime;
use crate::transcript::Challenge;

/// Seconds a challenge must have left when a tap begins, so that it lives through tap and sending.
pub const SECONDS_FOR_A_TAP: u64 = 120;

/// [`OPEN_CHALLENGES`] as the wire counts them.
const MOST: u8 = 4;
const _: () = assert!(MOST as usize == OPEN_CHALLENGES);

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

    /// Takes what the service issued in place of everything that was there: a request for as many as a device may
    /// hold retires whatever was open before, also what a broken-off tap took out and never sent.
    pub fn fill(&mut self, issued: Vec<Challenge>, now: UnixTime) {
        self.open.clear();
        for challenge in issued {
            if !self.open.iter().any(|known| known.id == challenge.id) {
                self.open.push(challenge);
            }
        }
        self.drop_ended(now);
        self.open.truncate(OPEN_CHALLENGES);
    }

    /// How many to ask the service for now: none while two can begin a tap, else as many as the device may hold
    /// (`limit`, from its settings). Never to be asked for while a signed check is unsent: they would retire its
    /// challenge.
    pub fn wanted(&self, limit: u8, now: UnixTime) -> u8 {
        let limit = limit.clamp(1, MOST);
        let ready = self.open.iter().filter(|challenge| is_ready(challenge, now)).count();
        if ready >= usize::from(limit.min(2)) { 0 } else { limit }
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
        pool.fill(challenges.iter().map(|(id, left)| challenge(*id, *left)).collect(), NOW);
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
        assert!(pool.take(NOW.plus(180)).is_some());
    }

    #[test]
    fn a_pool_with_fewer_than_two_ready_is_filled_whole() {
        let pool = pool(&[(1, 300), (2, 299), (3, 100)]);
        assert_eq!(pool.wanted(4, NOW), 0);
        assert_eq!(pool.wanted(4, NOW.plus(180)), 4);
        assert_eq!(pool.wanted(1, NOW.plus(180)), 0);
        assert_eq!(ChallengePool::new().wanted(1, NOW), 1);
        assert_eq!(ChallengePool::new().wanted(9, NOW), 4);
    }

    #[test]
    fn what_was_there_before_is_gone_and_at_most_four_are_kept() {
        let mut pool = pool(&[(1, 10), (2, 300), (3, 299), (4, 298), (5, 297), (6, 296)]);
        assert_eq!(pool.len(), 4);
        pool.fill(vec![challenge(7, 300), challenge(7, 300), challenge(8, 5)], NOW.plus(5));
        assert_eq!(pool.take(NOW.plus(5)).unwrap().id, [7; 16]);
        assert!(pool.is_empty());
    }
}
