//! What a visual check (目視確認) has to show beside what every check goes through, and its two steps: the name first, the
//! answer once staff have said that the card bears it.
//!
//! The chip does not tie its face to its certificate, so whoever has a copied certificate and a genuine card of somebody
//! born on the same day gets as far as a name, and leaves a row in the audit; further only staff who confirm what is not
//! so.

use sha2::{Digest as _, Sha256};
use shikaku::check::{CheckRequest, Mode, NameAttestation};
use shikaku::guide::Code;
use shikaku::identifier::{Date, PersonName};
use shikaku::qualification::Finding;

use super::caller::Caller;
use super::refusal::Refusal;
use crate::app::Service;
use crate::store::challenges::{LIFE, Naming};

/// Seconds by which a device's clock may be off, as for its requests.
const TOLERANCE: u64 = 300;

/// Whether a check may be made in its way at all: switched on for the institution, attested by somebody, now. What asks
/// for a name is counted.
pub(super) fn admit(service: &Service, caller: &Caller, check: &CheckRequest) -> Result<(), Refusal> {
    let visual = match (check.mode, &check.visual) {
        (Mode::Pin, None) => return Ok(()),
        (Mode::Visual, Some(visual)) => visual,
        _ => return Err(Code::RequestMalformed.into()),
    };
    if !caller.key.institution.visual {
        return Err(Code::ModeRefused.into());
    }
    let (now, seen) = (service.clock.now(), visual.attested_at);
    let attested = check.staff.as_deref().is_some_and(|staff| !staff.trim().is_empty());
    if !attested || seen < now.minus(LIFE + TOLERANCE) || now.plus(TOLERANCE) < seen {
        return Err(Code::RequestMalformed.into());
    }
    if visual.name == NameAttestation::Unseen {
        service.quotas.visual.take(caller.key.device, now)?;
    }
    Ok(())
}

/// Whether staff have said something of a name.
pub(super) fn is_second_step(check: &CheckRequest) -> bool {
    check.visual.as_ref().is_some_and(|visual| visual.name != NameAttestation::Unseen)
}

/// Whether a second step goes on where the first one ended: the same check, and the name that was shown. What does not,
/// and a name that staff have denied, ends the check.
pub(super) fn goes_on(check: &CheckRequest, naming: Option<&Naming>) -> Result<(), Code> {
    let said = match &check.visual {
        None => return Ok(()),
        Some(visual) => &visual.name,
    };
    let common = common(check);
    let naming = naming.filter(|naming| naming.of_check == of_check(&common));
    match (said, naming) {
        (NameAttestation::Unseen, _) => Ok(()),
        (NameAttestation::Denied, Some(_)) => Err(Code::NameDenied),
        (NameAttestation::Confirmed { name }, Some(naming)) if naming.with_name == named(&common, name) => {
            Ok(())
        }
        _ => Err(Code::NameNotShown),
    }
}

/// The name that staff must have confirmed before `finding` is told; none where it may be told now, as it may whenever
/// it holds nothing of the person.
///
/// The birth date of the card's face must be that of every qualification. Where these bear several names, the newest
/// counts.
pub(super) fn name_to_confirm(
    check: &CheckRequest,
    birth_date: Option<Date>,
    finding: &Finding,
) -> Result<Option<PersonName>, Code> {
    let Some(visual) = &check.visual else { return Ok(None) };
    let Some(name) = finding.name() else { return Ok(None) };
    if finding.qualifications().iter().any(|one| Some(one.birthdate) != birth_date) {
        return Err(Code::SurfaceBirthDate);
    }
    match &visual.name {
        NameAttestation::Unseen => Ok(Some(name.clone())),
        NameAttestation::Confirmed { name: confirmed } if confirmed == name => Ok(None),
        // The registry has changed between the steps.
        NameAttestation::Confirmed { .. } | NameAttestation::Denied => Err(Code::NameNotShown),
    }
}

/// What the second step will be held against.
pub(super) fn naming(check: &CheckRequest, name: &PersonName) -> Naming {
    let common = common(check);
    Naming { of_check: of_check(&common), with_name: named(&common, name) }
}

/// SHA-256 over everything that both steps have in common, to be gone on with. The card's signature in it, which is
/// stored nowhere, keeps anybody from trying names.
fn common(check: &CheckRequest) -> Sha256 {
    let mut first = check.clone();
    if let Some(visual) = &mut first.visual {
        visual.name = NameAttestation::Unseen;
    }
    // Writing into memory cannot fail: there is no map in it.
    Sha256::new_with_prefix(serde_json::to_vec(&first).unwrap_or_default())
}

fn of_check(common: &Sha256) -> [u8; 32] {
    common.clone().finalize().into()
}

fn named(common: &Sha256, name: &PersonName) -> [u8; 32] {
    common.clone().chain_update(name.as_str()).finalize().into()
}
