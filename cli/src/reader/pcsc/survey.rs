//! What PC/SC sees just now, for `shikaku readers`.

use std::time::Duration;

use pcsc::{Error, State};
use shikaku::guide::Code;

use super::super::ReaderError;
use super::super::sight::{CardSight, Sight, Standing};
use super::kind::Kind;
use super::slots::{Found, Slot, Slots};

/// Every PC/SC reader; or, if PC/SC cannot be used, why.
pub(crate) fn survey() -> Vec<Sight> {
    let mut slots = Slots::new(String::new());
    let seen = match slots.names() {
        Err(error) => Err(error),
        Ok(_) => slots.look(Duration::ZERO),
    };
    match seen.and_then(|found| if found == Found::NoService { Err(Error::NoService) } else { Ok(found) }) {
        Err(error) => {
            let ReaderError { fault, detail } = error.into();
            vec![Sight::none_of("pcsc", fault.code(), detail)]
        }
        Ok(Found::NoReader) => vec![Sight::none_of(
            "pcsc",
            Code::ReaderAbsent,
            "PC/SC のサービスは動いていますが、リーダーがつながっていません。差し直してください",
        )],
        Ok(_) => slots.slots().iter().map(sighted).collect(),
    }
}

fn sighted(slot: &Slot) -> Sight {
    let name = slot.name.to_string_lossy();
    let card = slot.state.contains(State::PRESENT).then(|| {
        let kind = Kind::of(&slot.atr);
        CardSight {
            kind: kind.name(),
            title: kind.title(),
            atr: Some(slot.atr.clone()).filter(|atr| !atr.is_empty()),
            is_mute: slot.state.contains(State::MUTE),
        }
    });
    let standing = if slot.state.contains(State::UNAVAILABLE) {
        Standing::unusable(Code::ReaderBusy, "ほかのプログラムがリーダーを使っています。閉じてください")
    } else if slot.state.contains(State::EXCLUSIVE) {
        Standing::unusable(
            Code::ReaderBusy,
            "ほかのプログラムがカードを独占しています。閉じてから、カードを置き直してください",
        )
    } else if slot.state.contains(State::INUSE) {
        Standing::unusable(
            Code::ReaderBusy,
            "ほかのプログラムがカードを使っています。閉じてから、カードを置き直してください",
        )
    } else {
        Standing::Usable
    };
    Sight { reader: format!("pcsc:{name}"), card, standing }
}
