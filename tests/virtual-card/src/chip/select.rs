//! SELECT: applications by AID, files by identifier.

use super::{Answer, Chip, Current};
use crate::apdu::Command;
use crate::status::Status;

/// The card manager, which clients select to leave an application and its security status behind.
const CARD_MANAGER: &[u8] = &[0xa0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00];

impl Chip {
    pub(super) fn select(&mut self, command: &Command<'_>) -> Answer {
        match (command.p1, command.p2) {
            (0x00, 0x00) => self.select_root(command),
            (0x04, 0x00 | 0x0c) => self.select_application(command.data),
            (0x02, 0x00 | 0x0c) => self.select_file(command.data),
            _ => Err(Status::WRONG_PARAMETERS),
        }
    }

    /// 00A40000: 6A86 while nothing is selected, else 9000 without any effect (observed on test cards).
    fn select_root(&self, command: &Command<'_>) -> Answer {
        match self.session.current {
            Current::Application(_) if command.data.is_empty() => Ok((Vec::new(), Status::DONE)),
            _ => Err(Status::WRONG_PARAMETERS),
        }
    }

    /// An application that is not there leaves everything as it is. Another one than before clears the
    /// security status; the same one again does not.
    fn select_application(&mut self, aid: &[u8]) -> Answer {
        let found = if aid == CARD_MANAGER {
            Current::CardManager
        } else {
            let index = self.applications.iter().position(|application| application.aid == aid);
            Current::Application(index.ok_or(Status::NOT_FOUND)?)
        };
        let owner = match found {
            Current::Application(index) => Some(index),
            _ => None,
        };
        if self.session.owner != owner {
            self.session.verified.clear();
        }
        self.session.owner = owner;
        self.session.current = found;
        self.session.file = None;
        Ok((Vec::new(), Status::DONE))
    }

    fn select_file(&mut self, id: &[u8]) -> Answer {
        let id: [u8; 2] = id.try_into().map_err(|_| Status::WRONG_LENGTH)?;
        let id = u16::from_be_bytes(id);
        self.file(id).ok_or(Status::NOT_FOUND)?;
        self.session.file = Some(id);
        Ok((Vec::new(), Status::DONE))
    }
}
