//! `late.list`

use crate::host::Host;
use crate::types::PersonRef;
use crate::{Failure, rows};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Request.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(optional_fields)]
pub struct Req {
    /// Only this patient's
    pub patient_id: Option<String>,
}

/// Result.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Res {
    /// By chart and device
    pub chains: Vec<LateChain>,
}

/// The late work of one device in one chart.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LateChain {
    /// Patient id.
    pub patient_id: String,
    /// Patient's name, kanji.
    pub patient: String,
    /// Device id, hex.
    pub device_id: String,
    /// Whose device.
    pub author: Option<PersonRef>,
    /// In their order; what is admitted is always a beginning of them.
    pub items: Vec<LateItem>,
}

/// One late item.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LateItem {
    /// Its number.
    pub dseq: u32,
    /// When the relay took it.
    pub received_ms: i64,
    /// What it would bring.
    pub brings: Vec<LateEntry>,
    /// Why it and what follows cannot be admitted, a code.
    pub problem: Option<String>,
}

/// What a late item would put into the chart, or a draft.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LateEntry {
    /// Entry or draft id; null for changed state.
    pub id: Option<String>,
    /// Stored tag, or the state's key.
    pub kind: String,
    /// Clinical time.
    pub at: i64,
    /// One line.
    pub title: String,
    /// A draft: shown, never applied.
    pub draft: bool,
}

/// Lists.
///
/// # Errors
/// `not_found`, storage codes.
pub fn run(host: &dyn Host, req: Req) -> Result<Res, Failure> {
    let replica = host.replica()?;
    let people = rows::People::load(host, &replica)?;
    let patient = req.patient_id.as_deref().map(rows::id).transpose()?;
    Ok(Res { chains: rows::late(&replica, &people, patient)? })
}
