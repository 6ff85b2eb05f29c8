//! A signed check as pure steps: challenge, tap, signed request, verified answer.

mod messages;

pub use messages::{
    CERTIFICATE_LIMIT, CHALLENGES_PATH, CHECKS_PATH, ChallengesAnswer, ChallengesRequest, CheckRequest, Mode,
    OPEN_CHALLENGES, STAFF_NAME_LIMIT,
};
