//! The signature: in the shortest form that the card is known for, else in the standard one.

use super::{Failure, Jpki, Unlocked};
use crate::apdu::command::Command;
use crate::apdu::exchange::{Transceive, exchange};
use crate::card::strategy::{Probe, Strategy};
use crate::certificate::Certificate;
use crate::transcript::Transcript;

/// Why there is no signature.
pub(crate) enum Unsigned {
    /// What came instead.
    Failure(Failure),
    /// One came, and it is not the certificate's.
    Wrong,
}

impl<T: Transceive + Send + Sync> Jpki<'_, T, Unlocked> {
    /// Has the card sign `transcript`, nothing else: 256 octets that verify with the key of `certificate`. Spends
    /// nothing.
    ///
    /// What is refused in another form than the standard one, or does not verify, is asked for once more in the
    /// standard form. `strategy` comes back with what was learned.
    pub(crate) async fn sign(
        &mut self,
        transcript: &Transcript,
        certificate: &Certificate,
        strategy: &mut Strategy,
    ) -> Result<[u8; 256], Unsigned> {
        let names_key = strategy.key_by_short_id.is_usable();
        let is_bare = strategy.signs_bare_hash();
        if !names_key {
            self.select_key().await?;
        }
        if names_key || is_bare {
            let mut attempt = Attempt { strategy, names_key, is_bare };
            attempt.doubt();
            match self
                .signature(self.short_command(transcript, names_key, is_bare), transcript, certificate)
                .await
            {
                Ok(signature) => {
                    attempt.worked();
                    return Ok(signature);
                }
                Err(fault @ Unsigned::Failure(Failure::Fault(_))) => return Err(fault),
                Err(_) => attempt.failed(),
            }
            if names_key {
                self.select_key().await?;
            }
        }
        self.signature(Command::sign(transcript), transcript, certificate).await
    }

    fn short_command(&self, transcript: &Transcript, names_key: bool, is_bare: bool) -> Command {
        let key = self.profile.key.short();
        match (names_key, is_bare) {
            (true, true) => Command::sign_hash_by_short_id(key, transcript),
            (true, false) => Command::sign_by_short_id(key, transcript),
            (false, _) => Command::sign_hash(transcript),
        }
    }

    async fn select_key(&mut self) -> Result<(), Unsigned> {
        let selected = self.select_file(self.profile.key).await.map_err(Unsigned::Failure)?;
        selected.map_err(|status| Unsigned::Failure(Failure::Status(status)))
    }

    async fn signature(
        &mut self,
        command: Command,
        transcript: &Transcript,
        certificate: &Certificate,
    ) -> Result<[u8; 256], Unsigned> {
        let response =
            exchange(self.card, command).await.map_err(|broken| Unsigned::Failure(broken.into()))?;
        let octets = response.success().map_err(|status| Unsigned::Failure(Failure::Status(status)))?;
        let signature: [u8; 256] = octets.try_into().map_err(|_| Unsigned::Failure(Failure::Garbage))?;
        certificate.verify(transcript, &signature).map_err(|_| Unsigned::Wrong)?;
        Ok(signature)
    }
}

/// One signature in another form than the standard one, and what it shows of the forms that it was asked for in.
struct Attempt<'a> {
    strategy: &'a mut Strategy,
    names_key: bool,
    is_bare: bool,
}

impl Attempt<'_> {
    /// The bare hash is tried for the first time only with a key form that has worked, which then stays believed.
    fn doubt(&mut self) {
        let is_first_bare = self.is_bare && self.strategy.bare_hash == Probe::Untried;
        if self.names_key && !is_first_bare {
            self.strategy.key_by_short_id = self.strategy.key_by_short_id.doubted();
        }
        if self.is_bare {
            self.strategy.bare_hash = self.strategy.bare_hash.doubted();
        }
    }

    fn worked(&mut self) {
        if self.names_key {
            self.strategy.key_by_short_id = Probe::Works;
        }
        if self.is_bare {
            self.strategy.bare_hash = Probe::Works;
        }
    }

    /// The form that saves less is the first to go.
    fn failed(&mut self) {
        if self.is_bare {
            self.strategy.bare_hash = Probe::Refused;
        } else {
            self.strategy.key_by_short_id = Probe::Refused;
        }
    }
}
