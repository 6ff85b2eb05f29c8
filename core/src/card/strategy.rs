//! What a reader can carry and what a card has shown to understand, as data.
//!
//! Forms that are not *seen by several independent clients on real cards* are used only behind a probe with a
//! fall-back, and no command ever tries two of them for the first time, so that a refusal names its cause. What a
//! tap learned comes back with its outcome; a shell may keep it for each reader and card family for as long as its
//! process lives, never for a card: nothing identifies a card before its certificate, and no certificate is kept.
//!
//! # What a tap costs
//!
//! Exchanges for a certificate of 1,537 to 1,792 octets, its closing select and refused probes (one each, once)
//! apart. SELECT of the application, VERIFY and the signature are three in every form.
//!
//! | form | exchanges, 256-octet reads | exchanges, one extended read |
//! |---|---|---|
//! | standard: SELECT 000A + reads, SELECT 0018 + counter, SELECT 0017 | 3 + 1 + 7 + 2 + 1 = **14** | 3 + 1 + 1 + 2 + 1 = **8** |
//! | key by short id: no SELECT 0017 | **13** | **7** |
//! | and read by short id: no SELECT 000A | 12 | 6 |
//! | and counter and VERIFY by short id: no SELECT 0018 | **11** | **5** |
//!
//! An extended read is the fastest only if it leaves the padding behind the certificate where it is: 458 octets of it,
//! as on the virtual card, take 43 ms at 106 kbit/s, more than the six exchanges saved. So it asks for the longest
//! certificate that this family has shown, and a longer one costs one exchange more, once.
//! `shikaku card bench --table` shows it for every rate and frame.
//!
//! 5 is `SELECT AP · 00B08A00 000638 · 00200098 · 0020009804… · 802A009733…00`. The bare hash saves octets, not
//! exchanges.

use core::fmt;
use core::num::NonZeroU16;
use core::str::FromStr;

use crate::apdu::command::{EXTENDED_READ, SHORT_READ};

/// Octets of the one user-authentication certificate that is published, that of a J-LIS test card, and of those that
/// peers' dialogues were counted with.
const PUBLISHED_CERTIFICATE: u16 = 1_590;
/// A first extended read asks for a multiple of this: certificates of one issuer differ by an octet or two, as their
/// serial numbers do.
const ROUNDED_TO: u16 = 8;
/// The word for the longest certificate in recordings and reports.
const LONGEST_CERTIFICATE: &str = "longest-certificate";

/// What the reader in use can carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReaderLimits {
    /// Whether commands with an extended Le may be sent at all.
    pub extended_length: bool,
    /// Most octets to ask for in one short read, 1 to 256; anything else counts as the nearest of these.
    pub short_read: u16,
}

impl ReaderLimits {
    /// 256-octet reads, nothing extended: what every reader carries.
    pub const SHORT: Self = Self { extended_length: false, short_read: SHORT_READ };
    /// Extended length too.
    pub const EXTENDED: Self = Self { extended_length: true, short_read: SHORT_READ };

    /// Octets of one short read, 1 to 256.
    pub(crate) fn part(self) -> u16 {
        self.short_read.clamp(1, SHORT_READ)
    }
}

/// What is known of a form that not every card understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Probe {
    /// Not wanted: do without and do not try.
    Off,
    /// Not tried yet: try it once.
    #[default]
    Untried,
    /// A card of this family at this reader has answered it.
    Works,
    /// Refused, answered otherwise than it should be, or the card was gone after it: do without.
    Refused,
}

impl Probe {
    /// Every value, in the order of the words of a recording.
    pub const ALL: [Self; 4] = [Self::Off, Self::Untried, Self::Works, Self::Refused];

