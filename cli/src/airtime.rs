//! How long a tap takes by arithmetic: radio of ISO/IEC 14443 type B, the card's RSA, the host. Nothing is measured here.
//!
//! Quantities bear the standard's names, without clauses: its text is not free. Bit, character, start and end of frame
//! and the card's two delays stand in data sheets of type B chips too (ST CRX14, "ISO14443 type-B radio frequency data
//! transfer"); blocks and chaining in the public drafts of part 4; `docs/unconfirmed.md` says how to measure them. Where
//! the standard gives a span, the shortest time is taken, so a real reader is slower: the model says what the wire asks
//! for, not what a reader adds.

/// Carrier frequency fc, kHz (part 2).
const CARRIER_KHZ: u64 = 13_560;
/// Periods of the carrier for one bit at the lowest rate: one etu, 128/fc, 106 kbit/s (part 2).
const PERIODS: u64 = 128;
/// Bits of a type B character: start, eight, stop (part 3). The extra guard time (EGT) may be nothing.
const CHARACTER: u64 = 10;
/// Start of frame (SOF), 10 to 11 etu low and 2 to 3 high, and end of frame (EOF), 10 to 11 low (part 3).
const DELIMITERS: u64 = 22;
/// Block format: protocol control byte (PCB) and two octets of CRC; no CID, no NAD (part 4).
const ENVELOPE: u64 = 3;
/// Guard time (TR0) and synchronisation time (TR1) before the card's frame, at least 64 and 80 periods of the
/// subcarrier, each 16 of the carrier (part 3).
const CARD_DELAY_PERIODS: u64 = (64 + 80) * 16;
/// Bits from the end of the card's frame to the start of the reader's: least frame delay (TR2; part 3).
const READER_DELAY: u64 = 14;
/// Frame waiting time (FWT) of the faster card family, microseconds, as its answer to the reader's request (ATQB) has
/// it: after it the card asks for more time with S(WTX), one octet each way (part 4).
const WAITING_US: u64 = 309_000;
/// Octets that any dialogue has to carry beside the certificate: PIN, hash, signature.
const CARRIED: u64 = 4 + 32 + 256;

/// Octets of one exchange: command, and answer with its status word.
pub(crate) type Octets = (usize, usize);

/// The bit rate in both directions, as the reader's ATTRIB chooses it (part 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rate {
    K106,
    K212,
    K424,
}

impl Rate {
    /// All three.
    pub(crate) const ALL: [Self; 3] = [Self::K106, Self::K212, Self::K424];

    /// As it is called, kbit/s.
    pub(crate) const fn kbps(self) -> u64 {
        match self {
            Self::K106 => 106,
            Self::K212 => 212,
            Self::K424 => 424,
        }
    }

    /// Nanoseconds for so many bits.
    const fn bits(self, bits: u64) -> u64 {
        bits * PERIODS * 1_000_000 * 106 / (CARRIER_KHZ * self.kbps())
    }
}

/// How card and reader speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Radio {
    /// Both directions.
    pub(crate) rate: Rate,
    /// Largest frame, envelope included, in both directions (FSC and FSD).
    pub(crate) frame: u64,
}

impl Radio {
    /// Nanoseconds on the air for one command and its answer, chained where they fill more than a frame: each chained
    /// frame is acknowledged by an empty one, R(ACK) (part 4, chaining).
    pub(crate) fn exchange(self, (sent, received): Octets) -> u64 {
        let (forth, back) = (self.frames(sent), self.frames(received));
        let down = forth.iter().map(|octets| self.reader_frame(*octets)).sum::<u64>();
        let up = back.iter().map(|octets| self.card_frame(*octets)).sum::<u64>();
        let acknowledged = |frames: &[u64]| u64::try_from(frames.len().saturating_sub(1)).unwrap_or(0);
        down + acknowledged(&forth) * self.card_frame(0) + up + acknowledged(&back) * self.reader_frame(0)
    }

    fn frames(self, octets: usize) -> Vec<u64> {
        let room = self.frame.saturating_sub(ENVELOPE).max(1);
        let octets = u64::try_from(octets).unwrap_or(u64::MAX).min(1 << 20);
        let last = octets.saturating_sub(1) / room;
        (0..=last).map(|at| room.min(octets - at * room)).collect()
    }

