//! What lies between the device and the service.

use super::{Guide, says};

pub(super) const UNREACHABLE: Guide = says(
    "サービスにつながりません。",
    "Wi-Fiやモバイル通信、ケーブルの接続を確かめてください。署名が済んだ確認があるときは、画面に時刻が出ます。その時刻までは「もう一度送る」でカードなしで送れます。つながらないときは、資格確認書または資格情報のお知らせで確認してください。",
    "The service cannot be reached.",
    "See to the Wi-Fi, mobile or wired connection. If a check has been signed, the screen names a time: until then it can be sent again without the card. Otherwise check on paper.",
);
pub(super) const IN_THE_WAY: Guide = says(
    "サービスではないものが応答しました。途中のネットワークが通信をさえぎっています。",
    "Wi-Fiのログイン画面（ブラウザーで開くサインイン）が出ていないか、プロキシやセキュリティ機器の設定を確かめ、つながってからもう一度送ってください。何も確認されておらず、何も失われていません。",
    "Something other than the service answered: a network on the way interferes.",
    "See whether the Wi-Fi wants a sign-in in the browser, and look at proxy and security appliances; then send again. Nothing was checked and nothing is lost.",
);
pub(super) const TLS_UNTRUSTED: Guide = says(
    "接続先が本物のサービスであることを確認できません。",
    "通信を中継する装置（プロキシ、セキュリティ機器）や、Wi-Fiのログイン画面がないか確かめてください。別の回線（モバイル通信など）で試し、続くときは運営に連絡してください。",
    "It cannot be verified that the other end is the service.",
    "Look for a proxy or security appliance that intercepts, or a Wi-Fi sign-in; try another line and tell the operator if it goes on.",
);
pub(super) const CLOCK_SKEW: Guide = says(
    "端末の時計がサービスの時計と大きくずれています。",
    "アプリはずれを補って一度送り直します。端末の日付と時刻を自動設定にしてください。",
    "The device's clock is far from the service's clock.",
    "The app corrects for it and sends once more; set the device's date and time to automatic.",
);
pub(super) const ANSWER_SIGNATURE: Guide = says(
    "応答に正しい署名がないため、結果として扱いません。",
    "もう一度送ってください。続くときは、Wi-Fiのログイン画面やプロキシを確かめ、アプリを最新版にして、運営に連絡してください。",
    "The answer has no valid signature and is not taken as a result.",
    "Send again; if it goes on, look for a Wi-Fi sign-in or proxy, update the app and tell the operator.",
);
