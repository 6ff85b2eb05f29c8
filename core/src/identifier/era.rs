//! 和暦: Japanese eras, both ways.

use core::fmt;

use super::date::{Date, DateError};

/// 元号, from 明治 on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Era {
    /// 明治, from 1868-10-23.
    Meiji,
    /// 大正, from 1912-07-30.
    Taisho,
    /// 昭和, from 1926-12-25.
    Showa,
    /// 平成, from 1989-01-08.
    Heisei,
    /// 令和, from 2019-05-01.
    Reiwa,
}

/// A day as 和暦 has it. Display writes `令和元年5月1日`, as documents do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EraDate {
    /// 元号.
    pub era: Era,
    /// Year within the era; 1 is 元年.
    pub year: u16,
    /// 1–12.
    pub month: u8,
    /// 1–31.
    pub day: u8,
}

impl Era {
    /// Latest first.
    const ALL: [Self; 5] = [Self::Reiwa, Self::Heisei, Self::Showa, Self::Taisho, Self::Meiji];

    /// The name in two characters.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Meiji => "明治",
            Self::Taisho => "大正",
            Self::Showa => "昭和",
            Self::Heisei => "平成",
            Self::Reiwa => "令和",
        }
    }

    /// The first day, as year, month, day.
    const fn first(self) -> (i32, u8, u8) {
        match self {
            Self::Meiji => (1868, 10, 23),
            Self::Taisho => (1912, 7, 30),
            Self::Showa => (1926, 12, 25),
            Self::Heisei => (1989, 1, 8),
            Self::Reiwa => (2019, 5, 1),
        }
    }

    fn of(day: (i32, u8, u8)) -> Self {
        Self::ALL.into_iter().find(|era| day >= era.first()).unwrap_or(Self::Meiji)
    }
}

impl Date {
    /// The day as 和暦 has it.
    pub fn era(self) -> EraDate {
        let parts @ (year, month, day) = self.parts();
        let era = Era::of(parts);
        let year = u16::try_from(year - era.first().0 + 1).unwrap_or(1);
        EraDate { era, year, month, day }
    }

    /// The day that 和暦 names.
    ///
    /// # Errors
    /// [`DateError::OutsideEra`] for a day before the era began or after it ended, such as 昭和64年1月8日.
    pub fn from_era(written: EraDate) -> Result<Self, DateError> {
        let year = era_year(written)?;
        let date = Self::new(year, written.month, written.day)?;
        if date.era() == written { Ok(date) } else { Err(DateError::OutsideEra) }
    }

    /// Every day that six digits of a birth date (生年月日, `YYMMDD`) can mean up to `today`, latest first: the
    /// years of each era, as 照合番号B prints them, and 19YY or 20YY, as cards of foreign residents do.
    ///
    /// Empty if the text is not six digits or means no day.
    pub fn of_six_digits(text: &str, today: Self) -> Vec<Self> {
        let two = |from: usize| text.get(from..from + 2).and_then(|part| part.parse::<u8>().ok());
        let digits_only = text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit());
        let (true, Some(year), Some(month), Some(day)) = (digits_only, two(0), two(2), two(4)) else {
            return Vec::new();
        };
        let in_eras = Era::ALL
            .into_iter()
            .filter_map(|era| Self::from_era(EraDate { era, year: u16::from(year), month, day }).ok());
        let western = [1900, 2000]
            .into_iter()
            .filter_map(|century| Self::new(century + i32::from(year), month, day).ok());
        let mut days: Vec<Self> = in_eras.chain(western).filter(|birth| *birth <= today).collect();
        days.sort_unstable_by(|a, b| b.cmp(a));
        days.dedup();
        days
    }
}

fn era_year(written: EraDate) -> Result<i32, DateError> {
    if written.year == 0 {
        Err(DateError::OutsideEra)
    } else {
        Ok(written.era.first().0 + i32::from(written.year) - 1)
    }
}

impl EraDate {
    /// `令和1年5月1日`: the first year as a digit, for programs that read digits alone.
    pub fn in_digits(self) -> String {
        format!("{}{}年{}月{}日", self.era.name(), self.year, self.month, self.day)
    }
}

impl fmt::Display for EraDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.year == 1 {
            return write!(f, "{}元年{}月{}日", self.era.name(), self.month, self.day);
        }
        f.write_str(&self.in_digits())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::date::EARLIEST;
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn each_era_begins_and_ends_on_its_day() {
        for (iso, written) in [
            ("1868-10-23", "明治元年10月23日"),
            ("1912-07-29", "明治45年7月29日"),
            ("1912-07-30", "大正元年7月30日"),
            ("1926-12-24", "大正15年12月24日"),
            ("1926-12-25", "昭和元年12月25日"),
            ("1989-01-07", "昭和64年1月7日"),
            ("1989-01-08", "平成元年1月8日"),
            ("2019-04-30", "平成31年4月30日"),
            ("2019-05-01", "令和元年5月1日"),
            ("2026-11-22", "令和8年11月22日"),
        ] {
            assert_eq!(date(iso).era().to_string(), written);
        }
        assert_eq!(date("2019-05-01").era().in_digits(), "令和1年5月1日");
    }

    #[test]
    fn a_day_outside_the_era_it_names_is_refused() {
        let showa = |year, month, day| Date::from_era(EraDate { era: Era::Showa, year, month, day });
        assert_eq!(showa(64, 1, 7), Ok(date("1989-01-07")));
        assert_eq!(showa(64, 1, 8), Err(DateError::OutsideEra));
        assert_eq!(showa(1, 12, 24), Err(DateError::OutsideEra));
        assert_eq!(showa(0, 12, 25), Err(DateError::OutsideEra));
        assert_eq!(showa(50, 2, 29), Err(DateError::NoSuchDay));
        let meiji = EraDate { era: Era::Meiji, year: 1, month: 1, day: 1 };
        assert_eq!(Date::from_era(meiji), Err(DateError::TooEarly));
    }

    #[test]
    fn six_digits_of_a_birth_date_may_mean_several_days() {
        let today = date("2026-11-22");
        let days = Date::of_six_digits("080401", today);
        assert_eq!(
            days,
            [
                "2026-04-01",
                "2008-04-01",
                "1996-04-01",
                "1933-04-01",
                "1919-04-01",
                "1908-04-01",
                "1875-04-01"
            ]
            .map(date)
        );
        assert_eq!(Date::of_six_digits("640107", today), [date("1989-01-07"), date("1964-01-07")]);
        assert!(Date::of_six_digits("999999", today).is_empty());
        assert!(Date::of_six_digits("12345", today).is_empty());
        assert!(Date::of_six_digits("+10101", today).is_empty());
    }

    proptest! {
        #[test]
        fn the_way_there_and_back_leads_to_the_same_day(days in 0_u16..u16::MAX) {
            let day = EARLIEST.plus_days(days);
            prop_assert_eq!(Date::from_era(day.era()), Ok(day));
        }
    }
}
