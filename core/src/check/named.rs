//! Between the two steps of a visual check: the name is on the screen, and staff compare it with the card.

use super::{CheckRequest, NameAttestation, NameToConfirm, UnsentCheck};
use crate::http::IdempotencyKey;
use crate::identifier::{InstitutionCode, PersonName, ServiceOrigin};
use crate::instant::UnixTime;
use crate::settings::Phase;
use crate::transcript::Challenge;

/// A visual check whose name the service has signed. Made by [`UnsentCheck::judge`] alone, and never stored.
pub struct NamedCheck {
    pub(super) challenge: Challenge,
    pub(super) origin: ServiceOrigin,
    pub(super) institution: InstitutionCode,
    pub(super) request: CheckRequest,
    pub(super) said: NameToConfirm,
}

/// Certificate, record and name are a person's and stay out of logs.
impl core::fmt::Debug for NamedCheck {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("NamedCheck").field("expires_at", &self.challenge.expires_at).finish_non_exhaustive()
    }
}

impl NamedCheck {
    /// 氏名 in the registry, to be compared with the one printed on the card.
    pub const fn name(&self) -> &PersonName {
        &self.said.name
    }

    /// 運用テスト or 運用, as it stands above everything on the screen.
    pub const fn phase(&self) -> Phase {
        self.said.phase
    }

    /// Until when the second step can be sent.
    pub const fn expires_at(&self) -> UnixTime {
        self.challenge.expires_at
    }

    /// 券面の氏名と一致: the check that asks for the answer. `key` is another one than that of the first step.
    pub fn confirm(self, key: IdempotencyKey) -> UnsentCheck {
        let name = self.said.name.clone();
        self.second_step(NameAttestation::Confirmed { name }, key)
    }

    /// The printed name is another: the check that tells the service so. It is refused, and has to be.
    pub fn deny(self, key: IdempotencyKey) -> UnsentCheck {
        self.second_step(NameAttestation::Denied, key)
    }

    /// A check of which the service has said this name.
    #[cfg(test)]
    pub(crate) fn sample(name: &str, until: UnixTime) -> Self {
        let institution = "1310112345".parse::<InstitutionCode>().unwrap();
        let challenge =
            Challenge { id: [1; 16], nonce: [2; 32], issued_at: UnixTime(until.0 - 300), expires_at: until };
        let request = CheckRequest {
            challenge_id: challenge.id,
            certificate: vec![0x30],
            mode: super::Mode::Visual,
            card_signature: [0; 256],
            staff: Some("受付 一郎".to_owned()),
            visual: None,
        };
        let said = NameToConfirm {
            format: super::NameFormat::V1,
            challenge_id: challenge.id,
            institution: institution.clone(),
            phase: Phase::Live,
            at: challenge.issued_at,
            name: name.parse().unwrap(),
            salt: [5; 16],
        };
        Self { challenge, origin: "https://shikaku.example".parse().unwrap(), institution, request, said }
    }

    fn second_step(self, name: NameAttestation, key: IdempotencyKey) -> UnsentCheck {
        let Self { challenge, origin, institution, mut request, .. } = self;
        if let Some(visual) = &mut request.visual {
            visual.name = name;
        }
        UnsentCheck::new(challenge, origin, institution, key, &request)
    }
}
