//! The visual tap, straight through: certificate, who vouches for the card face, counter, printed number, record, proof
//! that the record is the card's own, away. With 照合番号B the name as well.
//!
//! Certificate and card-verifiable certificate are read and checked before a try is spent, and so is every counter that
//! the number will be held against.

use super::check::{believe, empty_file, failed, no_file, other_card, unreadable};
use super::stepper::Mailbox;
use super::visual_outcome::{Seen, VisualCause, VisualEnd, VisualEvidence, VisualOutcome};
use super::{Cause, Closing, Consent, Stage, Strategy};
use crate::apdu::Status;
use crate::card::jpki::{self, CertificateFile, Failure, Jpki};
use crate::card::profile::{JPKI, SURFACE, TEXT_INPUT};
use crate::card::strategy::ReaderLimits;
use crate::card::surface::Surface;
use crate::card::text_input::TextInput;
use crate::card::tries::{Hold, Permit};
use crate::card::{Printed, Tally};
use crate::certificate::{Anchors, Certificate};
use crate::evidence::{
    AgeRecord, Attributes, CardFace, CvCertificate, Record, SurfaceError, SurfaceEvidence,
};
use crate::identifier::Date;
use crate::instant::UnixTime;
use crate::photo::Photo;
use crate::secret::{BIRTH_DATE_KEY_LENGTH, BirthDateKey, CodeB, PrintedError};
use crate::transcript::PendingVisualTranscript;

/// Everything that one visual tap needs. Nothing more is asked for while it runs.
#[derive(Debug)]
pub struct VisualRequest {
    /// What staff typed off the card, already of the right form; it decides how deep the check goes.
    pub number: PrintedNumber,
    /// What the card shall sign, but for its certificate.
    pub transcript: PendingVisualTranscript,
    /// The roots that are believed.
    pub anchors: Anchors,
    /// The present time, for the validity of the certificate.
    pub now: UnixTime,
    /// What the patient has agreed to.
    pub consent: Consent,
    /// What the reader can carry.
    pub limits: ReaderLimits,
    /// What earlier taps at this reader have learned.
    pub strategy: Strategy,
}

/// The printed number, and with it the depth of the check.
#[derive(Debug)]
pub enum PrintedNumber {
    /// Light: birth date and card are proven, the eye compares the printed photo with the person.
    BirthDate(BirthDateKey),
    /// Full: the chip's own photo and name as well, for the eye of the staff alone.
    CodeB(CodeB),
}

impl PrintedNumber {
    /// Takes the digits as typed: six are a birth date, anything else has to be 照合番号B.
    ///
    /// The caller's own buffer stays the caller's to wipe.
    pub fn new(digits: &[u8], today: Date) -> Result<Self, PrintedError> {
        if digits.len() == BIRTH_DATE_KEY_LENGTH {
            BirthDateKey::new(digits, today).map(Self::BirthDate)
        } else {
            CodeB::new(digits, today).map(Self::CodeB)
        }
    }
}

/// What a tap was asked for, its number apart, and what it has learned on its way.
struct Visual {
    transcript: PendingVisualTranscript,
    anchors: Anchors,
    now: UnixTime,
    consent: Consent,
    limits: ReaderLimits,
    strategy: Strategy,
    /// Whether a VERIFY went out, so that the card must not be left as it is.
    spent: bool,
    /// Fewest tries that a counter showed.
    tries: Option<u8>,
}

/// What the card gave.
struct Given {
    certificate: Certificate,
    surface: SurfaceEvidence,
    signature: [u8; 256],
    seen: Option<Seen>,
}

type Reached<T> = Result<T, VisualCause>;

pub(super) async fn run(mut card: Mailbox, request: VisualRequest) -> VisualOutcome {
    let VisualRequest { number, transcript, anchors, now, consent, limits, strategy } = request;
    let mut visual =
        Visual { transcript, anchors, now, consent, limits, strategy, spent: false, tries: None };
    let given = visual.run(&mut card, number).await;
    let closing = visual.close(&mut card, given.as_ref().err()).await;
    let Visual { strategy, transcript, tries, .. } = visual;
    match given {
        Ok(Given { certificate, surface, signature, seen }) => VisualOutcome::Proven(VisualEvidence {
            transcript: transcript.bind(certificate.der()),
            certificate: certificate.der().to_vec(),
            surface,
            signature,
            seen,
            tries,
            closing,
            strategy,
        }),
        Err(cause) => {
            let tries = tries_after(&cause, card.tries());
            VisualOutcome::Ended(VisualEnd { cause, tries, closing, strategy })
        }
    }
}

/// A counter read before a VERIFY whose answer is not known says nothing any more.
const fn tries_after(cause: &VisualCause, read: Option<u8>) -> Option<u8> {
    match cause {
        VisualCause::Unknown(_)
        | VisualCause::Garbled
        | VisualCause::Status(_)
        | VisualCause::Wrong { left: None } => None,
        _ => read,
    }
}