    const fn reader_frame(self, octets: u64) -> u64 {
        self.rate.bits(READER_DELAY + DELIMITERS + (ENVELOPE + octets) * CHARACTER)
    }

    const fn card_frame(self, octets: u64) -> u64 {
        CARD_DELAY_PERIODS * 1_000_000 / CARRIER_KHZ
            + self.rate.bits(DELIMITERS + (ENVELOPE + octets) * CHARACTER)
    }
}

/// What a tap is made of besides its octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Model {
    /// The radio.
    pub(crate) radio: Radio,
    /// What host, driver and reader add to each exchange, microseconds.
    pub(crate) host_us: u64,
    /// What the card takes for its one RSA signature, microseconds.
    pub(crate) signature_us: u64,
}

impl Model {
    /// Microseconds for a tap of these exchanges, one of which is the signature.
    pub(crate) fn tap(self, exchanges: &[Octets]) -> u64 {
        let air: u64 = exchanges.iter().map(|octets| self.radio.exchange(*octets)).sum();
        let count = u64::try_from(exchanges.len()).unwrap_or(0);
        (air / 1000) + count * self.host_us + self.signature()
    }

    /// Microseconds of the signature, with what the card needs to ask for its time.
    pub(crate) fn signature(self) -> u64 {
        self.signature_us + self.signature_us / WAITING_US * self.radio.exchange((1, 1)) / 1000
    }

    /// Microseconds that no dialogue can go below: the bits of certificate, PIN, hash and signature with nothing
    /// around them, and the RSA.
    pub(crate) fn limit(self, certificate: usize) -> u64 {
        let octets = u64::try_from(certificate).unwrap_or(u64::MAX).min(1 << 20) + CARRIED;
        self.radio.rate.bits(octets * CHARACTER) / 1000 + self.signature_us
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLOW: Radio = Radio { rate: Rate::K106, frame: 256 };

    #[test]
    fn a_bit_lasts_as_long_as_the_carrier_says() {
        assert_eq!(Rate::K106.bits(1), 9_439);
        assert_eq!(Rate::K212.bits(1), 4_719);
        assert_eq!(Rate::K424.bits(1000), 2_359_882);
    }

    /// 7 octets forth: 14 + 22 + 100 bits; 1,592 back in seven frames of 253 octets at most, each with 22 bits around
    /// 3 more octets and the card's delay, six of them acknowledged by an empty frame of 14 + 22 + 30 bits.
    #[test]
    fn an_extended_read_is_what_its_frames_add_up_to() {
        let delay = (64 + 80) * 16 * 1_000_000 / 13_560;
        let bits = 136 + 7 * 22 + (1592 + 7 * 3) * 10 + 6 * 66;
        let counted = SLOW.exchange((7, 1592));
        assert!(counted.abs_diff(Rate::K106.bits(bits) + 7 * delay) < 20, "{counted}");
    }

    #[test]
    fn small_frames_cost_more_and_higher_rates_less() {
        let small = Radio { frame: 64, ..SLOW };
        assert!(small.exchange((7, 258)) > SLOW.exchange((7, 258)));
        assert!(small.exchange((7, 61)) == SLOW.exchange((7, 61)), "one frame is one frame");
        for rates in Rate::ALL.windows(2) {
            let of = |rate| Radio { rate, frame: 256 }.exchange((5, 258));
            assert!(of(rates[0]) > of(rates[1]));
        }
    }

    #[test]
    fn no_tap_is_faster_than_its_limit_and_a_slow_signature_asks_for_time() {
        let exchanges = [(16, 2), (7, 1592), (4, 2), (9, 2), (57, 258)];
        for rate in Rate::ALL {
            for signature_us in [55_000, 200_000, 420_000] {
                let model = Model { radio: Radio { rate, frame: 256 }, host_us: 0, signature_us };
                assert!(model.tap(&exchanges) > model.limit(1590));
                assert_eq!(model.signature() > signature_us, signature_us > WAITING_US);
            }
        }
        let model = Model { radio: SLOW, host_us: 0, signature_us: 0 };
        assert_eq!(model.limit(1590), Rate::K106.bits(18_820) / 1000);
    }
}
