//! What a code allows next.

use crate::guide::Code;

/// Whether the service, by this code in a signed answer, stops the device.
pub(super) const fn stops_the_device(code: Code) -> bool {
    matches!(code, Code::DeviceUnknown | Code::DeviceSuspended | Code::DeviceRevoked | Code::InstitutionEnded)
}

/// Whether a stopped device works again by itself once the service deals with it.
pub(super) const fn may_be_lifted(code: Code) -> bool {
    matches!(code, Code::DeviceSuspended)
}

/// Whether what the device has stored is worth nothing from now on: its account is 失効, alone or with all others of
/// the institution, and never comes back.
pub(super) const fn wipes_the_device(code: Code) -> bool {
    matches!(code, Code::DeviceRevoked | Code::InstitutionEnded)
}

/// Whether a stopped device works again only after a new registration. One whose app is too old needs a newer app, and
/// one whose key store does not answer has lost nothing: a new registration would throw away what is good.
pub(super) const fn needs_registration(code: Code) -> bool {
    !may_be_lifted(code) && !matches!(code, Code::AppOutdated | Code::KeyStoreUnavailable)
}

/// Whether the same person may tap again: not where the card, its PIN or its certificate will say the same.
pub(super) const fn may_tap_again(code: Code) -> bool {
    !matches!(
        code,
        Code::PinBlocked
            | Code::PinBlockedNow
            | Code::PinLastOnPhone
            | Code::CertificateAbsent
            | Code::CertificateExpired
            | Code::CertificateRevoked
            | Code::CertificateTestRefused
            | Code::CertificateIssuerSignature
            | Code::CertificateMobileUnknown
            | Code::PrintedBlocked
            | Code::PrintedBlockedNow
            | Code::SurfaceAbsent
            | Code::SurfaceForged
            | Code::SurfaceBirthDate
            | Code::NameDenied
            | Code::ModeRefused
    )
}

/// Whether the other way of checking may bring what this one did not: not where the card's certificate is at fault,
/// which both send.
pub(super) const fn visual_may_help(code: Code) -> bool {
    !matches!(
        code,
        Code::CertificateAbsent
            | Code::CertificateExpired
            | Code::CertificateRevoked
            | Code::CertificateTestRefused
            | Code::CertificateIssuerSignature
            | Code::CertificateMobileUnknown
    )
}

/// Whether what the patient agreed to still holds for the next tap: only where no try was spent, or all are
/// back, and the card is the same one.
pub(super) const fn keeps_consent(code: Code) -> bool {
    matches!(
        code,
        Code::CardAbsent
            | Code::CardTwo
            | Code::CardOtherKind
            | Code::CardRemoved
            | Code::ReaderAbsent
            | Code::ReaderBusy
            | Code::ReaderPermission
            | Code::ReaderUnsupported
            | Code::ReaderFailed
            | Code::ReaderTimeout
            | Code::PinForm
            | Code::PrintedForm
            | Code::ChallengesExhausted
    )
}
