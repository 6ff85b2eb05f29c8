//! A registered device that does what it should, and whatever else a test asks of it.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;
use shikaku::certificate::Anchors;
use shikaku::check::{CHALLENGES_PATH, CHECKS_PATH, ChallengesAnswer, ChallengesRequest, CheckRequest, Mode};
use shikaku::http::signature::sign_request;
use shikaku::http::{IdempotencyKey, Request, Signer, SoftwareKey, content_digest};
use shikaku::instant::UnixTime;
use shikaku::registration::{
    NONCE_PATH, NonceAnswer, NonceRequest, Platform, REGISTRATION_PATH, RegistrationAnswer,
    RegistrationRequest, registration_proof,
};
use shikaku::secret::Pin;
use shikaku::settings::{DeviceSettings, RegistrationCode, UserSettings};
use shikaku::tap::{Consent, Outcome, ReaderLimits, SignedTap, Step, Strategy, Tap, TapRequest};
use shikaku::transcript::{Challenge, PendingTranscript, Purpose};
use shikaku_virtual_card::Card;
use shikaku_virtual_card::issue::Authority;

use crate::site::{Answered, NOW, Site, TEST_INSTITUTION};

/// A device with its key, its settings and its challenges.
pub(crate) struct Device {
    pub(crate) key: SoftwareKey,
    pub(crate) settings: DeviceSettings,
    pub(crate) challenges: Vec<Challenge>,
}

impl Device {
    /// A device of the test institution, freshly registered.
    pub(crate) async fn registered(site: &Site) -> Self {
        Self::registered_with(site, TEST_INSTITUTION).await
    }

    /// A device of an institution, freshly registered.
    pub(crate) async fn registered_with(site: &Site, institution: &str) -> Self {
        let settings = site.account_of(institution).await;
        let key = new_key();
        let answer: RegistrationAnswer = register(site, &settings, &key).await.read();
        let accepted = DeviceSettings::accept(&answer.settings, site.trust(), None).unwrap();
        Self { key, settings: accepted, challenges: answer.challenges }
    }

    /// A request to `path`, signed by this device now, under a new Idempotency-Key.
    pub(crate) fn request(&self, site: &Site, path: &str, body: &impl Serialize) -> Request {
        signed(site, path, body, &self.key)
    }

    /// Signs a request anew, as a repetition does.
    pub(crate) fn sign(&self, request: &mut Request, now: UnixTime) {
        sign_request(request, &self.key, now).unwrap();
    }

    /// Asks for challenges.
    pub(crate) async fn fetch(&self, site: &Site, count: u8) -> Vec<Challenge> {
        let request = self.request(site, CHALLENGES_PATH, &ChallengesRequest { count });
        site.send(&request).await.read::<ChallengesAnswer>().challenges
    }

    /// Taps a card on a challenge and makes the check of it.
    pub(crate) fn tap(&self, card: &mut Card, challenge: &Challenge) -> CheckRequest {
        let signed = self.sign_on_card(card, challenge, Purpose::QualificationOnly);
        CheckRequest {
            challenge_id: challenge.id,
            certificate: signed.certificate,
            mode: Mode::Pin,
            visual: None,
            card_signature: signed.signature,
            staff: Some("窓口".to_owned()),
        }
    }

    /// Has a card sign the transcript of a challenge for a purpose.
    pub(crate) fn sign_on_card(&self, card: &mut Card, challenge: &Challenge, purpose: Purpose) -> SignedTap {
        let DeviceSettings { institution, origin, .. } = &self.settings;
        let transcript = PendingTranscript::new(challenge, purpose, self.key.spki(), institution, origin);
        sign_on_card(card, transcript)
    }

    /// A signed check of the usual card on the next challenge.
    pub(crate) async fn check_request(&mut self, site: &Site) -> Request {
        let check = self.next_check(site).await;
        self.request(site, CHECKS_PATH, &check)
    }

    /// A check of the usual card on the next challenge, not yet a request.
    pub(crate) async fn next_check(&mut self, site: &Site) -> CheckRequest {
        self.check_of("default", site).await
    }

