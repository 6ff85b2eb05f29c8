//! The stepper of a reader: one request at a time, written once, answered once.

use core::{fmt, mem};

use zeroize::Zeroizing;

use super::descriptor::{Descriptor, Level};
use super::failure::{Cause, Failure};
use super::message::{
    self, Arrival, CardState, HEADER, Incoming, Kind, Mark, Notification, Portion, Progress,
};
use crate::apdu::Fault;
use crate::card::strategy::ReaderLimits;

/// Longest response: 65,536 octets of data and the status word (ISO 7816-4, extended length).
const LONGEST_RESPONSE: usize = 65_536 + 2;
/// Longest answer to reset that is kept; ISO 7816-3 knows 33 octets.
const LONGEST_ATR: usize = 64;
/// How long one read may wait, in milliseconds; a signature takes under a second, and a reader that needs longer
/// says so.
const READ_MS: u32 = 5_000;
/// How long one request may take altogether, in milliseconds, however often the card asks for more time.
const REQUEST_MS: u32 = 20_000;
/// Most transfers for one request: the longest response in the smallest parts takes some 300, and a card that asks for
/// time ten times a second 200.
const MOST_TRANSFERS: u16 = 1_000;
/// Most octets of one read: what every version of Android and Linux moves in one transfer, and a whole number of
/// packets at every speed.
const LONGEST_READ: usize = 16_384;

/// What the shell does next. May hold a PIN, so it is neither cloned nor compared.
pub enum Step {
    /// Send these octets on the bulk-out endpoint, once, then call [`Reader::written`] or [`Reader::fail`].
    Write {
        /// A whole message, wiped when dropped. A shell that copies it wipes its copy after sending.
        message: Zeroizing<Vec<u8>>,
    },
    /// Make one transfer on the bulk-in endpoint, then call [`Reader::received`] or [`Reader::fail`].
    Read {
        /// Room for so many octets, a whole number of packets up to 16,384.
        most: usize,
        /// How long to wait, in milliseconds.
        within_ms: u32,
    },
    /// The request is over.
    Done(Done),
}

/// The kind and length of a message, never its octets: a PIN may be in them.
impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Write { message } => write!(f, "Write({} octets)", message.len()),
            Self::Read { most, within_ms } => write!(f, "Read({most} octets, {within_ms} ms)"),
            Self::Done(done) => write!(f, "Done({done:?})"),
        }
    }
}

/// What came of a request.
#[derive(Clone, PartialEq, Eq)]
pub enum Done {
    /// The card is powered; its answer to reset.
    Powered {
        /// As the reader gave it, up to 64 octets.
        atr: Vec<u8>,
    },
    /// What lies there now.
    Card(CardState),
    /// The card's answer, as it came: what it means is the tap's business.
    Response(Vec<u8>),
    /// Nothing came of it.
    Failed(Failure),
}

/// A response may be of a person; only its length is told.
impl fmt::Debug for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Powered { atr } => write!(f, "Powered({} octets)", atr.len()),
            Self::Card(state) => write!(f, "Card({state:?})"),
            Self::Response(response) => write!(f, "Response({} octets)", response.len()),
            Self::Failed(failure) => write!(f, "Failed({failure:?})"),
        }
    }
}

/// What was asked for.
enum Request {
    PowerOn,
    /// The card's parameters, after power on; the answer to reset waits here.
    Parameters(Vec<u8>),
    PowerOff,
    Status,
    Transmit {
        /// What has not been sent yet.
        unsent: Zeroizing<Vec<u8>>,
        response: Zeroizing<Vec<u8>>,
    },
}

/// One request on its way.
struct Turn {
    request: Request,
    /// What has arrived of the next message.
    arrived: Zeroizing<Vec<u8>>,
    is_written: bool,
    budget: Budget,
}

/// What is left for a request, over all its messages.
#[derive(Clone, Copy)]
struct Budget {
    left_ms: u32,
    transfers: u16,
}

impl Budget {
    /// After one more transfer; `None` when nothing is left.
    fn spend(self, elapsed_ms: u32) -> Option<Self> {
        let left_ms = self.left_ms.checked_sub(elapsed_ms).filter(|left| *left > 0)?;
        let transfers = self.transfers.checked_sub(1).filter(|left| *left > 0)?;
        Some(Self { left_ms, transfers })
    }
}

/// One slot of one reader.
///
/// A request that is abandoned for another is over: nothing of it is sent any more, and its answer, should it still
/// come, is passed over.
pub struct Reader {
    descriptor: Descriptor,
    slot: u8,
    sequence: u8,
    has_power: bool,
    turn: Option<Turn>,
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reader(slot {}, {:?})", self.slot, self.descriptor.level)
    }
}

