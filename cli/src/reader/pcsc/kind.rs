//! What an answer to reset says to a person. Nothing is decided by it: a card is known by its applications.

/// PC/SC part 3, 3.1.3.2.3.1: `3B 8n 80 01` is made up by a reader of contactless cards.
const CONTACTLESS: [u8; 2] = [0x80, 0x01];
/// The same part's storage cards: category 4F, length 0C, PC/SC's own RID; then the standard and the card's name.
const STORAGE: [u8; 7] = [0x4f, 0x0c, 0xa0, 0x00, 0x00, 0x03, 0x06];
/// The standard octet of `FeliCa`.
const FELICA: u8 = 0x11;

/// The kind of card, for a person; for programs as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// With contacts.
    Contact,
    /// Contactless with applications, as a My Number Card is.
    Contactless,
    /// `FeliCa`: transit and shopping.
    Felica,
    /// Another contactless card without applications.
    Storage,
    /// The card says nothing.
    Unknown,
}

impl Kind {
    pub(super) fn of(atr: &[u8]) -> Self {
        let Some((&[0x3b, count], rest)) = atr.split_first_chunk::<2>() else {
            return if atr.is_empty() { Self::Unknown } else { Self::Contact };
        };
        if count & 0xf0 != 0x80 || !rest.starts_with(&CONTACTLESS) {
            return Self::Contact;
        }
        let historical = rest.get(CONTACTLESS.len()..).unwrap_or_default();
        match historical.get(1..).and_then(|object| object.strip_prefix(&STORAGE)) {
            Some([FELICA, ..]) => Self::Felica,
            Some(_) => Self::Storage,
            None => Self::Contactless,
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Contactless => "contactless",
            Self::Felica => "felica",
            Self::Storage => "storage",
            Self::Unknown => "unknown",
        }
    }

    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Contact => "接触型のICカード",
            Self::Contactless => "非接触型のICカード",
            Self::Felica => "FeliCa（交通系など。マイナンバーカードではありません）",
            Self::Storage => "非接触型のメモリーカード（マイナンバーカードではありません）",
            Self::Unknown => "種類のわからないカード",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first two were published by owners of My Number Cards (tests/data/jpki/atrs.txt); the others are examples of
    /// PC/SC part 3.
    #[test]
    fn an_answer_to_reset_names_the_kind_of_card() {
        for (atr, kind) in [
            ("3BDA13FF8131FB468012392F31C173C601C03B", Kind::Contact),
            ("3B888001000005E0B381A1007F", Kind::Contactless),
            ("3B8F8001804F0CA000000306110 03B0000000042", Kind::Felica),
            ("3B8F8001804F0CA0000003060300010000000 06A", Kind::Storage),
            ("3B", Kind::Contact),
            ("", Kind::Unknown),
        ] {
            let digits: Vec<char> = atr.chars().filter(|c| !c.is_whitespace()).collect();
            let octets: Vec<u8> = digits
                .chunks(2)
                .map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap())
                .collect();
            assert_eq!(Kind::of(&octets), kind, "{atr}");
        }
    }
}
