//! A tap that is no check: fixed constants under the purpose that the service refuses, and a PIN from standard input.

use std::io::BufRead as _;
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

/// The first line of standard input, without its end.
pub(super) fn pin_from_stdin() -> Result<Zeroizing<Vec<u8>>, Failure> {
    // Longer than any PIN, so that reading never makes the buffer grow and leave a copy behind.
    let mut line = Zeroizing::new(Vec::with_capacity(64));
    let mut stdin = std::io::stdin().lock();
    loop {
        let available =
            stdin.fill_buf().map_err(|error| Failure::plain(format_args!("標準入力: {error}")))?;
        let end = available.iter().position(|octet| *octet == b'\n');
        let taken = end.unwrap_or(available.len());
        if line.len() + taken > line.capacity() {
            return Err(Failure::coded(Code::PinForm, "標準入力の1行目が長すぎます"));
        }
        line.extend(available.iter().take(taken));
        let is_over = end.is_some() || available.is_empty();
        stdin.consume(taken + usize::from(end.is_some()));
        if is_over {
            break;
        }
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Pin::new(&line).map_err(|error| Failure::coded(Code::PinForm, error))?;
    Ok(line)
}

/// The clock.
pub(super) fn now() -> UnixTime {
    UnixTime(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()))
}
