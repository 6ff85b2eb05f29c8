//! `admin account …`.

use clap::Subcommand;
use serde_json::json;
use shikaku::identifier::AccountId;
use shikaku_portal::admin::{CODE_LIFE, Operator};

use super::{Answer, institution};
use crate::answer::printable;
use crate::failure::Failure;

/// 資格確認アカウント（1台に1つ）
#[derive(Debug, Subcommand)]
pub(super) enum AccountCommand {
    /// 発行します
    Issue {
        /// 医療機関コード
        institution: String,
        /// 台数（1〜20）
        #[arg(long, default_value_t = 1)]
        count: u32,
        /// 端末の名前
        #[arg(long, default_value = "")]
        name: String,
        /// 置き場所
        #[arg(long, default_value = "")]
        place: String,
        /// 登録コードの有効日数
        #[arg(long, value_name = "DAYS", default_value_t = CODE_LIFE / DAY, value_parser = clap::value_parser!(u64).range(1..=366))]
        days: u64,
    },
    /// 登録コードを再発行します。前のコードは使えなくなり、登録済みの端末は外れます
    Reissue {
        /// アカウント ID（W と7桁）
        account: AccountId,
        /// 登録コードの有効日数
        #[arg(long, value_name = "DAYS", default_value_t = CODE_LIFE / DAY, value_parser = clap::value_parser!(u64).range(1..=366))]
        days: u64,
    },
    /// 停止します（登録済 → 停止）
    Suspend {
        /// アカウント ID
        account: AccountId,
    },
    /// 停止を解きます（停止 → 登録済）
    Resume {
        /// アカウント ID
        account: AccountId,
    },
    /// 失効させます。元には戻りません
    Revoke {
        /// アカウント ID
        account: AccountId,
    },
    /// 一覧
    List {
        /// この医療機関だけ
        #[arg(long, value_name = "CODE")]
        institution: Option<String>,
    },
}

/// Seconds of a day.
const DAY: u64 = 86_400;

impl AccountCommand {
    pub(super) async fn run(self, operator: &Operator) -> Result<Answer, Failure> {
        match self {
            Self::Issue { institution, count, name, place, days } => {
                let code = institution::known(&institution)?;
                let issued = operator.issue_accounts(&code, count, &name, &place, days * DAY).await;
                let ids = issued.map_err(Failure::of)?;
                let lines = ids.iter().map(|id| format!("{id} を発行しました")).collect();
                Ok(Answer::lines(lines, json!({ "accounts": ids })))
            }
            Self::Reissue { account, days } => {
                operator.reissue_account(&account, days * DAY).await.map_err(Failure::of)?;
                Ok(done(&account, "登録コードを再発行しました", "issued"))
            }
            Self::Suspend { account } => {
                operator.suspend_account(&account).await.map_err(Failure::of)?;
                Ok(done(&account, "停止しました", "suspended"))
            }
            Self::Resume { account } => {
                operator.resume_account(&account).await.map_err(Failure::of)?;
                Ok(done(&account, "停止を解きました", "registered"))
            }
            Self::Revoke { account } => {
                operator.revoke_account(&account).await.map_err(Failure::of)?;
                Ok(done(&account, "失効させました", "revoked"))
            }
            Self::List { institution } => {
                let code = institution.as_deref().map(institution::known).transpose()?;
                let all = operator.accounts(code.as_ref()).await.map_err(Failure::of)?;
                let line = |one: &shikaku_portal::store::accounts::Account| {
                    format!(
                        "{} {} {} {} {}",
                        one.id,
                        one.institution,
                        one.state.label_ja(),
                        printable(&one.name),
                        printable(&one.place)
                    )
                };
                let lines = all.iter().map(|one| line(one).trim_end().to_owned()).collect();
                Ok(Answer::lines(lines, json!({ "accounts": all })))
            }
        }
    }
}

fn done(account: &AccountId, what: &str, state: &str) -> Answer {
    Answer::line(format!("{account}: {what}"), json!({ "account": account, "state": state }))
}
