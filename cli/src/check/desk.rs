//! Does what the flow says: taps, sends, keeps, forgets.

use std::collections::VecDeque;

use shikaku::certificate::Anchors;
use shikaku::check::{CheckOutcome, PendingCheck, UnsentCheck};
use shikaku::client::{Client, ClientError};
use shikaku::flow::{Effect, Event, ExportForm, Flow, Ticket};
use shikaku::guide::Code;
use shikaku::http::{ClockOffset, Signer as _, SoftwareKey};
use shikaku::instant::UnixTime;
use shikaku::secret::Pin;
use shikaku::settings::DeviceSettings;
use shikaku::tap::{Consent, Outcome, Stage, TapRequest};

use super::{CheckArgs, exports};
use crate::failure::Failure;
use crate::reader::{Session, TapRun, Watch};
use crate::screen;
use crate::terminal::{Machine, State, Terminal};

/// Everything a check works with: the device, the service, the reader.
pub(super) struct Desk<'a> {
    args: &'a CheckArgs,
    terminal: Terminal,
    state: State,
    device_key: SoftwareKey,
    client: Client<'static>,
    runtime: tokio::runtime::Runtime,
    session: Session,
    /// The check whose card has signed, until it is sent; what the tap brought is the last of `taps`.
    pending: Option<PendingCheck>,
    taps: Vec<TapRun>,
    /// The card that the last tap wants consent for.
    consent_for: Option<[u8; 32]>,
    /// Why the last call to the service failed.
    trouble: Option<Code>,
    /// What was said of the last failure.
    detail: String,
    /// What could not be written; reported at the end, because the answer must be shown all the same.
    broken: Option<Failure>,
}

impl<'a> Desk<'a> {
    /// Opens device, service and reader; nothing is sent yet.
    pub(super) fn open(args: &'a CheckArgs) -> Result<Self, Failure> {
        let terminal = Terminal::open(args.device.as_deref())?;
        let state = terminal.registered()?;
        let (app, minimum) = (env!("CARGO_PKG_VERSION"), &state.settings.minimum_app_version);
        if !state.settings.admits(app) {
            return Err(Failure::coded(Code::AppOutdated, format_args!("{app} < {minimum}")));
        }
        let (client, runtime) = wire(&state, ClockOffset::of_seconds(state.clock_offset))?;
        Ok(Self {
            args,
            device_key: terminal.device_key()?,
            client,
            runtime,
            session: args.reader.open()?,
            terminal,
            state,
            pending: None,
            taps: Vec::new(),
            consent_for: None,
            trouble: None,
            detail: String::new(),
            broken: None,
        })
    }

    /// The settings in force.
    pub(super) const fn settings(&self) -> &DeviceSettings {
        &self.state.settings
    }

    /// The service's time.
    pub(super) fn now(&self) -> UnixTime {
        self.client.now()
    }

    /// Until when a kept check can be sent, if there is one.
    pub(super) fn unsent_until(&self) -> Option<UnixTime> {
        self.state.unsent.last().map(UnsentCheck::expires_at)
    }

    /// The card that consent is asked for.
    pub(super) const fn consent_for(&self) -> Option<[u8; 32]> {
        self.consent_for
    }

    /// What was said of the last failure.
    pub(super) fn detail(&self) -> &str {
        &self.detail
    }

    /// Forgets everything of the person who was checked: what the card said, and what the connection to the service
    /// has in its buffers.
    pub(super) fn forget_person(&mut self) -> Result<(), Failure> {
        self.pending = None;
        self.taps.clear();
        self.consent_for = None;
        self.detail.clear();
        (self.client, self.runtime) = wire(&self.state, self.client.offset())?;
        Ok(())
    }

    /// Waits until no card lies in the reader.
    pub(super) fn await_lifted(&mut self) -> Result<(), Failure> {
        self.session.await_lifted()
    }

    /// Opens the reader anew.
    pub(super) fn reopen_reader(&mut self) -> Result<(), Failure> {
        self.session = self.args.reader.open()?;
        Ok(())
    }

    /// Ends: the taps that were made, and what could not be written.
    pub(super) fn close(self) -> (Vec<TapRun>, Option<Failure>) {
        (self.taps, self.broken)
    }

