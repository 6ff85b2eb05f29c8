//! お知らせ: what devices show above everything else at home.

use shikaku::identifier::InstitutionCode;

use super::institutions::required;
use super::{AdminError, Operator, fits};
use crate::store::notices::{self, StoredNotice};

/// Characters of a notice: a few lines on a phone.
const NOTICE_LIMIT: usize = 200;

impl Operator {
    /// Puts up a notice for the devices of one institution, or of all. They show it from their next challenges on.
    pub async fn put_notice(
        &self,
        institution: Option<&InstitutionCode>,
        text: &str,
    ) -> Result<StoredNotice, AdminError> {
        if text.trim().is_empty() {
            return Err(AdminError::Empty("お知らせ"));
        }
        fits("お知らせ", text, NOTICE_LIMIT)?;
        let mut transaction = self.store.begin().await?;
        if let Some(code) = institution {
            required(&mut transaction, code).await?;
        }
        let notice = StoredNotice {
            id: format!("{:016x}", u64::from_be_bytes(self.randomness.octets()?)),
            institution: institution.cloned(),
            text: text.to_owned(),
            starts_at: self.clock.now(),
            ends_at: None,
        };
        notices::put(&mut transaction, &notice).await?;
        self.seal_act(transaction, &self.act_on_notice("notice-put", &notice)).await?;
        Ok(notice)
    }

    /// All notices, the newest first, those that were withdrawn included.
    pub async fn notices(&self) -> Result<Vec<StoredNotice>, AdminError> {
        Ok(notices::all(&mut *self.store.read().await?).await?)
    }

    /// Takes a notice down.
    pub async fn withdraw_notice(&self, id: &str) -> Result<StoredNotice, AdminError> {
        let mut transaction = self.store.begin().await?;
        let withdrawn = notices::withdraw(&mut transaction, id, self.clock.now()).await?;
        let notice = withdrawn.ok_or_else(|| AdminError::NoNotice(id.to_owned()))?;
        self.seal_act(transaction, &self.act_on_notice("notice-withdrawn", &notice)).await?;
        Ok(notice)
    }

    fn act_on_notice(&self, act: &str, notice: &StoredNotice) -> super::Act {
        let act = self.entry(act).of_text(&format!("{} {}", notice.id, notice.text));
        match &notice.institution {
            Some(code) => act.of_institution(code),
            None => act,
        }
    }
}
