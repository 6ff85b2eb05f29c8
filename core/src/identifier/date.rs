//! A calendar day.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};
use time::{Month, OffsetDateTime, UtcOffset};

use crate::instant::UnixTime;

/// A calendar day in Japan, from 1868-10-23 (the first day of 明治) to 9999-12-31, so that each has an era.
///
/// ISO `YYYY-MM-DD` as text and in JSON; [`era`](Self::era) gives 和暦.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(value_type = String, format = Date))]
#[serde(try_from = "String", into = "String")]
pub struct Date(time::Date);

/// Why a text or three numbers are not a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DateError {
    /// Not written `YYYY-MM-DD` (or, where stated, `YYYYMMDD`).
    #[error("a date is written YYYY-MM-DD")]
    Form,
    /// No such day in the calendar.
    #[error("there is no such day in the calendar")]
    NoSuchDay,
    /// Before 明治.
    #[error("the day lies before the Meiji era (1868-10-23)")]
    TooEarly,
    /// A day of another era than the one named, such as 昭和64年1月8日.
    #[error("the day lies outside the era that is named")]
    OutsideEra,
}

/// The first day of 明治 in the Gregorian calendar, the day of the edict (慶応4年9月8日).
pub(super) const EARLIEST: Date = Date(time::macros::date!(1868 - 10 - 23));

const TOKYO: UtcOffset = time::macros::offset!(+9);

impl Date {
    /// The day of the proleptic Gregorian calendar.
    pub fn new(year: i32, month: u8, day: u8) -> Result<Self, DateError> {
        let month = Month::try_from(month).map_err(|_| DateError::NoSuchDay)?;
        let date = time::Date::from_calendar_date(year, month, day).map_err(|_| DateError::NoSuchDay)?;
        if date < EARLIEST.0 { Err(DateError::TooEarly) } else { Ok(Self(date)) }
    }

    /// The day in Asia/Tokyo at that moment (UTC+9, without summer time since 1952).
    ///
    /// A moment behind the year 9999 is taken as its last day.
    pub fn of(moment: UnixTime) -> Self {
        i64::try_from(moment.0)
            .ok()
            .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
            .and_then(|utc| utc.checked_to_offset(TOKYO))
            .map_or(Self(time::Date::MAX), |tokyo| Self(tokyo.date()))
    }

    /// The moment at which the day begins in Asia/Tokyo; 1970-01-01T00:00:00Z for days that begin before it.
    pub fn begins(self) -> UnixTime {
        UnixTime(u64::try_from(self.0.midnight().assume_offset(TOKYO).unix_timestamp()).unwrap_or(0))
    }

    /// `YYYYMMDD`, as the OQS messages write days.
    ///
    /// # Errors
    /// Also for `YYYY-MM-DD`: each source has one form.
    pub fn from_compact(text: &str) -> Result<Self, DateError> {
        if text.len() != 8 {
            return Err(DateError::Form);
        }
        Self::from_parts(text.get(..4), text.get(4..6), text.get(6..))
    }

    /// `YYYYMMDD`.
    pub fn to_compact(self) -> String {
        let (year, month, day) = self.parts();
        format!("{year:04}{month:02}{day:02}")
    }

    /// Year, month (1–12) and day (1–31).
    pub const fn parts(self) -> (i32, u8, u8) {
        (self.0.year(), self.0.month() as u8, self.0.day())
    }

    /// The day `days` later; the last day of 9999 if that lies behind it.
    #[must_use]
    pub fn plus_days(self, days: u16) -> Self {
        Self(self.0.saturating_add(time::Duration::days(i64::from(days))))
    }

    /// Whole years lived on `day` by someone born on this day; zero before the birth.
    ///
    /// Counted as 年齢 on documents is shown: it rises on the birthday.
    pub fn age_on(self, day: Self) -> u16 {
        let ((birth_year, birth_month, birth_day), (year, month, day_of_month)) = (self.parts(), day.parts());
        let before_birthday = (month, day_of_month) < (birth_month, birth_day);
        u16::try_from(year - birth_year - i32::from(before_birthday)).unwrap_or(0)
    }

