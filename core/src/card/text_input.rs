//! The text input application (券面入力補助AP), for the name and nothing else. The 12-digit number that lies in it has no
//! function here, and neither has what opens it.

use zeroize::Zeroizing;

use super::application::{self, Printed, Tally};
use super::jpki::Failure;
use super::profile::TextInputProfile;
use super::strategy::ReaderLimits;
use super::tries::Permit;
use crate::apdu::command::Command;
use crate::apdu::exchange::Transceive;
use crate::evidence::{Attributes, MAX_ATTRIBUTES_LENGTH};
use crate::secret::CodeB;

/// The application, selected on the card behind `card`.
pub(crate) struct TextInput<'a, T> {
    card: &'a mut T,
    profile: &'static TextInputProfile,
}

impl<'a, T: Transceive + Send + Sync> TextInput<'a, T> {
    /// Selects the application, and so leaves the one before it. Spends nothing.
    pub(crate) async fn select(card: &'a mut T, profile: &'static TextInputProfile) -> Result<Self, Failure> {
        application::select(card, profile.application).await?;
        Ok(Self { card, profile })
    }

    /// The carrier, to be told what the next exchange is for.
    pub(crate) fn card(&mut self) -> &mut T {
        self.card
    }

    /// Tries left of 照合番号B in this application, its file selected. Spends nothing.
    pub(crate) async fn code_b_tally(&mut self) -> Result<Tally, Failure> {
        application::tally(self.card, self.profile.code_b).await
    }

    /// **Spends a try** unless 照合番号B is right. It is gone afterwards, whatever comes.
    pub(crate) async fn verify_code_b(&mut self, code: CodeB, permit: Permit) -> Printed {
        let command = Command::verify_code_b(&code);
        drop(code);
        application::verify(self.card, command, permit).await
    }

    /// Name and birth date, after 照合番号B; `None` if what lies there is something else. Spends nothing.
    pub(crate) async fn attributes(
        &mut self,
        limits: ReaderLimits,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
        let file = (self.profile.attributes, Attributes::TAG, MAX_ATTRIBUTES_LENGTH);
        application::read_object(self.card, file, limits).await
    }
}
