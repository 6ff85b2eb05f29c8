//! A card that mostly answers as it should, and otherwise as the octets say.

use std::cell::RefCell;
use std::collections::BTreeMap;

use shikaku::tap::Fault;
use shikaku_rules::dialogue::Answer;
use shikaku_virtual_card::{Capabilities, Card, NamedKey, Quirks};

use super::Octets;

/// Status words that the card is known to say, one of each class beside them.
const WORDS: [u16; 32] = [
    0x9000, 0x6100, 0x6101, 0x61ff, 0x6281, 0x6282, 0x6300, 0x63c0, 0x63c1, 0x63c2, 0x63c3, 0x63c4, 0x63cf,
    0x6400, 0x6581, 0x6700, 0x6881, 0x6882, 0x6982, 0x6983, 0x6984, 0x6985, 0x6a80, 0x6a81, 0x6a82, 0x6a86,
    0x6b00, 0x6c00, 0x6c36, 0x6d00, 0x6e00, 0x6f00,
];

const FAULTS: [Fault; 9] = [
    Fault::TagLost,
    Fault::Timeout,
    Fault::Cancelled,
    Fault::CardAbsent,
    Fault::TwoCards,
    Fault::ReaderAbsent,
    Fault::ReaderBusy,
    Fault::ReaderFailed,
    Fault::OtherKind,
];

/// What an octet below this says: the card answers as it should.
pub(super) const WELL: u8 = 0xa0;
/// A raw answer follows: its length in two octets, then the answer.
pub(super) const RAW: u8 = 0xf0;

/// One card in a field that is not to be trusted.
pub(super) struct Troubled<'a> {
    card: Card,
    octets: Octets<'a>,
}

thread_local! {
    /// Cards as they were made. Signing is by far the dearest thing in a run, so they remember what they signed.
    static CARDS: RefCell<BTreeMap<&'static str, Card>> = const { RefCell::new(BTreeMap::new()) };
}

impl<'a> Troubled<'a> {
    /// `understood` has a bit for each optional command, and one for misunderstanding; zero is what the card's data say.
    pub(super) fn new(name: &'static str, understood: u8, octets: Octets<'a>) -> Self {
        let card = CARDS.with_borrow_mut(|cards| {
            cards
                .entry(name)
                .or_insert_with(|| Card::from_name(name).unwrap().remembering_signatures())
                .clone()
        });
        let card = if understood == 0 { card } else { card.with_capabilities(capabilities(understood)) };
        Self { card, octets }
    }

    pub(super) fn certificate(&self) -> Option<&[u8]> {
        self.card.certificate()
    }

    pub(super) fn answer(&mut self, command: &[u8]) -> Answer {
        match self.octets.octet() {
            ..WELL => Ok(self.card.transmit(command)),
            // A status word instead of the card's answer; the card never sees the command.
            kind @ 0xa0..0xc0 => Ok(word(kind).to_be_bytes().to_vec()),
            // The card's data with another word, or cut.
            kind @ 0xc0..0xe0 => {
                let mut answer = self.card.transmit(command);
                answer.truncate(answer.len() - 2);
                answer.extend(word(kind).to_be_bytes());
                Ok(answer)
            }
            0xe0..0xe4 => {
                let mut answer = self.card.transmit(command);
                answer.truncate(usize::from(self.octets.octet()));
                Ok(answer)
            }
            // One octet of it is another.
            0xe4..0xe8 => {
                let mut answer = self.card.transmit(command);
                let at = usize::from(self.octets.word()) % answer.len();
                if let Some(octet) = answer.get_mut(at) {
                    *octet ^= self.octets.octet();
                }
                Ok(answer)
            }
            // Lost, before or after the card has done what it was told.
            kind @ 0xe8..RAW => {
                let how = self.octets.octet();
                if how & 1 == 1 {
                    self.card.transmit(command);
                }
                let at = usize::from(kind & 7) | usize::from(how & 2) << 2;
                Err(FAULTS.get(at).copied().unwrap_or(Fault::TagLost))
            }
            RAW..0xf8 => {
                let length = usize::from(self.octets.word());
                Ok(self.octets.some(length).to_vec())
            }
            // Long, of one octet.
            0xf8.. => {
                let (length, octet) = (usize::from(self.octets.word()) * 2, self.octets.octet());
                Ok([vec![octet; length], vec![0x90, 0x00]].concat())
            }
        }
    }
}

fn word(kind: u8) -> u16 {
    WORDS.get(usize::from(kind & 0x1f)).copied().unwrap_or(0x6f00)
}

fn capabilities(understood: u8) -> Capabilities {
    let bit = |place: u8| understood >> place & 1 == 1;
    let quirks = Quirks {
        named_key: Some(if bit(0) { NamedKey::Garbage } else { NamedKey::Another(0x001a) }),
        pads_bare_hash: true,
        ..Quirks::default()
    };
    Capabilities {
        extended_length: bit(0),
        read_by_short_id: bit(1),
        verify_by_short_id: bit(2),
        sign_by_short_id: bit(3),
        sign_bare_hash: bit(4),
        warns_at_end: bit(5),
        quirks: if bit(7) { quirks } else { Quirks::default() },
    }
}
