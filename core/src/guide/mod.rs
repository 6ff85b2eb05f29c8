//! Every code: what it means and what the staff does next, in Japanese and English.
//!
//! Wherever something ends otherwise than well (at the card, on the network, at the service, in the
//! answer) it ends in a [`Code`], and each code has one [`Guide`]. `docs/codes.md` is written from here.

mod answer;
mod card;
mod certificate;
mod code;
mod handbook;
mod network;
mod pin;
mod printed;
mod reader;
mod registration;
mod service;
mod settings;
mod state;
mod surface;

pub use code::{Code, UnknownCode};
pub use handbook::{handbook, remedies};

/// What a code means and what the staff does next. Sentences, ready for the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guide {
    /// What happened, in Japanese, as staff speak of it.
    pub cause_ja: &'static str,
    /// What to do next, in Japanese.
    pub remedy_ja: &'static str,
    /// What happened, in English.
    pub cause_en: &'static str,
    /// What to do next, in English.
    pub remedy_en: &'static str,
}

/// A guide, its four sentences in the order of the fields.
const fn says(
    cause_ja: &'static str,
    remedy_ja: &'static str,
    cause_en: &'static str,
    remedy_en: &'static str,
) -> Guide {
    Guide { cause_ja, remedy_ja, cause_en, remedy_en }
}

#[cfg(test)]
mod tests {
    use super::Code;

    /// Says the words that a remedy must not lack, whatever else it says.
    fn names(code: Code, words: &[&str]) {
        for word in words {
            assert!(code.guide().remedy_ja.contains(word), "{code} does not name {word}");
        }
    }

    #[test]
    fn a_blocked_pin_is_unlocked_at_the_municipal_office_and_may_be_a_card_without_one() {
        names(Code::PinBlocked, &["市区町村の窓口", "顔認証", "追記欄", "目視", "資格確認書"]);
        names(Code::PinBlockedNow, &["市区町村の窓口", "資格確認書"]);
    }

    #[test]
    fn a_network_in_the_way_is_a_wifi_sign_in_or_a_proxy() {
        names(Code::NetworkInTheWay, &["Wi-Fi", "プロキシ"]);
        names(Code::TlsUntrusted, &["Wi-Fi", "プロキシ"]);
    }

    #[test]
    fn when_the_service_is_down_the_procedure_on_paper_is_named() {
        for code in [Code::ServiceDown, Code::SourceDown, Code::QualificationInvalid, Code::QualificationNone]
        {
            names(code, &["資格確認書", "資格情報のお知らせ", "被保険者資格申立書"]);
        }
        names(Code::QualificationInvalid, &["電話"]);
        names(Code::QualificationNone, &["電話"]);
    }

    #[test]
    fn a_certificate_is_renewed_at_the_municipal_office() {
        for code in [Code::CertificateExpired, Code::CertificateAbsent, Code::CertificateRevoked] {
            names(code, &["市区町村の窓口"]);
        }
    }
}
