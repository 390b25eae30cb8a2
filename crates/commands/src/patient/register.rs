//! `patient.register`

use crate::host::Host;
use crate::{Code, Failure, host, rows};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

/// Request.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(optional_fields)]
pub struct Req {
    /// Fields of the kind `identity`
    #[ts(type = "Record<string, unknown>")]
    pub identity: serde_json::Map<String, Value>,
    /// The similar-name warning was read
    pub accept_similar: bool,
}

/// Result.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Res {
    /// The new patient
    pub patient_id: String,
}

/// Registers.
///
/// # Errors
/// `refused{field, reason}`, `similar_name{names}`, storage codes.
pub fn run(host: &dyn Host, req: Req) -> Result<Res, Failure> {
    let replica = host.replica()?;
    let patient = host::new_id(host);
    let state = rows::encode_state("identity", &patient.to_string(), &req.identity)?;
    if !req.accept_similar {
        let similar = rows::similar_to(&replica, &req.identity)?;
        if !similar.is_empty() {
            return Err(Code::SimilarName.with("names", similar.join("、")));
        }
    }
    rows::found(host, &replica, &host.found_chart(patient)?, state)?;
    Ok(Res { patient_id: patient.to_string() })
}
