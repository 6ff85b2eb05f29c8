//! What staff see of an answer: the one thing first, then what they write down, then the rest.

use super::answer::Answer;
use super::coded::Validity;
use super::day::{NotInForce, in_force};
use super::record::{ContributionRatio, Qualification};
use super::text::how;
use crate::guide::Guide;
use crate::identifier::Date;

/// The colour that a shell gives the one thing that counts; never the only sign of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tone {
    /// In force: green.
    Good,
    /// Not in force, or nothing found: red.
    Bad,
    /// Staff have to choose or to ask: amber.
    Attention,
    /// 運用テスト: none of the colours of a real answer.
    Reference,
}

/// A label and its value, both Japanese.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    /// The label, such as 保険者番号.
    pub label: &'static str,
    /// The value, ready to be shown.
    pub value: String,
}

/// One qualification on the screen.
#[derive(Clone, PartialEq, Eq)]
pub struct Section {
    /// Whether it holds on the day and why not, in words.
    pub standing: String,
    /// What staff write down, in the order of the screen.
    pub first: Vec<Row>,
    /// Everything else that is known.
    pub rest: Vec<Row>,
}

/// An answer as every shell shows it: plain data. Nobody outside the core can make one: it comes from a
/// [`VerifiedAnswer`](crate::check::VerifiedAnswer) alone.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sheet {
    /// The colour of the word.
    pub tone: Tone,
    /// `○`, `×` or `？`: says in shape what the colour says.
    pub symbol: &'static str,
    /// 有効, 無効, 複数該当 … the one thing first.
    pub word: &'static str,
    /// `運用テスト（参考情報）`, where the institution still tests.
    pub marking: Option<&'static str>,
    /// The stable code of the outcome.
    pub code: crate::guide::Code,
    /// What it means and what to do next.
    pub guide: &'static Guide,
    /// Other things that staff should tell, such as a certificate that ends soon.
    pub notices: Vec<String>,
    /// 確認日, 確認方法.
    pub check: Vec<Row>,
    /// The qualifications, in the order of the answer; the index is what staff choose by.
    pub sections: Vec<Section>,
    /// Whether staff have to choose one of the sections before anything is exported.
    pub choose: bool,
}

impl Sheet {
    /// The sheet of an answer; shown only of one whose signature was verified.
    pub(crate) fn of(answer: &Answer) -> Self {
        let (tone, symbol, word) = verdict(answer);
        let tone = if answer.marking().is_some() { Tone::Reference } else { tone };
        let day = answer.day();
        let code = answer.code();
        Self {
            tone,
            symbol,
            word,
            marking: answer.marking(),
            code,
            guide: code.guide(),
            notices: answer.certificate_ends_soon().map(renewal).into_iter().collect(),
            check: vec![
                Row { label: "確認日", value: both(day) },
                Row { label: "確認方法", value: how(answer.mode()).to_owned() },
            ],
            sections: answer
                .finding()
                .qualifications()
                .into_iter()
                .map(|one| Section::of(one, day))
                .collect(),
            choose: answer.finding().validity() == Some(Validity::Multiple),
        }
    }
}

const fn verdict(answer: &Answer) -> (Tone, &'static str, &'static str) {
    match answer.finding().validity() {
        Some(validity @ Validity::Valid) => (Tone::Good, "○", validity.label()),
        Some(validity @ (Validity::Multiple | Validity::ValidUnregistered)) => {
            (Tone::Attention, "？", validity.label())
        }
        Some(validity) => (Tone::Bad, "×", validity.label()),
        None => (Tone::Bad, "×", unlooked(answer)),
    }
}

const fn unlooked(answer: &Answer) -> &'static str {
    match answer.finding() {
        super::day::Finding::NotEnrolled => "利用登録なし",
        _ => "証明書未連携",
    }
}

fn renewal(end: Date) -> String {
    format!("電子証明書の有効期限は{}です。住所地の市区町村の窓口で更新できます。", end.era())
}

/// `昭和25年6月15日（1950-06-15）`.
fn both(day: Date) -> String {
    format!("{}（{day}）", day.era())
}

