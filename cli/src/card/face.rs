//! `shikaku card face`: the card face in the chip, as a visual check reads it, and no check. Over fixed constants under
//! the purpose that the service refuses; nothing is sent anywhere.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::json;
use shikaku::guide::Code;
use shikaku::identifier::Date;
use shikaku::instant::UnixTime;
use shikaku::tap::{
    Consent, PrintedNumber, ReaderLimits, Strategy, VisualEvidence, VisualOutcome, VisualRequest,
};
use shikaku::transcript::PendingTranscript;

use super::tap_request::{inputs, now};
use crate::failure::Failure;
use crate::reader::ReaderArgs;
use crate::screen::{self, Paint};
use crate::secret_line;
use crate::terminal::write_private;

/// 券面の情報（目視確認で読むもの）を試しに読みます。どこにも送りません。残りが2回以下のカードでは番号を使いません
#[derive(Debug, Args)]
pub(super) struct FaceArgs {
    #[command(flatten)]
    reader: ReaderArgs,
    /// 標準入力の番号を使います: 生年月日6桁か、照合番号B 14桁。個人番号（12桁）は入れないでください
    #[arg(long, required = true)]
    number_stdin: bool,
    /// カードの中の顔写真を、この新しいファイル（PNG、本人だけが読める）に書きます。照合番号B のときだけ
    #[arg(long, value_name = "FILE")]
    photo: Option<PathBuf>,
    /// JSON で出します
    #[arg(long)]
    pub(super) json: bool,
}

/// Reads the card face; exit status 0 only if it is proven.
pub(super) fn run(args: &FaceArgs) -> Result<ExitCode, Failure> {
    let number = number_from_stdin(now())?;
    if args.photo.is_some() && matches!(number, PrintedNumber::BirthDate(_)) {
        return Err(Failure::coded(Code::PrintedForm, "顔写真には照合番号B（14桁）が要ります"));
    }
    let mut session = args.reader.open()?;
    let anchors = args.reader.anchors(&session)?;
    let now = now();
    let inputs = inputs(now)?;
    let (device_key, institution) = (&inputs.device_key, &inputs.institution);
    let transcript =
        PendingTranscript::new(&inputs.challenge, inputs.purpose, device_key, institution, &inputs.origin);
    let request = VisualRequest {
        number,
        transcript: transcript.visual(),
        anchors,
        now,
        consent: Consent::None,
        limits: ReaderLimits::SHORT,
        strategy: Strategy::default(),
    };
    screen::note("カードをリーダーに置いてください。");
    let run = session.visual_tap(request, &mut ())?;
    let (evidence, exchanges) = match run.outcome {
        VisualOutcome::Proven(evidence) => (evidence, run.exchanges.len()),
        VisualOutcome::Ended(end) => {
            let left = end.tries.map(|left| format!("（残り {left} 回）")).unwrap_or_default();
            let why = run.detail.unwrap_or_else(|| format!("{}{left}", end.cause));
            return Err(Failure::coded(end.code(), why));
        }
    };
    let photo = args.photo(&evidence)?;
    let depth = if evidence.seen.is_some() { "full" } else { "light" };
    if args.json {
        screen::json(&json!({
            "reader": session.reader_name(),
            "depth": depth,
            "tries": evidence.tries,
            "exchanges": exchanges,
            "photo": photo,
        }));
    } else {
        let tries = evidence.tries.map_or("上限なし".to_owned(), |left| format!("残り {left} 回"));
        screen::line(&screen::paint(Paint::Good, "券面の情報は発行者の署名と合い、このカード自身のものです"));
        screen::line(&format!("番号      : {tries}"));
        screen::line(&format!("交信      : {exchanges} 回"));
        if let Some(octets) = photo {
            screen::line(&format!("顔写真    : PNG {octets} バイト。見終わったら消してください"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

impl FaceArgs {
    /// Writes the photo, if it was asked for: octets of the file.
    fn photo(&self, evidence: &VisualEvidence) -> Result<Option<usize>, Failure> {
        let (Some(path), Some(seen)) = (&self.photo, &evidence.seen) else { return Ok(None) };
        let png = seen.photo.png().map_err(|error| Failure::coded(error.code(), error))?;
        write_private(path, &png)?;
        Ok(Some(png.len()))
    }
}

/// The number on the next line of standard input; its length says which one it is.
fn number_from_stdin(now: UnixTime) -> Result<PrintedNumber, Failure> {
    let line = secret_line::next(Code::PrintedForm)?;
    PrintedNumber::new(&line, Date::of(now)).map_err(|error| Failure::coded(Code::PrintedForm, error))
}
