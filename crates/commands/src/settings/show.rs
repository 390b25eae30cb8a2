//! `settings.show`

use crate::host::Host;
use crate::{
    Failure,
    settings::{Language, Side, Theme},
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Request.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(optional_fields)]
pub struct Req {}

/// Result.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Res {
    /// Of the screens
    pub language: Language,
    /// Of the screens
    pub theme: Theme,
    /// Minutes until the screen locks
    pub auto_lock_min: u32,
    /// For one hand
    pub keypad_side: Side,
    /// Japanese era first
    pub wareki: bool,
    /// The relay
    pub relay_url: String,
}

/// Shows.
///
/// # Errors
/// Storage codes.
pub fn run(host: &dyn Host, _: Req) -> Result<Res, Failure> {
    let kept = super::load(&*host.replica()?)?;
    Ok(Res {
        language: kept.language,
        theme: kept.theme,
        auto_lock_min: kept.auto_lock_min,
        keypad_side: kept.keypad_side,
        wareki: kept.wareki,
        relay_url: host.relay_url()?,
    })
}
