//! `about.show`

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
    /// Of the app
    pub version: String,
    /// It was built from
    pub commit: String,
    /// Version of the protocol
    pub protocol: u32,
    /// Version of the profile's tables
    pub schema: u32,
    /// The region's number, 32 hexadecimal digits, by which an operator rebuilds a relay; where it is known and the profile
    /// open
    pub region: Option<String>,
    /// Of others' parts
    pub licences: Vec<Licence>,
}

/// Made by `build.rs` from `THIRD-PARTY-LICENSES.md`: name, version, licence, tab-separated.
const LICENCES: &str = include_str!(concat!(env!("OUT_DIR"), "/licences.tsv"));
/// The commit this was built from; empty outside a repository.
pub(crate) const COMMIT: &str = env!("MEGURI_COMMIT");

/// A licence of somebody else's part.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Licence {
    /// Name of the part.
    pub name: String,
    /// Version.
    pub version: String,
    /// SPDX expression.
    pub licence: String,
}

/// Shows.
///
/// # Errors
/// None.
pub fn run(host: &dyn Host, _: Req) -> Result<Res, Failure> {
    let licences = LICENCES.lines().filter_map(|line| {
        let mut parts = line.split('\t');
        Some(Licence {
            name: parts.next()?.to_owned(),
            version: parts.next()?.to_owned(),
            licence: parts.next()?.to_owned(),
        })
    });
    let directory = host.replica().ok().and_then(|replica| replica.directory().ok().flatten());
    Ok(Res {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        commit: COMMIT.to_owned(),
        protocol: 1,
        schema: meguri_replica::SCHEMA_VERSION,
        region: directory.map(|directory| directory.feed().to_string()),
        licences: licences.collect(),
    })
}
