//! `admin institution …` and `admin phase`.

use std::io::BufReader;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use shikaku::identifier::{Date, InstitutionCode, InstitutionCodeError};
use shikaku_portal::admin::{Operator, Phase};
use shikaku_portal::audit::{self, VisualRow};
use shikaku_portal::import;
use shikaku_portal::store::institutions::{Institution, InstitutionPhase, NewInstitution};

use super::registry::Teller;
use super::{Answer, moment};
use crate::failure::Failure;
use crate::screen;

/// 医療機関等
#[derive(Debug, Subcommand)]
pub(super) enum InstitutionCommand {
    /// 1件登録します（運用テストから始まります）
    Add {
        /// 医療機関コード10桁（13-1-0112345 のように区切ってもよい）
        code: String,
        /// 医療機関等名
        name: String,
        /// 試験用の医療機関（都道府県48）として登録します。運用には移せません
        #[arg(long)]
        test: bool,
    },
    /// CSV から登録・名称変更します（列: `InstitutionCode`, `Name`）
    Import {
        /// CSV ファイル（UTF-8）
        file: PathBuf,
        /// 試験用の医療機関の一覧として読みます
        #[arg(long)]
        test: bool,
    },
    /// 一覧
    List,
    /// 目視確認を許可するか、止めます（既定は止めた状態です）。端末には次の通信で伝わります
    Visual {
        /// 医療機関コード
        code: String,
        /// on: 許可する、off: 止める
        #[arg(value_parser = ["on", "off"])]
        switch: String,
    },
    /// 端末にその日の履歴を残すか、残さないか（既定は残しません）。端末には次の通信で伝わります
    History {
        /// 医療機関コード
        code: String,
        /// on: 残す、off: 残さない（残っている履歴は消えます）
        #[arg(value_parser = ["on", "off"])]
        switch: String,
    },
    /// 目視確認の一覧: いつ、どの端末で、誰が確認し、どうなったか
    VisualChecks {
        /// 医療機関コード
        code: String,
        /// この日から（YYYY-MM-DD）。省略時は最後の日だけ
        #[arg(long, value_name = "DATE")]
        from: Option<Date>,
        /// この日まで（YYYY-MM-DD）。省略時は今日
        #[arg(long, value_name = "DATE")]
        to: Option<Date>,
    },
    /// 利用を終了します。その日に全アカウントが失効します（当日なら、その場で）
    End {
        /// 医療機関コード
        code: String,
        /// 利用終了日（YYYY-MM-DD）。省略時は今日
        #[arg(long, value_name = "DATE")]
        on: Option<Date>,
    },
}

/// 運用開始日を登録するか、運用テストに戻します
#[derive(Debug, Args)]
pub(super) struct PhaseArgs {
    /// 医療機関コード
    code: String,
    /// 運用開始日（YYYY-MM-DD、今日以降）
    #[arg(long, value_name = "DATE", conflicts_with = "trial", required_unless_present = "trial")]
    live_from: Option<Date>,
    /// 運用テストに戻します
    #[arg(long)]
    trial: bool,
}

impl InstitutionCommand {
    pub(super) async fn run(self, operator: &Operator) -> Result<Answer, Failure> {
        match self {
            Self::Add { code, name, test } => {
                let code =
                    if test { InstitutionCode::parse_test(&code) } else { code.parse() }.map_err(refused)?;
                operator
                    .add_institution(&NewInstitution { code: code.clone(), name: name.clone() })
                    .await
                    .map_err(Failure::of)?;
                Ok(Answer::line(
                    format!("{code} {name} を登録しました"),
                    json!({ "code": code, "name": name }),
                ))
            }
            Self::Import { file, test } => import(operator, &file, test).await,
            Self::List => list(operator).await,
            Self::Visual { code, switch } => {
                let institution = operator.set_visual(&known(&code)?, switch == "on").await;
                Ok(described(&institution.map_err(Failure::of)?, operator.today()))
            }
            Self::History { code, switch } => {
                let institution = operator.set_history(&known(&code)?, switch == "on").await;
                Ok(described(&institution.map_err(Failure::of)?, operator.today()))
            }
            Self::VisualChecks { code, from, to } => {
                let last = to.unwrap_or_else(|| operator.today());
                let days = (from.unwrap_or(last), last);
                let rows = operator.visual_checks(&known(&code)?, days).await.map_err(Failure::of)?;
                let json: Vec<_> = rows.iter().map(visual_json).collect();
                let lines = rows.iter().map(visual_line).collect();
                Ok(Answer::lines(lines, json!({ "visual_checks": json })))
            }
            Self::End { code, on } => {
                let day = on.unwrap_or_else(|| operator.today());
                let institution = operator.end_institution(&known(&code)?, day).await.map_err(Failure::of)?;
                Ok(described(&institution, operator.today()))
            }
        }
    }
}

