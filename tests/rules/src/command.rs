//! What a command means: the whole list of what may ever be sent to a card, written down from the description of
//! the card and not from the constructors of the core. Anything that is not in it has no meaning here.

use core::ops::RangeInclusive;

/// An application that may be selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Application {
    /// 公的個人認証AP.
    Jpki,
    /// The card manager: selecting it leaves every other.
    CardManager,
    /// The first application of a driving licence, to tell what lies there.
    DrivingLicence,
}

const APPLICATIONS: [(&[u8], Application); 3] = [
    (b"\xd3\x92\xf0\x00\x26\x01\x00\x00\x00\x01", Application::Jpki),
    (b"\xa0\x00\x00\x01\x51\x00\x00", Application::CardManager),
    (b"\xa0\x00\x00\x02\x31\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", Application::DrivingLicence),
];

/// Files of the JPKI application that are read: token information, availability, certificate.
pub(super) const READABLE: [u8; 3] = [0x06, 0x08, 0x0a];
/// The certificate's file.
pub(super) const CERTIFICATE: u8 = 0x0a;
/// The file whose first octets are the label.
pub(super) const TOKEN_INFORMATION: u8 = 0x06;
/// The key's file.
pub(super) const KEY: u8 = 0x17;
/// The PIN's file.
pub(super) const PIN: u8 = 0x18;

/// What may be signed with, and how its data field is to be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignForm {
    /// `802A0080 33 DigestInfo Le` or, the key by short identifier, `802A0097 …`.
    DigestInfo,
    /// `802A0280 20 SHA-256 Le`, and with the key by short identifier.
    BareHash,
}

/// A command that may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning<'a> {
    /// SELECT by AID.
    Select(Application),
    /// SELECT of a file of the JPKI application.
    File(u8),
    /// READ BINARY of the selected file, or of one by short identifier.
    Read {
        /// The file, if it is named.
        file: Option<u8>,
        /// From where.
        offset: usize,
    },
    /// VERIFY without data: the counter of the selected PIN file, or by short identifier.
    Counter {
        /// P2.
        reference: u8,
    },
    /// VERIFY.
    Verify {
        /// P2.
        reference: u8,
        /// What is sent as the PIN.
        pin: &'a [u8],
    },
    /// PERFORM SECURITY OPERATION, compute digital signature.
    Sign {
        /// Whether the selected key signs; else the one that P2 names.
        selected: bool,
        /// How `data` is to be understood.
        form: SignForm,
        /// The data field.
        data: &'a [u8],
        /// The expected length.
        le: u8,
    },
    /// GET RESPONSE.
    Rest,
}

/// What an extended read may ask for: more than a short one could, no more than 2,048; 0000 would be 65,536.
pub(super) const EXTENDED: RangeInclusive<u16> = 0x0101..=0x0800;
/// The selected PIN file, and the one with the short identifier 18.
const PIN_REFERENCES: [u8; 2] = [0x80, 0x80 | PIN];

/// The meaning of a command, if it may be sent at all.
pub fn meaning(command: &[u8]) -> Option<Meaning<'_>> {
    match command {
        [0x00, 0xa4, 0x04, 0x0c, length, aid @ ..] if usize::from(*length) == aid.len() => APPLICATIONS
            .iter()
            .find(|(known, _)| *known == aid)
            .map(|(_, application)| Meaning::Select(*application)),
        [0x00, 0xa4, 0x02, 0x0c, 0x02, 0x00, file] => {
            let known = READABLE.contains(file) || [KEY, PIN].contains(file);
            known.then_some(Meaning::File(*file))
        }
        [0x00, 0xb0, high, low, _] => read(*high, *low),
        [0x00, 0xb0, high, low, 0x00, more, less]
            if EXTENDED.contains(&u16::from_be_bytes([*more, *less])) =>
        {
            read(*high, *low)
        }
        [0x00, 0x20, 0x00, reference] if PIN_REFERENCES.contains(reference) => {
            Some(Meaning::Counter { reference: *reference })
        }
        [0x00, 0x20, 0x00, reference, length, pin @ ..]
            if PIN_REFERENCES.contains(reference) && usize::from(*length) == pin.len() =>
        {
            Some(Meaning::Verify { reference: *reference, pin })
        }
        [0x80, 0x2a, p1, p2, length, data @ .., le] if usize::from(*length) == data.len() => {
            sign(*p1, *p2, data, *le)
        }
        [0x00, 0xc0, 0x00, 0x00, _] => Some(Meaning::Rest),
        _ => None,
    }
}

fn read<'a>(high: u8, low: u8) -> Option<Meaning<'a>> {
    if high < 0x80 {
        return Some(Meaning::Read { file: None, offset: usize::from(u16::from_be_bytes([high, low])) });
    }
    let file = high & 0x1f;
    (high & 0x60 == 0 && READABLE.contains(&file))
        .then_some(Meaning::Read { file: Some(file), offset: usize::from(low) })
}

fn sign(p1: u8, p2: u8, data: &[u8], le: u8) -> Option<Meaning<'_>> {
    let form = match (p1, data.len()) {
        (0x00, 51) => SignForm::DigestInfo,
        (0x02, 32) => SignForm::BareHash,
        _ => return None,
    };
    let selected = match p2 {
        0x80 => true,
        other if other == 0x80 | KEY => false,
        _ => return None,
    };
    Some(Meaning::Sign { selected, form, data, le })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_leads_to_the_twelve_digit_number_has_a_meaning() {
        for last in [0x02, 0x08] {
            let select =
                [&[0x00, 0xa4, 0x04, 0x0c, 0x0a][..], b"\xd3\x92\x10\x00\x31\x00\x01\x01\x04", &[last]];
            assert_eq!(meaning(&select.concat()), None);
        }
        assert_eq!(meaning(&[0x00, 0xa4, 0x02, 0x0c, 0x02, 0x00, 0x01]), None, "the signature certificate");
        assert_eq!(meaning(&[0x00, 0xb0, 0x81, 0x00, 0x00]), None, "the same by short identifier");
        assert_eq!(meaning(&[0x00, 0x20, 0x00, 0x9b, 0x01, 0x31]), None, "the signature password");
        assert_eq!(meaning(&[0x00, 0x24, 0x00, 0x80, 0x01, 0x31]), None, "a change of the PIN");
        assert_eq!(meaning(&[0x01, 0x20, 0x00, 0x80]), None, "another logical channel");
    }

    #[test]
    fn what_belongs_to_a_tap_has_one() {
        assert_eq!(
            meaning(&[0x00, 0xb0, 0x06, 0x00, 0x36]),
            Some(Meaning::Read { file: None, offset: 0x600 })
        );
        assert_eq!(
            meaning(&[0x00, 0xb0, 0x8a, 0x10, 0x00]),
            Some(Meaning::Read { file: Some(CERTIFICATE), offset: 0x10 })
        );
        for (le, is_read) in
            [([0, 0], false), ([1, 0], false), ([1, 1], true), ([8, 0], true), ([8, 1], false)]
        {
            let command = [&[0x00, 0xb0, 0x06, 0x38, 0x00][..], &le].concat();
            assert_eq!(meaning(&command), is_read.then_some(Meaning::Read { file: None, offset: 0x638 }));
        }
        assert_eq!(meaning(&[0x00, 0x20, 0x00, 0x98]), Some(Meaning::Counter { reference: 0x98 }));
        assert!(matches!(
            meaning(b"\x00\x20\x00\x80\x041234"),
            Some(Meaning::Verify { pin: b"1234", reference: 0x80 })
        ));
    }
}
