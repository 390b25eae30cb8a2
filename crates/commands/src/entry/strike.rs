//! `entry.strike`

use crate::host::Host;
use crate::types::StrikeReason;
use crate::{Code, Failure, rows};
use meguri_replica::{Intent, reason_key};
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
    /// Why
    pub reason: StrikeReason,
    /// How much of what its device wrote in this chart; the entry alone if absent
    pub reach: Option<StrikeReach>,
}

/// How much is struck through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum StrikeReach {
    /// What was sealed together with the entry.
    #[default]
    Entry,
    /// Everything its device wrote from there on.
    Since,
    /// Everything its device wrote.
    All,
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
    let last = replica.last_item(&space, &device).map_err(rows::storage)?.unwrap_or(dseq).max(dseq);
    let (from, upto) = match req.reach.unwrap_or_default() {
        StrikeReach::Entry => (dseq, dseq),
        StrikeReach::Since => (dseq, last),
        StrikeReach::All => (1, last),
    };
    let struck = Repudiate { device, from, upto };
    // A closed chart takes no note of the reason; the decision itself it takes.
    if rows::may_write(&replica, &space).is_ok() {
        let note = rows::note(req.reason.text());
        rows::put_state(host, &req.patient_id, |_, _| Ok(vec![(reason_key(&struck), Some(note))]))?;
    }
    rows::decide(host, &replica, &space, &Intent::Repudiate(struck))
}
