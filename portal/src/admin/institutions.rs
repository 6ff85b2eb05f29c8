//! Institutions: added, imported, live from a day, ended.

use shikaku::identifier::{Date, InstitutionCode};

use super::{AdminError, Operator, fits};
use crate::ending;
use crate::store::institutions::{self, Institution, InstitutionPhase, NAME_LIMIT, NewInstitution};
use crate::store::{Connection, Constraint};

/// What an institution shall be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// 運用テスト.
    Trial,
    /// 運用, from 運用開始日 on.
    LiveFrom(Date),
}

/// What an import of institutions did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Imported {
    /// New institutions.
    pub added: u64,
    /// Known ones with another name.
    pub renamed: u64,
    /// Known ones as they were.
    pub unchanged: u64,
}

impl Operator {
    /// Adds an institution, in 運用テスト; a test institution if its code says so.
    pub async fn add_institution(&self, new: &NewInstitution) -> Result<(), AdminError> {
        fits("医療機関等名", &new.name, NAME_LIMIT)?;
        let mut transaction = self.store.begin().await?;
        match institutions::add(&mut transaction, new, self.clock.now()).await {
            Err(error) if error.is(Constraint::Institution) => {
                return Err(AdminError::InstitutionExists(new.code.clone()));
            }
            other => other?,
        }
        self.seal_act(transaction, &self.entry("institution-added").of_institution(&new.code)).await
    }

    /// Adds the institutions that are not there and renames those that are: all or none.
    pub async fn import_institutions(&self, rows: &[NewInstitution]) -> Result<Imported, AdminError> {
        let mut transaction = self.store.begin().await?;
        let mut done = Imported::default();
        for new in rows {
            match institutions::find(&mut transaction, &new.code).await? {
                None => {
                    institutions::add(&mut transaction, new, self.clock.now()).await?;
                    done.added += 1;
                }
                Some(known) if known.name != new.name => {
                    institutions::rename(&mut transaction, new).await?;
                    done.renamed += 1;
                }
                Some(_) => done.unchanged += 1,
            }
        }
        self.seal_act(transaction, &self.entry("institutions-imported")).await?;
        Ok(done)
    }

    /// All institutions.
    pub async fn institutions(&self) -> Result<Vec<Institution>, AdminError> {
        Ok(institutions::all(&mut *self.store.read().await?).await?)
    }

    /// Puts an institution into 運用テスト, or sets its 運用開始日, which is today or later.
    pub async fn set_phase(&self, code: &InstitutionCode, phase: Phase) -> Result<Institution, AdminError> {
        let day = match phase {
            Phase::Trial => None,
            Phase::LiveFrom(day) if day < self.today() => return Err(AdminError::PastDay(day)),
            Phase::LiveFrom(day) => Some(day),
        };
        let mut transaction = self.store.begin().await?;
        match institutions::set_live_from(&mut transaction, code, day).await {
            Err(error) if error.is(Constraint::TestNeverLive) => return Err(AdminError::TestNeverLive),
            Ok(false) => return Err(AdminError::NoInstitution(code.clone())),
            other => other?,
        };
        let institution = required(&mut transaction, code).await?;
        self.seal_act(transaction, &self.entry("phase-set").of_institution(code)).await?;
        Ok(institution)
    }

    /// Ends an institution's use on a day, today or later. If it is today its accounts become 失効 at once; else they
    /// do on that day, by the sweep, and are taken for 失効 from its first second on. Until then the day can be moved.
    pub async fn end_institution(
        &self,
        code: &InstitutionCode,
        day: Date,
    ) -> Result<Institution, AdminError> {
        if day < self.today() {
            return Err(AdminError::PastDay(day));
        }
        let mut transaction = self.store.begin().await?;
        let before = required(&mut transaction, code).await?;
        if before.phase_on(self.today()) == InstitutionPhase::Ended {
            return Err(AdminError::InstitutionEnded(code.clone()));
        }
        institutions::end(&mut transaction, code, day).await?;
        let institution = required(&mut transaction, code).await?;
        if day == self.today() {
            let act = self.entry(ending::REVOKED);
            ending::accounts_of(&mut transaction, &self.keys.node, code, &act.as_audit()).await?;
        }
        self.seal_act(transaction, &self.entry("institution-ended").of_institution(code)).await?;
        Ok(institution)
    }
}

/// An institution that must be there.
pub(super) async fn required(
    connection: &mut Connection,
    code: &InstitutionCode,
) -> Result<Institution, AdminError> {
    institutions::find(connection, code).await?.ok_or_else(|| AdminError::NoInstitution(code.clone()))
}
