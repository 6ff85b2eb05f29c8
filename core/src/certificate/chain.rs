//! Whether a certificate is to be believed: one leaf, one pinned root, depth one.

use super::profile::Policy;
use super::{Anchor, Anchors, Certificate, Hierarchy};
use crate::instant::UnixTime;

/// Why a well-formed certificate is not believed. Its words leave the dates out: a certificate ends on its holder's
/// birthday, and the words may be logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A test certificate where no test root is believed.
    #[error("a test card is not accepted here")]
    TestRefused,
    /// No believed root has the key that the certificate names.
    #[error("the issuer's key is none that we know")]
    IssuerUnknown,
    /// The named root did not sign it, or bears another name.
    #[error("the certificate is not signed by the issuer that it names")]
    IssuerSignature,
    /// The root's own validity is over, or has not begun.
    #[error("the issuer's own certificate is not valid at this time")]
    IssuerExpired,
    /// A production root under a test policy or a test root under the production policy.
    #[error("the policy does not belong to this issuer")]
    PolicyMixed,
    /// A policy that is none of the plastic card's; in production nothing is guessed.
    #[error("the policy is not known; that of phones has no source yet")]
    MobileUnknown,
    /// The validity has not begun.
    #[error("the certificate is not valid yet")]
    NotYetValid {
        /// First second of its validity.
        not_before: UnixTime,
    },
    /// The validity is over.
    #[error("the certificate is not valid any more")]
    Expired {
        /// Last second of its validity.
        not_after: UnixTime,
    },
}

pub(super) fn accept(certificate: &Certificate, anchors: &Anchors, now: UnixTime) -> Result<(), Refusal> {
    let issuer = issuer(certificate, anchors)?;
    check_policy(certificate)?;
    let (begin, end) = issuer.validity();
    if now < certificate.not_before {
        Err(Refusal::NotYetValid { not_before: certificate.not_before })
    } else if now > certificate.not_after {
        Err(Refusal::Expired { not_after: certificate.not_after })
    } else if now < begin || now > end {
        Err(Refusal::IssuerExpired)
    } else {
        Ok(())
    }
}

/// The root that signed the certificate: named by key id, proven by signature.
pub(super) fn issuer<'a>(certificate: &'a Certificate, anchors: &'a Anchors) -> Result<&'a Anchor, Refusal> {
    let is_test = certificate.hierarchy == Hierarchy::Test && certificate.policy == Policy::Test;
    if is_test && !anchors.have_test() {
        return Err(Refusal::TestRefused);
    }
    let mut named = anchors.named_by(certificate).peekable();
    if named.peek().is_none() {
        return Err(Refusal::IssuerUnknown);
    }
    named
        .find(|anchor| {
            anchor.name == certificate.issuer
                && anchor.key.verify(&certificate.signed_digest, &certificate.signature).is_ok()
        })
        .ok_or(Refusal::IssuerSignature)
}

fn check_policy(certificate: &Certificate) -> Result<(), Refusal> {
    match (certificate.hierarchy, certificate.policy) {
        (Hierarchy::Production, Policy::Production) | (Hierarchy::Test, Policy::Test | Policy::Unknown) => {
            Ok(())
        }
        (Hierarchy::Production, Policy::Unknown) => Err(Refusal::MobileUnknown),
        (Hierarchy::Production, Policy::Test) | (Hierarchy::Test, Policy::Production) => {
            Err(Refusal::PolicyMixed)
        }
    }
}
