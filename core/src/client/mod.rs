//! Drives the core's requests over HTTPS: registration, settings, keys, challenges, checks.
//!
//! Everything that decides stands in the pure rooms; this one sends what they make and hands back what they
//! judge. Clock and randomness are the shell's ([`World`]). Behind the feature `client`.

#[cfg(test)]
mod tests;
mod transport;

pub use transport::{Transport, TransportFault};

use serde::de::DeserializeOwned;

use crate::check::{CHALLENGES_PATH, ChallengesAnswer, ChallengesRequest, CheckOutcome, UnsentCheck};
use crate::guide::Code;
use crate::http::problem::Retry;
use crate::http::signature::{SigningFault, sign_request};
use crate::http::{Believed, ClockOffset, IdempotencyKey, PublicKey, Refusal, Request, Signer, judge};
use crate::instant::UnixTime;
use crate::registration::{
    Attestation, KeysAnswer, NonceAnswer, Registered, Registration, RegistrationAnswer, RegistrationError,
    TERMS_PATH, Terms, rotation_request,
};
use crate::settings::{
    DeviceSettings, SETTINGS_PATH, SettingsAnswer, SettingsError, SettingsRequest, known_service_keys,
};
use crate::trust::TrustEntry;

/// Seconds by which a clock may be off before it is set right: more than any answer takes on its way.
const TOLERANCE: u64 = 60;

/// The shell's clock and randomness.
pub trait World: Send + Sync {
    /// The device's own clock; it may be wrong.
    fn now(&self) -> UnixTime;

    /// Fills `octets` from the system's source of randomness for keys.
    fn random(&self, octets: &mut [u8]) -> Result<(), NoRandomness>;
}

/// The system gave no randomness; nothing can be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system gave no randomness")]
pub struct NoRandomness;

/// Why a call did not give what was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// Nothing came back, or nothing that is HTTP.
    #[error(transparent)]
    Transport(#[from] TransportFault),
    /// Something else answered, or the service said no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The request could not be signed.
    #[error(transparent)]
    Signing(#[from] SigningFault),
    /// The settings that came are not accepted.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The registration does not go on.
    #[error(transparent)]
    Registration(#[from] RegistrationError),
    /// No randomness for an Idempotency-Key.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
}

impl ClientError {
    /// The code that says it to the staff.
    pub fn code(&self) -> Code {
        match self {
            Self::Transport(fault) => fault.code(),
            Self::Refused(refusal) => refusal.code(),
            Self::Signing(SigningFault::Signer(fault)) => fault.code(),
            Self::Signing(SigningFault::Base(_)) => Code::RequestMalformed,
            Self::Settings(error) => error.code(),
            Self::Registration(error) => error.code(),
            Self::Randomness(_) => Code::KeyStoreUnavailable,
        }
    }

    /// What may be done next.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Transport(_) => Retry::Same,
            Self::Refused(refusal) => refusal.retry(),
            // A key store, or a source of randomness, that did not answer may do so the next time.
            _ if self.code() == Code::KeyStoreUnavailable => Retry::Same,
            _ => Retry::No,
        }
    }

    /// Whether the device's key did not sign, so that the service has not heard of the request.
    pub const fn is_unsigned(&self) -> bool {
        matches!(self, Self::Signing(_) | Self::Registration(RegistrationError::Signing(_)))
    }

    /// The terms that must be agreed to first, if that is what the service says.
    pub fn newer_terms(&self) -> Option<&Terms> {
        match self {
            Self::Refused(Refusal::Problem { problem, .. })
                if problem.code() == Some(Code::TermsOutdated) =>
            {
                problem.terms.as_ref()
            }
            _ => None,
        }
    }
}

/// Talks to one service of the trust list.
pub struct Client<'w> {
    transport: Transport,
    entry: TrustEntry,
    service_keys: Vec<PublicKey>,
    offset: ClockOffset,
    world: &'w dyn World,
}

impl<'w> Client<'w> {
    /// A client for `entry`; `settings` are those in force, if there are any, for the service keys they add.
    pub fn new(
        entry: &TrustEntry,
        settings: Option<&DeviceSettings>,
        world: &'w dyn World,
    ) -> Result<Self, TransportFault> {
        Ok(Self::over(Transport::new(entry)?, entry, settings, world))
    }

    /// A client over a transport to the service of `entry`, which keeps its connections from one client to the next.
    pub fn over(
        transport: Transport,
        entry: &TrustEntry,
        settings: Option<&DeviceSettings>,
        world: &'w dyn World,
    ) -> Self {
        Self {
            transport,
            service_keys: known_service_keys(entry, settings),
            entry: entry.clone(),
            offset: ClockOffset::default(),
            world,
        }
    }

    /// The service's time, as far as a signed answer has taught it; the device's own before.
    pub fn now(&self) -> UnixTime {
        self.offset.correct(self.world.now())
    }

    /// Goes on with the offset that an earlier answer has taught.
    #[must_use]
    pub const fn with_offset(mut self, offset: ClockOffset) -> Self {
        self.offset = offset;
        self
    }

    /// How far the service's clock is ahead.
    pub const fn offset(&self) -> ClockOffset {
        self.offset
    }

    /// A fresh name for one operation.
    pub fn operation(&self) -> Result<IdempotencyKey, NoRandomness> {
        let mut octets = [0; 16];
        self.world.random(&mut octets)?;
        Ok(IdempotencyKey(octets))
    }

    /// The terms in force.
    pub async fn terms(&mut self) -> Result<Terms, ClientError> {
        let request = Request::get(&self.entry.origin, TERMS_PATH, &self.operation()?);
        let terms: Terms = self.ask(|_| Ok::<_, SigningFault>(request.clone())).await?.body;
        if terms.is_whole() { Ok(terms) } else { Err(RegistrationError::Terms.into()) }
    }

