//! `about.diagnostics`

use crate::Failure;
use crate::host::Host;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Request.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(optional_fields)]
pub struct Req {}

/// Result.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Res {
    /// Plain text to hand on: versions, and the device log with its codes and counts
    pub text: String,
}

/// Collects; works on a locked profile, since that is where one may be stuck.
///
/// # Errors
/// None.
pub fn run(host: &dyn Host, _: Req) -> Result<Res, Failure> {
    let mut text = format!(
        "meguri {} {}\nprotocol 1\nschema {}\n{} {}\n",
        env!("CARGO_PKG_VERSION"),
        super::show::COMMIT,
        meguri_replica::SCHEMA_VERSION,
        std::env::consts::OS,
        std::env::consts::ARCH,
    );
    text.push_str(&host.device_log());
    Ok(Res { text })
}
