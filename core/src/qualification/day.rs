//! The day rule: which qualification holds on a day, and what that makes of a person.

use super::coded::{InsuredCardClassification, ReasonOfLoss, Validity};
use super::record::Qualification;
use crate::guide::Code;
use crate::identifier::{Date, PersonName};

/// What the service found of the person behind a certificate, for one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// 有効: exactly one qualification is in force.
    Valid(Box<Qualification>),
    /// 有効（未登録）: 医療扶助 in force, at an institution that is not registered for it.
    ValidUnregistered(Box<Qualification>),
    /// 無効: none is in force; this one ended last, or begins first if none has ended.
    Invalid(Box<Qualification>),
    /// 無効（新しい資格あり）: the former has ended, the new one is on record and has not begun.
    Superseded {
        /// The one that ended last.
        former: Box<Qualification>,
        /// The one that begins first.
        upcoming: Box<Qualification>,
    },
    /// 複数該当: two or more are in force; staff choose, never a program.
    Multiple(Vec<Qualification>),
    /// 該当資格なし: the person is known, without any qualification.
    None,
    /// 証明書未連携: the certificate leads to no person, as after a renewal.
    Unlinked,
    /// 利用登録なし: the person has not enrolled the card as 健康保険証.
    NotEnrolled,
}

impl Finding {
    /// The code of the outcome.
    pub const fn code(&self) -> Code {
        match self {
            Self::Valid(_) => Code::QualificationValid,
            Self::ValidUnregistered(_) => Code::QualificationUnregistered,
            Self::Invalid(_) => Code::QualificationInvalid,
            Self::Superseded { .. } => Code::QualificationSuperseded,
            Self::Multiple(_) => Code::QualificationMultiple,
            Self::None => Code::QualificationNone,
            Self::Unlinked => Code::CertificateUnlinked,
            Self::NotEnrolled => Code::NotEnrolled,
        }
    }

    /// 資格有効性; none where the person's qualifications were never looked at.
    pub const fn validity(&self) -> Option<Validity> {
        match self {
            Self::Valid(_) => Some(Validity::Valid),
            Self::ValidUnregistered(_) => Some(Validity::ValidUnregistered),
            Self::Invalid(_) => Some(Validity::Invalid),
            Self::Superseded { .. } => Some(Validity::Superseded),
            Self::Multiple(_) => Some(Validity::Multiple),
            Self::None => Some(Validity::None),
            Self::Unlinked | Self::NotEnrolled => None,
        }
    }

    /// The qualifications it carries, in the order of the answer.
    pub fn qualifications(&self) -> Vec<&Qualification> {
        match self {
            Self::Valid(one) | Self::ValidUnregistered(one) | Self::Invalid(one) => vec![one],
            Self::Superseded { former, upcoming } => vec![former, upcoming],
            Self::Multiple(several) => several.iter().collect(),
            Self::None | Self::Unlinked | Self::NotEnrolled => Vec::new(),
        }
    }

    /// The holder's name; none where it holds no qualification. Where qualifications bear several names, that of the one
    /// that began last, or will: of two that began together the later in the answer.
    pub fn name(&self) -> Option<&PersonName> {
        self.qualifications().into_iter().max_by_key(|one| beginning(one)).map(|one| &one.name)
    }
}

/// Why a qualification is not in force on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotInForce {
    /// 資格喪失: `since` is the first day without cover.
    Lost {
        /// 資格喪失年月日.
        since: Date,
        /// 資格喪失事由, if known.
        reason: Option<ReasonOfLoss>,
    },
    /// 有効期間切れ: `on` was the last day.
    Ended {
        /// 有効終了年月日.
        on: Date,
    },
    /// Not begun: `from` will be the first day.
    NotBegun {
        /// The later of 資格取得年月日 and 有効開始年月日.
        from: Date,
    },
    /// Neither 資格取得年月日 nor 有効開始年月日 is known: what is unknown is not taken as good.
    NoBeginning,
}

/// Whether the qualification holds on `day`: 資格取得年月日 ≤ day < 資格喪失年月日 and 有効開始 ≤ day ≤ 有効終了. A bound that
/// is missing does not bind, but one beginning must be known.
pub fn in_force(qualification: &Qualification, day: Date) -> Result<(), NotInForce> {
    if let Some(since) = qualification.disqualification_date.filter(|since| *since <= day) {
        return Err(NotInForce::Lost { since, reason: qualification.reason_of_loss });
    }
    if let Some(on) = qualification.insured_card_expiration_date.filter(|on| *on < day) {
        return Err(NotInForce::Ended { on });
    }
    match beginning(qualification) {
        None => Err(NotInForce::NoBeginning),
        Some(from) if day < from => Err(NotInForce::NotBegun { from }),
        Some(_) => Ok(()),
    }
}

