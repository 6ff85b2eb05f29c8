//! Dialogues to be compared, each run over a virtual card until nothing is left to be learned.

use shikaku::certificate::Anchors;
use shikaku::instant::UnixTime;
use shikaku::tap::{Form, Outcome, Probe, ReaderLimits, Stage, Step, Strategy, Tap, TapRequest};
use shikaku_virtual_card::issue::Authority;
use shikaku_virtual_card::{Capabilities, Card};

use super::super::tap_request::{inputs, request};
use crate::airtime::Octets;
use crate::failure::Failure;

/// Most taps until everything is known: one for each form, and one that changes nothing.
const MOST_TAPS: usize = 8;
/// Within the validity of the virtual card's certificate: 2026-07-01.
const NOW: UnixTime = UnixTime(1_782_864_000);

/// What a card understands, and what is tried on it.
pub(super) struct Dialogue {
    /// As it is called.
    pub(super) name: &'static str,
    capabilities: Capabilities,
    wanted: Strategy,
}

/// A tap when everything is known.
pub(super) struct Settled {
    /// What each exchange carried, the closing select apart.
    pub(super) exchanges: Vec<Octets>,
    /// Exchanges that leave the card.
    pub(super) closing: usize,
    /// Probes that were refused until then: one exchange each, once.
    pub(super) refused: usize,
    /// The forms that are in use.
    pub(super) forms: Vec<Form>,
    /// Octets of the certificate.
    pub(super) certificate: usize,
}

impl Settled {
    /// Octets of all commands, and of all answers.
    pub(super) fn octets(&self) -> Octets {
        self.exchanges.iter().fold((0, 0), |sum, octets| (sum.0 + octets.0, sum.1 + octets.1))
    }
}

const NOTHING: Capabilities = Capabilities {
    extended_length: false,
    read_by_short_id: false,
    verify_by_short_id: false,
    sign_by_short_id: false,
    sign_bare_hash: false,
    ..Capabilities::EVERY
};
const EXTENDED: Strategy = Strategy::STANDARD.with(Form::ExtendedRead, Probe::Untried);

/// The dialogues of the table, from the standard forms to the shortest.
pub(super) const DIALOGUES: [Dialogue; 7] = [
    Dialogue {
        name: "標準形",
        capabilities: Capabilities { extended_length: true, ..NOTHING },
        wanted: EXTENDED,
    },
    Dialogue {
        name: "＋鍵を短い番号で",
        capabilities: Capabilities { extended_length: true, sign_by_short_id: true, ..NOTHING },
        wanted: EXTENDED.with(Form::KeyByShortId, Probe::Untried),
    },
    Dialogue {
        name: "＋証明書も（既定）", capabilities: Capabilities::EVERY, wanted: Strategy::DEFAULT
    },
    Dialogue {
        name: "＋残り回数と照合も",
        capabilities: Capabilities::EVERY,
        wanted: Strategy::EVERY.with(Form::BareHash, Probe::Off),
    },
    Dialogue {
        name: "＋ハッシュだけを渡す", capabilities: Capabilities::EVERY, wanted: Strategy::EVERY
    },
    Dialogue {
        name: "既定、何も知らないカード", capabilities: NOTHING, wanted: Strategy::DEFAULT
    },
    Dialogue { name: "全部、何も知らないカード", capabilities: NOTHING, wanted: Strategy::EVERY },
];

impl Dialogue {
    /// Taps the card again and again, each with what the last one learned, until nothing changes.
    pub(super) fn settle(&self, limits: ReaderLimits) -> Result<Settled, Failure> {
        let card = Card::from_name("default").map_err(Failure::plain)?.with_capabilities(self.capabilities);
        let authority = Authority::test().map_err(Failure::plain)?;
        let anchors = Anchors::none().with_test(authority.certificate()).map_err(Failure::plain)?;
        let inputs = inputs(NOW)?;
        let mut strategy = self.wanted;
        for _ in 0..MOST_TAPS {
            let request = TapRequest { limits, strategy, ..request(&inputs, b"1234", &anchors)? };
            let (learned, settled) = tap(card.clone(), request)?;
            if learned == strategy {
                let refused = Form::ALL.iter().filter(|form| learned.probe(**form) == Probe::Refused).count();
                return Ok(Settled { refused, ..settled });
            }
            strategy = learned;
        }
        Err(Failure::plain(format_args!("{}: taps go on learning", self.name)))
    }
}

