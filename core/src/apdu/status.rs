//! Status words (SW1 SW2) of ISO 7816-4 as a total enum: every one of the 65,536 has a value, and back.

use core::fmt;

/// What the card says at the end of a response. Counters are fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// `9000`.
    Success,
    /// `61xx`: more octets wait for GET RESPONSE; 0 means 256 or more.
    More {
        /// How many.
        octets: u8,
    },
    /// `6282`: the file ended before the expected length.
    EndOfFile,
    /// `6300`: the credential is wrong, or, asked for its counter, has no limit.
    NoLimit,
    /// `63C0` to `63CF`: tries left, of a counter or after a wrong credential.
    Tries {
        /// 0 to 15.
        left: u8,
    },
    /// `6700`.
    WrongLength,
    /// `6881`: a logical channel other than 0.
    LogicalChannel,
    /// `6882`.
    SecureMessaging,
    /// `6982`: a credential has to be verified first.
    SecurityStatus,
    /// `6983`: the credential is blocked (as ISO has it).
    AuthenticationBlocked,
    /// `6984`: the credential is blocked (as this card has it).
    ReferenceBlocked,
    /// `6985`.
    ConditionsOfUse,
    /// `6A80`.
    WrongData,
    /// `6A81`.
    FunctionUnknown,
    /// `6A82`: no such application or file.
    NotFound,
    /// `6A86`.
    WrongParameters,
    /// `6B00`: past the end of the file.
    PastEnd,
    /// `6Cxx`: ask again with this expected length; 0 means 256.
    ExactLength {
        /// Octets that are there.
        octets: u8,
    },
    /// `6D00`.
    InstructionUnknown,
    /// `6E00`.
    ClassUnknown,
    /// Any other. Never holds one of the above when made by [`Status::from`].
    Other(u16),
}

impl From<u16> for Status {
    fn from(word: u16) -> Self {
        let [first, second] = word.to_be_bytes();
        match (first, second) {
            (0x90, 0x00) => Self::Success,
            (0x61, octets) => Self::More { octets },
            (0x62, 0x82) => Self::EndOfFile,
            (0x63, 0x00) => Self::NoLimit,
            (0x63, 0xc0..=0xcf) => Self::Tries { left: second & 0x0f },
            (0x67, 0x00) => Self::WrongLength,
            (0x68, 0x81) => Self::LogicalChannel,
            (0x68, 0x82) => Self::SecureMessaging,
            (0x69, 0x82) => Self::SecurityStatus,
            (0x69, 0x83) => Self::AuthenticationBlocked,
            (0x69, 0x84) => Self::ReferenceBlocked,
            (0x69, 0x85) => Self::ConditionsOfUse,
            (0x6a, 0x80) => Self::WrongData,
            (0x6a, 0x81) => Self::FunctionUnknown,
            (0x6a, 0x82) => Self::NotFound,
            (0x6a, 0x86) => Self::WrongParameters,
            (0x6b, 0x00) => Self::PastEnd,
            (0x6c, octets) => Self::ExactLength { octets },
            (0x6d, 0x00) => Self::InstructionUnknown,
            (0x6e, 0x00) => Self::ClassUnknown,
            _ => Self::Other(word),
        }
    }
}

impl From<Status> for u16 {
    fn from(status: Status) -> Self {
        match status {
            Status::Success => 0x9000,
            Status::More { octets } => Self::from_be_bytes([0x61, octets]),
            Status::EndOfFile => 0x6282,
            Status::NoLimit => 0x6300,
            Status::Tries { left } => Self::from_be_bytes([0x63, 0xc0 | (left & 0x0f)]),
            Status::WrongLength => 0x6700,
            Status::LogicalChannel => 0x6881,
            Status::SecureMessaging => 0x6882,
            Status::SecurityStatus => 0x6982,
            Status::AuthenticationBlocked => 0x6983,
            Status::ReferenceBlocked => 0x6984,
            Status::ConditionsOfUse => 0x6985,
            Status::WrongData => 0x6a80,
            Status::FunctionUnknown => 0x6a81,
            Status::NotFound => 0x6a82,
            Status::WrongParameters => 0x6a86,
            Status::PastEnd => 0x6b00,
            Status::ExactLength { octets } => Self::from_be_bytes([0x6c, octets]),
            Status::InstructionUnknown => 0x6d00,
            Status::ClassUnknown => 0x6e00,
            Status::Other(word) => word,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04X}", u16::from(*self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_word_comes_back_as_it_was() {
        for word in 0..=u16::MAX {
            assert_eq!(u16::from(Status::from(word)), word);
        }
    }

    #[test]
    fn counters_are_fields() {
        assert_eq!(Status::from(0x63c3), Status::Tries { left: 3 });
        assert_eq!(Status::from(0x63c0), Status::Tries { left: 0 });
        assert_eq!(Status::from(0x6c36), Status::ExactLength { octets: 0x36 });
        assert_eq!(Status::from(0x63d0), Status::Other(0x63d0));
    }

    #[test]
    fn a_status_prints_as_its_word() {
        assert_eq!(Status::ReferenceBlocked.to_string(), "6984");
    }
}
