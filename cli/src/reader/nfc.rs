//! libnfc: ISO 14443-4 Type B at 106 kbit/s, short APDUs only.
//!
//! libnfc copies commands and answers into buffers of 264 octets without looking: longer commands are refused
//! here, and reads are kept to what fits one frame.

#[cfg(unix)]
use std::os::fd::OwnedFd;
use std::thread::sleep;
use std::time::{Duration, Instant};

use nfc1::target_info::TargetInfo;
use nfc1::{BaudRate, Context, Device, Error, Modulation, ModulationType, Property, Timeout};
#[cfg(unix)]
use rustix::fs::{FlockOperation, Mode, OFlags, flock, open};
use shikaku::guide::Code;
use shikaku::tap::{Fault, ReaderLimits};

use super::sight::{Sight, Standing};
use super::{Cancel, Family, Reader, ReaderError};
use crate::failure::Failure;
use crate::screen;

/// Longest command that libnfc's buffers hold: a short APDU with 255 octets of data and Le.
const MAX_COMMAND: usize = 261;
/// Answers: 256 octets and the status word, with room for what the chip puts before them.
const BUFFER: usize = 264;
/// The card may take 2.5 s and ask for more; any limit under 5 s can cut a legal answer.
const ANSWER: Duration = Duration::from_secs(10);
/// Most octets of one read that, with the status word and three octets of protocol, fit one frame of 256: the card
/// then chains nothing. Costs no exchange: a certificate of 1,590 octets is seven reads of 251 as of 256. Nothing
/// longer may be asked for: no extended length, for 264 octets are all that libnfc has room for.
const SHORT_READ: u16 = 251;
/// How long a person may take to lay the card down.
const PATIENCE: Duration = Duration::from_mins(1);
/// Most devices that are listed.
const DEVICES: usize = 16;
const GLANCE: Duration = Duration::from_millis(200);
/// Looks in a row that find nothing before a card counts as gone: at the edge of the field one look may miss it.
const EMPTY_LOOKS: u32 = 3;
/// Without the field for so long a card has lost its state: 5 ms by ISO 14443-3, doubled.
const POWERLESS: Duration = Duration::from_millis(10);
const NONE_FOUND: &str = "libnfc のリーダーが見つかりません。シリアル接続のものは nfc:pn532_uart:/dev/ttyUSB0 のように指定してください";

const TYPE_A: Modulation =
    Modulation { modulation_type: ModulationType::Iso14443a, baud_rate: BaudRate::Baud106 };
const TYPE_B: Modulation =
    Modulation { modulation_type: ModulationType::Iso14443b, baud_rate: BaudRate::Baud106 };
const FELICA: [Modulation; 2] = [
    Modulation { modulation_type: ModulationType::Felica, baud_rate: BaudRate::Baud212 },
    Modulation { modulation_type: ModulationType::Felica, baud_rate: BaudRate::Baud424 },
];

/// A libnfc device. The context comes last: it must outlive the device.
pub(super) struct NfcReader {
    device: Device,
    name: String,
    field: bool,
    connected: bool,
    family: Family,
    _context: Context,
    /// Held until libnfc has let go of the line.
    #[cfg(unix)]
    _line: Option<OwnedFd>,
}

impl NfcReader {
    /// By connection string (`pn532_uart:/dev/ttyUSB0`), or the first device found.
    pub(super) fn open(connection: Option<&str>) -> Result<Self, Failure> {
        let failed = |error: Error| {
            Failure::coded(
                Code::ReaderAbsent,
                format_args!(
                    "リーダーが答えません。つながっていないか、ほかのプログラムが使っています（libnfc: {error}）"
                ),
            )
        };
        let mut context = Context::new().map_err(failed)?;
        let connection = match connection {
            Some(connection) => connection.to_owned(),
            None => first(&mut context)?,
        };
        #[cfg(unix)]
        let line = take_line(&connection)?;
        let mut device = context.open_with_connstring(&connection).map_err(failed)?;
        device.initiator_init().map_err(failed)?;
        // A poll that never ends could not be cancelled.
        device.set_property_bool(Property::InfiniteSelect, false).map_err(failed)?;
        Ok(Self {
            device,
            name: connection,
            field: true,
            connected: false,
            family: Family::default(),
            _context: context,
            #[cfg(unix)]
            _line: line,
        })
    }

