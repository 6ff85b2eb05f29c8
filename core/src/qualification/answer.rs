//! The answer to a signed check, as it crosses the wire.

use core::fmt;

use serde::{Deserialize, Serialize};

use super::Mode;
use super::body::Body;
use super::day::Finding;
use super::record::Qualification;
use crate::guide::Code;
use crate::identifier::{Date, InstitutionCode};
use crate::instant::UnixTime;
use crate::settings::Phase;

/// Media type of an answer's body.
pub const ANSWER_TYPE: &str = "application/json";

/// Stands on every screen and export while the institution tests.
pub const TEST_MARKING: &str = "運用テスト（参考情報）";

/// A certificate that ends within so many days of the check is announced.
const ENDS_SOON: u16 = 90;

/// The answer to a signed check: what the service found, for whom it said so, and when.
///
/// Its JSON (`"format": "shikaku-answer/1"`, docs/answer.md) is the body that the service signs. A value of this
/// type is always consistent in itself (number of qualifications, validity and code fit each other, the day is
/// the moment's); that the service has *said* it, only the check's verified answer knows, and only that is shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Body", into = "Body")]
pub struct Answer {
    pub(super) executed_at: UnixTime,
    pub(super) institution: InstitutionCode,
    pub(super) phase: Phase,
    pub(super) mode: Mode,
    pub(super) certificate_ends: Date,
    pub(super) finding: Finding,
}

/// Why a body is not an answer. Never quotes the body, which may name a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// Not JSON, a member that is missing or unknown, or a value of the wrong form.
    #[error("the answer cannot be read (line {line}, column {column})")]
    Form {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// 資格確認日 is not the day of 処理実行日時 in Tokyo.
    #[error("QualificationConfirmationDate is not the day of ProcessExecutionTime in Tokyo")]
    Day,
    /// Code, validity, status and the number of qualifications do not fit each other.
    #[error(
        "code, QualificationValidity, ProcessingResultStatus and the number of results do not fit each other"
    )]
    Outcome,
}

impl Answer {
    /// What the service says at `executed_at`, by its own clock, to `institution`.
    ///
    /// `certificate_end` is the card certificate's notAfter.
    pub fn new(
        executed_at: UnixTime,
        institution: InstitutionCode,
        phase: Phase,
        mode: Mode,
        certificate_end: UnixTime,
        finding: Finding,
    ) -> Self {
        Self { executed_at, institution, phase, mode, certificate_ends: Date::of(certificate_end), finding }
    }

    /// Reads a body of the wire. It says nothing about who wrote it.
    pub fn from_json(body: &[u8]) -> Result<Self, AnswerError> {
        let form =
            |error: serde_json::Error| AnswerError::Form { line: error.line(), column: error.column() };
        serde_json::from_slice::<Body>(body).map_err(form)?.try_into()
    }

    /// The body of the wire, on one line.
    pub fn to_json(&self) -> Vec<u8> {
        // Writing into memory fails only for maps with keys that are no texts; there is no map here.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// 処理実行日時, by the service's clock.
    pub const fn executed_at(&self) -> UnixTime {
        self.executed_at
    }

    /// 資格確認日: the day that was judged, the calendar day in Tokyo.
    pub fn day(&self) -> Date {
        Date::of(self.executed_at)
    }

    /// 医療機関コード of whom the answer is for.
    pub const fn institution(&self) -> &InstitutionCode {
        &self.institution
    }

    /// 運用テスト or 運用.
    pub const fn phase(&self) -> Phase {
        self.phase
    }

    /// How the holder's presence was shown.
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// The last day of the card's certificate.
    pub const fn certificate_ends(&self) -> Date {
        self.certificate_ends
    }

    /// What was found.
    pub const fn finding(&self) -> &Finding {
        &self.finding
    }

    /// The code of the outcome.
    pub const fn code(&self) -> Code {
        self.finding.code()
    }

    /// `運用テスト（参考情報）` where the institution still tests; it stands on every screen and export.
    pub const fn marking(&self) -> Option<&'static str> {
        match self.phase {
            Phase::Test => Some(TEST_MARKING),
            Phase::Live => None,
        }
    }

    /// The last day of the certificate, if it lies within 90 days of the check.
    pub fn certificate_ends_soon(&self) -> Option<Date> {
        (self.certificate_ends <= self.day().plus_days(ENDS_SOON)).then_some(self.certificate_ends)
    }

    /// The qualification to go on with: the one in force, or the one of several that staff `chose`.
    pub fn usable(&self, chosen: Option<usize>) -> Option<&Qualification> {
        match &self.finding {
            Finding::Valid(one) | Finding::ValidUnregistered(one) => Some(one),
            Finding::Multiple(several) => chosen.and_then(|index| several.get(index)),
            _ => None,
        }
    }
}

impl fmt::Debug for Answer {
    /// Never the person: a log may hold this.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer({}, {}, person not shown)", self.code(), self.executed_at)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::samples;
    use super::*;

    #[test]
    fn every_kind_of_answer_is_read_as_it_was_written() {
        for answer in samples::of_every_kind() {
            let again = Answer::from_json(&answer.to_json()).unwrap();
            assert!(again == answer, "{answer:?}");
        }
    }

