//! What a recorded tap was begun with: clock, challenge and all, so that it runs again octet for octet.

use super::parse::Problem;
use crate::certificate::Anchors;
use crate::identifier::{Date, InstitutionCode, ServiceOrigin};
use crate::instant::UnixTime;
use crate::secret::Pin;
use crate::tap::{Consent, Form, PrintedNumber, Probe, ReaderLimits, Strategy, TapRequest, VisualRequest};
use crate::transcript::{Challenge, PendingTranscript, Purpose};

/// The inputs of a tap, as `= key value` lines:
///
/// | key | value |
/// |---|---|
/// | `now` | Unix seconds |
/// | `challenge` | id (16 octets), nonce (32 octets), issued at, expires at |
/// | `device-key` | SPKI DER |
/// | `institution` | ten digits |
/// | `origin` | service origin |
/// | `purpose` | `00` bench, `01` qualification only |
/// | `anchors` | `production` or `none` |
/// | `anchor` | one test root, DER or as the card face has it; may be repeated |
/// | `consent` | `none`, `warned`, or `last-try` and the SHA-256 of a certificate |
/// | `pin` | four digits, of a test card; `program tap` alone |
/// | `number` | six digits (birth date) or fourteen (照合番号B), of a test card; `program visual` alone |
/// | `reader` | `short` or `extended`, and the most octets of one short read |
/// | `strategy` | each form of [`Form`](crate::tap::Form) as `name=off`, `untried`, `works` or `refused` |
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inputs {
    /// The clock.
    pub now: UnixTime,
    /// The challenge.
    pub challenge: Challenge,
    /// Device key, SPKI DER.
    pub device_key: Vec<u8>,
    /// Institution.
    pub institution: InstitutionCode,
    /// Service.
    pub origin: ServiceOrigin,
    /// Purpose.
    pub purpose: Purpose,
    /// Whether the production roots are believed.
    pub production: bool,
    /// Test roots, as [`Anchors::with_test`] takes them.
    pub test_roots: Vec<Vec<u8>>,
    /// Consent.
    pub consent: Consent,
    /// PIN of a test card. Never that of a person: a recording is a file that anybody reads.
    pub test_pin: Vec<u8>,
    /// Printed number of a test card, in a visual tap; never a person's.
    pub test_number: Option<Vec<u8>>,
    /// Reader.
    pub limits: ReaderLimits,
    /// What was known before.
    pub strategy: Strategy,
}

impl Inputs {
    /// Fixed values that mean nothing, for recordings that need none of their own.
    pub fn example() -> Option<Self> {
        Some(Self {
            now: UnixTime(1_782_864_000),
            challenge: Challenge {
                id: [0xa1; 16],
                nonce: [0xb2; 32],
                issued_at: UnixTime(1_782_863_990),
                expires_at: UnixTime(1_782_864_290),
            },
            device_key: b"no device".to_vec(),
            institution: "1310112345".parse().ok()?,
            origin: "https://shikaku.example".parse().ok()?,
            purpose: Purpose::QualificationOnly,
            production: true,
            test_roots: Vec::new(),
            consent: Consent::None,
            test_pin: b"1234".to_vec(),
            test_number: None,
            limits: ReaderLimits::SHORT,
            strategy: Strategy::STANDARD.with(Form::ExtendedRead, Probe::Untried),
        })
    }

    /// A fresh request with these inputs.
    pub fn request(&self) -> Result<TapRequest, Problem> {
        self.request_with(self.anchors()?)
    }

    /// The same with roots that have been read already: reading them costs more than a tap.
    pub fn request_with(&self, anchors: Anchors) -> Result<TapRequest, Problem> {
        Ok(TapRequest {
            pin: Pin::new(&self.test_pin).map_err(|_| Problem::Value)?,
            transcript: self.transcript(),
            anchors,
            now: self.now,
            consent: self.consent,
            limits: self.limits,
            strategy: self.strategy,
        })
    }

    /// A fresh request of a visual tap with these inputs.
    pub fn visual_request(&self) -> Result<VisualRequest, Problem> {
        self.visual_request_with(self.anchors()?)
    }

    /// The same with roots that have been read already.
    pub fn visual_request_with(&self, anchors: Anchors) -> Result<VisualRequest, Problem> {
        let number = self.test_number.as_deref().unwrap_or_default();
        Ok(VisualRequest {
            number: PrintedNumber::new(number, Date::of(self.now)).map_err(|_| Problem::Value)?,
            transcript: self.transcript().visual(),
            anchors,
            now: self.now,
            consent: self.consent,
            limits: self.limits,
            strategy: self.strategy,
        })
    }

    fn anchors(&self) -> Result<Anchors, Problem> {
        let mut anchors = if self.production { Anchors::production() } else { Anchors::none() };
        for root in &self.test_roots {
            anchors = anchors.with_test(root).map_err(|_| Problem::Value)?;
        }
        Ok(anchors)
    }

