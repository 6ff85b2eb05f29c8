//! How long a real card and its radio would have taken, as numbers: nothing here waits.

use serde::Deserialize;

/// A model of card and radio. Times in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Timing {
    /// Bit rate of the radio: 106, 212 or 424 kbit/s.
    bit_rate_kbps: u64,
    /// Largest frame, its three octets of envelope included (FSC of ISO 14443-4): 256, or 64 in the other family.
    frame_octets: u64,
    /// Frame waiting time: how long the card may be silent. 309 ms or 2474 ms by card family.
    frame_waiting_us: u64,
    /// Turn-around of each frame.
    frame_us: u64,
    /// What the card thinks about any command.
    command_us: u64,
    /// What a VERIFY adds (it writes to non-volatile memory).
    verify_us: u64,
    /// What a signature adds.
    signature_us: u64,
}

/// Envelope of a frame: PCB and two octets of CRC.
const ENVELOPE: u64 = 3;
/// Bits of one octet on the air, start and stop bit included (ISO 14443-3 type B).
const BITS_PER_OCTET: u64 = 10;

/// What the card had to do for a command beyond answering.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effort {
    Plain,
    Verified,
    Signed,
}

impl Timing {
    /// Microseconds for one exchange of so many octets.
    pub(crate) fn exchange(&self, command: usize, response: usize, effort: Effort) -> u64 {
        let work = self.command_us
            + match effort {
                Effort::Plain => 0,
                Effort::Verified => self.verify_us,
                Effort::Signed => self.signature_us,
            };
        // Each time the waiting time runs out the card asks for more of it: one frame each way.
        let extensions = 2 * (work / self.frame_waiting_us.max(1));
        self.air(command) + self.air(response) + work + extensions * self.frame(1)
    }

    fn air(&self, octets: usize) -> u64 {
        let mut left = u64::try_from(octets).unwrap_or(u64::MAX).min(1 << 20);
        let room = self.frame_octets.saturating_sub(ENVELOPE).max(1);
        let mut micros = 0;
        while left > room {
            // A chained frame is acknowledged by an empty one.
            micros += self.frame(room) + self.frame(0);
            left -= room;
        }
        micros + self.frame(left)
    }

    fn frame(&self, payload: u64) -> u64 {
        self.frame_us + (payload + ENVELOPE) * BITS_PER_OCTET * 1000 / self.bit_rate_kbps.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CARD: Timing = Timing {
        bit_rate_kbps: 106,
        frame_octets: 256,
        frame_waiting_us: 309_000,
        frame_us: 500,
        command_us: 1_000,
        verify_us: 20_000,
        signature_us: 400_000,
    };

    #[test]
    fn a_certificate_takes_about_as_long_as_its_bits_on_the_air() {
        let micros = CARD.exchange(7, 1592, Effort::Plain);
        assert!((150_000..180_000).contains(&micros), "{micros}");
    }

    #[test]
    fn small_frames_and_slow_arithmetic_cost_more() {
        let small = Timing { frame_octets: 64, ..CARD };
        assert!(small.exchange(7, 258, Effort::Plain) > CARD.exchange(7, 258, Effort::Plain));
        assert!(CARD.exchange(57, 258, Effort::Signed) > CARD.exchange(57, 258, Effort::Plain) + 400_000);
    }

    #[test]
    fn a_broken_model_still_gives_a_number() {
        let broken = Timing { bit_rate_kbps: 0, frame_octets: 0, frame_waiting_us: 0, ..CARD };
        assert!(broken.exchange(5, 10, Effort::Plain) > 0);
    }
}
