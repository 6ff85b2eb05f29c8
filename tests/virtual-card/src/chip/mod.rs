//! What the chip knows and enforces: applications, files, conditions, security status.
//!
//! Standing of what it answers. *Seen by several clients on real cards*: 9000, 6A82, 63Cx, 63C0 for the try
//! that blocks, 6984 after it, 6700 for a counter query with Le, 6982 for a signature without PIN, 6B00 behind
//! the end of a file. *Published from test cards* (myna-card 3.3.4): 6A86 and 9000 for 00A40000, 6881, 6882,
//! 69FC, 6985 for a long GET CHALLENGE, 6700 for 80FC, 6982 and 66F1 for 80AE. *Our assumption, no source*: 6986
//! without a file, 6981 for a file of another kind, 6A86 for every option that is switched off, 6884, 6A80, 6D00
//! and 6E00; that a wrong VERIFY takes security status back; that a code of another length spends a try; that only the card face application signs with a key that no command
//! names (P2 = 00, myna-card 3.3.4), and without selecting it.

mod capabilities;
mod credential;
mod issuer;
mod read;
mod select;
mod sign;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use rsa::RsaPrivateKey;
use serde::{Deserialize, Deserializer, de::Error as _};

use crate::apdu::Command;
use crate::hex;
use crate::status::Status;
use crate::timing::Effort;

pub use capabilities::{Capabilities, NamedKey, Quirks, ShortRead, ShortVerify};

/// AID of the JPKI application (公的個人認証AP).
const JPKI_AID: &[u8] = &[0xd3, 0x92, 0xf0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01];

/// An application with its elementary files by identifier.
#[derive(Debug, Clone)]
pub(crate) struct Application {
    pub(crate) aid: Vec<u8>,
    pub(crate) files: BTreeMap<u16, File>,
    /// The key that signs when a command names none (P2 = 00).
    pub(crate) default_key: Option<u16>,
}

/// An elementary file. `access` says when data may be read or a key used.
#[derive(Debug, Clone)]
pub(crate) struct File {
    pub(crate) content: Content,
    pub(crate) access: Access,
}

#[derive(Clone)]
pub(crate) enum Content {
    Data(Vec<u8>),
    Key(Box<RsaPrivateKey>),
    Secret(Secret),
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Data(octets) => write!(f, "Data({} octets)", octets.len()),
            Self::Key(_) => f.write_str("Key(…)"),
            Self::Secret(secret) => write!(f, "Secret({:?})", secret.tries),
        }
    }
}

/// A PIN, password or printed number, with its counter.
#[derive(Clone)]
pub(crate) struct Secret {
    pub(crate) value: Vec<u8>,
    /// `None`: may be tried without end.
    pub(crate) tries: Option<Tries>,
}

/// A counter of wrong tries: `left` of `limit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tries {
    pub(crate) limit: u8,
    pub(crate) left: u8,
}

/// The condition of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Free,
    Never,
    /// After a good VERIFY of the credential in this file of the same application.
    After(u16),
}

impl<'de> Deserialize<'de> for Access {
    /// `"free"`, `"never"` or the four digits of the credential's file.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.as_str() {
            "free" => Ok(Self::Free),
            "never" => Ok(Self::Never),
            digits => hex::decode(digits)
                .and_then(|octets| octets.try_into().ok())
                .map(|octets| Self::After(u16::from_be_bytes(octets)))
                .ok_or_else(|| D::Error::custom(format!("not free, never or a file identifier: {text:?}"))),
        }
    }
}

/// Response data with the closing status.
type Answer = Result<(Vec<u8>, Status), Status>;

#[derive(Debug, Clone)]
pub(crate) struct Chip {
    capabilities: Capabilities,
    applications: Vec<Application>,
    session: Session,
    remembered: Option<sign::Remembered>,
}

/// What is gone when power is lost.
#[derive(Debug, Clone, Default)]
struct Session {
    current: Current,
    /// The elementary file that is selected.
    file: Option<u16>,
    /// Credentials verified, by file, and the application they belong to. Kept through a warm reset and
    /// a repeated selection of the same application.
    verified: BTreeSet<u16>,
    owner: Option<usize>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Current {
    #[default]
    Nothing,
    CardManager,
    /// Index into the applications.
    Application(usize),
}

impl Chip {
    pub(crate) fn new(capabilities: Capabilities, applications: Vec<Application>) -> Self {
        Self { capabilities, applications, session: Session::default(), remembered: None }
    }

