//! What a visual check (目視確認) needs of a terminal: what the chip showed, for the eyes of the staff alone, and the second
//! step of the check.

use super::Terminal;
use super::act::Effect;
use super::tapping::Tapping;
use crate::check::{NamedCheck, PendingCheck};
use crate::flow::{Event, Ticket};
use crate::guide::Code;
use crate::photo::{Photo, PhotoError};
use crate::tap::{Seen, VisualEvidence};

impl Terminal {
    /// Takes what a visual tap proved. Staff have yet to say that photo and person agree.
    pub(super) fn proven(
        &mut self,
        ticket: Ticket,
        check: PendingCheck,
        mut evidence: VisualEvidence,
    ) -> Event {
        let (name, photo) = match &mut evidence.seen {
            Some(Seen { photo, name }) => {
                let readable = photo.png().map(drop).map_err(PhotoError::code);
                (Some(core::mem::take(name)), readable.map(|()| true))
            }
            None => (None, Ok(false)),
        };
        self.tapping = Tapping::Proven { check, evidence: Box::new(evidence) };
        Event::TapProven { ticket, name, photo }
    }

    /// The photo in the chip, while staff compare it ([`View::Look`](crate::flow::View::Look)) and not a moment longer.
    pub fn photo(&self) -> Option<&Photo> {
        match &self.tapping {
            Tapping::Proven { evidence, .. } => evidence.seen.as_ref().map(|seen| &seen.photo),
            _ => None,
        }
    }

    /// Drops photo and name of the chip; the evidence stays until the check is made of it.
    pub(super) fn wipe_seen(&mut self) {
        if let Tapping::Proven { evidence, .. } = &mut self.tapping {
            evidence.seen = None;
        }
    }

    /// Makes the second step, seals it in the place of the first, and sends it.
    pub(super) fn send_named(
        &mut self,
        ticket: Ticket,
        named: NamedCheck,
        confirmed: bool,
    ) -> Result<Effect, Code> {
        let key = self.operation()?;
        self.seal(if confirmed { named.confirm(key) } else { named.deny(key) })?;
        self.send(ticket)
    }
}