fn tap(mut card: Card, request: TapRequest) -> Result<(Strategy, Settled), Failure> {
    let mut tap = Tap::new(request);
    let (mut exchanges, mut closing) = (Vec::new(), 0);
    let mut step = tap.start();
    loop {
        match step {
            Step::Transmit { command, stage, .. } => {
                let response = card.transmit(&command);
                match stage {
                    Stage::Closing => closing += 1,
                    _ => exchanges.push((command.len(), response.len())),
                }
                step = tap.advance(&response);
            }
            Step::Done(Outcome::Signed(signed)) => {
                let in_use = |form: &Form| signed.strategy.probe(*form) == Probe::Works;
                let forms = Form::ALL.into_iter().filter(in_use).collect();
                let certificate = signed.certificate.len();
                return Ok((signed.strategy, Settled { exchanges, closing, refused: 0, forms, certificate }));
            }
            Step::Done(Outcome::Ended(end)) => return Err(Failure::coded(end.code(), end.cause)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::airtime::{Model, Radio, Rate};

    /// Exchanges in 256-octet reads and in extended ones, refused probes in each; libnfc's 251 octets as the first.
    #[test]
    fn every_dialogue_takes_the_exchanges_that_the_design_counts() {
        let expected = [(14, 8), (13, 7), (12, 6), (11, 5), (11, 5), (14, 14), (14, 14)];
        let refused = [(0, 0), (0, 0), (0, 0), (0, 0), (0, 0), (2, 3), (4, 5)];
        for ((dialogue, counts), refusals) in DIALOGUES.iter().zip(expected).zip(refused) {
            let short = dialogue.settle(ReaderLimits::SHORT).unwrap();
            let extended = dialogue.settle(ReaderLimits::EXTENDED).unwrap();
            let nfc = ReaderLimits { extended_length: false, short_read: 251 };
            assert_eq!((short.exchanges.len(), extended.exchanges.len()), counts, "{}", dialogue.name);
            assert_eq!((short.refused, extended.refused), refusals, "{}", dialogue.name);
            assert_eq!(dialogue.settle(nfc).unwrap().exchanges.len(), counts.0, "{}", dialogue.name);
            assert_eq!((short.closing, extended.closing), (1, 1), "{}", dialogue.name);
        }
    }

    /// By the model, at every rate and frame and even if host and reader took no time.
    #[test]
    fn one_extended_read_is_faster_than_any_short_ones() {
        for dialogue in &DIALOGUES[..5] {
            let extended = dialogue.settle(ReaderLimits::EXTENDED).unwrap();
            assert!(extended.octets().1 < extended.certificate + 300, "the padding stays on the card");
            for short_read in [251, 256] {
                let short = dialogue.settle(ReaderLimits { extended_length: false, short_read }).unwrap();
                for (rate, frame) in
                    Rate::ALL.into_iter().flat_map(|rate| [64, 256].map(|frame| (rate, frame)))
                {
                    let model = Model { radio: Radio { rate, frame }, host_us: 0, signature_us: 0 };
                    let (extended, short) = (model.tap(&extended.exchanges), model.tap(&short.exchanges));
                    assert!(extended < short, "{}, {rate:?}, {frame}: {extended}, {short}", dialogue.name);
                }
            }
        }
    }

    #[test]
    fn the_bare_hash_saves_nineteen_octets_and_no_exchange() {
        let of = |place: usize| DIALOGUES[place].settle(ReaderLimits::EXTENDED).unwrap();
        let (info, hash) = (of(3), of(4));
        assert_eq!(info.exchanges.len(), hash.exchanges.len());
        assert_eq!(info.octets().0, hash.octets().0 + 19);
    }
}
