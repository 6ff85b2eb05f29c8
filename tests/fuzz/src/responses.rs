//! Responses, as raw as they can come: a look at a card in which every answer is fuzz, and the printer of octets.

use shikaku::apdu::{Status, trace};
use shikaku::tap::{CertificateState, Fault, Inspection, ReaderLimits};
use shikaku_rules::dialogue::{End, drive};
use shikaku_rules::{Judge as _, Rules};

use super::Octets;

/// More commands than a look can send with reads of 256 octets.
const MOST: usize = 4 * 16 * 18 + 200;

/// Octet 0: reader; 1 and 2: forms. Then answers: length in two octets, the answer; none at the end.
pub fn responses(octets: &[u8]) {
    let mut octets = Octets(octets);
    let (first, forms) = (octets.octet(), octets.word());
    let limits = if first & 1 == 1 { ReaderLimits::EXTENDED } else { ReaderLimits::SHORT };
    let mut received = 0;
    let mut look = Inspection::new(limits, super::tap::strategy(forms));
    let (passed, end) = drive(&mut look, MOST, |_, command| {
        print(command);
        let Some(high) = octets.next() else { return Err(Fault::TagLost) };
        let length = usize::from(u16::from_be_bytes([high, octets.octet()]));
        let answer = octets.some(length).to_vec();
        received += answer.len();
        print(&answer);
        Ok(answer)
    });
    if let Err(breach) = Rules::of_inspection().judge(&passed, end.as_ref()) {
        panic!("{breach:?}: {passed:02x?}");
    }
    if let Some(End::Inspection(Ok(report))) = end
        && let CertificateState::Read(certificate) = report.certificate
    {
        assert!(certificate.len() <= received, "a certificate that nobody sent");
        assert!(certificate.len() <= shikaku::certificate::MAX_CERTIFICATE_LENGTH);
    }
}

/// Every octet shows as two characters, the data field of a command with a credential as none of its own.
fn print(octets: &[u8]) {
    let shown = trace::command(octets).to_string();
    assert_eq!(shown.len(), 2 * octets.len());
    let is_credential = octets.get(1).is_some_and(|instruction| [0x20, 0x24].contains(instruction));
    let behind_header = shown.get(10..).unwrap_or_default();
    assert!(!is_credential || behind_header.chars().all(|shown| shown == '?'), "{shown}");
    let personal = trace::personal_response(octets).to_string();
    let data = octets.len().saturating_sub(2);
    assert!(personal.chars().take(2 * data).all(|shown| shown == '?'), "{personal}");
    if let [.., first, second] = octets {
        let word = u16::from_be_bytes([*first, *second]);
        assert_eq!(u16::from(Status::from(word)), word);
        assert_eq!(Status::from(word).to_string(), format!("{word:04X}"));
    }
}
