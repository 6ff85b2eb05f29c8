//! The four-digit PIN of the user-authentication certificate (利用者証明用電子証明書の暗証番号).

use super::{Guide, says};

pub(super) const FORM: Guide = says(
    "暗証番号は数字4桁です。カードには送っていません。",
    "利用者証明用電子証明書の暗証番号（数字4桁）を入れ直してもらってください。6桁以上の英数字の暗証番号は別のものです。",
    "The PIN has four digits; nothing was sent to the card.",
    "Ask for the four-digit PIN of the user-authentication certificate; the long password with letters is another one.",
);
pub(super) const WRONG: Guide = says(
    "暗証番号が違います。",
    "残りの回数を本人に伝え、数字4桁の暗証番号を入れ直してもらってください。思い出せないときは無理に試さず、資格確認書または資格情報のお知らせで確認してください。",
    "The PIN is wrong.",
    "Tell the person how many tries are left and let them enter the four digits again; if they do not remember, do not guess but check on paper.",
);
pub(super) const WARN_NEEDED: Guide = says(
    "暗証番号を試せるのは、あと2回です。まだ照合していません。",
    "残り2回であることを本人に伝えてください。続けるときは、暗証番号を入れ直してもらい、カードをもう一度置いてください。",
    "Two PIN tries are left; the PIN was not checked.",
    "Tell the person that two tries are left; to go on, let them enter the PIN again and tap again.",
);
pub(super) const CONSENT_NEEDED: Guide = says(
    "暗証番号を試せるのは、あと1回です。間違えるとロックされます。まだ照合していません。",
    "残り1回であることと、間違えるとロックされ市区町村の窓口での手続きが必要になることを本人に伝え、本人が同意したときだけ続けてください。同意されないときは、資格確認書または資格情報のお知らせで確認してください。",
    "One PIN try is left and a wrong one blocks the PIN; the PIN was not checked.",
    "Tell the person so, and that a blocked PIN must be reset at the municipal office; go on only if they consent, otherwise check on paper.",
);
pub(super) const BLOCKED: Guide = says(
    "暗証番号がロックされています。暗証番号は使っていません。",
    "ロックの解除（暗証番号の再設定）は、住所地の市区町村の窓口でできます。カードの追記欄に「顔認証」とあれば、暗証番号のないカードです。今日の確認は、目視確認が使える施設では目視で、ほかでは資格確認書、またはカードと資格情報のお知らせで行ってください。",
    "The PIN is blocked; no try was spent.",
    "It is reset at the municipal office. If the card's remarks say 'kao ninsho' (face authentication), it is a card without a PIN. For today use the visual check where it is switched on, otherwise the eligibility certificate, or the card with the notice of eligibility.",
);
pub(super) const BLOCKED_NOW: Guide = says(
    "暗証番号が違い、今回でロックされました。",
    "ロックの解除（暗証番号の再設定）は、住所地の市区町村の窓口でできることを本人に伝えてください。今日の確認は、資格確認書、またはカードと資格情報のお知らせで行ってください。",
    "The PIN was wrong and is now blocked.",
    "Tell the person that the municipal office resets it; for today check with the eligibility certificate, or the card with the notice of eligibility.",
);
pub(super) const LAST_ON_PHONE: Guide = says(
    "スマートフォンの電子証明書で、暗証番号を試せるのはあと1回です。安全のため、暗証番号は使っていません。",
    "本人のスマートフォンのマイナンバーカード機能で暗証番号を確かめるか再設定してもらうか、プラスチックのマイナンバーカード、資格確認書または資格情報のお知らせで確認してください。",
    "One PIN try is left for the certificate on a phone; to be safe the PIN was not sent.",
    "Let the person see to the PIN on the phone, or use the plastic card, or check on paper.",
);
pub(super) const COUNTER_UNREADABLE: Guide = says(
    "暗証番号の残り回数が読み取れません。安全のため、暗証番号は使っていません。",
    "カードを置き直してください。続くときは、別のリーダーで試すか、資格確認書または資格情報のお知らせで確認してください。",
    "The number of PIN tries left cannot be read; to be safe the PIN was not sent.",
    "Put the card on the reader again; if it goes on, try another reader or check on paper.",
);
