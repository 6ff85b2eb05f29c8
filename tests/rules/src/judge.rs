//! The judge: walks once over what passed, and stops at the first rule that was broken.

use sha2::{Digest as _, Sha256};
use shikaku::guide::Code;
use shikaku::tap::{Consent, Fault, Outcome};

use crate::command::{self, Application, Meaning, SignForm, meaning};
use crate::dialogue::{Answer, End, Passed};
use crate::exchange::{Said, Whole, has_named};
use crate::{Breach, DIGEST_INFO, Judge, Rules};

/// What is known so far.
#[derive(Default)]
struct Known {
    application: Option<Application>,
    selected: Option<u8>,
    /// The certificate's file as far as it was read.
    certificate: Vec<u8>,
    /// The certificate was asked for and lies behind the PIN.
    behind_pin: bool,
    label: Vec<u8>,
    verified: Option<bool>,
    signatures: usize,
    left: bool,
    said: Said,
}

impl Judge for Rules {
    fn judge(&self, passed: &Passed, end: Option<&End>) -> Result<(), Breach> {
        let mut known = Known::default();
        let mut wholes: Vec<Whole<Meaning<'_>>> = Vec::new();
        let mut before: Option<&Answer> = None;
        for (command, answer) in passed {
            let meaning = meaning(command).ok_or(Breach::Unknown)?;
            match (meaning, wholes.last_mut()) {
                // A PIN has no rest.
                (Meaning::Rest, Some(whole)) if !matches!(whole.meaning, Meaning::Verify { .. }) => {
                    whole.take(answer);
                }
                (Meaning::Rest, _) => return Err(Breach::Unknown),
                (meaning, last) => {
                    if let Some(last) = last {
                        known.learn(last);
                    }
                    self.may_send(&known, wholes.last(), meaning, before)?;
                    known.note_sent(meaning, before);
                    wholes.push(Whole::new(meaning, answer));
                }
            }
            before = Some(answer);
        }
        if let Some(last) = wholes.last() {
            known.learn(last);
        }
        let end = end.ok_or(Breach::Endless)?;
        let is_gone = |answer: &Answer| matches!(answer, Err(fault) if *fault != Fault::Cancelled);
        if known.verified.is_some() && !known.left && !before.is_some_and(is_gone) {
            return Err(Breach::NotLeft);
        }
        self.may_end(&known, &wholes, end)
    }
}

impl Rules {
    fn may_send(
        &self,
        known: &Known,
        last: Option<&Whole<Meaning<'_>>>,
        meaning: Meaning<'_>,
        before: Option<&Answer>,
    ) -> Result<(), Breach> {
        let leaves = meaning == Meaning::Select(Application::CardManager);
        if known.verified == Some(false) && !leaves && !matches!(meaning, Meaning::Verify { .. }) {
            return Err(Breach::AfterRefusal);
        }
        if !matches!(meaning, Meaning::Select(_)) && known.application != Some(Application::Jpki) {
            return Err(Breach::Elsewhere);
        }
        match meaning {
            Meaning::Verify { reference, pin } => self.may_verify(known, last, reference, pin),
            Meaning::Sign { selected, form, data, le } => {
                if known.verified != Some(true) {
                    return Err(Breach::SignedWithoutPin);
                }
                if selected && known.selected != Some(command::KEY) {
                    return Err(Breach::ForeignDigest);
                }
                let certificate = self.believed(known).ok_or(Breach::Unbelieved)?;
                let digest = self.digest(certificate);
                let ours = match form {
                    SignForm::DigestInfo => data == [DIGEST_INFO, &digest].concat(),
                    SignForm::BareHash => data == digest,
                };
                // Another length only if the card has just named it.
                let named = has_named(before, le);
                if !ours || (le != 0 && !named) {
                    return Err(Breach::ForeignDigest);
                }
                // One signature, and its one repetition in the standard form.
                let standard = selected && form == SignForm::DigestInfo;
                match known.signatures {
                    0 => Ok(()),
                    _ if named => Ok(()),
                    1 if standard => Ok(()),
                    _ => Err(Breach::SignedAgain),
                }
            }
            _ => Ok(()),
        }
    }