    /// Asks for a registration nonce.
    pub async fn nonce(&mut self, registration: &Registration<'_>) -> Result<NonceAnswer, ClientError> {
        let request = registration.nonce_request(&self.operation()?);
        Ok(self.ask(|_| Ok::<_, SigningFault>(request.clone())).await?.body)
    }

    /// Registers `device_key`. After [`ClientError::newer_terms`] the same nonce serves once they are agreed to;
    /// after a lost answer the call is repeated with a new nonce and the same key, which the service then knows.
    pub async fn register(
        &mut self,
        registration: &Registration<'_>,
        nonce: &NonceAnswer,
        attestation: Option<Attestation>,
        device_key: &dyn Signer,
    ) -> Result<Registered, ClientError> {
        let key = self.operation()?;
        let make = |now| registration.request(nonce, attestation.clone(), device_key, &key, now);
        let answer: RegistrationAnswer = self.ask(make).await?.body;
        let registered = registration.finish(answer)?;
        self.service_keys = known_service_keys(&self.entry, Some(&registered.settings));
        Ok(registered)
    }

    /// Fetches the device settings, and believes the service keys that they name from then on.
    pub async fn settings(
        &mut self,
        current: &DeviceSettings,
        device_key: &dyn Signer,
    ) -> Result<DeviceSettings, ClientError> {
        let answer: SettingsAnswer = self.post(SETTINGS_PATH, &SettingsRequest {}, device_key).await?;
        let settings = DeviceSettings::accept(&answer.settings, &self.entry, Some(current))?;
        self.service_keys = known_service_keys(&self.entry, Some(&settings));
        Ok(settings)
    }

    /// Fetches `count` challenges. A settings version in the answer that is above the one in force says that
    /// [`Client::settings`] is due; one below it is refused.
    pub async fn challenges(
        &mut self,
        count: u8,
        current: &DeviceSettings,
        device_key: &dyn Signer,
    ) -> Result<ChallengesAnswer, ClientError> {
        let answer: ChallengesAnswer =
            self.post(CHALLENGES_PATH, &ChallengesRequest { count }, device_key).await?;
        if answer.settings_version < current.version {
            let (current, offered) = (current.version, answer.settings_version);
            return Err(SettingsError::Older { current, offered }.into());
        }
        Ok(answer)
    }

    /// Changes the device key; to be called only when no unsent check is left. Open challenges end with it.
    pub async fn rotate(
        &mut self,
        current: &DeviceSettings,
        old: &dyn Signer,
        new: &dyn Signer,
    ) -> Result<KeysAnswer, ClientError> {
        let key = self.operation()?;
        Ok(self.ask(|now| rotation_request(current, old, new, &key, now)).await?.body)
    }

    /// Sends a check once; a clock that is wrong is set right on the way. An error of the transport says nothing of
    /// the check: it is kept, and sent again while it lives.
    pub async fn check(
        &mut self,
        check: &UnsentCheck,
        device_key: &dyn Signer,
    ) -> Result<CheckOutcome, ClientError> {
        let mut skewed = false;
        loop {
            let request = check.request(device_key, self.now())?;
            let answer = self.transport.send(&request).await?;
            match check.judge(&request, &answer, &self.service_keys) {
                CheckOutcome::Keep(refusal) if !skewed => {
                    let Some(offset) = refusal.clock_offset(self.world.now()) else {
                        return Ok(CheckOutcome::Keep(refusal));
                    };
                    self.offset = offset;
                    skewed = true;
                }
                outcome => return Ok(outcome),
            }
        }
    }

    /// Sends a signed `POST` of `body` and reads the believed answer.
    async fn post<T: DeserializeOwned>(
        &mut self,
        path: &str,
        body: &impl serde::Serialize,
        device_key: &dyn Signer,
    ) -> Result<T, ClientError> {
        let key = self.operation()?;
        // Writing a message of ours into memory cannot fail: there is no map in any.
        let body = serde_json::to_vec(body).unwrap_or_default();
        let request = Request::post(&self.entry.origin, path, &key, body);
        let make = |now| {
            let mut request = request.clone();
            sign_request(&mut request, device_key, now).map(|()| request)
        };
        Ok(self.ask(make).await?.body)
    }

    /// Sends what `make` makes for the time; after a signed `clock-skew` once more, the same operation with the
    /// service's time and a new signature.
    async fn ask<T: DeserializeOwned, E: Into<ClientError>>(
        &mut self,
        make: impl Fn(UnixTime) -> Result<Request, E>,
    ) -> Result<Believed<T>, ClientError> {
        let mut skewed = false;
        loop {
            let request = make(self.now()).map_err(Into::into)?;
            let answer = self.transport.send(&request).await?;
            match judge(&answer, &request, &self.service_keys) {
                Err(refusal) if !skewed => {
                    self.offset = refusal.clock_offset(self.world.now()).ok_or(refusal)?;
                    skewed = true;
                }
                judged => {
                    let believed = judged?;
                    self.learn(believed.signature.created);
                    return Ok(believed);
                }
            }
        }
    }
}

impl Client<'_> {
    /// Takes the service's clock from a believed answer to an operation of this moment, when it is far from what
    /// was known. Never from the answer to a check, which may be one that was stored earlier.
    fn learn(&mut self, created: UnixTime) {
        let known = self.now();
        if known.since(created) > TOLERANCE || created.since(known) > TOLERANCE {
            self.offset = ClockOffset::between(self.world.now(), created);
        }
    }
}

impl core::fmt::Debug for Client<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Client({})", self.entry.origin)
    }
}
