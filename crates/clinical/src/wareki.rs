//! 和暦. Era beginnings: vocabulary C.7; the Gregorian calendar is in use from 明治6 (1873-01-01).

use crate::time::PartialDate;

/// A Japanese era.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Era {
    /// 明治, from 1868-01-25.
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

/// An era and a year in it; 1 is 元年.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wareki {
    /// The era.
    pub era: Era,
    /// The year, from 1.
    pub year: i32,
}

/// The text is no date of an era.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not_a_wareki")]
pub struct NotAWareki;

/// Era, kanji, letter, first day.
type Begins = (Era, &'static str, &'static str, (i32, u8, u8));

const ERAS: [Begins; 5] = [
    (Era::Reiwa, "令和", "R", (2019, 5, 1)),
    (Era::Heisei, "平成", "H", (1989, 1, 8)),
    (Era::Showa, "昭和", "S", (1926, 12, 25)),
    (Era::Taisho, "大正", "T", (1912, 7, 30)),
    (Era::Meiji, "明治", "M", (1868, 1, 25)),
];

impl Wareki {
    /// The era year of a date. A date without month or day takes the era that ruled at the year's (month's) end.
    #[must_use]
    pub fn of(date: PartialDate) -> Option<Self> {
        let at = (date.year, date.month.unwrap_or(12), date.day.unwrap_or(31));
        ERAS.iter()
            .find(|(_, _, _, begins)| at >= *begins)
            .map(|(era, _, _, begins)| Wareki { era: *era, year: date.year - begins.0 + 1 })
    }

    /// The Gregorian year of an era year.
    #[must_use]
    pub fn gregorian_year(self) -> i32 {
        let begins = ERAS.iter().find(|(era, ..)| *era == self.era).map_or(0, |(.., begins)| begins.0);
        begins + self.year - 1
    }

    /// Parses `昭和17年3月14日`, `S17.3.14`, `昭和17/3`, `令和元年`, any width, into a date.
    ///
    /// # Errors
    /// [`NotAWareki`], also for a date outside its era (平成31年5月1日).
    pub fn parse(text: &str) -> Result<PartialDate, NotAWareki> {
        let text = crate::fold::fold(text).replace("元", "1");
        let (era, rest) = ERAS
            .iter()
            .find_map(|(era, kanji, letter, _)| {
                let letter = letter.to_lowercase();
                text.strip_prefix(kanji).or_else(|| text.strip_prefix(letter.as_str())).map(|rest| (*era, rest))
            })
            .ok_or(NotAWareki)?;
        let mut numbers = rest.split(|c: char| !c.is_ascii_digit()).filter(|p| !p.is_empty());
        if rest.chars().any(|c| !c.is_ascii_digit() && !matches!(c, '年' | '月' | '日' | '.' | '/' | '-' | ' ')) {
            return Err(NotAWareki);
        }
        let mut next = || numbers.next().map(str::parse::<u8>).transpose().map_err(|_| NotAWareki);
        let year = next()?.filter(|y| *y > 0).ok_or(NotAWareki)?;
        let (month, day) = (next()?, next()?);
        if next()?.is_some() {
            return Err(NotAWareki);
        }
        let wareki = Wareki { era, year: i32::from(year) };
        let date = PartialDate::new(wareki.gregorian_year(), month, day).map_err(|_| NotAWareki)?;
        let begins = ERAS.iter().find(|(e, ..)| *e == era).map_or((0, 0, 0), |(.., begins)| *begins);
        let latest = (date.year, date.month.unwrap_or(12), date.day.unwrap_or(31));
        let earliest = PartialDate { year: date.year, month: date.month.or(Some(1)), day: date.day.or(Some(1)) };
        let still = Wareki::of(earliest).is_some_and(|w| w.era <= era);
        if latest >= begins && still { Ok(date) } else { Err(NotAWareki) }
    }
}

impl std::fmt::Display for Wareki {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kanji = ERAS.iter().find(|(era, ..)| *era == self.era).map_or("", |(_, kanji, ..)| kanji);
        if self.year == 1 { write!(f, "{kanji}元") } else { write!(f, "{kanji}{}", self.year) }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use super::*;

    fn of(text: &str) -> String {
        Wareki::of(PartialDate::parse(text).unwrap()).unwrap().to_string()
    }

    /// Vectors of vocabulary C.7.
    #[test]
    fn eras_change_on_their_day() {
        assert_eq!(of("2019-04-30"), "平成31");
        assert_eq!(of("2019-05-01"), "令和元");
        assert_eq!(of("1926-12-24"), "大正15");
        assert_eq!(of("1926-12-25"), "昭和元");
        assert_eq!(of("1989-01-07"), "昭和64");
        assert_eq!(of("1989-01-08"), "平成元");
        assert_eq!(of("1912-07-29"), "明治45");
        assert_eq!(of("1912-07-30"), "大正元");
        assert_eq!(of("1942-03-14"), "昭和17");
    }

    #[test]
    fn reads_what_people_write() {
        let date = |text: &str| Wareki::parse(text).map(|d| d.to_string());
        assert_eq!(date("昭和17年3月14日").unwrap(), "1942-03-14");
        assert_eq!(date("Ｓ１７．３．１４").unwrap(), "1942-03-14");
        assert_eq!(date("s17/3").unwrap(), "1942-03");
        assert_eq!(date("令和元年").unwrap(), "2019");
        assert_eq!(date("平成31年5月1日"), Err(NotAWareki));
        assert_eq!(date("平成31年4月30日").unwrap(), "2019-04-30");
        assert_eq!(date("昭和元年12月24日"), Err(NotAWareki));
        assert_eq!(date("1942-03-14"), Err(NotAWareki));
        assert_eq!(date("昭和17年13月"), Err(NotAWareki));
    }
}
