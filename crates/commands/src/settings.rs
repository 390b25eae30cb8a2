//! `settings.*`: settings of this profile

pub mod put;
pub mod show;

use crate::{Code, Failure};
use meguri_replica::Replica;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Language of the screens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// 日本語
    Ja,
    /// English
    En,
}

/// Colours of the screens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// As the system.
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// Side of the keypad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Left hand.
    Left,
    /// Right hand.
    Right,
}

/// What is kept in the profile; fields of a newer app are dropped on a change.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Kept {
    pub(crate) language: Language,
    pub(crate) theme: Theme,
    pub(crate) auto_lock_min: u32,
    pub(crate) keypad_side: Side,
    pub(crate) wareki: bool,
}

impl Default for Kept {
    fn default() -> Self {
        Kept { language: Language::Ja, theme: Theme::Auto, auto_lock_min: 5, keypad_side: Side::Right, wareki: true }
    }
}

const KEY: &str = "settings";

pub(crate) fn load(replica: &Replica) -> Result<Kept, Failure> {
    let bytes = replica.meta_get(KEY).map_err(crate::rows::storage)?;
    Ok(bytes.and_then(|b| serde_json::from_slice(&b).ok()).unwrap_or_default())
}

pub(crate) fn save(replica: &Replica, kept: &Kept) -> Result<(), Failure> {
    let bytes = serde_json::to_vec(kept).map_err(|_| Code::Bug)?;
    replica.meta_put(KEY, &bytes).map_err(crate::rows::storage)
}
