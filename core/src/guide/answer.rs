//! What the answer says of a person's qualification (資格有効性), each with the next step.

use super::{Guide, says};

pub(super) const VALID: Guide = says(
    "資格は確認日において有効です。",
    "保険者番号、記号・番号・枝番、負担割合を確かめて、受付を続けてください。",
    "The qualification is in force on the day of the check.",
    "See insurer number, symbol, number, branch and share of costs, and go on.",
);
pub(super) const INVALID: Guide = says(
    "資格は確認日において有効ではありません（資格喪失、または有効期間の外です）。",
    "新しい保険に入っていないかを本人に尋ね、資格確認書、またはカードと資格情報のお知らせで確認してください。加入の手続き中であれば、表示の保険者に電話で確かめるか、被保険者資格申立書で受け付けてください。",
    "The qualification is not in force on the day of the check: lost, or outside its period.",
    "Ask whether the person has a new insurance and check with the eligibility certificate, or the card with the notice of eligibility. If enrolment is under way, telephone the insurer shown or take the written declaration.",
);
pub(super) const SUPERSEDED: Guide = says(
    "以前の資格は確認日において無効で、新しい資格が登録されていますが、まだ始まっていません。",
    "新しい資格の取得日と開始日を本人に伝え、手続き中の保険者に確かめてください。今日の受付は、資格確認書または被保険者資格申立書で行ってください。",
    "The former qualification is not in force on the day; a new one is on record but has not begun.",
    "Tell the person from when the new one runs and ask the insurer; for today use the eligibility certificate or the written declaration.",
);
pub(super) const MULTIPLE: Guide = says(
    "確認日に有効な資格が複数あります。どれを使うかは自動では選びません。",
    "どの保険で受診するかを本人に尋ね、一覧から一つ選んでください。分からないときは、表示の保険者に確かめてください。",
    "Several qualifications are in force on the day; none is picked automatically.",
    "Ask the person which insurance applies and choose one from the list; when in doubt ask the insurers shown.",
);
pub(super) const NONE: Guide = says(
    "該当する資格が見つかりません。",
    "本人が加入している保険者に電話で確かめ、資格確認書、またはカードと資格情報のお知らせで確認してください。手元にないときは、被保険者資格申立書で受け付けてください。",
    "No qualification is on record for the person.",
    "Telephone the person's insurer and check with the eligibility certificate, or the card with the notice of eligibility; without either, take the written declaration.",
);
pub(super) const UNREGISTERED: Guide = says(
    "医療扶助の資格は有効ですが、この医療機関は委託先として登録されていません。",
    "福祉事務所に電話で連絡し、医療券または調剤券の扱いを確かめてください。",
    "The medical assistance is in force, but this institution is not registered for it.",
    "Telephone the welfare office about the medical or dispensing voucher.",
);
pub(super) const UNLINKED: Guide = says(
    "カードは正しいものですが、その電子証明書が資格情報と結び付いていません（電子証明書の更新やカードの再交付の後に起こります）。",
    "更新の反映には時間がかかることがあります。今日は、カードと資格情報のお知らせ、または資格確認書で確認し、続くときは加入している保険者を案内してください。",
    "The card is genuine but its certificate is not linked to a person's record, as happens after a renewal or reissue.",
    "Linking may take a while. For today check with the card and the notice of eligibility, or the eligibility certificate; if it goes on, point to the insurer.",
);
pub(super) const NOT_ENROLLED: Guide = says(
    "マイナンバーカードの健康保険証利用登録がされていません。",
    "利用登録は、本人がマイナポータル、または登録に対応した顔認証付きカードリーダーでできます。今日の確認は、資格確認書で行ってください。",
    "The My Number Card is not enrolled for use as a health insurance card.",
    "The person can enrol on Mynaportal or at a face-recognition card reader that supports it; for today check with the eligibility certificate.",
);
