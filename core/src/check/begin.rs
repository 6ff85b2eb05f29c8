//! From a challenge to a signed check: the transcript comes from the device settings and the challenge alone.

use super::{
    CERTIFICATE_LIMIT, ChallengePool, CheckRequest, Mode, STAFF_NAME_LIMIT, UnsentCheck, VisualCheck,
};
use crate::certificate::Certificate;
use crate::evidence::{SurfaceError, SurfaceEvidence};
use crate::guide::Code;
use crate::http::IdempotencyKey;
use crate::identifier::{InstitutionCode, ServiceOrigin};
use crate::instant::UnixTime;
use crate::settings::DeviceSettings;
use crate::transcript::{Challenge, PendingTranscript, Purpose};

/// A check that has its challenge and waits for a card.
#[derive(Debug)]
pub struct PendingCheck {
    challenge: Challenge,
    transcript: PendingTranscript,
    origin: ServiceOrigin,
    institution: InstitutionCode,
}

/// That staff compared the photo on the card with the person, and saw that they agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attestation<'a> {
    /// Who; at most [`STAFF_NAME_LIMIT`] characters, never empty.
    pub staff: &'a str,
    /// When, by the service's time.
    pub at: UnixTime,
}

/// Why there is no check to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// No challenge with enough time left lies ready: the pool must be filled first.
    #[error("no challenge lies ready")]
    NoChallenge,
    /// The certificate is too long or cannot be read.
    #[error("the card's certificate cannot be read")]
    Certificate,
    /// The signature is not the card's over this transcript. Nothing is sent.
    #[error("the card's signature does not fit")]
    Signature,
    /// What the card face says does not hang together, or the card has not signed this transcript. Nothing is sent.
    #[error("{0}")]
    Surface(SurfaceError),
    /// The name of the staff member is too long or holds control characters, or none was given for a visual check.
    #[error("the name of the staff member has more than {STAFF_NAME_LIMIT} characters, or is missing")]
    Staff,
}

impl CheckError {
    /// The code that says it to the staff.
    pub const fn code(&self) -> Code {
        match self {
            Self::NoChallenge => Code::ChallengesExhausted,
            Self::Certificate => Code::CertificateMalformed,
            Self::Signature => Code::CardSignatureWrong,
            Self::Surface(error) => error.code(),
            Self::Staff => Code::RequestMalformed,
        }
    }
}

impl PendingCheck {
    /// Begins a check: takes a challenge out of the pool, which is to be saved before the tap begins.
    ///
    /// Origin and institution come from the device settings, the device key from its SPKI: nothing of the
    /// transcript is anybody's free choice.
    pub fn begin(
        pool: &mut ChallengePool,
        settings: &DeviceSettings,
        device_key_spki: &[u8],
        now: UnixTime,
    ) -> Result<Self, CheckError> {
        let challenge = pool.take(now).ok_or(CheckError::NoChallenge)?;
        let DeviceSettings { institution, origin, .. } = settings;
        let purpose = Purpose::QualificationOnly;
        let transcript = PendingTranscript::new(&challenge, purpose, device_key_spki, institution, origin);
        Ok(Self { challenge, transcript, origin: origin.clone(), institution: institution.clone() })
    }

    /// What the tap has the card sign.
    pub const fn transcript(&self) -> &PendingTranscript {
        &self.transcript
    }

    /// Until when the check can be sent.
    pub const fn expires_at(&self) -> UnixTime {
        self.challenge.expires_at
    }

    /// Makes the check to be sent. The signature is verified against the card's certificate first: what does not
    /// verify here is never sent.
    pub fn complete(
        self,
        certificate: &[u8],
        card_signature: &[u8; 256],
        staff: Option<&str>,
        key: IdempotencyKey,
    ) -> Result<UnsentCheck, CheckError> {
        let card = read(certificate)?;
        if staff.is_some_and(|name| !is_staff_name(name)) {
            return Err(CheckError::Staff);
        }
        let transcript = self.transcript.bind(certificate);
        card.verify(&transcript, card_signature).map_err(|_| CheckError::Signature)?;
        let body = CheckRequest {
            challenge_id: self.challenge.id,
            certificate: certificate.to_vec(),
            mode: Mode::Pin,
            card_signature: *card_signature,
            staff: staff.map(str::to_owned),
            visual: None,
        };
        Ok(UnsentCheck::new(self.challenge, self.origin, self.institution, key, &body))
    }

    /// Makes the visual check (目視確認) to be sent first, without a name yet; from what a visual tap over
    /// [`PendingTranscript::visual`] of this check brought. Record and signature are verified first; that a pinned key
    /// vouches for them, the tap has seen.
    pub fn complete_visual(
        self,
        certificate: &[u8],
        surface: &SurfaceEvidence,
        card_signature: &[u8; 256],
        attestation: Attestation<'_>,
        key: IdempotencyKey,
    ) -> Result<UnsentCheck, CheckError> {
        read(certificate)?;
        if attestation.staff.trim().is_empty() || !is_staff_name(attestation.staff) {
            return Err(CheckError::Staff);
        }
        let transcript = self.transcript.visual().bind(certificate);
        surface.hangs_together(&transcript, card_signature).map_err(CheckError::Surface)?;
        let body = CheckRequest {
            challenge_id: self.challenge.id,
            certificate: certificate.to_vec(),
            mode: Mode::Visual,
            card_signature: *card_signature,
            staff: Some(attestation.staff.to_owned()),
            visual: Some(VisualCheck::unseen(surface, attestation.at)),
        };
        Ok(UnsentCheck::new(self.challenge, self.origin, self.institution, key, &body))
    }
}

fn read(certificate: &[u8]) -> Result<Certificate, CheckError> {
    let fits = Some(certificate).filter(|octets| octets.len() <= CERTIFICATE_LIMIT);
    fits.and_then(|octets| Certificate::from_der(octets).ok()).ok_or(CheckError::Certificate)
}

fn is_staff_name(name: &str) -> bool {
    name.chars().count() <= STAFF_NAME_LIMIT && !name.chars().any(char::is_control)
}

/// The transcript as the service rebuilds it, but for the certificate that was received: from its own challenge row,
/// which knows the device key and with it the institution; from nothing else of the request.
pub fn service_transcript(
    challenge: &Challenge,
    device_key_spki: &[u8],
    institution: &InstitutionCode,
    origin: &ServiceOrigin,
) -> PendingTranscript {
    PendingTranscript::new(challenge, Purpose::QualificationOnly, device_key_spki, institution, origin)
}
