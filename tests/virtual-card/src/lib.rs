//! A My Number Card (マイナンバーカード) in software, for tests, the demo and people without a card.
//!
//! It **enforces** what the real card enforces: a file is readable only under its condition, a wrong
//! PIN costs a try, the third blocks, nothing is signed before a good VERIFY. It shares no code with
//! the core, so that a mistake in the core's idea of the card cannot hide in both.
//!
//! A card is data: `tests/data/cards/NAME/card.json` with certificates and keys beside it, the usual
//! ones [embedded](CARDS). Their certificates stand under the test CA of `tests/data/ca`, whose keys lie
//! open in the repository: **it is a test anchor, always, and proves nothing about anybody.**
//!
//! ```
//! let mut card = shikaku_virtual_card::Card::from_name("default")?;
//! let response = card.transmit(&[0x00, 0xa4, 0x04, 0x0c, 0x0a, 0xd3, 0x92, 0xf0, 0x00, 0x26, 0x01, 0, 0, 0, 1]);
//! assert_eq!(response, [0x90, 0x00]);
//! # Ok::<(), shikaku_virtual_card::CardError>(())
//! ```

mod apdu;
mod card;
pub mod ccid;
mod chip;
mod definition;
mod embedded;
mod hex;
pub mod issue;
mod journal;
#[cfg(unix)]
pub mod pn532;
mod slip;
mod status;
mod swap;
mod timing;
pub mod vpcd;

pub use card::{Card, Pace};
pub use chip::{Capabilities, NamedKey, Quirks, ShortRead, ShortVerify};
pub use definition::CardError;
pub use embedded::CARDS;
pub use journal::{Exchange, Journal, Totals};
pub use slip::{Slip, UnknownSlip};
pub use status::Status;
pub use swap::Swap;