    /// The word for it in recordings and reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Untried => "untried",
            Self::Works => "works",
            Self::Refused => "refused",
        }
    }

    /// Whether the form may be sent.
    pub(crate) const fn is_usable(self) -> bool {
        matches!(self, Self::Untried | Self::Works)
    }

    /// What is known while the form is under way. Should the card be gone after it, the next tap trusts it less: some
    /// stacks report a command that they cannot carry as a lost tag.
    pub(crate) const fn doubted(self) -> Self {
        match self {
            Self::Works => Self::Untried,
            Self::Untried | Self::Refused => Self::Refused,
            Self::Off => Self::Off,
        }
    }
}

/// A form of a command that not every card understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// READ BINARY with an extended Le: the certificate in one exchange.
    ExtendedRead,
    /// READ BINARY that names the certificate's file: no SELECT of it.
    ReadByShortId,
    /// The PIN's counter, its file named in the query.
    CounterByShortId,
    /// VERIFY that names the PIN's file: no SELECT of it.
    VerifyByShortId,
    /// A signature that names the key's file: no SELECT of it.
    KeyByShortId,
    /// A signature over the bare hash: 19 octets less to send.
    BareHash,
}

impl Form {
    /// Every form, in the order of a tap.
    pub const ALL: [Self; 6] = [
        Self::ExtendedRead,
        Self::ReadByShortId,
        Self::CounterByShortId,
        Self::VerifyByShortId,
        Self::KeyByShortId,
        Self::BareHash,
    ];

    /// Its name in recordings, options and reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ExtendedRead => "extended-read",
            Self::ReadByShortId => "read-by-short-id",
            Self::CounterByShortId => "counter-by-short-id",
            Self::VerifyByShortId => "verify-by-short-id",
            Self::KeyByShortId => "key-by-short-id",
            Self::BareHash => "bare-hash",
        }
    }
}

/// No form has this name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no form of a command has this name")]
pub struct UnknownForm;

impl FromStr for Form {
    type Err = UnknownForm;

    fn from_str(name: &str) -> Result<Self, UnknownForm> {
        Self::ALL.into_iter().find(|form| form.as_str() == name).ok_or(UnknownForm)
    }
}

/// Which forms to use, and what has been learned of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Strategy {
    /// [`Form::ExtendedRead`]
    pub extended_read: Probe,
    /// [`Form::ReadByShortId`]
    pub read_by_short_id: Probe,
    /// [`Form::CounterByShortId`]: of use only where VERIFY may follow in the same form.
    pub counter_by_short_id: Probe,
    /// [`Form::VerifyByShortId`]: sent only after the counter, asked so in the same tap, has shown every try.
    pub verify_by_short_id: Probe,
    /// [`Form::KeyByShortId`]
    pub key_by_short_id: Probe,
    /// [`Form::BareHash`]
    pub bare_hash: Probe,
    /// Octets of the longest certificate that was believed, 0 if none was: what an extended read asks for. A length,
    /// nothing of a person: it stays the same from card to card.
    pub longest_certificate: u16,
}

impl Strategy {
    /// The forms that every card understands, and no other.
    pub const STANDARD: Self = Self {
        extended_read: Probe::Off,
        read_by_short_id: Probe::Off,
        counter_by_short_id: Probe::Off,
        verify_by_short_id: Probe::Off,
        key_by_short_id: Probe::Off,
        bare_hash: Probe::Off,
        longest_certificate: 0,
    };

    /// What a tap tries unless told otherwise: the forms that save an exchange and can be fallen back from.
    ///
    /// VERIFY by short id is not among them: a card that answers it strangely may have counted a try, which no
    /// fall-back gives back, and nobody has seen a card answer it. Nor is its counter, which saves nothing alone, nor
    /// the bare hash, which saves no exchange.
    pub const DEFAULT: Self = Self {
        extended_read: Probe::Untried,
        read_by_short_id: Probe::Untried,
        key_by_short_id: Probe::Untried,
        ..Self::STANDARD
    };

