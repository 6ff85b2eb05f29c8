//! `shikaku card record FILE`: what passes between program and card, written down without a person in it.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::json;
use shikaku::certificate::Certificate;
use shikaku::guide::Code;
use shikaku::replay::{Disclosure, Inputs, Recorder};
use shikaku::tap::{CertificateState, Fault};

use super::tap_request::{inputs, now, pin_from_stdin, request};
use crate::failure::Failure;
use crate::reader::{ReaderArgs, Session, Watch};
use crate::screen;

/// カードとの交信を記録します。人のカードは、応答の状態語だけを残します
#[derive(Debug, Args)]
pub(super) struct RecordArgs {
    /// 書き出すファイル（.apdu）
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    reader: ReaderArgs,
    /// 標準入力の暗証番号で署名まで行い、すべてを記録します。--anchor のテストカードだけ
    #[arg(long)]
    pin_stdin: bool,
    /// JSON で出します
    #[arg(long)]
    pub(super) json: bool,
}

/// Writes the recording; exit status 0 if there is one.
pub(super) fn run(args: &RecordArgs) -> Result<ExitCode, Failure> {
    let mut session = args.reader.open()?;
    let (text, exchanges) = if args.pin_stdin { tap(args, &mut session)? } else { look(&mut session)? };
    std::fs::write(&args.file, text).map_err(|error| Failure::file(&args.file, &error))?;
    if args.json {
        screen::json(&json!({ "file": args.file, "exchanges": exchanges }));
    } else {
        screen::line(&format!("{}: 交信 {exchanges} 回を記録しました", args.file.display()));
    }
    Ok(ExitCode::SUCCESS)
}

/// Without a PIN, of anybody's card: of each answer the status word alone.
fn look(session: &mut Session) -> Result<(String, usize), Failure> {
    session.meet()?;
    let notes = ["A look without a PIN; the data of every answer is masked."];
    let inputs = Inputs { limits: session.limits(), strategy: session.strategy(), ..inputs(now())? };
    let mut writer =
        Writer { recorder: Recorder::new(Disclosure::Person, &notes, Some(&inputs)), exchanges: 0 };
    // A card that is none of ours is worth a recording too.
    if let Err(failure) = session.inspect(&mut writer)
        && writer.exchanges == 0
    {
        return Err(failure);
    }
    Ok((writer.recorder.into_text(), writer.exchanges))
}

/// With a PIN, in full: of a test card alone, which is made sure of before the PIN is sent.
fn tap(args: &RecordArgs, session: &mut Session) -> Result<(String, usize), Failure> {
    let anchors = args.reader.test_anchors(session)?;
    let now = now();
    let CertificateState::Read(der) = session.inspect(&mut ())?.certificate else {
        return Err(Failure::coded(
            Code::CertificateUnreadable,
            "証明書を読めないカードは、全部は記録しません",
        ));
    };
    let certificate = Certificate::from_der(&der).map_err(|error| Failure::coded(error.code(), error))?;
    certificate.accept(&anchors, now).map_err(|refusal| Failure::coded(refusal.code(), refusal))?;
    let pin = pin_from_stdin()?;
    let mut inputs = inputs(now)?;
    inputs.test_roots = args.roots(session)?;
    inputs.test_pin = pin.to_vec();
    inputs.limits = session.limits();
    inputs.strategy = session.strategy();
    let notes = ["A whole tap of a test card."];
    let mut writer =
        Writer { recorder: Recorder::new(Disclosure::TestCard, &notes, Some(&inputs)), exchanges: 0 };
    let run = session.tap(request(&inputs, &pin, &anchors)?, &mut writer)?;
    writer.recorder.ended(&run.outcome);
    Ok((writer.recorder.into_text(), writer.exchanges))
}

impl RecordArgs {
    /// DER of the test roots that are believed.
    fn roots(&self, session: &Session) -> Result<Vec<Vec<u8>>, Failure> {
        let mut roots = session.test_roots();
        for path in &self.reader.anchors {
            let file = std::fs::read(path).map_err(|error| Failure::file(path, &error))?;
            roots.extend(shikaku::certificate::der_from(&file));
        }
        Ok(roots)
    }
}

/// Writes while it watches.
struct Writer {
    recorder: Recorder,
    exchanges: usize,
}

impl Watch for Writer {
    fn exchanged(&mut self, command: &[u8], answer: Result<&[u8], Fault>) {
        self.exchanges += 1;
        self.recorder.sent(command);
        match answer {
            Ok(response) => self.recorder.answered(response),
            Err(fault) => self.recorder.failed(fault),
        }
    }
}
