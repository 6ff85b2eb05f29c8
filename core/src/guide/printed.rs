//! The numbers printed on the card that a visual check (目視確認) uses: birth date and 照合番号B.

use super::{Guide, says};

pub(super) const FORM: Guide = says(
    "入力された番号は、券面の生年月日（6桁）や照合番号B（14桁）の形ではありません。カードには送っていません。",
    "生年月日は年2桁・月2桁・日2桁（和暦。外国籍の方のカードは西暦の下2桁）の6桁です。照合番号Bは、その6桁に有効期限の西暦4桁とセキュリティコード4桁を続けた14桁です。個人番号（12桁）は入れないでください。",
    "The number has not the form of a printed birth date (six digits) or the verification number B (fourteen digits); nothing was sent.",
    "Type the birth date as six digits (Japanese era, or western on cards of foreign residents); the long number is these six, the year of expiry, and the security code. Never type the 12-digit number.",
);
pub(super) const WRONG: Guide = says(
    "入力された番号は、このカードの券面の番号と違います。",
    "残りの回数に気をつけて、券面を見ながら入れ直してください。和暦と西暦、年・月・日の順を確かめてください。",
    "The number is not the one of this card.",
    "Mind the tries that are left, look at the card and type it again; check era, and the order year, month, day.",
);
pub(super) const WARN_NEEDED: Guide = says(
    "券面の番号を試せるのは、あと2回です。まだ照合していません。",
    "残り2回であることを本人に伝え、券面をよく見てから入れ直し、カードをもう一度置いてください。",
    "Two tries are left for the printed number; it was not checked.",
    "Tell the person so, look closely at the card, type the number again and tap again.",
);
pub(super) const CONSENT_NEEDED: Guide = says(
    "券面の番号を試せるのは、あと1回です。間違えるとロックされます。まだ照合していません。",
    "間違えるとロックされ、市区町村の窓口での手続きが必要になることを本人に伝え、本人が同意したときだけ続けてください。暗証番号や資格確認書での確認もできます。",
    "One try is left for the printed number and a wrong one blocks it; it was not checked.",
    "Tell the person that a blocked number is reset at the municipal office; go on only if they consent, or use the PIN or paper.",
);
pub(super) const BLOCKED: Guide = says(
    "券面の番号がロックされています。番号は使っていません。",
    "ロックの解除は、住所地の市区町村の窓口でできます。今日は、生年月日6桁での目視確認（照合番号Bがロックのとき）、暗証番号での確認、資格確認書、または資格情報のお知らせで確認してください。",
    "The printed number is blocked; no try was spent.",
    "The municipal office resets it. For today use the light visual check if only the verification number B is blocked, the PIN, or paper.",
);
pub(super) const BLOCKED_NOW: Guide = says(
    "入力された番号が違い、今回でロックされました。",
    "ロックの解除は住所地の市区町村の窓口でできることを本人に伝え、今日は暗証番号での確認か、資格確認書または資格情報のお知らせで確認してください。",
    "The number was wrong and is now blocked.",
    "Tell the person that the municipal office resets it; for today use the PIN or check on paper.",
);
pub(super) const COUNTER_UNREADABLE: Guide = says(
    "券面の番号の残り回数が読み取れません。安全のため、番号は使っていません。",
    "カードを置き直してください。続くときは、暗証番号での確認か、資格確認書または資格情報のお知らせで確認してください。",
    "The number of tries left for the printed number cannot be read; to be safe it was not sent.",
    "Put the card on the reader again; if it goes on, use the PIN or check on paper.",
);
pub(super) const UNKNOWN: Guide = says(
    "券面の番号の照合中にカードが離れたか、カードが想定外の応答を返しました。照合の結果は分かりません。",
    "もう一度カードを置いてください。残りの回数を確かめてから続けます。同じ番号が自動で送り直されることはありません。",
    "The card was removed while it checked the printed number, or answered in an unexpected way; whether a try was spent is unknown.",
    "Tap again: the counter is read first. The number is never sent again by itself.",
);