    /// Does the effects in their order, and whatever follows from what comes of them.
    pub(super) fn carry_out(&mut self, flow: &mut Flow, effects: Vec<Effect>) {
        let mut queue = VecDeque::from(effects);
        while let Some(effect) = queue.pop_front() {
            for event in self.carry_out_one(flow, effect) {
                let now = self.now();
                queue.extend(flow.handle(event, now));
            }
        }
    }

    fn carry_out_one(&mut self, flow: &Flow, effect: Effect) -> Vec<Event> {
        match effect {
            Effect::FetchChallenges => self.fetch_challenges(),
            Effect::Tap { ticket, pin, consent } => vec![self.tap(ticket, pin, consent)],
            Effect::Send { ticket, staff } => vec![self.complete_and_send(ticket, staff.as_deref())],
            Effect::SendAgain(ticket) => vec![self.send(ticket)],
            Effect::Forget(_) => {
                self.state.unsent.clear();
                self.save();
                Vec::new()
            }
            Effect::Export { form, chosen } => {
                self.export(flow, form, chosen);
                Vec::new()
            }
            Effect::WipeDevice => {
                let wiped = self.terminal.wipe();
                self.note_failure(wiped);
                Vec::new()
            }
            Effect::WipePerson | Effect::CancelTap(_) => {
                self.pending = None;
                Vec::new()
            }
            // A check never registers.
            Effect::LoadTerms | Effect::Register => Vec::new(),
        }
    }

    /// Fills the pool if it is not full, and takes newer settings over.
    fn fetch_challenges(&mut self) -> Vec<Event> {
        let wanted = self.state.challenges.wanted(self.state.settings.limits.open_challenges, self.now());
        if wanted == 0 {
            return vec![Event::ChallengesReady];
        }
        let Self { runtime, client, state, device_key, .. } = self;
        match runtime.block_on(client.challenges(wanted, &state.settings, device_key)) {
            Ok(answer) => {
                let now = self.now();
                self.trouble = None;
                self.state.challenges.fill(answer.challenges, now);
                let newer = answer.settings_version > self.state.settings.version;
                let mut events = if newer { self.fetch_settings() } else { Vec::new() };
                self.save();
                events.push(Event::ChallengesReady);
                events
            }
            Err(error) => vec![self.service_failed(&error)],
        }
    }

    fn fetch_settings(&mut self) -> Vec<Event> {
        let Self { runtime, client, state, device_key, .. } = self;
        match runtime.block_on(client.settings(&state.settings, device_key)) {
            Ok(settings) => {
                self.state.settings = settings.clone();
                vec![Event::SettingsChanged(Box::new(settings))]
            }
            Err(error) => vec![self.service_failed(&error)],
        }
    }

    fn service_failed(&mut self, error: &ClientError) -> Event {
        self.detail = error.to_string();
        self.trouble = Some(error.code());
        Event::ServiceFailed(error.code())
    }

    /// One tap: takes a challenge, which is saved as taken before the card sees anything of it.
    fn tap(&mut self, ticket: Ticket, pin: Pin, consent: Consent) -> Event {
        self.consent_for = None;
        self.detail.clear();
        let now = self.now();
        let spki = self.device_key.spki();
        let begun = PendingCheck::begin(&mut self.state.challenges, &self.state.settings, spki, now);
        let (check, anchors) = match begun.map_err(|error| self.trouble.unwrap_or(error.code())) {
            Err(code) => return Event::CheckFailed { ticket, code },
            Ok(check) => match self.anchors() {
                Ok(anchors) => (check, anchors),
                Err(failure) => return self.failed(ticket, &failure),
            },
        };
        self.save();
        if let Some(failure) = self.broken.take() {
            // What the card would sign could not be kept either.
            return self.failed(ticket, &failure);
        }
        let request = TapRequest {
            pin,
            transcript: check.transcript().clone(),
            anchors,
            now,
            consent,
            limits: self.session.limits(),
            strategy: self.session.strategy(),
        };
        screen::note("カードをリーダーに置いてください。");
        let run = self.session.tap(request, &mut Stages::default());
        screen::progress_end();
        match run {
            Ok(run) => self.tapped(ticket, check, run),
            Err(failure) => self.failed(ticket, &failure),
        }
    }

