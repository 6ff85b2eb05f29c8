//! The rules of a visual tap (目視確認): what may be opened by which printed number, and when it may be sent.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};
use shikaku::evidence::Record;
use shikaku::guide::Code;
use shikaku::replay::Inputs;
use shikaku::tap::{Consent, Fault, VisualEvidence, VisualOutcome};

use crate::command::EXTENDED;
use crate::dialogue::{Answer, End, Passed};
use crate::exchange::{Said, Whole, has_named};
use crate::{Breach, DIGEST_INFO, Judge, binding};

/// What a visual tap was begun with, as far as the rules need it.
#[derive(Debug, Clone)]
pub struct VisualRules {
    /// Exactly what was typed: six digits or fourteen.
    pub number: Vec<u8>,
    /// What was agreed to.
    pub consent: Consent,
    /// Certificates that are to be believed under the roots and at the time of the tap, DER.
    pub believed: Vec<Vec<u8>>,
    /// Card-verifiable certificates and records that their issuers did sign.
    pub genuine: Vec<Vec<u8>>,
    /// The transcript's octets but for the certificate's digest.
    head: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Application {
    Jpki,
    Surface,
    TextInput,
    CardManager,
    DrivingLicence,
}

const APPLICATIONS: [(&[u8], Application); 5] = [
    (b"\xd3\x92\xf0\x00\x26\x01\x00\x00\x00\x01", Application::Jpki),
    (b"\xd3\x92\x10\x00\x31\x00\x01\x01\x04\x02", Application::Surface),
    (b"\xd3\x92\x10\x00\x31\x00\x01\x01\x04\x08", Application::TextInput),
    (b"\xa0\x00\x00\x01\x51\x00\x00", Application::CardManager),
    (b"\xa0\x00\x00\x02\x31\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", Application::DrivingLicence),
];

/// A file of an application.
type File = (Application, u8);

const CERTIFICATE: File = (Application::Jpki, 0x0a);
const VOUCHING: File = (Application::Surface, 0x04);
const BIRTH_DATE: File = (Application::Surface, 0x11);
const CODE_B: File = (Application::Surface, 0x12);
const CODE_B_FOR_TEXT: File = (Application::TextInput, 0x15);

/// What six digits may read, and what they are held against: of the JPKI application certificate, token information and
/// availability record.
const LIGHT: (&[File], &[File]) = (
    &[
        CERTIFICATE,
        (Application::Jpki, 0x06),
        (Application::Jpki, 0x08),
        VOUCHING,
        (Application::Surface, 0x01),
    ],
    &[BIRTH_DATE],
);
/// What fourteen may.
const FULL: (&[File], &[File]) = (
    &[
        CERTIFICATE,
        (Application::Jpki, 0x06),
        (Application::Jpki, 0x08),
        VOUCHING,
        (Application::Surface, 0x02),
        (Application::TextInput, 0x02),
    ],
    &[CODE_B, CODE_B_FOR_TEXT],
);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning<'a> {
    Select(Application),
    File(File),
    Read(usize),
    Counter,
    Verify(&'a [u8]),
    Sign { data: &'a [u8], le: u8 },
}

/// What is known so far.
#[derive(Default)]
struct Known {
    application: Option<Application>,
    file: Option<File>,
    /// Files as far as they were read.
    read: BTreeMap<File, Vec<u8>>,
    /// What each counter said last.
    counters: BTreeMap<File, u16>,
    /// Keys that a number was sent for.
    sent: BTreeSet<File>,
    /// Those that accepted it.
    accepted: BTreeSet<File>,
    signatures: usize,
    left: bool,
    said: Said,
}

impl VisualRules {
    /// The rules of a visual tap with these inputs, in which nothing else is to be believed.
    pub fn new(inputs: &Inputs, believed: &[&[u8]], genuine: &[&[u8]]) -> Self {
        let owned = |octets: &[&[u8]]| octets.iter().map(|octets| octets.to_vec()).collect();
        Self {
            number: inputs.test_number.clone().unwrap_or_default(),
            consent: inputs.consent,
            believed: owned(believed),
            genuine: owned(genuine),
            head: [b"shikaku-visual-check/v1\0", &binding(inputs)[..]].concat(),
        }
    }

    fn depth(&self) -> (&'static [File], &'static [File]) {
        if self.number.len() == 6 { LIGHT } else { FULL }
    }

    /// The meaning of a command, if it may be sent at all where the card is now.
    fn meaning<'a>(&self, known: &Known, command: &'a [u8]) -> Option<Meaning<'a>> {
        let (readable, keys) = self.depth();
        let is_readable = known.file.is_some_and(|file| readable.contains(&file));
        match command {
            [0x00, 0xa4, 0x04, 0x0c, length, aid @ ..] if usize::from(*length) == aid.len() => {
                let (_, application) = APPLICATIONS.iter().find(|(known, _)| *known == aid)?;
                let is_deep = *application != Application::TextInput || self.number.len() == 14;
                is_deep.then_some(Meaning::Select(*application))
            }
            [0x00, 0xa4, 0x02, 0x0c, 0x02, 0x00, file] => {
                let file = (known.application?, *file);
                (readable.contains(&file) || keys.contains(&file)).then_some(Meaning::File(file))
            }
            [0x00, 0xb0, high @ 0x00..=0x7f, low, _] if is_readable => {
                Some(Meaning::Read(usize::from(u16::from_be_bytes([*high, *low]))))
            }
            // Extended, of the certificate alone.
            [0x00, 0xb0, high @ 0x00..=0x7f, low, 0x00, more, less]
                if known.file == Some(CERTIFICATE)
                    && EXTENDED.contains(&u16::from_be_bytes([*more, *less])) =>
            {
                Some(Meaning::Read(usize::from(u16::from_be_bytes([*high, *low]))))
            }
            [0x00, 0x20, 0x00, 0x80] if known.file.is_some_and(|file| keys.contains(&file)) => {
                Some(Meaning::Counter)
            }
            [0x00, 0x20, 0x00, 0x80, length, number @ ..] if usize::from(*length) == number.len() => {
                Some(Meaning::Verify(number))
            }
            [0x80, 0x2a, 0x00, 0x00, 0x33, data @ .., le]
                if known.application == Some(Application::Surface) =>
            {
                Some(Meaning::Sign { data, le: *le })
            }
            _ => None,
        }
    }

