//! Initial registration (初期登録), the registration code, rotation of the device key.

use super::{Guide, says};

pub(super) const CODE_FORM: Guide = says(
    "登録コードの入力に誤りがあります。",
    "4文字ずつの組と最後の確認用の1文字を、印刷と見比べて入れ直してください。大文字と小文字、OとゼロやIと1の違いは問いません。",
    "The registration code was mistyped.",
    "Compare the groups of four and the last check character with the print and type it again; case, O/0 and I/L/1 do not matter.",
);
pub(super) const REFUSED: Guide = says(
    "登録できませんでした。アカウントIDまたは登録コードが正しくないか、使えなくなっています。",
    "医療機関コード、アカウントID、登録コードを見直してください。正しいときは、施設の管理者にユーザー設定情報を再発行してもらってください。",
    "The registration was refused: account id or registration code are wrong or no longer good.",
    "Check institution code, account id and registration code; if they are right, have the user settings issued again.",
);
pub(super) const EXPIRED: Guide = says(
    "登録コードの有効期限が切れています。",
    "施設の管理者に、ポータルでユーザー設定情報を再発行してもらい、新しいもので登録してください。",
    "The registration code has expired.",
    "Have the user settings issued again on the portal and register with the new ones.",
);
pub(super) const USED: Guide = says(
    "この登録コードは、別の端末の登録に使われています。",
    "端末ごとに一つのユーザー設定情報が必要です。心当たりがないときは、すぐに施設の管理者に知らせ、アカウントを停止してもらってください。",
    "This registration code was used to register another device.",
    "Each device needs user settings of its own; if you do not know of the other device, tell the administrator at once to suspend the account.",
);
pub(super) const NONCE_EXPIRED: Guide = says(
    "登録の途中で時間が切れました。",
    "もう一度、登録をやり直してください。同じ登録コードを使えます。",
    "The registration took too long.",
    "Register again; the same registration code can be used.",
);
pub(super) const TERMS_OUTDATED: Guide = says(
    "利用規約が新しくなっています。",
    "新しい利用規約を読み、同意してから続けてください。登録コードは使われていません。",
    "There are newer terms of use.",
    "Read and accept the new terms, then go on; the registration code was not used up.",
);
pub(super) const APP_OUTDATED: Guide = says(
    "アプリの版が古いため、使えません。",
    "アプリを最新版に更新してください。登録し直す必要はありません。",
    "This version of the app is too old.",
    "Update the app; there is no need to register again.",
);
pub(super) const NOT_REGISTERED: Guide = says(
    "この端末はまだ初期登録をしていません。",
    "ユーザー設定情報のQRコードを読み取るか、医療機関コード、アカウントID、登録コードを入力して、初期登録をしてください。",
    "This device has not been registered yet.",
    "Register it: read the QR code of the user settings, or type institution code, account id and registration code.",
);
pub(super) const KEY_PROOF: Guide = says(
    "新しい端末の鍵を確かめられませんでした。これまでの鍵をそのまま使います。",
    "もう一度更新してください。続くときは、この端末の初期登録をやり直してください。",
    "The new device key could not be proven; the old one stays in use.",
    "Rotate again; if it goes on, register this device anew.",
);
