//! The loop of a tap: the core decides, the reader carries, this module counts.

use std::time::{Duration, Instant};

use shikaku::apdu::trace;
use shikaku::tap::{
    AnyOutcome, AnyTap, CardReport, Fault, Inspection, InspectionEnd, InspectionStep, Outcome, ReaderLimits,
    Stage, Step, Strategy, Tap, TapEnd, TapRequest, VisualOutcome, VisualRequest, VisualTap,
};
use shikaku::terminal;

use super::cancel::Held;
use super::{Cancel, Family, Reader, ReaderError};
use crate::failure::Failure;

/// One exchange as it may be shown: a PIN is masked, of the answer only length and status are kept.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    /// Command in hexadecimal, masked where it must be.
    pub(crate) command: String,
    /// Octets of the command.
    pub(crate) command_length: usize,
    /// Octets of the answer, status word included.
    pub(crate) response_length: usize,
    /// Status word, four hexadecimal digits; empty if no answer came.
    pub(crate) status: String,
    /// What the exchange was for; `None` in an inspection.
    pub(crate) stage: Option<Stage>,
    /// Time between command and answer, in microseconds.
    pub(crate) micros: u64,
}

/// A tap that is over, with the PIN or without.
#[derive(Debug)]
pub(crate) struct TapRun<End = Outcome> {
    /// How it ended.
    pub(crate) outcome: End,
    /// What went back and forth.
    pub(crate) exchanges: Vec<Exchange>,
    /// From the first command to the end.
    pub(crate) elapsed: Duration,
    /// The core's share of it.
    pub(crate) core: Duration,
    /// What the reader said when it failed.
    pub(crate) detail: Option<String>,
}

impl TapRun {
    /// What was known of card and reader after it.
    pub(crate) const fn strategy(&self) -> Strategy {
        match &self.outcome {
            Outcome::Signed(signed) => signed.strategy,
            Outcome::Ended(TapEnd { strategy, .. }) => *strategy,
        }
    }
}

/// What is driven step by step: a tap with the PIN, or one without.
pub(crate) trait Steps {
    /// How it ends.
    type End;
    /// Begins.
    fn start(&mut self) -> Step<Self::End>;
    /// Goes on after an answer.
    fn advance(&mut self, response: &[u8]) -> Step<Self::End>;
    /// Goes on without one.
    fn fail(&mut self, fault: Fault) -> Step<Self::End>;
}

macro_rules! steps {
    ($($tap:ty => $end:ty),+) => {$(
        impl Steps for $tap {
            type End = $end;

            fn start(&mut self) -> Step<$end> {
                self.start()
            }

            fn advance(&mut self, response: &[u8]) -> Step<$end> {
                self.advance(response)
            }

            fn fail(&mut self, fault: Fault) -> Step<$end> {
                self.fail(fault)
            }
        }
    )+};
}

steps!(Tap => Outcome, VisualTap => VisualOutcome, AnyTap => AnyOutcome);

/// A reader, and what is known of the kind of card that was connected last.
pub(crate) struct Session {
    reader: Box<dyn Reader>,
    /// The forms that are tried on a card family that was never met.
    forms: Strategy,
    family: Family,
    strategy: Strategy,
    cancel: Option<Cancel>,
    held: Option<Held>,
}

impl Session {
    /// `forms` are those that are tried on a card family that was never met.
    pub(super) fn new(reader: Box<dyn Reader>, forms: Strategy) -> Self {
        Self { reader, forms, family: Family::default(), strategy: forms, cancel: None, held: None }
    }

    /// How the reader is called.
    pub(crate) fn reader_name(&self) -> String {
        self.reader.name()
    }

    /// What the reader can carry.
    pub(crate) fn limits(&self) -> ReaderLimits {
        self.reader.limits()
    }

    /// What the last taps have learned, if they were all of one family of cards.
    pub(crate) const fn strategy(&self) -> Strategy {
        self.strategy
    }

