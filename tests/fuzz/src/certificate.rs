//! Certificates, roots and revocation lists: read, or refused, and nothing that is read is believed for its looks.

use std::cell::OnceCell;

use shikaku::certificate::revocation::{Crl, Revocation};
use shikaku::certificate::{Anchors, Certificate, MAX_CERTIFICATE_LENGTH, der_from};
use shikaku::instant::UnixTime;
use shikaku_virtual_card::Card;
use shikaku_virtual_card::issue::Authority;

/// 2026-07-01, within the validity of the test card.
const NOW: UnixTime = UnixTime(1_782_864_000);

struct Known {
    anchors: Anchors,
    /// Certificates that the test CA did issue: the only ones that may be believed.
    issued: Vec<Vec<u8>>,
    certificate: Certificate,
}

thread_local! {
    static KNOWN: OnceCell<Known> = const { OnceCell::new() };
}

/// The octets as a certificate, as a root and as a revocation list.
pub fn certificate(octets: &[u8]) {
    KNOWN.with(|known| {
        let known = known.get_or_init(known_cards);
        if let Ok(certificate) = Certificate::from_der(octets) {
            assert!(octets.len() <= MAX_CERTIFICATE_LENGTH && certificate.der() == octets);
            assert!(certificate.not_before() <= certificate.not_after());
            if certificate.accept(&known.anchors, NOW).is_ok() {
                assert!(
                    known.issued.iter().any(|issued| issued == octets),
                    "a forged certificate is believed"
                );
            }
        }
        if let Some(root) = der_from(octets)
            && let Ok(anchors) = Anchors::none().with_test(&root)
        {
            assert!(anchors.have_test());
        }
        if let Ok(list) = Crl::from_der(octets.to_vec()) {
            // Four octets for each entry, and no entry without three octets at least.
            assert!(list.len() <= octets.len() / 3, "more entries than octets can hold");
            let said = list.status(&known.certificate, &known.anchors, NOW);
            let signed = list.signer(&known.anchors).is_some();
            assert!(signed || matches!(said, Revocation::Unknown(_)), "an unsigned list speaks");
        }
    });
}

fn known_cards() -> Known {
    let root = Authority::test().unwrap().certificate().to_vec();
    let issued: Vec<Vec<u8>> = shikaku_virtual_card::CARDS
        .iter()
        .filter_map(|name| Card::from_name(name).unwrap().certificate().map(<[u8]>::to_vec))
        .collect();
    let certificate =
        Certificate::from_der(Card::from_name("default").unwrap().certificate().unwrap()).unwrap();
    Known { anchors: Anchors::production().with_test(&root).unwrap(), issued, certificate }
}
