//! The tap of a check, straight through: application, certificate, counter, PIN, signature, away.
//!
//! The certificate is read and checked before a PIN try is spent; the one exception is a phone that keeps it
//! behind the PIN, and there nothing is signed before it has been checked.

use super::outcome::{Cause, Outcome, SignedTap, TapEnd};
use super::stepper::Mailbox;
use super::{Closing, Consent, Stage, Strategy, TapRequest};
use crate::apdu::Status;
use crate::card::Token;
use crate::card::jpki::{
    self, CertificateFile, Counter, Failure, Jpki, Locked, Naming, Unlocked, Unsigned, Verification,
};
use crate::card::profile::JPKI;
use crate::card::strategy::{Probe, ReaderLimits};
use crate::card::tries::{Hold, TriesLeft};
use crate::certificate::{Anchors, Certificate, CertificateError, Refusal};
use crate::instant::UnixTime;
use crate::secret::Pin;
use crate::transcript::{PendingTranscript, Transcript};

/// What a tap was asked for, its PIN apart, and what it has learned on its way.
struct Check {
    transcript: PendingTranscript,
    anchors: Anchors,
    now: UnixTime,
    consent: Consent,
    limits: ReaderLimits,
    strategy: Strategy,
    closing: Closing,
}

/// What the card gave.
struct Given {
    certificate: Certificate,
    signature: [u8; 256],
    transcript: Transcript,
    tries: u8,
}

/// What lies in the certificate's file, once it has been held against the anchors.
#[expect(clippy::large_enum_variant, reason = "made once or twice in a tap and moved out of at once")]
enum Found {
    Believed(Certificate),
    /// A phone keeps it behind the PIN.
    NeedsPin,
    Absent,
    /// No whole certificate lies there.
    Malformed,
}

pub(super) async fn run(mut card: Mailbox, request: TapRequest) -> Outcome {
    let TapRequest { pin, transcript, anchors, now, consent, limits, strategy } = request;
    let mut check =
        Check { transcript, anchors, now, consent, limits, strategy, closing: Closing::NotNeeded };
    let given = check.run(&mut card, pin).await;
    let Check { strategy, closing, .. } = check;
    match given {
        Ok(Given { certificate, signature, transcript, tries }) => Outcome::Signed(SignedTap {
            certificate: certificate.der().to_vec(),
            signature,
            transcript,
            tries,
            closing,
            strategy,
        }),
        Err(cause) => {
            Outcome::Ended(TapEnd { cause, tries: tries_after(&cause, card.tries()), closing, strategy })
        }
    }
}

/// A counter read before a VERIFY whose answer is not known says nothing any more.
const fn tries_after(cause: &Cause, read: Option<u8>) -> Option<u8> {
    match cause {
        Cause::PinUnknown(_) | Cause::PinGarbled | Cause::PinStatus(_) | Cause::PinWrong { left: None } => {
            None
        }
        _ => read,
    }
}

impl Check {
    async fn run(&mut self, card: &mut Mailbox, pin: Pin) -> Result<Given, Cause> {
        card.enter(Stage::Application);
        let mut jpki = match Jpki::select(card, &JPKI).await {
            Ok(jpki) => jpki,
            Err(failure) => return Err(other_card(card, failure).await),
        };
        let certificate = self.certificate_before_pin(&mut jpki).await?;
        let (tries, naming) = self.counter(&mut jpki).await?;
        let digest = certificate.as_ref().map(Certificate::sha256);
        let permit = tries.permit(self.consent, digest).map_err(|hold| held(hold, digest))?;
        jpki.card().enter(Stage::Pin);
        let (mut jpki, cause) = match jpki.verify(pin, permit, naming, &mut self.strategy).await {
            Verification::Accepted(mut jpki) => {
                let given = self.sign(&mut jpki, certificate, tries).await;
                self.closing = match given {
                    Err(Cause::Fault(fault)) if !fault.leaves_card() => Closing::Lost,
                    _ => {
                        jpki.card().enter(Stage::Closing);
                        jpki.close().await
                    }
                };
                return given;
            }
            Verification::Refused(jpki, status) => (jpki, refused(status)),
            Verification::Garbled(jpki) => (jpki, Cause::PinGarbled),
            Verification::Lost(jpki, fault) => (jpki, Cause::PinUnknown(fault)),
        };
        if let Some(left) = left_after(&cause) {
            jpki.card().note_tries(left);
        }
        self.closing = match cause {
            Cause::PinUnknown(fault) if !fault.leaves_card() => Closing::Lost,
            _ => {
                jpki.card().enter(Stage::Closing);
                jpki.close().await
            }
        };
        Err(cause)
    }

