//! `admin notice …`.

use clap::Subcommand;
use serde_json::json;
use shikaku_portal::admin::Operator;
use shikaku_portal::store::notices::StoredNotice;

use super::{Answer, institution, moment};
use crate::answer::printable;
use crate::failure::Failure;

/// 端末のホームに出すお知らせ
#[derive(Debug, Subcommand)]
pub(super) enum NoticeCommand {
    /// 出します。端末には次の通信で伝わります（新しいものから20件まで）
    Put {
        /// 本文（200文字まで、改行なし）
        text: String,
        /// この医療機関の端末だけに出します。省略時はすべての端末
        #[arg(long, value_name = "CODE")]
        institution: Option<String>,
    },
    /// 一覧（取り下げたものも）
    List,
    /// 取り下げます
    Withdraw {
        /// お知らせの ID
        id: String,
    },
}

impl NoticeCommand {
    pub(super) async fn run(self, operator: &Operator) -> Result<Answer, Failure> {
        match self {
            Self::Put { text, institution } => {
                let code = institution.as_deref().map(institution::known).transpose()?;
                Ok(told(&operator.put_notice(code.as_ref(), &text).await.map_err(Failure::of)?))
            }
            Self::List => {
                let all = operator.notices().await.map_err(Failure::of)?;
                Ok(Answer::lines(all.iter().map(line).collect(), json!({ "notices": all })))
            }
            Self::Withdraw { id } => Ok(told(&operator.withdraw_notice(&id).await.map_err(Failure::of)?)),
        }
    }
}

fn told(notice: &StoredNotice) -> Answer {
    Answer::line(line(notice), json!(notice))
}

fn line(notice: &StoredNotice) -> String {
    let to = notice.institution.as_ref().map_or("すべて", |code| code.as_str());
    let withdrawn = notice.ends_at.map(|at| format!("（{}に取り下げ）", moment(at))).unwrap_or_default();
    let text = printable(&notice.text);
    format!("{} {} {to} {text}{withdrawn}", notice.id, moment(notice.starts_at))
}