    fn may_verify(
        &self,
        known: &Known,
        last: Option<&Whole<Meaning<'_>>>,
        reference: u8,
        pin: &[u8],
    ) -> Result<(), Breach> {
        let typed = self.pin.as_deref().ok_or(Breach::Uninvited)?;
        if known.verified.is_some() {
            return Err(Breach::SecondVerify);
        }
        if pin != typed || pin.len() != 4 || !pin.iter().all(u8::is_ascii_digit) {
            return Err(Breach::OtherPin);
        }
        let certificate = self.believed(known);
        let trusted_phone =
            self.phones && known.behind_pin && known.label.trim_ascii_end() == b"JPKIAPGPSETOKEN";
        if certificate.is_none() && !trusted_phone {
            return Err(Breach::Unbelieved);
        }
        let Some(Whole { meaning: Meaning::Counter { reference: asked }, data, word: Some(word) }) = last
        else {
            return Err(Breach::NoCounter);
        };
        let is_selected = reference != 0x80 || known.selected == Some(command::PIN);
        // By short identifier only a full counter says that the card has understood which PIN is meant.
        let is_full = reference == 0x80 || *word == 0x63c3;
        if *asked != reference || !is_selected || !is_full || !data.is_empty() || word & 0xfff0 != 0x63c0 {
            return Err(Breach::NoCounter);
        }
        let for_this_card = match self.consent {
            Consent::LastTry { certificate_sha256 } => {
                let same = certificate
                    .is_some_and(|certificate| Sha256::digest(certificate)[..] == certificate_sha256);
                if !same {
                    return Err(if *word == 0x63c1 { Breach::NoConsent } else { Breach::OtherCard });
                }
                true
            }
            Consent::None | Consent::Warned => false,
        };
        match word & 0x0f {
            3 => Ok(()),
            2 if for_this_card || self.consent == Consent::Warned => Ok(()),
            1 if for_this_card => Ok(()),
            1 => Err(Breach::NoConsent),
            0 => Err(Breach::NoCounter),
            _ => Err(Breach::NotWarned),
        }
    }

    /// The certificate that the card has given whole, if it is to be believed.
    fn believed(&self, known: &Known) -> Option<&[u8]> {
        self.believed.iter().find(|good| known.certificate.starts_with(good)).map(Vec::as_slice)
    }

    /// A signature that is handed out is the answer to the last request for one, for the certificate that was read. An
    /// end without one says of the PIN what the card has said.
    fn may_end(&self, known: &Known, wholes: &[Whole<Meaning<'_>>], end: &End) -> Result<(), Breach> {
        let signed = match end {
            End::Tap(Outcome::Signed(signed)) => signed,
            End::Tap(Outcome::Ended(end)) => {
                const LOCKS: [Code; 2] = [Code::PinBlocked, Code::PinBlockedNow];
                return known.said.may_end(end.code(), end.tries, LOCKS, Code::CardRemovedPinUnknown);
            }
            End::Visual(_) | End::Inspection(_) => return Ok(()),
        };
        let given = wholes.iter().rfind(|whole| matches!(whole.meaning, Meaning::Sign { .. }));
        let whole = given.is_some_and(|given| given.data == signed.signature && given.word == Some(0x9000));
        let certificate = self.believed(known).ok_or(Breach::Unbelieved)?;
        let same =
            signed.certificate == certificate && signed.transcript.digest() == self.digest(certificate);
        if whole && same { Ok(()) } else { Err(Breach::Untrue) }
    }
}

impl Known {
    fn note_sent(&mut self, meaning: Meaning<'_>, before: Option<&Answer>) {
        match meaning {
            // Whatever it brings, it was sent.
            Meaning::Verify { .. } => (self.verified, self.left) = (Some(false), false),
            Meaning::Sign { le, .. } => self.signatures += usize::from(!has_named(before, le)),
            Meaning::Select(Application::CardManager) => self.left = true,
            _ => {}
        }
    }

    fn learn(&mut self, whole: &Whole<Meaning<'_>>) {
        let has_read = matches!(whole.word, Some(0x9000 | 0x6282));
        match whole.meaning {
            Meaning::Select(application) => {
                self.application = (whole.word == Some(0x9000)).then_some(application);
                self.selected = None;
            }
            Meaning::Counter { .. } => self.said.counter(whole.bare()),
            Meaning::File(file) if whole.word == Some(0x9000) => {
                self.selected = Some(file);
                self.forget_if_certificate(file);
            }
            Meaning::File(command::CERTIFICATE) => self.behind_pin = whole.word == Some(0x6982),
            Meaning::Read { file, offset } => match file.or(self.selected) {
                Some(command::CERTIFICATE) if has_read => {
                    if file.is_some() && offset == 0 {
                        self.selected = file;
                    }
                    self.certificate.truncate(offset);
                    // A gap would be filled with nothing that begins a certificate.
                    self.certificate.resize(offset, 0);
                    self.certificate.extend(&whole.data);
                }
                Some(command::CERTIFICATE) => {
                    self.behind_pin = offset == 0 && whole.word == Some(0x6982);
                }
                Some(command::TOKEN_INFORMATION) if has_read => {
                    self.label.truncate(offset);
                    self.label.extend(&whole.data);
                }
                _ => {}
            },
            Meaning::Verify { .. } => {
                self.verified = Some(whole.bare() == Some(0x9000));
                self.said.verify(whole.bare());
            }
            _ => {}
        }
    }

    fn forget_if_certificate(&mut self, file: u8) {
        if file == command::CERTIFICATE {
            self.certificate.clear();
        }
        if file == command::TOKEN_INFORMATION {
            self.label.clear();
        }
    }
}
