//! Text v1: the tab-separated export that clinics' importers read from the clipboard or a file.
//!
//! Documented in docs/answer.md. Every line ends in CRLF; a section is a line of its own; a value follows its label
//! and one tab; days are 和暦 with the first year as a digit, because importers read digits. A label whose value
//! is missing is left out, but for the seven that name the person and the insurance: those stand empty, because
//! importers ask for them.

use super::Mode;
use super::answer::Answer;
use super::coded::{
    InsuredCardClassification, PersonalFamilyClassification, PreschoolClassification, ReasonOfLoss, Sex,
    Validity,
};
use super::record::Qualification;
use crate::guide::Code;
use crate::identifier::Date;

/// There is no qualification in force (or none was chosen), and importers would take whatever stood here as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no qualification to export: {0}")]
pub struct NothingInForce(pub Code);

/// The text v1 of the qualification in force, or of the one of several that staff `chose`.
///
/// In 運用テスト the first line is the marking, which stops importers that look for 資格情報 there.
pub(crate) fn v1(answer: &Answer, chosen: Option<usize>) -> Result<String, NothingInForce> {
    let one = answer.usable(chosen).ok_or(NothingInForce(answer.code()))?;
    let mut text = Text::default();
    if let Some(marking) = answer.marking() {
        text.line(marking);
    }
    text.face(answer, one);
    text.back(one);
    text.elderly(one);
    text.check(answer, one);
    Ok(text.0)
}

#[derive(Default)]
struct Text(String);

impl Text {
    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push_str("\r\n");
    }

    fn always(&mut self, label: &str, value: &str) {
        for part in [label, "\t", value, "\r\n"] {
            self.0.push_str(part);
        }
    }

    /// A label that importers ask for: it stands even when empty.
    fn asked(&mut self, label: &str, value: Option<&impl AsRef<str>>) {
        self.always(label, value.map_or("", AsRef::as_ref));
    }

    fn given(&mut self, label: &str, value: Option<impl AsRef<str>>) {
        if let Some(value) = value {
            self.always(label, value.as_ref());
        }
    }

    fn day(&mut self, label: &str, day: Option<Date>) {
        self.given(label, day.map(|day| day.era().in_digits()));
    }

    /// 資格情報; 医療扶助 under its own heading, so that no importer takes it for an insurance.
    fn face(&mut self, answer: &Answer, one: &Qualification) {
        self.line(if one.is_medical_assistance() { "資格情報(医療扶助)" } else { "資格情報" });
        self.day("確認日 : ", Some(answer.day()));
        self.always("保険者番号", one.insurer_number.as_str());
        self.given("保険者名", one.insurer_name.as_ref());
        self.asked("記号", one.insured_card_symbol.as_ref());
        self.asked("番号", one.insured_identification_number.as_ref());
        self.asked("枝番", one.insured_branch_number.as_ref());
        self.asked("フリガナ", one.name_kana.as_ref());
        self.always("氏名", one.name.as_str());
        self.day("生年月日", Some(one.birthdate));
        self.given("性別", one.sex1.map(Sex::label));
        self.given("郵便番号", one.post_number.as_ref());
        self.given("住所", one.address.as_ref());
        self.given("証区分", one.insured_card_classification.map(InsuredCardClassification::label));
        self.day("有効開始日", one.insured_card_valid_date);
        self.day("有効終了日", one.insured_card_expiration_date);
        self.day("資格取得年月日", one.qualification_date);
        self.given("負担割合", one.insured_partial_contribution_ratio.map(|ratio| ratio.to_string()));
        self.given(
            "本人・家族の別",
            one.personal_family_classification.map(PersonalFamilyClassification::label),
        );
        self.given("被保険者氏名", one.insured_name.as_ref());
        self.given("未就学区分", one.preschool_classification.map(PreschoolClassification::label));
    }

    /// 裏面記載情報; the heading stands before 高齢受給者証 too, because an importer that knows no such section
    /// would otherwise take its days and ratio for those of the card.
    fn back(&mut self, one: &Qualification) {
        let empty = one.name_of_other.is_none() && one.name_of_other_kana.is_none() && one.sex2.is_none();
        if empty && one.elderly_recipient_certificate_info.is_none() {
            return;
        }
        self.line(if one.is_medical_assistance() {
            "裏面記載情報(医療扶助)"
        } else {
            "裏面記載情報"
        });
        self.given("氏名", one.name_of_other.as_ref());
        self.given("氏名カナ", one.name_of_other_kana.as_ref());
        self.given("性別", one.sex2.map(Sex::label));
    }

    fn elderly(&mut self, one: &Qualification) {
        let Some(info) = &one.elderly_recipient_certificate_info else { return };
        let ratio = info.elderly_recipient_contribution_ratio.map(|ratio| ratio.to_string());
        self.line("高齢受給者証");
        self.day("交付年月日", info.elderly_recipient_certificate_date);
        self.day("有効開始日", info.elderly_recipient_valid_start_date);
        self.day("有効終了日", info.elderly_recipient_valid_end_date);
        self.given("負担割合", ratio);
    }

    /// What importers do not know, under labels that stand nowhere else.
    fn check(&mut self, answer: &Answer, one: &Qualification) {
        self.line("確認結果");
        self.given("資格有効性", answer.finding().validity().map(Validity::label));
        self.always("結果コード", answer.code().as_str());
        self.always("確認方法", how(answer.mode()));
        self.always("処理実行日時", &clock(answer));
        self.always("医療機関コード", answer.institution().as_str());
        self.day("電子証明書有効終了日", Some(answer.certificate_ends()));
        self.day("証交付年月日", one.insured_certificate_issuance_date);
        self.day("資格喪失年月日", one.disqualification_date);
        self.given("資格喪失事由", one.reason_of_loss.map(ReasonOfLoss::label));
        self.always("形式", "shikaku-text/1");
    }
}

