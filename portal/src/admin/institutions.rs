//! Institutions: added, imported, live from a day, ended.

use shikaku::check::STAFF_NAME_LIMIT;
use shikaku::identifier::{Date, InstitutionCode};

use super::{AdminError, Operator, fits};
use crate::audit::{self, VisualRow};
use crate::ending;
use crate::store::institutions::{self, Institution, InstitutionPhase, NAME_LIMIT, NewInstitution, Switch};
use crate::store::{Connection, Constraint};

/// Seconds of a day in Japan, which has no summer time.
const DAY: u64 = 86_400;
/// Days that are listed at a time, so that a list stays within memory: a year.
const LONGEST_LIST: u64 = 366;

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

    /// Switches 目視確認 on or off for an institution. Its devices learn it with their next challenges; the service holds
    /// to it at once.
    pub async fn set_visual(&self, code: &InstitutionCode, on: bool) -> Result<Institution, AdminError> {
        self.switch(code, Switch::Visual, on).await
    }

    /// Switches 履歴 on or off for an institution. Its devices learn it with their next challenges; those that kept a
    /// history drop it then.
    pub async fn set_history(&self, code: &InstitutionCode, on: bool) -> Result<Institution, AdminError> {
        self.switch(code, Switch::History, on).await
    }

    async fn switch(
        &self,
        code: &InstitutionCode,
        what: Switch,
        on: bool,
    ) -> Result<Institution, AdminError> {
        let mut transaction = self.store.begin().await?;
        // Of one that does not exist nothing is switched, and the next line says so.
        institutions::switch(&mut transaction, code, what, on).await?;
        let institution = required(&mut transaction, code).await?;
        let act = self.entry(match (what, on) {
            (Switch::Visual, true) => "visual-switched-on",
            (Switch::Visual, false) => "visual-switched-off",
            (Switch::History, true) => "history-switched-on",
            (Switch::History, false) => "history-switched-off",
        });
        self.seal_act(transaction, &act.of_institution(code)).await?;
        Ok(institution)
    }

    /// Names of the staff that an institution's devices offer.
    pub async fn staff(&self, code: &InstitutionCode) -> Result<Vec<String>, AdminError> {
        let mut reader = self.store.read().await?;
        required(&mut reader, code).await?;
        Ok(institutions::staff(&mut reader, code).await?)
    }

    /// Adds somebody to the staff that an institution's devices offer.
    pub async fn add_staff(&self, code: &InstitutionCode, name: &str) -> Result<(), AdminError> {
        if name.trim().is_empty() {
            return Err(AdminError::Empty("担当者名"));
        }
        fits("担当者名", name, STAFF_NAME_LIMIT)?;
        let mut transaction = self.store.begin().await?;
        required(&mut transaction, code).await?;
        if !institutions::add_staff(&mut transaction, code, name).await? {
            return Err(AdminError::StaffExists(name.to_owned()));
        }
        self.seal_act(transaction, &self.entry("staff-added").of_institution(code).of_text(name)).await
    }

    /// Takes somebody from it. What was recorded under the name stays.
    pub async fn remove_staff(&self, code: &InstitutionCode, name: &str) -> Result<(), AdminError> {
        let mut transaction = self.store.begin().await?;
        required(&mut transaction, code).await?;
        if !institutions::remove_staff(&mut transaction, code, name).await? {
            return Err(AdminError::NoStaff(name.to_owned()));
        }
        self.seal_act(transaction, &self.entry("staff-removed").of_institution(code).of_text(name)).await
    }

    /// The visual checks of an institution on the days from `first` to `last`, in Japan, 366 days at the most, in their
    /// order: every name that was shown and every outcome.
    pub async fn visual_checks(
        &self,
        code: &InstitutionCode,
        (first, last): (Date, Date),
    ) -> Result<Vec<VisualRow>, AdminError> {
        let (from, until) = (first.begins(), last.begins().plus(DAY));
        if last < first || until > from.plus(LONGEST_LIST * DAY) {
            return Err(AdminError::Days { first, last });
        }
        let mut reader = self.store.read().await?;
        required(&mut reader, code).await?;
        Ok(audit::visual_checks(&mut reader, code, from, until).await?)
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
