//! The card face in the chip (券面事項確認AP), which a visual check (目視確認) reads.

use super::{Guide, says};

pub(super) const ABSENT: Guide = says(
    "このカードからは券面の情報が読み取れません。",
    "プラスチックのマイナンバーカードなら、生年月日6桁での目視確認か、暗証番号で確認してください。スマートフォンや古いカードでは目視確認はできません。資格確認書または資格情報のお知らせで確認してください。",
    "The card face cannot be read from this card.",
    "With a plastic My Number Card use the printed birth date (six digits) or the PIN; a phone or an older card cannot be checked visually: check on paper.",
);
pub(super) const MALFORMED: Guide = says(
    "カードの券面の情報が正しい形で読み取れません。",
    "カードを動かさずに置き直してください。続くときは、資格確認書または資格情報のお知らせで確認し、カードの状態を市区町村の窓口で見てもらうよう本人に伝えてください。",
    "What the chip says of the card face is not whole.",
    "Put the card down again and keep it still; if it goes on, check on paper and send the person to the municipal office with the card.",
);
pub(super) const ISSUER_UNKNOWN: Guide = says(
    "カードの券面の情報に署名した発行者の鍵を、このアプリは知りません。",
    "アプリを最新にしてからやり直してください。続くときは暗証番号での確認か、資格確認書または資格情報のお知らせで確認し、運営に知らせてください。",
    "The key behind the card face is none that this program knows, or does not belong to the card's certificate.",
    "Update the program and try again; if it goes on, use the PIN or check on paper, and tell the operator.",
);
pub(super) const FORGED: Guide = says(
    "カードの券面の情報が、発行者の署名と合いません。",
    "このカードでは目視確認をしないでください。暗証番号での確認か、資格確認書または資格情報のお知らせで確認し、続くときは運営に知らせてください。",
    "What the chip says of the card face does not fit its issuer's signature.",
    "Do not check this card visually; use the PIN or check on paper, and tell the operator if it goes on.",
);
pub(super) const COPIED: Guide = says(
    "券面の情報が、このカード自身のものだと確かめられません。",
    "カードの置き直しで直らないときは、このカードでは目視確認をしないでください。写し取られた情報のおそれがあります。暗証番号での確認か、資格確認書で確認し、運営に知らせてください。",
    "The card did not prove that what it says of its face is its own; it may be a copy.",
    "If tapping again does not help, do not check this card visually; use the PIN or check on paper, and tell the operator.",
);
pub(super) const BIRTH_DATE: Guide = says(
    "券面の生年月日が、この電子証明書の資格情報の生年月日と違います。結果は表示していません。",
    "カードが本人のものか、券面の写真と生年月日を確かめてください。本人のカードに間違いなければ、資格確認書または資格情報のお知らせで確認し、保険者に問い合わせるよう伝えてください。",
    "The birth date of the card face is not the one registered for the card's certificate; nothing was shown.",
    "Make sure that the card is the person's own; if it is, check on paper and have the person ask the insurer.",
);
pub(super) const PHOTO: Guide = says(
    "カードの中の顔写真を表示できません。",
    "券面に印刷された写真と本人とを見比べてください。カードに傷みや書き換えの跡があるときは、暗証番号での確認か、資格確認書で確認してください。",
    "The photo in the chip cannot be shown.",
    "Compare the printed photo with the person; if the card is damaged or looks altered, use the PIN or check on paper.",
);
pub(super) const NAME: Guide = says(
    "カードの中の氏名と、資格情報の氏名が違います。",
    "改姓や外字の書き換えで違うことがあります。券面の氏名と、画面の氏名を見比べ、同じ人だと確かめられないときは、この結果を使わないでください。",
    "The name in the chip is not the name of the answer.",
    "It may be a change of name or another form of a character; compare both names, and do not use the answer unless you are sure that it is the same person.",
);
pub(super) const NAME_DENIED: Guide = says(
    "券面の氏名と、資格情報の氏名が一致しないと答えたため、確認を終えました。結果は表示していません。",
    "カードが本人のものか、もう一度確かめてください。本人のカードで、改姓などのため氏名が違うときは、暗証番号での確認か、資格確認書または資格情報のお知らせで確認してください。",
    "The name printed on the card was said not to be the registered one; the check has ended and nothing was shown.",
    "Make sure that the card is the person's own; if the name has only changed, use the PIN or check on paper.",
);
pub(super) const NAME_NOT_SHOWN: Guide = says(
    "一致すると答えた氏名は、この確認で表示した氏名ではありません。結果は表示していません。",
    "カードをもう一度置いて、目視確認を初めからやり直してください。続くときはアプリを最新版にし、運営に連絡してください。",
    "The name that was confirmed is not the one that was shown for this card in this check; nothing was shown.",
    "Tap again and begin the visual check anew; if it goes on, update the app and tell the operator.",
);
