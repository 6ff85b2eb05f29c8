//! Settings that the portal issues: user settings (ユーザー設定情報), the registration code, device settings.
