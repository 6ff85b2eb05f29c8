//! What a command ends with when it does not succeed, and how that is shown.

use std::fmt;
use std::process::ExitCode;

use serde_json::json;
use shikaku::guide::Code;

/// Why a command failed: a code of the guide where there is one, and what exactly happened.
///
/// `detail` is shown and may be logged: it never holds a PIN, a code or anything of a patient's.
#[derive(Debug)]
pub(crate) struct Failure {
    code: Option<Code>,
    detail: String,
    /// Bad lines of a file, each with what is wrong with it; already told one by one.
    rows: Vec<(u64, String)>,
}

impl Failure {
    /// A failure that the guide knows: its cause and remedy are shown with `detail`.
    pub(crate) fn coded(code: Code, detail: impl fmt::Display) -> Self {
        Self { code: Some(code), detail: detail.to_string(), rows: Vec::new() }
    }

    /// A failure of a command's own, such as a file that cannot be read.
    ///
    /// `detail` names what was wrong and what to do.
    pub(crate) fn plain(detail: impl fmt::Display) -> Self {
        Self { code: None, detail: detail.to_string(), rows: Vec::new() }
    }

    /// The same with a word more in its detail.
    #[must_use]
    pub(crate) fn with(mut self, more: impl fmt::Display) -> Self {
        self.detail = format!("{} {more}", self.detail);
        self
    }

    /// What another room says went wrong, with its causes where it does not name them itself.
    pub(crate) fn of(error: impl std::error::Error) -> Self {
        let mut detail = error.to_string();
        let mut cause = error.source();
        while let Some(deeper) = cause {
            let text = deeper.to_string();
            if !detail.contains(&text) {
                detail = format!("{detail}: {text}");
            }
            cause = deeper.source();
        }
        Self::plain(detail)
    }

    /// A file whose lines are bad: number and fault of each.
    pub(crate) fn rows(error: impl std::error::Error, rows: Vec<(u64, String)>) -> Self {
        Self { rows, ..Self::of(error) }
    }

    /// A file or folder that could not be used.
    pub(crate) fn file(path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::plain(format_args!("{}: {error}", path.display()))
    }

    /// The guide's code, if it has one.
    pub(crate) fn code(&self) -> Option<Code> {
        self.code
    }

    /// As one JSON object, for programs.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        let guide = self.code.map(Code::guide);
        json!({ "error": {
            "code": self.code.map(Code::as_str),
            "cause": guide.map(|guide| guide.cause_ja),
            "remedy": guide.map(|guide| guide.remedy_ja),
            "detail": self.detail,
            "rows": self.rows.iter().map(|(line, fault)| json!({ "line": line, "fault": fault })).collect::<Vec<_>>(),
        }})
    }

    /// The exit status: 2 where the guide has a code, 1 for everything else.
    pub(crate) fn exit(&self) -> ExitCode {
        if self.code.is_some() { ExitCode::from(2) } else { ExitCode::FAILURE }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            None => f.write_str(&self.detail),
            Some(code) => {
                let guide = code.guide();
                writeln!(f, "{} [{}]", guide.cause_ja, code.as_str())?;
                writeln!(f, "  → {}", guide.remedy_ja)?;
                write!(f, "  ({})", self.detail)
            }
        }
    }
}

impl std::error::Error for Failure {}
