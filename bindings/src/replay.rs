//! Test only (feature `replay`): taps with the clock, challenge and test PIN, or printed number, of a recorded transcript.

use std::sync::Arc;

use shikaku::replay::{Program, Recording};
use shikaku::tap::AnyTap;

use crate::tap::Tap;

/// Why a recording makes no tap.
#[derive(Debug, thiserror::Error, uniffi::Error)]
pub enum ReplayError {
    /// The text is not a recording.
    #[error("{detail}")]
    Malformed {
        /// The line and what is wrong with it.
        detail: String,
    },
}

#[uniffi::export]
impl Tap {
    /// A tap with the inputs of a recording of `tests/transcripts`, not started.
    #[uniffi::constructor]
    pub fn of_recording(text: &str) -> Result<Arc<Self>, ReplayError> {
        let malformed = |detail: String| ReplayError::Malformed { detail };
        let recording = Recording::parse(text).map_err(|error| malformed(error.to_string()))?;
        let inputs = &recording.inputs;
        let tap = match recording.program {
            Program::Visual => {
                let request = inputs.visual_request().map_err(|problem| malformed(problem.to_string()))?;
                AnyTap::Visual(shikaku::tap::VisualTap::new(request))
            }
            _ => {
                let request = inputs.request().map_err(|problem| malformed(problem.to_string()))?;
                AnyTap::Pin(shikaku::tap::Tap::new(request))
            }
        };
        Ok(Arc::new(Self::alone(tap)))
    }
}
