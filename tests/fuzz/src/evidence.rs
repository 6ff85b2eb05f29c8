//! What a card face or a client brings as evidence: read, or refused, and nothing that is read is believed for its looks.

use std::cell::OnceCell;

use shikaku::certificate::{Anchors, Hierarchy};
use shikaku::evidence::{
    AgeRecord, Attributes, CardFace, CvCertificate, FaceGroup, MAX_FACE_GROUP_LENGTH, Record, SurfaceEvidence,
};
use shikaku::transcript::VisualTranscript;
use shikaku_virtual_card::issue::SurfaceAuthority;

use super::{Octets, seeds, tap};

struct Known {
    anchors: Anchors,
    vouching: CvCertificate,
    /// Age record, card face and card-verifiable certificate that the test issuer did sign: the only ones to be believed.
    genuine: Vec<Vec<u8>>,
    transcript: VisualTranscript,
    /// The card's own signatures over it.
    signatures: Vec<[u8; 256]>,
}

thread_local! {
    static KNOWN: OnceCell<Known> = const { OnceCell::new() };
}

/// Octet 0: what the rest is. 0 card-verifiable certificate · 1 age record · 2 card face · 3 attributes · 4 a signature
/// (256 octets) and an age record, as a client brings them · 5 a signature, two digests, the signature of the card face
/// (32, 32, 256 octets) and its first group.
pub fn evidence(octets: &[u8]) {
    let mut octets = Octets(octets);
    let kind = octets.octet() % 6;
    KNOWN.with(|known| feed(kind, octets, known.get_or_init(Known::new)));
}

fn feed(kind: u8, mut octets: Octets<'_>, known: &Known) {
    match kind {
        0 => {
            let Ok(certificate) = CvCertificate::parse(octets.0) else { return };
            assert_eq!(certificate.octets(), octets.0);
            let [age, ..] = &known.genuine[..] else { return };
            let record = Record::Age(AgeRecord::parse(age).unwrap());
            known.judge(&SurfaceEvidence { certificate, record }, None);
        }
        1 => {
            let Ok(record) = AgeRecord::parse(octets.0) else { return };
            assert_eq!(record.octets(), octets.0);
            known.judge(&known.evidence(Record::Age(record)), None);
        }
        2 => {
            let Ok(face) = CardFace::parse(octets.0) else { return };
            let group = face.group();
            assert!(group.octets().len() <= MAX_FACE_GROUP_LENGTH && face.photo().len() < octets.0.len());
            known.judge(&known.evidence(Record::Face(group.clone())), None);
        }
        3 => {
            let Ok(attributes) = Attributes::parse(octets.0) else { return };
            assert!(!attributes.name().trim().is_empty() && attributes.name().len() < octets.0.len());
            assert_eq!(format!("{attributes:?}"), "Attributes");
        }
        4 => {
            let signature = octets.some(256);
            let Ok(record) = AgeRecord::parse(octets.0) else { return };
            known.judge(&known.evidence(Record::Age(record)), Some(signature));
        }
        _ => {
            let signature = octets.some(256);
            let (Ok(printed), Ok(photo), Ok(signed)) =
                (octets.some(32).try_into(), octets.some(32).try_into(), octets.some(256).try_into())
            else {
                return;
            };
            let Ok(group) = FaceGroup::parse(octets.0, [printed, photo], signed) else { return };
            known.judge(&known.evidence(Record::Face(group)), Some(signature));
        }
    }
}

impl Known {
    fn new() -> Self {
        let anchors = Anchors::production().with_test(&SurfaceAuthority::test().unwrap().root()).unwrap();
        let genuine = tap::genuine_files("default");
        let (transcript, signatures) = seeds::presence();
        let vouching = CvCertificate::parse(genuine.last().unwrap()).unwrap();
        Self { anchors, vouching, genuine, transcript, signatures }
    }

    fn evidence(&self, record: Record) -> SurfaceEvidence {
        SurfaceEvidence { certificate: self.vouching.clone(), record }
    }

    /// What is believed is what was issued, octet for octet; with a signature, what the card did sign.
    fn judge(&self, evidence: &SurfaceEvidence, signature: Option<&[u8]>) {
        let believed = evidence.accept(&self.anchors, Hierarchy::Test).is_ok();
        assert!(evidence.accept(&self.anchors, Hierarchy::Production).is_err(), "a test card in production");
        let record = match &evidence.record {
            Record::Age(record) => record.octets(),
            Record::Face(group) => group.octets(),
            other => panic!("{other:?}"),
        };
        let contains = |genuine: &Vec<u8>| genuine.windows(record.len()).any(|part| part == record);
        let issued = self.genuine.iter().any(contains)
            && self.genuine.iter().any(|genuine| genuine == evidence.certificate.octets());
        assert!(issued || !believed, "a forged card face is believed");
        let Some(signature) = signature else { return };
        let born = evidence.verify(&self.anchors, Hierarchy::Test, &self.transcript, signature);
        assert!(born.is_err() || (believed && self.signatures.iter().any(|made| made == signature)));
        assert_eq!(born.map_or(evidence.record.birth_date(), |day| day), evidence.record.birth_date());
    }
}
