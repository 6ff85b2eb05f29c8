//! The system's clock and randomness, which the core asks for as arguments.

use std::time::{SystemTime, UNIX_EPOCH};

use shikaku::client::{NoRandomness, World};
use shikaku::instant::UnixTime;

/// This machine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Machine;

impl World for Machine {
    fn now(&self) -> UnixTime {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        UnixTime(since.map_or(0, |since| since.as_secs()))
    }

    fn random(&self, octets: &mut [u8]) -> Result<(), NoRandomness> {
        getrandom::fill(octets).map_err(|_| NoRandomness)
    }
}
