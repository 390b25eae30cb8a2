//! A person's own usual range (clinical rules G.2): not a normal range, and never presented as one.

/// How far back the usual range looks.
pub const BASELINE_DAYS: i64 = 30;
/// The fewest values that make a usual range.
pub const BASELINE_VALUES_MIN: usize = 5;

/// Median and tenth to ninetieth percentile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Baseline {
    /// Tenth percentile.
    pub low: f64,
    /// Median.
    pub median: f64,
    /// Ninetieth percentile.
    pub high: f64,
}

/// The usual range of these values (the caller takes those of the last [`BASELINE_DAYS`]); `None` below
/// [`BASELINE_VALUES_MIN`]. Percentiles interpolate between neighbours.
#[must_use]
pub fn baseline(values: &[f64]) -> Option<Baseline> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
    if sorted.len() < BASELINE_VALUES_MIN {
        return None;
    }
    sorted.sort_by(f64::total_cmp);
    Some(Baseline { low: percentile(&sorted, 10)?, median: percentile(&sorted, 50)?, high: percentile(&sorted, 90)? })
}

fn percentile(sorted: &[f64], percent: usize) -> Option<f64> {
    let hundredths = (sorted.len() - 1) * percent;
    let (below, rest) = (hundredths / 100, hundredths % 100);
    let low = *sorted.get(below)?;
    let high = *sorted.get(below + 1).unwrap_or(&low);
    #[expect(clippy::cast_precision_loss, reason = "below 100")]
    let share = rest as f64 / 100.0;
    Some(low + (high - low) * share)
}

impl Baseline {
    /// Whether `value` lies outside the usual range and further from the median than `change_min`.
    #[must_use]
    pub fn is_unusual(&self, value: f64, change_min: f64) -> bool {
        (value < self.low || value > self.high) && (value - self.median).abs() >= change_min
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail loudly")]
    use super::*;

    /// Vector of G.2: ten times 130, then 165 with a least change of 30.
    #[test]
    fn says_when_it_is_unlike_always() {
        let usual = baseline(&[130.0; 10]).unwrap();
        assert!(usual.is_unusual(165.0, 30.0));
        assert!(!usual.is_unusual(150.0, 30.0), "outside, but a small change");
        assert_eq!(baseline(&[130.0; 4]), None);
    }

    #[test]
    fn percentiles_interpolate() {
        let values: Vec<f64> = (1..=11).map(f64::from).collect();
        assert_eq!(baseline(&values), Some(Baseline { low: 2.0, median: 6.0, high: 10.0 }));
    }
}
