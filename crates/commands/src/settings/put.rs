//! `settings.put`

use crate::host::Host;
use crate::{
    Code, Failure,
    settings::{Language, Side, Theme},
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Request.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(optional_fields)]
pub struct Req {
    /// Of the screens
    #[serde(default)]
    pub language: Option<Language>,
    /// Of the screens
    #[serde(default)]
    pub theme: Option<Theme>,
    /// 1 to 60
    #[serde(default)]
    pub auto_lock_min: Option<u32>,
    /// For one hand
    #[serde(default)]
    pub keypad_side: Option<Side>,
    /// Japanese era first
    #[serde(default)]
    pub wareki: Option<bool>,
}

/// Result.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Res {}

/// Changes.
///
/// # Errors
/// `refused{field}`, storage codes.
pub fn run(host: &dyn Host, req: Req) -> Result<Res, Failure> {
    let replica = host.replica()?;
    let mut kept = super::load(&replica)?;
    if let Some(minutes) = req.auto_lock_min {
        if !(1..=60).contains(&minutes) {
            return Err(Code::Refused.with("field", "autoLockMin").with("reason", "out_of_range"));
        }
        kept.auto_lock_min = minutes;
    }
    kept.language = req.language.unwrap_or(kept.language);
    kept.theme = req.theme.unwrap_or(kept.theme);
    kept.keypad_side = req.keypad_side.unwrap_or(kept.keypad_side);
    kept.wareki = req.wareki.unwrap_or(kept.wareki);
    super::save(&replica, &kept)?;
    Ok(Res {})
}
