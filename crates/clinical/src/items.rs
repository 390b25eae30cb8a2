//! The vital items of vocabulary C.1 with their units (UCUM), impossible ranges and usual limits. The usual limits
//! are proposals that a region's physicians approve; each patient's own limits take their place.

use crate::decimal::Decimal;
use crate::fact::Flag;
use std::cmp::Ordering;

/// A limit that is asked about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    /// The number.
    pub value: Decimal,
    /// Whether the number itself is already asked about (≤, ≥) or only what is beyond it (<, >).
    pub inclusive: bool,
}

/// A number's shape and ranges.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NumberSpec {
    /// Most digits behind the point.
    pub scale_max: u8,
    /// Smallest possible value; below it is refused.
    pub hard_low: Decimal,
    /// Largest possible value; above it is refused.
    pub hard_high: Decimal,
    /// Asked about below.
    pub low: Option<Limit>,
    /// Asked about above.
    pub high: Option<Limit>,
    /// Least change from the median that is called unusual (clinical rules G.2).
    pub change_min: Option<Decimal>,
    /// From here on the question is a louder one (C.1, "alert").
    pub alert: Option<Decimal>,
    /// Words that stand in the number's place: what a meter shows instead of one, or a judgement without one.
    pub words: &'static [(&'static str, Option<Flag>)],
}

/// What values an item takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ItemKind {
    /// A number.
    Number(NumberSpec),
    /// One of these codes; the first is the usual one.
    Code(&'static [&'static str]),
    /// 意識 JCS: 0, 1 … 300, with R, I, A after it.
    Jcs,
    /// 意識 GCS: `E4V5M6`, V may be T; the total is computed.
    Gcs,
}

/// One vital item.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Item {
    /// Stored key.
    pub key: &'static str,
    /// UCUM unit.
    pub unit: &'static str,
    /// What values it takes.
    pub kind: ItemKind,
    /// Attributes and the codes each takes; no codes means a short free text.
    pub attributes: &'static [(&'static str, &'static [&'static str])],
}

const fn d(mantissa: i64, scale: u8) -> Decimal {
    Decimal::new(mantissa, scale)
}

const fn below(value: Decimal) -> Option<Limit> {
    Some(Limit { value, inclusive: false })
}

const fn at(value: Decimal) -> Option<Limit> {
    Some(Limit { value, inclusive: true })
}

const fn whole(
    low: i64,
    high: i64,
    ask_low: Option<Limit>,
    ask_high: Option<Limit>,
    change: Option<Decimal>,
) -> ItemKind {
    number(0, d(low, 0), d(high, 0), ask_low, ask_high, change)
}

const fn number(
    scale_max: u8,
    hard_low: Decimal,
    hard_high: Decimal,
    low: Option<Limit>,
    high: Option<Limit>,
    change_min: Option<Decimal>,
) -> ItemKind {
    ItemKind::Number(NumberSpec { scale_max, hard_low, hard_high, low, high, change_min, alert: None, words: &[] })
}

const fn alert(kind: ItemKind, from: Decimal) -> ItemKind {
    match kind {
        ItemKind::Number(spec) => ItemKind::Number(NumberSpec { alert: Some(from), ..spec }),
        ItemKind::Code(_) | ItemKind::Jcs | ItemKind::Gcs => kind,
    }
}

const fn or_words(kind: ItemKind, words: &'static [(&'static str, Option<Flag>)]) -> ItemKind {
    match kind {
        ItemKind::Number(spec) => ItemKind::Number(NumberSpec { words, ..spec }),
        ItemKind::Code(_) | ItemKind::Jcs | ItemKind::Gcs => kind,
    }
}

const SIDE: (&str, &[&str]) = ("side", &["right", "left"]);
const POSTURE: (&str, &[&str]) = ("posture", &["supine", "sitting", "standing"]);
const TEXT: &[&str] = &[];
/// Both halves of a pressure carry them, which is how they are paired.
const PRESSURE: &[(&str, &[&str])] =
    &[SIDE, ("site", &["upper-arm", "wrist", "lower-leg"]), POSTURE, ("times", &["1", "2"])];
/// What a glucose meter shows beyond its range.
const METER: &[(&str, Option<Flag>)] = &[("HI", Some(Flag::High)), ("LO", Some(Flag::Low))];
/// How the night was, when nobody counted the hours.
const NIGHT: &[(&str, Option<Flag>)] = &[("good", None), ("fair", None), ("poor", Some(Flag::Other))];
/// L/min beyond which oxygen comes from a high-flow device only (C.1).
pub(crate) const PLAIN_FLOW_MAX: Decimal = d(15, 0);
/// The device that gives more.
pub(crate) const HIGH_FLOW: &str = "hfnc";

