//! `blob.read`

use crate::Failure;
use crate::host::Host;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Request.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(optional_fields)]
pub struct Req {
    /// Blob id, hex
    pub blob_id: String,
    /// The entry, or the draft, that holds its key
    pub entry_id: String,
    /// The small picture
    #[serde(default)]
    pub thumb: Option<bool>,
}

/// Result.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Res {
    /// Same-origin address, no-store
    pub url: String,
}

/// Gives the address.
///
/// # Errors
/// `not_found`, `blob_missing`, storage codes.
pub fn run(host: &dyn Host, req: Req) -> Result<Res, Failure> {
    Ok(Res { url: host.blob_url(&req)? })
}
