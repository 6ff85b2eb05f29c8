//! Files that staff take away of an answer.

use std::path::Path;

use shikaku::check::VerifiedAnswer;
use shikaku::flow::ExportForm;
use shikaku::http::Signer;

use super::CheckArgs;
use crate::failure::Failure;
use crate::terminal::write_private;

/// Writes one export to the file that was asked for; a file that is there already is not overwritten.
pub(super) fn export(
    args: &CheckArgs,
    form: ExportForm,
    chosen: Option<usize>,
    answer: &VerifiedAnswer,
    device_key: &dyn Signer,
) -> Result<(), Failure> {
    let (path, text) = match form {
        ExportForm::Evidence => {
            let evidence = answer.evidence(device_key.spki()).sign(device_key);
            (&args.evidence, evidence.map_err(|fault| Failure::coded(fault.code(), fault))?)
        }
        ExportForm::Text => {
            let text = answer.text(chosen);
            (&args.text, text.map_err(|error| Failure::coded(error.0, "--text"))?)
        }
        ExportForm::Json => (&None, answer.json()),
    };
    path.as_deref().map_or(Ok(()), |path: &Path| write_private(path, text.as_bytes()))
}
