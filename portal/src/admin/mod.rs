//! What operators do: institutions, accounts, settings, phases, terms, anchors, CRLs, keys.
//!
//! Every act is one transaction with its audit row: there is none without the other.

mod accounts;
mod institutions;
mod keys;
mod notices;
mod revocation;
mod settings;
mod terms;

use std::path::Path;

use sha2::{Digest as _, Sha256};
use shikaku::certificate::AnchorError;
use shikaku::http::SignerFault;
use shikaku::identifier::{AccountId, Date, InstitutionCode, fits_a_line};
use shikaku::instant::UnixTime;

use crate::audit::{self, Entry};
use crate::clock::Clock;
use crate::keys::{Keys, KeysError};
use crate::randomness::{Randomness, RandomnessFault};
use crate::sealing::SealError;
use crate::store::accounts::AccountState;
use crate::store::{OpenError, Store, StoreError, Transaction};

pub use accounts::CODE_LIFE;
pub use institutions::{Imported, Phase};
pub use revocation::LoadedCrl;
pub use settings::{IssuedSettings, QrError, qr_png};

/// Somebody who operates the service: its store and keys, and a name for the audit.
#[derive(Debug)]
pub struct Operator {
    /// The store.
    pub store: Store,
    /// The keys of the data folder.
    pub keys: Keys,
    /// The clock.
    pub clock: Clock,
    /// The randomness.
    pub randomness: Randomness,
    /// Who acts, as the audit names him.
    pub name: String,
}

