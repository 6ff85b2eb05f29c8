//! User settings, device settings and the trust list.

use super::{Guide, says};

pub(super) const SIGNATURE: Guide = says(
    "設定情報の署名が、このアプリの信頼するポータルのものではありません。",
    "ポータルの画面または印刷したユーザー設定情報のQRコードを読み取ってください。ほかから届いたQRコードは使わず、施設の管理者に知らせてください。",
    "The settings are not signed by a portal that this app trusts.",
    "Read the QR code of the user settings from the portal or its print; do not use a QR code from elsewhere, and tell the administrator.",
);
pub(super) const MALFORMED: Guide = says(
    "設定情報を読み取れません。",
    "QRコード全体が明るく写るように読み直すか、医療機関コード、アカウントID、登録コードを手で入力してください。",
    "The settings cannot be read.",
    "Read the whole QR code again in good light, or type institution code, account id and registration code.",
);
pub(super) const EXPIRED: Guide = says(
    "設定情報の有効期限が切れています。",
    "施設の管理者に、ポータルでユーザー設定情報を再発行してもらってください。",
    "The settings have expired.",
    "Have the administrator issue the user settings again on the portal.",
);
pub(super) const OLDER: Guide = says(
    "届いた端末の設定が、いまの設定より古いものです。使いません。",
    "少し待って、もう一度つないでください。続くときは、Wi-Fiのログイン画面やプロキシを確かめ、運営に連絡してください。",
    "The device settings that arrived are older than the present ones and are not used.",
    "Wait a little and connect again; if it goes on, look for a Wi-Fi sign-in or proxy and tell the operator.",
);
pub(super) const WRONG_SERVICE: Guide = says(
    "設定情報が、このアプリの接続先とは別のサービスのものです。",
    "ユーザー設定情報を発行したポータルと、アプリの種類（本番用・テスト用）が合っているか確かめてください。",
    "The settings belong to another service than the one this app connects to.",
    "See whether the portal that issued them and the kind of app (production or test) fit.",
);
pub(super) const TRUST_LIST: Guide = says(
    "信頼するサービスの一覧を読み取れないか、この版では使えない内容です。",
    "正しいファイルを指定してください。配布版のアプリでは、テスト用の項目を含む一覧は使えません。",
    "The trust list cannot be read, or holds what this build does not accept.",
    "Name the right file; a release build refuses a list with test entries.",
);
