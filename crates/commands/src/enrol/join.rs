//! `enrol.join`

use crate::host::Host;
use crate::{Failure, types::EnrolState};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Request.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(optional_fields)]
pub struct Req {
    /// From the other screen
    pub code_or_url: String,
    /// Of the new profile; of the open one whose device is to become another
    pub passphrase: String,
}

/// Result.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Res {
    /// Six digits to compare
    pub digits: Option<String>,
    /// Where it stands
    pub state: EnrolState,
}

/// Joins; asked again with the same code it tells where it stands. An open profile that has a team becomes another device
/// of the same person and keeps everything, what is not sent included.
///
/// # Errors
/// `bad_enrol_code`, `enrol_expired`, `enrol_used`, `digits_differ`, `offline`, passphrase and storage codes; `locked`,
/// `removed`, `other_person` for a profile that has a team.
pub fn run(host: &dyn Host, req: Req) -> Result<Res, Failure> {
    host.enrol_join(&req)
}
