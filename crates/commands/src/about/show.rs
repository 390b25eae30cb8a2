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
    /// Of others' parts
    pub licences: Vec<Licence>,
}

/// Generated: name, version, licence, tab-separated.
const LICENCES: &str = include_str!("licences.tsv");

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
pub fn run(_: &dyn Host, _: Req) -> Result<Res, Failure> {
    let licences = LICENCES.lines().filter_map(|line| {
        let mut parts = line.split('\t');
        Some(Licence {
            name: parts.next()?.to_owned(),
            version: parts.next()?.to_owned(),
            licence: parts.next()?.to_owned(),
        })
    });
    Ok(Res {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        commit: option_env!("MEGURI_COMMIT").unwrap_or("").to_owned(),
        protocol: 1,
        schema: meguri_replica::SCHEMA_VERSION,
        licences: licences.collect(),
    })
}