impl Reader {
    /// The slot `slot` (from 0; the last one if there are fewer) of a reader whose interface has been claimed.
    pub fn new(descriptor: Descriptor, slot: u8) -> Self {
        let slot = slot.min(descriptor.last_slot);
        Self { descriptor, slot, sequence: u8::MAX, has_power: false, turn: None }
    }

    /// What a tap may ask of it.
    pub const fn limits(&self) -> ReaderLimits {
        self.descriptor.limits()
    }

    /// Powers the card → [`Done::Powered`].
    pub fn power_on(&mut self) -> Step {
        self.has_power = false;
        let message = message::power_on(self.next(), self.descriptor.power);
        self.begin(Request::PowerOn, message)
    }

    /// Cuts the card's power, and with it its PIN state → [`Done::Card`].
    pub fn power_off(&mut self) -> Step {
        self.has_power = false;
        let message = message::power_off(self.next());
        self.begin(Request::PowerOff, message)
    }

    /// Asks whether a card lies there → [`Done::Card`].
    pub fn status(&mut self) -> Step {
        let message = message::slot_status(self.next());
        self.begin(Request::Status, message)
    }

    /// Sends one command APDU → [`Done::Response`]. The command is wiped as soon as it has been handed out.
    pub fn transmit(&mut self, command: Zeroizing<Vec<u8>>) -> Step {
        if self.descriptor.level == Level::Short && command.len() > self.room() {
            return self.end(Cause::TooLong);
        }
        let mut unsent = command;
        let mark = self.next();
        let is_whole = unsent.len() <= self.room();
        let portion = if is_whole { Portion::Whole } else { Portion::First };
        let message = message::transfer(mark, portion, &take(&mut unsent, self.room()));
        self.begin(Request::Transmit { unsent, response: Zeroizing::default() }, message)
    }

    /// What the interrupt pipe told of this slot.
    pub fn notified(&self, octets: &[u8]) -> Notification {
        Notification::read(octets, self.slot)
    }

    /// Goes on after the message of the last step has been sent whole.
    pub fn written(&mut self) -> Step {
        match self.turn.as_mut() {
            Some(turn) if !turn.is_written => {
                turn.is_written = true;
                self.read()
            }
            _ => self.end(Cause::OutOfTurn),
        }
    }

    /// Goes on with what one transfer brought, nothing included; it took `elapsed_ms` milliseconds.
    pub fn received(&mut self, octets: &[u8], elapsed_ms: u32) -> Step {
        let packet = usize::from(self.descriptor.bulk_in.packet);
        let longest = self.descriptor.message;
        let Some(turn) = self.turn.as_mut().filter(|turn| turn.is_written) else {
            return self.end(Cause::OutOfTurn);
        };
        let Some(budget) = turn.budget.spend(elapsed_ms) else { return self.end(Cause::Endless) };
        turn.budget = budget;
        // A message that fills its last packet may be followed by an empty one, which belongs to nothing.
        if octets.is_empty() && turn.arrived.is_empty() {
            return self.read();
        }
        turn.arrived.extend_from_slice(octets);
        let arrived = mem::take(&mut turn.arrived);
        match message::arrival(&arrived, longest) {
            Err(message::Malformed) => self.end(Cause::Malformed),
            // A packet that is not full ends a transfer, and with it the message.
            Ok(Arrival::Partial) if octets.is_empty() || !octets.len().is_multiple_of(packet) => {
                self.end(Cause::Malformed)
            }
            Ok(Arrival::Partial) => {
                turn.arrived = arrived;
                self.read()
            }
            Ok(Arrival::Whole(incoming)) => self.judge(&incoming),
        }
    }

    /// Ends the request without an answer.
    pub fn fail(&mut self, fault: Fault) -> Step {
        let cause = if self.turn.is_some() { Cause::Shell(fault) } else { Cause::OutOfTurn };
        self.end(cause)
    }

    /// One whole message.
    fn judge(&mut self, incoming: &Incoming<'_>) -> Step {
        if incoming.mark != self.mark() {
            // Of a request that was given up: its answer is nobody's any more.
            return self.read();
        }
        match incoming.progress {
            Progress::Extended => self.read(),
            Progress::Failed(error) => self.end(Cause::Slot { error, card: incoming.card }),
            Progress::Succeeded => self.succeed(incoming),
        }
    }

