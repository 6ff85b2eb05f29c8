//! `shikaku card info`: what lies in the reader. Sends no PIN.

use std::process::ExitCode;

use clap::Args;
use serde_json::json;
use shikaku::card::Token;
use shikaku::tap::{CertificateState, PinState};

use super::facts::Facts;
use super::tap_request::now;
use crate::failure::Failure;
use crate::reader::ReaderArgs;
use crate::screen;

/// カードを調べます（暗証番号は使いません）
#[derive(Debug, Args)]
pub(super) struct InfoArgs {
    #[command(flatten)]
    reader: ReaderArgs,
    /// JSON で出します
    #[arg(long)]
    pub(super) json: bool,
}

/// Looks at the card; exit status 0 if it could be looked at.
pub(super) fn run(args: &InfoArgs) -> Result<ExitCode, Failure> {
    let mut session = args.reader.open()?;
    let anchors = args.reader.anchors(&session)?;
    screen::note("カードをリーダーに置いてください。");
    let report = session.inspect(&mut ())?;
    let facts = match &report.certificate {
        CertificateState::Read(der) => Some(Facts::of(der, &anchors, now())),
        _ => None,
    };
    let certificate = match &report.certificate {
        CertificateState::Read(_) => "あり".to_owned(),
        CertificateState::NeedsPin => "暗証番号のあとで読めます".to_owned(),
        CertificateState::Absent => "ありません".to_owned(),
        CertificateState::Malformed => "壊れているか、書かれていません".to_owned(),
        CertificateState::Unreadable(status) => format!("読めません（{status}）"),
    };
    let (tries, pin) = match report.pin {
        PinState::Left(left) => (Some(left), format!("残り {left} 回")),
        PinState::Blocked => (Some(0), "ロックされています".to_owned()),
        PinState::Unreadable(status) => (None, format!("読めません（{status}）")),
    };
    if args.json {
        screen::json(&json!({
            "reader": session.reader_name(),
            "token": report.token.map(token_name),
            "available": report.available,
            "certificate": facts.as_ref().map(Facts::json),
            "certificate_state": certificate_name(&report.certificate),
            "tries": tries,
        }));
    } else {
        screen::line(&format!("リーダー  : {}", session.reader_name()));
        screen::line(&format!("カード    : {}", report.token.map_or("ラベルが読めません", token_title)));
        screen::line(&format!("証明書    : {certificate}"));
        screen::line(&format!("暗証番号  : {pin}"));
        if let Some(facts) = facts {
            facts.show();
        }
    }
    Ok(ExitCode::SUCCESS)
}

const fn token_name(token: Token) -> &'static str {
    match token {
        Token::Plastic => "plastic",
        Token::AndroidPhone => "android-phone",
        Token::Iphone => "iphone",
        Token::Juki => "juki",
        Token::Unknown => "unknown",
    }
}

const fn token_title(token: Token) -> &'static str {
    match token {
        Token::Plastic => "マイナンバーカード",
        Token::AndroidPhone => "Android のスマートフォン",
        Token::Iphone => "iPhone",
        Token::Juki => "住基カード",
        Token::Unknown => "知らないラベル",
    }
}

const fn certificate_name(state: &CertificateState) -> &'static str {
    match state {
        CertificateState::Read(_) => "read",
        CertificateState::NeedsPin => "needs-pin",
        CertificateState::Absent => "absent",
        CertificateState::Malformed => "malformed",
        CertificateState::Unreadable(_) => "unreadable",
    }
}