    /// The reader with the card that is connected, as the core knows readers; `anchors` are test roots of its own.
    pub(crate) fn as_known(&self, anchors: &[Vec<u8>]) -> terminal::Reader {
        terminal::Reader {
            limits: self.reader.limits(),
            family: self.family.to_string(),
            forms: self.forms,
            test_roots: [self.reader.test_roots().as_slice(), anchors].concat(),
        }
    }

    /// Roots of the virtual card, if that is what lies in the reader.
    pub(crate) fn test_roots(&self) -> Vec<Vec<u8>> {
        self.reader.test_roots()
    }

    /// Waits for a card, runs one tap and powers the card off. `limits` and `strategy` of the request are set
    /// here. `watch` is told of each stage before its command goes out, and of each finished exchange with its
    /// octets; what it keeps of them it answers for.
    ///
    /// Fails only if there was no card to begin with; the PIN of the request has then gone nowhere.
    pub(crate) fn tap(&mut self, request: TapRequest, watch: &mut dyn Watch) -> Result<TapRun, Failure> {
        self.connect().map_err(|error| failure(&error))?;
        let request = TapRequest { limits: self.reader.limits(), strategy: self.strategy, ..request };
        let run = self.run(Tap::new(request), watch);
        self.strategy = run.strategy();
        Ok(run)
    }

    /// Runs a tap of the card that is connected, and powers it off.
    pub(crate) fn run<T: Steps>(&mut self, mut tap: T, watch: &mut dyn Watch) -> TapRun<T::End> {
        let mut pump = Pump::new();
        let begin = Instant::now();
        let mut step = pump.timed(|| tap.start());
        let outcome = loop {
            match step {
                Step::Done(outcome) => break outcome,
                Step::Transmit { command, stage, tries } => {
                    watch.stage(stage, tries);
                    let answer = self.exchange(&mut pump, &command, Some(stage), watch);
                    step = pump.timed(|| match &answer {
                        Ok(response) => tap.advance(response),
                        Err(fault) => tap.fail(*fault),
                    });
                }
            }
        };
        let elapsed = begin.elapsed();
        self.disconnect();
        TapRun { outcome, exchanges: pump.exchanges, elapsed, core: pump.core, detail: pump.detail }
    }

    /// As [`Session::tap`], of a visual check.
    pub(crate) fn visual_tap(
        &mut self,
        request: VisualRequest,
        watch: &mut dyn Watch,
    ) -> Result<TapRun<VisualOutcome>, Failure> {
        self.connect().map_err(|error| failure(&error))?;
        let request = VisualRequest { limits: self.reader.limits(), strategy: self.strategy, ..request };
        let run = self.run(VisualTap::new(request), watch);
        self.strategy = match &run.outcome {
            VisualOutcome::Proven(evidence) => evidence.strategy,
            VisualOutcome::Ended(end) => end.strategy,
        };
        Ok(run)
    }

    /// Waits for a card, looks at it without a PIN and powers it off.
    pub(crate) fn inspect(&mut self, watch: &mut dyn Watch) -> Result<CardReport, Failure> {
        self.connect().map_err(|error| failure(&error))?;
        let mut inspection = Inspection::new(self.reader.limits(), self.strategy);
        let mut pump = Pump::new();
        let mut step = inspection.start();
        let report = loop {
            step = match step {
                InspectionStep::Done(report) => break report,
                InspectionStep::Transmit { command } => match self.exchange(&mut pump, &command, None, watch)
                {
                    Ok(response) => inspection.advance(&response),
                    Err(fault) => inspection.fail(fault),
                },
            };
        };
        self.disconnect();
        if let Ok(report) = &report {
            self.strategy = report.strategy;
        }
        report.map_err(|end| ended(end, pump.detail))
    }

    /// Waits until no card lies in the reader.
    pub(crate) fn await_lifted(&mut self) -> Result<(), Failure> {
        let cancel = self.cancel.get_or_insert_with(Cancel::listen);
        self.reader.await_lifted(cancel).map_err(|error| failure(&error))
    }

