//! `admin crl`, `admin anchor`, `admin terms`: what the service checks and shows.

use std::path::PathBuf;

use clap::Subcommand;
use serde_json::{Value, json};
use shikaku::certificate::{Anchor, CvKey, Hierarchy};
use shikaku_portal::admin::Operator;
use shikaku_portal::store::crls::{self, StoredCrl};

use super::{Answer, moment, read_file};
use crate::failure::Failure;
use crate::screen::hex;

/// 失効リスト（CRL）
#[derive(Debug, Subcommand)]
pub(super) enum CrlCommand {
    /// 読み込みます（DER）。同じ発行者・同じ分割の古いものと入れ替わります
    Load {
        /// 失効リスト
        file: PathBuf,
    },
    /// 読み込んだ失効リストの一覧
    List,
}

/// 試験用カードのルート証明書と券面事項の鍵（試験用の医療機関だけに効きます）
#[derive(Debug, Subcommand)]
pub(super) enum AnchorCommand {
    /// 加えます（DER または PEM。券面事項の鍵は281オクテットの形）
    Add {
        /// ルート証明書、または券面事項の鍵
        file: PathBuf,
    },
    /// 信頼しているルートの一覧
    List,
}

/// 利用規約
#[derive(Debug, Subcommand)]
pub(super) enum TermsCommand {
    /// 新しい版を公開します。以後の初期登録では、この版への同意が要ります
    Add {
        /// 本文（UTF-8）
        file: PathBuf,
    },
}

impl CrlCommand {
    pub(super) async fn run(self, operator: &Operator) -> Result<Answer, Failure> {
        match self {
            Self::Load { file } => {
                let loaded = operator.load_crl(read_file(&file)?).await.map_err(Failure::of)?;
                let mut json = crl_json(&loaded.stored);
                if let Some(members) = json.as_object_mut() {
                    members.insert("entries".to_owned(), json!(loaded.entries));
                }
                let until = moment(loaded.stored.next_update);
                Ok(Answer::line(
                    format!("失効リストを読み込みました: {} 件、{until} まで有効", loaded.entries),
                    json,
                ))
            }
            Self::List => {
                let mut reader = operator.store.read().await.map_err(Failure::of)?;
                let all = crls::all(&mut reader).await.map_err(Failure::of)?;
                let line = |one: &StoredCrl| {
                    let issuer = hex(&one.key.issuer_key_id);
                    format!("{issuer} {} 〜 {}", moment(one.this_update), moment(one.next_update))
                };
                let json: Vec<_> = all.iter().map(crl_json).collect();
                Ok(Answer::lines(all.iter().map(line).collect(), json!({ "crls": json })))
            }
        }
    }
}

impl AnchorCommand {
    pub(super) async fn run(self, operator: &Operator) -> Result<Answer, Failure> {
        match self {
            Self::Add { file } => {
                let added = operator.add_anchor(&read_file(&file)?).await.map_err(Failure::of)?;
                let line = if added {
                    "試験用のルート証明書を加えました"
                } else {
                    "このルート証明書は既にあります"
                };
                Ok(Answer::line(line, json!({ "added": added })))
            }
            Self::List => {
                let anchors = operator.anchors().await.map_err(Failure::of)?;
                let is_test = |anchor: &Anchor| anchor.hierarchy() == Hierarchy::Test;
                let line = |anchor| {
                    let kind = if is_test(anchor) { "試験用" } else { "本番" };
                    format!("{kind} {} {} まで", hex(anchor.key_id()), moment(anchor.validity().1))
                };
                let one = |anchor| {
                    json!({
                        "test": is_test(anchor),
                        "key_id": hex(anchor.key_id()),
                        "sha256": hex(&anchor.sha256()),
                        "not_after": anchor.validity().1,
                    })
                };
                let key_line = |key: &CvKey| {
                    let kind = if key.hierarchy() == Hierarchy::Test { "試験用" } else { "本番" };
                    format!("{kind} 券面事項の鍵 {}", hex(key.id()))
                };
                let key_json = |key: &CvKey| json!({ "test": key.hierarchy() == Hierarchy::Test, "key_id": hex(key.id()) });
                let json = json!({
                    "anchors": anchors.iter().map(one).collect::<Vec<_>>(),
                    "surface_keys": anchors.surface_keys().map(key_json).collect::<Vec<_>>(),
                });
                let lines = anchors.iter().map(line).chain(anchors.surface_keys().map(key_line)).collect();
                Ok(Answer::lines(lines, json))
            }
        }
    }
}

impl TermsCommand {
    pub(super) async fn run(self, operator: &Operator) -> Result<Answer, Failure> {
        let Self::Add { file } = self;
        let text = String::from_utf8(read_file(&file)?)
            .map_err(|_| Failure::plain(format_args!("{}: UTF-8 ではありません", file.display())))?;
        let version = operator.add_terms(text.strip_prefix('\u{feff}').unwrap_or(&text)).await;
        let version = version.map_err(Failure::of)?;
        Ok(Answer::line(format!("利用規約の第{version}版を公開しました"), json!({ "version": version })))
    }
}

fn crl_json(crl: &StoredCrl) -> Value {
    json!({
        "issuer_key_id": hex(&crl.key.issuer_key_id),
        "partition": hex(&crl.key.partition),
        "sha256": hex(&crl.sha256),
        "this_update": crl.this_update,
        "next_update": crl.next_update,
        "loaded_at": crl.loaded_at,
    })
}
