//! Numbers as a person entered them: 36.5 is no float, and 36.50 is not 36.5.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::cmp::Ordering;

/// Most digits a number may have.
const DIGITS_MAX: usize = 15;

/// A decimal number that keeps its digits: `mantissa` × 10^−`scale`. Equality compares digits (36.50 ≠ 36.5);
/// [`Decimal::cmp_value`] compares values. Text and storage form is `36.50`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Decimal {
    /// All digits as an integer.
    pub mantissa: i64,
    /// Digits behind the point.
    pub scale: u8,
}

/// The text is no decimal number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not_a_number")]
pub struct NotANumber;

impl Decimal {
    /// `mantissa` × 10^−`scale`.
    #[must_use]
    pub const fn new(mantissa: i64, scale: u8) -> Self {
        Self { mantissa, scale }
    }

    /// Parses `-?digits[.digits]`, at most 15 digits; nothing else. See [`normalise_number`] for what people type.
    ///
    /// # Errors
    /// [`NotANumber`].
    pub fn parse(text: &str) -> Result<Self, NotANumber> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        let dangling = digits.contains('.') && fraction.is_empty();
        if whole.is_empty() || dangling || !all_digits(whole) || !all_digits(fraction) {
            return Err(NotANumber);
        }
        if whole.len() + fraction.len() > DIGITS_MAX {
            return Err(NotANumber);
        }
        let mantissa: i64 = format!("{whole}{fraction}").parse().map_err(|_| NotANumber)?;
        let scale = u8::try_from(fraction.len()).map_err(|_| NotANumber)?;
        Ok(Self::new(if negative { -mantissa } else { mantissa }, scale))
    }

    /// Compares values: 36.50 equals 36.5.
    #[must_use]
    pub fn cmp_value(self, other: Self) -> Ordering {
        let lift = |d: Self, to: u8| i128::from(d.mantissa) * 10i128.pow(u32::from(to - d.scale));
        let scale = self.scale.max(other.scale);
        lift(self, scale).cmp(&lift(other, scale))
    }

    /// The nearest float, for drawing and statistics only.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "15 digits fit a double")]
        let mantissa = self.mantissa as f64;
        mantissa / 10f64.powi(i32::from(self.scale))
    }

    /// The same digits with the point one place further left: 365 becomes 36.5.
    #[must_use]
    pub fn tenth(self) -> Self {
        Self::new(self.mantissa, self.scale + 1)
    }
}

impl std::fmt::Display for Decimal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let scale = usize::from(self.scale);
        let digits = format!("{:0>width$}", self.mantissa.unsigned_abs(), width = scale + 1);
        let (whole, fraction) = digits.split_at_checked(digits.len() - scale).unwrap_or((&digits, ""));
        if fraction.is_empty() { write!(f, "{sign}{whole}") } else { write!(f, "{sign}{whole}.{fraction}") }
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Decimal::parse(&String::deserialize(from)?).map_err(serde::de::Error::custom)
    }
}

/// What people type, made plain: full-width digits, `．` `。` `，` `,` as the point, spaces dropped, a sign kept.
/// A comma before exactly three final digits is a thousands mark. The digits themselves never change.
#[must_use]
pub fn normalise_number(text: &str) -> String {
    let plain: String = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| match c {
            '０'..='９' => char::from_u32(u32::from(c) - u32::from('０') + u32::from('0')).unwrap_or(c),
            '．' | '。' | '・' => '.',
            '，' | '、' => ',',
            '－' | '−' | 'ー' => '-',
            other => other,
        })
        .collect();
    match plain.rsplit_once(',') {
        Some((whole, tail)) if tail.len() == 3 && !whole.is_empty() && !plain.contains('.') => format!("{whole}{tail}"),
        Some((whole, tail)) if !plain.contains('.') => format!("{whole}.{tail}"),
        _ => plain,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keeps_what_was_entered() {
        for text in ["0", "36.5", "36.50", "-0.5", "120", "0.05", "-12"] {
            assert_eq!(Decimal::parse(text).unwrap().to_string(), text);
        }
        assert_ne!(Decimal::parse("36.5").unwrap(), Decimal::parse("36.50").unwrap());
        assert_eq!(Decimal::parse("36.5").unwrap().cmp_value(Decimal::new(3650, 2)), Ordering::Equal);
    }

    #[test]
    fn refuses_everything_else() {
        for text in ["", ".", "3.", ".5", "1e3", "1,2", "３", "--1", "1.2.3", "nan", "1234567890123456"] {
            assert_eq!(Decimal::parse(text), Err(NotANumber), "{text}");
        }
    }

    #[test]
    fn takes_what_people_type() {
        assert_eq!(normalise_number("３６．５"), "36.5");
        assert_eq!(normalise_number(" 36,5 "), "36.5");
        assert_eq!(normalise_number("1,200"), "1200");
        assert_eq!(normalise_number("−２"), "-2");
        assert_eq!(normalise_number("365"), "365");
    }

    proptest! {
        #[test]
        fn every_number_survives(mantissa in -99_999_999i64..99_999_999, scale in 0u8..7) {
            let text = Decimal::new(mantissa, scale).to_string();
            let back = Decimal::parse(&text).unwrap();
            prop_assert_eq!(back.cmp_value(Decimal::new(mantissa, scale)), Ordering::Equal);
            prop_assert_eq!(back.to_string(), text);
        }

        #[test]
        fn any_text_is_answered(text in ".{0,20}") {
            let _ = Decimal::parse(&normalise_number(&text));
        }
    }
}
