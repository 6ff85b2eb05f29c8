//! `admin keys …`: rotation of portal and service key.

use clap::{Subcommand, ValueEnum};
use serde_json::json;
use shikaku::http::PublicKey;
use shikaku_portal::admin::Operator;
use shikaku_portal::keys::{KeyPair, Role};

use super::Answer;
use crate::failure::Failure;

/// 署名鍵
#[derive(Debug, Subcommand)]
pub(super) enum KeysCommand {
    /// 今の鍵と次の鍵
    List,
    /// 次の鍵を作り、予告します（サービスの再起動で端末に届き始めます）
    Announce {
        /// どの鍵か
        role: RoleArg,
    },
    /// 予告した鍵に切り替えます（サービスの再起動から）。すべての端末が設定を受け取ってからにしてください
    TakeOver {
        /// どの鍵か
        role: RoleArg,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum RoleArg {
    /// ユーザー設定情報に署名する鍵
    Portal,
    /// 答え・端末の設定・監査の検査点に署名する鍵
    Service,
}

impl KeysCommand {
    pub(super) async fn run(self, operator: &mut Operator) -> Result<Answer, Failure> {
        match self {
            Self::List => {}
            Self::Announce { role } => {
                operator.announce_next_key(role.into()).await.map_err(Failure::of)?;
            }
            Self::TakeOver { role } => operator.take_over_key(role.into()).await.map_err(Failure::of)?,
        }
        let mut lines = describe("ポータル", &operator.keys.portal);
        lines.extend(describe("サービス", &operator.keys.service));
        let ids =
            |pair: &KeyPair| pair.announced().iter().map(|key| key.id().to_string()).collect::<Vec<_>>();
        let json = json!({ "portal": ids(&operator.keys.portal), "service": ids(&operator.keys.service) });
        Ok(Answer::lines(lines, json))
    }
}

impl From<RoleArg> for Role {
    fn from(role: RoleArg) -> Self {
        match role {
            RoleArg::Portal => Self::Portal,
            RoleArg::Service => Self::Service,
        }
    }
}

fn describe(name: &str, pair: &KeyPair) -> Vec<String> {
    let line = |(what, key): (&str, PublicKey)| format!("{name} {what}: {}", key.id());
    ["今の鍵", "次の鍵"].into_iter().zip(pair.announced()).map(line).collect()
}
