//! What came out of a program, as expectations write it.

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::inputs::hex;
use crate::card::Token;
use crate::guide::Code;
use crate::tap::{
    CardReport, CertificateState, Closing, InspectionEnd, Outcome, PinState, Strategy, VisualOutcome,
};

/// Key and value of everything that can be expected.
pub(super) type Found = Vec<(&'static str, String)>;

/// An end that can be written down.
pub(super) trait Words {
    fn words(&self) -> Found;
}

impl Words for Outcome {
    fn words(&self) -> Found {
        match self {
            Self::Signed(signed) => {
                let transcript = ("transcript", hex(&signed.transcript.digest()));
                let words = vec![("outcome", "signed".to_owned()), transcript];
                with_state(words, Some(signed.tries), signed.closing, signed.strategy)
            }
            Self::Ended(end) => with_state(ended(end.code()), end.tries, end.closing, end.strategy),
        }
    }
}

impl Words for VisualOutcome {
    fn words(&self) -> Found {
        match self {
            Self::Proven(evidence) => {
                let mut words = vec![
                    ("outcome", "proven".to_owned()),
                    ("transcript", hex(&evidence.transcript.digest())),
                    ("born", evidence.surface.record.birth_date().to_string()),
                ];
                if let Some(seen) = &evidence.seen {
                    let picture = |png: Zeroizing<Vec<u8>>| hex(&Sha256::digest(&*png));
                    let photo = seen.photo.png().map_or_else(|error| error.to_string(), picture);
                    words.extend([("name", seen.name.to_string()), ("photo", photo)]);
                }
                with_state(words, evidence.tries, evidence.closing, evidence.strategy)
            }
            Self::Ended(end) => with_state(ended(end.code()), end.tries, end.closing, end.strategy),
        }
    }
}

impl Words for Result<CardReport, InspectionEnd> {
    fn words(&self) -> Found {
        match self {
            Ok(report) => report_words(report),
            Err(end) => vec![("outcome", format!("{end:?}"))],
        }
    }
}

fn ended(code: Code) -> Found {
    vec![("outcome", "ended".to_owned()), ("code", code.as_str().to_owned())]
}

fn with_state(mut words: Found, tries: Option<u8>, closing: Closing, strategy: Strategy) -> Found {
    let closing = match closing {
        Closing::NotNeeded => "not-needed".to_owned(),
        Closing::Done => "done".to_owned(),
        Closing::Lost => "lost".to_owned(),
        Closing::Refused(status) => format!("refused {status}"),
    };
    words.push(("tries", tries.map_or_else(|| "unknown".to_owned(), |tries| tries.to_string())));
    words.push(("closing", closing));
    words.push(("strategy", strategy.to_string()));
    words
}

fn report_words(report: &CardReport) -> Found {
    let token = match report.token {
        Some(Token::Plastic) => "plastic",
        Some(Token::AndroidPhone) => "android-phone",
        Some(Token::Iphone) => "iphone",
        Some(Token::Juki) => "juki",
        Some(Token::Unknown) => "unknown",
        None => "unreadable",
    };
    let certificate = match &report.certificate {
        CertificateState::Read(octets) => format!("{} octets", octets.len()),
        CertificateState::NeedsPin => "needs-pin".to_owned(),
        CertificateState::Absent => "absent".to_owned(),
        CertificateState::Malformed => "malformed".to_owned(),
        CertificateState::Unreadable(status) => format!("unreadable {status}"),
    };
    let pin = match report.pin {
        PinState::Left(left) => format!("{left} left"),
        PinState::Blocked => "blocked".to_owned(),
        PinState::Unreadable(status) => format!("unreadable {status}"),
    };
    let available = match report.available {
        Some(true) => "yes",
        Some(false) => "no",
        None => "unreadable",
    };
    vec![
        ("outcome", "report".to_owned()),
        ("token", token.to_owned()),
        ("available", available.to_owned()),
        ("certificate", certificate),
        ("pin", pin),
    ]
}
