//! Whether a registration proves the account's code, and what it may learn.

use shikaku::guide::Code;
use shikaku::registration::{RegistrationRequest, is_registration_proof};
use shikaku::settings::RegistrationCode;

use crate::app::Service;
use crate::sealing::Place;
use crate::store::accounts::{self, Account, SealedCode};
use crate::store::registrations::{self, SpentCode};
use crate::store::{Reader, StoreError};

/// What the service knows of the account that a registration names.
pub(super) struct Known {
    account: Option<Account>,
    live: Option<SealedCode>,
    spent: Vec<SpentCode>,
}

/// What a proof proved.
pub(super) enum Proven {
    /// The live code of this account, sealed as it lies there.
    Live(Account, Vec<u8>),
    /// A code that is dead for this reason.
    Dead(Code),
    /// No code of this account, or there is no such account: one and the same.
    Nothing(Option<Account>),
}

impl Known {
    /// Asks the same of the store whether or not there is such an account.
    pub(super) async fn of(request: &RegistrationRequest, reader: &mut Reader) -> Result<Self, StoreError> {
        Ok(Self {
            account: accounts::find(reader, &request.account_id).await?,
            live: accounts::code(reader, &request.account_id).await?,
            spent: registrations::spent_codes(reader, &request.account_id).await?,
        })
    }

    /// Holds the proof against the live code, then the spent ones; against a made-up one where there is none.
    pub(super) fn judge(self, service: &Service, request: &RegistrationRequest) -> Proven {
        let fits = |code: Option<RegistrationCode>| {
            let known = code.is_some();
            let code = code.unwrap_or(RegistrationCode::from_octets([0; 10]));
            let (account, spki, nonce) = (&request.account_id, &request.spki, &request.nonce);
            is_registration_proof(&request.proof, &code, &service.origin, account, spki, nonce) && known
        };
        let id = &request.account_id;
        let open = |place, sealed: &[u8]| opened(service, place, sealed);
        let live = self.live.filter(|live| fits(open(Place::RegistrationCode(id), &live.sealed)));
        let spent = self.spent.into_iter().find(|spent| fits(open(Place::SpentCode(id), &spent.sealed)));
        // The same work where the account has no code at all.
        let _ = fits(None);
        match (self.account, live, spent) {
            (Some(account), Some(live), _) if service.clock.now() < live.expires_at => {
                Proven::Live(account, live.sealed)
            }
            (Some(_), Some(_), _) => Proven::Dead(Code::RegistrationExpired),
            (Some(_), None, Some(spent)) => Proven::Dead(spent.reason.code()),
            (account, ..) => Proven::Nothing(account),
        }
    }

    /// Whether the proof, by a key that is bound already, is one of the account's codes. Once the spent code is
    /// forgotten the bound key's signature has to do: it says as much.
    pub(super) fn repeats(self, service: &Service, request: &RegistrationRequest) -> bool {
        self.spent.is_empty() || matches!(self.judge(service, request), Proven::Dead(Code::RegistrationUsed))
    }
}

fn opened(service: &Service, place: Place<'_>, sealed: &[u8]) -> Option<RegistrationCode> {
    let octets = match service.keys.sealing.open(place, sealed) {
        Ok(octets) => octets,
        Err(error) => {
            tracing::error!(%error, "a registration code cannot be opened");
            return None;
        }
    };
    Some(RegistrationCode::from_octets(octets.as_slice().try_into().ok()?))
}
