//! What a reader says of itself before anything is sent to it: interface, endpoints, class descriptor (5.1).

use super::message::HEADER;
use crate::card::strategy::ReaderLimits;

/// Types of descriptors: USB 2.0, table 9-5, and the class's own (5.1).
const INTERFACE: u8 = 0x04;
const ENDPOINT: u8 = 0x05;
const CLASS: u8 = 0x21;
/// Interface class of card readers (4.3.1).
const SMART_CARD: u8 = 0x0b;
/// The low bits of an endpoint's attributes: how it transfers (USB 2.0, table 9-13).
const BULK: u8 = 0x02;
const INTERRUPT: u8 = 0x03;
/// The high bit of an endpoint's address: towards the host.
const INWARD: u8 = 0x80;

/// Bits of `dwFeatures` (table 5.1-1).
const AUTOMATIC_PARAMETERS: u32 = 0x0000_0002 | 0x0000_0040 | 0x0000_0080;
const AUTOMATIC_VOLTAGE: u32 = 0x0000_0008;
const TPDU: u32 = 0x0001_0000;
const SHORT_APDU: u32 = 0x0002_0000;
const EXTENDED_APDU: u32 = 0x0004_0000;

/// What a message must be able to hold: a signature or a part of the certificate, 256 octets, and the status word.
const LEAST_MESSAGE: usize = HEADER + 256 + 2;
/// The longest message that the class knows (table 5.1-1, `dwMaxCCIDMessageLength`).
const LONGEST_MESSAGE: usize = HEADER + 65_544;
/// Most octets of a packet at any speed (USB 3: 1024).
const LARGEST_PACKET: u16 = 1024;

/// What one message carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// A short APDU.
    Short,
    /// A short or an extended APDU, in several messages if need be.
    Extended,
}

/// One end of a pipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Endpoint {
    /// Address with its direction bit.
    pub address: u8,
    /// Octets of one packet, 1 to 1024.
    pub packet: u16,
}

/// Why no interface of a device can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unsupported {
    /// It is no card reader.
    #[error("the device has no smart card interface")]
    NotAReader,
    /// It lacks its class descriptor or a bulk endpoint.
    #[error("the reader's descriptors are not whole")]
    Incomplete,
    /// The host would have to speak the card's transmission protocol itself.
    #[error("the reader works at the level of TPDUs or characters")]
    TpduLevel,
    /// No signature fits into one of its messages.
    #[error("the reader's messages hold {octets} octets, too few for a signature")]
    ShortMessages {
        /// Octets, header included.
        octets: u32,
    },
}

/// One interface that can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Descriptor {
    /// Number of the interface, to be claimed.
    pub interface: u8,
    /// Its alternate setting.
    pub alternate: u8,
    /// Towards the reader.
    pub bulk_out: Endpoint,
    /// From the reader.
    pub bulk_in: Endpoint,
    /// Tells that a card came or went; not every reader has it.
    pub interrupt: Option<Endpoint>,
    /// Number of the last slot, from 0.
    pub last_slot: u8,
    /// What one message carries.
    pub level: Level,
    /// Octets of the longest message, header included: 268 to 65,554.
    pub message: usize,
    /// `bPowerSelect` for this reader: 0 if it chooses the voltage itself (6.1.1).
    pub(super) power: u8,
    /// Whether it settles the card's parameters by itself.
    pub(super) is_automatic: bool,
}

impl Descriptor {
    /// Every usable interface in the raw descriptors of a device, in their order; never none.
    ///
    /// `raw` is what the system gives: the device's descriptor and those of its configuration, one behind the other.
    /// Any octets may come; what is cut off or does not fit is passed over.
    pub fn read(raw: &[u8]) -> Result<Vec<Self>, Unsupported> {
        let mut usable = Vec::new();
        let mut reason = Unsupported::NotAReader;
        for part in interfaces(raw) {
            match part.settle() {
                Ok(descriptor) => usable.push(descriptor),
                Err(why) => reason = why,
            }
        }
        if usable.is_empty() { Err(reason) } else { Ok(usable) }
    }

