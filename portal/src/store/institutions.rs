//! 医療機関等: what an institution may do, and which version its devices' settings have.

use shikaku::identifier::{Date, InstitutionCode};
use shikaku::instant::UnixTime;
use sqlx::any::AnyRow;

use super::columns::{Columns as _, time};
use super::{Connection, StoreError};

/// Longest name of an institution, in characters.
pub const NAME_LIMIT: usize = 200;

/// What an institution's checks count for on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum InstitutionPhase {
    /// 運用テスト: answers are for information only.
    Trial,
    /// 運用.
    Live,
    /// 利用終了: nothing is answered.
    Ended,
}

/// An institution as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Institution {
    /// 医療機関コード.
    pub code: InstitutionCode,
    /// 医療機関等名.
    pub name: String,
    /// A test institution: test cards, and never live.
    pub is_test: bool,
    /// 運用開始日, if one is set.
    pub live_from: Option<Date>,
    /// 利用終了日, if one is set: from this day on nothing is answered.
    pub ended_on: Option<Date>,
    /// Whether 目視確認 is switched on.
    pub visual: bool,
    /// Whether devices keep a day's history.
    pub history: bool,
    /// Seconds until an idle device locks its screen.
    pub idle_lock_seconds: u64,
    /// Changes of this institution's settings so far, and of those of all; see [`Institution::settings_version`].
    changes: u64,
}

impl Institution {
    /// What a check on `day` counts for.
    pub fn phase_on(&self, day: Date) -> InstitutionPhase {
        if self.ended_on.is_some_and(|end| end <= day) {
            InstitutionPhase::Ended
        } else if !self.is_test && self.live_from.is_some_and(|start| start <= day) {
            InstitutionPhase::Live
        } else {
            InstitutionPhase::Trial
        }
    }

    /// Version of the device settings on `day`. It rises with every change of the institution, of what all devices
    /// share, and on the day on which the institution goes live; it never falls.
    pub fn settings_version(&self, day: Date) -> u64 {
        self.changes
            .saturating_mul(2)
            .saturating_add(u64::from(self.phase_on(day) != InstitutionPhase::Trial))
    }
}

impl InstitutionPhase {
    /// As audit rows have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trial => "trial",
            Self::Live => "live",
            Self::Ended => "ended",
        }
    }
}

/// A new institution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewInstitution {
    /// 医療機関コード; [`InstitutionCode::is_test`] makes it a test institution.
    pub code: InstitutionCode,
    /// 医療機関等名.
    pub name: String,
}

/// An institution, and how often the settings of its devices have changed.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT i.code, i.name, i.is_test, i.live_from, i.ended_on, i.visual, i.history, ",
            "i.idle_lock_seconds, i.settings_version + s.settings_version AS changes ",
            "FROM institutions i CROSS JOIN service_settings s ",
            $rest
        )
    };
}

/// The institution with this code.
pub async fn find(
    connection: &mut Connection,
    code: &InstitutionCode,
) -> Result<Option<Institution>, StoreError> {
    let row =
        sqlx::query(select!("WHERE i.code = $1")).bind(code.as_str()).fetch_optional(connection).await?;
    row.as_ref().map(read).transpose()
}

/// All institutions in order of their codes.
pub async fn all(connection: &mut Connection) -> Result<Vec<Institution>, StoreError> {
    let rows = sqlx::query(select!("ORDER BY i.code")).fetch_all(connection).await?;
    rows.iter().map(read).collect()
}

/// Adds an institution, in 運用テスト.
pub async fn add(
    connection: &mut Connection,
    institution: &NewInstitution,
    now: UnixTime,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO institutions (code, name, is_test, created_at) VALUES ($1, $2, $3, $4)")
        .bind(institution.code.as_str())
        .bind(&institution.name)
        .bind(i64::from(institution.code.is_test()))
        .bind(time(now)?)
        .execute(connection)
        .await?;
    Ok(())
}