impl PhaseArgs {
    pub(super) async fn run(self, operator: &Operator) -> Result<Answer, Failure> {
        let phase = self.live_from.map_or(Phase::Trial, Phase::LiveFrom);
        let institution = operator.set_phase(&known(&self.code)?, phase).await.map_err(Failure::of)?;
        Ok(described(&institution, operator.today()))
    }
}

async fn import(operator: &Operator, path: &std::path::Path, test: bool) -> Result<Answer, Failure> {
    let file = std::fs::File::open(path).map_err(|error| Failure::file(path, &error))?;
    let mut teller = Teller::quiet();
    let rows = import::institutions(BufReader::new(file), test, &mut teller);
    let rows = rows.map_err(|error| teller.failure(&error))?;
    let mut odd = Vec::new();
    for (row, oddity) in rows.iter().filter_map(|row| row.oddity.map(|oddity| (row, oddity))) {
        screen::note(&format!("警告 {}行目: {} ({})", oddity.line, row.institution.code, oddity.why));
        odd.push(json!({ "line": oddity.line, "code": row.institution.code, "why": oddity.why.to_string() }));
    }
    let rows: Vec<_> = rows.into_iter().map(|row| row.institution).collect();
    let done = operator.import_institutions(&rows).await.map_err(Failure::of)?;
    let line = format!("追加 {}、名称変更 {}、変更なし {}", done.added, done.renamed, done.unchanged);
    Ok(Answer::line(line, json!({ "imported": done, "warnings": odd })))
}

async fn list(operator: &Operator) -> Result<Answer, Failure> {
    let today = operator.today();
    let all = operator.institutions().await.map_err(Failure::of)?;
    let lines = all.iter().map(|one| describe(one, today)).collect();
    let json: Vec<_> = all.iter().map(|one| to_json(one, today)).collect();
    Ok(Answer::lines(lines, json!({ "institutions": json })))
}

fn visual_line(row: &VisualRow) -> String {
    let staff = crate::answer::printable(&row.staff);
    let outcome = match row.outcome.as_str() {
        audit::NAME_SHOWN => "氏名を表示",
        audit::ASKED => "照会先に照会",
        audit::ABANDONED => "打ち切り",
        other => other,
    };
    format!("{} {} {staff} {outcome}", moment(row.at), row.device)
}

fn visual_json(row: &VisualRow) -> Value {
    json!({
        "at": row.at,
        "device": row.device,
        "staff": row.staff,
        "challenge": screen::hex(&row.challenge),
        "outcome": row.outcome,
        "phase": row.phase,
    })
}

fn described(institution: &Institution, today: Date) -> Answer {
    Answer::line(describe(institution, today), to_json(institution, today))
}

fn describe(institution: &Institution, today: Date) -> String {
    let phase = match (institution.phase_on(today), institution.live_from, institution.ended_on) {
        (InstitutionPhase::Ended, _, Some(day)) => format!("利用終了（{day}から）"),
        (InstitutionPhase::Live, Some(day), _) => format!("運用（{day}から）"),
        (_, Some(day), _) => format!("運用テスト（{day}から運用）"),
        _ => "運用テスト".to_owned(),
    };
    let test = if institution.is_test { " [試験用]" } else { "" };
    let end = institution.ended_on.filter(|end| *end > today);
    let end = end.map_or_else(String::new, |end| format!("、{end}に利用終了"));
    let visual = if institution.visual { "、目視確認可" } else { "" };
    let history = if institution.history { "、履歴あり" } else { "" };
    format!(
        "{} {}{test} {phase}{visual}{history}{end}",
        institution.code,
        crate::answer::printable(&institution.name)
    )
}

fn to_json(institution: &Institution, today: Date) -> Value {
    json!({
        "code": institution.code,
        "name": institution.name,
        "test": institution.is_test,
        "phase": institution.phase_on(today),
        "live_from": institution.live_from,
        "ended_on": institution.ended_on,
        "visual": institution.visual,
        "history": institution.history,
    })
}

/// A code of an institution that is there, real or test.
pub(super) fn known(text: &str) -> Result<InstitutionCode, Failure> {
    InstitutionCode::parse_lenient(text)
        .map(|(code, _)| code)
        .or_else(|_| InstitutionCode::parse_test(text))
        .map_err(refused)
}

fn refused(error: InstitutionCodeError) -> Failure {
    Failure::plain(import::institution_ja(error))
}