    /// The certificate, believed; `None` if it lies behind the PIN of a phone.
    async fn certificate_before_pin(
        &mut self,
        jpki: &mut Jpki<'_, Mailbox, Locked>,
    ) -> Result<Option<Certificate>, Cause> {
        match self.find_certificate(jpki).await? {
            Found::Believed(certificate) => Ok(Some(certificate)),
            Found::Malformed => Err(empty_file(jpki, self.limits).await),
            Found::Absent => Err(no_file(jpki, self.limits).await),
            Found::NeedsPin => match jpki.token(self.limits).await {
                // Its policy is not known to us, so in production no answer of the phone could be accepted:
                // no try is spent on it.
                Ok(Token::AndroidPhone) if !self.anchors.have_test() => {
                    Err(Cause::CertificateRefused(Refusal::MobileUnknown))
                }
                Ok(Token::AndroidPhone) => Ok(None),
                Ok(Token::Juki) => Err(Cause::Juki),
                Ok(Token::Iphone) => Err(Cause::Iphone),
                Err(Failure::Fault(fault)) => Err(Cause::Fault(fault)),
                Ok(Token::Plastic | Token::Unknown) | Err(_) => Err(Cause::CertificateNeedsPin),
            },
        }
    }

    async fn certificate_after_pin(
        &mut self,
        jpki: &mut Jpki<'_, Mailbox, Unlocked>,
    ) -> Result<Certificate, Cause> {
        match self.find_certificate(jpki).await? {
            Found::Believed(certificate) => Ok(certificate),
            Found::Malformed => Err(Cause::CertificateMalformed),
            Found::Absent => Err(Cause::CertificateAbsent),
            Found::NeedsPin => Err(Cause::CertificateUnreadable(Status::SecurityStatus)),
        }
    }

    /// Reads the certificate and holds it against the anchors. One that was read by short id and cannot be the
    /// card's own may be another file: then the certificate's is read once more, selected.
    async fn find_certificate<S>(&mut self, jpki: &mut Jpki<'_, Mailbox, S>) -> Result<Found, Cause> {
        jpki.card().enter(Stage::Certificate);
        let names = self.strategy.names_certificate(self.limits);
        let file = jpki.read_certificate(self.limits, &mut self.strategy).await.map_err(unreadable)?;
        let found = self.judge(file);
        let is_another = matches!(
            found,
            Err(Cause::CertificateMalformed
                | Cause::CertificateProfile(_)
                | Cause::CertificateRefused(Refusal::IssuerSignature))
        );
        if !(is_another && names && self.strategy.read_by_short_id == Probe::Works) {
            return found;
        }
        self.strategy.read_by_short_id = Probe::Refused;
        let file = jpki.selected_certificate(self.limits, &mut self.strategy).await.map_err(unreadable)?;
        self.judge(file)
    }

    /// Only a certificate that is believed teaches how long they are.
    fn judge(&mut self, file: CertificateFile) -> Result<Found, Cause> {
        match file {
            CertificateFile::Octets(octets) => {
                let certificate = believe(&octets, &self.anchors, self.now)?;
                self.strategy.note_certificate(octets.len());
                Ok(Found::Believed(certificate))
            }
            CertificateFile::NeedsPin => Ok(Found::NeedsPin),
            CertificateFile::Absent => Ok(Found::Absent),
            CertificateFile::Malformed => Ok(Found::Malformed),
        }
    }

    /// How often the PIN may be tried, and how VERIFY has to name it.
    async fn counter(&mut self, jpki: &mut Jpki<'_, Mailbox, Locked>) -> Result<(TriesLeft, Naming), Cause> {
        jpki.card().enter(Stage::Counter);
        match jpki.counter(self.strategy.names_pin(), &mut self.strategy).await {
            Ok(Counter::Left(tries, naming)) => {
                jpki.card().note_tries(tries.count());
                Ok((tries, naming))
            }
            Ok(Counter::Blocked) => {
                jpki.card().note_tries(0);
                Err(Cause::Blocked)
            }
            Ok(Counter::Unreadable(status)) | Err(Failure::Status(status)) => {
                Err(Cause::CounterUnreadable(status))
            }
            Err(failure) => Err(failed(Stage::Counter, failure)),
        }
    }

