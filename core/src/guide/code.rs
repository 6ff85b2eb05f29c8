//! The codes themselves, and which guide belongs to which.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{
    Guide, answer, card, certificate, network, pin, printed, reader, registration, service, settings, state,
    surface,
};

/// A text that is no code of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a code that this version knows")]
pub struct UnknownCode;

/// One table for the variants, their stable names and their guides, so that none can lack one.
macro_rules! codes {
    ($( $variant:ident = $name:tt => $guide:path; )*) => {
        /// How something ended, as a stable name in kebab case.
        ///
        /// The names cross the wire (`code` of a problem) and stand in exports, logs and handbooks: a name
        /// is never reused for something else.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        pub enum Code {
            $(
                #[doc = concat!("`", $name, "`")]
                #[serde(rename = $name)]
                $variant,
            )*
        }

        impl Code {
            /// Every code, in the order of the handbook.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stable name.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// What it means and what to do next.
            pub const fn guide(self) -> &'static Guide {
                match self {
                    $(Self::$variant => &$guide,)*
                }
            }
        }
    };
}

codes! {
    CardAbsent = "card-absent" => card::ABSENT;
    CardTwo = "card-two" => card::TWO;
    CardOtherKind = "card-other-kind" => card::OTHER_KIND;
    CardNotMyNumber = "card-not-my-number" => card::NOT_MY_NUMBER;
    CardJuki = "card-juki" => card::JUKI;
    CardDrivingLicence = "card-driving-licence" => card::DRIVING_LICENCE;
    CardIphoneToken = "card-iphone-token" => card::IPHONE_TOKEN;
    CardGarbage = "card-garbage" => card::GARBAGE;
    CardStatus = "card-status" => card::STATUS;
    CardRemoved = "card-removed" => card::REMOVED;
    CardRemovedPinUnknown = "card-removed-pin-unknown" => card::REMOVED_PIN_UNKNOWN;
    CardChanged = "card-changed" => card::CHANGED;
    CardSignatureWrong = "card-signature-wrong" => card::SIGNATURE_WRONG;

    PinForm = "pin-form" => pin::FORM;
    PinWrong = "pin-wrong" => pin::WRONG;
    PinWarnNeeded = "pin-warn-needed" => pin::WARN_NEEDED;
    PinConsentNeeded = "pin-consent-needed" => pin::CONSENT_NEEDED;
    PinBlocked = "pin-blocked" => pin::BLOCKED;
    PinBlockedNow = "pin-blocked-now" => pin::BLOCKED_NOW;
    PinLastOnPhone = "pin-last-on-phone" => pin::LAST_ON_PHONE;
    PinCounterUnreadable = "pin-counter-unreadable" => pin::COUNTER_UNREADABLE;

    CertificateAbsent = "certificate-absent" => certificate::ABSENT;
    CertificateUnreadable = "certificate-unreadable" => certificate::UNREADABLE;
    CertificateMalformed = "certificate-malformed" => certificate::MALFORMED;
    CertificateProfile = "certificate-profile" => certificate::PROFILE;
    CertificateExpired = "certificate-expired" => certificate::EXPIRED;
    CertificateNotYetValid = "certificate-not-yet-valid" => certificate::NOT_YET_VALID;
    CertificateTestRefused = "certificate-test-refused" => certificate::TEST_REFUSED;
    CertificateIssuerUnknown = "certificate-issuer-unknown" => certificate::ISSUER_UNKNOWN;
    CertificateIssuerSignature = "certificate-issuer-signature" => certificate::ISSUER_SIGNATURE;
    CertificateMobileUnknown = "certificate-mobile-unknown" => certificate::MOBILE_UNKNOWN;
    CertificateNeedsPin = "certificate-needs-pin" => certificate::NEEDS_PIN;
    CertificateRevoked = "certificate-revoked" => certificate::REVOKED;
    RevocationUnknown = "revocation-unknown" => certificate::REVOCATION_UNKNOWN;

    SurfaceAbsent = "surface-absent" => surface::ABSENT;
    SurfaceMalformed = "surface-malformed" => surface::MALFORMED;
    SurfaceIssuerUnknown = "surface-issuer-unknown" => surface::ISSUER_UNKNOWN;
    SurfaceForged = "surface-forged" => surface::FORGED;
    SurfaceCopied = "surface-copied" => surface::COPIED;
    SurfaceBirthDate = "surface-birth-date" => surface::BIRTH_DATE;
    SurfacePhoto = "surface-photo" => surface::PHOTO;
    SurfaceName = "surface-name" => surface::NAME;
    NameDenied = "name-denied" => surface::NAME_DENIED;
    NameNotShown = "name-not-shown" => surface::NAME_NOT_SHOWN;

    PrintedForm = "printed-form" => printed::FORM;
    PrintedWrong = "printed-wrong" => printed::WRONG;
    PrintedWarnNeeded = "printed-warn-needed" => printed::WARN_NEEDED;
    PrintedConsentNeeded = "printed-consent-needed" => printed::CONSENT_NEEDED;
    PrintedBlocked = "printed-blocked" => printed::BLOCKED;
    PrintedBlockedNow = "printed-blocked-now" => printed::BLOCKED_NOW;
    PrintedCounterUnreadable = "printed-counter-unreadable" => printed::COUNTER_UNREADABLE;
    PrintedUnknown = "printed-unknown" => printed::UNKNOWN;

    ReaderAbsent = "reader-absent" => reader::ABSENT;
    ReaderBusy = "reader-busy" => reader::BUSY;
    ReaderPermission = "reader-permission" => reader::PERMISSION;
    ReaderUnsupported = "reader-unsupported" => reader::UNSUPPORTED;
    ReaderFailed = "reader-failed" => reader::FAILED;
    ReaderTimeout = "reader-timeout" => reader::TIMEOUT;
    TapCancelled = "tap-cancelled" => reader::TAP_CANCELLED;
    TapOutOfTurn = "tap-out-of-turn" => reader::TAP_OUT_OF_TURN;

    NetworkUnreachable = "network-unreachable" => network::UNREACHABLE;
    NetworkInTheWay = "network-in-the-way" => network::IN_THE_WAY;
    TlsUntrusted = "tls-untrusted" => network::TLS_UNTRUSTED;
    ClockSkew = "clock-skew" => network::CLOCK_SKEW;
    AnswerSignature = "answer-signature" => network::ANSWER_SIGNATURE;

    RequestMalformed = "request-malformed" => service::REQUEST_MALFORMED;
    RequestSignature = "request-signature" => service::REQUEST_SIGNATURE;
    RequestDigest = "request-digest" => service::REQUEST_DIGEST;
    RequestTooLarge = "request-too-large" => service::REQUEST_TOO_LARGE;
    IdempotencyConflict = "idempotency-conflict" => service::IDEMPOTENCY_CONFLICT;
    ChallengeUnknown = "challenge-unknown" => service::CHALLENGE_UNKNOWN;
    ChallengeExpired = "challenge-expired" => service::CHALLENGE_EXPIRED;
    ChallengeUsed = "challenge-used" => service::CHALLENGE_USED;
    ChallengesExhausted = "challenges-exhausted" => service::CHALLENGES_EXHAUSTED;
    PurposeRefused = "purpose-refused" => service::PURPOSE_REFUSED;
    ModeRefused = "mode-refused" => service::MODE_REFUSED;
    DeviceUnknown = "device-unknown" => service::DEVICE_UNKNOWN;
    DeviceSuspended = "device-suspended" => service::DEVICE_SUSPENDED;
    DeviceRevoked = "device-revoked" => service::DEVICE_REVOKED;
    InstitutionEnded = "institution-ended" => service::INSTITUTION_ENDED;
    TooManyRequests = "too-many-requests" => service::TOO_MANY_REQUESTS;
    ServiceDown = "service-down" => service::DOWN;
    SourceDown = "source-down" => service::SOURCE_DOWN;

    SettingsSignature = "settings-signature" => settings::SIGNATURE;
    SettingsMalformed = "settings-malformed" => settings::MALFORMED;
    SettingsExpired = "settings-expired" => settings::EXPIRED;
    SettingsOlder = "settings-older" => settings::OLDER;
    SettingsWrongService = "settings-wrong-service" => settings::WRONG_SERVICE;
    TrustList = "trust-list" => settings::TRUST_LIST;

    CodeForm = "code-form" => registration::CODE_FORM;
    RegistrationRefused = "registration-refused" => registration::REFUSED;
    RegistrationExpired = "registration-expired" => registration::EXPIRED;
    RegistrationUsed = "registration-used" => registration::USED;
    NonceExpired = "nonce-expired" => registration::NONCE_EXPIRED;
    TermsOutdated = "terms-outdated" => registration::TERMS_OUTDATED;
    AppOutdated = "app-outdated" => registration::APP_OUTDATED;
    NotRegistered = "not-registered" => registration::NOT_REGISTERED;
    KeyProof = "key-proof" => registration::KEY_PROOF;

    QualificationValid = "qualification-valid" => answer::VALID;
    QualificationInvalid = "qualification-invalid" => answer::INVALID;
    QualificationSuperseded = "qualification-superseded" => answer::SUPERSEDED;
    QualificationMultiple = "qualification-multiple" => answer::MULTIPLE;
    QualificationNone = "qualification-none" => answer::NONE;
    QualificationUnregistered = "qualification-unregistered" => answer::UNREGISTERED;
    CertificateUnlinked = "certificate-unlinked" => answer::UNLINKED;
    NotEnrolled = "not-enrolled" => answer::NOT_ENROLLED;

    StateDamaged = "state-damaged" => state::DAMAGED;
    StateRolledBack = "state-rolled-back" => state::ROLLED_BACK;
    StateKeyLost = "state-key-lost" => state::KEY_LOST;
    StateUnwritable = "state-unwritable" => state::UNWRITABLE;
    KeyStoreUnavailable = "key-store-unavailable" => state::KEY_STORE_UNAVAILABLE;
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Code {
    type Err = UnknownCode;

    fn from_str(text: &str) -> Result<Self, UnknownCode> {
        Self::ALL.iter().copied().find(|code| code.as_str() == text).ok_or(UnknownCode)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_code_is_read_as_it_is_written_and_as_serde_writes_it() {
        for code in Code::ALL {
            assert_eq!(code.as_str().parse(), Ok(*code));
            assert_eq!(serde_json::to_string(code).unwrap(), format!("{:?}", code.as_str()));
        }
        assert_eq!("pin".parse::<Code>(), Err(UnknownCode));
    }

    #[test]
    fn names_are_kebab_case_and_none_is_used_twice() {
        let names: HashSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        for name in names {
            assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{name}");
        }
    }

    #[test]
    fn every_code_says_what_happened_and_what_to_do_in_both_languages() {
        let is_japanese =
            |text: &str| text.chars().any(|c| ('ぁ'..='ん').contains(&c)) && text.ends_with('。');
        let is_english = |text: &str| text.is_ascii() && text.ends_with('.');
        for code in Code::ALL {
            let guide = code.guide();
            assert!(is_japanese(guide.cause_ja) && is_japanese(guide.remedy_ja), "{code}");
            assert!(is_english(guide.cause_en) && is_english(guide.remedy_en), "{code}");
        }
    }

    #[test]
    fn no_two_codes_share_what_happened() {
        let causes: HashSet<_> = Code::ALL.iter().map(|code| code.guide().cause_ja).collect();
        assert_eq!(causes.len(), Code::ALL.len());
    }
}
