//! `draft.list`

use crate::host::Host;
use crate::{Failure, rows, types::Draft};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Request.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(optional_fields)]
pub struct Req {
    /// Of this patient only
    #[serde(default)]
    pub patient_id: Option<String>,
}

/// Result.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Res {
    /// Newest first
    pub drafts: Vec<Draft>,
}

/// Lists.
///
/// # Errors
/// Storage codes.
pub fn run(host: &dyn Host, req: Req) -> Result<Res, Failure> {
    let patient = req.patient_id.as_deref().map(rows::id).transpose()?;
    Ok(Res { drafts: rows::drafts(&*host.replica()?, patient)? })
}
