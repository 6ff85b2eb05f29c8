//! What goes over the network, apart from the terminal: it is run without holding it, so that screen and card go on
//! meanwhile, and what comes back is handed to it.

use std::sync::Arc;

use super::platform::{DeviceKey, PlatformKey, key_name};
use crate::check::{ChallengesAnswer, CheckOutcome, UnsentCheck};
use crate::client::{Client, ClientError, Transport, TransportFault, World};
use crate::flow::Ticket;
use crate::guide::Code;
use crate::http::problem::Retry;
use crate::http::signature::SigningFault;
use crate::http::{ClockOffset, Refusal, SignerFault};
use crate::instant::UnixTime;
use crate::registration::{Consent, Platform, Registered, Registration, Terms, attestation_challenge};
use crate::settings::{DeviceSettings, UserSettings};
use crate::trust::TrustEntry;

/// One piece of work for the network, to be run once.
pub struct Call {
    pub(super) line: Line,
    pub(super) work: Work,
}

/// What came of a [`Call`].
pub struct Reply {
    /// Which registration it belongs to.
    pub(super) epoch: u64,
    /// What the service's clock was found to be ahead by, where the call found it anew.
    pub(super) offset: Option<ClockOffset>,
    pub(super) news: News,
}

/// How the service is reached, and as whom.
pub(super) struct Line {
    /// Counts what was wiped before: what is asked for one registration is no news to the next.
    pub(super) epoch: u64,
    pub(super) entry: TrustEntry,
    pub(super) transport: Option<Transport>,
    pub(super) settings: Option<DeviceSettings>,
    pub(super) offset: ClockOffset,
    pub(super) keys: Arc<dyn DeviceKey>,
    /// Number of the present key.
    pub(super) key: u32,
    pub(super) world: Arc<dyn World>,
}

pub(super) enum Work {
    Register(Box<Enrolment>),
    Rotate,
    Fetch { count: u8 },
    Refresh,
    Send { ticket: Ticket, check: Box<UnsentCheck> },
}

/// What a registration needs.
pub(super) struct Enrolment {
    pub(super) settings: UserSettings,
    pub(super) consent: Consent,
    pub(super) device_name: String,
    pub(super) platform: Platform,
}

pub(super) enum News {
    Registered { entry: TrustEntry, registered: Box<Registered>, settings: UserSettings },
    NotRegistered { failure: Failure, terms: Option<Terms>, settings: Option<UserSettings> },
    Rotated(Result<(), Failure>),
    Fetched(Result<Fetched, Failure>),
    Refreshed(Result<Box<DeviceSettings>, Failure>),
    Sent { ticket: Ticket, until: UnixTime, result: Result<CheckOutcome, Failure> },
}

/// Challenges, and newer settings where the answer named them.
pub(super) struct Fetched {
    pub(super) answer: ChallengesAnswer,
    pub(super) settings: Option<Result<Box<DeviceSettings>, Failure>>,
}

/// Why the service did not do it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) code: Code,
    /// In English; may be logged.
    pub(super) detail: String,
    /// Whether the service takes none of the open challenges any more.
    pub(super) retires_challenges: bool,
    /// Whether the same may be done again.
    pub(super) again: bool,
}

impl Failure {
    pub(super) fn of(code: Code, why: &dyn core::fmt::Display) -> Self {
        Self { code, detail: why.to_string(), retires_challenges: false, again: false }
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        let retires_challenges =
            matches!(&error, ClientError::Refused(refusal) if refusal.retires_challenges());
        let again = error.retry() == Retry::Same;
        Self { code: error.code(), detail: error.to_string(), retires_challenges, again }
    }
}

impl From<&Refusal> for Failure {
    fn from(refusal: &Refusal) -> Self {
        Self {
            code: refusal.code(),
            detail: refusal.to_string(),
            retires_challenges: refusal.retires_challenges(),
            again: refusal.retry() == Retry::Same,
        }
    }
}

impl Call {
    /// The reply of a call that is given up before its end: what the service made of it is not known.
    pub fn given_up(&self) -> Reply {
        self.failed(TransportFault::Unreachable)
    }

    fn failed(&self, fault: TransportFault) -> Reply {
        let failure = Failure::from(ClientError::from(fault));
        let news = match &self.work {
            Work::Register(_) => News::NotRegistered { failure, terms: None, settings: None },
            Work::Rotate => News::Rotated(Err(failure)),
            Work::Fetch { .. } => News::Fetched(Err(failure)),
            Work::Refresh => News::Refreshed(Err(failure)),
            Work::Send { ticket, check } => {
                News::Sent { ticket: *ticket, until: check.expires_at(), result: Err(failure) }
            }
        };
        Reply { epoch: self.line.epoch, offset: None, news }
    }

    /// Does the work. Whoever drops the future before its end hands the terminal [`Call::given_up`] instead.
    pub async fn run(self) -> Reply {
        let world = Arc::clone(&self.line.world);
        match self.line.client(world.as_ref()) {
            Ok(mut client) => {
                let news = self.line.work(&mut client, self.work).await;
                let offset = Some(client.offset()).filter(|found| *found != self.line.offset);
                Reply { epoch: self.line.epoch, offset, news }
            }
            Err(fault) => self.failed(fault),
        }
    }
}

