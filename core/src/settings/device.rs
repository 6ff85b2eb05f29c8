//! Device settings: what the service lets a registered device do, signed by the service key.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::certificate::Anchors;
use crate::guide::Code;
use crate::http::{PublicKey, Signer, SignerFault};
use crate::identifier::{DeviceId, InstitutionCode, ServiceOrigin, fits_a_line};
use crate::instant::UnixTime;
use crate::jws::{self, JwsError};
use crate::trust::TrustEntry;

/// `POST`: fetches the device settings in force.
pub const SETTINGS_PATH: &str = "/v1/settings";

/// Most challenges that a device can hold open; asking for more retires the oldest.
pub const OPEN_CHALLENGES: usize = 4;

/// `typ` of the JWS.
const TYPE: &str = "shikaku-device-settings+jws";

/// Asks for the device settings; the signature says whose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SettingsRequest {}

/// The device settings in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SettingsAnswer {
    /// Compact JWS by the service key; [`DeviceSettings::accept`] reads it.
    pub settings: String,
}

/// Whether an institution tests or works (運用テスト or 運用).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// 運用テスト: every screen, export and audit row says 参考情報.
    Test,
    /// 運用.
    Live,
}

/// How much a device may ask; the service enforces it, the device shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Checks a minute.
    pub checks_per_minute: u16,
    /// Checks at once before that rate counts.
    pub burst: u16,
    /// Names that may be asked for in a minute, each by a visual check (目視確認), beside the former. Settings that were
    /// sealed before they said it came from a service that held to six.
    #[serde(default = "six")]
    pub visual_per_minute: u16,
    /// Challenges open at a time.
    pub open_challenges: u8,
}

const fn six() -> u16 {
    6
}

/// Something the operator tells every device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// Names the notice, so that a device shows it once.
    pub id: String,
    /// The text, Japanese, without markup.
    pub text: String,
}

/// What the service lets a registered device do. Nothing of it is a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DeviceSettings {
    /// Grows with each change; a lower one is refused.
    pub version: u64,
    /// The device.
    pub device_id: DeviceId,
    /// 医療機関コード of the institution that the device belongs to.
    pub institution: InstitutionCode,
    /// Its name.
    pub institution_name: String,
    /// The service.
    pub origin: ServiceOrigin,
    /// 運用テスト or 運用.
    pub phase: Phase,
    /// Since when that phase lasts.
    pub phase_since: UnixTime,
    /// Whether this is a test institution; never live.
    pub test: bool,
    /// Whether 目視確認 is switched on.
    pub visual: bool,
    /// Whether the device keeps a day's history.
    pub history: bool,
    /// Names of the staff to choose from.
    pub staff: Vec<String>,
    /// Seconds without a touch after which the device locks itself; 0 is never.
    pub idle_lock_seconds: u32,
    /// Quotas.
    pub limits: Limits,
    /// The oldest version of the app that may still work, as `1.2.3`.
    pub minimum_app_version: String,
    /// Notices to show.
    pub notices: Vec<Notice>,
    /// The service keys to be known from now on, SPKI in DER, base64url: current and next.
    pub service_keys: Vec<String>,
    /// Roots of test cards (DER) and test keys of the card face, base64url; only with `test`.
    pub test_anchors: Vec<String>,
}

/// Why settings are not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// No listed key has signed them, or they are signed as something else.
    #[error("the settings are not signed by a key of the trust list: {0}")]
    Signature(JwsError),
    /// Signed, but not what settings must be.
    #[error("the settings are malformed")]
    Malformed,
    /// A version lower than the one in force.
    #[error("the settings have version {offered}, and {current} is in force")]
    Older {
        /// Version in force.
        current: u64,
        /// Version offered.
        offered: u64,
    },
    /// They are for another service than the entry's, or for another device than this one.
    #[error("the settings are for another service or another device")]
    WrongService,
    /// User settings past their expiry.
    #[error("the settings have expired")]
    Expired,
    /// What was typed is no 医療機関コード, account id or registration code.
    #[error("an institution code, account id or registration code is mistyped")]
    Typed,
}

impl SettingsError {
    /// The code that says it to the staff.
    pub const fn code(&self) -> Code {
        match self {
            Self::Signature(_) => Code::SettingsSignature,
            Self::Malformed => Code::SettingsMalformed,
            Self::Older { .. } => Code::SettingsOlder,
            Self::WrongService => Code::SettingsWrongService,
            Self::Expired => Code::SettingsExpired,
            Self::Typed => Code::CodeForm,
        }
    }
}

