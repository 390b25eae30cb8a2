//! What the checks of a kind say about a body: codes and parameters, never sentences.

use crate::decimal::Decimal;
use crate::time::PartialDate;
use std::collections::BTreeMap;

/// How a finding is treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Impossible: the body is not taken.
    Refuse,
    /// Unusual: the person is asked and may go on.
    Ask,
}

/// One remark about one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Refuse or ask.
    pub severity: Severity,
    /// Which remark; the list is closed and the screens have a sentence for each.
    pub code: &'static str,
    /// The field: a measure's key, a property of the body, or empty for the whole.
    pub field: String,
    /// Numbers for the sentence.
    pub params: BTreeMap<String, String>,
}

impl Finding {
    pub(crate) fn refuse(code: &'static str, field: &str) -> Self {
        Self { severity: Severity::Refuse, code, field: field.to_owned(), params: BTreeMap::new() }
    }

    pub(crate) fn ask(code: &'static str, field: &str) -> Self {
        Self { severity: Severity::Ask, ..Self::refuse(code, field) }
    }

    pub(crate) fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.params.insert(name.to_owned(), value.to_string());
        self
    }
}

/// Why a body is not taken; at least one finding, all of them refusals.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("refused")]
pub struct Refusals(pub Vec<Finding>);

impl Refusals {
    pub(crate) fn one(code: &'static str, field: &str) -> Self {
        Self(vec![Finding::refuse(code, field)])
    }
}

/// Why stored bytes cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KindError {
    /// Not the CBOR of this kind.
    #[error("bad_body")]
    BadBody,
    /// No such field in this kind of state.
    #[error("unknown_field")]
    UnknownField,
}

/// A patient's own limits of one measure; each takes the place of the usual one on its side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// The measure's key.
    pub measure: String,
    /// Values below it are asked about.
    pub low: Option<Decimal>,
    /// Values above it are asked about.
    pub high: Option<Decimal>,
}

/// A value recorded before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recent {
    /// The measure's key.
    pub key: String,
    /// Clinical time, ms UTC.
    pub at_ms: i64,
    /// As stored: a number's text or a code.
    pub value: String,
}

/// What a check may know beside the body itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckContext {
    /// Now, ms UTC.
    pub now_ms: i64,
    /// The clinical time that is written about, ms UTC, if it is not now: what came before it is compared with.
    pub at_ms: Option<i64>,
    /// The patient's own limits.
    pub thresholds: Vec<Threshold>,
    /// Values of the last 30 days, any order.
    pub recent: Vec<Recent>,
    /// Birth date, for kinds that look at the age.
    pub birth_date: Option<PartialDate>,
}

impl CheckContext {
    pub(crate) fn threshold(&self, key: &str) -> Option<&Threshold> {
        self.thresholds.iter().find(|t| t.measure == key)
    }

    /// The newest value of `key` in the last `days`.
    pub(crate) fn last<'a>(&'a self, key: &'a str, days: i64) -> Option<&'a Recent> {
        self.since(key, days).max_by_key(|r| r.at_ms)
    }

    pub(crate) fn since<'a>(&'a self, key: &'a str, days: i64) -> impl Iterator<Item = &'a Recent> {
        let from = self.at() - days * crate::time::DAY_MS;
        let until = self.at_ms.unwrap_or(i64::MAX);
        self.recent.iter().filter(move |r| r.key == key && (from..=until).contains(&r.at_ms))
    }

    /// The clinical time that is written about.
    pub(crate) fn at(&self) -> i64 {
        self.at_ms.unwrap_or(self.now_ms)
    }

    /// The values of `key` of the newest time in the last `days`: there may be several, of two sides.
    pub(crate) fn newest<'a>(&'a self, key: &'a str, days: i64) -> impl Iterator<Item = &'a Recent> {
        let at = self.last(key, days).map(|r| r.at_ms);
        self.since(key, days).filter(move |r| Some(r.at_ms) == at)
    }
}
