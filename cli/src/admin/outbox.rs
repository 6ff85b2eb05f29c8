//! `admin outbox`: what waits to be mailed.

use clap::Args;
use serde_json::json;
use shikaku_portal::admin::Operator;

use super::{Answer, moment};
use crate::answer::printable;
use crate::failure::Failure;

/// 送るべきお知らせ（メールの送信箱）の一覧
#[derive(Debug, Args)]
pub(super) struct OutboxArgs {
    /// 本文も表示します
    #[arg(long)]
    full: bool,
}

impl OutboxArgs {
    pub(super) async fn run(self, operator: &Operator) -> Result<Answer, Failure> {
        let all = operator.outbox().await.map_err(Failure::of)?;
        let mut lines = Vec::new();
        for letter in &all {
            lines.push(format!("{} {} {}", moment(letter.created_at), letter.institution, letter.subject));
            if self.full {
                lines.extend(letter.body.lines().map(|line| format!("    {}", printable(line))));
            }
        }
        Ok(Answer::lines(lines, json!({ "outbox": all })))
    }
}