/// The mode in words.
pub(super) const fn how(mode: Mode) -> &'static str {
    match mode {
        Mode::Pin => "暗証番号",
        Mode::Visual => "目視確認",
    }
}

/// Day and time of day of the answer in Tokyo, `2026-11-22 18:30:15`.
pub(super) fn clock(answer: &Answer) -> String {
    const TOKYO: u64 = 9 * 3600;
    let of_day = answer.executed_at().plus(TOKYO).0 % 86_400;
    format!("{} {:02}:{:02}:{:02}", answer.day(), of_day / 3600, of_day / 60 % 60, of_day % 60)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    use super::super::day::Finding;
    use super::super::samples;
    use super::*;

    /// What a reader that shares no code with this crate makes of an export: tests/exports/NAME, Python's standard
    /// library alone.
    fn read_by_stranger(reader: &str, export: &[u8]) -> serde_json::Value {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/exports/").to_owned() + reader;
        let mut python = Command::new("python3")
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 is there");
        python.stdin.take().unwrap().write_all(export).unwrap();
        let output = python.wait_with_output().unwrap();
        assert!(output.status.success(), "{reader} refuses the export");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn lines(answer: &Answer, chosen: Option<usize>) -> Vec<String> {
        v1(answer, chosen).unwrap().split("\r\n").map(str::to_owned).collect()
    }

    #[test]
    fn importers_find_their_section_labels_and_days() {
        let lines = lines(&samples::valid(), None);
        assert_eq!(lines[0], "資格情報");
        assert_eq!(lines[1], "確認日 : \t令和8年11月22日");
        for line in [
            "保険者番号\t06130488",
            "記号\t１２－３",
            "枝番\t00",
            "フリガナ\tﾀｶｼｶｸ ﾀﾛｳ",
            "氏名\t髙資格 太郎",
            "生年月日\t昭和25年6月15日",
            "性別\t男",
            "有効開始日\t令和1年5月1日",
            "負担割合\t3割",
            "本人・家族の別\t家族",
            "被保険者氏名\t髙資格 花子",
            "未就学区分\t義務教育就学前",
        ] {
            assert!(lines.iter().any(|l| l == line), "{line}");
        }
        assert_eq!(lines.last().unwrap(), "");
    }

    #[test]
    fn every_line_ends_in_crlf_and_holds_one_tab_at_most() {
        let text = v1(&samples::valid(), None).unwrap();
        assert!(text.ends_with("\r\n"));
        for line in text.trim_end_matches("\r\n").split("\r\n") {
            assert!(!line.contains(['\r', '\n']) && line.matches('\t').count() <= 1, "{line:?}");
        }
    }

    #[test]
    fn what_is_not_in_force_gives_importers_nothing() {
        for finding in [
            Finding::Invalid(Box::new(samples::full())),
            Finding::None,
            Finding::Unlinked,
            Finding::NotEnrolled,
        ] {
            let answer = samples::with(finding);
            assert_eq!(v1(&answer, Some(0)), Err(NothingInForce(answer.code())));
        }
        assert_eq!(v1(&samples::multiple(), None), Err(NothingInForce(Code::QualificationMultiple)));
        assert!(lines(&samples::multiple(), Some(1)).contains(&"保険者番号\t39131016".to_owned()));
    }

    #[test]
    fn an_operational_test_does_not_begin_as_importers_want_it() {
        let lines = lines(&samples::in_test_phase(), None);
        assert_eq!(lines[..2], ["運用テスト（参考情報）", "資格情報"]);
    }

    #[test]
    fn an_importer_without_the_elderly_section_does_not_take_its_ratio_for_the_cards() {
        let mut one = samples::late_elderly();
        one.elderly_recipient_certificate_info = samples::full().elderly_recipient_certificate_info;
        let lines = lines(&samples::with(Finding::Valid(Box::new(one))), None);
        let at = |line: &str| lines.iter().position(|l| l == line).unwrap();
        assert!(at("負担割合\t1割") < at("裏面記載情報"));
        assert!(at("裏面記載情報") < at("高齢受給者証") && at("高齢受給者証") < at("負担割合\t2割"));
        assert!(lines.contains(&"記号\t".to_owned()), "importers ask for it even where there is none");
    }

    #[test]
    fn medical_assistance_stands_under_its_own_heading() {
        let mut one = samples::full();
        one.insured_card_classification = Some("A1".parse().unwrap());
        let lines = lines(&samples::with(Finding::Valid(Box::new(one))), None);
        assert_eq!(lines[0], "資格情報(医療扶助)");
        assert!(!lines.contains(&"裏面記載情報".to_owned()));
    }

    #[test]
    fn a_reader_that_shares_no_code_reads_the_same_answer_from_the_text() {
        let mut assistance = samples::full();
        assistance.insured_card_classification = Some("A1".parse().unwrap());
        for (answer, chosen) in [
            (samples::valid(), None),
            (samples::in_test_phase(), None),
            (samples::with(Finding::Valid(Box::new(samples::late_elderly()))), None),
            (samples::with(Finding::ValidUnregistered(Box::new(assistance))), None),
            (samples::multiple(), Some(0)),
            (samples::multiple(), Some(1)),
        ] {
            let mut expected = serde_json::to_value(&answer).unwrap();
            let chosen = chosen.unwrap_or(0);
            let only = expected["MessageBody"]["ResultList"][chosen].take();
            expected["MessageBody"]["ResultList"] = serde_json::json!([only]);
            let text = v1(&answer, Some(chosen)).unwrap();
            assert_eq!(read_by_stranger("read_text_v1.py", text.as_bytes()), expected);
        }
    }

    #[test]
    fn a_reader_that_shares_no_code_reads_the_same_answer_from_the_json() {
        for answer in samples::of_every_kind() {
            let summary = read_by_stranger("read_answer_json.py", &answer.to_json());
            assert_eq!(summary["code"], answer.code().as_str());
            let names: Vec<_> =
                answer.finding().qualifications().iter().map(|one| one.name.to_string()).collect();
            assert_eq!(summary["names"], serde_json::json!(names));
            assert_eq!(summary["usable"], answer.usable(None).is_some());
        }
    }
}
