//! The card's half of a check: is this a card we believe, not revoked, and did it sign this transcript?

use shikaku::certificate::revocation::Revocation;
use shikaku::certificate::{Anchors, Certificate};
use shikaku::check::CheckRequest;
use shikaku::guide::Code;
use shikaku::identifier::Date;
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

/// A card that was here for this check.
#[derive(Debug)]
pub(super) struct Accepted {
    /// Its certificate.
    pub(super) certificate: Certificate,
    /// In a visual check the birth date in the record of its face.
    pub(super) birth_date: Option<Date>,
}

/// Certificate (form, issuer, validity, usage, policy), then revocation, then the card's signature: with the PIN that of
/// the certificate's key, in a visual check that of its face's own key, with everything that vouches for that key.
///
/// The transcript is the service's own, with the certificate as received: whatever else the card may have signed
/// (another purpose, another challenge, for another device, the other way of checking) does not fit.
pub(super) fn judge(
    transcript: &PendingTranscript,
    check: &CheckRequest,
    anchors: &Anchors,
    revocation: &dyn RevocationSource,
    now: UnixTime,
) -> Result<Accepted, Rejection> {
    let card = Certificate::from_der(&check.certificate).map_err(|error| Rejection::Final(error.code()))?;
    card.accept(anchors, now).map_err(|refusal| Rejection::Final(refusal.code()))?;
    match revocation.status(&card, anchors, now) {
        Revocation::Good => {}
        Revocation::Revoked { .. } => return Err(Rejection::Final(Code::CertificateRevoked)),
        Revocation::Unknown(why) => {
            tracing::warn!(%why, "revocation unknown");
            return Err(Rejection::Transient(Code::RevocationUnknown));
        }
    }
    let signature = &check.card_signature;
    let birth_date = match &check.visual {
        None => {
            card.verify(&transcript.bind(&check.certificate), signature)
                .map_err(|_| Rejection::Final(Code::CardSignatureWrong))?;
            None
        }
        Some(visual) => {
            let transcript = transcript.visual().bind(&check.certificate);
            let proven = visual
                .surface()
                .and_then(|surface| surface.verify(anchors, card.hierarchy(), &transcript, signature));
            Some(proven.map_err(|error| Rejection::Final(error.code()))?)
        }
    };
    Ok(Accepted { certificate: card, birth_date })
}