    /// After a good PIN: the certificate, if it lay behind it, then the signature, verified here.
    async fn sign(
        &mut self,
        jpki: &mut Jpki<'_, Mailbox, Unlocked>,
        certificate: Option<Certificate>,
        tries: TriesLeft,
    ) -> Result<Given, Cause> {
        let certificate = match certificate {
            Some(certificate) => certificate,
            None => self.certificate_after_pin(jpki).await?,
        };
        jpki.card().enter(Stage::Signature);
        let transcript = self.transcript.bind(certificate.der());
        let signed = jpki.sign(&transcript, &certificate, &mut self.strategy).await;
        if matches!(signed, Err(Unsigned::Failure(Failure::Status(Status::SecurityStatus))))
            && self.strategy.verify_by_short_id == Probe::Works
        {
            // The card said yes to another PIN than this key's.
            self.strategy.verify_by_short_id = Probe::Refused;
        }
        let signature = signed.map_err(|unsigned| match unsigned {
            Unsigned::Failure(failure) => failed(Stage::Signature, failure),
            Unsigned::Wrong => Cause::SignatureWrong,
        })?;
        Ok(Given { certificate, signature, transcript, tries: tries.count() })
    }
}

/// The certificate, if it is to be believed.
pub(super) fn believe(octets: &[u8], anchors: &Anchors, now: UnixTime) -> Result<Certificate, Cause> {
    let certificate = Certificate::from_der(octets).map_err(|error| match error {
        CertificateError::Malformed | CertificateError::TooLong { .. } => Cause::CertificateMalformed,
        other => Cause::CertificateProfile(other),
    })?;
    certificate.accept(anchors, now).map_err(Cause::CertificateRefused)?;
    Ok(certificate)
}

/// Why its file holds no certificate. An empty one says nothing; the availability record does.
pub(super) async fn empty_file(jpki: &mut Jpki<'_, Mailbox, Locked>, limits: ReaderLimits) -> Cause {
    match jpki.is_available(limits).await {
        Ok(false) => Cause::CertificateAbsent,
        Err(Failure::Fault(fault)) => Cause::Fault(fault),
        Ok(true) | Err(_) => Cause::CertificateMalformed,
    }
}

/// What has no file for the certificate.
pub(super) async fn no_file(jpki: &mut Jpki<'_, Mailbox, Locked>, limits: ReaderLimits) -> Cause {
    match jpki.token(limits).await {
        Ok(Token::Juki) => Cause::Juki,
        Ok(Token::Iphone) => Cause::Iphone,
        Err(Failure::Fault(fault)) => Cause::Fault(fault),
        Ok(_) | Err(_) => Cause::CertificateAbsent,
    }
}

/// What lies there, if it is not a card with the JPKI application.
pub(super) async fn other_card(card: &mut Mailbox, failure: Failure) -> Cause {
    let Failure::Status(
        status @ (Status::NotFound
        | Status::FunctionUnknown
        | Status::WrongParameters
        | Status::InstructionUnknown
        | Status::ClassUnknown),
    ) = failure
    else {
        return failed(Stage::Application, failure);
    };
    match jpki::is_driving_licence(card).await {
        Ok(true) => Cause::DrivingLicence,
        Err(Failure::Fault(fault)) => Cause::Fault(fault),
        Ok(false) | Err(_) => Cause::NotMyNumber(status),
    }
}

const fn held(hold: Hold, certificate: Option<[u8; 32]>) -> Cause {
    match (hold, certificate) {
        (Hold::OtherCard, _) => Cause::CardChanged,
        (Hold::Warn, _) => Cause::WarnNeeded,
        (Hold::Consent, Some(certificate_sha256)) => Cause::ConsentNeeded { certificate_sha256 },
        (Hold::LastOnPhone, _) | (Hold::Consent, None) => Cause::LastTryOnPhone,
    }
}

/// A VERIFY that was not answered by 9000.
const fn refused(status: Status) -> Cause {
    match status {
        Status::Tries { left: 0 } => Cause::BlockedNow,
        Status::Tries { left } => Cause::PinWrong { left: Some(left) },
        Status::NoLimit => Cause::PinWrong { left: None },
        Status::AuthenticationBlocked | Status::ReferenceBlocked => Cause::Blocked,
        status => Cause::PinStatus(status),
    }
}

const fn left_after(cause: &Cause) -> Option<u8> {
    match cause {
        Cause::PinWrong { left } => *left,
        Cause::Blocked | Cause::BlockedNow => Some(0),
        _ => None,
    }
}

pub(super) const fn unreadable(failure: Failure) -> Cause {
    match failure {
        Failure::Status(status) => Cause::CertificateUnreadable(status),
        other => failed(Stage::Certificate, other),
    }
}

pub(super) const fn failed(stage: Stage, failure: Failure) -> Cause {
    match failure {
        Failure::Fault(fault) => Cause::Fault(fault),
        Failure::Garbage => Cause::Garbage { stage },
        Failure::Status(status) => Cause::Status { stage, status },
    }
}