/// What `qualifications`, all those of one enrolled person, make of `day` (Asia/Tokyo, by the service's clock).
///
/// Never [`Finding::ValidUnregistered`], which a registry cannot know. The same record twice counts once.
pub fn judge(mut qualifications: Vec<Qualification>, day: Date) -> Finding {
    let mut at = 0;
    while let Some(one) = qualifications.get(at) {
        let seen = qualifications.iter().take(at).any(|earlier| earlier == one);
        if seen {
            qualifications.remove(at);
        } else {
            at += 1;
        }
    }
    let (mut good, rest): (Vec<_>, Vec<_>) =
        qualifications.into_iter().partition(|one| in_force(one, day).is_ok());
    match good.pop() {
        None => not_in_force(rest, day),
        Some(only) if good.is_empty() => Finding::Valid(Box::new(only)),
        Some(last) => {
            good.push(last);
            Finding::Multiple(good)
        }
    }
}

fn not_in_force(qualifications: Vec<Qualification>, day: Date) -> Finding {
    let (upcoming, ended): (Vec<_>, Vec<_>) = qualifications
        .into_iter()
        .partition(|one| matches!(in_force(one, day), Err(NotInForce::NotBegun { .. })));
    let upcoming = upcoming.into_iter().min_by_key(beginning).map(Box::new);
    let former = ended.into_iter().max_by_key(ending).map(Box::new);
    match (former, upcoming) {
        (Some(former), Some(upcoming)) => Finding::Superseded { former, upcoming },
        (Some(only), None) | (None, Some(only)) => Finding::Invalid(only),
        (None, None) => Finding::None,
    }
}

/// The first day, if any beginning is known.
fn beginning(qualification: &Qualification) -> Option<Date> {
    qualification.qualification_date.max(qualification.insured_card_valid_date)
}

/// The last day with cover or the first without, whichever is earlier; `None` sorts first.
fn ending(qualification: &Qualification) -> Option<Date> {
    match (qualification.disqualification_date, qualification.insured_card_expiration_date) {
        (Some(lost), Some(ended)) => Some(lost.min(ended)),
        (lost, ended) => lost.or(ended),
    }
}

