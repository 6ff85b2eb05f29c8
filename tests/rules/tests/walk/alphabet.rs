//! Everything that a card or a reader can say to one command.

use shikaku::tap::Fault;
use shikaku_rules::dialogue::Answer;
use shikaku_virtual_card::{Capabilities, Card};

/// One way to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reply {
    /// As the card would.
    Well,
    /// This word and nothing else; the card never sees the command.
    Word(u16),
    /// The card's data with this word.
    DataAnd(u16),
    /// The first half of the card's data.
    Half,
    /// The card's answer with one bit turned over, in the middle of its data.
    Turned,
    /// These octets.
    Raw(&'static [u8]),
    /// So many octets of noise, and 9000.
    Noise(usize),
    /// No answer.
    Fault(Fault),
}

/// Each status word that is known of this card, and one at least of every class that ISO 7816-4 has.
const WORDS: [u16; 33] = [
    0x9000, 0x6100, 0x6102, 0x6281, 0x6282, 0x6300, 0x6381, 0x63c0, 0x63c1, 0x63c2, 0x63c3, 0x63c4, 0x63cf,
    0x6400, 0x6581, 0x6600, 0x6700, 0x6881, 0x6882, 0x6982, 0x6983, 0x6984, 0x6985, 0x6a80, 0x6a81, 0x6a82,
    0x6a86, 0x6b00, 0x6c00, 0x6c04, 0x6d00, 0x6e00, 0x6f00,
];

const FAULTS: [Fault; 9] = [
    Fault::TagLost,
    Fault::Timeout,
    Fault::Cancelled,
    Fault::CardAbsent,
    Fault::TwoCards,
    Fault::OtherKind,
    Fault::ReaderAbsent,
    Fault::ReaderBusy,
    Fault::ReaderFailed,
];

/// The whole alphabet but for [`Reply::Well`].
pub(crate) fn deviations() -> Vec<Reply> {
    let mut all: Vec<Reply> = WORDS.iter().map(|word| Reply::Word(*word)).collect();
    all.extend([0x6282, 0x6102, 0x63c3, 0x6300].map(Reply::DataAnd));
    all.extend([Reply::Half, Reply::Turned]);
    // Nothing at all, half a word, one octet of data, the beginning of something else, of something far too long.
    all.extend(
        [&b""[..], b"\x90", b"\x30\x90\x00", b"\x04\x02\x00\x00\x90\x00", b"\x30\x82\xff\xff\x90\x00"]
            .map(Reply::Raw),
    );
    // As long as was asked for, one longer, longer than extended, longer than any response.
    all.extend([256, 257, 2_049, 65_537].map(Reply::Noise));
    all.extend(FAULTS.map(Reply::Fault));
    all
}

/// One letter of each class: done, a try lost, what is shut or not there, data with one bit wrong, nothing at all.
pub(crate) fn classes() -> Vec<Reply> {
    let mut all: Vec<Reply> = [0x9000, 0x63c1, 0x6982, 0x6a82].map(Reply::Word).into();
    all.extend([Reply::Turned, Reply::Fault(Fault::TagLost)]);
    all
}

impl Reply {
    /// Whether the card sees the command.
    pub(crate) const fn is_heard(self) -> bool {
        matches!(self, Self::Well | Self::DataAnd(_) | Self::Half | Self::Turned)
    }

    /// The answer, with the card's help.
    pub(crate) fn answer(self, card: &mut Card, command: &[u8]) -> Answer {
        match self {
            Self::Well => Ok(card.transmit(command)),
            Self::Word(word) => Ok(word.to_be_bytes().to_vec()),
            Self::DataAnd(word) => {
                let mut answer = card.transmit(command);
                answer.truncate(answer.len() - 2);
                answer.extend(word.to_be_bytes());
                Ok(answer)
            }
            Self::Half => {
                let mut answer = card.transmit(command);
                answer.truncate(answer.len() / 2 - 1);
                answer.extend([0x90, 0x00]);
                Ok(answer)
            }
            Self::Turned => {
                let mut answer = card.transmit(command);
                let middle = (answer.len() - 2) / 2;
                answer[middle] ^= 1;
                Ok(answer)
            }
            Self::Raw(octets) => Ok(octets.to_vec()),
            Self::Noise(length) => Ok([vec![0x5a; length], vec![0x90, 0x00]].concat()),
            Self::Fault(fault) => Err(fault),
        }
    }
}

/// A virtual card that understands every form, so that each is walked to its end; refusals are among the deviations.
pub(crate) fn card(name: &str) -> Card {
    Card::from_name(name).unwrap().with_capabilities(Capabilities::EVERY).remembering_signatures()
}
