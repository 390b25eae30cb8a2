//! `identity`: who the patient is. One field each, so that two people may correct different things at once.

use super::{FieldSpec, FieldValue, StateKind, field};
use crate::time::PartialDate;
use crate::wareki::Wareki;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Most characters of one part of a name, of an address, of a telephone number, of a local id.
const NAME_CHARS_MAX: usize = 60;
const LINE_CHARS_MAX: usize = 200;

/// The kind.
#[derive(Debug)]
pub struct Identity;

/// Family and given part, in kanji or in kana, spelled as the person does.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NameParts {
    /// 姓
    pub family: String,
    /// 名
    #[serde(default)]
    pub given: String,
}

/// Kana of a name: stored as full-width katakana.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
struct Kana(NameParts);

/// A birth date, possibly partial; read from 西暦 or 和暦, stored as `YYYY[-MM[-DD]]`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
struct BirthDate(String);

/// Administrative sex (FHIR `administrative-gender`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Sex {
    /// 男
    Male,
    /// 女
    Female,
    /// その他
    Other,
    /// 不明
    Unknown,
}

/// One line of text.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
struct Line(String);

impl std::fmt::Debug for NameParts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NameParts").finish_non_exhaustive()
    }
}

impl FieldValue for NameParts {
    fn settle(self) -> Result<Self, &'static str> {
        let settled = NameParts { family: self.family.trim().to_owned(), given: self.given.trim().to_owned() };
        if settled.family.is_empty() {
            Err("empty")
        } else if [&settled.family, &settled.given].iter().any(|part| part.chars().count() > NAME_CHARS_MAX) {
            Err("too_long")
        } else {
            Ok(settled)
        }
    }
}

impl FieldValue for Kana {
    fn settle(self) -> Result<Self, &'static str> {
        let katakana = |part: &str| crate::fold::fold(part);
        let settled = NameParts { family: katakana(&self.0.family), given: katakana(&self.0.given) }.settle()?;
        let is_kana = |c: char| matches!(c, 'ァ'..='ヺ' | 'ー' | '・' | ' ');
        if [&settled.family, &settled.given].iter().any(|part| !part.chars().all(is_kana)) {
            return Err("not_kana");
        }
        Ok(Kana(settled))
    }
}

impl FieldValue for BirthDate {
    fn settle(self) -> Result<Self, &'static str> {
        let text = crate::fold::fold(&self.0).replace('/', "-");
        let date = PartialDate::parse(&text).or_else(|_| Wareki::parse(&self.0)).map_err(|_| "not_a_date")?;
        Ok(BirthDate(date.to_string()))
    }
}

impl FieldValue for Sex {
    fn settle(self) -> Result<Self, &'static str> {
        Ok(self)
    }
}

impl FieldValue for Line {
    fn settle(self) -> Result<Self, &'static str> {
        let line = self.0.trim();
        if line.chars().count() > LINE_CHARS_MAX || line.chars().any(char::is_control) {
            Err("too_long")
        } else {
            Ok(Line(line.to_owned()))
        }
    }
}

impl StateKind for Identity {
    const TAG: &'static str = "identity";
    const SINGLETON: bool = true;

    fn fields() -> Vec<FieldSpec> {
        vec![
            field::<NameParts>("name", true),
            field::<Kana>("kana", true),
            field::<BirthDate>("birthDate", true),
            field::<Sex>("sex", true),
            field::<Line>("address", true),
            field::<Line>("phone", true),
            field::<Line>("localId/", true),
        ]
    }

    fn typescript() -> String {
        let config = ts_rs::Config::default();
        format!(
            "export type NameParts = {}\nexport type Sex = {}\nexport type IdentityFields = {{ name?: NameParts; kana?: NameParts; birthDate?: string; sex?: Sex; address?: string; phone?: string; [localId: `localId/${{string}}`]: string }}\n",
            NameParts::inline(&config),
            Sex::inline(&config)
        )
    }
}