    fn may_send(
        &self,
        known: &Known,
        last: Option<&Whole<Meaning<'_>>>,
        meaning: Meaning<'_>,
        before: Option<&Answer>,
    ) -> Result<(), Breach> {
        let is_refused = known.sent != known.accepted;
        match meaning {
            Meaning::Verify(number) => self.may_verify(known, last, number),
            Meaning::Select(Application::CardManager) => Ok(()),
            _ if is_refused => Err(Breach::AfterRefusal),
            Meaning::Sign { data, le } => {
                if ![BIRTH_DATE, CODE_B].iter().any(|key| known.accepted.contains(key)) {
                    return Err(Breach::SignedWithoutPin);
                }
                let certificate = self.certificate(known).ok_or(Breach::Unbelieved)?;
                let is_ours = data == [DIGEST_INFO, &self.digest(certificate)].concat();
                let is_named = has_named(before, le);
                if !is_ours || (le != 0 && !is_named) {
                    return Err(Breach::ForeignDigest);
                }
                if known.signatures == 0 || is_named { Ok(()) } else { Err(Breach::SignedAgain) }
            }
            _ => Ok(()),
        }
    }

    fn may_verify(
        &self,
        known: &Known,
        last: Option<&Whole<Meaning<'_>>>,
        number: &[u8],
    ) -> Result<(), Breach> {
        let (_, keys) = self.depth();
        let key = known.file.filter(|file| keys.contains(file)).ok_or(Breach::Uninvited)?;
        if known.sent != known.accepted || known.sent.contains(&key) {
            return Err(Breach::SecondVerify);
        }
        if number != self.number {
            return Err(Breach::OtherPin);
        }
        let certificate = self.certificate(known).ok_or(Breach::Unbelieved)?;
        let vouching = known.read.get(&VOUCHING).ok_or(Breach::Unbelieved)?;
        if !self.genuine.iter().any(|genuine| vouching.starts_with(genuine)) {
            return Err(Breach::Unbelieved);
        }
        if !matches!(last, Some(Whole { meaning: Meaning::Counter, .. })) {
            return Err(Breach::NoCounter);
        }
        // Before the number is sent at all, every counter that it will be held against allows it.
        for key in keys {
            self.may_try(*known.counters.get(key).ok_or(Breach::NoCounter)?, certificate)?;
        }
        Ok(())
    }

    fn may_try(&self, counter: u16, certificate: &[u8]) -> Result<(), Breach> {
        // No limit: no try can be lost.
        if counter == 0x6300 {
            return Ok(());
        }
        if counter & 0xfff0 != 0x63c0 || counter == 0x63c0 {
            return Err(Breach::NoCounter);
        }
        let has_one = counter == 0x63c1;
        match self.consent {
            Consent::LastTry { certificate_sha256 }
                if Sha256::digest(certificate)[..] == certificate_sha256 =>
            {
                Ok(())
            }
            _ if has_one => Err(Breach::NoConsent),
            Consent::LastTry { .. } => Err(Breach::OtherCard),
            Consent::None if counter == 0x63c2 => Err(Breach::NotWarned),
            Consent::None | Consent::Warned => Ok(()),
        }
    }

    /// The certificate that the card has given whole, if it is to be believed.
    fn certificate(&self, known: &Known) -> Option<&[u8]> {
        let read = known.read.get(&CERTIFICATE)?;
        self.believed.iter().find(|good| read.starts_with(good)).map(Vec::as_slice)
    }

