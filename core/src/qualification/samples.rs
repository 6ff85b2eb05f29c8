//! Synthetic answers for the tests of this room.

use super::Mode;
use super::answer::Answer;
use super::day::Finding;
use super::record::{ElderlyRecipientCertificateInfo, Qualification};
use crate::instant::UnixTime;
use crate::settings::Phase;

/// 2026-11-22 18:30:15 in Tokyo.
pub(crate) const NOW: UnixTime = UnixTime(1_795_339_815);

/// 2030-05-05 23:59:59 in Tokyo.
const CERTIFICATE_END: UnixTime = UnixTime(1_904_223_599);

/// A qualification with every field set.
pub(crate) fn full() -> Qualification {
    let json = r#"{"InsuredCardClassification":"01","InsurerNumber":"06130488","InsurerName":"シカク健康保険組合",
        "InsuredCardSymbol":"１２－３","InsuredIdentificationNumber":"4567","InsuredBranchNumber":"00",
        "PersonalFamilyClassification":"2","InsuredName":"髙資格 花子","Name":"髙資格 太郎","NameOfOther":"高資格 太郎",
        "NameKana":"ﾀｶｼｶｸ ﾀﾛｳ","NameOfOtherKana":"ﾀｶｼｶｸ ﾀﾛｳ","Sex1":"1","Sex2":"3","Birthdate":"1950-06-15",
        "Address":"東京都千代田区霞が関１－２－２","PostNumber":"100-8916","QualificationDate":"2019-05-01",
        "DisqualificationDate":"2027-04-01","InsuredCertificateIssuanceDate":"2019-05-02",
        "InsuredCardValidDate":"2019-05-01","InsuredCardExpirationDate":"2027-03-31",
        "InsuredPartialContributionRatio":"030","PreschoolClassification":"1","ReasonOfLoss":"03"}"#;
    let mut one: Qualification = serde_json::from_str(json).unwrap();
    one.elderly_recipient_certificate_info = Some(ElderlyRecipientCertificateInfo {
        elderly_recipient_certificate_date: Some("2025-07-20".parse().unwrap()),
        elderly_recipient_valid_start_date: Some("2025-08-01".parse().unwrap()),
        elderly_recipient_valid_end_date: Some("2027-07-31".parse().unwrap()),
        elderly_recipient_contribution_ratio: Some("020".parse().unwrap()),
    });
    one
}

/// A 後期高齢者's qualification: no 記号, no 枝番.
pub(crate) fn late_elderly() -> Qualification {
    let json = r#"{"InsurerNumber":"39131016","InsuredIdentificationNumber":"12345678","Name":"資格 ウメ",
        "Birthdate":"1938-12-31","QualificationDate":"2013-12-31","InsuredPartialContributionRatio":"010"}"#;
    serde_json::from_str(json).unwrap()
}

pub(crate) fn with(finding: Finding) -> Answer {
    Answer::new(NOW, "1310112345".parse().unwrap(), Phase::Live, Mode::Pin, CERTIFICATE_END, finding)
}

pub(crate) fn valid() -> Answer {
    with(Finding::Valid(Box::new(full())))
}

pub(crate) fn in_test_phase() -> Answer {
    let finding = Finding::Valid(Box::new(full()));
    Answer::new(NOW, "1310112345".parse().unwrap(), Phase::Test, Mode::Pin, CERTIFICATE_END, finding)
}

pub(crate) fn multiple() -> Answer {
    with(Finding::Multiple(vec![full(), late_elderly()]))
}

pub(crate) fn of_every_kind() -> Vec<Answer> {
    vec![
        valid(),
        in_test_phase(),
        multiple(),
        with(Finding::Valid(Box::new(late_elderly()))),
        with(Finding::ValidUnregistered(Box::new(full()))),
        with(Finding::Invalid(Box::new(full()))),
        with(Finding::Superseded { former: Box::new(full()), upcoming: Box::new(late_elderly()) }),
        with(Finding::None),
        with(Finding::Unlinked),
        with(Finding::NotEnrolled),
    ]
}
