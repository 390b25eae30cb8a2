//! `vitals` バイタル: what was measured at one time, and what was not, because.

mod check;

use super::EntryKind;
use crate::decimal::{Decimal, normalise_number};
use crate::fact::{Facts, Flag, Measure};
use crate::finding::{CheckContext, Finding};
use crate::items::{ItemKind, NumberSpec, gcs_total, jcs_level, vital_item};
use crate::time::Instant;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;
use unicode_normalization::UnicodeNormalization;

/// Reasons for not measuring and the FHIR `dataAbsentReason` each stands for (vocabulary C.1, rule 2).
pub const NOT_MEASURED_REASONS: &[(&str, &str)] = &[
    ("refused", "asked-declined"),
    ("unable", "not-performed"),
    ("no-device", "unsupported"),
    ("not-needed", "not-asked"),
];

/// The kind.
#[derive(Debug)]
pub struct Vitals;

/// Everything measured at one time.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields)]
pub struct VitalsBody {
    /// When, if not at the entry's time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measured_at: Option<Instant>,
    /// What was measured. A key may stand several times when its attributes tell the values apart: the right and the
    /// left foot, the first and the second pressure. The halves of a pressure have equal attributes.
    #[serde(default)]
    pub items: Vec<VitalValue>,
    /// What was not measured, because.
    #[serde(default)]
    pub not_measured: Vec<NotMeasured>,
    /// A remark.
    #[serde(default)]
    pub remark: String,
}

/// One value.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct VitalValue {
    /// Key of vocabulary C.1.
    pub key: String,
    /// A number's digits as entered (`36.50`), a code, or a word in a number's place: a meter's `HI`.
    pub value: String,
    /// Codes or short texts by attribute: `side: right`.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
    /// Who or what it comes from.
    #[serde(default)]
    pub source: Source,
}

/// Where a value comes from (vocabulary C.1, rule 1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// 手入力
    #[default]
    Manual,
    /// 機器
    Device,
    /// 家族
    Family,
    /// 取込
    Import,
}

/// An item that was not measured. Empty is never normal.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct NotMeasured {
    /// Key of vocabulary C.1.
    pub key: String,
    /// One of [`NOT_MEASURED_REASONS`].
    pub reason: String,
}

/// The codes of this item are steps of one scale, so they are drawn and compared as numbers from 0.
const STEPS: &str = "edema";

/// A word of the item's in its stored form, however it was typed; else the number.
fn number_or_word(text: &str, spec: &NumberSpec) -> String {
    let narrow: String = text.trim().nfkc().collect();
    let word = spec.words.iter().find(|(word, _)| word.eq_ignore_ascii_case(&narrow));
    word.map_or_else(|| normalise_number(text), |(word, _)| (*word).to_owned())
}

macro_rules! redacted {
    ($($name:ident)+) => { $(impl std::fmt::Debug for $name {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.debug_struct(stringify!($name)).finish_non_exhaustive()
        }
    })+ };
}
redacted!(VitalsBody VitalValue NotMeasured);

impl VitalsBody {
    /// The first value of an item.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&VitalValue> {
        self.items.iter().find(|item| item.key == key)
    }

    /// All values of an item, in the order they were entered.
    pub fn all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a VitalValue> {
        self.items.iter().filter(move |item| item.key == key)
    }

    pub(crate) fn numbers<'a>(&'a self, key: &'a str) -> impl Iterator<Item = Decimal> + 'a {
        self.all(key).filter_map(|item| Decimal::parse(&item.value).ok())
    }
}

impl EntryKind for Vitals {
    type Body = VitalsBody;
    const TAG: &'static str = "vitals";
    const VERSION: u32 = 1;

    fn normalise(body: &mut VitalsBody) {
        for item in &mut body.items {
            match vital_item(&item.key).map(|known| known.kind) {
                Some(ItemKind::Number(spec)) => item.value = number_or_word(&item.value, &spec),
                Some(ItemKind::Code(_) | ItemKind::Jcs | ItemKind::Gcs) | None => {
                    item.value = item.value.trim().to_owned()
                }
            }
            item.attributes.retain(|_, value| !value.is_empty());
        }
        body.remark = body.remark.trim().to_owned();
    }

    fn check(body: &VitalsBody, context: &CheckContext) -> Vec<Finding> {
        check::check(body, context)
    }

    fn facts(body: &VitalsBody) -> Facts {
        let mut out = Facts { search: body.remark.clone(), ..Facts::default() };
        for item in &body.items {
            let Some(known) = vital_item(&item.key) else { continue };
            let (value, flag) = match known.kind {
                ItemKind::Number(spec) => {
                    let value = Decimal::parse(&item.value).ok();
                    (value, value.map_or_else(|| spec.word(&item.value).flatten(), |v| spec.flag(v)))
                }
                ItemKind::Code(codes) => {
                    let step = codes.iter().position(|code| *code == item.value).filter(|_| item.key == STEPS);
                    let step = step.and_then(|step| i64::try_from(step).ok()).map(|step| Decimal::new(step, 0));
                    (step, (codes.first() != Some(&item.value.as_str())).then_some(Flag::Other))
                }
                ItemKind::Jcs => {
                    let level = jcs_level(&item.value);
                    (level.map(|l| Decimal::new(l, 0)), level.filter(|l| *l > 0).map(|_| Flag::Other))
                }
                ItemKind::Gcs => {
                    let total = gcs_total(&item.value).flatten();
                    (total.map(|t| Decimal::new(t, 0)), total.filter(|t| *t <= 13).map(|_| Flag::Low))
                }
            };
            out.measures.push(Measure {
                key: item.key.clone(),
                text: item.value.clone(),
                value,
                unit: known.unit,
                flag,
                family: item.source == Source::Family,
            });
        }
        out
    }
}
