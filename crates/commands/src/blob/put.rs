//! `blob.put`

use crate::host::Host;
use crate::{Code, Failure, rows};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

/// Request.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(optional_fields)]
pub struct Req {
    /// The patient
    pub patient_id: String,
    /// What the file says it is
    pub media_type: String,
    /// Small pictures; larger ones go by `PUT /blob` or a path
    #[serde(default)]
    pub base64: Option<String>,
}

/// Result.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Res {
    /// Body of kind `photo` without caption
    #[ts(type = "unknown")]
    pub photo: Value,
}

/// Cleans and keeps.
///
/// # Errors
/// Picture codes, `not_found`, storage codes.
pub fn run(host: &dyn Host, req: Req) -> Result<Res, Failure> {
    let bytes = req.base64.as_deref().and_then(rows::base64).ok_or(Code::BadRequest)?;
    host.blob_put(&bytes, &req.media_type)
}
