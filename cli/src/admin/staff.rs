//! `admin staff …`.

use clap::Subcommand;
use serde_json::json;
use shikaku_portal::admin::Operator;

use super::{Answer, institution};
use crate::answer::printable;
use crate::failure::Failure;

/// 端末で選べる担当者
#[derive(Debug, Subcommand)]
pub(super) enum StaffCommand {
    /// 一覧
    List {
        /// 医療機関コード
        institution: String,
    },
    /// 加えます。端末には次の通信で伝わります
    Add {
        /// 医療機関コード
        institution: String,
        /// 担当者名（64文字まで）
        name: String,
    },
    /// 外します。それまでの記録に残った名前は変わりません
    Remove {
        /// 医療機関コード
        institution: String,
        /// 担当者名
        name: String,
    },
}

impl StaffCommand {
    /// Answers the list as it is then.
    pub(super) async fn run(self, operator: &Operator) -> Result<Answer, Failure> {
        let (Self::List { institution: code }
        | Self::Add { institution: code, .. }
        | Self::Remove { institution: code, .. }) = &self;
        let code = institution::known(code)?;
        match &self {
            Self::List { .. } => Ok(()),
            Self::Add { name, .. } => operator.add_staff(&code, name).await,
            Self::Remove { name, .. } => operator.remove_staff(&code, name).await,
        }
        .map_err(Failure::of)?;
        let names = operator.staff(&code).await.map_err(Failure::of)?;
        let lines = names.iter().map(|name| printable(name)).collect();
        Ok(Answer::lines(lines, json!({ "institution": code, "staff": names })))
    }
}
