//! USB card readers (CCID) as values, for shells that own a USB pipe: a tablet without NFC, for one.
//!
//! The shell opens the device, hands its descriptors to [`Descriptor::read`] and moves bulk octets; what they mean is
//! decided here. A [`Reader`] is a stepper like a tap:
//!
//! ```text
//! step = reader.power_on() | reader.transmit(command) | reader.status() | reader.power_off()
//! loop: Write → bulk-out the message whole, then written()
//!       Read  → one bulk-in transfer of at most so many octets, then received(octets, how long it took)
//!       Done  → what came of it
//! ```
//!
//! Nothing is ever sent twice. Whatever goes wrong, the request under way is over and its octets are gone, so a PIN
//! leaves in one message or not at all; a stale answer is told by its sequence number and passed over.
//!
//! Source: *USB Device Class: Smart Card, CCID*, revision 1.1 (22 April 2005), cited here by section. Readers at the
//! levels of short and of extended APDUs are served. Those at the TPDU or character level are refused by name: the
//! host would have to speak T=1 itself, and contactless readers are rarely of that kind.

mod descriptor;
mod failure;
mod message;
mod reader;

pub use descriptor::{Descriptor, Endpoint, Level, Unsupported};
pub use failure::{Cause, Failure, SlotError, Unusable};
pub use message::{CardState, Notification};
pub use reader::{Done, Reader, Step};

#[cfg(test)]
mod tests;
