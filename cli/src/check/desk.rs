//! Does what the terminal leaves to a shell: readers, screen, files. And forgets.

use std::collections::VecDeque;
use std::path::Path;

use shikaku::check::VerifiedAnswer;
use shikaku::flow::{Action, ExportForm, Screen, Ticket};
use shikaku::guide::Code;
use shikaku::instant::UnixTime;
use shikaku::photo::Photo;
use shikaku::tap::{AnyOutcome, Consent, Fault, Outcome, Stage, Strategy, VisualOutcome};
use shikaku::terminal::{Act, Effect};

use super::CheckArgs;
use crate::failure::Failure;
use crate::reader::{Session, TapRun, Watch};
use crate::screen;
use crate::terminal::{Pc, write_private};

/// Everything a check works with: the device, the reader, the files that were asked for.
pub(super) struct Desk<'a> {
    args: &'a CheckArgs,
    pc: Pc,
    /// None while the reader is away.
    session: Option<Session>,
    /// Test roots of the command line.
    anchors: Vec<Vec<u8>>,
    taps: Vec<TapRun<PastTap>>,
    /// What the reader said of a failure.
    said: Option<String>,
    /// Whether a check that was kept before was sent first.
    kept: bool,
    /// What could not be exported; reported at the end, because the answer must be shown all the same.
    broken: Option<Failure>,
}

/// What is kept of how a tap ended, until the person is done.
#[derive(Debug)]
pub(crate) struct PastTap {
    /// What was known of card and reader after it.
    pub(crate) strategy: Strategy,
    /// Octets of the certificate, if the check went on with it.
    pub(crate) certificate: Option<usize>,
    /// The card that consent is asked for.
    consent_for: Option<[u8; 32]>,
}

impl<'a> Desk<'a> {
    /// Opens device and reader, and begins the device's work: what was kept is sent, and challenges are fetched.
    pub(super) fn open(args: &'a CheckArgs) -> Result<Self, Failure> {
        let (pc, effects) = Pc::registered(args.device.as_deref())?;
        let mut desk = Self {
            args,
            session: Some(args.reader.open()?),
            anchors: args.reader.test_roots()?,
            taps: Vec::new(),
            said: None,
            kept: pc.terminal.unsent_until().is_some(),
            broken: None,
            pc,
        };
        desk.carry_out(effects);
        Ok(desk)
    }

    /// The screen.
    pub(super) fn screen(&self) -> Screen {
        self.pc.terminal.screen()
    }

    /// The answer on the screen.
    pub(super) fn answer(&self) -> Result<&VerifiedAnswer, Failure> {
        let absent = || Failure::coded(Code::TapOutOfTurn, "no answer is shown");
        self.pc.terminal.answer().ok_or_else(absent)
    }

    /// The service's time.
    pub(super) fn now(&self) -> UnixTime {
        self.pc.terminal.now()
    }

    /// Whether a check that was kept before was sent first.
    pub(super) const fn had_kept(&self) -> bool {
        self.kept
    }

    /// The card that consent is asked for.
    pub(super) fn consent_for(&self) -> Option<[u8; 32]> {
        self.taps.last()?.outcome.consent_for
    }

    /// The photo in the chip, while staff are to look at it.
    pub(super) fn photo(&self) -> Option<&Photo> {
        self.pc.terminal.photo()
    }

    /// Begins with a person, by PIN or visually. That the institution may check visually now, the service says when it
    /// is asked.
    pub(super) fn start(&mut self, consent: Consent) -> Result<Act, Failure> {
        let staff = self.args.staff.clone();
        if !self.args.visual {
            return Ok(Act::StartCheck { staff, consent });
        }
        if !self.screen().actions.contains(&Action::StartVisual) {
            let effects = self.pc.terminal.test_connection();
            self.carry_out(effects);
        }
        if !self.screen().actions.contains(&Action::StartVisual) {
            return Err(Failure::coded(Code::ModeRefused, "the institution does not check visually"));
        }
        Ok(Act::StartVisual { staff, consent })
    }

    /// The code on the screen as a failure, with what exactly happened.
    pub(super) fn failure(&self, code: Code) -> Failure {
        self.said.as_ref().map_or_else(|| self.pc.failure(code), |said| Failure::coded(code, said))
    }

    /// Forgets everything of the person who was checked: what the card said, and what the connection to the service
    /// has in its buffers.
    pub(super) fn forget_person(&mut self) -> Result<(), Failure> {
        self.taps.clear();
        self.kept = false;
        self.pc.hang_up()
    }

    /// Waits until no card lies in the reader.
    pub(super) fn await_lifted(&mut self) -> Result<(), Failure> {
        let absent = || Failure::coded(Code::ReaderAbsent, "リーダーが見つかりません");
        self.session.as_mut().ok_or_else(absent)?.await_lifted()
    }