    fn from_parts(year: Option<&str>, month: Option<&str>, day: Option<&str>) -> Result<Self, DateError> {
        let number = |text: Option<&str>| {
            text.filter(|text| text.bytes().all(|b| b.is_ascii_digit()))
                .and_then(|text| text.parse::<u16>().ok())
                .ok_or(DateError::Form)
        };
        let (year, month, day) = (number(year)?, number(month)?, number(day)?);
        let narrow = |number: u16| u8::try_from(number).map_err(|_| DateError::NoSuchDay);
        Self::new(i32::from(year), narrow(month)?, narrow(day)?)
    }
}

impl FromStr for Date {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        if text.len() != 10 || text.get(4..5) != Some("-") || text.get(7..8) != Some("-") {
            return Err(DateError::Form);
        }
        Self::from_parts(text.get(..4), text.get(5..7), text.get(8..))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.parts();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TryFrom<String> for Date {
    type Error = DateError;

    fn try_from(text: String) -> Result<Self, DateError> {
        text.parse()
    }
}

impl From<Date> for String {
    fn from(date: Date) -> Self {
        date.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_begins_at_its_first_second_in_tokyo() {
        let day: Date = "2026-11-23".parse().unwrap();
        let begin = day.begins();
        assert_eq!(begin, UnixTime(1_795_359_600));
        assert_eq!(Date::of(begin), day);
        assert_eq!(Date::of(begin.minus(1)).plus_days(1), day);
        assert_eq!("1900-01-01".parse::<Date>().unwrap().begins(), UnixTime(0));
    }

    #[test]
    fn a_day_begins_at_midnight_in_tokyo() {
        // 2026-03-31T15:00:00Z is midnight of the first of April in Tokyo.
        let midnight = UnixTime(1_774_969_200);
        assert_eq!(Date::of(midnight.minus(1)), date("2026-03-31"));
        assert_eq!(Date::of(midnight), date("2026-04-01"));
        assert_eq!(Date::of(midnight.plus(8 * 3600 + 59 * 60)), date("2026-04-01"));
        assert_eq!(Date::of(midnight.plus(23 * 3600 + 59 * 60)), date("2026-04-01"));
        assert_eq!(Date::of(midnight.plus(24 * 3600)), date("2026-04-02"));
    }

    #[test]
    fn every_moment_has_a_day() {
        assert_eq!(Date::of(UnixTime(0)), date("1970-01-01"));
        assert_eq!(Date::of(UnixTime(u64::MAX)), date("9999-12-31"));
        assert_eq!(Date::of(UnixTime(253_402_300_799)), date("9999-12-31"));
    }

    #[test]
    fn what_is_no_day_is_refused_with_its_reason() {
        for (text, why) in [
            ("", DateError::Form),
            ("20260401", DateError::Form),
            ("2026/04/01", DateError::Form),
            ("2026-4-01", DateError::Form),
            ("+026-04-01", DateError::Form),
            ("２０２６-1", DateError::Form),
            ("2026-02-29", DateError::NoSuchDay),
            ("2026-13-01", DateError::NoSuchDay),
            ("2026-00-01", DateError::NoSuchDay),
            ("1868-10-22", DateError::TooEarly),
        ] {
            assert_eq!(text.parse::<Date>(), Err(why), "{text}");
        }
        assert_eq!(Date::from_compact("20240229"), Ok(date("2024-02-29")));
        assert_eq!(Date::from_compact("2024-02-29"), Err(DateError::Form));
    }

    #[test]
    fn years_are_counted_on_the_birthday() {
        let birth = date("1950-06-15");
        assert_eq!(birth.age_on(date("2026-06-14")), 75);
        assert_eq!(birth.age_on(date("2026-06-15")), 76);
        assert_eq!(birth.age_on(date("1950-06-14")), 0);
    }

    proptest! {
        #[test]
        fn a_day_is_read_as_it_is_written(days in 0_i32..2_900_000) {
            let day = Date(time::Date::from_julian_day(EARLIEST.0.to_julian_day() + days).unwrap());
            prop_assert_eq!(day.to_string().parse::<Date>(), Ok(day));
            prop_assert_eq!(Date::from_compact(&day.to_compact()), Ok(day));
        }

        #[test]
        fn no_text_breaks_the_parser(text in "\\PC{0,12}|[0-9]{4}-[0-9]{2}-[0-9]{2}") {
            if let Ok(day) = text.parse::<Date>() {
                prop_assert_eq!(day.to_string(), text);
            }
        }
    }
}
