//! What a registered device keeps. Never: a PIN, an answer, anything of a patient but the certificate inside an unsent
//! check, and the day's history where the institution has switched that on.

use serde::{Deserialize, Serialize};

use crate::check::{ChallengePool, UnsentCheck, VerifiedAnswer};
use crate::guide::Code;
use crate::identifier::Date;
use crate::instant::UnixTime;
use crate::qualification::Mode;
use crate::settings::DeviceSettings;
use crate::trust::{TestEntries, TrustEntry, TrustError, TrustList};

/// What a registered device keeps, as it is sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// The trust list's entry that the device was registered under, as a list of its own.
    trust: String,
    /// Device settings in force; their signature was verified when they came, and the seal keeps them since.
    pub settings: DeviceSettings,
    /// Open challenges.
    pub challenges: ChallengePool,
    /// Seconds by which the service's clock is ahead, as a signed answer taught it.
    pub clock_offset: i64,
    /// Signed checks without an answer.
    pub unsent: Vec<UnsentCheck>,
    /// Which of the device's keys is the present one, from 1.
    #[serde(default = "first")]
    pub(super) key: u32,
    /// Whether that key is to be followed by the next one.
    #[serde(default)]
    pub(super) rotate: bool,
    /// Today's checks, if the institution wants them kept.
    #[serde(default)]
    history: Vec<HistoryEntry>,
}

const fn first() -> u32 {
    1
}

/// A check of today, as the device remembers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HistoryEntry {
    /// When the service answered.
    pub at: UnixTime,
    /// The outcome.
    pub code: Code,
    /// How the holder's presence was shown.
    pub mode: Mode,
    /// The name, all but its first character masked; empty where the answer names nobody.
    pub name: String,
}

impl State {
    /// The state after a registration.
    pub fn new(
        entry: &TrustEntry,
        settings: DeviceSettings,
        challenges: ChallengePool,
    ) -> Result<Self, TrustError> {
        let trust = TrustList::new(vec![entry.clone()], TestEntries::Allow)?.to_json();
        Ok(Self {
            trust,
            settings,
            challenges,
            clock_offset: 0,
            unsent: Vec::new(),
            key: first(),
            rotate: false,
            history: Vec::new(),
        })
    }

    /// The service that the device is registered with; an error is a code for damage.
    pub fn entry(&self) -> Result<TrustEntry, Code> {
        let list = TrustList::from_json(&self.trust, TestEntries::Allow).map_err(|_| Code::StateDamaged)?;
        list.entry(&self.settings.origin).cloned().ok_or(Code::StateDamaged)
    }

    /// Today's checks, oldest first.
    pub(super) fn history(&self, now: UnixTime) -> impl Iterator<Item = &HistoryEntry> {
        let wanted = self.settings.history;
        let today = Date::of(now);
        self.history.iter().filter(move |entry| wanted && Date::of(entry.at) == today)
    }

    /// Remembers an answer, if the institution wants that, and forgets yesterday's.
    pub(super) fn remember(&mut self, answer: &VerifiedAnswer, now: UnixTime) {
        self.forget_history(now);
        if self.settings.history {
            let answer = answer.answer();
            let name = answer.finding().name().map(|name| masked(name.as_str())).unwrap_or_default();
            let entry =
                HistoryEntry { at: answer.executed_at(), code: answer.code(), mode: answer.mode(), name };
            self.history.push(entry);
        }
    }

    /// Drops what is not today's, and all of it once the institution wants none. Says whether anything went.
    pub(super) fn forget_history(&mut self, now: UnixTime) -> bool {
        let kept: Vec<_> = self.history(now).cloned().collect();
        let before = core::mem::replace(&mut self.history, kept).len();
        before != self.history.len()
    }
}

/// `資格 太郎` as `資＊ ＊＊`.
fn masked(name: &str) -> String {
    let mask = |(place, character): (usize, char)| match character {
        _ if place == 0 || character.is_whitespace() => character,
        _ => '＊',
    };
    name.chars().enumerate().map(mask).collect()
}
