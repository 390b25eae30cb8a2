//! Instants and dates. The clock itself is an argument everywhere.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use ts_rs::TS;

/// Milliseconds of a day.
pub const DAY_MS: i64 = 86_400_000;
/// Offset of the region in minutes: Japan, +09:00, without summer time.
pub const REGION_ZONE_MIN: i32 = 540;

/// A moment: milliseconds UTC, and the offset in minutes it was written at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Instant {
    /// Milliseconds since 1970-01-01T00:00Z.
    #[ts(type = "number")]
    pub ms: i64,
    /// Minutes east of UTC.
    pub zone_min: i32,
}

/// A date whose day, or month and day, may be unknown: `1942-03-14`, `1942-03`, `1942`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartialDate {
    /// Gregorian year, 1800 to 2200.
    pub year: i32,
    /// 1 to 12.
    pub month: Option<u8>,
    /// 1 to the month's last.
    pub day: Option<u8>,
}

/// The text is no such date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not_a_date")]
pub struct NotADate;

impl PartialDate {
    /// A date that exists in the calendar.
    ///
    /// # Errors
    /// [`NotADate`].
    pub fn new(year: i32, month: Option<u8>, day: Option<u8>) -> Result<Self, NotADate> {
        let in_month = match (month, day) {
            (None, None) => true,
            (Some(m), None) => (1..=12).contains(&m),
            (Some(m), Some(d)) => (1..=12).contains(&m) && d >= 1 && d <= days_in(year, m),
            (None, Some(_)) => false,
        };
        if in_month && (1800..=2200).contains(&year) { Ok(Self { year, month, day }) } else { Err(NotADate) }
    }

    /// Parses `YYYY[-MM[-DD]]`.
    ///
    /// # Errors
    /// [`NotADate`].
    pub fn parse(text: &str) -> Result<Self, NotADate> {
        let mut parts = text.split('-');
        let number = |part: Option<&str>, len: usize| match part {
            None => Ok(None),
            Some(p) if p.len() == len && p.bytes().all(|b| b.is_ascii_digit()) => {
                p.parse::<u16>().map(Some).map_err(|_| NotADate)
            }
            Some(_) => Err(NotADate),
        };
        let year = number(parts.next(), 4)?.ok_or(NotADate)?;
        let month = number(parts.next(), 2)?;
        let day = number(parts.next(), 2)?;
        if parts.next().is_some() {
            return Err(NotADate);
        }
        let small = |n: Option<u16>| n.map(u8::try_from).transpose().map_err(|_| NotADate);
        Self::new(i32::from(year), small(month)?, small(day)?)
    }

    /// Whole years at `on`, by the calendar; `None` when the year of birth alone cannot tell.
    #[must_use]
    pub fn age_years(self, on: PartialDate) -> Option<i32> {
        let (month, day) = (self.month?, self.day?);
        let had_birthday = (on.month?, on.day?) >= (month, day);
        Some(on.year - self.year - i32::from(!had_birthday))
    }
}

fn days_in(year: i32, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

impl std::fmt::Display for PartialDate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}", self.year)?;
        self.month.map_or(Ok(()), |m| write!(f, "-{m:02}"))?;
        self.day.map_or(Ok(()), |d| write!(f, "-{d:02}"))
    }
}

impl Serialize for PartialDate {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PartialDate {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        PartialDate::parse(&String::deserialize(from)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use super::*;

    #[test]
    fn dates_that_exist() {
        for text in ["1942-03-14", "1942-03", "1942", "2024-02-29", "2000-02-29"] {
            assert_eq!(PartialDate::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "42", "1942-3-14", "2023-02-29", "1900-02-29", "1942-13", "1942--14", "1942-03-14-1", "1700"] {
            assert_eq!(PartialDate::parse(text), Err(NotADate), "{text}");
        }
    }

    #[test]
    fn age_turns_on_the_birthday() {
        let age = |born: &str, on: &str| PartialDate::parse(born).unwrap().age_years(PartialDate::parse(on).unwrap());
        assert_eq!(age("1942-03-14", "2026-03-13"), Some(83));
        assert_eq!(age("1942-03-14", "2026-03-14"), Some(84));
        assert_eq!(age("1942", "2026-03-14"), None);
    }
}