impl Qualification {
    /// Whether it is 医療扶助 and no health insurance.
    pub fn is_medical_assistance(&self) -> bool {
        self.insured_card_classification == Some(InsuredCardClassification::MedicalAssistance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instant::UnixTime;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    /// A qualification with the four days that bind it; `""` for none.
    fn bound(taken: &str, lost: &str, from: &str, until: &str) -> Qualification {
        let day = |text: &str| (!text.is_empty()).then(|| date(text));
        let mut one =
            Qualification::new("06130488".parse().unwrap(), "資格 太郎".parse().unwrap(), date("1980-01-02"));
        one.qualification_date = day(taken);
        one.disqualification_date = day(lost);
        one.insured_card_valid_date = day(from);
        one.insured_card_expiration_date = day(until);
        one
    }

    /// 00:00 JST of 2026-04-01, which is 15:00 UTC of the day before.
    const MIDNIGHT: UnixTime = UnixTime(1_774_969_200);
    /// The clock of the service, as seconds from that midnight.
    const CLOCKS: [(&str, u64); 3] =
        [("00:00", 0), ("08:59", 8 * 3600 + 59 * 60), ("23:59", 23 * 3600 + 59 * 60)];

    /// Asserts what holds at the three times of 2026-03-31, 04-01 and 04-02.
    fn holds(one: &Qualification, expected: [bool; 3]) {
        for (day, expected) in expected.into_iter().enumerate() {
            for (clock, seconds) in CLOCKS {
                let moment = MIDNIGHT.minus(86_400).plus(86_400 * day as u64 + seconds);
                let held = in_force(one, Date::of(moment)).is_ok();
                assert_eq!(held, expected, "{} {clock} JST", Date::of(moment));
            }
        }
    }

    #[test]
    fn cover_begins_on_the_day_the_qualification_is_taken_at_0000_0859_and_2359() {
        holds(&bound("2026-04-01", "", "", ""), [false, true, true]);
    }

    #[test]
    fn the_day_of_loss_is_the_first_day_without_cover_at_0000_0859_and_2359() {
        holds(&bound("2020-04-01", "2026-04-01", "", ""), [true, false, false]);
    }

    #[test]
    fn the_first_day_of_validity_is_covered_at_0000_0859_and_2359() {
        holds(&bound("2020-04-01", "", "2026-04-01", ""), [false, true, true]);
    }

    #[test]
    fn the_last_day_of_validity_is_covered_at_0000_0859_and_2359() {
        holds(&bound("2020-04-01", "", "2020-04-01", "2026-04-01"), [true, true, false]);
    }

    #[test]
    fn a_qualification_lost_on_the_day_it_was_taken_never_holds() {
        holds(&bound("2026-04-01", "2026-04-01", "", ""), [false, false, false]);
    }

    #[test]
    fn without_any_beginning_nothing_holds() {
        holds(&bound("", "", "", "2030-03-31"), [false, false, false]);
        assert_eq!(in_force(&bound("", "", "", ""), date("2026-04-01")), Err(NotInForce::NoBeginning));
        holds(&bound("", "", "2026-04-01", ""), [false, true, true]);
    }

    #[test]
    fn on_the_day_one_insurance_ends_and_the_next_begins_only_the_next_holds() {
        let (old, new) = (bound("2020-04-01", "2026-04-01", "", ""), bound("2026-04-01", "", "", ""));
        let both = || vec![old.clone(), new.clone()];
        assert_eq!(judge(both(), date("2026-03-31")), Finding::Valid(Box::new(old.clone())));
        assert_eq!(judge(both(), date("2026-04-01")), Finding::Valid(Box::new(new.clone())));
    }

    #[test]
    fn in_a_gap_the_former_is_over_and_the_new_one_announced() {
        let (old, new) = (bound("2020-04-01", "2026-04-01", "", ""), bound("2026-05-01", "", "", ""));
        let found = judge(vec![new.clone(), old.clone()], date("2026-04-15"));
        assert_eq!(found, Finding::Superseded { former: Box::new(old), upcoming: Box::new(new) });
        assert_eq!(found.validity(), Some(Validity::Superseded));
    }

    #[test]
    fn of_several_that_ended_the_last_one_is_told() {
        let first = bound("2010-04-01", "2015-04-01", "", "");
        let last = bound("2015-04-01", "", "2015-04-01", "2024-03-31");
        let found = judge(vec![last.clone(), first], date("2026-04-15"));
        assert_eq!(found, Finding::Invalid(Box::new(last)));
    }

    #[test]
    fn one_that_has_not_begun_is_told_as_not_in_force() {
        let new = bound("2026-05-01", "", "", "");
        assert_eq!(judge(vec![new.clone()], date("2026-04-30")), Finding::Invalid(Box::new(new)));
    }

    #[test]
    fn two_in_force_are_never_picked_from() {
        let one = bound("2020-04-01", "", "", "");
        let mut other = one.clone();
        other.insurer_number = "39131016".parse().unwrap();
        let found = judge(
            vec![one.clone(), bound("2010-04-01", "2020-04-01", "", ""), other.clone()],
            date("2026-04-01"),
        );
        assert_eq!(found, Finding::Multiple(vec![one, other]));
    }

    #[test]
    fn the_same_record_twice_counts_once() {
        let one = bound("2020-04-01", "", "", "");
        assert_eq!(judge(vec![one.clone(), one.clone()], date("2026-04-01")), Finding::Valid(Box::new(one)));
    }

    #[test]
    fn a_person_without_qualifications_has_none() {
        assert_eq!(judge(Vec::new(), date("2026-04-01")), Finding::None);
    }

    #[test]
    fn each_finding_has_a_code_of_its_own() {
        let one = || Box::new(bound("2020-04-01", "", "", ""));
        let all = [
            Finding::Valid(one()),
            Finding::ValidUnregistered(one()),
            Finding::Invalid(one()),
            Finding::Superseded { former: one(), upcoming: one() },
            Finding::Multiple(vec![*one(), *one()]),
            Finding::None,
            Finding::Unlinked,
            Finding::NotEnrolled,
        ];
        let codes: std::collections::HashSet<_> = all.iter().map(Finding::code).collect();
        assert_eq!(codes.len(), all.len());
    }
}
