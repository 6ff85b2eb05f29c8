//! The card face application (券面事項確認AP). Of its files those that hold the image of the 12-digit number, or open it,
//! have no function here.

use zeroize::Zeroizing;

use super::application::{self, Printed, Tally};
use super::jpki::Failure;
use super::profile::SurfaceProfile;
use super::strategy::ReaderLimits;
use super::tries::Permit;
use crate::apdu::command::Command;
use crate::apdu::exchange::{Transceive, exchange};
use crate::evidence::{
    AgeRecord, CardFace, CvCertificate, MAX_AGE_RECORD_LENGTH, MAX_CARD_FACE_LENGTH,
    MAX_CV_CERTIFICATE_LENGTH,
};
use crate::secret::{BirthDateKey, CodeB};
use crate::transcript::VisualTranscript;

/// The application, selected on the card behind `card`.
pub(crate) struct Surface<'a, T> {
    card: &'a mut T,
    profile: &'static SurfaceProfile,
}

impl<'a, T: Transceive + Send + Sync> Surface<'a, T> {
    /// Selects the application, and so leaves the one before it. Spends nothing.
    pub(crate) async fn select(card: &'a mut T, profile: &'static SurfaceProfile) -> Result<Self, Failure> {
        application::select(card, profile.application).await?;
        Ok(Self { card, profile })
    }

    /// The carrier, to be told what the next exchange is for.
    pub(crate) fn card(&mut self) -> &mut T {
        self.card
    }

    /// The card-verifiable certificate; `None` if what lies there is none. Free to read. Spends nothing.
    pub(crate) async fn certificate(
        &mut self,
        limits: ReaderLimits,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
        let file = (self.profile.certificate, CvCertificate::TAG, MAX_CV_CERTIFICATE_LENGTH);
        application::read_object(self.card, file, limits).await
    }

    /// Tries left of the birth-date key, its file selected. Spends nothing.
    pub(crate) async fn birth_date_tally(&mut self) -> Result<Tally, Failure> {
        application::tally(self.card, self.profile.birth_date).await
    }

    /// Tries left of 照合番号B, its file selected. Spends nothing.
    pub(crate) async fn code_b_tally(&mut self) -> Result<Tally, Failure> {
        application::tally(self.card, self.profile.code_b).await
    }

    /// **Spends a try** unless the birth date is right. It is gone afterwards, whatever comes.
    pub(crate) async fn verify_birth_date(&mut self, birth_date: BirthDateKey, permit: Permit) -> Printed {
        let command = Command::verify_birth_date(&birth_date);
        drop(birth_date);
        application::verify(self.card, command, permit).await
    }

    /// **Spends a try** unless 照合番号B is right.
    pub(crate) async fn verify_code_b(&mut self, code: &CodeB, permit: Permit) -> Printed {
        application::verify(self.card, Command::verify_code_b(code), permit).await
    }

    /// The age record, after the birth date; `None` if what lies there is none. Spends nothing.
    pub(crate) async fn age_record(
        &mut self,
        limits: ReaderLimits,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
        let file = (self.profile.age_record, AgeRecord::TAG, MAX_AGE_RECORD_LENGTH);
        application::read_object(self.card, file, limits).await
    }

    /// The card face, after 照合番号B; `None` if what lies there is none. Spends nothing.
    pub(crate) async fn card_face(
        &mut self,
        limits: ReaderLimits,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
        let file = (self.profile.card_face, CardFace::TAG, MAX_CARD_FACE_LENGTH);
        application::read_object(self.card, file, limits).await
    }

    /// Has the card's own key sign `transcript`, nothing else: 256 octets that the caller verifies. Spends nothing.
    pub(crate) async fn sign(&mut self, transcript: &VisualTranscript) -> Result<[u8; 256], Failure> {
        let answer = exchange(self.card, Command::sign_visual(transcript)).await?;
        answer.success().map_err(Failure::Status)?.try_into().map_err(|_| Failure::Garbage)
    }
}
