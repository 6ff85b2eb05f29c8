//! The JSON of an answer: its members, and how they become an answer that cannot contradict itself.

use serde::{Deserialize, Serialize};

use super::Mode;
use super::answer::{Answer, AnswerError};
use super::coded::Validity;
use super::day::Finding;
use super::record::Qualification;
use crate::guide::Code;
use crate::identifier::{Date, InstitutionCode};
use crate::instant::UnixTime;
use crate::settings::Phase;

/// The members of the body, before they are known to fit each other.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(as = Answer))]
#[serde(deny_unknown_fields)]
pub(super) struct Body {
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
    type Error = AnswerError;

    fn try_from(body: Body) -> Result<Self, AnswerError> {
        let Body { format: Format::V1, code, phase, mode, certificate_ends, header, result } = body;
        let executed_at = header.process_execution_time;
        if Date::of(executed_at) != header.qualification_confirmation_date {
            return Err(AnswerError::Day);
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
            .ok_or(AnswerError::Outcome)?;
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
