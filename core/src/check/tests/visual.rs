//! The two steps of a visual check: the name first, and nothing of the person before staff have said yes to it.

use super::*;
use crate::evidence::{AgeRecord, CardFace, CvCertificate, Record, SurfaceError, SurfaceEvidence};
use crate::http::Refusal;
use crate::qualification::samples;
use crate::transcript::VisualTranscript;

const SURFACE_KEY: &str = include_str!("../../../../tests/data/cards/default/surface.key");
const VOUCHING: &[u8] = include_bytes!("../../../../tests/data/cards/default/surface-cv.bin");
const AGE: &[u8] = include_bytes!("../../../../tests/data/cards/default/surface-age.bin");
const FACE: &[u8] = include_bytes!("../../../../tests/data/cards/default/surface-face.bin");
const OTHER_AGE: &[u8] = include_bytes!("../../../../tests/data/jpki/surface/age-record.bin");

fn surface(record: Record) -> SurfaceEvidence {
    SurfaceEvidence { certificate: CvCertificate::parse(VOUCHING).unwrap(), record }
}

fn light() -> SurfaceEvidence {
    surface(Record::Age(AgeRecord::parse(AGE).unwrap()))
}

fn full() -> SurfaceEvidence {
    surface(Record::Face(CardFace::parse(FACE).unwrap().group().clone()))
}

fn signed_by_face(transcript: &VisualTranscript) -> [u8; 256] {
    let key = rsa::RsaPrivateKey::from_pkcs8_pem(SURFACE_KEY).unwrap();
    let scheme = Pkcs1v15Sign { hash_len: Some(32), prefix: Box::new(SHA256_DIGEST_INFO) };
    key.sign(scheme, &transcript.digest()).unwrap().try_into().unwrap()
}

const SEEN: Attestation<'static> = Attestation { staff: "受付", at: NOW };

fn completed(surface: &SurfaceEvidence) -> UnsentCheck {
    let check = begun();
    let signature = signed_by_face(&check.transcript().visual().bind(CARD));
    check.complete_visual(CARD, surface, &signature, SEEN, IdempotencyKey([6; 16])).unwrap()
}

fn sent(check: &UnsentCheck) -> (Request, CheckRequest) {
    let request = check.request(&device_key(), NOW).unwrap();
    let body = serde_json::from_slice(&request.body).unwrap();
    (request, body)
}

fn name() -> NameToConfirm {
    NameToConfirm {
        format: NameFormat::V1,
        challenge_id: [1; 16],
        institution: settings().institution,
        phase: Phase::Live,
        at: NOW,
        name: "髙橋\u{3000}花子".parse().unwrap(),
        salt: [5; 16],
    }
}

fn answered(mode: Mode, finding: Finding) -> Vec<u8> {
    let institution = settings().institution;
    Answer::new(NOW, institution, Phase::Live, mode, NOW.plus(1_000_000), finding).to_json()
}

fn valid() -> Finding {
    samples::valid().finding().clone()
}

fn said(check: &UnsentCheck, body: Vec<u8>) -> CheckOutcome {
    let (request, _) = sent(check);
    judged(check, &request, &reply(&request, Response::new(200, JSON, body)))
}

fn named() -> NamedCheck {
    let body = serde_json::to_vec(&name()).unwrap();
    let CheckOutcome::NameToConfirm(named) = said(&completed(&light()), body) else { panic!() };
    *named
}

#[test]
fn both_depths_of_evidence_are_read_by_the_service_as_the_tap_had_them() {
    for surface in [light(), full()] {
        let (_, body) = sent(&completed(&surface));
        assert_eq!((body.mode, body.staff.as_deref()), (Mode::Visual, Some("受付")));
        let visual = body.visual.unwrap();
        assert_eq!((visual.surface().unwrap(), visual.attested_at), (surface, NOW));
        assert_eq!(visual.name, NameAttestation::Unseen);
    }
}