/// Why an operator's act was not done. Nothing was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AdminError {
    /// The store failed.
    #[error("データベースの誤りです: {0}")]
    Store(#[from] StoreError),
    /// The store did not open.
    #[error("データベースを開けません: {0}")]
    Open(#[from] OpenError),
    /// The keys failed.
    #[error("鍵の誤りです: {0}")]
    Keys(#[from] KeysError),
    /// No randomness.
    #[error(transparent)]
    Randomness(#[from] RandomnessFault),
    /// A code could not be sealed or opened.
    #[error("登録コードを封印または開封できません: {0}")]
    Seal(#[from] SealError),
    /// A key did not sign.
    #[error("署名できません: {0}")]
    Signer(#[from] SignerFault),
    /// No such institution.
    #[error("医療機関コード {0} は登録されていません")]
    NoInstitution(InstitutionCode),
    /// A text that is too long, or that no line of a screen would show as what it is.
    #[error("{what}は{most}文字までで、改行・制御文字・文字の向きを変える文字は使えません")]
    Text {
        /// What it is the text of.
        what: &'static str,
        /// Characters at most.
        most: usize,
    },
    /// The institution is there already.
    #[error("医療機関コード {0} は登録済みです")]
    InstitutionExists(InstitutionCode),
    /// The institution has ended.
    #[error("医療機関コード {0} は利用を終了しています")]
    InstitutionEnded(InstitutionCode),
    /// A test institution is never live.
    #[error("試験用の医療機関は運用に移せません（常に運用テストです）")]
    TestNeverLive,
    /// A day that lies before today.
    #[error("{0} は過去の日です。今日以降の日を指定してください")]
    PastDay(Date),
    /// No such account.
    #[error("アカウント {0} はありません")]
    NoAccount(AccountId),
    /// The account is in a state in which this cannot be done.
    #[error("アカウント {account} は「{}」のため、この操作はできません", state.label_ja())]
    State {
        /// Which account.
        account: AccountId,
        /// Its state.
        state: AccountState,
    },
    /// The account has no live registration code.
    #[error(
        "アカウント {0} に使える登録コードがありません。`admin account reissue {0}` で再発行してください"
    )]
    NoCode(AccountId),
    /// More accounts at once than an application may ask for.
    #[error("一度に発行できるのは1〜{most}件です")]
    Count {
        /// The most.
        most: u32,
    },
    /// The file is no test anchor.
    #[error("テスト用のルート証明書ではありません: {0}")]
    Anchor(#[from] AnchorError),
    /// The file is no CRL.
    #[error("失効リストとして読めません: {0}")]
    Crl(#[from] shikaku::certificate::revocation::CrlError),
    /// No anchor signed the CRL.
    #[error(
        "この失効リストに署名したルートを知りません（本番のルートでも `admin anchor add` したルートでもありません）"
    )]
    CrlSigner,
    /// The CRL lacks partition or next update; such a CRL never speaks.
    #[error("失効リストに分割名（issuingDistributionPoint）または nextUpdate がありません")]
    CrlIncomplete,
    /// The CRL is past its next update.
    #[error("失効リストの有効期限（nextUpdate）が過ぎています")]
    CrlStale,
    /// A newer CRL of the same partition is loaded.
    #[error("同じ分割のより新しい失効リストが読み込まれています")]
    CrlOlder,
    /// A text that must not be empty is.
    #[error("{0}が空です")]
    Empty(&'static str),
    /// No such notice is up.
    #[error("お知らせ {0} は出ていません")]
    NoNotice(String),
    /// The name is on the list already.
    #[error("担当者 {0} は登録済みです")]
    StaffExists(String),
    /// The name is not on the list.
    #[error("担当者 {0} は登録されていません")]
    NoStaff(String),
    /// The days are out of order, or more than a year.
    #[error("{first} から {last} までは一覧できません（日を順に、1年以内で指定してください）")]
    Days {
        /// The first day.
        first: Date,
        /// The last one.
        last: Date,
    },
}

impl Operator {
    /// Opens the data folder and the store: `database_url`, or the embedded database in the folder.
    pub async fn open(folder: &Path, database_url: Option<&str>, name: &str) -> Result<Self, AdminError> {
        let randomness = Randomness::system();
        let keys = Keys::open(folder, &randomness)?;
        let url = database_url.map_or_else(|| Store::url_in(folder), str::to_owned);
        let store = Store::open(&url).await?;
        Ok(Self { store, keys, clock: Clock::system(), randomness, name: name.to_owned() })
    }

    /// Today in Japan.
    pub fn today(&self) -> Date {
        Date::of(self.clock.now())
    }

    /// An audit entry for an act of this operator, now.
    pub(crate) fn entry(&self, act: &str) -> Act {
        Act {
            at: self.clock.now(),
            operator: self.name.clone(),
            event: act.to_owned(),
            account: String::new(),
            institution: String::new(),
            digest: Vec::new(),
        }
    }

    /// Adds the act's row and makes everything durable.
    async fn seal_act(&self, mut transaction: Transaction, act: &Act) -> Result<(), AdminError> {
        audit::append(&mut transaction, &self.keys.node, &act.as_audit()).await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// Whether a text of an operator fits a line and is no longer than `most` characters.
fn fits(what: &'static str, text: &str, most: usize) -> Result<(), AdminError> {
    if text.chars().count() > most || !fits_a_line(text) {
        return Err(AdminError::Text { what, most });
    }
    Ok(())
}

/// An act, as the audit will have it.
#[derive(Debug)]
pub(crate) struct Act {
    at: UnixTime,
    operator: String,
    event: String,
    account: String,
    institution: String,
    digest: Vec<u8>,
}

impl Act {
    /// The act concerns this institution.
    pub(crate) fn of_institution(mut self, code: &InstitutionCode) -> Self {
        self.institution = code.to_string();
        self
    }

    /// The act concerns this account.
    pub(crate) fn of_account(mut self, id: &AccountId) -> Self {
        self.account = id.to_string();
        self
    }

    /// The act took this file in (SHA-256); it stands where a request's digest would.
    pub(crate) fn of_file(mut self, sha256: &[u8; 32]) -> Self {
        self.digest = sha256.to_vec();
        self
    }

    /// The act concerns this text: its SHA-256 stands there, so that two acts can be told apart.
    pub(crate) fn of_text(self, text: &str) -> Self {
        self.of_file(&Sha256::digest(text).into())
    }

    /// The row.
    pub(crate) fn as_audit(&self) -> Entry<'_> {
        Entry {
            device: &self.account,
            institution: &self.institution,
            staff: &self.operator,
            request_sha256: &self.digest,
            ..Entry::new(self.at, "operator", &self.event)
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
