//! Real records of a J-LIS test card against the real key of its hierarchy, and what forgers would change in them.

use super::*;
use crate::certificate::CvKey;

const CERTIFICATE: &[u8] = include_bytes!("../../../tests/data/jpki/surface/certificate.bin");
const AGE: &[u8] = include_bytes!("../../../tests/data/jpki/surface/age-record.bin");
const GROUP: &[u8] = include_bytes!("../../../tests/data/jpki/surface/face-first-group.bin");
const DIGESTS: &[u8; 64] = include_bytes!("../../../tests/data/jpki/surface/face-digests.bin");
const SIGNATURE: &[u8; 256] = include_bytes!("../../../tests/data/jpki/surface/face-signature.bin");
const TEXT: &[u8] = include_bytes!("../../../tests/data/jpki/surface/text-attributes.bin");
const KEY: &[u8] = include_bytes!("../../../tests/data/jpki/surface/cv-6000023.key");

fn anchors() -> Anchors {
    Anchors::production().with_test(KEY).unwrap()
}

fn others() -> [[u8; 32]; 2] {
    let (first, second) = DIGESTS.split_first_chunk().unwrap();
    [*first, second.try_into().unwrap()]
}

fn age() -> SurfaceEvidence {
    let record = Record::Age(AgeRecord::parse(AGE).unwrap());
    SurfaceEvidence { certificate: CvCertificate::parse(CERTIFICATE).unwrap(), record }
}

fn face() -> SurfaceEvidence {
    let record = Record::Face(FaceGroup::parse(GROUP, others(), *SIGNATURE).unwrap());
    SurfaceEvidence { certificate: CvCertificate::parse(CERTIFICATE).unwrap(), record }
}

fn judge(evidence: &SurfaceEvidence) -> Result<(), SurfaceError> {
    evidence.accept(&anchors(), Hierarchy::Test)
}

#[test]
fn both_records_of_a_real_test_card_are_vouched_for_by_the_real_test_key() {
    for evidence in [age(), face()] {
        assert_eq!(judge(&evidence), Ok(()));
        assert_eq!(evidence.record.birth_date().to_string(), "1980-02-17");
    }
    assert_eq!(age().record.person(), face().record.person());
    let text = Attributes::parse(TEXT).unwrap();
    assert_eq!(text.birth_date(), age().record.birth_date());
    assert_eq!(text.name().chars().filter(|c| *c == '\u{3000}').count(), 1);
}

#[test]
fn a_test_card_is_no_production_card() {
    assert_eq!(age().accept(&Anchors::production(), Hierarchy::Test), Err(SurfaceError::IssuerUnknown));
    assert_eq!(age().accept(&anchors(), Hierarchy::Production), Err(SurfaceError::HierarchyMixed));
    assert_eq!(age().accept(&Anchors::none(), Hierarchy::Test), Err(SurfaceError::IssuerUnknown));
}

#[test]
fn the_signature_of_one_record_is_not_that_of_the_other() {
    let stolen = AGE[AGE.len() - 256..].try_into().unwrap();
    let record = Record::Face(FaceGroup::parse(GROUP, others(), stolen).unwrap());
    assert_eq!(judge(&SurfaceEvidence { record, ..face() }), Err(SurfaceError::RecordSignature));
}

/// Whatever octet is changed: what still parses is refused.
#[test]
fn no_octet_of_certificate_or_record_can_be_changed() {
    let mut parsed = 0;
    for at in (0..CERTIFICATE.len()).step_by(3) {
        let mut forged = CERTIFICATE.to_vec();
        forged[at] ^= 0x04;
        let Ok(certificate) = CvCertificate::parse(&forged) else { continue };
        parsed += 1;
        let refused = judge(&SurfaceEvidence { certificate, ..age() }).unwrap_err();
        assert!(
            matches!(refused, SurfaceError::CertificateSignature | SurfaceError::IssuerUnknown),
            "{at}: {refused}"
        );
    }
    for at in (0..AGE.len()).step_by(3) {
        let mut forged = AGE.to_vec();
        forged[at] ^= 0x04;
        let Ok(record) = AgeRecord::parse(&forged) else { continue };
        parsed += 1;
        let forged = SurfaceEvidence { record: Record::Age(record), ..age() };
        assert_eq!(judge(&forged), Err(SurfaceError::RecordSignature), "{at}");
    }
    for at in 0..GROUP.len() + 64 {
        let (mut group, mut digests) = (GROUP.to_vec(), others());
        match group.get_mut(at) {
            Some(octet) => *octet ^= 0x04,
            None => digests.as_flattened_mut()[at - GROUP.len()] ^= 0x04,
        }
        let Ok(record) = FaceGroup::parse(&group, digests, *SIGNATURE) else { continue };
        parsed += 1;
        let forged = SurfaceEvidence { record: Record::Face(record), ..face() };
        assert_eq!(judge(&forged), Err(SurfaceError::RecordSignature), "{at}");
    }
    assert!(parsed > 500, "only {parsed} forgeries were read at all");
}

#[test]
fn what_is_not_whole_is_refused() {
    for length in 0..AGE.len() {
        assert_eq!(AgeRecord::parse(&AGE[..length]), Err(SurfaceError::Malformed));
    }
    for length in 0..CERTIFICATE.len() {
        assert_eq!(CvCertificate::parse(&CERTIFICATE[..length]), Err(SurfaceError::Malformed));
    }
    for length in 0..TEXT.len() {
        assert!(Attributes::parse(&TEXT[..length]).is_err());
    }
    assert_eq!(AgeRecord::parse(&[AGE, &[0xff]].concat()), Err(SurfaceError::Malformed));
    assert!(CardFace::parse(TEXT).is_err() && Attributes::parse(AGE).is_err());
}

#[test]
fn the_certified_key_is_not_the_cards_own() {
    let certificate = CvCertificate::parse(CERTIFICATE).unwrap();
    let issuer = certificate.accept(&anchors(), Hierarchy::Test).unwrap().clone();
    assert!(issuer != age().record.person().key);
    assert!(issuer != *CvKey::parse(KEY).unwrap().key());
}

#[test]
fn nothing_of_a_person_is_printed() {
    let shown = format!("{:?} {:?} {:?}", age(), face(), Attributes::parse(TEXT).unwrap());
    assert!(!shown.contains("1980"), "{shown}");
}
