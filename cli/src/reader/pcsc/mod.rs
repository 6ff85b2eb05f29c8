//! PC/SC: the card for this program alone, and powered off on every way out.

mod capacity;
mod kind;
mod meaning;
mod slots;
mod survey;

use std::ffi::CString;
use std::thread::sleep;
use std::time::{Duration, Instant};

use pcsc::{Card, Disposition, Error, Protocols, ShareMode};
use shikaku::guide::Code;
use shikaku::tap::{Fault, ReaderLimits};
use zeroize::Zeroize as _;

use super::{Cancel, Family, Reader, ReaderError};
use crate::failure::Failure;
use crate::screen;
use meaning::is_gone;
use slots::{Found, Slots};
pub(super) use survey::survey;

/// How long a person may take to lay the card down.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long one wait lasts before Ctrl-C is looked at again.
const GLANCE: Duration = Duration::from_millis(300);
/// Between two looks, where the service answers at once.
const BREATH: Duration = Duration::from_millis(20);
/// How long another program may hold the card before it is said: systems look at each new card for a moment, as
/// Windows does for its certificates.
const MOMENT: Duration = Duration::from_secs(3);
/// Longest answer to an extended read: 65,536 octets and the status word.
const BUFFER: usize = 65_538;

/// The PC/SC readers of that name, and the card in one of them.
pub(super) struct PcscReader {
    slots: Slots,
    card: Option<Card>,
    /// Where the card lies, or lay last.
    reader: Option<CString>,
    /// What that reader carries.
    limits: ReaderLimits,
    buffer: Vec<u8>,
}

impl PcscReader {
    /// The readers whose name contains `part`, or all. Fails at once if there is none; one that goes later is waited
    /// for.
    pub(super) fn open(part: Option<&str>) -> Result<Self, Failure> {
        let mut slots = Slots::new(part.unwrap_or_default().to_owned());
        let names = slots.names().map_err(explain)?;
        let names: Vec<_> = names.iter().map(|name| name.to_string_lossy()).collect();
        if !names.iter().any(|name| name.contains(slots.part())) {
            let wanted = part.map(|part| format!("「{part}」を含む")).unwrap_or_default();
            let there =
                if names.is_empty() { "ひとつもありません".to_owned() } else { names.join("、") };
            return Err(Failure::coded(
                Code::ReaderAbsent,
                format_args!("{wanted}PC/SC リーダーがありません（つながっているもの: {there}）"),
            ));
        }
        Ok(Self { slots, card: None, reader: None, limits: ReaderLimits::EXTENDED, buffer: vec![0; BUFFER] })
    }

    /// Takes the card in this reader. The transaction lasts as long as the connection: Windows takes the power from a
    /// card whose transaction stands idle for five seconds, should this program hang.
    fn take(&mut self, reader: CString) -> Result<(), Error> {
        let mut card = self.slots.context()?.connect(&reader, ShareMode::Exclusive, Protocols::ANY)?;
        // It ends with the connection, whose end takes the power away.
        if let Err(error) = card.transaction().map(std::mem::forget) {
            power_off(card);
            return Err(error);
        }
        self.limits = capacity::limits(&card);
        self.card = Some(card);
        self.reader = Some(reader);
        Ok(())
    }

    /// Waits until one card lies there and takes it.
    fn wait(&mut self, cancel: &Cancel) -> Result<(), ReaderError> {
        let begin = Instant::now();
        let mut held_since: Option<Instant> = None;
        let mut said = Found::Empty;
        loop {
            let found = self.slots.look(GLANCE)?;
            if let Found::Cards(names) = &found {
                return Err(several(names));
            }
            let mut why = None;
            let held_before = held_since.take();
            if let Found::Card(reader) = &found {
                match self.take(reader.clone()) {
                    Ok(()) => return Ok(()),
                    Err(Error::SharingViolation) => {
                        let since = *held_since.insert(held_before.unwrap_or_else(Instant::now));
                        if since.elapsed() > MOMENT {
                            return Err(Error::SharingViolation.into());
                        }
                    }
                    Err(error) if is_gone(error) => why = Some(error),
                    Err(error) => return Err(error.into()),
                }
            }
            if cancel.is_pressed() {
                return Err(ReaderError::new(Fault::Cancelled, "中止しました"));
            }
            if begin.elapsed() > PATIENCE {
                return Err(why.map_or_else(|| nothing(&found), ReaderError::from));
            }
            say(&found, &mut said);
            pause(&found);
        }
    }
}