    /// Every form, to be tried on cards whose owner wants to know.
    pub const EVERY: Self = Self {
        counter_by_short_id: Probe::Untried,
        verify_by_short_id: Probe::Untried,
        bare_hash: Probe::Untried,
        ..Self::DEFAULT
    };

    /// What is known of `form`.
    pub const fn probe(&self, form: Form) -> Probe {
        match form {
            Form::ExtendedRead => self.extended_read,
            Form::ReadByShortId => self.read_by_short_id,
            Form::CounterByShortId => self.counter_by_short_id,
            Form::VerifyByShortId => self.verify_by_short_id,
            Form::KeyByShortId => self.key_by_short_id,
            Form::BareHash => self.bare_hash,
        }
    }

    /// The same but for `form`.
    #[must_use]
    pub const fn with(mut self, form: Form, probe: Probe) -> Self {
        match form {
            Form::ExtendedRead => self.extended_read = probe,
            Form::ReadByShortId => self.read_by_short_id = probe,
            Form::CounterByShortId => self.counter_by_short_id = probe,
            Form::VerifyByShortId => self.verify_by_short_id = probe,
            Form::KeyByShortId => self.key_by_short_id = probe,
            Form::BareHash => self.bare_hash = probe,
        }
        self
    }

    /// What the first extended read asks for, 264 to 2,048 octets: more than a short one could.
    pub(crate) fn extended_part(self) -> u16 {
        let longest = match self.longest_certificate {
            0 => PUBLISHED_CERTIFICATE,
            longest => longest.clamp(SHORT_READ + 1, EXTENDED_READ),
        };
        longest.next_multiple_of(ROUNDED_TO)
    }

    /// A certificate of so many octets was believed.
    pub(crate) fn note_certificate(&mut self, length: usize) {
        let length = u16::try_from(length).unwrap_or(EXTENDED_READ);
        self.longest_certificate = self.longest_certificate.max(length);
    }

    /// Whether the certificate's file is named in the read. Not while the extended Le is still to be tried.
    pub(crate) fn names_certificate(self, limits: ReaderLimits) -> bool {
        let is_extended_known = !limits.extended_length || self.extended_read != Probe::Untried;
        self.read_by_short_id.is_usable() && is_extended_known
    }

    /// Whether VERIFY may name the PIN's file once the counter has been read so.
    pub(crate) const fn names_pin(self) -> bool {
        self.counter_by_short_id.is_usable() && self.verify_by_short_id.is_usable()
    }

    /// Whether the bare hash is signed. Not while the key's short id is still to be tried.
    pub(crate) fn signs_bare_hash(self) -> bool {
        self.bare_hash.is_usable() && self.key_by_short_id != Probe::Untried
    }
}

impl Default for Strategy {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// `form=state` for each form, as recordings have it, and `longest-certificate=octets` once one has been seen.
impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, form) in Form::ALL.into_iter().enumerate() {
            let blank = if place == 0 { "" } else { " " };
            write!(f, "{blank}{}={}", form.as_str(), self.probe(form).as_str())?;
        }
        match self.longest_certificate {
            0 => Ok(()),
            octets => write!(f, " {LONGEST_CERTIFICATE}={octets}"),
        }
    }
}

/// Not `form=state` for each form once, with one longest certificate at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a strategy names every form once, each with its state")]
pub struct NotAStrategy;

impl FromStr for Strategy {
    type Err = NotAStrategy;

