//! `--reader` and `--anchor`, wherever a card is read.

use std::path::PathBuf;

use clap::Args;
use shikaku::certificate::Anchors;
use shikaku::tap::{Probe, Strategy, UnknownForm};

use super::{Reader, Session, Sight};
use crate::failure::Failure;

/// Which reader, and which test roots.
#[derive(Debug, Clone, Args)]
pub(crate) struct ReaderArgs {
    /// リーダー: virtual[:カード名|フォルダー[,…]]、pcsc[:名前の一部]、nfc[:接続文字列]
    #[arg(long, value_name = "READER", default_value = DEFAULT)]
    pub(crate) reader: String,
    /// テスト用ルートとして信頼する証明書（DER または PEM）か、券面の発行者の鍵（281バイト）。何度でも書けます
    #[arg(long = "anchor", value_name = "FILE")]
    pub(crate) anchors: Vec<PathBuf>,
    /// カードに試す短い形の命令: default、standard（試さない）、every、または名前をカンマで並べたもの
    /// （extended-read、read-by-short-id、counter-by-short-id、verify-by-short-id、key-by-short-id、bare-hash）。
    ///
    /// 断られた形は、標準の形でやり直します。verify-by-short-id だけは、カードの答えによって暗証番号の回数が減ることが
    /// あるため、名前を書いたときと every のときだけ試します。
    #[arg(long, value_name = "FORMS", default_value = "default", value_parser = forms)]
    pub(crate) forms: Strategy,
}

/// The forms of `--forms`.
fn forms(text: &str) -> Result<Strategy, UnknownForm> {
    match text {
        "default" => Ok(Strategy::DEFAULT),
        "standard" => Ok(Strategy::STANDARD),
        "every" => Ok(Strategy::EVERY),
        names => names.split(',').try_fold(Strategy::STANDARD, |strategy, name| {
            name.parse().map(|form| strategy.with(form, Probe::Untried))
        }),
    }
}

#[cfg(feature = "virtual")]
const DEFAULT: &str = "virtual";
#[cfg(not(feature = "virtual"))]
const DEFAULT: &str = "pcsc";

impl ReaderArgs {
    /// Opens the reader; no card is touched yet.
    pub(crate) fn open(&self) -> Result<Session, Failure> {
        let (kind, which) = self
            .reader
            .split_once(':')
            .map_or((self.reader.as_str(), None), |(kind, which)| (kind, Some(which)));
        Ok(Session::new(open(kind, which)?, self.forms))
    }

    /// The test roots of the command line as they lie in their files; each has been read as one.
    pub(crate) fn test_roots(&self) -> Result<Vec<Vec<u8>>, Failure> {
        with_files(Anchors::none(), &self.anchors)?;
        self.anchors
            .iter()
            .map(|path| std::fs::read(path).map_err(|error| Failure::file(path, &error)))
            .collect()
    }

    /// The production roots, the test roots of the command line, and that of a virtual card in the reader.
    pub(crate) fn anchors(&self, session: &Session) -> Result<Anchors, Failure> {
        self.add_test_roots(Anchors::production(), session)
    }

    /// As [`ReaderArgs::anchors`] without the production roots: nobody's card is accepted.
    pub(crate) fn test_anchors(&self, session: &Session) -> Result<Anchors, Failure> {
        self.add_test_roots(Anchors::none(), session)
    }

    fn add_test_roots(&self, mut anchors: Anchors, session: &Session) -> Result<Anchors, Failure> {
        for root in session.test_roots() {
            anchors = anchors
                .with_test(&root)
                .map_err(|error| Failure::plain(format_args!("仮想カードのルート: {error}")))?;
        }
        with_files(anchors, &self.anchors)
    }
}

/// `anchors` and the roots in these files, as test roots.
pub(crate) fn with_files(mut anchors: Anchors, files: &[PathBuf]) -> Result<Anchors, Failure> {
    for path in files {
        let root = std::fs::read(path).map_err(|error| Failure::file(path, &error))?;
        anchors = anchors
            .with_test(&root)
            .map_err(|error| Failure::plain(format_args!("{}: {error}", path.display())))?;
    }
    Ok(anchors)
}

fn open(kind: &str, which: Option<&str>) -> Result<Box<dyn Reader>, Failure> {
    match kind {
        #[cfg(feature = "virtual")]
        "virtual" => Ok(Box::new(super::virtual_card::VirtualReader::open(which.unwrap_or("default"))?)),
        #[cfg(feature = "pcsc")]
        "pcsc" => Ok(Box::new(super::pcsc::PcscReader::open(which)?)),
        #[cfg(feature = "nfc")]
        "nfc" => Ok(Box::new(super::nfc::NfcReader::open(which)?)),
        #[cfg(not(feature = "virtual"))]
        "virtual" => Err(without(kind, which)),
        #[cfg(not(feature = "pcsc"))]
        "pcsc" => Err(without(kind, which)),
        #[cfg(not(feature = "nfc"))]
        "nfc" => Err(without(kind, which)),
        other => Err(Failure::plain(format_args!(
            "リーダー {other} はありません。virtual、pcsc、nfc のどれかです"
        ))),
    }
}

/// This build was made without the feature of that reader.
#[cfg(not(all(feature = "virtual", feature = "pcsc", feature = "nfc")))]
fn without(kind: &str, which: Option<&str>) -> Failure {
    Failure::plain(format_args!(
        "このプログラムは {kind} を含みません（{}）。`cargo build --features {kind}` で作り直してください",
        which.unwrap_or("指定なし")
    ))
}

/// Every reader that is seen, of every sort; for a sort without any, why.
pub(crate) fn survey() -> Vec<Sight> {
    #[cfg(feature = "pcsc")]
    let pcsc = super::pcsc::survey();
    #[cfg(not(feature = "pcsc"))]
    let pcsc = vec![Sight::not_built("pcsc")];
    #[cfg(feature = "nfc")]
    let nfc = super::nfc::survey();
    #[cfg(not(feature = "nfc"))]
    let nfc = vec![Sight::not_built("nfc")];
    #[cfg(feature = "virtual")]
    let embedded = vec![super::virtual_card::sight()];
    #[cfg(not(feature = "virtual"))]
    let embedded = vec![Sight::not_built("virtual")];
    [pcsc, nfc, embedded].concat()
}

#[cfg(test)]
mod tests {
    use shikaku::tap::Form;

    use super::*;

    #[test]
    fn forms_are_named_one_by_one_or_all_at_once() {
        assert_eq!(forms("default"), Ok(Strategy::DEFAULT));
        assert_eq!(forms("standard"), Ok(Strategy::STANDARD));
        let named = forms("extended-read,verify-by-short-id").unwrap();
        let untried: Vec<_> =
            Form::ALL.into_iter().filter(|form| named.probe(*form) == Probe::Untried).collect();
        assert_eq!(untried, [Form::ExtendedRead, Form::VerifyByShortId]);
        assert!(forms("verify").is_err() && forms("").is_err());
    }
}
