//! `chart.trend`

use crate::host::Host;
use crate::{Failure, rows};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Request.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(optional_fields)]
pub struct Req {
    /// The patient
    pub patient_id: String,
    /// Measure keys (vocabulary C.1)
    pub keys: Vec<String>,
    /// First millisecond
    pub from: i64,
    /// Last millisecond
    pub to: i64,
}

/// Result.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Res {
    /// One per key
    pub series: Vec<Series>,
}

const KEYS_MAX: usize = 40;

/// A value on the curve.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Point {
    /// Clinical time.
    pub at: i64,
    /// For drawing alone.
    pub value: f64,
    /// As entered.
    #[ts(type = "Decimal")]
    pub text: String,
    /// Measured by the family.
    pub family: bool,
    /// The entry.
    pub entry_id: String,
}

/// What is usual for this patient (clinical rules G.2).
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Usual {
    /// Tenth percentile.
    pub low: f64,
    /// Ninetieth percentile.
    pub high: f64,
    /// Median.
    pub median: f64,
}

/// One curve.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Series {
    /// Measure key.
    pub key: String,
    /// Unit.
    pub unit: String,
    /// Oldest first.
    pub points: Vec<Point>,
    /// Usual range.
    pub usual: Option<Usual>,
    /// Personal lower limit.
    #[ts(type = "Decimal | null")]
    pub low: Option<String>,
    /// Personal upper limit.
    #[ts(type = "Decimal | null")]
    pub high: Option<String>,
}

/// Draws.
///
/// # Errors
/// `not_found`, storage codes.
pub fn run(host: &dyn Host, req: Req) -> Result<Res, Failure> {
    let replica = host.replica()?;
    let patient = rows::id(&req.patient_id)?;
    let thresholds = rows::header(&replica, patient)?.thresholds;
    let keys: Vec<&str> = req.keys.iter().take(KEYS_MAX).map(String::as_str).collect();
    let curves = rows::curves(&replica, patient, &keys, req.from, req.to)?;
    let usual = rows::usual(&replica, patient, &keys, host.now_ms())?;
    let series = keys.into_iter().zip(curves).zip(usual).map(|((key, (unit, points)), usual)| {
        let limit = thresholds.iter().find(|t| t.measure == key);
        Series {
            unit,
            points,
            usual,
            low: limit.and_then(|t| t.low.clone()),
            high: limit.and_then(|t| t.high.clone()),
            key: key.to_owned(),
        }
    });
    let series = series.collect();
    Ok(Res { series })
}
