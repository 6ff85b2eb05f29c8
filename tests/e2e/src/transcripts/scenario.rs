//! One tap to be recorded, and what must come out of it.

use shikaku::guide::Code;
use shikaku::instant::UnixTime;
use shikaku::tap::{Fault, Form, Probe, ReaderLimits, Strategy};
use shikaku_virtual_card::Capabilities;

/// 2026-07-01T00:00:00Z, within the validity of the virtual cards but the expired one.
const NOW: UnixTime = UnixTime(1_782_864_000);

/// Which roots are believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Roots {
    /// The production roots, and the test CA of the virtual cards.
    Test,
    /// The production roots alone.
    Production,
}

/// What the patient has agreed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreed {
    /// Nothing.
    Nothing,
    /// Knows that two are left.
    Warned,
    /// The last try, on the card of this name.
    LastTryOf(&'static str),
}

/// What goes otherwise than the card would have it. Exchanges count from one.
#[derive(Debug, Clone)]
pub enum Hitch {
    /// The command of this exchange does not reach the card.
    LostBefore(usize, Fault),
    /// The card does what this command says; its answer does not come back.
    LostAfter(usize, Fault),
    /// This answer instead of the card's.
    Instead(usize, Vec<u8>),
    /// The last octet of the card's data is another one.
    Flipped(usize),
}

/// One tap.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Name of the file, without its ending.
    pub name: String,
    /// What it shows.
    pub note: String,
    /// Name of the virtual card.
    pub card: &'static str,
    /// What it understands, if not what its data say.
    pub capabilities: Option<Capabilities>,
    /// What is typed: a PIN of four digits, or a printed number of six or fourteen for a visual tap.
    pub typed: &'static str,
    /// What was agreed to.
    pub agreed: Agreed,
    /// Roots.
    pub roots: Roots,
    /// Reader.
    pub limits: ReaderLimits,
    /// Forms of commands.
    pub strategy: Strategy,
    /// The clock.
    pub now: UnixTime,
    /// What goes wrong.
    pub hitches: Vec<Hitch>,
    /// Code that must come out; `None` for a signature.
    pub code: Option<Code>,
    /// Tries left that must come out.
    pub tries: Option<u8>,
    /// What the tap must have learned.
    pub learns: Vec<(Form, Probe)>,
}

impl Scenario {
    /// A tap of `card` with the PIN 1234, in standard forms and short reads, that must end in a signature with three tries.
    pub fn of(name: &str, card: &'static str, note: &str) -> Self {
        Self {
            name: name.to_owned(),
            note: note.to_owned(),
            card,
            capabilities: None,
            typed: "1234",
            agreed: Agreed::Nothing,
            roots: Roots::Test,
            limits: ReaderLimits::SHORT,
            strategy: Strategy::STANDARD.with(Form::ExtendedRead, Probe::Untried),
            now: NOW,
            hitches: Vec::new(),
            code: None,
            tries: Some(3),
            learns: Vec::new(),
        }
    }

    /// It must have learned this.
    #[must_use]
    pub fn learns(mut self, form: Form, probe: Probe) -> Self {
        self.learns.push((form, probe));
        self
    }

    /// It must end so.
    #[must_use]
    pub fn ends(self, code: Code, tries: Option<u8>) -> Self {
        Self { code: Some(code), tries, ..self }
    }

    /// It must end in a signature, the counter having shown `tries`.
    #[must_use]
    pub fn signs(self, tries: u8) -> Self {
        Self { code: None, tries: Some(tries), ..self }
    }

    /// Over a reader that carries extended length.
    #[must_use]
    pub fn extended(self) -> Self {
        Self { limits: ReaderLimits::EXTENDED, ..self }
    }

    /// On a card that understands this.
    #[must_use]
    pub fn knowing(self, capabilities: Capabilities) -> Self {
        Self { capabilities: Some(capabilities), ..self }
    }

    /// In these forms.
    #[must_use]
    pub fn in_forms(self, strategy: Strategy) -> Self {
        Self { strategy, ..self }
    }

    /// With this PIN, or printed number.
    #[must_use]
    pub fn typed(self, typed: &'static str) -> Self {
        Self { typed, ..self }
    }

    /// With this consent.
    #[must_use]
    pub fn agreed(self, agreed: Agreed) -> Self {
        Self { agreed, ..self }
    }

    /// Where production is asked.
    #[must_use]
    pub fn in_production(self) -> Self {
        Self { roots: Roots::Production, ..self }
    }

    /// At this time.
    #[must_use]
    pub fn at(self, now: UnixTime) -> Self {
        Self { now, ..self }
    }

    /// With this hitch.
    #[must_use]
    pub fn but(mut self, hitch: Hitch) -> Self {
        self.hitches.push(hitch);
        self
    }
}