    /// Waits for a card and takes it for this program alone.
    pub(crate) fn connect(&mut self) -> Result<(), ReaderError> {
        let cancel = self.cancel.get_or_insert_with(Cancel::listen);
        self.reader.connect(cancel)?;
        self.held = Some(Held::begin());
        let family = self.reader.family();
        if family != self.family {
            // What one family takes another may refuse.
            (self.family, self.strategy) = (family, self.forms);
        }
        Ok(())
    }

    /// Waits for a card, so that limits and strategy are those of reader and card, and powers it off.
    pub(crate) fn meet(&mut self) -> Result<(), Failure> {
        self.connect().map_err(|error| failure(&error))?;
        self.disconnect();
        Ok(())
    }

    /// Powers off the card that is connected.
    pub(crate) fn disconnect(&mut self) {
        self.reader.disconnect();
        self.held = None;
    }

    fn exchange(
        &mut self,
        pump: &mut Pump,
        command: &[u8],
        stage: Option<Stage>,
        watch: &mut dyn Watch,
    ) -> Result<Vec<u8>, Fault> {
        let begin = Instant::now();
        // A tap that was cancelled may still leave the card; nothing else is sent.
        let is_over = self.cancel.as_ref().is_some_and(Cancel::is_pressed) && stage != Some(Stage::Closing);
        let answer = if is_over {
            Err(ReaderError::new(Fault::Cancelled, "中止しました"))
        } else {
            self.reader.transmit(command)
        };
        let micros = u64::try_from(begin.elapsed().as_micros()).unwrap_or(u64::MAX);
        let response = answer.as_deref().unwrap_or_default();
        let status = response.last_chunk::<2>().map(|status| trace::response(status).to_string());
        pump.exchanges.push(Exchange {
            command: trace::command(command).to_string(),
            command_length: command.len(),
            response_length: response.len(),
            status: status.unwrap_or_default(),
            stage,
            micros,
        });
        watch.exchanged(command, answer.as_deref().map_err(|error| error.fault));
        answer.map_err(|error| {
            pump.detail = Some(error.detail);
            error.fault
        })
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.disconnect();
    }
}

/// Who looks on.
pub(crate) trait Watch {
    /// The next command is for this; so many tries are left, if that is known.
    fn stage(&mut self, _: Stage, _: Option<u8>) {}

    /// A command went out and this came back. The command may hold a PIN.
    fn exchanged(&mut self, _: &[u8], _: Result<&[u8], Fault>) {}
}

/// Nobody.
impl Watch for () {}

/// What a run adds up.
struct Pump {
    exchanges: Vec<Exchange>,
    core: Duration,
    detail: Option<String>,
}

impl Pump {
    const fn new() -> Self {
        Self { exchanges: Vec::new(), core: Duration::ZERO, detail: None }
    }

    fn timed<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let begin = Instant::now();
        let done = work();
        self.core += begin.elapsed();
        done
    }
}

fn failure(error: &ReaderError) -> Failure {
    Failure::coded(error.fault.code(), &error.detail)
}

fn ended(end: InspectionEnd, detail: Option<String>) -> Failure {
    Failure::coded(end.code(), detail.unwrap_or_else(|| end.to_string()))
}

