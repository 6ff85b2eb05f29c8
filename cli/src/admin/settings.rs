//! `admin settings`: the user settings of an account, for its QR sheet or to be typed.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use shikaku::identifier::{AccountId, ServiceOrigin};
use shikaku::trust::{TestEntries, TrustList};
use shikaku_portal::admin::{Operator, qr_png};

use super::{Answer, Place, moment, write_private};
use crate::failure::Failure;

/// ユーザー設定情報を出します（QRコードの画像、または入力する文字）。登録コードを含むので、取り扱いに注意してください
#[derive(Debug, Args)]
pub(super) struct SettingsArgs {
    /// アカウント ID（W と7桁）
    account: AccountId,
    /// QRコードを PNG ファイルに書きます
    #[arg(long, value_name = "FILE.png")]
    qr: Option<PathBuf>,
    /// 署名済みの設定情報（QRコードの中身）をファイルに書きます
    #[arg(long, value_name = "FILE")]
    jws: Option<PathBuf>,
    /// 端末に入力する文字を表示します
    #[arg(long)]
    text: bool,
    /// サービスのオリジン。省略時は `serve` がデータフォルダーに書いた trust.json から
    #[arg(long, value_name = "https://HOST[:PORT]")]
    origin: Option<ServiceOrigin>,
}

impl SettingsArgs {
    pub(super) async fn run(self, operator: &Operator, place: &Place) -> Result<Answer, Failure> {
        let wants_text = self.text || (self.qr.is_none() && self.jws.is_none());
        let origin = match self.origin {
            Some(origin) => origin,
            None => own_origin(place)?,
        };
        let issued = operator.user_settings(&self.account, &origin).await.map_err(Failure::of)?;
        let mut lines = Vec::new();
        if let Some(path) = &self.qr {
            write_private(path, &qr_png(&issued.jws).map_err(Failure::of)?)?;
            lines.push(format!("QRコード: {}", path.display()));
        }
        if let Some(path) = &self.jws {
            write_private(path, issued.jws.as_bytes())?;
            lines.push(format!("設定情報: {}", path.display()));
        }
        let settings = &issued.settings;
        let mut json = json!({
            "account": settings.account,
            "institution": settings.institution,
            "institution_name": issued.institution_name,
            "origin": settings.origin,
            "expires_at": settings.expires_at,
        });
        if wants_text {
            let code = settings.code.to_text();
            lines.extend([
                format!("医療機関等名: {}", issued.institution_name),
                format!("サービス: {}", settings.origin),
                format!("医療機関コード: {}", settings.institution),
                format!("アカウントID: {}", settings.account),
                format!("登録コード: {}", *code),
                format!("有効期限: {}", moment(settings.expires_at)),
            ]);
            if let Some(members) = json.as_object_mut() {
                members.insert("registration_code".to_owned(), json!(*code));
                members.insert("jws".to_owned(), json!(*issued.jws));
            }
        }
        Ok(Answer::lines(lines, json))
    }
}

/// The origin under which this service was last started.
fn own_origin(place: &Place) -> Result<ServiceOrigin, Failure> {
    let missing = "--origin を指定するか、先に `serve` を一度起動してください";
    let path = place.folder()?.join("trust.json");
    let text = std::fs::read_to_string(&path).map_err(|_| Failure::plain(missing))?;
    let trust = TrustList::from_json(&text, TestEntries::Allow).map_err(Failure::of)?;
    trust.entries().first().map(|entry| entry.origin.clone()).ok_or_else(|| Failure::plain(missing))
}
