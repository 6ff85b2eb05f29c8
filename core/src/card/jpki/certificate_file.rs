//! The certificate's file: by short id or selected, in one extended read or in short ones.

use super::{Failure, Jpki};
use crate::apdu::Status;
use crate::apdu::command::{Command, EXTENDED_READ, SHORT_READ};
use crate::apdu::exchange::Transceive;
use crate::card::strategy::{Probe, ReaderLimits, Strategy};
use crate::certificate::{MAX_CERTIFICATE_LENGTH, der};

/// Reads of one file, as a multiple of what the longest certificate needs: a card may answer in smaller parts.
const READS_MARGIN: usize = 4;
/// Octets of the longest header of a certificate: tag, and a length of two octets.
const HEADER_LENGTH: usize = 4;

/// What lies in the certificate's file.
pub(crate) enum CertificateFile {
    /// As many octets as the DER header says.
    Octets(Vec<u8>),
    /// 6982: a phone keeps it behind the PIN.
    NeedsPin,
    /// 6A82: there is no such file.
    Absent,
    /// Not the beginning of a certificate, or one that stops before its end.
    Malformed,
}

impl<T: Transceive + Send + Sync, S> Jpki<'_, T, S> {
    /// Reads the certificate's file: its length comes from the DER header, never from the file, which is padded.
    /// `strategy` comes back with what was learned. Spends nothing.
    pub(crate) async fn read_certificate(
        &mut self,
        limits: ReaderLimits,
        strategy: &mut Strategy,
    ) -> Result<CertificateFile, Failure> {
        if strategy.names_certificate(limits)
            && let Some(file) = self.certificate_by_short_id(limits, strategy).await?
        {
            return Ok(file);
        }
        self.selected_certificate(limits, strategy).await
    }

    /// As [`Jpki::read_certificate`], with the file selected.
    pub(crate) async fn selected_certificate(
        &mut self,
        limits: ReaderLimits,
        strategy: &mut Strategy,
    ) -> Result<CertificateFile, Failure> {
        let first = match self.select_file(self.profile.certificate).await? {
            Ok(()) => self.first_read(limits, strategy).await?,
            Err(status) => Err(status),
        };
        match first {
            Ok(octets) => self.rest(octets, limits, strategy).await,
            Err(Status::SecurityStatus) => Ok(CertificateFile::NeedsPin),
            Err(Status::NotFound) => Ok(CertificateFile::Absent),
            Err(other) => Err(Failure::Status(other)),
        }
    }

    /// The certificate with its file named in the first read, which selects it for those that follow; `None` if the
    /// card has to be asked in the standard form. That the file wants a PIN, or is not there, is believed only of a
    /// form that has worked.
    async fn certificate_by_short_id(
        &mut self,
        limits: ReaderLimits,
        strategy: &mut Strategy,
    ) -> Result<Option<CertificateFile>, Failure> {
        let known = strategy.read_by_short_id;
        strategy.read_by_short_id = known.doubted();
        let file = match self.first_read_by_short_id(limits, strategy).await {
            Ok(Ok(octets)) => self.rest(octets, limits, strategy).await,
            Ok(Err(Status::SecurityStatus)) => Ok(CertificateFile::NeedsPin),
            Ok(Err(Status::NotFound)) => Ok(CertificateFile::Absent),
            Ok(Err(other)) => Err(Failure::Status(other)),
            Err(failure) => Err(failure),
        };
        let (learned, file) = match file {
            Ok(file @ CertificateFile::Octets(_)) => (Probe::Works, Some(file)),
            Ok(file @ (CertificateFile::NeedsPin | CertificateFile::Absent)) => {
                (known, (known == Probe::Works).then_some(file))
            }
            Ok(CertificateFile::Malformed) | Err(Failure::Garbage | Failure::Status(_)) => {
                (Probe::Refused, None)
            }
            Err(fault @ Failure::Fault(_)) => return Err(fault),
        };
        strategy.read_by_short_id = learned;
        Ok(file)
    }

    /// Extended only where that form has worked already.
    async fn first_read_by_short_id(
        &mut self,
        limits: ReaderLimits,
        strategy: &mut Strategy,
    ) -> Result<Result<Vec<u8>, Status>, Failure> {
        let file = self.profile.certificate.short();
        if !limits.extended_length || strategy.extended_read != Probe::Works {
            return self.read_with(Command::read_by_short_id(file, limits.part()), limits.part()).await;
        }
        let part = strategy.extended_part();
        let answer = self.read_with(Command::read_extended_by_short_id(file, part), part).await?;
        if let Ok(octets) = &answer {
            strategy.extended_read = length_shows(octets);
        }
        Ok(answer)
    }

    /// The beginning of the selected file: in the extended form where reader and strategy have it, else short.
    async fn first_read(
        &mut self,
        limits: ReaderLimits,
        strategy: &mut Strategy,
    ) -> Result<Result<Vec<u8>, Status>, Failure> {
        if !limits.extended_length || !strategy.extended_read.is_usable() {
            return self.read(0, limits.part()).await;
        }
        let known = strategy.extended_read;
        strategy.extended_read = known.doubted();
        let part = strategy.extended_part();
        match self.read_with(Command::read_extended(0, part), part).await? {
            Ok(octets) if !octets.is_empty() => {
                strategy.extended_read = length_shows(&octets);
                Ok(Ok(octets))
            }
            // What these say of the file they say in every form.
            Err(status @ (Status::SecurityStatus | Status::NotFound)) => {
                strategy.extended_read = known;
                Ok(Err(status))
            }
            // Card or reader, whoever it is that does not take the form: the short one is asked for, as nothing is
            // spent by it.
            Ok(_) | Err(_) => {
                strategy.extended_read = Probe::Refused;
                self.read(0, limits.part()).await
            }
        }
    }

    /// What is missing of a certificate that begins so, from the selected file: in one more extended read where the
    /// first has worked and a short one would not do, else in short reads.
    async fn rest(
        &mut self,
        mut octets: Vec<u8>,
        limits: ReaderLimits,
        strategy: &Strategy,
    ) -> Result<CertificateFile, Failure> {
        let fewest = MAX_CERTIFICATE_LENGTH.div_ceil(limits.part().into());
        let mut extended = limits.extended_length && strategy.extended_read == Probe::Works;
        for _ in 0..=READS_MARGIN * fewest {
            let Some(length) = wanted(&octets) else { break };
            let (Ok(offset), Ok(missing @ 1..)) =
                (u16::try_from(octets.len()), u16::try_from(length.saturating_sub(octets.len())))
            else {
                octets.truncate(length);
                return Ok(CertificateFile::Octets(octets));
            };
            let at_once = extended && missing > limits.part();
            let answer = if at_once {
                let part = missing.min(EXTENDED_READ);
                self.read_with(Command::read_extended(offset, part), part).await?
            } else {
                self.read(offset, missing.min(limits.part())).await?
            };
            match answer {
                Ok(more) if !more.is_empty() => octets.extend(more),
                _ if at_once => extended = false,
                Ok(_) | Err(Status::PastEnd) => break,
                Err(other) => return Err(Failure::Status(other)),
            }
        }
        Ok(CertificateFile::Malformed)
    }
}

/// What the answer to an extended read shows: 256 octets or less could have been had without.
const fn length_shows(octets: &[u8]) -> Probe {
    if octets.len() > SHORT_READ as usize { Probe::Works } else { Probe::Refused }
}

/// How many octets there must be of a certificate that begins so: its length, once the header is there, else the
/// header; `None` if no certificate begins so.
fn wanted(octets: &[u8]) -> Option<usize> {
    match der::sequence_length(octets) {
        Some(length) => (length <= MAX_CERTIFICATE_LENGTH).then_some(length),
        None => {
            (octets.first() == Some(&der::SEQUENCE) && octets.len() < HEADER_LENGTH).then_some(HEADER_LENGTH)
        }
    }
}