    #[test]
    fn the_body_has_the_names_of_the_oqs_messages() {
        let json: serde_json::Value = serde_json::from_slice(&samples::valid().to_json()).unwrap();
        assert_eq!(json["format"], "shikaku-answer/1");
        assert_eq!(json["code"], "qualification-valid");
        assert_eq!(json["phase"], "live");
        assert_eq!(json["mode"], "pin");
        let header = &json["MessageHeader"];
        assert_eq!(header["ProcessExecutionTime"], samples::NOW.0);
        assert_eq!(header["QualificationConfirmationDate"], "2026-11-22");
        assert_eq!(header["MedicalInstitutionCode"], "1310112345");
        assert_eq!(header["ReferenceClassification"], "1");
        assert_eq!(header["SegmentOfResult"], "1");
        let body = &json["MessageBody"];
        assert_eq!(body["ProcessingResultStatus"], "1");
        assert_eq!(body["QualificationValidity"], "1");
        assert_eq!(body["ResultList"][0]["InsurerNumber"], "06130488");
    }

    #[test]
    fn an_answer_without_a_look_at_qualifications_says_so_and_holds_none() {
        let json: serde_json::Value =
            serde_json::from_slice(&samples::with(Finding::NotEnrolled).to_json()).unwrap();
        let body = &json["MessageBody"];
        assert_eq!(body["ProcessingResultStatus"], "2");
        assert_eq!(body["ProcessingResultCode"], "not-enrolled");
        assert!(body["ProcessingResultMessage"].as_str().unwrap().contains("利用登録"));
        assert_eq!(body.get("QualificationValidity"), None);
        assert_eq!(body["ResultList"], serde_json::json!([]));
    }

    #[test]
    fn a_body_that_contradicts_itself_is_no_answer() {
        let body = String::from_utf8(samples::valid().to_json()).unwrap();
        for (from, to) in [
            ("shikaku-answer/1", "shikaku-answer/2"),
            ("\"code\":\"qualification-valid\"", "\"code\":\"qualification-none\""),
            ("\"code\":\"qualification-valid\"", "\"code\":\"service-down\""),
            ("\"QualificationValidity\":\"1\"", "\"QualificationValidity\":\"2\""),
            ("\"QualificationValidity\":\"1\",", ""),
            ("\"ProcessingResultStatus\":\"1\"", "\"ProcessingResultStatus\":\"2\""),
            ("\"SegmentOfResult\":\"1\"", "\"SegmentOfResult\":\"9\""),
            ("2026-11-22", "2026-11-21"),
            ("\"ResultList\":[", "\"PharmacistsInfoConsFlg\":\"1\",\"ResultList\":["),
            ("{\"format\"", "{\"extra\":1,\"format\""),
        ] {
            let changed = body.replacen(from, to, 1);
            assert_ne!(changed, body, "{from}");
            assert!(Answer::from_json(changed.as_bytes()).is_err(), "{from} → {to}");
        }
    }

    #[cfg(feature = "schema")]
    #[test]
    fn the_schema_names_every_part_of_the_body() {
        use utoipa::{PartialSchema as _, ToSchema as _};
        let mut parts = Vec::new();
        Answer::schemas(&mut parts);
        let names: Vec<_> = parts.into_iter().map(|(name, _)| name).collect();
        for name in ["MessageHeader", "MessageBody", "Qualification", "Validity"] {
            assert!(names.iter().any(|known| known == name), "{name} in {names:?}");
        }
        assert_eq!(Answer::name(), "Answer");
        assert!(serde_json::to_string(&Answer::schema()).unwrap().contains("certificate_ends"));
    }

    #[test]
    fn an_operational_test_is_marked_and_a_live_answer_is_not() {
        assert_eq!(samples::valid().marking(), None);
        assert_eq!(samples::in_test_phase().marking(), Some("運用テスト（参考情報）"));
    }

    #[test]
    fn a_certificate_that_ends_within_ninety_days_is_announced() {
        let ends = |day: &str| {
            let mut answer = samples::valid();
            answer.certificate_ends = day.parse().unwrap();
            answer.certificate_ends_soon()
        };
        assert_eq!(ends("2027-02-20"), Some("2027-02-20".parse().unwrap()));
        assert_eq!(ends("2027-02-21"), None);
        assert_eq!(ends("2026-11-22"), Some("2026-11-22".parse().unwrap()));
    }

    #[test]
    fn of_several_qualifications_one_is_usable_only_when_staff_chose_it() {
        let answer = samples::multiple();
        assert!(answer.usable(None).is_none());
        assert_eq!(answer.usable(Some(1)).unwrap().insurer_number.as_str(), "39131016");
        assert!(answer.usable(Some(2)).is_none());
        assert!(samples::with(Finding::None).usable(Some(0)).is_none());
        assert!(samples::valid().usable(None).is_some());
    }

    #[test]
    fn an_error_never_quotes_the_body() {
        let body = String::from_utf8(samples::valid().to_json()).unwrap();
        let body = body.replacen("\"Sex1\":\"1\"", "\"Sex1\":\"髙資格 太郎\"", 1);
        let error = Answer::from_json(body.as_bytes()).unwrap_err();
        assert!(!format!("{error} {error:?}").contains('髙'), "{error}");
    }

    proptest! {
        #[test]
        fn whatever_is_read_is_consistent_and_reads_the_same_again(at in 0_usize..1200, octet: u8) {
            let mut body = samples::valid().to_json();
            let at = at % body.len();
            body[at] = octet;
            if let Ok(answer) = Answer::from_json(&body) {
                prop_assert_eq!(answer.day(), Date::of(answer.executed_at()));
                prop_assert_eq!(Answer::from_json(&answer.to_json()), Ok(answer));
            }
        }
    }

    #[test]
    fn debug_never_shows_the_person() {
        assert!(!format!("{:?}", samples::valid()).contains("資格"));
    }
}
