//! The card face in the chip (券面事項確認AP), which a visual check (目視確認) reads.

use super::{Guide, says};

pub(super) const ABSENT: Guide = says(
    "このカードからは券面の情報（券面事項確認AP）が読み取れません。",
    "スマートフォンや古いカードでは目視確認はできません。プラスチックのマイナンバーカードか確かめ、違うときは資格確認書または資格情報のお知らせで確認してください。",
    "The card face cannot be read from this card.",
    "A phone or an older card cannot be checked visually; make sure that it is the plastic My Number Card, otherwise check on paper.",
);
pub(super) const MALFORMED: Guide = says(
    "カードの券面の情報が正しい形で読み取れません。",
    "カードを動かさずに置き直してください。続くときは、資格確認書または資格情報のお知らせで確認し、カードの状態を市区町村の窓口で見てもらうよう本人に伝えてください。",
    "What the chip says of the card face is not whole.",
    "Put the card down again and keep it still; if it goes on, check on paper and send the person to the municipal office with the card.",
);
pub(super) const ISSUER_UNKNOWN: Guide = says(
    "カードの券面の情報に署名した発行者の鍵を、このアプリは知りません。",
    "アプリを最新にしてからやり直してください。続くときは暗証番号での確認か、資格確認書または資格情報のお知らせで確認し、運用窓口に知らせてください。",
    "The key behind the card face is none that this program knows, or does not belong to the card's certificate.",
    "Update the program and try again; if it goes on, use the PIN or check on paper, and tell the operator.",
);
pub(super) const FORGED: Guide = says(
    "カードの券面の情報が、発行者の署名と合いません。",
    "このカードでは目視確認をしないでください。暗証番号での確認か、資格確認書または資格情報のお知らせで確認し、続くときは運用窓口に知らせてください。",
    "What the chip says of the card face does not fit its issuer's signature.",
    "Do not check this card visually; use the PIN or check on paper, and tell the operator if it goes on.",
);
pub(super) const COPIED: Guide = says(
    "券面の情報が、このカード自身のものだと確かめられません。",
    "カードの置き直しで直らないときは、このカードでは目視確認をしないでください。写し取られた情報のおそれがあります。暗証番号での確認か、資格確認書で確認し、運用窓口に知らせてください。",
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
