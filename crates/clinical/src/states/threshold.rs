//! `threshold`: a patient's own limits, one per measure. The id is the measure's key; low, high and the reason are one
//! field, because half of somebody's limits and half of somebody else's would be a limit nobody ordered.

use super::{FieldSpec, FieldValue, StateKind, field};
use crate::decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use ts_rs::TS;

const REASON_CHARS_MAX: usize = 200;

/// The kind.
#[derive(Debug)]
pub struct ThresholdKind;

/// Low and high, as entered, and why.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(optional_fields)]
pub struct Limits {
    /// Values below it are asked about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(type = "string")]
    pub low: Option<Decimal>,
    /// Values above it are asked about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(type = "string")]
    pub high: Option<Decimal>,
    /// Who ordered it and why.
    #[serde(default)]
    pub reason: String,
}

impl std::fmt::Debug for Limits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Limits").finish_non_exhaustive()
    }
}

impl FieldValue for Limits {
    fn settle(self) -> Result<Self, &'static str> {
        if self.reason.chars().count() > REASON_CHARS_MAX {
            return Err("too_long");
        }
        match (self.low, self.high) {
            (None, None) => Err("empty"),
            (Some(low), Some(high)) if low.cmp_value(high) != Ordering::Less => Err("low_not_below_high"),
            _ => Ok(self),
        }
    }
}

impl StateKind for ThresholdKind {
    const TAG: &'static str = "threshold";
    const SINGLETON: bool = false;

    fn fields() -> Vec<FieldSpec> {
        vec![field::<Limits>("limit", true)]
    }

    fn typescript() -> String {
        format!("export type ThresholdFields = {{ limit?: {} }}\n", Limits::inline(&ts_rs::Config::default()))
    }
}
