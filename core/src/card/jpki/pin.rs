//! The PIN's counter and VERIFY. What the counter said, and in which form, decides how VERIFY is sent.

use super::{Failure, Jpki, Locked, Spent, Unlocked};
use crate::apdu::command::Command;
use crate::apdu::exchange::{Transceive, exchange};
use crate::apdu::response::Response;
use crate::apdu::{Fault, Status};
use crate::card::strategy::{Probe, Strategy};
use crate::card::tries::{Permit, TriesLeft};
use crate::secret::Pin;

/// How VERIFY names the PIN's file. Made by [`Jpki::counter`] alone: as the counter was read, so the PIN is sent.
#[derive(Debug)]
pub(crate) struct Naming(Named);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Named {
    /// The file is selected.
    Selected,
    /// By short id, in which form the counter has shown so many tries, all that there can be.
    ShortId { tries: u8 },
}

/// What the PIN's counter says.
pub(crate) enum Counter {
    Left(TriesLeft, Naming),
    Blocked,
    /// Neither: nothing may be tried.
    Unreadable(Status),
}

/// What became of a VERIFY.
pub(crate) enum Verification<'a, T> {
    Accepted(Jpki<'a, T, Unlocked>),
    Refused(Jpki<'a, T, Spent>, Status),
    /// An answer that is none: whether a try was spent is not known.
    Garbled(Jpki<'a, T, Spent>),
    /// No answer: whether a try was spent is not known.
    Lost(Jpki<'a, T, Spent>, Fault),
}

impl<'a, T: Transceive + Send + Sync> Jpki<'a, T, Locked> {
    /// Tries left of the PIN. Spends nothing.
    ///
    /// Asked `by_short_id`, only a full counter is the answer: it is what a card shows of nobody else's credential
    /// by mistake, and all that VERIFY in that form is sent on. Fewer tries are asked for again in the standard form,
    /// because a person is told of them; so is everything else that the form brings.
    pub(crate) async fn counter(
        &mut self,
        by_short_id: bool,
        strategy: &mut Strategy,
    ) -> Result<Counter, Failure> {
        if by_short_id && let Some(full) = self.counter_by_short_id(strategy).await? {
            return Ok(full);
        }
        self.select_file(self.profile.pin).await?.map_err(Failure::Status)?;
        let status = bare_status(&exchange(self.card, Command::tries_left()).await?)?;
        Ok(match status {
            Status::Tries { left: 0 } | Status::AuthenticationBlocked | Status::ReferenceBlocked => {
                Counter::Blocked
            }
            Status::Tries { left } => TriesLeft::new(left, self.profile.tries)
                .map_or(Counter::Unreadable(status), |tries| Counter::Left(tries, Naming(Named::Selected))),
            other => Counter::Unreadable(other),
        })
    }

    /// The counter by short id, if it shows every try. Accepted are 63C0 to 63C3 and nothing else.
    async fn counter_by_short_id(&mut self, strategy: &mut Strategy) -> Result<Option<Counter>, Failure> {
        let limit = self.profile.tries;
        strategy.counter_by_short_id = strategy.counter_by_short_id.doubted();
        let answer = exchange(self.card, Command::tries_left_by_short_id(self.profile.pin.short())).await;
        let left = match answer.map_err(Failure::from).and_then(|response| bare_status(&response)) {
            Err(fault @ Failure::Fault(_)) => return Err(fault),
            Ok(Status::Tries { left }) if left <= limit => Some(left),
            Ok(_) | Err(Failure::Garbage | Failure::Status(_)) => None,
        };
        strategy.counter_by_short_id = if left.is_some() { Probe::Works } else { Probe::Refused };
        let full = left.filter(|left| *left == limit).and_then(|left| TriesLeft::new(left, limit));
        Ok(full.map(|tries| Counter::Left(tries, Naming(Named::ShortId { tries: tries.count() }))))
    }

    /// **Spends a try** unless the PIN is right: sends VERIFY, once. The PIN is gone afterwards, whatever comes.
    ///
    /// Call after [`Jpki::counter`]: `permit` is made from what it said, and `naming` is how it was asked. A VERIFY
    /// by short id with any other answer than this card gives to VERIFY drops that form.
    pub(crate) async fn verify(
        self,
        pin: Pin,
        permit: Permit,
        naming: Naming,
        strategy: &mut Strategy,
    ) -> Verification<'a, T> {
        let Naming(named) = naming;
        let command = match named {
            Named::Selected => Command::verify(&pin),
            Named::ShortId { .. } => {
                strategy.verify_by_short_id = strategy.verify_by_short_id.doubted();
                Command::verify_by_short_id(self.profile.pin.short(), &pin)
            }
        };
        drop((pin, permit));
        let answer = exchange(self.card, command).await.map_err(Failure::from);
        let answer = answer.and_then(|response| bare_status(&response));
        if let Named::ShortId { tries } = named {
            strategy.verify_by_short_id = learned(answer, tries, strategy.verify_by_short_id);
        }
        match answer {
            Ok(Status::Success) => Verification::Accepted(self.become_state()),
            Ok(other) | Err(Failure::Status(other)) => Verification::Refused(self.become_state(), other),
            Err(Failure::Garbage) => Verification::Garbled(self.become_state()),
            Err(Failure::Fault(fault)) => Verification::Lost(self.become_state(), fault),
        }
    }
}

/// What the answer to a VERIFY by short id shows of the form, whose counter had shown `tries`. A wrong PIN that did
/// not count, or counted otherwise than by one, was not looked at as a PIN.
fn learned(answer: Result<Status, Failure>, tries: u8, doubted: Probe) -> Probe {
    match answer {
        Ok(Status::Success) => Probe::Works,
        Ok(Status::Tries { left }) if left.checked_add(1) == Some(tries) => Probe::Works,
        Ok(Status::AuthenticationBlocked | Status::ReferenceBlocked) | Err(Failure::Fault(_)) => doubted,
        Ok(_) | Err(_) => Probe::Refused,
    }
}

/// The status of an answer that must carry no data.
fn bare_status(response: &Response) -> Result<Status, Failure> {
    if response.has_data() { Err(Failure::Garbage) } else { Ok(response.status()) }
}
