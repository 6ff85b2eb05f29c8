//! What the service itself refuses or cannot do.

use super::{Guide, says};

pub(super) const REQUEST_MALFORMED: Guide = says(
    "送った内容の形式が正しくありません。",
    "アプリを最新版にしてから、もう一度確認してください。続くときは運営に連絡してください。",
    "What was sent is malformed.",
    "Update the app and check again; if it goes on, tell the operator.",
);
pub(super) const REQUEST_SIGNATURE: Guide = says(
    "端末の署名が正しくありません。",
    "もう一度送ってください。続くときは、この端末の初期登録をやり直してください。",
    "The device's signature is wrong.",
    "Send again; if it goes on, register this device anew.",
);
pub(super) const REQUEST_DIGEST: Guide = says(
    "送った内容が途中で変わっています。",
    "もう一度送ってください。続くときは、プロキシやセキュリティ機器が通信を書き換えていないか確かめてください。",
    "What was sent was changed on the way.",
    "Send again; if it goes on, see whether a proxy or security appliance rewrites traffic.",
);
pub(super) const REQUEST_TOO_LARGE: Guide = says(
    "送った内容が大きすぎます。",
    "アプリを最新版にしてから、もう一度確認してください。続くときは運営に連絡してください。大きさは資格確認の内容とは関係ありません。",
    "What was sent is too large.",
    "Update the app and check again; if it goes on, tell the operator.",
);
pub(super) const IDEMPOTENCY_CONFLICT: Guide = says(
    "同じ受付番号で、別の内容が送られました。",
    "カードをもう一度置いて、新しい確認として送ってください。",
    "The same operation key was used for something else before.",
    "Tap again and send it as a new check.",
);
pub(super) const CHALLENGE_UNKNOWN: Guide = says(
    "確認の準備（チャレンジ）がサービスに見つかりません。",
    "準備をやり直します。カードをもう一度置いて、暗証番号を入れ直してもらってください。",
    "The service does not know the challenge.",
    "A new one is fetched: tap again, with the PIN entered again.",
);
pub(super) const CHALLENGE_EXPIRED: Guide = says(
    "確認の準備（チャレンジ）の期限が切れました。確認は成立していません。",
    "カードをもう一度置いて、暗証番号を入れ直してもらってください。",
    "The challenge has expired; nothing was checked.",
    "Tap again, with the PIN entered again.",
);
pub(super) const CHALLENGE_USED: Guide = says(
    "この確認の準備（チャレンジ）は使用済みです。",
    "新しい確認として、カードをもう一度置いてください。心当たりがないのに続くときは、運営に連絡してください。",
    "The challenge has been used already.",
    "Tap again as a new check; if it goes on without reason, tell the operator.",
);
pub(super) const CHALLENGES_EXHAUSTED: Guide = says(
    "確認の準備（チャレンジ）が手元にありません。カードはまだ読み取れません。",
    "ネットワークにつないで、準備ができるまで待ってください。つながらないときは、資格確認書または資格情報のお知らせで確認してください。",
    "No challenge with enough time is at hand, so no card can be read yet.",
    "Connect to the network and wait until one is fetched; otherwise check on paper.",
);
pub(super) const PURPOSE_REFUSED: Guide = says(
    "資格確認のための署名ではありません。",
    "カードをもう一度置いて、資格確認として送ってください。続くときは、アプリを最新版にしてください。",
    "The signature was not made for a qualification check.",
    "Tap again as a qualification check; if it goes on, update the app.",
);
pub(super) const MODE_REFUSED: Guide = says(
    "この確認方法は、この医療機関では使えません。",
    "暗証番号での確認に切り替えてください。目視確認を使うには、医療機関としての設定が必要です。",
    "This way of checking is not switched on for the institution.",
    "Use the PIN; the visual check has to be switched on for the institution.",
);
pub(super) const DEVICE_UNKNOWN: Guide = says(
    "この端末は登録されていません。",
    "ユーザー設定情報を用意して、初期登録をしてください。登録したはずのときは、アカウントの状態を施設の管理者に確かめてください。",
    "This device is not registered.",
    "Register it with its user settings; if it was registered, ask the institution's administrator about the account.",
);
pub(super) const DEVICE_SUSPENDED: Guide = says(
    "この端末の利用は停止されています。",
    "施設の管理者に、資格確認アカウントの停止の理由と解除を確かめてください。解除までは、資格確認書または資格情報のお知らせで確認してください。",
    "This device is suspended.",
    "Ask the institution's administrator why, and to lift it; until then check on paper.",
);
pub(super) const DEVICE_REVOKED: Guide = says(
    "この端末の登録は取り消されています。端末に保存した内容は消去しました。",
    "引き続き使うときは、施設の管理者に新しいユーザー設定情報を発行してもらい、初期登録をやり直してください。",
    "This device's registration has been revoked and what it stored has been wiped.",
    "To use it again, have new user settings issued and register it anew.",
);
pub(super) const INSTITUTION_ENDED: Guide = says(
    "この医療機関の利用は終了しています。登録していた端末は、保存した内容を消去しました。",
    "利用を再開するには、施設の管理者が改めて利用開始を申請し、端末の初期登録をやり直してください。確認は、資格確認書または資格情報のお知らせで行ってください。",
    "The institution's use of the service has ended; a device that was registered has wiped what it stored.",
    "To use it again the institution has to apply anew and register the device anew; check on paper.",
);
pub(super) const TOO_MANY_REQUESTS: Guide = says(
    "短い時間に送りすぎています。",
    "少し待って（画面に秒数が出ているときは、その秒数だけ）、もう一度送ってください。カードを置き直す必要はありません。",
    "Too much was sent in a short time.",
    "Wait a little, or the seconds shown if there are any, and send again; the card need not be tapped again.",
);
pub(super) const DOWN: Guide = says(
    "サービスが停止しているか、混み合っています。",
    "少し待って、もう一度送ってください。続くときは、資格確認書、カードと資格情報のお知らせ、または被保険者資格申立書で受け付けてください。",
    "The service is down or overloaded.",
    "Wait a little and send again; if it goes on, use the eligibility certificate, the card with the notice of eligibility, or the insured person's written declaration.",
);
pub(super) const SOURCE_DOWN: Guide = says(
    "資格情報の照会先がいま応答していません。",
    "少し待って、もう一度送ってください。続くときは、資格確認書、カードと資格情報のお知らせ、または被保険者資格申立書で受け付けてください。",
    "The source of the qualification data does not answer now.",
    "Wait a little and send again; if it goes on, use the eligibility certificate, the card with the notice of eligibility, or the insured person's written declaration.",
);
