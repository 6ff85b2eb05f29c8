//! What the taps at one reader have learned of the forms that cards take, for each card family, while the program runs.

use std::collections::VecDeque;

use shikaku::tap::Strategy;

/// So many families are kept; the one that was met longest ago goes first.
const FAMILIES: usize = 8;

/// What a card says of its make before it is asked anything: the ATR over PC/SC, the protocol bytes of the ATQB over
/// libnfc. Both are a chip's and a profile's, not a card's (PC/SC part 3 puts neither PUPI nor UID into an ATR),
/// and tell apart what answers differently: the two families of plastic cards by their frame waiting time, a phone by
/// its type. Kept in memory alone, never shown or written. A reader that has no such octets has one family.
#[derive(Clone, PartialEq, Eq, Default)]
pub(crate) struct Family(Vec<u8>);

impl Family {
    /// The family of cards that say so.
    pub(crate) fn of(octets: &[u8]) -> Self {
        Self(octets.to_vec())
    }
}

/// What is known of each family.
pub(super) struct Memory {
    wanted: Strategy,
    learned: VecDeque<(Family, Strategy)>,
}

impl Memory {
    /// Of a family that was never met, `wanted` is known.
    pub(super) const fn new(wanted: Strategy) -> Self {
        Self { wanted, learned: VecDeque::new() }
    }

    /// What is known of this family.
    pub(super) fn of(&self, family: &Family) -> Strategy {
        self.learned.iter().find(|(known, _)| known == family).map_or(self.wanted, |(_, strategy)| *strategy)
    }

    /// Takes over what a tap has brought.
    pub(super) fn keep(&mut self, family: &Family, strategy: Strategy) {
        self.learned.retain(|(known, _)| known != family);
        self.learned.truncate(FAMILIES - 1);
        self.learned.push_front((family.clone(), strategy));
    }
}

#[cfg(test)]
mod tests {
    use shikaku::tap::{Form, Probe};

    use super::*;

    #[test]
    fn what_one_family_refuses_another_may_take() {
        let mut memory = Memory::new(Strategy::DEFAULT);
        let (plastic, phone) = (Family::of(&[0x3b, 0x88]), Family::of(&[0x3b, 0x80]));
        let refused = Strategy::DEFAULT.with(Form::KeyByShortId, Probe::Refused);
        memory.keep(&plastic, refused);
        assert_eq!(memory.of(&plastic), refused);
        assert_eq!(memory.of(&phone), Strategy::DEFAULT);
    }

    #[test]
    fn families_without_end_are_not_kept() {
        let mut memory = Memory::new(Strategy::DEFAULT);
        for number in 0..=u8::MAX {
            memory.keep(&Family::of(&[number]), Strategy::STANDARD);
            memory.keep(&Family::of(&[0xff]), Strategy::EVERY);
        }
        assert_eq!(memory.learned.len(), FAMILIES);
        assert_eq!(memory.of(&Family::of(&[0xff])), Strategy::EVERY);
        assert_eq!(memory.of(&Family::of(&[0x00])), Strategy::DEFAULT);
    }
}
