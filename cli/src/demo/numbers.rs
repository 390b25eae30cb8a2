//! The numbers of a course: they follow the illness through its phases.

use super::patients::{Condition, Person};

/// The day's numbers, in the units of the vital items.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Numbers {
    /// Systolic pressure, mmHg.
    pub systolic: i64,
    /// Diastolic pressure, mmHg.
    pub diastolic: i64,
    /// Pulse per minute.
    pub pulse: i64,
    /// Breaths per minute.
    pub breaths: i64,
    /// Temperature in tenths of a degree Celsius.
    pub temp_tenths: i64,
    /// Saturation in percent.
    pub spo2: i64,
    /// Oxygen flow in tenths of L/min; `None` is room air.
    pub oxygen_tenths: Option<i64>,
    /// Weight in tenths of a kilogram.
    pub weight_tenths: i64,
    /// Pain, 0 to 10.
    pub nrs: i64,
    /// Glucose before a meal, mg/dL.
    pub glucose: i64,
    /// Wound length and width in millimetres.
    pub wound_mm: (i64, i64),
}

/// A small deterministic generator (SplitMix64): the demo must not differ from run to run.
pub struct Dice(u64);

impl Dice {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        Dice(seed.wrapping_add(0x9e37_79b9_7f4a_7c15))
    }

    /// The next 64 bits.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from `low` to `high`, both included.
    pub fn within(&mut self, low: i64, high: i64) -> i64 {
        let span = u64::try_from(high - low + 1).unwrap_or(1).max(1);
        low + i64::try_from(self.next() % span).unwrap_or(0)
    }
}

/// 0 steady, 1 worsening, 2 treated, 3 settling; the course of a cancer runs later in the period.
pub fn phase_of(condition: Condition, day: i64) -> usize {
    let edges = if condition == Condition::EndOfLifeCancer { [60, 84, 114] } else { [38, 58, 88] };
    edges.iter().filter(|edge| day >= **edge).count()
}

/// A number of tenths as text with one decimal: 365 is `36.5`.
pub fn tenths(n: i64) -> String {
    format!("{}.{}", n / 10, n % 10)
}

/// What is measured on a day of the course.
pub fn numbers(person: &Person, day: i64, phase: usize, dice: &mut Dice) -> Numbers {
    let c = person.condition;
    let worse = i64::from(phase == 1);
    let feverish = matches!(c, Condition::CopdOnOxygen | Condition::TubeFeeding) && phase == 1;
    let fever = if feverish { dice.within(5, 11) } else { 0 };
    let systolic = person.systolic + along(pressure_course(c), day) + dice.within(-7, 7);
    let breathing = matches!(c, Condition::HeartFailure | Condition::CopdOnOxygen | Condition::Als);
    let usual_spo2 = match c {
        Condition::CopdOnOxygen => 91,
        Condition::Als | Condition::HeartFailure => 95,
        Condition::EndOfLifeCancer if phase == 3 => 92,
        Condition::PressureUlcer
        | Condition::EndOfLifeCancer
        | Condition::Dementia
        | Condition::Stroke
        | Condition::Diabetes
        | Condition::Parkinson
        | Condition::KidneyDisease
        | Condition::HipFracture
        | Condition::TubeFeeding => 97,
    };
    let drop = if breathing { worse * dice.within(2, 4) } else { 0 };
    let length = along(&[(0, 22), (38, 30), (56, 42), (88, 24), (126, 8)], day) + dice.within(-1, 1);
    Numbers {
        systolic,
        diastolic: systolic * 58 / 100 + dice.within(-4, 4),
        pulse: 72 + worse * dice.within(6, 16) + dice.within(-5, 6),
        breaths: 17 + if breathing { worse * dice.within(3, 6) } else { 0 } + dice.within(-1, 2),
        temp_tenths: 364 + fever + dice.within(-2, 3),
        spo2: (usual_spo2 - drop + dice.within(-1, 1)).min(99),
        oxygen_tenths: (c == Condition::CopdOnOxygen).then_some(if phase == 1 { 15 } else { 10 }),
        weight_tenths: person.weight_tenths + along(weight_course(c), day) + dice.within(-2, 2),
        nrs: (along(pain_course(c), day) + dice.within(-1, 1)).clamp(0, 10),
        glucose: along(glucose_course(c), day) + dice.within(-14, 14),
        wound_mm: (length, length * 7 / 10 + dice.within(-1, 1)),
    }
}

