//! PC/SC: the card for this program alone, and powered off on every way out.

use std::ffi::{CStr, CString};
use std::time::{Duration, Instant};

use pcsc::{Card, Context, Disposition, Error, Protocols, ReaderState, Scope, ShareMode, State};
use shikaku::guide::Code;
use shikaku::tap::{Fault, ReaderLimits};

use super::{Cancel, Reader, ReaderError};
use crate::failure::Failure;

/// How long a person may take to lay the card down.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long one wait lasts before Ctrl-C is looked at again.
const GLANCE: Duration = Duration::from_millis(300);
/// Longest answer to an extended read: 65,536 octets and the status word.
const BUFFER: usize = 65_538;

/// One PC/SC reader, with or without a card.
pub(super) struct PcscReader {
    context: Context,
    reader: CString,
    card: Option<Card>,
    buffer: Vec<u8>,
}

impl PcscReader {
    /// The first reader whose name contains `part`, or the first of all.
    pub(super) fn open(part: Option<&str>) -> Result<Self, Failure> {
        let context =
            Context::establish(Scope::User).map_err(|error| explain(error, "PC/SC に接続できません"))?;
        let readers =
            context.list_readers_owned().map_err(|error| explain(error, "リーダーの一覧が得られません"))?;
        let names: Vec<String> = readers.iter().map(|name| name.to_string_lossy().into_owned()).collect();
        let wanted = part.unwrap_or_default();
        let reader =
            readers.into_iter().find(|name| name.to_string_lossy().contains(wanted)).ok_or_else(|| {
                Failure::coded(
                    Code::ReaderAbsent,
                    format_args!("「{wanted}」を含むリーダーがありません（ある: {}）", names.join(", ")),
                )
            })?;
        Ok(Self { context, reader, card: None, buffer: vec![0; BUFFER] })
    }

    /// Waits until the slot says that a card lies there.
    fn wait(&self, cancel: &Cancel) -> Result<(), ReaderError> {
        let mut states = [ReaderState::new(self.reader.clone(), State::UNAWARE)];
        let begin = Instant::now();
        loop {
            match self.context.get_status_change(GLANCE, &mut states) {
                Ok(()) | Err(Error::Timeout) => {}
                Err(error) => return Err(error.into()),
            }
            for state in &mut states {
                state.sync_current_state();
            }
            if states.iter().any(|state| state.current_state().contains(State::PRESENT)) {
                return Ok(());
            }
            if states.iter().any(|state| state.current_state().intersects(State::UNKNOWN | State::IGNORE)) {
                return Err(Error::ReaderUnavailable.into());
            }
            if cancel.is_pressed() {
                return Err(ReaderError::new(Fault::Cancelled, "中止しました"));
            }
            if begin.elapsed() > PATIENCE {
                return Err(ReaderError::new(Fault::CardAbsent, "カードが置かれませんでした"));
            }
        }
    }
}

impl Reader for PcscReader {
    fn connect(&mut self, cancel: &Cancel) -> Result<(), ReaderError> {
        self.disconnect();
        self.wait(cancel)?;
        let reader: &CStr = &self.reader;
        self.card = Some(self.context.connect(reader, ShareMode::Exclusive, Protocols::ANY)?);
        Ok(())
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, ReaderError> {
        let card = self
            .card
            .as_ref()
            .ok_or_else(|| ReaderError::new(Fault::CardAbsent, "カードに接続していません"))?;
        Ok(card.transmit(command, &mut self.buffer)?.to_vec())
    }

    /// Power off, not reset: a warm reset leaves the PIN state of this card in force.
    fn disconnect(&mut self) {
        if let Some(card) = self.card.take()
            && let Err((card, _)) = card.disconnect(Disposition::UnpowerCard)
        {
            // The card or the reader is gone, and power with it; dropping resets whatever is left.
            drop(card);
        }
    }

    fn limits(&self) -> ReaderLimits {
        ReaderLimits::EXTENDED
    }

    fn name(&self) -> String {
        format!("pcsc:{}", self.reader.to_string_lossy())
    }
}

impl Drop for PcscReader {
    fn drop(&mut self) {
        self.disconnect();
    }
}

impl From<Error> for ReaderError {
    fn from(error: Error) -> Self {
        let (fault, advice) = meaning(error);
        Self::new(fault, format!("{advice}（{error}）"))
    }
}

fn explain(error: Error, what: &str) -> Failure {
    let (fault, advice) = meaning(error);
    Failure::coded(fault.code(), format_args!("{what}。{advice}（{error}）"))
}

/// What each PC/SC error means to the core, and what a person does about it.
const fn meaning(error: Error) -> (Fault, &'static str) {
    match error {
        Error::SharingViolation => (
            Fault::ReaderBusy,
            "ほかのプログラムがカードを使っています。閉じてから、もう一度カードを置いてください",
        ),
        Error::NoSmartcard | Error::RemovedCard => (Fault::TagLost, "カードが離れました"),
        Error::ResetCard => (Fault::TagLost, "ほかのプログラムがカードをリセットしました"),
        Error::UnpoweredCard | Error::UnresponsiveCard | Error::UnsupportedCard => {
            (Fault::TagLost, "カードが応答しません。置き直してください")
        }
        Error::Timeout => (Fault::Timeout, "時間内に応答がありません"),
        Error::Cancelled => (Fault::Cancelled, "中止しました"),
        Error::NoService | Error::ServiceStopped => (
            Fault::ReaderAbsent,
            "PC/SC のサービス（pcscd、Windows では Smart Card サービス）が動いていません",
        ),
        Error::NoReadersAvailable | Error::UnknownReader | Error::ReaderUnavailable => {
            (Fault::ReaderAbsent, "リーダーがありません。差し直してください")
        }
        _ => (Fault::ReaderFailed, "リーダーとの通信に失敗しました"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_program_on_the_card_is_said_so() {
        let error = ReaderError::from(Error::SharingViolation);
        assert_eq!(error.fault, Fault::ReaderBusy);
        assert!(error.detail.contains("ほかのプログラム"), "{error}");
    }

    #[test]
    fn a_card_that_is_gone_is_a_lost_tag() {
        for error in [Error::RemovedCard, Error::ResetCard, Error::NoSmartcard, Error::UnpoweredCard] {
            assert_eq!(ReaderError::from(error).fault, Fault::TagLost);
        }
    }
}
