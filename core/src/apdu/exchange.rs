//! One command and its answer over whatever carries bytes, with the two continuations of ISO 7816-4
//! (61xx, 6Cxx) handled here, once, below every command, and never for a command with a PIN.

#[cfg(all(shikaku_leaks, not(debug_assertions)))]
compile_error!("a program that leaves secrets in memory is for tests alone");

use zeroize::Zeroizing;

use super::command::Command;
use super::response::Response;
use super::status::Status;

/// Most GET RESPONSEs to one command: 16 × 256 octets are more than any answer that is asked for.
const MAX_CONTINUATIONS: usize = 16;

/// Why no answer came. Reported by whoever moves the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Fault {
    /// The card left the field or the slot.
    #[error("the card was taken away")]
    TagLost,
    /// No answer in time.
    #[error("the card did not answer in time")]
    Timeout,
    /// A person, or the system, ended it. The card may still be there.
    #[error("the tap was cancelled")]
    Cancelled,
    /// There is no card.
    #[error("there is no card")]
    CardAbsent,
    /// There is more than one.
    #[error("there is more than one card")]
    TwoCards,
    /// What lies there speaks another way than a My Number Card: a transit card, another NFC card or a phone.
    #[error("there is a card of another kind")]
    OtherKind,
    /// There is no reader.
    #[error("there is no reader")]
    ReaderAbsent,
    /// Another program holds the reader or the card.
    #[error("another program is using the card")]
    ReaderBusy,
    /// The reader failed in another way.
    #[error("the reader failed")]
    ReaderFailed,
}

impl Fault {
    /// Whether the card is still there to be left properly.
    pub(crate) const fn leaves_card(self) -> bool {
        matches!(self, Self::Cancelled)
    }
}

/// What carries a command to the card and brings one answer, or the reason why there is none.
///
/// It sends once. Repeating anything is not its business, nor anybody's.
pub(crate) trait Transceive {
    fn transceive(
        &mut self,
        command: Zeroizing<Vec<u8>>,
    ) -> impl Future<Output = Result<Vec<u8>, Fault>> + Send + Sync;
}

/// Why an exchange brought no response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broken {
    /// No answer came.
    Fault(Fault),
    /// What came is not a response.
    Garbage,
}

/// Sends `command` and brings its response.
///
/// A command with a PIN is sent once and its first answer is the answer. For the others 6Cxx leads to the same
/// question with the length that the card names, once and only if that makes another command of it; with data before
/// it, which ISO 7816-4 has not, it is the answer: a card that has signed is not made to sign again. 61xx is followed
/// to its end.
pub(crate) async fn exchange<T: Transceive + Send + Sync>(
    card: &mut T,
    command: Command,
) -> Result<Response, Broken> {
    if command.is_secret() {
        let octets = command.into_octets();
        // What the search of `tests/pcsc/memory` must find: a secret that is neither wiped nor freed.
        #[cfg(shikaku_leaks)]
        core::mem::forget(octets.clone());
        return send(card, octets).await;
    }
    let mut response = send(card, command.to_octets()).await?;
    if let Status::ExactLength { octets } = response.status()
        && !response.has_data()
        && let Some(again) = command.with_exact_length(octets)
    {
        response = send(card, again.into_octets()).await?;
    }
    for _ in 0..MAX_CONTINUATIONS {
        let Status::More { octets } = response.status() else { return Ok(response) };
        let more = send(card, Command::get_response(octets).into_octets()).await?;
        response = Response::joined(response.into_data(), more);
    }
    Err(Broken::Garbage)
}

