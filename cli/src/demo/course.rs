//! Invented patients and the courses of their illnesses, as data.

use serde_json::{Value, json};

/// An invented patient.
pub struct Course {
    pub family: &'static str,
    pub given: &'static str,
    pub family_kana: &'static str,
    pub given_kana: &'static str,
    pub birth_date: &'static str,
    pub sex: &'static str,
    pub visits: &'static [Visit],
}

/// One visit of a course. Numbers as they are entered.
pub struct Visit {
    pub days_ago: i64,
    pub temperature: &'static str,
    pub systolic: &'static str,
    pub diastolic: &'static str,
    pub pulse: &'static str,
    pub spo2: &'static str,
    pub subjective: &'static str,
    pub objective: &'static str,
    pub assessment: &'static str,
    pub plan: &'static str,
}

impl Visit {
    /// Body of kind `vitals`.
    pub fn vitals(&self) -> Value {
        json!({"items": [
            {"key": "temp", "value": self.temperature},
            {"key": "bp.sys", "value": self.systolic},
            {"key": "bp.dia", "value": self.diastolic},
            {"key": "pulse", "value": self.pulse},
            {"key": "spo2", "value": self.spo2},
        ]})
    }

    /// Body of kind `note`.
    pub fn note(&self) -> Value {
        json!({"s": self.subjective, "o": self.objective, "a": self.assessment, "p": self.plan})
    }
}

/// Heart failure, COPD on oxygen, pressure ulcer.
pub const PATIENTS: &[Course] = &[
    Course {
        family: "榎本",
        given: "スミ",
        family_kana: "エノモト",
        given_kana: "スミ",
        birth_date: "1938-04-12",
        sex: "female",
        visits: &[
            Visit {
                days_ago: 9,
                temperature: "36.4",
                systolic: "128",
                diastolic: "72",
                pulse: "78",
                spo2: "96",
                subjective: "階段で少し息が切れる。",
                objective: "下腿浮腫 軽度。体重 48.2 kg。",
                assessment: "心不全 安定。",
                plan: "塩分と体重の記録を続ける。",
            },
            Visit {
                days_ago: 2,
                temperature: "36.6",
                systolic: "142",
                diastolic: "84",
                pulse: "92",
                spo2: "93",
                subjective: "夜、横になると苦しい。",
                objective: "下腿浮腫 増強。体重 50.6 kg(+2.4)。",
                assessment: "うっ血の悪化を疑う。",
                plan: "主治医へ報告。明日再訪問。",
            },
        ],
    },
    Course {
        family: "黒川",
        given: "辰雄",
        family_kana: "クロカワ",
        given_kana: "タツオ",
        birth_date: "1946-11-03",
        sex: "male",
        visits: &[Visit {
            days_ago: 6,
            temperature: "36.8",
            systolic: "134",
            diastolic: "78",
            pulse: "88",
            spo2: "91",
            subjective: "痰が少し増えた。",
            objective: "HOT 安静時 1.5 L。呼吸音 両下肺で減弱。",
            assessment: "COPD 増悪の兆候なし。",
            plan: "排痰法を一緒に確認した。",
        }],
    },
    Course {
        family: "三枝",
        given: "トヨ",
        family_kana: "サエグサ",
        given_kana: "トヨ",
        birth_date: "1931-01-25",
        sex: "female",
        visits: &[Visit {
            days_ago: 3,
            temperature: "36.2",
            systolic: "112",
            diastolic: "64",
            pulse: "70",
            spo2: "97",
            subjective: "痛みは訴えない。",
            objective: "仙骨部 褥瘡 3.1×2.4 cm、滲出液 少量。",
            assessment: "縮小傾向。",
            plan: "除圧と創処置を続ける。",
        }],
    },
];