impl Reader for PcscReader {
    fn connect(&mut self, cancel: &Cancel) -> Result<(), ReaderError> {
        self.disconnect();
        self.wait(cancel)
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, ReaderError> {
        let card = self
            .card
            .as_ref()
            .ok_or_else(|| ReaderError::new(Fault::CardAbsent, "カードに接続していません"))?;
        let answer = card.transmit(command, &mut self.buffer)?;
        // Some drivers report a card that has left as a success without an octet.
        if answer.is_empty() { Err(Error::RemovedCard.into()) } else { Ok(answer.to_vec()) }
    }

    fn disconnect(&mut self) {
        if let Some(card) = self.card.take() {
            power_off(card);
            self.buffer.as_mut_slice().zeroize();
        }
    }

    fn await_lifted(&mut self, cancel: &Cancel) -> Result<(), ReaderError> {
        self.disconnect();
        let mut said = Found::Empty;
        let mut is_asked = false;
        loop {
            let found = self.slots.look(GLANCE)?;
            match found {
                Found::Empty => return Ok(()),
                Found::Card(_) | Found::Cards(_) | Found::Mute => {
                    if !std::mem::replace(&mut is_asked, true) {
                        screen::note("前の方のカードを、リーダーから離してください。");
                    }
                }
                // The card may still lie there when they are back.
                Found::NoService | Found::NoReader => say(&found, &mut said),
            }
            if cancel.is_pressed() {
                return Err(ReaderError::new(Fault::Cancelled, "中止しました"));
            }
            pause(&found);
        }
    }

    fn limits(&self) -> ReaderLimits {
        self.limits
    }

    fn family(&self) -> Family {
        let status = self.card.as_ref().and_then(|card| card.status2_owned().ok());
        status.map(|status| Family::of(status.atr())).unwrap_or_default()
    }

    fn name(&self) -> String {
        let reader = self.reader.as_ref().map(|name| name.to_string_lossy());
        format!("pcsc:{}", reader.unwrap_or_else(|| self.slots.part().into()))
    }
}

impl Drop for PcscReader {
    fn drop(&mut self) {
        self.disconnect();
    }
}

/// Power off, not reset: a warm reset leaves the PIN state of this card in force.
fn power_off(card: Card) {
    if let Err((card, _)) = card.disconnect(Disposition::UnpowerCard) {
        // The card or the reader is gone, and power with it; dropping resets whatever is left.
        drop(card);
    }
}

/// Says once what is waited for, if it is not the card.
fn say(found: &Found, said: &mut Found) {
    let text = match found {
        Found::NoService => Some("PC/SC のサービスが動いていません。動きだすのを待っています。"),
        Found::NoReader => Some("リーダーがつながっていません。つなぐのを待っています。"),
        Found::Mute => Some("カードが応答しません。向きを確かめて、置き直してください。"),
        Found::Empty | Found::Card(_) | Found::Cards(_) => None,
    };
    if let Some(text) = text
        && std::mem::discriminant(found) != std::mem::discriminant(said)
    {
        screen::note(text);
    }
    match found {
        Found::NoService => *said = Found::NoService,
        Found::NoReader => *said = Found::NoReader,
        Found::Mute => *said = Found::Mute,
        _ => *said = Found::Empty,
    }
}

/// Where there is no service to wait at, the wait is here.
fn pause(found: &Found) {
    sleep(if *found == Found::NoService { GLANCE } else { BREATH });
}

/// The person has waited long enough.
fn nothing(found: &Found) -> ReaderError {
    match found {
        Found::NoService => Error::NoService.into(),
        Found::NoReader => Error::NoReadersAvailable.into(),
        Found::Mute => Error::UnresponsiveCard.into(),
        _ => ReaderError::new(Fault::CardAbsent, "カードが置かれませんでした"),
    }
}

fn several(names: &[String]) -> ReaderError {
    ReaderError::new(
        Fault::TwoCards,
        format!(
            "カードが{}つのリーダーにあります: {}。1枚だけ残すか、--reader pcsc:名前の一部 でリーダーを選んでください",
            names.len(),
            names.join("、")
        ),
    )
}

fn explain(error: Error) -> Failure {
    let error = ReaderError::from(error);
    Failure::coded(error.fault.code(), error.detail)
}