/// All items, in the order a nurse measures them.
#[rustfmt::skip]
pub const VITAL_ITEMS: &[Item] = &[
    Item { key: "temp", unit: "Cel", kind: alert(number(1, d(250, 1), d(450, 1), below(d(355, 1)), at(d(375, 1)), Some(d(10, 1))), d(385, 1)),
        attributes: &[("site", &["axilla", "oral", "rectal", "ear", "forehead"])] },
    Item { key: "bp.sys", unit: "mm[Hg]", kind: whole(30, 300, below(d(90, 0)), at(d(180, 0)), Some(d(30, 0))),
        attributes: PRESSURE },
    Item { key: "bp.dia", unit: "mm[Hg]", kind: whole(10, 200, below(d(50, 0)), at(d(110, 0)), None), attributes: PRESSURE },
    Item { key: "pulse", unit: "/min", kind: whole(10, 300, below(d(50, 0)), Some(Limit { value: d(110, 0), inclusive: false }), Some(d(20, 0))),
        attributes: &[("rhythm", &["regular", "irregular"]), ("method", &["palpation", "device"])] },
    Item { key: "spo2", unit: "%", kind: whole(30, 100, at(d(93, 0)), None, Some(d(3, 0))),
        attributes: &[("gas", &["room-air", "oxygen"]), ("state", &["rest", "exertion"])] },
    Item { key: "o2.flow", unit: "L/min", kind: number(2, d(0, 0), d(60, 0), None, None, None),
        attributes: &[("device", &["nasal-cannula", "mask", "reservoir", "hfnc", "nppv", "tppv", "tracheostomy"])] },
    Item { key: "o2.fio2", unit: "%", kind: whole(21, 100, None, None, None), attributes: &[] },
    Item { key: "rr", unit: "/min", kind: whole(1, 80, below(d(10, 0)), Some(Limit { value: d(24, 0), inclusive: false }), None),
        attributes: &[("pattern", &["normal", "laboured", "cheyne-stokes", "mandibular"])] },
    Item { key: "weight", unit: "kg", kind: number(2, d(5, 1), d(300, 0), None, None, None),
        attributes: &[("clothing", TEXT), ("method", TEXT)] },
    Item { key: "height", unit: "cm", kind: number(1, d(30, 0), d(250, 0), None, None, None), attributes: &[] },
    Item { key: "nrs", unit: "{score}", kind: whole(0, 10, None, at(d(7, 0)), None),
        attributes: &[("site", TEXT), ("state", &["rest", "movement"]), ("scale", &["nrs", "face", "painad"])] },
    Item { key: "jcs", unit: "", kind: ItemKind::Jcs, attributes: &[] },
    Item { key: "gcs", unit: "{score}", kind: ItemKind::Gcs, attributes: &[] },
    Item { key: "acvpu", unit: "", kind: ItemKind::Code(&["A", "C", "V", "P", "U"]), attributes: &[] },
    Item { key: "glucose", unit: "mg/dL", kind: or_words(whole(10, 1000, below(d(70, 0)), Some(Limit { value: d(300, 0), inclusive: false }), None), METER),
        attributes: &[("timing", &["before-meal", "after-meal", "bedtime", "random"]), ("hoursAfterMeal", TEXT), ("insulin", TEXT)] },
    Item { key: "urine.vol", unit: "mL/(24.h)", kind: whole(0, 10000, below(d(400, 0)), None, None),
        attributes: &[("count", TEXT), ("appearance", TEXT), ("way", &["indwelling", "intermittent", "diaper", "toilet"]), ("last", TEXT)] },
    Item { key: "stool", unit: "/d", kind: whole(0, 30, None, None, None),
        attributes: &[("bristol", &["1", "2", "3", "4", "5", "6", "7"]), ("amount", TEXT), ("appearance", &["normal", "tarry", "bloody"]), ("last", TEXT), ("treatment", &["enema", "disimpaction", "laxative"])] },
    Item { key: "intake.fluid", unit: "mL/(24.h)", kind: whole(0, 10000, below(d(800, 0)), None, None),
        attributes: &[("way", &["oral", "tube", "infusion"])] },
    Item { key: "intake.meal", unit: "{tenths}", kind: whole(0, 10, at(d(3, 0)), None, None),
        attributes: &[("staple", TEXT), ("side", TEXT), ("form", TEXT), ("choking", &["yes", "no"])] },
    Item { key: "edema", unit: "", kind: ItemKind::Code(&["-", "+-", "+", "++", "+++"]),
        attributes: &[("site", TEXT), ("side", &["right", "left", "both"]), ("calfCm", TEXT)] },
    Item { key: "sleep", unit: "h", kind: or_words(number(1, d(0, 0), d(24, 0), None, None, None), NIGHT),
        attributes: &[("quality", &["good", "fair", "poor"])] },
];