/// The value at `day` on a line through `points` (day, value), flat outside them.
fn along(points: &[(i64, i64)], day: i64) -> i64 {
    let before = points.iter().rev().find(|(d, _)| *d <= day);
    let after = points.iter().find(|(d, _)| *d > day);
    match (before, after) {
        (Some((d0, v0)), Some((d1, v1))) => v0 + (v1 - v0) * (day - d0) / (d1 - d0).max(1),
        (Some((_, v)), None) | (None, Some((_, v))) => *v,
        (None, None) => 0,
    }
}

/// Tenths of a kilogram beside the usual weight.
fn weight_course(condition: Condition) -> &'static [(i64, i64)] {
    match condition {
        Condition::HeartFailure => &[(0, 0), (38, 2), (52, 26), (58, 28), (70, 6), (126, 0)],
        Condition::EndOfLifeCancer => &[(0, 0), (60, -12), (84, -26), (126, -58)],
        Condition::Als => &[(0, 0), (38, -6), (58, -18), (126, -16)],
        Condition::KidneyDisease => &[(0, 0), (40, 2), (55, 18), (75, 4), (126, 0)],
        Condition::PressureUlcer | Condition::HipFracture | Condition::TubeFeeding => &[(0, 0), (50, -8), (126, 10)],
        Condition::CopdOnOxygen => &[(0, 0), (58, -10), (126, -2)],
        Condition::Dementia | Condition::Stroke | Condition::Diabetes | Condition::Parkinson => &[(0, 0), (126, -3)],
    }
}

/// mmHg beside the usual systolic pressure.
fn pressure_course(condition: Condition) -> &'static [(i64, i64)] {
    match condition {
        Condition::Stroke | Condition::KidneyDisease => &[(0, 0), (38, 4), (50, 26), (60, 20), (88, -4), (126, -6)],
        Condition::EndOfLifeCancer => &[(0, 0), (84, -6), (126, -26)],
        Condition::Parkinson => &[(0, 0), (45, -14), (88, -4), (126, 0)],
        Condition::HeartFailure => &[(0, 0), (52, 12), (70, -8), (126, -4)],
        Condition::CopdOnOxygen
        | Condition::PressureUlcer
        | Condition::Dementia
        | Condition::Als
        | Condition::Diabetes
        | Condition::HipFracture
        | Condition::TubeFeeding => &[(0, 0)],
    }
}

/// Pain.
fn pain_course(condition: Condition) -> &'static [(i64, i64)] {
    match condition {
        Condition::EndOfLifeCancer => &[(0, 2), (60, 3), (78, 7), (90, 3), (126, 1)],
        Condition::HipFracture => &[(0, 5), (45, 5), (70, 3), (126, 1)],
        Condition::PressureUlcer => &[(0, 2), (50, 4), (90, 1), (126, 0)],
        Condition::HeartFailure
        | Condition::CopdOnOxygen
        | Condition::Dementia
        | Condition::Stroke
        | Condition::Als
        | Condition::Diabetes
        | Condition::Parkinson
        | Condition::KidneyDisease
        | Condition::TubeFeeding => &[(0, 0)],
    }
}

/// mg/dL before a meal.
fn glucose_course(condition: Condition) -> &'static [(i64, i64)] {
    if condition == Condition::Diabetes {
        &[(0, 138), (38, 150), (52, 262), (70, 170), (126, 134)]
    } else {
        &[(0, 104)]
    }
}