    fn succeed(&mut self, incoming: &Incoming<'_>) -> Step {
        let Some(Turn { request, budget, .. }) = self.turn.take() else { return self.end(Cause::OutOfTurn) };
        match (request, incoming.kind) {
            (Request::PowerOff | Request::Status, Kind::Slot) => Step::Done(Done::Card(incoming.card)),
            (Request::PowerOn, Kind::Data(_)) if incoming.data.len() <= LONGEST_ATR => {
                self.powered(incoming.data.to_vec(), budget)
            }
            // T=0 and T=1 (6.2.3); anything else carries no APDU.
            (Request::Parameters(atr), Kind::Parameters(0 | 1)) => {
                self.has_power = true;
                Step::Done(Done::Powered { atr })
            }
            (Request::Parameters(_), Kind::Parameters(protocol)) => self.end(Cause::Protocol(protocol)),
            (Request::Transmit { unsent, response }, Kind::Data(chain)) => {
                self.answered(unsent, response, chain, incoming.data, budget)
            }
            _ => self.end(Cause::Malformed),
        }
    }

    /// A reader that does not settle the card's parameters by itself says which it has taken.
    fn powered(&mut self, atr: Vec<u8>, budget: Budget) -> Step {
        if self.descriptor.is_automatic {
            self.has_power = true;
            return Step::Done(Done::Powered { atr });
        }
        let message = message::parameters(self.next());
        self.go_on(Request::Parameters(atr), message, budget)
    }

    /// A part of an answer, or the wish for the next part of the command: `bChainParameter` (6.2.1), which says
    /// something at the extended level alone.
    fn answered(
        &mut self,
        mut unsent: Zeroizing<Vec<u8>>,
        mut response: Zeroizing<Vec<u8>>,
        chain: u8,
        data: &[u8],
        budget: Budget,
    ) -> Step {
        if response.len().saturating_add(data.len()) > LONGEST_RESPONSE {
            return self.end(Cause::Malformed);
        }
        response.extend_from_slice(data);
        let chain = if self.descriptor.level == Level::Short { 0x00 } else { chain };
        let message = match chain {
            // The end, even if parts of the command are left: the card has heard enough.
            0x00 | 0x02 => return Step::Done(Done::Response(mem::take::<Vec<u8>>(&mut response))),
            0x01 | 0x03 if unsent.is_empty() && !data.is_empty() => {
                message::transfer(self.next(), Portion::More, &[])
            }
            0x10 if !unsent.is_empty() && data.is_empty() => {
                let portion = if unsent.len() <= self.room() { Portion::Last } else { Portion::Middle };
                message::transfer(self.next(), portion, &take(&mut unsent, self.room()))
            }
            _ => return self.end(Cause::Malformed),
        };
        self.go_on(Request::Transmit { unsent, response }, message, budget)
    }

    fn begin(&mut self, request: Request, message: Zeroizing<Vec<u8>>) -> Step {
        self.go_on(request, message, Budget { left_ms: REQUEST_MS, transfers: MOST_TRANSFERS })
    }

    fn go_on(&mut self, request: Request, message: Zeroizing<Vec<u8>>, budget: Budget) -> Step {
        self.turn = Some(Turn { request, arrived: Zeroizing::default(), is_written: false, budget });
        Step::Write { message }
    }

    fn read(&self) -> Step {
        let packet = usize::from(self.descriptor.bulk_in.packet);
        let whole_packets = self.descriptor.message.min(LONGEST_READ).next_multiple_of(packet);
        let most =
            if whole_packets > LONGEST_READ { LONGEST_READ - LONGEST_READ % packet } else { whole_packets };
        let left = self.turn.as_ref().map_or(0, |turn| turn.budget.left_ms);
        Step::Read { most, within_ms: left.min(READ_MS) }
    }

    fn end(&mut self, cause: Cause) -> Step {
        self.turn = None;
        let failure = Failure::new(cause, self.has_power);
        Step::Done(Done::Failed(failure))
    }

    /// Octets of a command that one message carries.
    const fn room(&self) -> usize {
        self.descriptor.message.saturating_sub(HEADER)
    }

    const fn mark(&self) -> Mark {
        Mark { slot: self.slot, sequence: self.sequence }
    }

    const fn next(&mut self) -> Mark {
        self.sequence = self.sequence.wrapping_add(1);
        self.mark()
    }
}

/// The first octets of what is unsent, at most `most`; they are gone from there.
fn take(unsent: &mut Zeroizing<Vec<u8>>, most: usize) -> Zeroizing<Vec<u8>> {
    let length = most.min(unsent.len());
    Zeroizing::new(unsent.drain(..length).collect())
}
