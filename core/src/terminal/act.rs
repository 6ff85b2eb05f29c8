//! What staff, patient, card and clock do to a terminal, and what a shell does for it.

use zeroize::Zeroizing;

use super::call::Call;
use crate::flow::{ExportForm, Ticket};
use crate::guide::Code;
use crate::tap::{Consent, Fault, Stage};

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
        /// What this patient has been told and has agreed to already, such as in a check that ended for want of it.
        consent: Consent,
    },
    /// Staff begin a visual check (目視確認).
    StartVisual {
        /// Who does it; asked for if it is not said here.
        staff: Option<String>,
        /// As with [`Act::StartCheck`], of the printed number; given up where staff are asked for first.
        consent: Consent,
    },
    /// Staff go on with a visual check of this person.
    UseVisual,
    /// Staff go on with the PIN of this person.
    UsePin,
    /// Staff say who does the visual check.
    NameStaff(String),
    /// Staff typed a number that is printed on the card, as ASCII digits: the birth date (six), or 照合番号B (fourteen).
    TypeNumber(Zeroizing<Vec<u8>>),
    /// Staff say that photo and person agree.
    Attest,
    /// Staff say that the name on the screen is the one printed on the card.
    ConfirmName,
    /// Staff say that it is not.
    DenyName,
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
    /// Delete the photo in the chip, wherever the shell has drawn it.
    WipeSeen,
    /// Delete every trace of the person that the shell holds: fields, clipboard, temporary files.
    WipePerson,
}
