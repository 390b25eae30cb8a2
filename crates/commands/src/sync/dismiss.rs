//! `sync.dismiss`

use crate::host::Host;
use crate::{Failure, rows};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Request.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(optional_fields)]
pub struct Req {}

/// Result.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Res {}

/// Puts away what the witness of `sync.parked` says, in every feed: a person has looked at it.
///
/// # Errors
/// Storage codes.
pub fn run(host: &dyn Host, _: Req) -> Result<Res, Failure> {
    host.replica()?.dismiss_witness().map_err(rows::storage)?;
    host.written();
    Ok(Res {})
}