    /// Opens the reader anew.
    pub(super) fn reopen_reader(&mut self) -> Result<(), Failure> {
        // The old one goes first: it may hold what the new one needs for itself alone.
        self.session = None;
        self.session = Some(self.args.reader.open()?);
        Ok(())
    }

    /// Ends: the taps that were made, and what could not be written.
    pub(super) fn close(self) -> (Vec<TapRun<PastTap>>, Option<Failure>) {
        let broken = self.broken.or_else(|| self.pc.broken());
        (self.taps, broken)
    }

    /// What somebody did, and all that follows from it.
    pub(super) fn act(&mut self, act: Act) {
        self.said = None;
        let effects = self.pc.terminal.handle(act);
        self.carry_out(effects);
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        let mut queue = VecDeque::from(effects);
        while let Some(effect) = queue.pop_front() {
            match effect {
                Effect::Call(call) => queue.extend(self.pc.call(*call)),
                Effect::AwaitCard(ticket) => queue.extend(self.tap(ticket)),
                Effect::Export { form, text } => self.export(form, &text),
                Effect::NotExported(code) => {
                    let failure = self.pc.failure(code);
                    self.broken.get_or_insert(failure);
                }
                // A tap is over before anything else happens here, a photo is gone with the answer to it, and
                // `forget_person` wipes.
                Effect::CancelTap(_) | Effect::WipeSeen | Effect::WipePerson => {}
            }
        }
    }

    /// One tap of the card that is there, or why there is none.
    fn tap(&mut self, ticket: Ticket) -> Vec<Effect> {
        screen::note("カードをリーダーに置いてください。");
        let Some(session) = &mut self.session else {
            return self.pc.terminal.handle(Act::NoTap { ticket, fault: Fault::ReaderAbsent });
        };
        if let Err(error) = session.connect() {
            self.said = Some(error.detail);
            return self.pc.terminal.handle(Act::NoTap { ticket, fault: error.fault });
        }
        match self.pc.terminal.tap(ticket, session.as_known(&self.anchors)) {
            Ok(tap) => {
                let run = session.run(tap, &mut Stages::default());
                let TapRun { outcome, exchanges, elapsed, core, detail } = run;
                screen::progress_end();
                self.said.clone_from(&detail);
                self.taps.push(TapRun { outcome: PastTap::of(&outcome), exchanges, elapsed, core, detail });
                self.pc.terminal.tapped(ticket, outcome)
            }
            Err(effects) => {
                session.disconnect();
                effects
            }
        }
    }

    /// Writes one export to the file that was asked for; a file that is there already is not overwritten.
    fn export(&mut self, form: ExportForm, text: &str) {
        let path = match form {
            ExportForm::Evidence => self.args.evidence.as_deref(),
            ExportForm::Text => self.args.text.as_deref(),
            ExportForm::Json => None,
        };
        let written = path.map_or(Ok(()), |path: &Path| write_private(path, text.as_bytes()));
        if let Err(failure) = written {
            self.broken.get_or_insert(failure);
        }
    }
}

impl PastTap {
    fn of(outcome: &AnyOutcome) -> Self {
        let (certificate, consent_for) = match outcome {
            AnyOutcome::Pin(Outcome::Signed(tap)) => (Some(tap.certificate.len()), None),
            AnyOutcome::Pin(Outcome::Ended(end)) => (None, end.consent_for()),
            AnyOutcome::Visual(VisualOutcome::Proven(evidence)) => (Some(evidence.certificate.len()), None),
            AnyOutcome::Visual(VisualOutcome::Ended(end)) => (None, end.consent_for()),
        };
        Self { strategy: outcome.strategy(), certificate, consent_for }
    }
}

/// Says on standard error what the tap is doing, once for each stage.
#[derive(Default)]
struct Stages {
    said: String,
}

impl Watch for Stages {
    fn stage(&mut self, stage: Stage, tries: Option<u8>) {
        let text = match stage {
            Stage::Application => "カードを調べています",
            Stage::Certificate => "証明書を読んでいます",
            Stage::Counter => "暗証番号の残り回数を読んでいます",
            Stage::Pin => "暗証番号を確かめています",
            Stage::Signature | Stage::Presence => "カードが署名しています",
            Stage::Surface | Stage::Record => "券面の情報を読んでいます",
            Stage::PrintedCounter => "券面の番号の残り回数を読んでいます",
            Stage::PrintedNumber => "券面の番号を確かめています",
            Stage::Name => "券面の氏名を読んでいます",
            Stage::Closing => "カードを閉じています",
        };
        let tries = tries.map(|tries| format!("（残り{tries}回）")).unwrap_or_default();
        let now = format!("{text}{tries}");
        if now != self.said {
            screen::progress(&now);
            self.said = now;
        }
    }
}