async fn send<T: Transceive + Send + Sync>(
    card: &mut T,
    octets: Zeroizing<Vec<u8>>,
) -> Result<Response, Broken> {
    let answer = card.transceive(octets).await.map_err(Broken::Fault)?;
    Response::parse(answer).map_err(|_| Broken::Garbage)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Pin;
    use core::future::ready;
    use core::pin::pin;
    use core::task::{Context, Poll, Waker};

    /// Answers from a list and keeps what it was sent.
    struct Script {
        answers: Vec<Vec<u8>>,
        sent: Vec<Vec<u8>>,
    }

    impl Transceive for Script {
        fn transceive(
            &mut self,
            command: Zeroizing<Vec<u8>>,
        ) -> impl Future<Output = Result<Vec<u8>, Fault>> + Send + Sync {
            self.sent.push(command.to_vec());
            ready(if self.answers.is_empty() { Err(Fault::TagLost) } else { Ok(self.answers.remove(0)) })
        }
    }

    fn ask(command: Command, answers: &[&[u8]]) -> (Result<Response, Broken>, Vec<Vec<u8>>) {
        let mut script =
            Script { answers: answers.iter().map(|answer| answer.to_vec()).collect(), sent: Vec::new() };
        let result = match pin!(exchange(&mut script, command)).poll(&mut Context::from_waker(Waker::noop()))
        {
            Poll::Ready(result) => result,
            Poll::Pending => panic!("a script never waits"),
        };
        (result, script.sent)
    }

    #[test]
    fn an_exact_length_is_asked_for_once() {
        let (result, sent) = ask(Command::read(0, 256), &[&[0x6c, 0x02], &[1, 2, 0x90, 0x00]]);
        assert_eq!(result.unwrap().success(), Ok(vec![1, 2]));
        assert_eq!(sent, [vec![0x00, 0xb0, 0, 0, 0], vec![0x00, 0xb0, 0, 0, 2]]);
        let (result, sent) = ask(Command::read(0, 256), &[&[0x6c, 0x02], &[0x6c, 0x03]]);
        assert_eq!(result.unwrap().status(), Status::ExactLength { octets: 3 });
        assert_eq!(sent.len(), 2);
    }

    #[test]
    fn an_exact_length_with_data_before_it_is_not_asked_for() {
        let (result, sent) = ask(Command::read(0, 256), &[&[1, 0x6c, 0x02], &[1, 2, 0x90, 0x00]]);
        assert_eq!(result.unwrap().status(), Status::ExactLength { octets: 2 });
        assert_eq!(sent.len(), 1);
    }

    #[test]
    fn waiting_octets_are_fetched_and_joined() {
        let (result, sent) =
            ask(Command::read(0, 256), &[&[1, 0x61, 0x01], &[2, 0x61, 0x02], &[3, 0x90, 0x00]]);
        assert_eq!(result.unwrap().success(), Ok(vec![1, 2, 3]));
        assert_eq!(sent[1..], [vec![0x00, 0xc0, 0, 0, 1], vec![0x00, 0xc0, 0, 0, 2]]);
    }

    #[test]
    fn a_card_that_always_has_more_is_given_up() {
        let answers = vec![&[0x61_u8, 0x10][..]; 40];
        let (result, sent) = ask(Command::read(0, 256), &answers);
        assert_eq!(result, Err(Broken::Garbage));
        assert_eq!(sent.len(), 1 + MAX_CONTINUATIONS);
    }

    #[test]
    fn a_pin_is_sent_once_whatever_the_card_says() {
        for word in 0..=u16::MAX {
            let verify = Command::verify(&Pin::new(b"1234").unwrap());
            let (result, sent) = ask(verify, &[&word.to_be_bytes(), &[0x90, 0x00]]);
            assert_eq!(u16::from(result.unwrap().status()), word);
            assert_eq!(sent.len(), 1);
        }
    }

    #[test]
    fn no_answer_and_no_response_are_told_apart() {
        assert_eq!(ask(Command::tries_left(), &[]).0, Err(Broken::Fault(Fault::TagLost)));
        assert_eq!(ask(Command::tries_left(), &[&[0x90]]).0, Err(Broken::Garbage));
    }
}
