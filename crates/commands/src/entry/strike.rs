//! `entry.strike`

use crate::host::Host;
use crate::{Code, Failure, rows};
use meguri_replica::Intent;
use meguri_wire::control::Repudiate;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Request.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(optional_fields)]
pub struct Req {
    /// The patient
    pub patient_id: String,
    /// The entry; what was sealed together with it is struck too
    pub entry_id: String,
}

/// Result.
pub type Res = crate::types::Decided;

/// Strikes an entry through, for everybody: it stays readable and is measured no more. For what should never have been
/// written under its author's name; a mistake of the author is corrected or withdrawn by the author.
///
/// # Errors
/// `not_found`, also for an entry that is in no feed yet; `not_allowed`, storage codes.
pub fn run(host: &dyn Host, req: Req) -> Result<Res, Failure> {
    let replica = host.replica()?;
    let (patient, entry) = (rows::id(&req.patient_id)?, rows::id(&req.entry_id)?);
    let (space, device, dseq) = replica.item_of(patient, entry).map_err(rows::storage)?.ok_or(Code::NotFound)?;
    rows::decide(host, &replica, &space, &Intent::Repudiate(Repudiate { device, from: dseq, upto: dseq }))
}
