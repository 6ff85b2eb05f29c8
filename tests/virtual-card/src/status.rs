//! Status words that the card answers.

use std::fmt;

/// The two octets SW1 SW2 that close every response.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Status(pub u16);

impl Status {
    /// Done.
    pub const DONE: Self = Self(0x9000);
    /// End of file reached before Le octets were read.
    pub const END_OF_FILE: Self = Self(0x6282);
    /// Verification asked about or failed, and the credential has no limit of tries.
    pub const NOT_VERIFIED: Self = Self(0x6300);
    /// Wrong length.
    pub const WRONG_LENGTH: Self = Self(0x6700);
    /// Only logical channel 0 is there.
    pub const NO_CHANNEL: Self = Self(0x6881);
    /// No secure messaging.
    pub const NO_SECURE_MESSAGING: Self = Self(0x6882);
    /// No command chaining.
    pub const NO_CHAINING: Self = Self(0x6884);
    /// The command does not fit the kind of file that is selected.
    pub const WRONG_FILE_KIND: Self = Self(0x6981);
    /// The condition of the file is not met: no PIN was given.
    pub const NOT_SATISFIED: Self = Self(0x6982);
    /// The credential is blocked. The real card answers this, not 6983.
    pub const BLOCKED: Self = Self(0x6984);
    /// Conditions of use not satisfied.
    pub const CONDITIONS: Self = Self(0x6985);
    /// No file is selected.
    pub const NO_FILE: Self = Self(0x6986);
    /// What the JPKI application answers to READ BINARY under secure messaging.
    pub const SECURE_READ: Self = Self(0x69fc);
    /// What the other applications answer to the issuer's command 80AE.
    pub const ISSUER_ONLY: Self = Self(0x66f1);
    /// The data field is wrong.
    pub const WRONG_DATA: Self = Self(0x6a80);
    /// No such application or file.
    pub const NOT_FOUND: Self = Self(0x6a82);
    /// P1 or P2 wrong.
    pub const WRONG_PARAMETERS: Self = Self(0x6a86);
    /// The offset lies behind the end of the file.
    pub const PAST_END: Self = Self(0x6b00);
    /// Unknown instruction.
    pub const UNKNOWN_INSTRUCTION: Self = Self(0x6d00);
    /// Unknown class.
    pub const UNKNOWN_CLASS: Self = Self(0x6e00);

    /// `63Cx`: so many tries are left, 0 to 15.
    pub const fn tries(left: u8) -> Self {
        Self(0x63c0 | (left & 0x0f) as u16)
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04X}", self.0)
    }
}
