//! Accounts: issued, re-issued, suspended, resumed, revoked.

use std::collections::BTreeSet;

use shikaku::identifier::{AccountId, InstitutionCode};
use shikaku::settings::RegistrationCode;
use zeroize::Zeroizing;

use super::{AdminError, Operator, fits, institutions};
use crate::sealing::Place;
use crate::store::accounts::{self, Account, AccountState, SealedCode};
use crate::store::institutions::{self as stored, Institution, InstitutionPhase};
use crate::store::{Connection, Transaction};

/// Seconds that a registration code lives: 30 days.
pub const CODE_LIFE: u64 = 30 * 86_400;

/// Characters of an account's name or place.
const LABEL_LIMIT: usize = 100;

/// Accounts that one application may ask for.
const MOST_AT_ONCE: u32 = 20;

impl Operator {
    /// Issues accounts for an institution, each with a registration code that lives `code_life` seconds.
    pub async fn issue_accounts(
        &self,
        code: &InstitutionCode,
        count: u32,
        name: &str,
        place: &str,
        code_life: u64,
    ) -> Result<Vec<AccountId>, AdminError> {
        if !(1..=MOST_AT_ONCE).contains(&count) {
            return Err(AdminError::Count { most: MOST_AT_ONCE });
        }
        fits("端末の名前", name, LABEL_LIMIT)?;
        fits("置き場所", place, LABEL_LIMIT)?;
        let mut transaction = self.store.begin().await?;
        let institution = institutions::required(&mut transaction, code).await?;
        if self.has_ended(&institution) {
            return Err(AdminError::InstitutionEnded(code.clone()));
        }
        let mut ids = Vec::new();
        for _ in 0..count {
            let id = accounts::add(&mut transaction, code, name, place, self.clock.now()).await?;
            self.put_new_code(&mut transaction, &id, code_life).await?;
            ids.push(id);
        }
        for id in ids.iter().skip(1) {
            let act = self.entry("account-issued").of_institution(code).of_account(id);
            crate::audit::append(&mut transaction, &self.keys.node, &act.as_audit()).await?;
        }
        let mut act = self.entry("account-issued").of_institution(code);
        if let Some(first) = ids.first() {
            act = act.of_account(first);
        }
        self.seal_act(transaction, &act).await?;
        Ok(ids)
    }

    /// Gives an account a new code: the old one dies, a bound device is released, the state is 発行済 again.
    pub async fn reissue_account(&self, id: &AccountId, code_life: u64) -> Result<(), AdminError> {
        let mut transaction = self.store.begin().await?;
        let account = self.locked(&mut transaction, id).await?;
        if account.state == AccountState::Revoked {
            return Err(refused(account));
        }
        accounts::release_device(&mut transaction, id, self.clock.now()).await?;
        accounts::change_state(&mut transaction, id, account.state, AccountState::Issued, self.clock.now())
            .await?;
        self.put_new_code(&mut transaction, id, code_life).await?;
        self.seal_act(transaction, &self.act_on(&account, "account-reissued")).await
    }

    /// 登録済 → 停止. The device hears of it with its next signed answer.
    pub async fn suspend_account(&self, id: &AccountId) -> Result<(), AdminError> {
        self.change(id, &[AccountState::Registered], AccountState::Suspended, "account-suspended").await
    }

    /// 停止 → 登録済.
    pub async fn resume_account(&self, id: &AccountId) -> Result<(), AdminError> {
        self.change(id, &[AccountState::Suspended], AccountState::Registered, "account-resumed").await
    }

    /// → 失効, for good; a code that was not used dies. The device stays known, so that it hears why.
    pub async fn revoke_account(&self, id: &AccountId) -> Result<(), AdminError> {
        let from = [AccountState::Issued, AccountState::Registered, AccountState::Suspended];
        self.change(id, &from, AccountState::Revoked, "account-revoked").await
    }

    /// An institution's accounts, or all, as they stand today.
    pub async fn accounts(&self, institution: Option<&InstitutionCode>) -> Result<Vec<Account>, AdminError> {
        let mut reader = self.store.read().await?;
        let all = stored::all(&mut reader).await?;
        let ended: BTreeSet<_> =
            all.into_iter().filter(|one| self.has_ended(one)).map(|one| one.code).collect();
        let mut accounts = accounts::all(&mut reader, institution).await?;
        for account in accounts.iter_mut().filter(|account| ended.contains(&account.institution)) {
            account.state = AccountState::Revoked;
        }
        Ok(accounts)
    }

    /// Whether an institution's accounts are 失効 today, though the sweep may not have made them so.
    pub(super) fn has_ended(&self, institution: &Institution) -> bool {
        institution.phase_on(self.today()) == InstitutionPhase::Ended
    }

    async fn change(
        &self,
        id: &AccountId,
        from: &[AccountState],
        to: AccountState,
        act: &str,
    ) -> Result<(), AdminError> {
        let mut transaction = self.store.begin().await?;
        let account = self.locked(&mut transaction, id).await?;
        if !from.contains(&account.state) {
            return Err(refused(account));
        }
        accounts::change_state(&mut transaction, id, account.state, to, self.clock.now()).await?;
        if to != AccountState::Registered {
            accounts::retire_challenges(&mut transaction, id).await?;
        }
        if to == AccountState::Revoked {
            accounts::erase_code(&mut transaction, id).await?;
        }
        self.seal_act(transaction, &self.act_on(&account, act)).await
    }

    /// The account as it stands today, locked.
    async fn locked(&self, transaction: &mut Transaction, id: &AccountId) -> Result<Account, AdminError> {
        let account = accounts::lock(transaction, id).await?;
        let mut account = account.ok_or_else(|| AdminError::NoAccount(id.clone()))?;
        if self.has_ended(&institutions::required(transaction, &account.institution).await?) {
            account.state = AccountState::Revoked;
        }
        Ok(account)
    }

    async fn put_new_code(
        &self,
        connection: &mut Connection,
        id: &AccountId,
        life: u64,
    ) -> Result<(), AdminError> {
        let octets = Zeroizing::new(self.randomness.octets::<10>()?);
        let code = RegistrationCode::from_octets(*octets);
        let sealed = self.keys.sealing.seal(Place::RegistrationCode(id), code.octets(), &self.randomness)?;
        let now = self.clock.now();
        let code = SealedCode { sealed, issued_at: now, expires_at: now.plus(life) };
        Ok(accounts::put_code(connection, id, &code).await?)
    }

    fn act_on(&self, account: &Account, act: &str) -> super::Act {
        self.entry(act).of_institution(&account.institution).of_account(&account.id)
    }
}

fn refused(account: Account) -> AdminError {
    AdminError::State { account: account.id, state: account.state }
}