#[cfg(test)]
#[cfg(feature = "virtual")]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::sync::{Arc, Mutex};

    use shikaku::certificate::Anchors;
    use shikaku::guide::Code;
    use shikaku::replay::Inputs;
    use shikaku_virtual_card::Card;
    use shikaku_virtual_card::issue::Authority;

    use super::*;

    /// A virtual card in a reader that notes what happens, and in which Ctrl-C is pressed after one command.
    struct Noting {
        card: Card,
        sent: Arc<Mutex<Vec<Vec<u8>>>>,
        powered_off: Arc<AtomicUsize>,
        press_after: Option<(usize, Arc<AtomicBool>)>,
    }

    impl Reader for Noting {
        fn connect(&mut self, _: &Cancel) -> Result<(), ReaderError> {
            Ok(())
        }

        fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, ReaderError> {
            let mut sent = self.sent.lock().unwrap();
            sent.push(command.to_vec());
            if let Some((count, switch)) = &self.press_after {
                switch.store(sent.len() >= *count, Ordering::Relaxed);
            }
            Ok(self.card.transmit(command))
        }

        fn disconnect(&mut self) {
            self.powered_off.fetch_add(1, Ordering::Relaxed);
        }

        fn await_lifted(&mut self, _: &Cancel) -> Result<(), ReaderError> {
            Ok(())
        }

        fn limits(&self) -> ReaderLimits {
            ReaderLimits::EXTENDED
        }

        fn family(&self) -> Family {
            Family::of(self.card.atr())
        }

        fn name(&self) -> String {
            "noting".to_owned()
        }
    }

    struct Noted {
        sent: Arc<Mutex<Vec<Vec<u8>>>>,
        powered_off: Arc<AtomicUsize>,
    }

    fn session(press_after: Option<usize>) -> (Session, Noted) {
        let switch = Arc::new(AtomicBool::new(false));
        let noted = Noted { sent: Arc::default(), powered_off: Arc::default() };
        let reader = Noting {
            card: Card::from_name("default").unwrap(),
            sent: Arc::clone(&noted.sent),
            powered_off: Arc::clone(&noted.powered_off),
            press_after: press_after.map(|count| (count, Arc::clone(&switch))),
        };
        let mut session = Session::new(Box::new(reader), Strategy::default());
        session.cancel = Some(Cancel::by(&switch));
        (session, noted)
    }

    fn request() -> TapRequest {
        let mut request = Inputs::example().unwrap().request().unwrap();
        request.anchors = Anchors::none().with_test(Authority::test().unwrap().certificate()).unwrap();
        request
    }

    #[test]
    fn a_tap_is_counted_and_the_card_powered_off() {
        let (mut session, noted) = session(None);
        let run = session.tap(request(), &mut ()).unwrap();
        assert!(matches!(run.outcome, Outcome::Signed(_)));
        assert_eq!(run.exchanges.len(), 8);
        assert_eq!(noted.powered_off.load(Ordering::Relaxed), 1);
        assert!(run.exchanges.iter().any(|exchange| exchange.command == "0020008004????????"));
    }

    #[test]
    fn what_one_tap_learned_the_next_one_uses() {
        let (mut session, _) = session(None);
        session.tap(request(), &mut ()).unwrap();
        assert_eq!(session.strategy().extended_read, shikaku::tap::Probe::Works);
        assert!(session.family == Family::of(Card::from_name("default").unwrap().atr()));
    }

    #[test]
    fn what_a_family_of_cards_refused_is_still_tried_on_another() {
        let (mut session, _) = session(None);
        session.tap(request(), &mut ()).unwrap();
        session.tap(request(), &mut ()).unwrap();
        assert_eq!(session.strategy().read_by_short_id, shikaku::tap::Probe::Refused);
        session.family = Family::of(b"another make");
        session.connect().unwrap();
        assert_eq!(session.strategy(), Strategy::DEFAULT);
    }

    #[test]
    fn ctrl_c_after_the_pin_sends_nothing_but_the_closing_select() {
        let (mut session, noted) = session(Some(6));
        let run = session.tap(request(), &mut ()).unwrap();
        let Outcome::Ended(end) = run.outcome else { panic!("it was cancelled") };
        assert_eq!(end.code(), Code::TapCancelled);
        let sent = noted.sent.lock().unwrap().clone();
        assert_eq!(sent.len(), 7);
        assert_eq!(sent[5][..4], [0x00, 0x20, 0x00, 0x80]);
        assert!(sent[6].starts_with(&[0x00, 0xa4, 0x04, 0x0c, 0x07, 0xa0]));
        assert_eq!(noted.powered_off.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn ctrl_c_before_the_pin_sends_none() {
        let (mut session, noted) = session(Some(2));
        session.tap(request(), &mut ()).unwrap();
        assert_eq!(noted.sent.lock().unwrap().len(), 2);
    }

    #[test]
    fn a_session_that_is_dropped_powers_the_card_off() {
        let (session, noted) = session(None);
        drop(session);
        assert_eq!(noted.powered_off.load(Ordering::Relaxed), 1);
    }
}
