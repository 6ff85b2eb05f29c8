//! The one table of applications, files, keys, lengths, tries and labels.
//!
//! Nothing official is public in full; this was compiled from public clients and documents. Standing of
//! each fact: **S** several independent clients do it on real cards · **1** one source, a real card · **D**
//! declared in a document. Sources: OpenSC (`jpki.h`, pull request 959), the crate myna-card 3.3.4,
//! gebo's `JPKIReader`, lulitech's jpki-signer-android, the police specification of the driving licence.
//!
//! The next generation of cards will be another value of [`Profile`], not another program. The file of the
//! 12-digit number (個人番号) has no place here: no constant, no function.

use crate::apdu::command::{Aid, FileId};

/// Where things lie in the JPKI application (公的個人認証AP) of one generation of cards.
#[derive(Debug)]
pub(crate) struct Profile {
    /// Identifier of the application.
    pub(crate) application: Aid,
    /// Token information; its first octets are a label.
    pub(crate) token_information: FileId,
    /// Which certificates are there.
    pub(crate) availability: FileId,
    /// User-authentication certificate (利用者証明用電子証明書): free on a plastic card, on a phone only after the PIN.
    pub(crate) certificate: FileId,
    /// Its key, RSA-2048.
    pub(crate) key: FileId,
    /// Its PIN, four digits.
    pub(crate) pin: FileId,
    /// Tries that a fresh counter shows. A card that shows more is not the card that we know.
    pub(crate) tries: u8,
}

/// The card in use since 2016, and the token on a phone.
pub(crate) const JPKI: Profile = Profile {
    application: Aid(&[0xd3, 0x92, 0xf0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01]), // S
    token_information: FileId(0x0006),                                               // S
    availability: FileId(0x0008),                                                    // 1
    certificate: FileId(0x000a),                                                     // S
    key: FileId(0x0017),                                                             // S
    pin: FileId(0x0018),                                                             // S
    tries: 3,                                                                        // S
};

/// Card manager (`GlobalPlatform` issuer security domain): selecting it leaves the JPKI application and so clears
/// the PIN state. Standing 1.
pub(crate) const CARD_MANAGER: Aid = Aid(&[0xa0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00]);

/// First application of a driving licence (運転免許証 DF1): asked for only when the JPKI application is absent, to
/// tell the staff what lies there. Standing D: 運転免許証及び運転免許証作成システム等仕様書 (警察庁).
pub(crate) const DRIVING_LICENCE: Aid =
    Aid(&[0xa0, 0x00, 0x00, 0x02, 0x31, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);

/// All applications that can ever be selected.
#[cfg(test)]
pub(crate) const APPLICATIONS: [Aid; 3] = [JPKI.application, CARD_MANAGER, DRIVING_LICENCE];

/// All files that can ever be selected, in the JPKI application alone.
#[cfg(test)]
pub(crate) const FILES: [FileId; 5] =
    [JPKI.token_information, JPKI.availability, JPKI.certificate, JPKI.key, JPKI.pin];

/// Length of the label in the token information, padded with spaces. Standing S.
pub(crate) const LABEL_LENGTH: u16 = 32;

/// Length of the availability record. Standing 1.
pub(crate) const AVAILABILITY_LENGTH: u16 = 3;

/// What the second octet of the availability record says when the user-authentication certificate is there.
/// Standing 1: `8F8F00`, and `008F00` with the signature certificate missing.
pub(crate) const AVAILABLE: u8 = 0x8f;

/// What holds the JPKI application, by its label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Token {
    /// `JPKIAPICCTOKEN2`: a My Number card.
    Plastic,
    /// `JPKIAPGPSETOKEN`: an Android phone.
    AndroidPhone,
    /// `JPKIAPIOSTOKEN`: an iPhone. It has no PIN of four digits that is known.
    Iphone,
    /// `JPKIAPICCTOKEN`: a 住基カード, the predecessor.
    Juki,
    /// Any other label.
    Unknown,
}

impl Token {
    /// Reads a label, with or without its padding.
    pub(crate) fn from_label(label: &[u8]) -> Self {
        match label.trim_ascii_end() {
            b"JPKIAPICCTOKEN2" => Self::Plastic,
            b"JPKIAPGPSETOKEN" => Self::AndroidPhone,
            b"JPKIAPIOSTOKEN" => Self::Iphone,
            b"JPKIAPICCTOKEN" => Self::Juki,
            _ => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 券面入力補助AP, whose EF 0001 is the 12-digit number, and 券面事項確認AP, whose EF 0005 is its image.
    const WITH_THE_NUMBER: [[u8; 10]; 2] = [
        [0xd3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x08],
        [0xd3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x02],
    ];

    #[test]
    fn no_application_with_the_twelve_digit_number_can_be_selected() {
        for aid in APPLICATIONS {
            assert!(
                WITH_THE_NUMBER.iter().all(|number| !number.starts_with(aid.0) && !aid.0.starts_with(number))
            );
        }
    }

    #[test]
    fn no_file_can_be_selected_that_holds_the_number_or_its_image() {
        assert!(FILES.iter().all(|file| ![FileId(0x0001), FileId(0x0005)].contains(file)));
    }

    #[test]
    fn every_file_has_a_short_identifier_of_its_own() {
        let short = FILES.map(FileId::short);
        for (place, file) in FILES.iter().enumerate() {
            assert!((0x0001..=0x001e).contains(&file.0));
            assert!(short[..place].iter().all(|other| *other != file.short()));
        }
    }

    #[test]
    fn the_published_labels_are_told_apart() {
        let padded = |label: &[u8]| [label, &b" ".repeat(32 - label.len())].concat();
        let labels: [(&[u8], Token); 5] = [
            (b"JPKIAPICCTOKEN2", Token::Plastic),
            (b"JPKIAPGPSETOKEN", Token::AndroidPhone),
            (b"JPKIAPIOSTOKEN", Token::Iphone),
            (b"JPKIAPICCTOKEN", Token::Juki),
            (b"JPKIAPICCTOKEN3", Token::Unknown),
        ];
        for (label, token) in labels {
            assert_eq!(Token::from_label(&padded(label)), token);
        }
    }
}
