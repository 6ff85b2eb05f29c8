//! libnfc: ISO 14443-4 Type B at 106 kbit/s, short APDUs only.
//!
//! libnfc copies commands and answers into buffers of 264 octets without looking: longer commands are refused
//! here, and reads are kept to what fits one frame.

use std::time::{Duration, Instant};

use nfc1::{BaudRate, Context, Device, Error, Modulation, ModulationType, Property, Timeout};
use shikaku::guide::Code;
use shikaku::tap::{Fault, ReaderLimits};

use super::{Cancel, Reader, ReaderError};
use crate::failure::Failure;

/// Longest command that libnfc's buffers hold: a short APDU with 255 octets of data and Le.
const MAX_COMMAND: usize = 261;
/// Answers: 256 octets and the status word, with room for what the chip puts before them.
const BUFFER: usize = 264;
/// The card may take 2.5 s and ask for more; any limit under 5 s can cut a legal answer.
const ANSWER: Duration = Duration::from_secs(10);
/// Most octets of one read that fit one frame.
const SHORT_READ: u16 = 251;
/// How long a person may take to lay the card down.
const PATIENCE: Duration = Duration::from_mins(1);
const GLANCE: Duration = Duration::from_millis(200);

/// A libnfc device. The context comes last: it must outlive the device.
pub(super) struct NfcReader {
    device: Device,
    name: String,
    connected: bool,
    _context: Context,
}

impl NfcReader {
    /// By connection string (`pn532_uart:/dev/ttyUSB0`), or the first device found.
    pub(super) fn open(connection: Option<&str>) -> Result<Self, Failure> {
        let failed = |error: Error| Failure::coded(Code::ReaderAbsent, format_args!("libnfc: {error}"));
        let mut context = Context::new().map_err(failed)?;
        let mut device = match connection {
            Some(connection) => context.open_with_connstring(connection),
            None => context.open(),
        }
        .map_err(failed)?;
        device.initiator_init().map_err(failed)?;
        // A poll that never ends could not be cancelled.
        device.set_property_bool(Property::InfiniteSelect, false).map_err(failed)?;
        Ok(Self {
            device,
            name: connection.unwrap_or("first").to_owned(),
            connected: false,
            _context: context,
        })
    }
}

impl Reader for NfcReader {
    fn connect(&mut self, cancel: &Cancel) -> Result<(), ReaderError> {
        self.disconnect();
        let modulation =
            Modulation { modulation_type: ModulationType::Iso14443b, baud_rate: BaudRate::Baud106 };
        self.device.set_property_bool(Property::ActivateField, true)?;
        let begin = Instant::now();
        while self.device.initiator_select_passive_target(&modulation).is_err() {
            if cancel.is_pressed() {
                return Err(ReaderError::new(Fault::Cancelled, "中止しました"));
            }
            if begin.elapsed() > PATIENCE {
                return Err(ReaderError::new(Fault::CardAbsent, "カードが置かれませんでした"));
            }
            std::thread::sleep(GLANCE);
        }
        self.connected = true;
        Ok(())
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, ReaderError> {
        if command.len() > MAX_COMMAND {
            return Err(ReaderError::new(Fault::ReaderFailed, "libnfc で送れる長さを超えています"));
        }
        if !self.connected {
            return Err(ReaderError::new(Fault::CardAbsent, "カードに接続していません"));
        }
        Ok(self.device.initiator_transceive_bytes(command, BUFFER, Timeout::Duration(ANSWER))?)
    }

    /// Releases the card and switches the field off: without power there is no PIN state.
    fn disconnect(&mut self) {
        if self.connected {
            self.connected = false;
            // Both fail if the card is gone, and then there is nothing left to do.
            let _ = self.device.initiator_deselect_target();
            let _ = self.device.set_property_bool(Property::ActivateField, false);
        }
    }

    fn limits(&self) -> ReaderLimits {
        ReaderLimits { extended_length: false, short_read: SHORT_READ }
    }

    fn name(&self) -> String {
        format!("nfc:{}", self.name)
    }
}

impl Drop for NfcReader {
    fn drop(&mut self) {
        self.disconnect();
    }
}

impl From<Error> for ReaderError {
    fn from(error: Error) -> Self {
        let (fault, advice) = match error {
            Error::TargetReleased | Error::RfTransmissionError => (Fault::TagLost, "カードが離れました"),
            Error::Timeout => (Fault::Timeout, "時間内に応答がありません"),
            Error::OperationAborted => (Fault::Cancelled, "中止しました"),
            Error::NoDeviceFound | Error::NoSuchDeviceFound => (Fault::ReaderAbsent, "リーダーがありません"),
            _ => (Fault::ReaderFailed, "リーダーとの通信に失敗しました"),
        };
        Self::new(fault, format!("{advice}（libnfc: {error}）"))
    }
}