    /// One look for a card of type B, which is selected if it is there; its PUPI.
    ///
    /// When libnfc finds none it reports success, and leaves the target as it was made: of type A and empty.
    fn select(&mut self) -> Result<Option<[u8; 4]>, ReaderError> {
        match self.device.initiator_select_passive_target(&TYPE_B) {
            Ok(target) => Ok(match target.target_info {
                TargetInfo::Iso14443b(card) => {
                    self.family = Family::of(&card.protocol_info);
                    Some(card.pupi)
                }
                _ => None,
            }),
            // A card at the edge of the field, or two that speak at once: look again.
            Err(Error::RfTransmissionError | Error::TargetReleased) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// What lies there that is no card of type B, if anything does: no My Number Card, or one on a phone, which is of
    /// type A and not for libnfc.
    fn other_kind(&mut self) -> Option<&'static str> {
        let mut finds = |modulation| match self.device.initiator_select_passive_target(modulation) {
            Ok(target) => match target.target_info {
                TargetInfo::Iso14443a(card) => card.uid_len > 0,
                TargetInfo::Felica(_) => true,
                _ => false,
            },
            Err(_) => false,
        };
        if finds(&TYPE_A) {
            return Some("Type A のカードかスマートフォンが置かれています");
        }
        FELICA.iter().any(finds).then_some("交通系カードなど、FeliCa が置かれています")
    }

    /// A card and no other, selected with a fresh power-up; `None` if there is none yet.
    ///
    /// The first card is put to sleep, and who answers then is a second one.
    fn take(&mut self) -> Result<Option<()>, ReaderError> {
        let Some(first) = self.select()? else {
            return Ok(None);
        };
        self.device.initiator_deselect_target()?;
        if self.select()?.is_some_and(|second| second != first) {
            return Err(ReaderError::new(Fault::TwoCards, "カードが2枚あります。1枚だけ置いてください"));
        }
        self.set_field(false)?;
        sleep(POWERLESS);
        self.set_field(true)?;
        Ok(self.select()?.map(|_| ()))
    }

    fn wait(&mut self, cancel: &Cancel) -> Result<(), ReaderError> {
        let begin = Instant::now();
        self.set_field(true)?;
        while self.take()?.is_none() {
            if let Some(kind) = self.other_kind() {
                return Err(ReaderError::new(Fault::OtherKind, kind));
            }
            if cancel.is_pressed() {
                return Err(ReaderError::new(Fault::Cancelled, "中止しました"));
            }
            if begin.elapsed() > PATIENCE {
                return Err(ReaderError::new(Fault::CardAbsent, "カードが置かれませんでした"));
            }
            sleep(GLANCE);
        }
        Ok(())
    }

    /// Whether a card of type B lies there; the field is on for that look alone.
    fn is_anything_there(&mut self) -> Result<bool, ReaderError> {
        self.set_field(true)?;
        let found = self.select()?.is_some();
        if found {
            self.device.initiator_deselect_target()?;
        }
        self.set_field(false)?;
        Ok(found)
    }

    fn set_field(&mut self, on: bool) -> Result<(), ReaderError> {
        self.field |= on;
        self.device.set_property_bool(Property::ActivateField, on)?;
        self.field = on;
        Ok(())
    }
}

/// The connection string of the first device that libnfc finds by itself.
fn first(context: &mut Context) -> Result<String, Failure> {
    let found = context.list_devices(1).map_err(|error| Failure::coded(Code::ReaderFailed, error))?;
    found.into_iter().next().ok_or_else(|| Failure::coded(Code::ReaderAbsent, NONE_FOUND))
}

/// Takes the serial line of a connection string, such as `pn532_uart:/dev/ttyUSB0:115200`, for this program alone. libnfc
/// only marks it in the modes of its terminal, which not every system keeps; the kernel's lock also ends with a program
/// that is killed. Nothing if it is no file: libnfc then says what is wrong.
#[cfg(unix)]
fn take_line(connection: &str) -> Result<Option<OwnedFd>, Failure> {
    let path = connection.split(':').nth(1).unwrap_or_default();
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let Ok(line) = open(path, flags, Mode::empty()) else { return Ok(None) };
    match flock(&line, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Some(line)),
        Err(error) => Err(Failure::coded(
            Code::ReaderBusy,
            format_args!("リーダーをほかのプログラムが使っています（{error}）"),
        )),
    }
}

/// Every device that libnfc finds by itself. Serial ones are found only where libnfc's configuration names them.
pub(super) fn survey() -> Vec<Sight> {
    let listed = Context::new().and_then(|mut context| context.list_devices(DEVICES));
    let found = match listed {
        Ok(found) => found,
        Err(error) => {
            let ReaderError { fault, detail } = error.into();
            return vec![Sight::none_of("nfc", fault.code(), detail)];
        }
    };
    if found.is_empty() {
        return vec![Sight::none_of("nfc", Code::ReaderAbsent, NONE_FOUND.to_owned())];
    }
    let sight = |name| Sight { reader: format!("nfc:{name}"), card: None, standing: Standing::Usable };
    found.into_iter().map(sight).collect()
}

impl Reader for NfcReader {
    fn connect(&mut self, cancel: &Cancel) -> Result<(), ReaderError> {
        self.disconnect();
        let found = self.wait(cancel);
        self.connected = found.is_ok();
        if found.is_err() {
            self.disconnect();
        }
        found
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
        // Both fail if the card or the reader is gone, and then there is nothing left to do.
        if std::mem::take(&mut self.connected) {
            let _ = self.device.initiator_deselect_target();
        }
        if self.field {
            let _ = self.set_field(false);
        }
    }

    fn await_lifted(&mut self, cancel: &Cancel) -> Result<(), ReaderError> {
        self.disconnect();
        let mut is_said = false;
        let mut empty = 0;
        while empty < EMPTY_LOOKS {
            if self.is_anything_there()? {
                empty = 0;
                if !std::mem::replace(&mut is_said, true) {
                    screen::note("前の方のカードを、リーダーから離してください。");
                }
            } else {
                empty += 1;
            }
            if cancel.is_pressed() {
                return Err(ReaderError::new(Fault::Cancelled, "中止しました"));
            }
            sleep(GLANCE);
        }
        Ok(())
    }

    fn limits(&self) -> ReaderLimits {
        ReaderLimits { extended_length: false, short_read: SHORT_READ }
    }

    fn family(&self) -> Family {
        self.family.clone()
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
