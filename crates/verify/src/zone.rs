//! Instants as ISO 8601, from the calendar's arithmetic alone.

const DAY_MS: i64 = 86_400_000;

/// `2027-01-15T17:00:00.000+09:00`; at offset 0 `Z`.
pub(crate) fn iso(ms: i64, zone_min: i64) -> String {
    let zone_min = zone_min.clamp(-1_439, 1_439);
    let local = ms.saturating_add(zone_min.saturating_mul(60_000));
    let (year, month, day) = civil(local.div_euclid(DAY_MS));
    let (seconds, thousandths) = (local.rem_euclid(DAY_MS) / 1_000, local.rem_euclid(1_000));
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let zone = match zone_min {
        0 => "Z".to_owned(),
        _ => format!("{}{:02}:{:02}", if zone_min < 0 { '-' } else { '+' }, zone_min.abs() / 60, zone_min.abs() % 60),
    };
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{thousandths:03}{zone}")
}

/// Year, month and day of a day counted from 1970-01-01 (proleptic Gregorian; Howard Hinnant, "chrono-compatible
/// low-level date algorithms").
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days.saturating_add(719_468);
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::iso;

    #[test]
    fn instants_have_their_calendar_day() {
        assert_eq!(iso(0, 0), "1970-01-01T00:00:00.000Z");
        assert_eq!(iso(1_795_305_600_000, 540), "2026-11-22T09:00:00.000+09:00");
        assert_eq!(iso(951_782_400_123, 0), "2000-02-29T00:00:00.123Z");
        assert_eq!(iso(-1, -210), "1969-12-31T20:29:59.999-03:30");
        assert!(!iso(i64::MAX, i64::MAX).is_empty() && !iso(i64::MIN, i64::MIN).is_empty());
    }
}