    fn digest(&self, certificate: &[u8]) -> [u8; 32] {
        Sha256::digest([&self.head[..], &Sha256::digest(certificate)].concat()).into()
    }

    /// Evidence that is handed out is what the card gave for our transcript, and what its issuers signed.
    fn may_prove(
        &self,
        known: &Known,
        signature: Option<&[u8]>,
        evidence: &VisualEvidence,
    ) -> Result<(), Breach> {
        let (_, keys) = self.depth();
        let certificate = self.certificate(known).ok_or(Breach::Unbelieved)?;
        let record = match &evidence.surface.record {
            Record::Age(record) => record.octets(),
            Record::Face(group) => group.octets(),
            _ => return Err(Breach::Untrue),
        };
        let vouching = evidence.surface.certificate.octets();
        let is_true = keys.iter().all(|key| known.accepted.contains(key))
            && evidence.certificate == certificate
            && evidence.transcript.digest() == self.digest(certificate)
            && signature == Some(&evidence.signature)
            && self.genuine.iter().any(|genuine| genuine == vouching)
            && self.genuine.iter().any(|genuine| genuine.windows(record.len()).any(|part| part == record))
            && evidence.seen.is_some() == (self.number.len() == 14);
        if is_true { Ok(()) } else { Err(Breach::Untrue) }
    }
}

impl Judge for VisualRules {
    fn judge(&self, passed: &Passed, end: Option<&End>) -> Result<(), Breach> {
        let mut known = Known::default();
        let mut last: Option<Whole<Meaning<'_>>> = None;
        let mut signature = None;
        let mut before: Option<&Answer> = None;
        for (command, answer) in passed {
            if let [0x00, 0xc0, 0x00, 0x00, _] = command[..] {
                let whole = last.as_mut().ok_or(Breach::Unknown)?;
                // A number has no rest.
                if matches!(whole.meaning, Meaning::Verify(_)) {
                    return Err(Breach::Unknown);
                }
                whole.take(answer);
            } else {
                if let Some(last) = &last {
                    known.learn(last);
                }
                let meaning = self.meaning(&known, command).ok_or(Breach::Unknown)?;
                self.may_send(&known, last.as_ref(), meaning, before)?;
                known.note_sent(meaning, before);
                last = Some(Whole::new(meaning, answer));
            }
            if let Some(Whole { meaning: Meaning::Sign { .. }, data, word: Some(0x9000) }) = &last {
                signature = Some(data.clone());
            }
            before = Some(answer);
        }
        if let Some(last) = &last {
            known.learn(last);
        }
        let is_gone = matches!(before, Some(Err(fault)) if *fault != Fault::Cancelled);
        match end.ok_or(Breach::Endless)? {
            _ if !known.sent.is_empty() && !known.left && !is_gone => Err(Breach::NotLeft),
            End::Visual(VisualOutcome::Proven(evidence)) => {
                self.may_prove(&known, signature.as_deref(), evidence)
            }
            End::Visual(VisualOutcome::Ended(end)) => {
                const LOCKS: [Code; 2] = [Code::PrintedBlocked, Code::PrintedBlockedNow];
                known.said.may_end(end.code(), end.tries, LOCKS, Code::PrintedUnknown)
            }
            _ => Ok(()),
        }
    }
}

impl Known {
    fn note_sent(&mut self, meaning: Meaning<'_>, before: Option<&Answer>) {
        match meaning {
            // Whatever it brings, it was sent.
            Meaning::Verify(_) => {
                self.sent.extend(self.file);
                self.left = false;
            }
            Meaning::Sign { le, .. } => self.signatures += usize::from(!has_named(before, le)),
            Meaning::Select(Application::CardManager) => self.left = true,
            _ => {}
        }
    }

    fn learn(&mut self, whole: &Whole<Meaning<'_>>) {
        let is_done = whole.word == Some(0x9000);
        match whole.meaning {
            Meaning::Select(application) => {
                (self.application, self.file) = (is_done.then_some(application), None);
            }
            Meaning::File(file) if is_done => {
                self.file = Some(file);
                self.read.remove(&file);
            }
            Meaning::Read(offset) if matches!(whole.word, Some(0x9000 | 0x6282)) => {
                let Some(file) = self.file else { return };
                let read = self.read.entry(file).or_default();
                read.truncate(offset);
                // A gap would be filled with nothing that begins a certificate.
                read.resize(offset, 0);
                read.extend(&whole.data);
            }
            Meaning::Counter => {
                let Some(file) = self.file else { return };
                // What it said before is no more than history, also if it says nothing now.
                self.counters.remove(&file);
                self.counters.extend(whole.bare().map(|word| (file, word)));
                self.said.counter(whole.bare());
            }
            Meaning::Verify(_) => {
                self.accepted.extend(self.file.filter(|_| whole.bare() == Some(0x9000)));
                self.said.verify(whole.bare());
            }
            _ => {}
        }
    }
}
