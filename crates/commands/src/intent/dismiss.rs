//! `intent.dismiss`

use crate::host::Host;
use crate::{Code, Failure, rows};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Request.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(optional_fields)]
pub struct Req {
    /// Of `intent.list`
    pub id: u32,
}

/// Result.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Res {}

/// Takes a decision back that is not so yet, or puts one away that can never be.
///
/// # Errors
/// `not_found`, storage codes.
pub fn run(host: &dyn Host, req: Req) -> Result<Res, Failure> {
    let replica = host.replica()?;
    let id = i64::from(req.id);
    let found = replica.intents().map_err(rows::storage)?.into_iter().any(|row| row.id == id);
    if !found {
        return Err(Code::NotFound.into());
    }
    replica.drop_intent(id).map_err(rows::storage)?;
    host.written();
    Ok(Res {})
}
