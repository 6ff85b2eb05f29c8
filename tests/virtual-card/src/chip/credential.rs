//! VERIFY: the counter, and the PIN itself.

use super::read::short_id;
use super::{Chip, Content, Current, Secret};
use crate::apdu::Command;
use crate::status::Status;
use crate::timing::Effort;

/// P2: the credential in the selected file.
const SELECTED: u8 = 0x80;
/// Longest credential that is compared at all; more is a wrong length and costs nothing.
const LONGEST: usize = 16;

impl Chip {
    /// `00200080`, exactly four octets, asks for the counter; with a data field it spends a try if the
    /// credential is wrong. An Le is refused and spends nothing.
    pub(super) fn verify(&mut self, command: &Command<'_>) -> Result<(Vec<u8>, Status, Effort), Status> {
        if command.le.is_some() || command.data.len() > LONGEST {
            return Err(Status::WRONG_LENGTH);
        }
        if command.p1 != 0 {
            return Err(Status::WRONG_PARAMETERS);
        }
        let id = self.credential_file(command.p2)?;
        let quirks = self.capabilities.quirks;
        let secret = self.secret(id)?;
        if command.data.is_empty() {
            let misunderstood = quirks.short_counter.filter(|_| command.p2 != SELECTED);
            return Err(misunderstood.map_or_else(|| secret.counter(), Status));
        }
        if let Some(misunderstood) = quirks.short_verify.filter(|_| command.p2 != SELECTED) {
            if misunderstood.counts {
                secret.spend();
            }
            return Ok((Vec::new(), Status(misunderstood.status), Effort::Plain));
        }
        let verdict = secret.compare(command.data);
        if verdict == Status::DONE {
            self.session.verified.insert(id);
        } else {
            self.session.verified.remove(&id);
        }
        Ok((Vec::new(), verdict, Effort::Verified))
    }

    fn credential_file(&mut self, reference: u8) -> Result<u16, Status> {
        if reference == SELECTED {
            return self.session.file.ok_or(Status::NO_FILE);
        }
        let named = (reference & 0x80 != 0).then_some(reference & 0x7f);
        let id = named.and_then(short_id).filter(|_| self.capabilities.verify_by_short_id);
        let id = id.ok_or(Status::WRONG_PARAMETERS)?;
        self.file(id).ok_or(Status::NOT_FOUND)?;
        self.session.file = Some(id);
        Ok(id)
    }

    fn secret(&mut self, id: u16) -> Result<&mut Secret, Status> {
        let Current::Application(index) = self.session.current else { return Err(Status::NO_FILE) };
        let application = self.applications.get_mut(index).ok_or(Status::NO_FILE)?;
        match &mut application.files.get_mut(&id).ok_or(Status::NO_FILE)?.content {
            Content::Secret(secret) => Ok(secret),
            _ => Err(Status::WRONG_FILE_KIND),
        }
    }
}

impl Secret {
    /// What the counter query answers: tries left, whether or not the credential was verified before.
    fn counter(&self) -> Status {
        self.tries.map_or(Status::NOT_VERIFIED, |tries| Status::tries(tries.left))
    }

    /// Spends a try if wrong; the one that blocks answers 63C0, every later one 6984, right or wrong.
    fn compare(&mut self, given: &[u8]) -> Status {
        let right = self.value == given;
        let Some(tries) = &mut self.tries else {
            return if right { Status::DONE } else { Status::NOT_VERIFIED };
        };
        if tries.left == 0 {
            return Status::BLOCKED;
        }
        if right {
            tries.left = tries.limit;
            return Status::DONE;
        }
        tries.left -= 1;
        Status::tries(tries.left)
    }

    /// Spends a try, if there is one, without looking at anything.
    fn spend(&mut self) {
        if let Some(tries) = &mut self.tries {
            tries.left = tries.left.saturating_sub(1);
        }
    }
}
