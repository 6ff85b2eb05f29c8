//! One qualification as registry, answer and exports carry it.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

use super::coded::{
    InsuredCardClassification, PersonalFamilyClassification, PreschoolClassification, ReasonOfLoss, Sex,
};
use crate::identifier::{
    Address, BranchNumber, Date, InsuredNumber, InsuredSymbol, InsurerName, InsurerNumber, PersonName,
    PostNumber,
};

/// 資格情報: one qualification of one person.
///
/// The names are those of the OQS messages. Insurer, name and birth date are always there; anything else may
/// be missing and is then left out. There is no room for medicines, checkups, treatment, surgery or consent: an
/// unknown member is refused.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Qualification {
    /// 被保険者証区分.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insured_card_classification: Option<InsuredCardClassification>,
    /// 保険者番号.
    pub insurer_number: InsurerNumber,
    /// 保険者名.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insurer_name: Option<InsurerName>,
    /// 被保険者証記号.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insured_card_symbol: Option<InsuredSymbol>,
    /// 被保険者証番号.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insured_identification_number: Option<InsuredNumber>,
    /// 被保険者証枝番.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insured_branch_number: Option<BranchNumber>,
    /// 本人・家族の別.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub personal_family_classification: Option<PersonalFamilyClassification>,
    /// 被保険者氏名 (世帯主氏名).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insured_name: Option<PersonName>,
    /// 氏名, with its real code points.
    pub name: PersonName,
    /// 氏名（その他）: the other name, printed on the back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_of_other: Option<PersonName>,
    /// 氏名カナ, half-width as the source has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_kana: Option<PersonName>,
    /// 氏名カナ（その他）.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_of_other_kana: Option<PersonName>,
    /// 性別１, on the face.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sex1: Option<Sex>,
    /// 性別２, on the back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sex2: Option<Sex>,
    /// 生年月日.
    pub birthdate: Date,
    /// 住所.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// 郵便番号.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post_number: Option<PostNumber>,
    /// 資格取得年月日: the first day with cover.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qualification_date: Option<Date>,
    /// 資格喪失年月日: the first day without cover.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disqualification_date: Option<Date>,
    /// 被保険者証交付年月日.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insured_certificate_issuance_date: Option<Date>,
    /// 被保険者証有効開始年月日: the first day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insured_card_valid_date: Option<Date>,
    /// 被保険者証有効終了年月日: the last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insured_card_expiration_date: Option<Date>,
    /// 被保険者証一部負担金割合.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insured_partial_contribution_ratio: Option<ContributionRatio>,
    /// 未就学区分.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preschool_classification: Option<PreschoolClassification>,
    /// 資格喪失事由.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_of_loss: Option<ReasonOfLoss>,
    /// 高齢受給者証情報.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elderly_recipient_certificate_info: Option<ElderlyRecipientCertificateInfo>,
}

/// 高齢受給者証情報.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ElderlyRecipientCertificateInfo {
    /// 交付年月日.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elderly_recipient_certificate_date: Option<Date>,
    /// 有効開始年月日: the first day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elderly_recipient_valid_start_date: Option<Date>,
    /// 有効終了年月日: the last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elderly_recipient_valid_end_date: Option<Date>,
    /// 一部負担金割合.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elderly_recipient_contribution_ratio: Option<ContributionRatio>,
}

/// 一部負担金割合 in percent, 0 to 100; three digits on the wire (`030`). Display writes `3割`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(value_type = String, pattern = "^(0[0-9]{2}|100)$"))]
#[serde(try_from = "String", into = "String")]
pub struct ContributionRatio(u8);

/// A text that is no 負担割合.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the share of costs is written in percent with three digits, 000 to 100")]
pub struct ContributionRatioError;

impl ContributionRatio {
    /// Percent, 0 to 100.
    pub const fn percent(self) -> u8 {
        self.0
    }
}

impl FromStr for ContributionRatio {
    type Err = ContributionRatioError;

    fn from_str(text: &str) -> Result<Self, ContributionRatioError> {
        let three_digits = text.len() == 3 && text.bytes().all(|b| b.is_ascii_digit());
        match text.parse() {
            Ok(percent @ 0..=100) if three_digits => Ok(Self(percent)),
            _ => Err(ContributionRatioError),
        }
    }
}

impl TryFrom<String> for ContributionRatio {
    type Error = ContributionRatioError;

    fn try_from(text: String) -> Result<Self, ContributionRatioError> {
        text.parse()
    }
}

impl From<ContributionRatio> for String {
    fn from(ratio: ContributionRatio) -> Self {
        format!("{:03}", ratio.0)
    }
}

impl fmt::Display for ContributionRatio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_multiple_of(10) { write!(f, "{}割", self.0 / 10) } else { write!(f, "{}%", self.0) }
    }
}

impl fmt::Debug for Qualification {
    /// Never the person: a log may hold this.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Qualification(not shown)")
    }
}

impl fmt::Debug for ElderlyRecipientCertificateInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ElderlyRecipientCertificateInfo(not shown)")
    }
}

impl Qualification {
    /// The least that a qualification holds; the other fields are set where they are known.
    pub const fn new(insurer_number: InsurerNumber, name: PersonName, birthdate: Date) -> Self {
        Self {
            insured_card_classification: None,
            insurer_number,
            insurer_name: None,
            insured_card_symbol: None,
            insured_identification_number: None,
            insured_branch_number: None,
            personal_family_classification: None,
            insured_name: None,
            name,
            name_of_other: None,
            name_kana: None,
            name_of_other_kana: None,
            sex1: None,
            sex2: None,
            birthdate,
            address: None,
            post_number: None,
            qualification_date: None,
            disqualification_date: None,
            insured_certificate_issuance_date: None,
            insured_card_valid_date: None,
            insured_card_expiration_date: None,
            insured_partial_contribution_ratio: None,
            preschool_classification: None,
            reason_of_loss: None,
            elderly_recipient_certificate_info: None,
        }
    }

