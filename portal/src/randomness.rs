//! The service's randomness, as a value.

use std::sync::Arc;

/// The source gave no octets; nothing that needs them may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the source of randomness failed")]
pub struct RandomnessFault;

type Fill = dyn Fn(&mut [u8]) -> Result<(), RandomnessFault> + Send + Sync;

/// Gives random octets to whoever holds it. A value and not a global, so that a test can foresee them.
#[derive(Clone)]
pub struct Randomness(Arc<Fill>);

impl Randomness {
    /// The operating system's generator.
    pub fn system() -> Self {
        Self::from_fn(|octets| getrandom::fill(octets).map_err(|_| RandomnessFault))
    }

    /// Any other source; for tests.
    pub fn from_fn(fill: impl Fn(&mut [u8]) -> Result<(), RandomnessFault> + Send + Sync + 'static) -> Self {
        Self(Arc::new(fill))
    }

    /// `N` fresh octets.
    pub fn octets<const N: usize>(&self) -> Result<[u8; N], RandomnessFault> {
        let mut octets = [0; N];
        (self.0)(&mut octets)?;
        Ok(octets)
    }
}

impl std::fmt::Debug for Randomness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Randomness")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_gives_different_octets_each_time() {
        let system = Randomness::system();
        assert_ne!(system.octets::<16>().unwrap(), system.octets::<16>().unwrap());
    }

    #[test]
    fn a_fault_of_the_source_is_passed_on() {
        let broken = Randomness::from_fn(|_| Err(RandomnessFault));
        assert_eq!(broken.octets::<16>(), Err(RandomnessFault));
    }
}
