//! The card's half of a check: is this a card we believe, not revoked, and did it sign this transcript?

use shikaku::certificate::revocation::Revocation;
use shikaku::certificate::{Anchors, Certificate};
use shikaku::guide::Code;
use shikaku::instant::UnixTime;
use shikaku::transcript::PendingTranscript;

use crate::revocation::RevocationSource;

/// Why a card was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rejection {
    /// For good: the challenge is used up, and the outcome stored.
    Final(Code),
    /// Not known now: nothing is stored, nothing used up.
    Transient(Code),
}

/// Certificate (form, issuer, validity, usage, policy), then revocation, then the card's signature.
///
/// The transcript is the service's own, with the certificate as received: whatever else the card may have signed
/// (another purpose, another challenge, for another device) does not fit.
pub(super) fn judge(
    transcript: &PendingTranscript,
    certificate: &[u8],
    signature: &[u8; 256],
    anchors: &Anchors,
    revocation: &dyn RevocationSource,
    now: UnixTime,
) -> Result<Certificate, Rejection> {
    let card = Certificate::from_der(certificate).map_err(|error| Rejection::Final(error.code()))?;
    card.accept(anchors, now).map_err(|refusal| Rejection::Final(refusal.code()))?;
    match revocation.status(&card, anchors, now) {
        Revocation::Good => {}
        Revocation::Revoked { .. } => return Err(Rejection::Final(Code::CertificateRevoked)),
        Revocation::Unknown(why) => {
            tracing::warn!(%why, "revocation unknown");
            return Err(Rejection::Transient(Code::RevocationUnknown));
        }
    }
    card.verify(&transcript.bind(certificate), signature)
        .map_err(|_| Rejection::Final(Code::CardSignatureWrong))?;
    Ok(card)
}
