//! The user-authentication certificate (利用者証明用電子証明書) and its revocation.

use super::{Guide, says};

pub(super) const ABSENT: Guide = says(
    "このカードには利用者証明用電子証明書が入っていません。",
    "電子証明書の発行は住所地の市区町村の窓口でできます。今日の確認は資格確認書で行ってください。",
    "This card holds no user-authentication certificate.",
    "The municipal office issues one; for today check with the eligibility certificate.",
);
pub(super) const UNREADABLE: Guide = says(
    "電子証明書を読み取れません。",
    "カードを置き直してください。続くときは、別のリーダーで試し、住所地の市区町村の窓口を案内してください。",
    "The certificate cannot be read from the card.",
    "Put the card on the reader again; if it goes on, try another reader and point to the municipal office.",
);
pub(super) const MALFORMED: Guide = says(
    "電子証明書の形式が壊れています。暗証番号は使っていません。",
    "カードを置き直してください。続くときは、住所地の市区町村の窓口を案内し、今日は資格確認書または資格情報のお知らせで確認してください。",
    "The certificate is malformed; no PIN try was spent.",
    "Put the card on the reader again; if it goes on, point to the municipal office and check on paper today.",
);
pub(super) const PROFILE: Guide = says(
    "利用者証明用電子証明書ではないか、この版のアプリが知らない種類の証明書です。暗証番号は使っていません。",
    "アプリを最新版にしてから、もう一度確認してください。続くときは、資格確認書または資格情報のお知らせで確認してください。",
    "This is no user-authentication certificate, or one of a kind that this version does not know; no PIN try was spent.",
    "Update the app and try again; if it goes on, check on paper.",
);
pub(super) const EXPIRED: Guide = says(
    "電子証明書の有効期限が切れています。",
    "電子証明書の更新は、住所地の市区町村の窓口でできます。今日の確認は、資格確認書、またはカードと資格情報のお知らせで行ってください。",
    "The certificate has expired.",
    "It is renewed at the municipal office; for today check with the eligibility certificate, or the card with the notice of eligibility.",
);
pub(super) const NOT_YET_VALID: Guide = says(
    "電子証明書の有効期間がまだ始まっていません。",
    "端末の日付と時刻が正しいかを確かめ、もう一度確認してください。正しいときは、資格確認書または資格情報のお知らせで確認してください。",
    "The certificate is not valid yet.",
    "See whether the device's date and time are right and try again; if they are, check on paper.",
);
pub(super) const TEST_REFUSED: Guide = says(
    "テスト用のカードです。本番の資格確認には使えません。",
    "本人のマイナンバーカードを置いてください。テスト用のカードは、テスト用の医療機関の端末でだけ使えます。",
    "This is a test card, which cannot be used for a real check.",
    "Use the person's own My Number Card; test cards work only on devices of test institutions.",
);
pub(super) const ISSUER_UNKNOWN: Guide = says(
    "電子証明書の発行元を確認できません。暗証番号は使っていません。",
    "アプリを最新版にしてから、もう一度確認してください。続くときは、このカードでの確認をやめ、資格確認書または資格情報のお知らせで確認してください。",
    "The issuer of the certificate is unknown; no PIN try was spent.",
    "Update the app and try again; if it goes on, stop using this card and check on paper.",
);
pub(super) const ISSUER_SIGNATURE: Guide = says(
    "電子証明書の発行元の署名が正しくありません。偽造または破損のおそれがあります。",
    "このカードでの確認をやめ、資格確認書または資格情報のお知らせで確認してください。カードの破損であれば、住所地の市区町村の窓口を案内してください。",
    "The issuer's signature on the certificate is wrong: it may be forged or damaged.",
    "Stop using this card and check on paper; if the card is damaged, point to the municipal office.",
);
pub(super) const MOBILE_UNKNOWN: Guide = says(
    "スマートフォン用の電子証明書です。この版のアプリではまだ確認できません。",
    "実物のマイナンバーカードを置いてください。お持ちでなければ、本人のマイナポータルの資格情報画面、または資格確認書で確認してください。",
    "This is a phone's certificate, which this version cannot check yet.",
    "Use the plastic My Number Card, or check with the person's own Mynaportal screen or eligibility certificate.",
);
pub(super) const NEEDS_PIN: Guide = says(
    "電子証明書が暗証番号なしでは読めないカードです。確かめられないため、暗証番号は使っていません。",
    "実物のマイナンバーカードを置いてください。実物のカードで続くときは、資格確認書または資格情報のお知らせで確認してください。",
    "The certificate cannot be read without a PIN; as it could not be checked first, no PIN was sent.",
    "Use the plastic My Number Card; if this is one, check on paper.",
);
pub(super) const REVOKED: Guide = says(
    "電子証明書が失効しています。",
    "引越しや氏名の変更、カードの紛失や再交付、証明書の更新で失効していることがあります。住所地の市区町村の窓口を案内し、今日は資格確認書または資格情報のお知らせで確認してください。",
    "The certificate has been revoked.",
    "A move, a change of name, a lost or reissued card or a renewal may be the reason. Point to the municipal office and check on paper today.",
);
pub(super) const REVOCATION_UNKNOWN: Guide = says(
    "電子証明書が失効していないかを、いま確かめられません。確かめられないものは有効として扱いません。",
    "少し待って、もう一度送ってください。続くときは、資格確認書または資格情報のお知らせで確認し、運営に知らせてください。",
    "Whether the certificate is revoked cannot be found out now, and what is unknown is never taken as good.",
    "Wait a little and send again; if it goes on, check on paper and tell the operator.",
);
