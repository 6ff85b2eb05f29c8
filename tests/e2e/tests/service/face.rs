//! Visual checks as a device makes them, and what an attacker can have a card sign.

use shikaku::certificate::Anchors;
use shikaku::check::{
    Attestation, CHECKS_PATH, ChallengePool, CheckRequest, NameAttestation, NameToConfirm, PendingCheck,
    UnsentCheck,
};
use shikaku::identifier::Date;
use shikaku::secret::{BirthDateKey, CodeB};
use shikaku::tap::{
    Consent, PrintedNumber, ReaderLimits, Stage, Step, Strategy, VisualEvidence, VisualOutcome,
    VisualRequest, VisualTap,
};
use shikaku::transcript::{Challenge, PendingVisualTranscript};
use shikaku_portal::source::Source;
use shikaku_test_database::Database;
use shikaku_tests::gateway::{Gateway, GatewaySource};
use shikaku_virtual_card::Card;
use shikaku_virtual_card::issue::{Authority, SurfaceAuthority};

use crate::device::{Device, new_operation};
use crate::site::{Answered, NOW, Site, TEST_INSTITUTION};

/// What is printed on the usual card: the birth date in Japanese years, and 照合番号B.
pub(crate) const BIRTH_DATE: &str = "550102";
pub(crate) const CODE_B: &str = "55010220361234";

/// A service that lets the test institution check visually, and a device of it.
pub(crate) async fn open_to_visual(database: &Database) -> (Site, Device) {
    let site = Site::start(database).await;
    site.switch_visual(TEST_INSTITUTION, true).await;
    let device = Device::registered(&site).await;
    (site, device)
}

/// The same behind a gateway.
pub(crate) async fn behind_a_gateway(database: &Database) -> (Gateway, Site, Device) {
    let gateway = Gateway::start().await.unwrap();
    let source = GatewaySource::new(gateway.address(), std::time::Duration::from_secs(20));
    let site =
        Site::start_with(database, |options| options.source = Some(Source::Remote(Box::new(source)))).await;
    site.switch_visual(TEST_INSTITUTION, true).await;
    let device = Device::registered(&site).await;
    (gateway, site, device)
}

impl Device {
    /// The first step of a visual check of a card on the next challenge, as the core makes it.
    pub(crate) async fn unsent_look(&mut self, card: &mut Card, digits: &str, site: &Site) -> UnsentCheck {
        let mut pool = ChallengePool::new();
        pool.fill(vec![self.challenge(site).await], site.clock.now());
        let spki = shikaku::http::Signer::spki(&self.key);
        let pending = PendingCheck::begin(&mut pool, &self.settings, spki, site.clock.now()).unwrap();
        let VisualOutcome::Proven(given) = tap(card, digits, pending.transcript().visual()).0 else {
            panic!()
        };
        let VisualEvidence { certificate, surface, signature, .. } = given;
        let seen = Attestation { staff: "窓口", at: site.clock.now() };
        pending.complete_visual(&certificate, &surface, &signature, seen, new_operation()).unwrap()
    }

    /// The body of the first step for the usual card and its birth date.
    pub(crate) async fn look(&mut self, site: &Site) -> CheckRequest {
        self.look_at("default", BIRTH_DATE, site).await
    }

    /// The same for a card and a printed number.
    pub(crate) async fn look_at(&mut self, card: &str, digits: &str, site: &Site) -> CheckRequest {
        let mut card = Card::from_name(card).unwrap();
        body(&self.unsent_look(&mut card, digits, site).await, self)
    }

    /// What the key of a card's face signs, whatever the core then thinks of the record.
    pub(crate) fn face_signature(&self, card: &mut Card, challenge: &Challenge) -> [u8; 256] {
        let settings = &self.settings;
        let spki = shikaku::http::Signer::spki(&self.key);
        let pending =
            shikaku::check::service_transcript(challenge, spki, &settings.institution, &settings.origin);
        tap(card, BIRTH_DATE, pending.visual()).1.unwrap()
    }

    /// Sends a check under a new name.
    pub(crate) async fn send(&self, site: &Site, check: &CheckRequest) -> Answered {
        site.send(&self.request(site, CHECKS_PATH, check)).await
    }
}

/// The body that an unsent check sends.
pub(crate) fn body(check: &UnsentCheck, device: &Device) -> CheckRequest {
    serde_json::from_slice(&check.request(&device.key, NOW).unwrap().body).unwrap()
}

/// The second step of a check, with the name that was shown.
pub(crate) fn confirmed(first: &CheckRequest, shown: &Answered) -> CheckRequest {
    let name = shown.read::<NameToConfirm>().name;
    saying(first, NameAttestation::Confirmed { name })
}

/// The same check with something else said of the name.
pub(crate) fn saying(check: &CheckRequest, name: NameAttestation) -> CheckRequest {
    let mut said = check.clone();
    said.visual.as_mut().unwrap().name = name;
    said
}

/// What the audit says of visual checks, in the order of the chain.
pub(crate) async fn audited(site: &Site) -> Vec<String> {
    let mut reader = site.operator.store.read().await.unwrap();
    let statement = "SELECT outcome FROM audit WHERE mode = 'visual' ORDER BY sequence";
    sqlx::query_scalar(statement).fetch_all(&mut *reader).await.unwrap()
}

/// A visual tap, and what the card signed in it.
fn tap(
    card: &mut Card,
    digits: &str,
    transcript: PendingVisualTranscript,
) -> (VisualOutcome, Option<[u8; 256]>) {
    let anchors = Anchors::none().with_test(Authority::test().unwrap().certificate()).unwrap();
    let today = Date::of(NOW);
    let number = match digits.len() {
        6 => PrintedNumber::BirthDate(BirthDateKey::new(digits.as_bytes(), today).unwrap()),
        _ => PrintedNumber::CodeB(CodeB::new(digits.as_bytes(), today).unwrap()),
    };
    let mut tap = VisualTap::new(VisualRequest {
        number,
        transcript,
        anchors: anchors.with_test(&SurfaceAuthority::test().unwrap().root()).unwrap(),
        now: NOW,
        consent: Consent::None,
        limits: ReaderLimits::EXTENDED,
        strategy: Strategy::default(),
    });
    let (mut step, mut signature) = (tap.start(), None);
    loop {
        match step {
            Step::Done(outcome) => return (outcome, signature),
            Step::Transmit { command, stage, .. } => {
                let answer = card.transmit(&command);
                if stage == Stage::Presence && answer.len() == 258 {
                    signature = answer[..256].try_into().ok();
                }
                step = tap.advance(&answer);
            }
        }
    }
}
