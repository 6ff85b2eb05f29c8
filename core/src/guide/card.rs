//! What can be on the reader instead of a My Number Card that answers as it should.

use super::{Guide, says};

pub(super) const ABSENT: Guide = says(
    "カードが見つかりません。",
    "マイナンバーカードを読取り位置に置き直し、ケースやカバーは外してください。スマートフォンで読み取るときは、本体の裏面にカードを密着させて動かさないでください。",
    "No card was found.",
    "Put the My Number Card on the reader again, without a sleeve or case; with a phone, hold it flat against the back and keep still.",
);
pub(super) const TWO: Guide = says(
    "カードが二枚以上あります。",
    "マイナンバーカード一枚だけを置いてください。財布やカードケースに入れたままではなく、カードだけを取り出してください。",
    "There is more than one card.",
    "Put one My Number Card alone on the reader, taken out of any wallet or card case.",
);
pub(super) const OTHER_KIND: Guide = says(
    "交通系カードやスマートフォンなど、マイナンバーカードとは通信方式の違うものが置かれています。",
    "交通系カード、社員証、スマートフォンなどをリーダーから離し、実物のマイナンバーカードだけを置いてください。スマートフォンのマイナンバーカードは、このリーダーでは読み取れません。",
    "A transit card, a phone or another thing lies there that does not speak as a My Number Card does.",
    "Take transit cards, staff cards and phones away from the reader and put the plastic My Number Card there alone; a My Number Card on a phone cannot be read with this reader.",
);
pub(super) const NOT_MY_NUMBER: Guide = says(
    "マイナンバーカードではないカードです。",
    "マイナンバーカードを置いてください。交通系カード、診察券、在留カード、従来の健康保険証では確認できません。",
    "This is not a My Number Card.",
    "Use a My Number Card; transit cards, patient cards, residence cards and old insurance cards cannot be checked.",
);
pub(super) const JUKI: Guide = says(
    "住民基本台帳カードです。",
    "住民基本台帳カードでは資格確認ができません。マイナンバーカードをお持ちでなければ、資格確認書で確認してください。",
    "This is an old Basic Resident Register card.",
    "It cannot be used for a qualification check; if there is no My Number Card, check with the person's eligibility certificate (shikaku kakuninsho).",
);
pub(super) const DRIVING_LICENCE: Guide = says(
    "運転免許証です。",
    "マイナンバーカードを置いてください。運転免許証では資格確認ができません。",
    "This is a driving licence.",
    "Put a My Number Card on the reader; a driving licence cannot be used for a qualification check.",
);
pub(super) const IPHONE_TOKEN: Guide = says(
    "iPhoneのマイナンバーカードです。この端末ではまだ読み取れません。",
    "実物のマイナンバーカードを置いてください。お持ちでなければ、本人のマイナポータルの資格情報画面、または資格確認書で確認してください。",
    "This is a My Number Card on an iPhone, which this device cannot read yet.",
    "Use the plastic My Number Card, or check with the person's own Mynaportal screen or eligibility certificate.",
);
pub(super) const GARBAGE: Guide = says(
    "カードから読み取れない応答がありました。",
    "カードを一度離し、置き直してください。続くときは、別のリーダーで試し、カードの破損が疑われる場合は住所地の市区町村の窓口を案内してください。",
    "The card gave an answer that cannot be read.",
    "Take the card away and put it back; if it goes on, try another reader, and if the card seems damaged, point to the municipal office.",
);
pub(super) const STATUS: Guide = says(
    "カードが想定外の応答を返しました。暗証番号の回数は減っていません。",
    "カードを置き直してください。続くときは、画面に出ている状態の値を控え、資格確認書または資格情報のお知らせで確認してください。",
    "The card answered with an unexpected status; no PIN try was spent on it.",
    "Put the card on the reader again; if it goes on, note the status shown and check with an eligibility certificate or notice.",
);
pub(super) const REMOVED: Guide = says(
    "読み取りの途中でカードが離れました。暗証番号の回数は減っていません。",
    "画面が終わりを知らせるまで、カードを動かさずに置いてください。もう一度最初から読み取れます。",
    "The card was removed while it was being read; no PIN try was spent.",
    "Leave the card still until the screen says it is done; you may begin again.",
);
pub(super) const REMOVED_PIN_UNKNOWN: Guide = says(
    "暗証番号の照合中にカードが離れたか、カードが想定外の応答を返しました。照合の結果は分かりません。",
    "カードを置き直すと、残りの回数を先に読み取って表示します。残り回数を本人に伝えてから、暗証番号を入れ直してもらってください。",
    "The card was removed while it checked the PIN, or answered in an unexpected way; whether a try was spent is unknown.",
    "Tap again: the remaining tries are read and shown first. Tell the person before the PIN is entered again.",
);
pub(super) const CHANGED: Guide = says(
    "同意をいただいたカードとは別のカードです。暗証番号は使っていません。",
    "同意をいただいた本人のカードを置いてください。別の方のカードなら、最初からやり直してください。",
    "This is another card than the one the consent was given for; no PIN try was spent.",
    "Use the card of the person who consented, or begin again for another person.",
);
pub(super) const SIGNATURE_WRONG: Guide = says(
    "カードの署名が証明書と合いません。",
    "カードを置き直して、もう一度確認してください。続くときはこのカードでの確認をやめ、資格確認書または資格情報のお知らせで確認し、住所地の市区町村の窓口を案内してください。",
    "The card's signature does not fit its certificate.",
    "Tap once more; if it goes on, stop using this card, check on paper and point to the municipal office.",
);