impl Section {
    fn of(one: &Qualification, day: Date) -> Self {
        Self { standing: standing(one, day), first: first(one, day), rest: rest(one) }
    }
}

fn standing(one: &Qualification, day: Date) -> String {
    match in_force(one, day) {
        Ok(()) => "確認日において有効".to_owned(),
        Err(NotInForce::Lost { since, reason: Some(reason) }) => {
            format!("{}に資格喪失（{reason}）", since.era())
        }
        Err(NotInForce::Lost { since, reason: None }) => format!("{}に資格喪失", since.era()),
        Err(NotInForce::Ended { on }) => format!("{}で有効期間終了", on.era()),
        Err(NotInForce::NotBegun { from }) => format!("{}から有効", from.era()),
        Err(NotInForce::NoBeginning) => "資格取得年月日が不明".to_owned(),
    }
}

/// The ratio that holds on the day: that of a 高齢受給者証 in its period, else the card's.
fn ratio(one: &Qualification, day: Date) -> Option<ContributionRatio> {
    one.elderly_recipient_certificate_info
        .as_ref()
        .filter(|info| {
            info.elderly_recipient_valid_start_date.is_some_and(|from| from <= day)
                && info.elderly_recipient_valid_end_date.is_none_or(|until| day <= until)
        })
        .and_then(|info| info.elderly_recipient_contribution_ratio)
        .or(one.insured_partial_contribution_ratio)
}

fn first(one: &Qualification, day: Date) -> Vec<Row> {
    rows([
        ("保険者番号", Some(one.insurer_number.to_string())),
        ("記号", shown(one.insured_card_symbol.as_ref())),
        ("番号", shown(one.insured_identification_number.as_ref())),
        ("枝番", shown(one.insured_branch_number.as_ref())),
        ("氏名", Some(one.name.to_string())),
        ("フリガナ", shown(one.name_kana.as_ref())),
        ("生年月日", Some(format!("{} {}歳", both(one.birthdate), one.birthdate.age_on(day)))),
        ("性別", shown(one.sex1)),
        ("負担割合", shown(ratio(one, day))),
    ])
}

fn rest(one: &Qualification) -> Vec<Row> {
    let elderly = one.elderly_recipient_certificate_info.as_ref();
    rows([
        ("保険者名", shown(one.insurer_name.as_ref())),
        ("証区分", shown(one.insured_card_classification)),
        ("本人・家族の別", shown(one.personal_family_classification)),
        ("被保険者氏名", shown(one.insured_name.as_ref())),
        ("資格取得年月日", one.qualification_date.map(both)),
        ("資格喪失年月日", one.disqualification_date.map(both)),
        ("資格喪失事由", shown(one.reason_of_loss)),
        ("証交付年月日", one.insured_certificate_issuance_date.map(both)),
        ("有効開始日", one.insured_card_valid_date.map(both)),
        ("有効終了日", one.insured_card_expiration_date.map(both)),
        ("証の負担割合", shown(one.insured_partial_contribution_ratio)),
        ("未就学区分", shown(one.preschool_classification)),
        ("郵便番号", shown(one.post_number.as_ref())),
        ("住所", shown(one.address.as_ref())),
        ("氏名（裏面）", shown(one.name_of_other.as_ref())),
        ("氏名カナ（裏面）", shown(one.name_of_other_kana.as_ref())),
        ("性別（裏面）", shown(one.sex2)),
        ("高齢受給者証 交付年月日", elderly.and_then(|e| e.elderly_recipient_certificate_date).map(both)),
        ("高齢受給者証 有効開始日", elderly.and_then(|e| e.elderly_recipient_valid_start_date).map(both)),
        ("高齢受給者証 有効終了日", elderly.and_then(|e| e.elderly_recipient_valid_end_date).map(both)),
        ("高齢受給者証 負担割合", shown(elderly.and_then(|e| e.elderly_recipient_contribution_ratio))),
    ])
}

fn shown<T: ToString>(value: Option<T>) -> Option<String> {
    value.map(|value| value.to_string())
}

