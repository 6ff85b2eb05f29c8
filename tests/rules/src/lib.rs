//! The rules of a tap, judged from nothing but what passed between core and card and from what the tap was begun
//! with. They are written without the core's own idea of them: the list of commands, the octets of both
//! transcripts and who may be believed stand here a second time.

mod command;
pub mod dialogue;
mod exchange;
mod judge;
mod visual;

use sha2::{Digest as _, Sha256};
use shikaku::replay::Inputs;
use shikaku::tap::Consent;

use dialogue::{End, Passed};

pub use command::{Application, Meaning, SignForm, meaning};
pub use visual::VisualRules;

/// A rule that was broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Breach {
    /// A command that has no place in any tap.
    Unknown,
    /// A second VERIFY for one entry.
    SecondVerify,
    /// A VERIFY with anything but the four digits that were typed.
    OtherPin,
    /// A VERIFY in a program that has no PIN.
    Uninvited,
    /// The counter of the same PIN was not the last thing asked before VERIFY, or said nothing.
    NoCounter,
    /// A VERIFY at two tries for somebody who does not know, or beyond three.
    NotWarned,
    /// A VERIFY at the last try without consent for this very card.
    NoConsent,
    /// A VERIFY though the consent was given for another card.
    OtherCard,
    /// A VERIFY, or a signature, without a certificate that can be believed.
    Unbelieved,
    /// Something asked to be signed that is not our transcript.
    ForeignDigest,
    /// A signature without an accepted PIN.
    SignedWithoutPin,
    /// More signatures than one and its one repetition.
    SignedAgain,
    /// After a PIN that was not accepted something else than leaving.
    AfterRefusal,
    /// The card was left with the PIN in force.
    NotLeft,
    /// Something else than a selection while another application is selected, or none.
    Elsewhere,
    /// An end that says of tries, of a lock or of a lost PIN what the card did not.
    Misreported,
    /// A signature handed out that is not the card's own for our transcript.
    Untrue,
    /// No end.
    Endless,
}

/// `DigestInfo` of SHA-256, but for the hash (RFC 8017, section 9.2).
const DIGEST_INFO: &[u8] = b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20";

/// Rules that a program can be held to.
pub trait Judge {
    /// Judges a program that ran to `end`, or had none.
    fn judge(&self, passed: &Passed, end: Option<&End>) -> Result<(), Breach>;
}

/// What a tap was begun with, as far as the rules need it.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Exactly what was typed; `None` for a look without a PIN.
    pub pin: Option<Vec<u8>>,
    /// What was agreed to.
    pub consent: Consent,
    /// Certificates that are to be believed under the roots and at the time of the tap, DER.
    pub believed: Vec<Vec<u8>>,
    /// Whether a phone may be given the PIN before its certificate has been seen: only where test roots are.
    pub phones: bool,
    /// The transcript's octets but for the certificate's digest.
    head: Vec<u8>,
}

impl Rules {
    /// The rules of a tap with these inputs, in which nobody but `believed` is to be believed.
    pub fn of_tap(inputs: &Inputs, believed: &[&[u8]]) -> Self {
        Self {
            pin: Some(inputs.test_pin.clone()),
            consent: inputs.consent,
            believed: believed.iter().map(|certificate| certificate.to_vec()).collect(),
            phones: !inputs.test_roots.is_empty(),
            head: [b"shikaku-qualification-check/v1\0", &binding(inputs)[..]].concat(),
        }
    }

    /// The rules of a look without a PIN.
    pub fn of_inspection() -> Self {
        Self { pin: None, consent: Consent::None, believed: Vec::new(), phones: false, head: Vec::new() }
    }

    /// SHA-256 of the transcript for a card with this certificate.
    pub fn digest(&self, certificate: &[u8]) -> [u8; 32] {
        let octets = [&self.head[..], &Sha256::digest(certificate)].concat();
        Sha256::digest(octets).into()
    }
}

/// The transcript but for its tag and its certificate, laid out by hand: 161 octets.
fn binding(inputs: &Inputs) -> Vec<u8> {
    let challenge = &inputs.challenge;
    [
        &Sha256::digest(inputs.origin.as_str().as_bytes())[..],
        &Sha256::digest(&inputs.device_key),
        &Sha256::digest(inputs.institution.as_str().as_bytes()),
        &[inputs.purpose.octet()],
        &challenge.id,
        &challenge.nonce,
        &challenge.issued_at.0.to_be_bytes(),
        &challenge.expires_at.0.to_be_bytes(),
    ]
    .concat()
}