    /// A check of a card on the next challenge, not yet a request.
    pub(crate) async fn check_of(&mut self, card: &str, site: &Site) -> CheckRequest {
        let challenge = self.challenge(site).await;
        self.tap(&mut Card::from_name(card).unwrap(), &challenge)
    }

    /// The next challenge.
    pub(crate) async fn challenge(&mut self, site: &Site) -> Challenge {
        if self.challenges.is_empty() {
            self.challenges = self.fetch(site, 4).await;
        }
        self.challenges.remove(0)
    }
}

/// A new device key; never the same twice.
pub(crate) fn new_key() -> SoftwareKey {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let mut octets = [0x5a; 32];
    octets[..8].copy_from_slice(&NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    SoftwareKey::from_random(&octets).unwrap()
}

/// A new name for an operation; never the same twice.
pub(crate) fn new_operation() -> IdempotencyKey {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let mut octets = [0xa5; 16];
    octets[..8].copy_from_slice(&NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    IdempotencyKey(octets)
}

/// A POST, not signed.
pub(crate) fn post(site: &Site, path: &str, body: &impl Serialize) -> Request {
    Request::post(&site.trust().origin, path, &new_operation(), serde_json::to_vec(body).unwrap())
}

/// A POST, signed now.
pub(crate) fn signed(site: &Site, path: &str, body: &impl Serialize, key: &SoftwareKey) -> Request {
    let mut request = post(site, path, body);
    sign_request(&mut request, key, site.clock.now()).unwrap();
    request
}

/// Puts the name of `named` on `request` and signs it anew.
pub(crate) fn rename(device: &Device, site: &Site, request: &mut Request, named: &Request) {
    let name = named.headers.only("idempotency-key").unwrap().to_owned();
    request.headers.set("idempotency-key", name);
    request.headers.set("content-digest", content_digest(&request.body));
    device.sign(request, site.clock.now());
}

/// Fetches a nonce.
pub(crate) async fn nonce(site: &Site, settings: &UserSettings) -> NonceAnswer {
    let request = post(site, NONCE_PATH, &NonceRequest { account_id: settings.account.clone() });
    site.send(&request).await.read()
}

/// What a registration sends.
pub(crate) fn registration(
    site: &Site,
    settings: &UserSettings,
    code: &RegistrationCode,
    key: &SoftwareKey,
    nonce: [u8; 32],
) -> RegistrationRequest {
    let (origin, account) = (&site.trust().origin, &settings.account);
    RegistrationRequest {
        account_id: account.clone(),
        spki: key.spki().to_vec(),
        device_name: "受付1".to_owned(),
        platform: Platform::Linux,
        terms_version: 1,
        attestation: None,
        nonce,
        proof: registration_proof(code, origin, account, key.spki(), &nonce),
    }
}

/// Registers a key with the code of the settings.
pub(crate) async fn register(site: &Site, settings: &UserSettings, key: &SoftwareKey) -> Answered {
    let nonce = nonce(site, settings).await.nonce;
    let wanted = registration(site, settings, &settings.code, key, nonce);
    site.send(&signed(site, REGISTRATION_PATH, &wanted, key)).await
}

/// Taps a card of the test CA, PIN 1234, and has it sign.
pub(crate) fn sign_on_card(card: &mut Card, transcript: PendingTranscript) -> SignedTap {
    let anchors = Anchors::none().with_test(Authority::test().unwrap().certificate()).unwrap();
    let mut tap = Tap::new(TapRequest {
        pin: Pin::new(b"1234").unwrap(),
        transcript,
        anchors,
        now: NOW,
        consent: Consent::None,
        limits: ReaderLimits::EXTENDED,
        strategy: Strategy::default(),
    });
    let mut step = tap.start();
    loop {
        match step {
            Step::Transmit { command, .. } => step = tap.advance(&card.transmit(&command)),
            Step::Done(Outcome::Signed(signed)) => return signed,
            Step::Done(Outcome::Ended(end)) => panic!("the tap ended: {:?}", end.code()),
        }
    }
}