fn rows<const N: usize>(rows: [(&'static str, Option<String>); N]) -> Vec<Row> {
    rows.into_iter().filter_map(|(label, value)| value.map(|value| Row { label, value })).collect()
}

impl core::fmt::Debug for Row {
    /// The label alone: the value may name a person.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Row({})", self.label)
    }
}

impl core::fmt::Debug for Section {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Section(not shown)")
    }
}

impl core::fmt::Debug for Sheet {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Sheet({}, person not shown)", self.code)
    }
}

#[cfg(test)]
mod tests {
    use super::super::day::Finding;
    use super::super::samples;
    use super::*;

    fn labels(rows: &[Row]) -> Vec<&str> {
        rows.iter().map(|row| row.label).collect()
    }

    #[test]
    fn the_one_thing_first_in_colour_word_and_symbol() {
        let sheet = Sheet::of(&samples::valid());
        assert_eq!((sheet.tone, sheet.symbol, sheet.word), (Tone::Good, "○", "有効"));
        let one = || Box::new(samples::full());
        for (finding, tone, word) in [
            (Finding::ValidUnregistered(one()), Tone::Attention, "有効（未登録）"),
            (Finding::Invalid(one()), Tone::Bad, "無効"),
            (Finding::Superseded { former: one(), upcoming: one() }, Tone::Bad, "無効（新しい資格あり）"),
            (Finding::Multiple(vec![*one(), *one()]), Tone::Attention, "複数該当"),
            (Finding::None, Tone::Bad, "該当資格なし"),
            (Finding::Unlinked, Tone::Bad, "証明書未連携"),
            (Finding::NotEnrolled, Tone::Bad, "利用登録なし"),
        ] {
            let sheet = Sheet::of(&samples::with(finding));
            assert_eq!((sheet.tone, sheet.word), (tone, word));
            assert_ne!(sheet.symbol, "○");
        }
    }

    #[test]
    fn an_operational_test_never_has_the_colours_of_a_real_answer() {
        let sheet = Sheet::of(&samples::in_test_phase());
        assert_eq!((sheet.tone, sheet.marking), (Tone::Reference, Some("運用テスト（参考情報）")));
    }

    #[test]
    fn what_staff_write_down_stands_in_their_order() {
        let sheet = Sheet::of(&samples::valid());
        let first = &sheet.sections[0].first;
        let order =
            ["保険者番号", "記号", "番号", "枝番", "氏名", "フリガナ", "生年月日", "性別", "負担割合"];
        assert_eq!(labels(first), order);
        assert_eq!(first[4].value, "髙資格 太郎");
        assert_eq!(first[6].value, "昭和25年6月15日（1950-06-15） 76歳");
        assert_eq!(first[8].value, "2割", "the ratio of the 高齢受給者証 in its period");
        let late = Sheet::of(&samples::with(Finding::Valid(Box::new(samples::late_elderly()))));
        assert!(!labels(&late.sections[0].first).contains(&"記号"));
    }

    #[test]
    fn each_case_that_is_not_in_force_says_why() {
        let mut lost = samples::full();
        lost.disqualification_date = Some("2026-11-22".parse().unwrap());
        let sheet = Sheet::of(&samples::with(Finding::Invalid(Box::new(lost))));
        assert_eq!(sheet.sections[0].standing, "令和8年11月22日に資格喪失（医療保険等の資格取得）");
        let mut new = samples::late_elderly();
        new.qualification_date = Some("2027-01-01".parse().unwrap());
        let sheet = Sheet::of(&samples::with(Finding::Invalid(Box::new(new))));
        assert_eq!(sheet.sections[0].standing, "令和9年1月1日から有効");
        assert!(!sheet.guide.remedy_ja.is_empty());
    }

    #[test]
    fn staff_choose_among_several() {
        let sheet = Sheet::of(&samples::multiple());
        assert!(sheet.choose);
        assert_eq!(sheet.sections.len(), 2);
        assert!(!Sheet::of(&samples::valid()).choose);
    }

    #[test]
    fn nothing_that_is_known_is_left_out() {
        let sheet = Sheet::of(&samples::valid());
        let section = &sheet.sections[0];
        assert_eq!(section.first.len() + section.rest.len(), 9 + 21);
    }
}