impl Visual {
    async fn run(&mut self, card: &mut Mailbox, number: PrintedNumber) -> Reached<Given> {
        let certificate = self.certificate(card).await?;
        match number {
            PrintedNumber::BirthDate(birth_date) => self.light(card, certificate, birth_date).await,
            PrintedNumber::CodeB(code) => self.full(card, certificate, code).await,
        }
    }

    /// Leaves the card, on every path on which a number was sent and the card is still there.
    async fn close(&self, card: &mut Mailbox, ended: Option<&VisualCause>) -> Closing {
        match ended {
            _ if !self.spent => Closing::NotNeeded,
            Some(VisualCause::Card(Cause::Fault(fault)) | VisualCause::Unknown(fault))
                if !fault.leaves_card() =>
            {
                Closing::Lost
            }
            _ => {
                card.enter(Stage::Closing);
                jpki::select_away(card).await
            }
        }
    }

    /// The certificate, believed. It names the person; the card face only shows that the card is here.
    async fn certificate(&mut self, card: &mut Mailbox) -> Reached<Certificate> {
        card.enter(Stage::Application);
        let mut jpki = match Jpki::select(card, &JPKI).await {
            Ok(jpki) => jpki,
            Err(failure) => return Err(other_card(card, failure).await.into()),
        };
        jpki.card().enter(Stage::Certificate);
        // Selected, not by short id: a card that misunderstands the short form is for the tap with the PIN to find out.
        let file = jpki.selected_certificate(self.limits, &mut self.strategy).await.map_err(unreadable)?;
        let cause = match file {
            CertificateFile::Octets(octets) => return Ok(believe(&octets, &self.anchors, self.now)?),
            CertificateFile::Malformed => empty_file(&mut jpki, self.limits).await,
            // A phone keeps it behind the PIN, and has no card face.
            CertificateFile::NeedsPin => return Err(VisualCause::NoSurface(Status::SecurityStatus)),
            CertificateFile::Absent => no_file(&mut jpki, self.limits).await,
        };
        Err(cause.into())
    }

    async fn light(
        &mut self,
        card: &mut Mailbox,
        certificate: Certificate,
        birth_date: BirthDateKey,
    ) -> Reached<Given> {
        let (mut surface, vouching) = self.surface(card, &certificate).await?;
        surface.card().enter(Stage::PrintedCounter);
        let tally = surface.birth_date_tally().await;
        let permit = self.permit(surface.card(), tally, &certificate)?;
        surface.card().enter(Stage::PrintedNumber);
        self.spent = true;
        let answer = surface.verify_birth_date(birth_date, permit).await;
        accepted(surface.card(), answer)?;
        surface.card().enter(Stage::Record);
        let octets =
            surface.age_record(self.limits).await.map_err(|failure| failed(Stage::Record, failure))?;
        let record = Record::Age(AgeRecord::parse(&octets.ok_or(SurfaceError::Malformed)?)?);
        let evidence = SurfaceEvidence { certificate: vouching, record };
        let signature = self.presence(&mut surface, &certificate, &evidence).await?;
        Ok(Given { certificate, surface: evidence, signature, seen: None })
    }

    async fn full(&mut self, card: &mut Mailbox, certificate: Certificate, code: CodeB) -> Reached<Given> {
        // The number opens two applications, each with a counter of its own: both are read before it is sent at all.
        let (_, tally) = text_input(card).await?;
        self.permit(card, tally, &certificate)?;
        let (mut surface, vouching) = self.surface(card, &certificate).await?;
        surface.card().enter(Stage::PrintedCounter);
        let tally = surface.code_b_tally().await;
        let permit = self.permit(surface.card(), tally, &certificate)?;
        surface.card().enter(Stage::PrintedNumber);
        self.spent = true;
        let answer = surface.verify_code_b(&code, permit).await;
        accepted(surface.card(), answer)?;
        surface.card().enter(Stage::Record);
        let octets =
            surface.card_face(self.limits).await.map_err(|failure| failed(Stage::Record, failure))?;
        let face = CardFace::parse(&octets.ok_or(SurfaceError::Malformed)?)?;
        let (group, photo) = face.into_parts();
        let evidence = SurfaceEvidence { certificate: vouching, record: Record::Face(group) };
        let signature = self.presence(&mut surface, &certificate, &evidence).await?;
        let attributes = self.attributes(card, &certificate, code).await?;
        if attributes.birth_date() != evidence.record.birth_date() {
            return Err(VisualCause::TwoPersons);
        }
        let seen = Seen { photo: Photo::new(photo), name: attributes.into_name() };
        Ok(Given { certificate, surface: evidence, signature, seen: Some(seen) })
    }