/// Gives an institution another name; `false` if there is none with this code.
pub async fn rename(connection: &mut Connection, institution: &NewInstitution) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "UPDATE institutions SET name = $2, settings_version = settings_version + 1 WHERE code = $1",
    )
    .bind(institution.code.as_str())
    .bind(&institution.name)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Sets or clears 運用開始日; `false` if there is no such institution. A test institution is never live
/// ([`super::Constraint::TestNeverLive`]).
pub async fn set_live_from(
    connection: &mut Connection,
    code: &InstitutionCode,
    day: Option<Date>,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "UPDATE institutions SET live_from = $2, settings_version = settings_version + 1 WHERE code = $1",
    )
    .bind(code.as_str())
    .bind(day.map(|day| day.to_string()))
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// What is switched on or off for the devices of an institution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch {
    /// 目視確認.
    Visual,
    /// 履歴: whether devices keep a day's history.
    History,
}

/// Switches something on or off.
pub async fn switch(
    connection: &mut Connection,
    code: &InstitutionCode,
    what: Switch,
    on: bool,
) -> Result<(), StoreError> {
    sqlx::query(match what {
        Switch::Visual => {
            "UPDATE institutions SET visual = $2, settings_version = settings_version + 1 WHERE code = $1"
        }
        Switch::History => {
            "UPDATE institutions SET history = $2, settings_version = settings_version + 1 WHERE code = $1"
        }
    })
    .bind(code.as_str())
    .bind(i64::from(on))
    .execute(connection)
    .await?;
    Ok(())
}