#[test]
fn nothing_of_photo_and_printed_texts_crosses_the_wire() {
    let (request, _) = sent(&completed(&full()));
    let photo = CardFace::parse(FACE).unwrap().photo().to_vec();
    assert!(request.body.len() < 8192 && photo.len() > 1000, "{} octets", request.body.len());
    for part in photo.chunks_exact(48).take(20) {
        use base64::Engine as _;
        let shifted = (0..3)
            .map(|skip| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&part[skip..skip + 45]));
        for text in shifted {
            let found = request.body.windows(text.len()).any(|octets| octets == text.as_bytes());
            assert!(!found);
        }
    }
}

#[test]
fn what_does_not_hang_together_is_never_made_into_a_visual_request() {
    let good = signed_by_face(&begun().transcript().visual().bind(CARD));
    let by_pin = signed_by_card(&begun().transcript().bind(CARD));
    let other = surface(Record::Age(AgeRecord::parse(OTHER_AGE).unwrap()));
    let refused = |certificate: &[u8], surface: &SurfaceEvidence, signature: &[u8; 256], staff: &str| {
        let seen = Attestation { staff, at: NOW };
        begun().complete_visual(certificate, surface, signature, seen, IdempotencyKey([6; 16])).unwrap_err()
    };
    let presence = CheckError::Surface(SurfaceError::Presence);
    assert_eq!(refused(CARD, &light(), &by_pin, "受付"), presence);
    assert_eq!(refused(OTHER_CARD, &light(), &good, "受付"), presence);
    let foreign = CheckError::Surface(SurfaceError::RecordSignature);
    assert_eq!(refused(CARD, &other, &good, "受付"), foreign);
    assert_eq!(presence.code(), Code::SurfaceCopied);
    assert_eq!(refused(&CARD[..100], &light(), &good, "受付"), CheckError::Certificate);
    for staff in ["", "\u{3000} ", "a\u{0}", &"あ".repeat(65)] {
        assert_eq!(refused(CARD, &light(), &good, staff), CheckError::Staff, "{staff:?}");
    }
}

#[test]
fn the_name_comes_first_and_each_answer_of_staff_is_an_operation_of_its_own() {
    let (_, first) = sent(&completed(&light()));
    assert_eq!(named().name(), &name().name);
    assert_eq!((named().phase(), named().expires_at()), (Phase::Live, NOW.plus(300)));
    let confirmed = NameAttestation::Confirmed { name: name().name };
    for (second, says) in [
        (named().confirm(IdempotencyKey([7; 16])), confirmed),
        (named().deny(IdempotencyKey([7; 16])), NameAttestation::Denied),
    ] {
        let (request, mut body) = sent(&second);
        assert_eq!(request.idempotency_key(), Ok(IdempotencyKey([7; 16])));
        let visual = body.visual.as_mut().unwrap();
        assert_eq!(visual.name, says);
        visual.name = NameAttestation::Unseen;
        assert!(body == first, "only what staff say of the name is new in the second step");
    }
}

#[test]
fn before_staff_have_confirmed_the_name_no_answer_that_holds_anything_of_the_person_is_taken() {
    let first = completed(&light());
    let denied = named().deny(IdempotencyKey([7; 16]));
    let confirmed = named().confirm(IdempotencyKey([7; 16]));
    let pin = unsent();
    let full = answered(Mode::Visual, valid());
    let nobody = answered(Mode::Visual, Finding::Unlinked);
    let unreadable = |check: &UnsentCheck, body: &[u8]| {
        let outcome = said(check, body.to_vec());
        matches!(outcome, CheckOutcome::Refused(Refusal::Unreadable))
    };
    assert!(unreadable(&first, &full) && unreadable(&denied, &full) && unreadable(&denied, &nobody));
    assert!(matches!(said(&first, nobody), CheckOutcome::Answered(_)));
    assert!(matches!(said(&confirmed, full.clone()), CheckOutcome::Answered(_)));
    // Neither way of checking passes for the other, and a name is no answer to the second step.
    let by_pin = answered(Mode::Pin, valid());
    assert!(unreadable(&confirmed, &by_pin) && unreadable(&pin, &full));
    let name_again = serde_json::to_vec(&name()).unwrap();
    assert!([&confirmed, &denied, &pin].into_iter().all(|check| unreadable(check, &name_again)));
    let elsewhere = |other: NameToConfirm| unreadable(&first, &serde_json::to_vec(&other).unwrap());
    assert!(elsewhere(NameToConfirm { challenge_id: [2; 16], ..name() }));
    assert!(elsewhere(NameToConfirm { institution: "1330131234".parse().unwrap(), ..name() }));
}

