//! What staff, patient, card and clock do to a terminal, and what a shell does for it.

use zeroize::Zeroizing;

use super::call::Call;
use crate::flow::{ExportForm, Ticket};
use crate::guide::Code;
use crate::tap::{Fault, Stage};

/// What happened at the device. What the screen does not offer has no effect.
#[derive(Debug)]
pub enum Act {
    /// Staff agreed to the terms on the screen.
    AgreeTerms,
    /// User settings were read or typed.
    GiveSettings(Given),
    /// Staff want the service asked again.
    AskAgain,
    /// Staff want to register the stopped device again. What it kept is given up.
    RegisterAgain,
    /// Staff begin a check.
    StartCheck {
        /// Who does it, if the institution wants it said.
        staff: Option<String>,
    },
    /// The patient typed a PIN, as ASCII digits.
    TypePin(Zeroizing<Vec<u8>>),
    /// The patient was told how many tries are left.
    Understand,
    /// The patient agrees to use the last try.
    Agree,
    /// Staff give the check up.
    Cancel,
    /// Staff try the card again.
    TapAgain,
    /// Staff send the kept check again.
    SendAgain,
    /// Staff chose one of several qualifications, by its place in the answer.
    Choose(usize),
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
    /// No tap began, because there was no card, no reader, or no leave to use it.
    NoTap {
        /// Which tap.
        ticket: Ticket,
        /// Why.
        fault: Fault,
    },
    /// The screen was touched.
    Touch,
    /// Time has passed; about once a second.
    Tick,
    /// Staff lock the device.
    Lock,
    /// Staff unlocked the device.
    Unlock,
}

/// User settings as they come, with what the institution calls the device.
#[derive(Debug)]
pub enum Given {
    /// The text of a QR or a file.
    Read {
        /// A compact JWS; it holds the registration code.
        text: Zeroizing<String>,
        /// What the institution calls the device.
        device_name: String,
    },
    /// Typed by hand.
    Typed {
        /// The service's origin; may be left out where the trust list has but one.
        service: Option<String>,
        /// 医療機関コード.
        institution: String,
        /// Account id.
        account: String,
        /// Registration code.
        code: Zeroizing<String>,
        /// What the institution calls the device.
        device_name: String,
    },
    /// Those of the last attempt, which did not reach the service; [`super::Terminal::has_settings`] says whether
    /// there are any.
    Again,
}

/// What the shell does for the terminal, in this order.
#[derive(Debug)]
pub enum Effect {
    /// Run it apart, and hand what comes back to [`super::Terminal::reply`].
    Call(Box<Call>),
    /// Wait for a card; when it is there, begin with [`super::Terminal::tap`], else say [`Act::NoTap`].
    AwaitCard(Ticket),
    /// Wait no longer, or end the tap; power the card off.
    CancelTap(Ticket),
    /// Hand this to staff.
    Export {
        /// In which form.
        form: ExportForm,
        /// What to hand on.
        text: String,
    },
    /// The export could not be made.
    NotExported(Code),
    /// Delete every trace of the person that the shell holds: fields, clipboard, temporary files.
    WipePerson,
}