impl DeviceSettings {
    /// Signs the settings with the service key.
    pub fn sign(&self, service_key: &dyn Signer) -> Result<String, SignerFault> {
        let payload = serde_json::to_vec(self).map_err(|_| SignerFault::Unavailable)?;
        jws::sign(TYPE, &payload, service_key)
    }

    /// Reads settings that a known service key has signed: one of the trust entry, or one that the settings in
    /// force have added. They must be for the entry's service; if there are settings in force, also for the same
    /// device and institution, and of no lower version.
    pub fn accept(jws: &str, entry: &TrustEntry, current: Option<&Self>) -> Result<Self, SettingsError> {
        let keys = known_service_keys(entry, current);
        let verified = jws::verify(jws, TYPE, &keys).map_err(SettingsError::Signature)?;
        let offered: Self =
            serde_json::from_slice(&verified.payload).map_err(|_| SettingsError::Malformed)?;
        offered.check_form()?;
        if offered.origin != entry.origin {
            return Err(SettingsError::WrongService);
        }
        if let Some(current) = current {
            if offered.device_id != current.device_id || offered.institution != current.institution {
                return Err(SettingsError::WrongService);
            }
            if offered.version < current.version {
                return Err(SettingsError::Older { current: current.version, offered: offered.version });
            }
        }
        Ok(offered)
    }

    /// Whether an app of this version (`1.2.3`) may still work. Numbers that cannot be read count as not.
    pub fn admits(&self, version: &str) -> bool {
        let numbers =
            |text: &str| -> Option<Vec<u32>> { text.split('.').map(|part| part.parse().ok()).collect() };
        match (numbers(version), numbers(&self.minimum_app_version)) {
            (Some(version), Some(minimum)) => version >= minimum,
            _ => false,
        }
    }

    /// The service keys named here.
    pub fn service_keys(&self) -> Result<Vec<PublicKey>, SettingsError> {
        let read =
            |text: &String| URL_SAFE_NO_PAD.decode(text).ok().and_then(|der| PublicKey::from_spki(&der).ok());
        self.service_keys.iter().map(read).collect::<Option<_>>().ok_or(SettingsError::Malformed)
    }

    /// The roots of test cards, DER.
    pub fn test_anchors(&self) -> Result<Vec<Vec<u8>>, SettingsError> {
        let read = |text: &String| URL_SAFE_NO_PAD.decode(text).ok();
        self.test_anchors.iter().map(read).collect::<Option<_>>().ok_or(SettingsError::Malformed)
    }

    /// Every text of them that a device shows or compares.
    fn texts(&self) -> impl Iterator<Item = &str> {
        let notices = self.notices.iter().flat_map(|notice| [&notice.id, &notice.text]);
        let texts = [&self.institution_name, &self.minimum_app_version].into_iter();
        texts.chain(&self.staff).chain(notices).map(String::as_str)
    }

    /// What no service may demand of a device: live test institutions, test anchors without the test flag, keys
    /// that cannot be read, anchors that are no roots of test cards, texts that show as something else than they
    /// are, no quota at all. Told when the settings come, and not at every tap.
    fn check_form(&self) -> Result<(), SettingsError> {
        let anchors = self.test_anchors()?;
        let taken = anchors.iter().try_fold(Anchors::none(), |taken, root| taken.with_test(root));
        taken.map_err(|_| SettingsError::Malformed)?;
        self.service_keys()?;
        let limits = self.limits;
        let sound = (self.test || anchors.is_empty())
            && self.texts().all(fits_a_line)
            && !(self.test && self.phase == Phase::Live)
            && limits.checks_per_minute > 0
            && limits.burst > 0
            && limits.visual_per_minute > 0
            && (1..=OPEN_CHALLENGES).contains(&usize::from(limits.open_challenges));
        if sound { Ok(()) } else { Err(SettingsError::Malformed) }
    }
}

/// Every service key that is believed: those of the trust entry, and those of the settings in force, which a
/// believed key has signed.
pub fn known_service_keys(entry: &TrustEntry, current: Option<&DeviceSettings>) -> Vec<PublicKey> {
    let mut keys = entry.service_keys.clone();
    for key in current.and_then(|settings| settings.service_keys().ok()).unwrap_or_default() {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}
