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

/// Where things lie in the card face application (券面事項確認AP), of which a visual check needs these. What is named
/// nowhere here cannot be selected; the image of the 12-digit number is.
#[derive(Debug)]
pub(crate) struct SurfaceProfile {
    /// Identifier of the application.
    pub(crate) application: Aid,
    /// Age record, opened by the birth date.
    pub(crate) age_record: FileId,
    /// Card face with the photo, opened by 照合番号B.
    pub(crate) card_face: FileId,
    /// Card-verifiable certificate of the key that signs both.
    pub(crate) certificate: FileId,
    /// Birth-date key (生年月日), six digits.
    pub(crate) birth_date: FileId,
    /// 照合番号B, fourteen digits.
    pub(crate) code_b: FileId,
}

/// The card face application of the card in use since 2016.
pub(crate) const SURFACE: SurfaceProfile = SurfaceProfile {
    application: Aid(&[0xd3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x02]), // 1
    age_record: FileId(0x0001),                                                      // 1
    card_face: FileId(0x0002),                                                       // 1
    certificate: FileId(0x0004),                                                     // 1
    birth_date: FileId(0x0011),                                                      // 1
    code_b: FileId(0x0012),                                                          // 1
};

/// Where things lie in the text input application (券面入力補助AP), of which a visual check needs two. The 12-digit
/// number has no place here.
#[derive(Debug)]
pub(crate) struct TextInputProfile {
    /// Identifier of the application.
    pub(crate) application: Aid,
    /// Name, address, birth date and sex (基本4情報), opened by 照合番号B.
    pub(crate) attributes: FileId,
    /// 照合番号B, fourteen digits, with a counter of its own.
    pub(crate) code_b: FileId,
}

/// The text input application of the card in use since 2016.
pub(crate) const TEXT_INPUT: TextInputProfile = TextInputProfile {
    application: Aid(&[0xd3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x08]), // S
    attributes: FileId(0x0002),                                                      // S
    code_b: FileId(0x0015),                                                          // 1
};

/// Most tries that a counter of a printed number can show. How many a fresh one shows is not known to us.
pub(crate) const PRINTED_TRIES: u8 = 15;

/// Card manager (`GlobalPlatform` issuer security domain): selecting it leaves the JPKI application and so clears
/// the PIN state. Standing 1.
pub(crate) const CARD_MANAGER: Aid = Aid(&[0xa0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00]);

/// First application of a driving licence (運転免許証 DF1): asked for only when the JPKI application is absent, to
/// tell the staff what lies there. Standing D: 運転免許証及び運転免許証作成システム等仕様書 (警察庁).
pub(crate) const DRIVING_LICENCE: Aid =
    Aid(&[0xa0, 0x00, 0x00, 0x02, 0x31, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);

/// Everything that can ever be selected: applications, each with its files.
#[cfg(test)]
pub(crate) const SELECTABLE: [(Aid, &[FileId]); 5] = [
    (JPKI.application, &[JPKI.token_information, JPKI.availability, JPKI.certificate, JPKI.key, JPKI.pin]),
    (
        SURFACE.application,
        &[SURFACE.age_record, SURFACE.card_face, SURFACE.certificate, SURFACE.birth_date, SURFACE.code_b],
    ),
    (TEXT_INPUT.application, &[TEXT_INPUT.attributes, TEXT_INPUT.code_b]),
    (CARD_MANAGER, &[]),
    (DRIVING_LICENCE, &[]),
];

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

    /// What holds the 12-digit number (EF 0001 of 券面入力補助AP) or its image (EF 0005 of 券面事項確認AP), and what
    /// opens them: 照合番号A, which is the number, and the PIN of 券面入力補助AP.
    const NEVER: [([u8; 10], &[FileId]); 2] = [
        (
            [0xd3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x08],
            &[FileId(0x0001), FileId(0x0011), FileId(0x0014)],
        ),
        ([0xd3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x02], &[FileId(0x0005), FileId(0x0013)]),
    ];

    #[test]
    fn nothing_that_holds_or_opens_the_twelve_digit_number_can_be_selected() {
        for (application, never) in NEVER {
            let files: Vec<_> = SELECTABLE.iter().filter(|(aid, _)| aid.0 == application).collect();
            assert_eq!(files.len(), 1);
            assert!(files[0].1.iter().all(|file| !never.contains(file)));
        }
        // No partial identifier selects one of the two by the way.
        for (aid, _) in SELECTABLE {
            assert!(NEVER.iter().all(|(never, _)| aid.0 == never || !never.starts_with(aid.0)));
        }
    }

    #[test]
    fn every_file_has_a_short_identifier_of_its_own() {
        let (_, files) = SELECTABLE[0];
        let short: Vec<_> = files.iter().map(|file| file.short()).collect();
        for (place, file) in files.iter().enumerate() {
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
