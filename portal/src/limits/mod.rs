//! How much one device, address or account may ask: quotas and back-off, in bounded memory.
//!
//! Counters live in this process and are forgotten at a restart: they shed load and slow guessing down,
//! they decide nothing that must survive.

mod backoff;
mod generations;
mod quota;
mod tally;

pub use backoff::Backoff;
pub use quota::{Quota, Rate};
pub use tally::Tally;

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;

/// Requests a minute that an address may make unless the operator says otherwise.
pub const PER_ADDRESS: NonZeroU32 = NonZeroU32::MIN.saturating_add(59);

/// Too much was asked; ask again after so many whole seconds, at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many requests; the next may come in {seconds} s")]
pub struct TooMany {
    /// Value of `Retry-After`.
    pub seconds: u64,
}

/// Whom an address stands for: an IPv4 address, or the /64 that an IPv6 host chooses its address from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Peer(IpAddr);

impl Peer {
    /// The party behind `address`.
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self(address.into()),
            IpAddr::V6(address) => {
                Self(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into())
            }
        }
    }
}

/// The numbers of a service; tests and operators may choose others.
#[derive(Debug, Clone, Copy)]
pub struct Numbers {
    /// Checks per device (protocol.md: 30 a minute, burst 10).
    pub checks: Rate,
    /// First steps of visual checks per device, beside the former: they ask for a name, whether or not one is shown.
    pub visual: Rate,
    /// Any other signed request per device.
    pub requests: Rate,
    /// Nonces per address.
    pub nonces: Rate,
    /// Registrations per address.
    pub registrations: Rate,
    /// Terms per address.
    pub terms: Rate,
    /// Paths and methods that are not ours, per address.
    pub strangers: Rate,
    /// Wrong proofs of one address for one account before back-off begins.
    pub free_wrong_proofs: u32,
}

impl Default for Numbers {
    fn default() -> Self {
        Self::with_addresses(PER_ADDRESS)
    }
}

impl Numbers {
    /// The usual numbers, where each address may ask `per_minute` times for a nonce, to register, for the terms, and for
    /// what is not there, all of a minute's at once. Many devices may lie behind one address.
    ///
    /// What no quota bounds are requests to our paths that are refused before a device is known: each costs a signature, a
    /// tenth of a millisecond, as cheap as the TLS handshake that it came over.
    pub fn with_addresses(per_minute: NonZeroU32) -> Self {
        let address = Rate { per_minute: per_minute.get(), burst: per_minute.get() };
        Self {
            checks: Rate { per_minute: 30, burst: 10 },
            visual: Rate { per_minute: 6, burst: 6 },
            requests: Rate { per_minute: 120, burst: 40 },
            nonces: address,
            registrations: address,
            terms: address,
            strangers: address,
            free_wrong_proofs: 5,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_one_ipv6_network_are_one_peer_and_ipv4_hosts_are_each_their_own() {
        let peer = |text: &str| Peer::of(text.parse().unwrap());
        assert_eq!(peer("2001:db8:1:2::1"), peer("2001:db8:1:2:ffff::9"));
        assert_ne!(peer("2001:db8:1:2::1"), peer("2001:db8:1:3::1"));
        assert_eq!(peer("::ffff:192.0.2.1"), peer("192.0.2.1"));
        assert_ne!(peer("192.0.2.1"), peer("192.0.2.2"));
    }
}
