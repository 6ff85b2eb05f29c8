//! 利用終了: on an institution's last day its accounts become 失効 by themselves, and nobody has to be there.
//!
//! Whoever asks on that day or later is judged by the day itself ([`Institution::phase_on`]), whether or not the sweep
//! has been there; the sweep makes the accounts' state, their codes and challenges agree, with an audit row for each.
//!
//! [`Institution::phase_on`]: crate::store::institutions::Institution::phase_on

use shikaku::identifier::{Date, InstitutionCode};
use shikaku::instant::UnixTime;

use crate::audit::{self, Entry, NodeId};
use crate::store::accounts::{self, AccountState};
use crate::store::{Store, StoreError, Transaction, institutions};

/// Outcome of the row that each account's end has in the audit.
pub(crate) const REVOKED: &str = "account-revoked";

/// Ends the accounts of every institution whose last day has come. Answers how many became 失効.
pub(crate) async fn due(store: &Store, node: &NodeId, now: UnixTime) -> Result<usize, StoreError> {
    let mut ended = 0;
    let due = institutions::ended_with_accounts(&mut *store.read().await?, Date::of(now)).await?;
    for institution in due {
        let mut transaction = store.begin().await?;
        ended +=
            accounts_of(&mut transaction, node, &institution, &Entry::new(now, "calendar", REVOKED)).await?;
        transaction.commit().await?;
    }
    Ok(ended)
}

/// Makes an institution's accounts 失効: their codes die, their open challenges retire. One audit row for each, after
/// `pattern`; call it last but for the audit. Answers how many were not 失効 before.
pub(crate) async fn accounts_of(
    transaction: &mut Transaction,
    node: &NodeId,
    institution: &InstitutionCode,
    pattern: &Entry<'_>,
) -> Result<usize, StoreError> {
    let mut ended = Vec::new();
    for account in accounts::all(transaction, Some(institution)).await? {
        let (id, state) = (account.id, account.state);
        if state == AccountState::Revoked
            || !accounts::change_state(transaction, &id, state, AccountState::Revoked, pattern.at).await?
        {
            continue;
        }
        accounts::erase_code(transaction, &id).await?;
        accounts::retire_challenges(transaction, &id).await?;
        ended.push(id);
    }
    for id in &ended {
        let entry = Entry { device: id.as_str(), institution: institution.as_str(), ..*pattern };
        audit::append(transaction, node, &entry).await?;
    }
    Ok(ended.len())
}
