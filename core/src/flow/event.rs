//! What happens, and what the shell does about it.

use zeroize::Zeroizing;

use crate::check::{CheckOutcome, NamedCheck};
use crate::guide::Code;
use crate::instant::UnixTime;
use crate::registration::Terms;
use crate::secret::{Pin, PinError, PrintedError};
use crate::settings::DeviceSettings;
use crate::tap::{Consent, PrintedNumber, Stage, TapEnd, VisualEnd};

/// Names one tap and what follows from it. Whatever comes back for another ticket is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ticket(pub u64);

/// What a device knows of itself when it is started.
#[derive(Debug)]
pub enum Device {
    /// Not registered: the terms that it carries come first.
    New(Terms),
    /// Registered.
    Registered {
        /// The settings as last accepted.
        settings: Box<DeviceSettings>,
        /// A signed check that was kept sealed: until when it can be sent.
        unsent: Option<UnixTime>,
    },
    /// Its state cannot be used (damaged, rolled back, key lost).
    Unusable(Code),
}

/// The form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExportForm {
    /// Text v1.
    Text,
    /// JSON.
    Json,
    /// `.shikaku`: the signed evidence.
    Evidence,
}

/// What happened: at the device, at the hands of staff or patient, at the card, at the service.
#[derive(Debug)]
pub enum Event {
    /// Staff agreed to the terms on the screen.
    TermsAgreed,
    /// There are terms to be agreed to: the service's newer ones, or the app's before a new registration.
    NewTerms(Terms),
    /// User settings were read and accepted; the shell holds them.
    SettingsGiven,
    /// What was read or typed is not accepted.
    SettingsRefused(Code),
    /// The service registered the device.
    Registered(Box<DeviceSettings>),
    /// The registration ended otherwise.
    RegistrationFailed(Code),
    /// Newer device settings were accepted.
    SettingsChanged(Box<DeviceSettings>),
    /// Challenges lie ready.
    ChallengesReady,
    /// Fetching challenges or settings failed. Only a code from a signed answer can stop the device.
    ServiceFailed(Code),
    /// Staff want the service asked again, because it did not answer or has stopped the device.
    AskAgain,
    /// Staff want to register a stopped device again.
    RegisterAgain,

    /// Staff begin a check.
    StartCheck {
        /// Who does it, if the institution wants it said.
        staff: Option<String>,
        /// What this patient has been told and has agreed to already, such as in a check that ended for want of
        /// it. The tap holds it to the card.
        consent: Consent,
    },
    /// Staff begin a visual check (目視確認).
    StartVisual {
        /// Who does it; asked for if it is not said here.
        staff: Option<String>,
        /// As with [`Event::StartCheck`], of the printed number; given up where staff are asked for first.
        consent: Consent,
    },
    /// Staff go on with a visual check of this person, in the PIN's place.
    UseVisual,
    /// Staff go on with the PIN of this person, in the visual check's place.
    UsePin,
    /// Staff say who does the visual check.
    StaffNamed(String),
    /// Staff typed the number that is printed on the card. It passes through to the tap and is not kept.
    NumberTyped(Result<PrintedNumber, PrintedError>),
    /// Staff say that photo and person agree. Not agreeing is [`Event::Cancel`]: nothing is sent then.
    Attested,
    /// Staff say that the name on the screen is the one printed on the card (券面の氏名と一致).
    NameConfirmed,
    /// Staff say that it is not.
    NameDenied,
    /// The patient typed a PIN. It passes through to the tap and is not kept; where none is offered to be typed, it is
    /// dropped.
    PinTyped(Result<Pin, PinError>),
    /// The patient was told how many tries are left.
    Understood,
    /// The patient agreed to use the last try.
    Agreed,
    /// Staff give the check up.
    Cancel,
    /// Staff try the card again.
    TapAgain,
    /// Staff send the kept check again.
    SendAgain,
    /// Staff chose one of several qualifications, by its place in the answer.
    Chosen(usize),
    /// Staff export what is shown.
    Export(ExportForm),
    /// Staff are done with this person.
    NextPerson,

