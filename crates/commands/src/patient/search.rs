//! `patient.search`

use crate::host::Host;
use crate::{Failure, rows, types::PatientRow};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Request.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(optional_fields)]
pub struct Req {
    /// Kanji, kana of any width, birth date, local id; empty lists all
    pub query: String,
    /// At most 200; 50 unless told
    #[serde(default)]
    pub limit: Option<u32>,
}

/// Result.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Res {
    /// Found
    pub rows: Vec<PatientRow>,
    /// How many there are
    pub total: u32,
    /// Some were left off
    pub more: bool,
}

/// Finds.
///
/// # Errors
/// Storage codes.
pub fn run(host: &dyn Host, req: Req) -> Result<Res, Failure> {
    let limit = req.limit.unwrap_or(50).min(200);
    let (rows, total) = rows::patients(&*host.replica()?, &req.query, limit)?;
    let more = usize::try_from(total).unwrap_or(usize::MAX) > rows.len();
    Ok(Res { rows, total, more })
}
