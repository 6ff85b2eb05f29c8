//! Kinds of readers.

use std::str::FromStr;

/// A reader as its descriptors tell of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Model {
    /// Level of exchange and automatic features, `dwFeatures`.
    pub(super) features: u32,
    /// `dwMaxCCIDMessageLength`.
    pub(super) message: usize,
    /// Octets of a bulk packet.
    pub(super) packet: u16,
}

impl Model {
    /// Short APDUs, full speed.
    pub const SHORT: Self = Self { features: 0x0002_00ba, message: 271, packet: 64 };
    /// Extended APDUs in one message, high speed.
    pub const EXTENDED: Self = Self { features: 0x0004_00ba, message: 65_554, packet: 512 };
    /// Extended APDUs in parts of 261 octets.
    pub const CHAINED: Self = Self { features: 0x0004_00ba, message: 271, packet: 64 };
    /// Neither voltage nor parameters are settled by the reader alone.
    pub const MANUAL: Self = Self { features: 0x0002_0030, message: 271, packet: 8 };
    /// The host would have to speak T=1.
    pub const TPDU: Self = Self { features: 0x0001_00ba, message: 271, packet: 64 };

    pub(super) const fn is_extended(self) -> bool {
        self.features & 0x0004_0000 != 0
    }

    pub(super) const fn chooses_voltage(self) -> bool {
        self.features & 0x08 != 0
    }
}

/// No such reader is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("one of short, extended, chained, manual, tpdu")]
pub struct UnknownModel;

impl FromStr for Model {
    type Err = UnknownModel;

    fn from_str(text: &str) -> Result<Self, UnknownModel> {
        match text {
            "short" => Ok(Self::SHORT),
            "extended" => Ok(Self::EXTENDED),
            "chained" => Ok(Self::CHAINED),
            "manual" => Ok(Self::MANUAL),
            "tpdu" => Ok(Self::TPDU),
            _ => Err(UnknownModel),
        }
    }
}