/// The item of this key.
#[must_use]
pub fn vital_item(key: &str) -> Option<&'static Item> {
    VITAL_ITEMS.iter().find(|item| item.key == key)
}

/// Total of `E4V5M6`; `None` inside when V is T and the total is no number. The outer `None` is no GCS.
pub(crate) fn gcs_total(text: &str) -> Option<Option<i64>> {
    let rest = text.strip_prefix('E')?;
    let (eye, rest) = rest.split_once('V')?;
    let (verbal, motor) = rest.split_once('M')?;
    let part = |s: &str, most: i64| s.parse::<i64>().ok().filter(|n| s.len() == 1 && (1..=most).contains(n));
    let (eye, motor) = (part(eye, 4)?, part(motor, 6)?);
    if verbal == "T" { Some(None) } else { Some(Some(eye + part(verbal, 5)? + motor)) }
}

/// Level of `10R`: one of 0, 1, 2, 3, 10, 20, 30, 100, 200, 300, then any of R, I, A once each.
pub(crate) fn jcs_level(text: &str) -> Option<i64> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (level, marks) = text.split_at_checked(digits)?;
    let known = matches!(level, "0" | "1" | "2" | "3" | "10" | "20" | "30" | "100" | "200" | "300");
    let once = |c: char| marks.matches(c).count() <= 1;
    let marked = marks.chars().all(|c| matches!(c, 'R' | 'I' | 'A')) && ['R', 'I', 'A'].into_iter().all(once);
    if known && marked { level.parse().ok() } else { None }
}

impl NumberSpec {
    /// The word's flag, if `text` is a word that stands in the number's place.
    #[must_use]
    pub fn word(&self, text: &str) -> Option<Option<Flag>> {
        self.words.iter().find(|(word, _)| *word == text).map(|(_, flag)| *flag)
    }

    /// Beyond the usual limits, and which.
    #[must_use]
    pub fn flag(&self, value: Decimal) -> Option<Flag> {
        let low = self.low.is_some_and(|l| beyond(value.cmp_value(l.value), Ordering::Less, l));
        let high = self.high.is_some_and(|l| beyond(value.cmp_value(l.value), Ordering::Greater, l));
        if low {
            Some(Flag::Low)
        } else if high {
            Some(Flag::High)
        } else {
            None
        }
    }
}

fn beyond(order: Ordering, side: Ordering, limit: Limit) -> bool {
    order == side || (limit.inclusive && order == Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_unique_and_ranges_make_sense() {
        for item in VITAL_ITEMS {
            assert_eq!(VITAL_ITEMS.iter().filter(|i| i.key == item.key).count(), 1, "{}", item.key);
            if let ItemKind::Number(n) = item.kind {
                assert_eq!(n.hard_low.cmp_value(n.hard_high), Ordering::Less, "{}", item.key);
                for limit in [n.low, n.high].into_iter().flatten() {
                    assert_ne!(limit.value.cmp_value(n.hard_low), Ordering::Less, "{}", item.key);
                    assert_ne!(limit.value.cmp_value(n.hard_high), Ordering::Greater, "{}", item.key);
                }
            }
        }
    }

    #[test]
    fn consciousness_scales() {
        assert_eq!(gcs_total("E4V5M6"), Some(Some(15)));
        assert_eq!(gcs_total("E1VTM1"), Some(None));
        for bad in ["E5V5M6", "E4V5", "15", "E0V1M1", "E4V6M6", "E04V5M6"] {
            assert_eq!(gcs_total(bad), None, "{bad}");
        }
        assert_eq!(jcs_level("10R"), Some(10));
        assert_eq!(jcs_level("0"), Some(0));
        for bad in ["", "4", "10RR", "R", "10r", "１０"] {
            assert_eq!(jcs_level(bad), None, "{bad}");
        }
    }
}