    /// This record, newly arrived for a person who was `known` under the same qualification: every name that
    /// arrives with ● gives way to a good one that is known.
    #[must_use]
    pub fn keeping_good_names_of(mut self, known: &Self) -> Self {
        if self.name.has_unknown_character() && !known.name.has_unknown_character() {
            self.name = known.name.clone();
        }
        for (name, known) in [
            (&mut self.insured_name, &known.insured_name),
            (&mut self.name_of_other, &known.name_of_other),
            (&mut self.name_kana, &known.name_kana),
            (&mut self.name_of_other_kana, &known.name_of_other_kana),
        ] {
            if name.as_ref().is_some_and(PersonName::has_unknown_character) {
                *name = PersonName::kept(known.clone(), name.take());
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn qualification(name: &str) -> Qualification {
        let insurer = "06130488".parse().unwrap();
        Qualification::new(insurer, name.parse().unwrap(), "1980-01-02".parse().unwrap())
    }

    #[test]
    fn json_has_the_names_of_the_oqs_messages() {
        let json = r#"{"InsuredCardClassification":"01","InsurerNumber":"06130488","InsurerName":"テスト健康保険組合",
            "InsuredCardSymbol":"１２３","InsuredIdentificationNumber":"4567","InsuredBranchNumber":"00",
            "PersonalFamilyClassification":"1","InsuredName":"資格 太郎","Name":"資格 太郎","NameOfOther":"鹿覚 太郎",
            "NameKana":"ｼｶｸ ﾀﾛｳ","NameOfOtherKana":"ｼｶｸ ﾀﾛｳ","Sex1":"1","Sex2":"3","Birthdate":"1980-01-02",
            "Address":"東京都千代田区霞が関１－２－２","PostNumber":"100-8916","QualificationDate":"2020-04-01",
            "DisqualificationDate":"2027-04-01","InsuredCertificateIssuanceDate":"2020-04-02",
            "InsuredCardValidDate":"2020-04-01","InsuredCardExpirationDate":"2027-03-31",
            "InsuredPartialContributionRatio":"030","PreschoolClassification":"1","ReasonOfLoss":"03",
            "ElderlyRecipientCertificateInfo":{"ElderlyRecipientCertificateDate":"2025-08-01",
            "ElderlyRecipientValidStartDate":"2025-08-01","ElderlyRecipientValidEndDate":"2027-07-31",
            "ElderlyRecipientContributionRatio":"020"}}"#;
        let read: Qualification = serde_json::from_str(json).unwrap();
        let again = serde_json::to_value(&read).unwrap();
        assert_eq!(again, serde_json::from_str::<serde_json::Value>(json).unwrap());
        assert_eq!(again.as_object().unwrap().len(), 26);
    }

    #[test]
    fn what_is_missing_is_left_out_and_not_empty() {
        let json = serde_json::to_string(&qualification("資格 太郎")).unwrap();
        assert_eq!(json, r#"{"InsurerNumber":"06130488","Name":"資格 太郎","Birthdate":"1980-01-02"}"#);
        let empty = json.replace('}', r#","InsuredBranchNumber":""}"#);
        assert!(serde_json::from_str::<Qualification>(&empty).is_err());
    }

    #[test]
    fn there_is_no_room_for_more_than_the_qualification() {
        let json = serde_json::to_string(&qualification("資格 太郎")).unwrap();
        for member in
            ["PharmacistsInfoConsFlg", "SpecificHealthCheckupsInfo", "DiagnosisInfo", "OperationInfo"]
        {
            let more = json.replace('}', &format!(r#","{member}":"1"}}"#));
            assert!(serde_json::from_str::<Qualification>(&more).is_err(), "{member}");
        }
    }

    #[test]
    fn a_ratio_is_percent_in_three_digits_and_shown_in_tenths() {
        let ratio: ContributionRatio = "030".parse().unwrap();
        assert_eq!(
            (ratio.percent(), ratio.to_string(), String::from(ratio)),
            (30, "3割".into(), "030".into())
        );
        assert_eq!("000".parse::<ContributionRatio>().unwrap().to_string(), "0割");
        assert_eq!("100".parse::<ContributionRatio>().unwrap().to_string(), "10割");
        assert_eq!("015".parse::<ContributionRatio>().unwrap().to_string(), "15%");
        for text in ["", "30", "101", "0030", "+30", "０３０"] {
            assert_eq!(text.parse::<ContributionRatio>(), Err(ContributionRatioError), "{text}");
        }
    }

    #[test]
    fn debug_never_shows_the_person() {
        assert_eq!(format!("{:?}", qualification("資格 太郎")), "Qualification(not shown)");
    }

    #[test]
    fn an_import_keeps_good_names_where_the_new_ones_have_black_circles() {
        let mut known = qualification("髙資格 太郎");
        known.insured_name = Some("髙資格 花子".parse().unwrap());
        let mut incoming = qualification("●資格 太郎");
        incoming.insured_name = Some("●資格 花子".parse().unwrap());
        incoming.name_kana = Some("●ｼｶｸ".parse().unwrap());
        let kept = incoming.keeping_good_names_of(&known);
        assert_eq!(kept.name.as_str(), "髙資格 太郎");
        assert_eq!(kept.insured_name.unwrap().as_str(), "髙資格 花子");
        assert_eq!(kept.name_kana.unwrap().as_str(), "●ｼｶｸ");
    }
}
