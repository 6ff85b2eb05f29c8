//! What the device keeps sealed.

use super::{Guide, says};

pub(super) const DAMAGED: Guide = says(
    "端末に保存した内容が壊れています。",
    "アプリを再起動してください。続くときは、施設の管理者に新しいユーザー設定情報を発行してもらい、この端末の初期登録をやり直してください。資格確認の記録はサービスに残っています。",
    "What the device stored is damaged.",
    "Restart the app; if it goes on, have new user settings issued and register this device anew. The record of checks is kept at the service.",
);
pub(super) const ROLLED_BACK: Guide = says(
    "端末に保存した内容が、前の状態に戻されています。安全のため使いません。",
    "バックアップからの復元や端末の複製では使えません。施設の管理者に新しいユーザー設定情報を発行してもらい、この端末の初期登録をやり直してください。",
    "What the device stored was put back to an earlier state and is not used.",
    "A restored backup or cloned device cannot be used; have new user settings issued and register this device anew.",
);
pub(super) const KEY_LOST: Guide = says(
    "端末の鍵が失われています。",
    "画面ロックの変更や端末の初期化で起こります。施設の管理者にユーザー設定情報を再発行してもらい、初期登録をやり直してください。",
    "The device's key is lost.",
    "A changed screen lock or a reset may be the reason; have the user settings issued again and register this device anew.",
);
pub(super) const UNWRITABLE: Guide = says(
    "この端末に、必要な記録を保存できません。",
    "端末の空き容量を確かめ、アプリを開き直してください。続くときは、施設の管理者に連絡してください。保存できるようになるまで、カードの読み取りは始まりません。",
    "This device cannot store what it has to keep.",
    "Check the free space and restart the app; if it goes on, tell the administrator. No card is read until it can be stored.",
);
pub(super) const KEY_STORE_UNAVAILABLE: Guide = says(
    "端末の鍵や記録の保管場所（キーストアなど）が、いま応答していません。保存した内容は失われていません。",
    "端末を再起動して、アプリを開き直してください。初期登録をやり直す必要はありません。続くときは、施設の管理者に連絡し、その間は資格確認書または資格情報のお知らせで確認してください。",
    "The device's key store, or where it keeps its records, does not answer now; nothing is lost.",
    "Restart the device and open the app again; do not register anew. If it goes on, tell the administrator and check on paper meanwhile.",
);