    /// What a tap may ask of it.
    pub const fn limits(&self) -> ReaderLimits {
        match self.level {
            Level::Short => ReaderLimits::SHORT,
            Level::Extended => ReaderLimits::EXTENDED,
        }
    }
}

/// An interface of the class while its descriptors are gathered.
#[derive(Default)]
struct Part<'a> {
    interface: u8,
    alternate: u8,
    class: Option<&'a [u8]>,
    bulk_out: Option<Endpoint>,
    bulk_in: Option<Endpoint>,
    interrupt: Option<Endpoint>,
}

fn interfaces(raw: &[u8]) -> Vec<Part<'_>> {
    let mut found: Vec<Part<'_>> = Vec::new();
    // Descriptors between another interface and the next belong to that other one.
    let mut inside = false;
    let mut rest = raw;
    while let [length, kind, ..] = *rest {
        let Some((descriptor, behind)) = rest.split_at_checked(usize::from(length.max(2))) else { break };
        rest = behind;
        match (kind, descriptor) {
            (INTERFACE, [_, _, interface, alternate, _, class, ..]) => {
                inside = *class == SMART_CARD;
                if inside {
                    found.push(Part { interface: *interface, alternate: *alternate, ..Part::default() });
                }
            }
            (CLASS, _) if inside => {
                if let Some(part) = found.last_mut() {
                    part.class = Some(descriptor);
                }
            }
            (ENDPOINT, [_, _, address, attributes, low, high, ..]) if inside => {
                // The bits above are transfers in one micro-frame.
                let packet = u16::from_le_bytes([*low, *high]) & 0x07ff;
                let end = Endpoint { address: *address, packet: packet.clamp(1, LARGEST_PACKET) };
                if let Some(part) = found.last_mut() {
                    part.take(end, attributes & 0x03);
                }
            }
            _ => {}
        }
    }
    found
}

impl Part<'_> {
    fn take(&mut self, end: Endpoint, transfers: u8) {
        match (transfers, end.address & INWARD) {
            (BULK, 0) => self.bulk_out = Some(end),
            (BULK, _) => self.bulk_in = Some(end),
            (INTERRUPT, INWARD) => self.interrupt = Some(end),
            _ => {}
        }
    }

    fn settle(self) -> Result<Descriptor, Unsupported> {
        let class = self.class.ok_or(Unsupported::Incomplete)?;
        let long = |at: usize| {
            let octets = class.get(at..).and_then(<[u8]>::first_chunk::<4>);
            octets.map(|octets| u32::from_le_bytes(*octets)).ok_or(Unsupported::Incomplete)
        };
        let [_, _, _, _, last_slot, voltages, ..] = *class else { return Err(Unsupported::Incomplete) };
        let (features, message) = (long(40)?, long(44)?);
        let level = match features & (TPDU | SHORT_APDU | EXTENDED_APDU) {
            EXTENDED_APDU => Level::Extended,
            SHORT_APDU => Level::Short,
            _ => return Err(Unsupported::TpduLevel),
        };
        let length = usize::try_from(message).unwrap_or(usize::MAX).min(LONGEST_MESSAGE);
        if length < LEAST_MESSAGE {
            return Err(Unsupported::ShortMessages { octets: message });
        }
        Ok(Descriptor {
            interface: self.interface,
            alternate: self.alternate,
            bulk_out: self.bulk_out.ok_or(Unsupported::Incomplete)?,
            bulk_in: self.bulk_in.ok_or(Unsupported::Incomplete)?,
            interrupt: self.interrupt,
            last_slot,
            level,
            message: length,
            power: power(features, voltages),
            is_automatic: features & AUTOMATIC_PARAMETERS != 0,
        })
    }
}

/// `bPowerSelect`: automatic, or the lowest of 1.8, 3 and 5 V that the reader has, as ISO 7816-3 begins.
const fn power(features: u32, voltages: u8) -> u8 {
    match voltages & 0x07 {
        _ if features & AUTOMATIC_VOLTAGE != 0 => 0,
        0b100.. => 3,
        0b010.. => 2,
        _ => 1,
    }
}
