//! What the portal gives a device: user settings (ユーザー設定情報) before registration, device settings after it.

mod code;
mod device;
#[cfg(test)]
pub(crate) mod tests;
mod user;

pub use code::{RegistrationCode, RegistrationCodeError};
pub use device::{
    DeviceSettings, Limits, Notice, OPEN_CHALLENGES, Phase, SETTINGS_PATH, SettingsAnswer, SettingsError,
    SettingsRequest, known_service_keys,
};
pub use user::UserSettings;
