//! The answer to a signed check, as it crosses the wire.

use core::fmt;

use serde::{Deserialize, Serialize};

use super::coded::Validity;
use super::day::Finding;
use super::record::Qualification;
use crate::check::Mode;
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
    executed_at: UnixTime,
    institution: InstitutionCode,
    phase: Phase,
    mode: Mode,
    certificate_ends: Date,
    finding: Finding,
}

/// Why a body is not an answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// Not JSON, a member that is missing or unknown, or a value of the wrong form.
    #[error("the answer cannot be read: {0}")]
    Form(#[from] serde_json::Error),
}

/// Two parts of a body that do not fit each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum Contradiction {
    #[error("QualificationConfirmationDate is not the day of ProcessExecutionTime in Tokyo")]
    Day,
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
        Ok(serde_json::from_slice(body)?)
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

/// The members of the body, before they are known to fit each other.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(as = Answer))]
#[serde(deny_unknown_fields)]
struct Body {
    format: Format,
    /// How the check ended; docs/codes.md.
    code: Code,
    /// `live` (運用) or `test` (運用テスト: 参考情報).
    phase: Phase,
    mode: Mode,
    /// The last day of the card's certificate.
    certificate_ends: Date,
    #[serde(rename = "MessageHeader")]
    header: MessageHeader,
    #[serde(rename = "MessageBody")]
    result: MessageBody,
}

#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
enum Format {
    #[serde(rename = "shikaku-answer/1")]
    V1,
}

#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct MessageHeader {
    /// 処理実行日時, seconds since 1970-01-01T00:00:00Z.
    process_execution_time: UnixTime,
    /// 資格確認日.
    qualification_confirmation_date: Date,
    /// 医療機関コード.
    medical_institution_code: InstitutionCode,
    reference_classification: ReferenceClassification,
    segment_of_result: SegmentOfResult,
}

/// 照会区分.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
enum ReferenceClassification {
    /// マイナンバーカード.
    #[serde(rename = "1")]
    Card,
}

/// 処理結果区分. What did not end normally is a problem (RFC 9457) and no answer.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
enum SegmentOfResult {
    /// 正常終了.
    #[serde(rename = "1")]
    Normal,
}

/// 処理結果状況 of the person.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
enum ProcessingResultStatus {
    /// 正常終了.
    #[serde(rename = "1")]
    Normal,
    /// 異常終了: the qualifications were not looked at.
    #[serde(rename = "2")]
    Abnormal,
}

#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct MessageBody {
    processing_result_status: ProcessingResultStatus,
    /// With status 2: the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    processing_result_code: Option<Code>,
    /// With status 2: what happened, Japanese.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    processing_result_message: Option<String>,
    /// With status 1: 資格有効性.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    qualification_validity: Option<Validity>,
    result_list: Vec<Qualification>,
}

impl From<Answer> for Body {
    fn from(answer: Answer) -> Self {
        let (code, validity) = (answer.code(), answer.finding.validity());
        let abnormal = validity.is_none();
        Self {
            format: Format::V1,
            code,
            phase: answer.phase,
            mode: answer.mode,
            certificate_ends: answer.certificate_ends,
            header: MessageHeader {
                process_execution_time: answer.executed_at,
                qualification_confirmation_date: answer.day(),
                medical_institution_code: answer.institution,
                reference_classification: ReferenceClassification::Card,
                segment_of_result: SegmentOfResult::Normal,
            },
            result: MessageBody {
                processing_result_status: match validity {
                    Some(_) => ProcessingResultStatus::Normal,
                    None => ProcessingResultStatus::Abnormal,
                },
                processing_result_code: abnormal.then_some(code),
                processing_result_message: abnormal.then(|| code.guide().cause_ja.to_owned()),
                qualification_validity: validity,
                result_list: answer.finding.into_qualifications(),
            },
        }
    }
}

impl TryFrom<Body> for Answer {
    type Error = Contradiction;

    fn try_from(body: Body) -> Result<Self, Contradiction> {
        let Body { format: Format::V1, code, phase, mode, certificate_ends, header, result } = body;
        let executed_at = header.process_execution_time;
        if Date::of(executed_at) != header.qualification_confirmation_date {
            return Err(Contradiction::Day);
        }
        let status_fits = match result.processing_result_status {
            ProcessingResultStatus::Normal => {
                result.processing_result_code.is_none() && result.processing_result_message.is_none()
            }
            ProcessingResultStatus::Abnormal => {
                result.qualification_validity.is_none() && result.processing_result_code == Some(code)
            }
        };
        let finding = Finding::of_list(code, result.result_list)
            .filter(|finding| status_fits && finding.validity() == result.qualification_validity)
            .ok_or(Contradiction::Outcome)?;
        let institution = header.medical_institution_code;
        Ok(Self { executed_at, institution, phase, mode, certificate_ends, finding })
    }
}

impl Finding {
    /// The finding that `code` names, if it carries as many qualifications as stand in the list.
    fn of_list(code: Code, list: Vec<Qualification>) -> Option<Self> {
        let count = list.len();
        let mut list = list.into_iter();
        let mut next = || list.next().map(Box::new);
        let finding = match (code, count) {
            (Code::QualificationValid, 1) => Self::Valid(next()?),
            (Code::QualificationUnregistered, 1) => Self::ValidUnregistered(next()?),
            (Code::QualificationInvalid, 1) => Self::Invalid(next()?),
            (Code::QualificationSuperseded, 2) => Self::Superseded { former: next()?, upcoming: next()? },
            (Code::QualificationMultiple, 2..) => Self::Multiple(list.collect()),
            (Code::QualificationNone, 0) => Self::None,
            (Code::CertificateUnlinked, 0) => Self::Unlinked,
            (Code::NotEnrolled, 0) => Self::NotEnrolled,
            _ => return None,
        };
        Some(finding)
    }

    fn into_qualifications(self) -> Vec<Qualification> {
        match self {
            Self::Valid(one) | Self::ValidUnregistered(one) | Self::Invalid(one) => vec![*one],
            Self::Superseded { former, upcoming } => vec![*former, *upcoming],
            Self::Multiple(several) => several,
            Self::None | Self::Unlinked | Self::NotEnrolled => Vec::new(),
        }
    }
}

#[cfg(feature = "schema")]
impl utoipa::PartialSchema for Answer {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        Body::schema()
    }
}

#[cfg(feature = "schema")]
impl utoipa::ToSchema for Answer {
    fn name() -> std::borrow::Cow<'static, str> {
        Body::name()
    }

    fn schemas(schemas: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::schema::Schema>)>) {
        Body::schemas(schemas);
    }
}

#[cfg(test)]
mod tests {
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
    fn debug_never_shows_the_person() {
        assert!(!format!("{:?}", samples::valid()).contains("資格"));
    }
}
