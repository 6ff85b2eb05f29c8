//! A tap that is no check: fixed constants under the purpose that the service refuses, and a PIN from standard input.

use std::time::{SystemTime, UNIX_EPOCH};

use shikaku::certificate::Anchors;
use shikaku::guide::Code;
use shikaku::instant::UnixTime;
use shikaku::replay::Inputs;
use shikaku::secret::Pin;
use shikaku::tap::{Consent, ReaderLimits, Strategy, TapRequest};
use shikaku::transcript::{Challenge, PendingTranscript, Purpose};
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::secret_line;

/// Fixed values of a bench: they mean nothing, and the service refuses purpose 00 whatever they are.
pub(super) fn inputs(anchors_now: UnixTime) -> Result<Inputs, Failure> {
    let inputs = Inputs::example().ok_or_else(|| Failure::plain("固定値を作れません"))?;
    let challenge =
        Challenge { id: [0; 16], nonce: [0; 32], issued_at: UnixTime(0), expires_at: UnixTime(0) };
    Ok(Inputs {
        now: anchors_now,
        challenge,
        device_key: b"shikaku card bench".to_vec(),
        purpose: Purpose::Bench,
        production: false,
        ..inputs
    })
}

/// A request over the fixed values with a fresh `Pin`.
pub(super) fn request(inputs: &Inputs, pin: &[u8], anchors: &Anchors) -> Result<TapRequest, Failure> {
    let pin = Pin::new(pin).map_err(|error| Failure::coded(Code::PinForm, error))?;
    let transcript = PendingTranscript::new(
        &inputs.challenge,
        inputs.purpose,
        &inputs.device_key,
        &inputs.institution,
        &inputs.origin,
    );
    Ok(TapRequest {
        pin,
        transcript,
        anchors: anchors.clone(),
        now: inputs.now,
        consent: Consent::None,
        limits: ReaderLimits::SHORT,
        strategy: Strategy::default(),
    })
}

/// The PIN on the next line of standard input, whose form is right.
pub(super) fn pin_from_stdin() -> Result<Zeroizing<Vec<u8>>, Failure> {
    let line = secret_line::next(Code::PinForm)?;
    Pin::new(&line).map_err(|error| Failure::coded(Code::PinForm, error))?;
    Ok(line)
}

/// The clock.
pub(super) fn now() -> UnixTime {
    UnixTime(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()))
}