    fn from_str(text: &str) -> Result<Self, NotAStrategy> {
        let mut strategy = Self::STANDARD;
        let mut missing = Form::ALL.to_vec();
        for word in text.split_whitespace() {
            let (form, state) = word.split_once('=').ok_or(NotAStrategy)?;
            if form == LONGEST_CERTIFICATE && strategy.longest_certificate == 0 {
                let octets: NonZeroU16 = state.parse().map_err(|_| NotAStrategy)?;
                strategy.longest_certificate = octets.get();
                continue;
            }
            let form = form.parse().map_err(|_| NotAStrategy)?;
            let probe = Probe::ALL.into_iter().find(|probe| probe.as_str() == state).ok_or(NotAStrategy)?;
            let place = missing.iter().position(|other| *other == form).ok_or(NotAStrategy)?;
            missing.swap_remove(place);
            strategy = strategy.with(form, probe);
        }
        if missing.is_empty() { Ok(strategy) } else { Err(NotAStrategy) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strategy_is_read_back_as_it_is_written() {
        for strategy in [Strategy::STANDARD, Strategy::DEFAULT, Strategy::EVERY] {
            assert_eq!(strategy.to_string().parse(), Ok(strategy));
        }
        for form in Form::ALL {
            assert_eq!(form.as_str().parse(), Ok(form));
            for probe in Probe::ALL {
                let strategy = Strategy::STANDARD.with(form, probe);
                assert_eq!(strategy.probe(form), probe);
                assert_eq!(strategy.to_string().parse(), Ok(strategy));
            }
        }
        let whole = Strategy::EVERY.to_string();
        let long = Strategy { longest_certificate: 1_593, ..Strategy::EVERY };
        assert_eq!(long.to_string(), format!("{whole} longest-certificate=1593"));
        assert_eq!(long.to_string().parse(), Ok(long));
        for text in [
            "",
            "extended-read=off",
            &format!("{whole} bare-hash=off"),
            &whole.replace('=', " "),
            &format!("{whole} longest-certificate=0"),
            &format!("{whole} longest-certificate=65536"),
            &format!("{long} longest-certificate=1593"),
            "longest-certificate=1593",
        ] {
            assert_eq!(text.parse::<Strategy>(), Err(NotAStrategy), "{text}");
        }
    }

    #[test]
    fn an_extended_read_asks_for_the_longest_certificate_and_a_little_more() {
        let part =
            |longest_certificate| Strategy { longest_certificate, ..Strategy::DEFAULT }.extended_part();
        let asked = [(0, 1_592), (1_584, 1_584), (1_585, 1_592), (1_593, 1_600), (2_041, 2_048)];
        assert_eq!(asked.map(|(longest, _)| part(longest)), asked.map(|(_, asked)| asked));
        for longest in 0..=u16::MAX {
            assert!((SHORT_READ + 1..=EXTENDED_READ).contains(&part(longest)), "{longest}");
        }
        let mut strategy = Strategy::DEFAULT;
        for (length, longest) in [(1_580, 1_580), (1_577, 1_580), (1_590, 1_590), (70_000, EXTENDED_READ)] {
            strategy.note_certificate(length);
            assert_eq!(strategy.longest_certificate, longest);
        }
    }

    #[test]
    fn no_form_in_which_a_pin_could_be_lost_is_tried_unless_it_is_asked_for() {
        for form in [Form::CounterByShortId, Form::VerifyByShortId] {
            assert_eq!(Strategy::default().probe(form), Probe::Off);
        }
        assert!(!Strategy::default().names_pin());
        assert!(!Strategy { counter_by_short_id: Probe::Refused, ..Strategy::EVERY }.names_pin());
        assert!(!Strategy { verify_by_short_id: Probe::Refused, ..Strategy::EVERY }.names_pin());
    }

    #[test]
    fn two_forms_are_never_tried_for_the_first_time_in_one_command() {
        assert!(!Strategy::EVERY.names_certificate(ReaderLimits::EXTENDED));
        assert!(Strategy::EVERY.names_certificate(ReaderLimits::SHORT));
        assert!(!Strategy::EVERY.signs_bare_hash());
        for settled in [Probe::Off, Probe::Works, Probe::Refused] {
            let strategy = Strategy { extended_read: settled, key_by_short_id: settled, ..Strategy::EVERY };
            assert!(strategy.names_certificate(ReaderLimits::EXTENDED) && strategy.signs_bare_hash());
        }
    }
}
