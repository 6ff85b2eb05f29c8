//! The service's clock, as a value.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use shikaku::instant::UnixTime;

/// Tells the time to whoever holds it. A value and not a global, so that a test can stand at any moment.
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    System,
    Held(Arc<AtomicU64>),
}

impl Clock {
    /// The machine's clock.
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still until [`Clock::set`] moves it. Clones share the same hand.
    pub fn held_at(moment: UnixTime) -> Self {
        Self(Source::Held(Arc::new(AtomicU64::new(moment.0))))
    }

    /// Moves the hand of a held clock; the machine's clock is not ours to move and stays as it is.
    pub fn set(&self, moment: UnixTime) {
        if let Source::Held(hand) = &self.0 {
            hand.store(moment.0, Ordering::SeqCst);
        }
    }

    /// The present moment. A machine that stands before 1970 is taken to stand at 1970.
    pub fn now(&self) -> UnixTime {
        match &self.0 {
            Source::System => {
                UnixTime(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()))
            }
            Source::Held(hand) => UnixTime(hand.load(Ordering::SeqCst)),
        }
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_held_clock_stands_until_it_is_moved_and_its_clones_move_with_it() {
        let clock = Clock::held_at(UnixTime(100));
        let clone = clock.clone();
        clock.set(UnixTime(186_500));
        assert_eq!(clone.now(), UnixTime(186_500));
    }

    #[test]
    fn the_system_clock_cannot_be_moved() {
        let clock = Clock::system();
        clock.set(UnixTime(1));
        assert!(clock.now() > UnixTime(1_700_000_000));
    }
}