    fn tapped(&mut self, ticket: Ticket, check: PendingCheck, run: TapRun) -> Event {
        self.detail = run.detail.clone().unwrap_or_default();
        let event = match &run.outcome {
            Outcome::Signed(_) => {
                self.pending = Some(check);
                Event::TapSigned { ticket }
            }
            Outcome::Ended(end) => {
                self.consent_for = end.consent_for();
                Event::TapEnded { ticket, end: end.clone() }
            }
        };
        self.taps.push(run);
        event
    }

    /// The roots of the app, those that the service allows a test institution, those of the command line.
    fn anchors(&self) -> Result<Anchors, Failure> {
        let mut anchors = self.args.reader.anchors(&self.session)?;
        let allowed = self.state.settings.test_anchors();
        for root in allowed.map_err(|error| Failure::coded(error.code(), error))? {
            anchors =
                anchors.with_test(&root).map_err(|error| Failure::coded(Code::SettingsMalformed, error))?;
        }
        Ok(anchors)
    }

    /// Makes the check of what the card signed, seals it, sends it.
    fn complete_and_send(&mut self, ticket: Ticket, staff: Option<&str>) -> Event {
        let signed = self.taps.last().map(|run| &run.outcome);
        let (Some(check), Some(Outcome::Signed(signed))) = (self.pending.take(), signed) else {
            return Event::CheckFailed { ticket, code: Code::TapOutOfTurn };
        };
        let key = match self.client.operation() {
            Ok(key) => key,
            Err(error) => return self.failed(ticket, &Failure::coded(Code::StateDamaged, error)),
        };
        match check.complete(&signed.certificate, &signed.signature, staff, key) {
            Ok(unsent) => {
                self.state.unsent = vec![unsent];
                self.save();
                self.send(ticket)
            }
            Err(error) => self.failed(ticket, &Failure::coded(error.code(), error)),
        }
    }

    /// Sends the sealed check, the same each time.
    fn send(&mut self, ticket: Ticket) -> Event {
        let Some(unsent) = self.state.unsent.last() else {
            return Event::CheckFailed { ticket, code: Code::ChallengeExpired };
        };
        let until = unsent.expires_at();
        match self.runtime.block_on(self.client.check(unsent, &self.device_key)) {
            Ok(outcome) => {
                if let CheckOutcome::Keep(refusal) | CheckOutcome::Refused(refusal) = &outcome {
                    self.detail = refusal.to_string();
                    if refusal.retires_challenges() {
                        self.state.challenges.clear();
                        self.save();
                    }
                }
                Event::Sent { ticket, outcome, until }
            }
            Err(error) => {
                self.detail = error.to_string();
                Event::NotSent { ticket, code: error.code(), until }
            }
        }
    }

    fn export(&mut self, flow: &Flow, form: ExportForm, chosen: Option<usize>) {
        let Some(answer) = flow.answer() else { return };
        let written = exports::export(self.args, form, chosen, answer, &self.device_key);
        self.note_failure(written);
    }

    fn failed(&mut self, ticket: Ticket, failure: &Failure) -> Event {
        failure.detail().clone_into(&mut self.detail);
        Event::CheckFailed { ticket, code: failure.code().unwrap_or(Code::ReaderFailed) }
    }

    fn save(&mut self) {
        self.state.clock_offset = self.client.offset().seconds();
        let saved = self.terminal.save(&self.state);
        self.note_failure(saved);
    }

    fn note_failure(&mut self, result: Result<(), Failure>) {
        if let Err(failure) = result {
            self.broken.get_or_insert(failure);
        }
    }
}

/// A connection to the service, with nothing in it yet, and what drives it.
fn wire(state: &State, offset: ClockOffset) -> Result<(Client<'static>, tokio::runtime::Runtime), Failure> {
    let client = Client::new(&state.entry()?, Some(&state.settings), &Machine);
    let client = client.map_err(|fault| Failure::coded(fault.code(), fault))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::plain(format_args!("no runtime: {error}")))?;
    Ok((client.with_offset(offset), runtime))
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