/// Tells an institution's devices that their settings have changed.
pub async fn settings_changed(connection: &mut Connection, code: &InstitutionCode) -> Result<(), StoreError> {
    sqlx::query("UPDATE institutions SET settings_version = settings_version + 1 WHERE code = $1")
        .bind(code.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// Sets 利用終了日; `false` if there is no such institution.
pub async fn end(connection: &mut Connection, code: &InstitutionCode, day: Date) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "UPDATE institutions SET ended_on = $2, settings_version = settings_version + 1 WHERE code = $1",
    )
    .bind(code.as_str())
    .bind(day.to_string())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Institutions that have ended by `today` and have accounts that are not 失効 yet, a hundred at most.
pub async fn ended_with_accounts(
    connection: &mut Connection,
    today: Date,
) -> Result<Vec<InstitutionCode>, StoreError> {
    // ISO days are in order as texts.
    let rows = sqlx::query(
        "SELECT i.code FROM institutions i WHERE i.ended_on <= $1 AND EXISTS \
         (SELECT 1 FROM accounts a WHERE a.institution = i.code AND a.state <> 'revoked') ORDER BY i.code LIMIT 100",
    )
    .bind(today.to_string())
    .fetch_all(connection)
    .await?;
    let read =
        |row: &AnyRow| InstitutionCode::admitted(&row.text("code")?).map_err(|_| StoreError::Damaged("code"));
    rows.iter().map(read).collect()
}

/// Names of the staff that an institution's devices offer, in order.
pub async fn staff(connection: &mut Connection, code: &InstitutionCode) -> Result<Vec<String>, StoreError> {
    let rows = sqlx::query("SELECT name FROM staff WHERE institution = $1 ORDER BY name")
        .bind(code.as_str())
        .fetch_all(connection)
        .await?;
    rows.iter().map(|row| row.text("name")).collect()
}

/// Adds somebody to them; `false` if the name is there.
pub async fn add_staff(
    connection: &mut Connection,
    code: &InstitutionCode,
    name: &str,
) -> Result<bool, StoreError> {
    change_staff(
        connection,
        "INSERT INTO staff (institution, name) VALUES ($1, $2) ON CONFLICT (institution, name) DO NOTHING",
        code,
        name,
    )
    .await
}

/// Takes somebody from them; `false` if the name is not there.
pub async fn remove_staff(
    connection: &mut Connection,
    code: &InstitutionCode,
    name: &str,
) -> Result<bool, StoreError> {
    change_staff(connection, "DELETE FROM staff WHERE institution = $1 AND name = $2", code, name).await
}

async fn change_staff(
    connection: &mut Connection,
    statement: &'static str,
    code: &InstitutionCode,
    name: &str,
) -> Result<bool, StoreError> {
    let done = sqlx::query(statement).bind(code.as_str()).bind(name).execute(&mut *connection).await?;
    let is_changed = done.rows_affected() == 1;
    if is_changed {
        settings_changed(connection, code).await?;
    }
    Ok(is_changed)
}

/// Reads an institution from a row that has its columns, and `changes`.
pub(super) fn read(row: &AnyRow) -> Result<Institution, StoreError> {
    let code = InstitutionCode::admitted(&row.text("code")?).map_err(|_| StoreError::Damaged("code"))?;
    Ok(Institution {
        code,
        name: row.text("name")?,
        is_test: row.flag("is_test")?,
        live_from: day(row, "live_from")?,
        ended_on: day(row, "ended_on")?,
        visual: row.flag("visual")?,
        history: row.flag("history")?,
        idle_lock_seconds: row.number("idle_lock_seconds")?,
        changes: row.number("changes")?,
    })
}

fn day(row: &AnyRow, column: &'static str) -> Result<Option<Date>, StoreError> {
    row.optional_text(column)?.map(|day| day.parse()).transpose().map_err(|_| StoreError::Damaged(column))
}

#[cfg(test)]
mod tests {
    use shikaku_test_database::on_both_engines;

    use super::*;
    use crate::store::{Constraint, Store};

    fn institution(code: &str) -> NewInstitution {
        NewInstitution { code: InstitutionCode::admitted(code).unwrap(), name: "青葉医院".to_owned() }
    }

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    on_both_engines! {
        async fn an_institution_begins_in_trial_and_goes_live_on_its_day(database: Database) {
            let store = Store::open(database.url()).await.unwrap();
            let new = institution("1310112345");
            let mut transaction = store.begin().await.unwrap();
            add(&mut transaction, &new, UnixTime(1)).await.unwrap();
            let before = find(&mut transaction, &new.code).await.unwrap().unwrap();
            assert_eq!(before.phase_on(date("2026-04-01")), InstitutionPhase::Trial);
            assert!(set_live_from(&mut transaction, &new.code, Some(date("2026-04-01"))).await.unwrap());
            let after = find(&mut transaction, &new.code).await.unwrap().unwrap();
            assert_eq!(after.phase_on(date("2026-03-31")), InstitutionPhase::Trial);
            assert_eq!(after.phase_on(date("2026-04-01")), InstitutionPhase::Live);
            assert!(before.settings_version(date("2026-03-31")) < after.settings_version(date("2026-03-31")));
            assert!(after.settings_version(date("2026-03-31")) < after.settings_version(date("2026-04-01")));
            assert!(set_live_from(&mut transaction, &new.code, Some(date("2027-04-01"))).await.unwrap());
            let later = find(&mut transaction, &new.code).await.unwrap().unwrap();
            assert!(after.settings_version(date("2026-04-01")) < later.settings_version(date("2026-04-01")));
        }

        async fn from_its_last_day_on_an_institution_is_ended(database: Database) {
            let store = Store::open(database.url()).await.unwrap();
            let new = institution("1310112345");
            let mut transaction = store.begin().await.unwrap();
            add(&mut transaction, &new, UnixTime(1)).await.unwrap();
            assert!(end(&mut transaction, &new.code, date("2026-04-01")).await.unwrap());
            let ended = find(&mut transaction, &new.code).await.unwrap().unwrap();
            assert_eq!(ended.phase_on(date("2026-03-31")), InstitutionPhase::Trial);
            assert_eq!(ended.phase_on(date("2026-04-01")), InstitutionPhase::Ended);
        }

        async fn a_test_institution_is_never_live(database: Database) {
            let store = Store::open(database.url()).await.unwrap();
            let new = institution("4810000001");
            let mut transaction = store.begin().await.unwrap();
            add(&mut transaction, &new, UnixTime(1)).await.unwrap();
            let refused = set_live_from(&mut transaction, &new.code, Some(date("2026-04-01"))).await.unwrap_err();
            assert!(refused.is(Constraint::TestNeverLive));
        }
    }
}
