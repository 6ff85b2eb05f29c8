//! User settings (ユーザー設定情報): what an institution takes from the portal to register one device.

use core::fmt;
use core::str::FromStr as _;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::http::{Signer, SignerFault};
use crate::identifier::{AccountId, InstitutionCode, ServiceOrigin};
use crate::instant::UnixTime;
use crate::jws::{self, JwsError};
use crate::trust::{TrustEntry, TrustList};

use super::{RegistrationCode, SettingsError};

/// `typ` of the JWS.
const TYPE: &str = "shikaku-user-settings+jws";

/// The version of this form.
const VERSION: u32 = 1;

/// No payload is longer, in octets: an origin has 267 at most, the rest is short and fixed.
const PAYLOAD_LIMIT: usize = 512;

/// What registers one device. Holds a secret: no `Clone`, no `Serialize`, and `Debug` does not show the code.
pub struct UserSettings {
    /// The service.
    pub origin: ServiceOrigin,
    /// 医療機関コード.
    pub institution: InstitutionCode,
    /// The account to register.
    pub account: AccountId,
    /// The registration code.
    pub code: RegistrationCode,
    /// From when on the service refuses the code.
    pub expires_at: UnixTime,
}

impl UserSettings {
    /// Reads user settings from a QR or a file: signed by a portal key of the entry whose service they are for,
    /// and not expired by `now`.
    pub fn read<'a>(
        text: &str,
        trust: &'a TrustList,
        now: UnixTime,
    ) -> Result<(Self, &'a TrustEntry), SettingsError> {
        let verify = |entry: &TrustEntry| jws::verify(text.trim(), TYPE, &entry.portal_keys);
        let mut refusal = JwsError::UnknownKey;
        for entry in trust.entries() {
            match verify(entry) {
                Ok(verified) => {
                    let payload = Zeroizing::new(verified.payload);
                    return Self::from_payload(&payload, entry, now).map(|settings| (settings, entry));
                }
                Err(JwsError::UnknownKey) => {}
                Err(other) => refusal = other,
            }
        }
        Err(SettingsError::Signature(refusal))
    }

    /// The same values typed by a person; `entry` is the service that was chosen from the trust list. There is no
    /// expiry to read: the service knows it.
    pub fn typed(
        entry: &TrustEntry,
        institution: &str,
        account: &str,
        code: &str,
    ) -> Result<Self, SettingsError> {
        Ok(Self {
            origin: entry.origin.clone(),
            institution: InstitutionCode::from_str(institution)
                .or_else(|_| InstitutionCode::parse_test(institution))
                .map_err(|_| SettingsError::Typed)?,
            account: account.parse().map_err(|_| SettingsError::Typed)?,
            code: RegistrationCode::parse(code).map_err(|_| SettingsError::Typed)?,
            expires_at: UnixTime(u64::MAX),
        })
    }

    fn from_payload(payload: &[u8], entry: &TrustEntry, now: UnixTime) -> Result<Self, SettingsError> {
        let wire: Wire = serde_json::from_slice(payload).map_err(|_| SettingsError::Malformed)?;
        if wire.version != VERSION {
            return Err(SettingsError::Malformed);
        }
        if wire.origin != entry.origin {
            return Err(SettingsError::WrongService);
        }
        if now >= wire.expires_at {
            return Err(SettingsError::Expired);
        }
        Ok(Self {
            origin: wire.origin,
            institution: wire.institution,
            account: wire.account_id,
            code: wire.registration_code,
            expires_at: wire.expires_at,
        })
    }

    /// The settings as a compact JWS by the portal key. It holds the code: wipe it when it is written.
    pub fn sign(&self, portal_key: &dyn Signer) -> Result<Zeroizing<String>, SignerFault> {
        let wire = Wire {
            version: VERSION,
            origin: self.origin.clone(),
            institution: self.institution.clone(),
            account_id: self.account.clone(),
            registration_code: RegistrationCode::from_octets(*self.code.octets()),
            expires_at: self.expires_at,
        };
        // Room for the longest: a vector that grows would leave copies of the code behind.
        let mut payload = Zeroizing::new(Vec::with_capacity(PAYLOAD_LIMIT));
        serde_json::to_writer(&mut *payload, &wire).map_err(|_| SignerFault::Unavailable)?;
        jws::sign(TYPE, &payload, portal_key).map(Zeroizing::new)
    }
}

/// The payload. Its own type, so that nobody writes the code anywhere else.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    version: u32,
    origin: ServiceOrigin,
    institution: InstitutionCode,
    account_id: AccountId,
    #[serde(with = "super::code::text")]
    registration_code: RegistrationCode,
    expires_at: UnixTime,
}

impl fmt::Debug for UserSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserSettings")
            .field("origin", &self.origin)
            .field("institution", &self.institution)
            .field("account", &self.account)
            .field("code", &self.code)
            .field("expires_at", &self.expires_at)
            .finish()
    }
}
