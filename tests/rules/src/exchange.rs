//! One command with all that came for it.

use shikaku::guide::Code;

use crate::Breach;
use crate::dialogue::Answer;

/// One command with all that came for it: octets fetched by GET RESPONSE belong to the command before.
pub(crate) struct Whole<Meaning> {
    pub(crate) meaning: Meaning,
    pub(crate) data: Vec<u8>,
    /// The last status word; `None` if there is none.
    pub(crate) word: Option<u16>,
}

impl<Meaning> Whole<Meaning> {
    pub(crate) fn new(meaning: Meaning, answer: &Answer) -> Self {
        let mut whole = Self { meaning, data: Vec::new(), word: None };
        whole.take(answer);
        whole
    }

    pub(crate) fn take(&mut self, answer: &Answer) {
        self.word = None;
        if let Ok([data @ .., first, second]) = answer.as_deref() {
            self.data.extend(data);
            self.word = Some(u16::from_be_bytes([*first, *second]));
        }
    }

    /// The status word, if nothing came with it.
    pub(crate) fn bare(&self) -> Option<u16> {
        self.word.filter(|_| self.data.is_empty())
    }
}

/// What the card has said of tries last, as far as it did.
#[derive(Default)]
pub(crate) struct Said {
    tries: Option<u8>,
    /// A VERIFY was sent, and whether a try was spent is not known.
    is_unknown: bool,
}

impl Said {
    pub(crate) fn counter(&mut self, word: Option<u16>) {
        // A counter that says nothing takes nothing back: in a visual tap there are two.
        self.tries = word.and_then(left).or(self.tries);
    }

    pub(crate) fn verify(&mut self, word: Option<u16>) {
        match word {
            Some(0x9000) => {}
            // Wrong, by a card that does not count.
            Some(0x6300) => self.tries = None,
            word => {
                self.tries = word.and_then(left);
                self.is_unknown = self.tries.is_none();
            }
        }
    }

    /// Whether an end may say this: `locks` are the codes of a lock, `unknown` is that of a lost answer to VERIFY.
    pub(crate) fn may_end(
        &self,
        code: Code,
        tries: Option<u8>,
        locks: [Code; 2],
        unknown: Code,
    ) -> Result<(), Breach> {
        let is_true = (tries.is_none() || tries == self.tries)
            && (code == unknown) == self.is_unknown
            && (!locks.contains(&code) || self.tries == Some(0));
        if is_true { Ok(()) } else { Err(Breach::Misreported) }
    }
}

/// Tries left by the word of a counter or of a VERIFY.
fn left(word: u16) -> Option<u8> {
    match word.to_be_bytes() {
        [0x63, counted @ 0xc0..=0xcf] => Some(counted & 0x0f),
        [0x69, 0x83 | 0x84] => Some(0),
        _ => None,
    }
}

/// Whether the answer before says nothing but that the same is to be asked with this length.
pub(crate) fn has_named(before: Option<&Answer>, le: u8) -> bool {
    matches!(before, Some(Ok(answer)) if answer[..] == [0x6c, le])
}
