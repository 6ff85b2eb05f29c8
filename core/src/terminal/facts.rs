//! What a terminal says of itself beside the screen: 端末情報, 履歴, 接続テスト.

use super::{HistoryEntry, Terminal};
use crate::guide::Code;
use crate::http::{KeyId, Signer as _};
use crate::instant::UnixTime;
use crate::settings::Phase;

/// 端末情報 of a registered device. Nothing of it is a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The service's name in the trust list.
    pub service: String,
    /// Where it is.
    pub origin: String,
    /// 医療機関コード.
    pub institution: String,
    /// The institution's name.
    pub institution_name: String,
    /// The device.
    pub device_id: String,
    /// Name of its present key; `None` if the key store does not say.
    pub key_id: Option<String>,
    /// 運用テスト or 運用.
    pub phase: Phase,
    /// Whether this is a test institution.
    pub test: bool,
    /// Version of the settings in force.
    pub settings_version: u64,
    /// Whether 目視確認 is switched on.
    pub visual: bool,
    /// Whether the day's history is kept.
    pub history: bool,
    /// Challenges that lie ready.
    pub open_challenges: usize,
    /// Signed checks that have no answer yet.
    pub unsent_checks: usize,
    /// Seconds by which the service's clock is ahead of this device's.
    pub clock_offset: i64,
    /// This app's version.
    pub app_version: String,
}

/// What came of a 接続テスト.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionTest {
    /// When, by the service's time.
    pub at: UnixTime,
    /// Seconds by which the service's clock is ahead of this device's.
    pub clock_offset: i64,
    /// What was wrong; `None` if network, key and signature are good.
    pub problem: Option<Code>,
    /// What exactly, in English; may be logged.
    pub detail: String,
}

impl Terminal {
    /// 端末情報; `None` before a registration.
    pub fn facts(&self) -> Option<Facts> {
        let (state, (entry, _)) = (self.state.as_ref()?, self.service.as_ref()?);
        let settings = &state.settings;
        Some(Facts {
            service: entry.name.clone(),
            origin: entry.origin.to_string(),
            institution: settings.institution.to_string(),
            institution_name: settings.institution_name.clone(),
            device_id: settings.device_id.to_string(),
            key_id: self.device_key().ok().map(|key| KeyId::of(key.spki()).to_string()),
            phase: settings.phase,
            test: settings.test,
            settings_version: settings.version,
            visual: settings.visual,
            history: settings.history,
            open_challenges: state.challenges.len(),
            unsent_checks: state.unsent.len(),
            clock_offset: self.offset.seconds(),
            app_version: self.app.version.clone(),
        })
    }

    /// 履歴: today's checks, oldest first; none unless the institution has switched that on.
    pub fn history(&self) -> Vec<HistoryEntry> {
        let now = self.now();
        self.state.iter().flat_map(|state| state.history(now)).cloned().collect()
    }

    /// What came of the last connection test.
    pub const fn connection_test(&self) -> Option<&ConnectionTest> {
        self.tested.as_ref()
    }

    /// What exactly happened last, in English: beside the code on the screen, for logs. Never anything of a person's.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// Whether the user settings of the last attempt are still held and serve once more.
    pub const fn has_settings(&self) -> bool {
        self.registering.settings.is_some()
    }
}
