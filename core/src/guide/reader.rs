//! The card reader, and the tap as such.

use super::{Guide, says};

pub(super) const ABSENT: Guide = says(
    "カードリーダーが見つかりません。",
    "リーダーの接続と電源を確かめ、差し直してください。スマートフォンでは、NFCの設定を有効にしてください。",
    "No card reader was found.",
    "See to the reader's plug and power and plug it in again; on a phone, switch NFC on.",
);
pub(super) const BUSY: Guide = says(
    "カードリーダーをほかのアプリが使っています。",
    "ほかのカード用アプリやマイナポータルなどを閉じて、もう一度読み取ってください。",
    "Another program is using the card reader.",
    "Close other card programs, such as Mynaportal, and tap again.",
);
pub(super) const PERMISSION: Guide = says(
    "カードリーダーの使用が許可されていません。",
    "リーダーを差し直し、画面の問いに「許可」または「OK」と答えてください。",
    "This app was not permitted to use the card reader.",
    "Plug the reader in again and answer the question on the screen with OK.",
);
pub(super) const UNSUPPORTED: Guide = says(
    "このカードリーダーには対応していません。",
    "ほかの機種のカードリーダーをつないでください。使える機種は窓口に問い合わせてください。",
    "This card reader is of a kind that is not supported.",
    "Connect a card reader of another model; the help desk knows which ones work.",
);
pub(super) const FAILED: Guide = says(
    "カードリーダーとの通信に失敗しました。",
    "カードを離してリーダーを差し直し、もう一度読み取ってください。続くときは別のリーダーで試してください。",
    "Talking to the card reader failed.",
    "Take the card away, plug the reader in again and tap again; if it goes on, try another reader.",
);
pub(super) const TIMEOUT: Guide = says(
    "時間内にカードが応答しませんでした。",
    "カードを置き直し、終わるまで動かさないでください。続くときは、リーダーの中央に密着させるか、別のリーダーで試してください。",
    "The card did not answer in time.",
    "Put the card on the reader again and keep it still; if it goes on, centre it or try another reader.",
);
pub(super) const TAP_CANCELLED: Guide = says(
    "読み取りを中止しました。",
    "続けるときは、最初から読み取ってください。暗証番号は残っていないので、入れ直してもらってください。",
    "The tap was cancelled.",
    "To go on, begin again; the PIN was not kept and has to be entered again.",
);
pub(super) const TAP_OUT_OF_TURN: Guide = says(
    "読み取りの手順が乱れたため、安全のため中止しました。",
    "アプリを開き直し、最初から読み取ってください。続くときは、画面の表示を添えて運営に知らせてください。",
    "The tap was driven out of order and was stopped to be safe.",
    "Open the app again and begin anew; if it goes on, report it with what the screen says.",
);
