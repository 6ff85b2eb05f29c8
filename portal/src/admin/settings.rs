//! User settings (ユーザー設定情報) of an account: signed, as text and as QR.

use shikaku::identifier::{AccountId, ServiceOrigin};
use shikaku::settings::{RegistrationCode, UserSettings};
use zeroize::Zeroizing;

use super::{AdminError, Operator};
use crate::sealing::{Place, SealError};
use crate::store::accounts;

/// User settings of one account, with what stands beside them on a printed sheet.
#[derive(Debug)]
pub struct IssuedSettings {
    /// The values, for typing.
    pub settings: UserSettings,
    /// The compact JWS by the portal key, for the QR. It holds the registration code.
    pub jws: Zeroizing<String>,
    /// 医療機関等名.
    pub institution_name: String,
}

/// Why there is no QR.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QrError {
    /// Too long for a QR.
    #[error("QRコードに入りません: {0}")]
    Code(#[from] qrcode::types::QrError),
    /// The image could not be written.
    #[error("QRコードの画像を書けません: {0}")]
    Image(#[from] png::EncodingError),
}

impl Operator {
    /// The settings of an account that has a live registration code. That they were shown is an audit row.
    pub async fn user_settings(
        &self,
        id: &AccountId,
        origin: &ServiceOrigin,
    ) -> Result<IssuedSettings, AdminError> {
        let mut transaction = self.store.begin().await?;
        let account = accounts::find(&mut transaction, id).await?;
        let account = account.ok_or_else(|| AdminError::NoAccount(id.clone()))?;
        let institution = super::institutions::required(&mut transaction, &account.institution).await?;
        if self.has_ended(&institution) {
            return Err(AdminError::InstitutionEnded(institution.code));
        }
        let code = accounts::code(&mut transaction, id).await?;
        let code = code.filter(|code| self.clock.now() < code.expires_at);
        let code = code.ok_or_else(|| AdminError::NoCode(id.clone()))?;
        let octets = self.keys.sealing.open(Place::RegistrationCode(id), &code.sealed)?;
        let octets: &[u8; 10] = octets.as_slice().try_into().map_err(|_| SealError::Broken)?;
        let settings = UserSettings {
            origin: origin.clone(),
            institution: account.institution.clone(),
            account: id.clone(),
            code: RegistrationCode::from_octets(*octets),
            expires_at: code.expires_at,
        };
        let jws = settings.sign(self.keys.portal.current())?;
        let act = self.entry("settings-shown").of_institution(&account.institution).of_account(id);
        self.seal_act(transaction, &act).await?;
        Ok(IssuedSettings { settings, jws, institution_name: institution.name })
    }
}

/// Pixels of one module, and light modules around the code (ISO/IEC 18004 asks for four).
const SCALE: usize = 8;
const QUIET: usize = 4;

/// A QR of `text` as PNG, grey, one octet a pixel.
pub fn qr_png(text: &str) -> Result<Zeroizing<Vec<u8>>, QrError> {
    let code = qrcode::QrCode::with_error_correction_level(text, qrcode::EcLevel::M)?;
    let width = code.width();
    let side = (width + 2 * QUIET) * SCALE;
    let modules = code.to_colors();
    let is_dark = |x: usize, y: usize| {
        let (x, y) = ((x / SCALE).checked_sub(QUIET)?, (y / SCALE).checked_sub(QUIET)?);
        (x < width).then(|| modules.get(y * width + x).copied())?
    };
    let mut pixels = Zeroizing::new(Vec::with_capacity(side * side));
    for y in 0..side {
        pixels
            .extend((0..side).map(|x| if is_dark(x, y) == Some(qrcode::Color::Dark) { 0 } else { u8::MAX }));
    }
    let mut image = Zeroizing::new(Vec::new());
    let edge = u32::try_from(side).unwrap_or(u32::MAX);
    let mut encoder = png::Encoder::new(&mut *image, edge, edge);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(image)
}
