//! A USB card reader of the class CCID with a virtual card in it, down to its bulk transfers.
//!
//! Messages and descriptors are those of the class's revision 1.1; nothing is shared with the core. [`Device`] is the
//! reader in this process, [`serve`] lays it behind a socket for tests in other languages. What goes wrong is data:
//! see [`Trouble`].

mod descriptors;
mod device;
mod model;
mod pipe;
mod transfers;
mod trouble;

pub use device::Device;
pub use model::{Model, UnknownModel};
pub use pipe::serve;
pub use trouble::{Kind, Trouble, UnknownTrouble};

/// How a transfer ends that brings nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// The reader has nothing to say; a real one would let the host wait.
    Timeout,
    /// The endpoint is halted.
    Stall,
    /// The device is not there any more.
    Gone,
}