    /// The tap is at this stage.
    TapStage {
        /// Which tap.
        ticket: Ticket,
        /// What it is doing.
        stage: Stage,
        /// Tries left, once known.
        tries: Option<u8>,
    },
    /// The card signed; certificate and signature are with the shell.
    TapSigned {
        /// Which tap.
        ticket: Ticket,
    },
    /// The card proved its face; evidence, photo and name are with the shell.
    TapProven {
        /// Which tap.
        ticket: Ticket,
        /// 氏名 in the chip, if 照合番号B opened it: compared with the registry's and never shown.
        name: Option<Zeroizing<String>>,
        /// Whether there is a photo from the chip, or why it cannot be shown.
        photo: Result<bool, Code>,
    },
    /// The visual tap ended without evidence.
    VisualEnded {
        /// Which tap.
        ticket: Ticket,
        /// How.
        end: VisualEnd,
    },
    /// The tap ended without a signature.
    TapEnded {
        /// Which tap.
        ticket: Ticket,
        /// How.
        end: TapEnd,
    },
    /// The tap or the check could not be made: no challenge, no reader, a signature that does not fit.
    CheckFailed {
        /// Which check.
        ticket: Ticket,
        /// Why.
        code: Code,
    },
    /// The check was sent, and this came back.
    Sent {
        /// Which check.
        ticket: Ticket,
        /// What came back.
        outcome: CheckOutcome,
        /// Until when it can be sent again.
        until: UnixTime,
    },
    /// The check did not reach the service.
    NotSent {
        /// Which check.
        ticket: Ticket,
        /// Why.
        code: Code,
        /// Until when it can be sent again.
        until: UnixTime,
    },

    /// The screen was touched.
    Touched,
    /// Time has passed; to be sent about once a second.
    Tick,
    /// Staff lock the device.
    Lock,
    /// Staff unlocked the device.
    Unlocked,
}

impl Event {
    /// Whether somebody is there.
    pub(super) const fn is_touch(&self) -> bool {
        !matches!(
            self,
            Self::Tick
                | Self::ChallengesReady
                | Self::ServiceFailed(_)
                | Self::SettingsChanged(_)
                | Self::NotSent { .. }
                | Self::Lock
        )
    }
}

/// What the shell does. The order counts.
#[derive(Debug)]
pub enum Effect {
    /// Show the app's terms again: answer with [`Event::NewTerms`].
    LoadTerms,
    /// Register with the settings that were given: answer with [`Event::Registered`] or
    /// [`Event::RegistrationFailed`].
    Register,
    /// Fill the pool: always to be answered with [`Event::ChallengesReady`] or [`Event::ServiceFailed`], when the pool
    /// is as it will be; no other fetch and no tap is begun before.
    FetchChallenges,
    /// Begin a tap. The PIN goes into the tap at once.
    Tap {
        /// Its name.
        ticket: Ticket,
        /// The PIN.
        pin: Pin,
        /// What the patient has agreed to.
        consent: Consent,
    },
    /// Begin a visual tap. The number goes into the tap at once.
    TapVisual {
        /// Its name.
        ticket: Ticket,
        /// The number that is printed on the card.
        number: PrintedNumber,
        /// What the patient has agreed to.
        consent: Consent,
    },
    /// Cancel the tap and power the card off.
    CancelTap(Ticket),
    /// Close the reader, make the check from what the card signed, seal it, send it. A visual one says that staff saw
    /// photo and person agree just now.
    Send {
        /// Its name.
        ticket: Ticket,
        /// Who did it.
        staff: Option<String>,
    },
    /// Delete what the chip showed the staff: its photo, wherever it is drawn.
    WipeSeen,
    /// Make the second step of a visual check, seal it in the place of the first, send it.
    SendNamed {
        /// Its name.
        ticket: Ticket,
        /// The check, with the name that was shown.
        named: Box<NamedCheck>,
        /// Whether staff confirmed the name.
        confirmed: bool,
    },
    /// Send the sealed check again, as it is.
    SendAgain(Ticket),
    /// Delete the sealed check: it is answered, refused, given up, or its challenge has ended.
    Forget(Ticket),
    /// Write what is shown, from [`Flow::answer`](super::Flow::answer).
    Export {
        /// In which form.
        form: ExportForm,
        /// The chosen one of several qualifications.
        chosen: Option<usize>,
    },
    /// Delete every trace of the person that the shell holds: fields, clipboard, temporary files.
    WipePerson,
    /// Delete the sealed state and the device key: the service has revoked the device.
    WipeDevice,
}
