//! The answer (資格情報): what is known of a person's qualification, what holds on a day, and its exports.
//!
//! Names and codes are those of the nationwide オンライン資格確認 messages (OQS), so that clinics' systems can
//! take them over.

mod answer;
mod body;
mod coded;
mod day;
mod mode;
mod record;
#[cfg(test)]
pub(crate) mod samples;
mod sheet;
pub(crate) mod text;

pub use answer::{ANSWER_TYPE, Answer, AnswerError, TEST_MARKING};
pub use coded::{
    InsuredCardClassification, PersonalFamilyClassification, PreschoolClassification, ReasonOfLoss, Sex,
    UnknownValue, Validity,
};
pub use day::{Finding, NotInForce, in_force, judge};
pub use mode::Mode;
pub use record::{ContributionRatio, ContributionRatioError, ElderlyRecipientCertificateInfo, Qualification};
pub use sheet::{Row, Section, Sheet, Tone};
pub use text::NothingInForce;