    fn transcript(&self) -> PendingTranscript {
        let Self { challenge, purpose, device_key, institution, origin, .. } = self;
        PendingTranscript::new(challenge, *purpose, device_key, institution, origin)
    }

    /// What is masked in the VERIFY commands of a full recording.
    pub(super) fn credential(&self) -> &[u8] {
        self.test_number.as_deref().unwrap_or(&self.test_pin)
    }

    /// Takes one `= key value` line over.
    pub(super) fn set(&mut self, key: &str, value: &str) -> Result<(), Problem> {
        let words: Vec<&str> = value.split_whitespace().collect();
        match (key, words.as_slice()) {
            ("now", [now]) => self.now = seconds(now)?,
            ("challenge", [id, nonce, issued, expires]) => {
                self.challenge = Challenge {
                    id: array(id)?,
                    nonce: array(nonce)?,
                    issued_at: seconds(issued)?,
                    expires_at: seconds(expires)?,
                }
            }
            ("device-key", [key]) => self.device_key = octets(key)?,
            ("institution", [code]) => self.institution = code.parse().map_err(|_| Problem::Value)?,
            ("origin", [origin]) => self.origin = origin.parse().map_err(|_| Problem::Value)?,
            ("purpose", ["00"]) => self.purpose = Purpose::Bench,
            ("purpose", ["01"]) => self.purpose = Purpose::QualificationOnly,
            ("anchors", ["production"]) => self.production = true,
            ("anchors", ["none"]) => self.production = false,
            ("anchor", [root]) => self.test_roots.push(octets(root)?),
            ("consent", ["none"]) => self.consent = Consent::None,
            ("consent", ["warned"]) => self.consent = Consent::Warned,
            ("consent", ["last-try", certificate]) => {
                self.consent = Consent::LastTry { certificate_sha256: array(certificate)? }
            }
            ("pin", [pin]) => self.test_pin = pin.as_bytes().to_vec(),
            ("number", [number]) => self.test_number = Some(number.as_bytes().to_vec()),
            ("reader", [form @ ("short" | "extended"), length]) => {
                let short_read = length.parse().map_err(|_| Problem::Value)?;
                self.limits = ReaderLimits { extended_length: *form == "extended", short_read };
            }
            ("strategy", _) => self.strategy = value.parse().map_err(|_| Problem::Value)?,
            (known, _) if KEYS.contains(&known) => return Err(Problem::Value),
            _ => return Err(Problem::Key),
        }
        Ok(())
    }

    /// The lines that [`Inputs::set`] reads back.
    pub(super) fn lines(&self) -> Vec<String> {
        let Challenge { id, nonce, issued_at, expires_at } = &self.challenge;
        let consent = match self.consent {
            Consent::None => "none".to_owned(),
            Consent::Warned => "warned".to_owned(),
            Consent::LastTry { certificate_sha256 } => format!("last-try {}", hex(&certificate_sha256)),
        };
        let mut lines = vec![
            format!("= now {}", self.now),
            format!("= challenge {} {} {issued_at} {expires_at}", hex(id), hex(nonce)),
            format!("= device-key {}", hex(&self.device_key)),
            format!("= institution {}", self.institution.as_str()),
            format!("= origin {}", self.origin.as_str()),
            format!("= purpose {:02X}", self.purpose.octet()),
            format!("= anchors {}", if self.production { "production" } else { "none" }),
        ];
        lines.extend(self.test_roots.iter().map(|root| format!("= anchor {}", hex(root))));
        let credential = if self.test_number.is_some() { "number" } else { "pin" };
        let form = if self.limits.extended_length { "extended" } else { "short" };
        lines.extend([
            format!("= consent {consent}"),
            format!("= {credential} {}", String::from_utf8_lossy(self.credential())),
            format!("= reader {form} {}", self.limits.short_read),
            format!("= strategy {}", self.strategy),
        ]);
        lines
    }
}

/// Keys that a full recording must have, but for [`super::Program::may_lack`].
pub(super) const KEYS: [&str; 13] = [
    "now",
    "challenge",
    "device-key",
    "institution",
    "origin",
    "purpose",
    "anchors",
    "consent",
    "pin",
    "number",
    "reader",
    "strategy",
    "anchor",
];

pub(super) fn hex(octets: &[u8]) -> String {
    crate::apdu::trace::response(octets).to_string()
}

fn seconds(text: &str) -> Result<UnixTime, Problem> {
    text.parse().map(UnixTime).map_err(|_| Problem::Value)
}

fn octets(text: &str) -> Result<Vec<u8>, Problem> {
    text.parse::<super::Masked>()?.octets().ok_or(Problem::Value)
}

fn array<const LENGTH: usize>(text: &str) -> Result<[u8; LENGTH], Problem> {
    octets(text)?.try_into().map_err(|_| Problem::Value)
}
