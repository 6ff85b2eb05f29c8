//! What the core makes of a certificate, as facts to be shown. Nothing here names the person.

use serde_json::{Value, json};
use shikaku::certificate::{Anchors, Certificate, Hierarchy};
use shikaku::guide::Code;
use shikaku::identifier::Date;
use shikaku::instant::UnixTime;

use crate::screen::{self, Paint, hex};

/// The judgement on one certificate.
pub(super) struct Facts {
    octets: usize,
    read: Result<Certificate, (Code, String)>,
    refused: Option<(Code, String)>,
    generation: Option<usize>,
}

impl Facts {
    /// Parses `der` and holds it against `anchors` at `now`.
    pub(super) fn of(der: &[u8], anchors: &Anchors, now: UnixTime) -> Self {
        let read = Certificate::from_der(der).map_err(|error| (error.code(), error.to_string()));
        let certificate = read.as_ref().ok();
        let refused = match &read {
            Ok(certificate) => {
                certificate.accept(anchors, now).err().map(|refusal| (refusal.code(), refusal.to_string()))
            }
            Err(error) => Some(error.clone()),
        };
        let generation = certificate.and_then(|certificate| anchors.issuer_of(certificate)?.generation());
        Self { octets: der.len(), read, refused, generation }
    }

    /// Whether it would be accepted.
    pub(super) const fn is_accepted(&self) -> bool {
        self.refused.is_none()
    }

    pub(super) fn json(&self) -> Value {
        let certificate = self.read.as_ref().ok();
        json!({
            "octets": self.octets,
            "accepted": self.is_accepted(),
            "refused": self.refused.as_ref().map(|(code, why)| json!({ "code": code.as_str(), "why": why })),
            "profile": certificate.is_some(),
            "hierarchy": certificate.map(|certificate| hierarchy(certificate.hierarchy())),
            "policy_known": certificate.map(|certificate| !certificate.has_unknown_policy()),
            "generation": self.generation,
            "issuer_key_id": certificate.map(|certificate| hex(certificate.issuer_key_id())),
            "not_before": certificate.map(|certificate| certificate.not_before().0),
            "not_after": certificate.map(|certificate| certificate.not_after().0),
            "sha256": certificate.map(|certificate| hex(&certificate.sha256())),
        })
    }

    pub(super) fn show(&self) {
        if let Ok(certificate) = &self.read {
            let generation =
                self.generation.map_or_else(String::new, |place| format!("、ルート第{place}世代"));
            let kind = if certificate.hierarchy() == Hierarchy::Production { "本番" } else { "テスト" };
            screen::line(&format!("種類      : {kind}{generation}"));
            screen::line(&format!(
                "有効期間  : {} から {} まで",
                Date::of(certificate.not_before()),
                Date::of(certificate.not_after())
            ));
            screen::line(&format!("発行者鍵  : {}", hex(certificate.issuer_key_id())));
        }
        screen::line(&match &self.refused {
            None => screen::paint(Paint::Good, "受け入れます"),
            Some((code, why)) => {
                let guide = code.guide();
                let title = screen::paint(Paint::Bad, "受け入れません");
                format!("{title}: {} [{}]\n  → {}\n  ({why})", guide.cause_ja, code.as_str(), guide.remedy_ja)
            }
        });
    }
}

const fn hierarchy(hierarchy: Hierarchy) -> &'static str {
    match hierarchy {
        Hierarchy::Production => "production",
        Hierarchy::Test => "test",
    }
}