    pub(crate) const fn capabilities(&self) -> Capabilities {
        self.capabilities
    }

    pub(crate) const fn set_capabilities(&mut self, capabilities: Capabilities) {
        self.capabilities = capabilities;
    }

    pub(crate) fn power_off(&mut self) {
        self.session = Session::default();
    }

    pub(crate) fn warm_reset(&mut self) {
        self.session.current = Current::Nothing;
        self.session.file = None;
    }

    /// Answers any octets.
    pub(crate) fn answer(&mut self, octets: &[u8]) -> (Vec<u8>, Status, Effort) {
        match self.dispatch(octets) {
            Ok((data, status, effort)) => (data, status, effort),
            Err(status) => (Vec::new(), status, Effort::Plain),
        }
    }

    fn dispatch(&mut self, octets: &[u8]) -> Result<(Vec<u8>, Status, Effort), Status> {
        let [cla, ins, ..] = *octets else { return Err(Status::WRONG_LENGTH) };
        self.refuse_class(cla, ins)?;
        let command = Command::parse(octets)?;
        if command.extended && !self.capabilities.extended_length {
            return Err(Status::WRONG_LENGTH);
        }
        let plain = |(data, status)| (data, status, Effort::Plain);
        match (cla, ins) {
            (0x00, 0xa4) => self.select(&command).map(plain),
            (0x00, 0xb0) => self.read(&command).map(plain),
            (0x00, 0x20) => self.verify(&command),
            (0x00, 0x84) => Self::challenge(&command).map(plain),
            (0x80, 0x2a) => self.sign(&command),
            (0x80, 0xae) => Err(self.issuer_command()),
            // A command of the iPhone's profile; a plastic card finds it too short (observed).
            (0x80, 0xfc) => Err(Status::WRONG_LENGTH),
            _ => Err(Status::UNKNOWN_INSTRUCTION),
        }
    }

    /// Logical channels, secure messaging and chaining do not exist here (status words as observed on test cards).
    fn refuse_class(&self, cla: u8, ins: u8) -> Result<(), Status> {
        match cla {
            0x00 | 0x80 => Ok(()),
            // First interindustry range and its proprietary twin: 000 chaining, 00 secure messaging, 00 channel.
            0x01..=0x1f | 0x81..=0x9f => Err(if cla & 0x03 != 0 {
                Status::NO_CHANNEL
            } else if cla & 0x0c == 0 {
                Status::NO_CHAINING
            } else if cla == 0x08 && ins == 0xb0 && self.current_is_jpki() {
                Status::SECURE_READ
            } else {
                Status::NO_SECURE_MESSAGING
            }),
            // Further interindustry range: channels 4 to 19.
            0x40..=0x7f => Err(Status::NO_CHANNEL),
            _ => Err(Status::UNKNOWN_CLASS),
        }
    }

    fn current_is_jpki(&self) -> bool {
        self.current_application().is_some_and(|application| application.aid == JPKI_AID)
    }

    /// GET CHALLENGE is nobody's business here; the one status word that was observed is kept.
    fn challenge(command: &Command<'_>) -> Answer {
        match command.le {
            Some(le) if le.limit() > 256 => Err(Status::CONDITIONS),
            _ => Err(Status::UNKNOWN_INSTRUCTION),
        }
    }

    /// 80AE (SET SESSION KEY) is the issuer's; refused differently by application (observed).
    fn issuer_command(&self) -> Status {
        match self.current_application() {
            Some(application) if application.aid == JPKI_AID => Status::NOT_SATISFIED,
            _ => Status::ISSUER_ONLY,
        }
    }

    fn current_application(&self) -> Option<&Application> {
        match self.session.current {
            Current::Application(index) => self.applications.get(index),
            _ => None,
        }
    }

    fn file(&self, id: u16) -> Option<&File> {
        self.current_application()?.files.get(&id)
    }

    /// The selected file.
    fn selected(&self) -> Result<(u16, &File), Status> {
        let id = self.session.file.ok_or(Status::NO_FILE)?;
        self.file(id).map(|file| (id, file)).ok_or(Status::NO_FILE)
    }

    fn allow(&self, access: Access) -> Result<(), Status> {
        match access {
            Access::Free => Ok(()),
            Access::After(secret) if self.session.verified.contains(&secret) => Ok(()),
            Access::After(_) | Access::Never => Err(Status::NOT_SATISFIED),
        }
    }
}