    /// The card face application, with a certificate of it that a pinned key of the same hierarchy vouches for.
    async fn surface<'a>(
        &self,
        card: &'a mut Mailbox,
        certificate: &Certificate,
    ) -> Reached<(Surface<'a, Mailbox>, CvCertificate)> {
        card.enter(Stage::Surface);
        let mut surface = Surface::select(card, &SURFACE).await.map_err(absent)?;
        let octets = surface.certificate(self.limits).await.map_err(absent)?;
        let vouching = CvCertificate::parse(&octets.ok_or(SurfaceError::Malformed)?)?;
        vouching.accept(&self.anchors, certificate.hierarchy())?;
        Ok((surface, vouching))
    }

    /// Leave to send the number, by what a counter says.
    fn permit(
        &mut self,
        card: &mut Mailbox,
        tally: Result<Tally, Failure>,
        certificate: &Certificate,
    ) -> Reached<Permit> {
        let tally = match tally {
            Ok(tally) => tally,
            // No file of that number: the card will say so at every tap.
            Err(Failure::Status(status @ Status::NotFound)) => return Err(VisualCause::NoSurface(status)),
            Err(Failure::Status(status)) => return Err(VisualCause::CounterUnreadable(status)),
            Err(failure) => return Err(failed(Stage::PrintedCounter, failure).into()),
        };
        match tally {
            Tally::Left(left) => {
                card.note_tries(left.count());
                self.tries = Some(self.tries.map_or(left.count(), |fewest| fewest.min(left.count())));
            }
            Tally::Blocked => {
                card.note_tries(0);
                return Err(VisualCause::Blocked);
            }
            Tally::Unreadable(status) => return Err(VisualCause::CounterUnreadable(status)),
            Tally::Unlimited => {}
        }
        match tally.permit(self.consent, certificate.sha256()) {
            Some(Ok(permit)) => Ok(permit),
            Some(Err(hold)) => Err(held(hold, certificate.sha256())),
            None => Err(VisualCause::Blocked),
        }
    }

    /// The record, believed, and the card's own signature over the transcript, verified here.
    async fn presence(
        &self,
        surface: &mut Surface<'_, Mailbox>,
        certificate: &Certificate,
        evidence: &SurfaceEvidence,
    ) -> Reached<[u8; 256]> {
        let hierarchy = certificate.hierarchy();
        evidence.accept(&self.anchors, hierarchy)?;
        surface.card().enter(Stage::Presence);
        let transcript = self.transcript.bind(certificate.der());
        let signature =
            surface.sign(&transcript).await.map_err(|failure| failed(Stage::Presence, failure))?;
        evidence.verify(&self.anchors, hierarchy, &transcript, &signature)?;
        Ok(signature)
    }

    /// The name, by the same number against the other application's own counter.
    async fn attributes(
        &mut self,
        card: &mut Mailbox,
        certificate: &Certificate,
        code: CodeB,
    ) -> Reached<Attributes> {
        let (mut text, tally) = text_input(card).await?;
        let permit = self.permit(text.card(), tally, certificate)?;
        text.card().enter(Stage::PrintedNumber);
        let answer = text.verify_code_b(code, permit).await;
        accepted(text.card(), answer)?;
        text.card().enter(Stage::Name);
        let octets = text.attributes(self.limits).await.map_err(|failure| failed(Stage::Name, failure))?;
        Ok(Attributes::parse(&octets.ok_or(SurfaceError::Malformed)?)?)
    }
}

/// The text input application, and what its counter says.
async fn text_input(card: &mut Mailbox) -> Reached<(TextInput<'_, Mailbox>, Result<Tally, Failure>)> {
    card.enter(Stage::PrintedCounter);
    let mut text = TextInput::select(card, &TEXT_INPUT).await.map_err(absent)?;
    let tally = text.code_b_tally().await;
    Ok((text, tally))
}

/// A VERIFY that was answered by 9000, or why not.
fn accepted(card: &mut Mailbox, answer: Printed) -> Reached<()> {
    let cause = match answer {
        Printed::Accepted => return Ok(()),
        Printed::Refused(Status::Tries { left: 0 }) => VisualCause::BlockedNow,
        Printed::Refused(Status::Tries { left }) => VisualCause::Wrong { left: Some(left) },
        Printed::Refused(Status::NoLimit) => VisualCause::Wrong { left: None },
        Printed::Refused(Status::AuthenticationBlocked | Status::ReferenceBlocked) => VisualCause::Blocked,
        Printed::Refused(status) => VisualCause::Status(status),
        Printed::Garbled => VisualCause::Garbled,
        Printed::Lost(fault) => VisualCause::Unknown(fault),
    };
    match cause {
        VisualCause::BlockedNow | VisualCause::Blocked => card.note_tries(0),
        VisualCause::Wrong { left: Some(left) } => card.note_tries(left),
        _ => {}
    }
    Err(cause)
}

const fn held(hold: Hold, certificate_sha256: [u8; 32]) -> VisualCause {
    match hold {
        Hold::OtherCard => VisualCause::Card(Cause::CardChanged),
        Hold::Warn => VisualCause::WarnNeeded,
        // The certificate is always read before the number is sent, so there is one to give the consent for.
        Hold::Consent | Hold::LastOnPhone => VisualCause::ConsentNeeded { certificate_sha256 },
    }
}

/// No such application, or no such file in it.
const fn absent(failure: Failure) -> VisualCause {
    match failure {
        Failure::Status(status) => VisualCause::NoSurface(status),
        other => VisualCause::Card(failed(Stage::Surface, other)),
    }
}
