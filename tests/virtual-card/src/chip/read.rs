//! READ BINARY.

use super::{Answer, Chip, Content, File, ShortRead};
use crate::apdu::{Command, Expected};
use crate::status::Status;

impl Chip {
    /// `00B0 hi lo Le` reads the selected file; `00B0 80|SFI offset Le` selects and reads, if the card can.
    pub(super) fn read(&mut self, command: &Command<'_>) -> Answer {
        let le = command.le.filter(|_| command.data.is_empty()).ok_or(Status::WRONG_LENGTH)?;
        if command.p1 & 0x80 == 0 {
            let offset = usize::from(u16::from_be_bytes([command.p1, command.p2]));
            let (_, file) = self.selected()?;
            return self.read_from(file, offset, le);
        }
        let short_id = short_id(command.p1 & 0x7f).filter(|_| self.capabilities.read_by_short_id);
        let quirk = self.capabilities.quirks.short_read;
        let id = match (short_id.ok_or(Status::WRONG_PARAMETERS)?, quirk) {
            (_, Some(ShortRead::AnotherFile(another))) => another,
            (id, _) => id,
        };
        let answer = self.read_from(self.file(id).ok_or(Status::NOT_FOUND)?, usize::from(command.p2), le);
        if quirk != Some(ShortRead::KeepsSelection) {
            self.session.file = Some(id);
        }
        answer
    }

    fn read_from(&self, file: &File, offset: usize, le: Expected) -> Answer {
        let Content::Data(octets) = &file.content else { return Err(Status::WRONG_FILE_KIND) };
        self.allow(file.access)?;
        let rest = octets.get(offset..).filter(|rest| !rest.is_empty()).ok_or(Status::PAST_END)?;
        let read = rest.get(..le.limit()).unwrap_or(rest);
        let warned = match le {
            Expected::Exactly(wanted) => self.capabilities.warns_at_end && wanted > read.len(),
            Expected::UpTo(_) => false,
        };
        Ok((read.to_vec(), if warned { Status::END_OF_FILE } else { Status::DONE }))
    }
}

/// Short identifiers are 01 to 1E.
pub(super) fn short_id(octet: u8) -> Option<u16> {
    (0x01..=0x1e).contains(&octet).then_some(u16::from(octet))
}