fn file(change: impl Fn(&mut CheckRequest), body: Vec<u8>) -> Result<VerifiedEvidence, EvidenceError> {
    let check = named().confirm(IdempotencyKey([7; 16]));
    let (_, mut changed) = sent(&check);
    change(&mut changed);
    let origin = settings().origin;
    let octets = serde_json::to_vec(&changed).unwrap();
    let mut request = Request::post(&origin, CHECKS_PATH, &IdempotencyKey([7; 16]), octets);
    crate::http::signature::sign_request(&mut request, &device_key(), NOW).unwrap();
    let response = reply(&request, Response::new(200, JSON, body));
    let evidence = Evidence::new(&request, &response, &challenge(1), device_key().spki());
    Evidence::verify(&evidence.sign(&device_key()).unwrap(), &trust())
}

/// Device and service sign whatever they like here: what is left to judge is what the card said.
#[test]
fn evidence_of_a_visual_check_is_verified_with_the_trust_list_alone() {
    let full = || answered(Mode::Visual, valid());
    let good = file(|_| (), full()).unwrap();
    assert_eq!(good.answer.answer().mode(), Mode::Visual);
    let refused = |change: &dyn Fn(&mut CheckRequest)| file(change, full()).unwrap_err();
    let visual = |check: &mut CheckRequest, change: &dyn Fn(&mut VisualCheck)| {
        change(check.visual.as_mut().unwrap());
    };
    let other = SurfaceRecord::Age { octets: OTHER_AGE.to_vec() };
    assert_eq!(refused(&|check| visual(check, &|visual| visual.record = other.clone())), EvidenceError::Card);
    assert_eq!(
        refused(&|check| visual(check, &|visual| visual.cv_certificate[300] ^= 1)),
        EvidenceError::Card
    );
    assert_eq!(refused(&|check| check.card_signature[9] ^= 1), EvidenceError::Card);
    assert_eq!(refused(&|check| check.certificate = OTHER_CARD.to_vec()), EvidenceError::Card);
    let by_pin = signed_by_card(&begun().transcript().bind(CARD));
    assert_eq!(refused(&|check| check.card_signature = by_pin), EvidenceError::Card);
    // What a check cannot be, and what the service never answers to one.
    assert_eq!(refused(&|check| check.mode = Mode::Pin), EvidenceError::Malformed);
    assert_eq!(refused(&|check| check.visual = None), EvidenceError::Malformed);
    for name in [NameAttestation::Unseen, NameAttestation::Denied] {
        let step = |check: &mut CheckRequest| visual(check, &|visual| visual.name = name.clone());
        assert_eq!(refused(&step), EvidenceError::Malformed);
    }
    assert_eq!(file(|_| (), answered(Mode::Pin, valid())).unwrap_err(), EvidenceError::Malformed);
}

#[test]
fn nothing_of_a_person_is_printed_between_the_steps() {
    let (_, body) = sent(&named().confirm(IdempotencyKey([7; 16])));
    let shown = format!("{body:?} {:?} {:?} {:?} {:?}", body.visual, named(), name(), completed(&full()));
    assert!(!shown.contains('髙') && !shown.contains(", 16, 1"), "{shown}");
}