impl Line {
    fn client<'w>(&self, world: &'w dyn World) -> Result<Client<'w>, TransportFault> {
        let transport = self.transport.clone().map_or_else(|| Transport::new(&self.entry), Ok)?;
        let client = Client::over(transport, &self.entry, self.settings.as_ref(), world);
        Ok(client.with_offset(self.offset))
    }

    async fn work(&self, client: &mut Client<'_>, work: Work) -> News {
        match work {
            Work::Register(enrolment) => self.register(client, *enrolment).await,
            Work::Rotate => News::Rotated(self.rotate(client).await),
            Work::Fetch { count } => News::Fetched(self.fetch(client, count).await),
            Work::Refresh => News::Refreshed(self.refresh(client).await),
            Work::Send { ticket, check } => {
                let (until, result) = (check.expires_at(), self.send(client, &check).await);
                News::Sent { ticket, until, result }
            }
        }
    }

    /// Nonce, key, proof, answer. A key that is there already is one of a registration whose answer was lost: the
    /// service may know it, so it is used again, without an attestation, which was over another nonce. A key goes only
    /// when the service says that it will never take it, or cannot have heard of it.
    async fn register(&self, client: &mut Client<'_>, enrolment: Enrolment) -> News {
        let Enrolment { settings, consent, device_name, platform } = enrolment;
        let account = settings.account.clone();
        let registration = match Registration::new(settings, &self.entry, consent, &device_name, platform) {
            Ok(registration) => registration,
            Err(error) => {
                let failure = Failure::of(error.code(), &error);
                return News::NotRegistered { failure, terms: None, settings: None };
            }
        };
        let name = key_name(self.key);
        let mut is_new = false;
        let registered = async {
            let nonce = client.nonce(&registration).await?;
            let attestation = if self.has_key(&name)? {
                None
            } else {
                is_new = true;
                let challenge = attestation_challenge(&account, &nonce.nonce);
                self.keys.create(&name, Some(&challenge)).map_err(signer)?
            };
            let key = PlatformKey::open(&self.keys, &name).map_err(signer)?;
            client.register(&registration, &nonce, attestation, &key).await
        };
        match registered.await {
            Ok(registered) => News::Registered {
                entry: self.entry.clone(),
                registered: Box::new(registered),
                settings: registration.into_settings(),
            },
            Err(error) => {
                let is_refused = matches!(error, ClientError::Refused(_)) && error.retry() != Retry::Same;
                let is_unheard_of = is_new && error.is_unsigned();
                if is_refused || is_unheard_of {
                    // The service knows no such key: the next attempt makes its own, with an attestation of its own.
                    // A key that cannot be removed is used again.
                    let _ = self.keys.erase(&name);
                }
                News::NotRegistered {
                    terms: error.newer_terms().cloned(),
                    settings: Some(registration.into_settings()),
                    failure: error.into(),
                }
            }
        }
    }

    /// Announces the next key, which is kept from then on: the same one again, should the answer be lost.
    async fn rotate(&self, client: &mut Client<'_>) -> Result<(), Failure> {
        let settings = self.settings()?;
        let old = self.key()?;
        let name = key_name(self.key.saturating_add(1));
        if !self.has_key(&name)? {
            self.keys.create(&name, None).map_err(signer)?;
        }
        let next = PlatformKey::open(&self.keys, &name).map_err(signer)?;
        client.rotate(settings, &old, &next).await?;
        Ok(())
    }

    async fn fetch(&self, client: &mut Client<'_>, count: u8) -> Result<Fetched, Failure> {
        let (current, key) = (self.settings()?, self.key()?);
        let answer = client.challenges(count, current, &key).await?;
        let newer = answer.settings_version > current.version;
        let settings = if newer { Some(self.refresh(client).await) } else { None };
        Ok(Fetched { answer, settings })
    }

    async fn refresh(&self, client: &mut Client<'_>) -> Result<Box<DeviceSettings>, Failure> {
        Ok(Box::new(client.settings(self.settings()?, &self.key()?).await?))
    }

    async fn send(&self, client: &mut Client<'_>, check: &UnsentCheck) -> Result<CheckOutcome, Failure> {
        Ok(client.check(check, &self.key()?).await?)
    }

    /// Whether there is a key of this name. A key store that does not answer may well have it.
    fn has_key(&self, name: &str) -> Result<bool, ClientError> {
        match self.keys.public_key(name) {
            Ok(found) => Ok(found.is_some()),
            Err(SignerFault::KeyLost) => Ok(false),
            Err(fault @ SignerFault::Unavailable) => Err(signer(fault)),
        }
    }

    fn key(&self) -> Result<PlatformKey, Failure> {
        let key = PlatformKey::open(&self.keys, &key_name(self.key));
        key.map_err(|fault| Failure::of(fault.code(), &fault))
    }

    fn settings(&self) -> Result<&DeviceSettings, Failure> {
        self.settings
            .as_ref()
            .ok_or_else(|| Failure::of(Code::NotRegistered, &"the device is not registered"))
    }
}

/// The key store's refusal as the client has it.
fn signer(fault: SignerFault) -> ClientError {
    ClientError::Signing(SigningFault::Signer(fault))
}

/// Nothing of what travels is printed: it holds a registration code or a certificate.
impl core::fmt::Debug for Call {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Call({})", self.line.entry.origin)
    }
}

impl core::fmt::Debug for Reply {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Reply")
    }
}
