//! `chart.timeline`

use crate::host::Host;
use crate::types::TimelineEntry;
use crate::{Failure, rows};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Request.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(optional_fields)]
pub struct Req {
    /// The patient
    pub patient_id: String,
    /// Last line of the page before
    #[serde(default)]
    pub before: Option<Before>,
    /// At most 200; 50 unless told
    #[serde(default)]
    pub limit: Option<u32>,
    /// Only these kinds
    #[serde(default)]
    pub kinds: Option<Vec<String>>,
    /// Only these facilities
    #[serde(default)]
    pub facility_ids: Option<Vec<String>>,
    /// Words
    #[serde(default)]
    pub query: Option<String>,
}

/// Result.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Res {
    /// Newest first
    pub entries: Vec<TimelineEntry>,
    /// Older ones follow
    pub more: bool,
    /// How many match
    pub total: u32,
    /// Who writes in this chart
    pub facilities: Vec<Facility>,
}

/// Place in the timeline.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Before {
    /// Clinical time of the last line.
    pub at: i64,
    /// Its entry id.
    pub id: String,
}

/// A facility of the chart.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Facility {
    /// Team id, hex.
    pub id: String,
    /// Name.
    pub name: String,
}

/// Lists.
///
/// # Errors
/// `not_found`, storage codes.
pub fn run(host: &dyn Host, req: Req) -> Result<Res, Failure> {
    let replica = host.replica()?;
    let patient = rows::id(&req.patient_id)?;
    let people = rows::People::load(host, &replica)?;
    let before = req.before.map(|b| Ok::<_, Failure>((b.at, rows::id(&b.id)?))).transpose()?;
    let page = rows::timeline(
        &replica,
        &people,
        rows::Page {
            patient,
            before,
            limit: req.limit.unwrap_or(50).min(200),
            kinds: req.kinds.unwrap_or_default(),
            facilities: req.facility_ids.unwrap_or_default(),
            text: req.query.unwrap_or_default(),
        },
    )?;
    let facilities = people.facilities_of(&replica, patient)?;
    if before.is_none() {
        host.opened(patient);
    }
    let facilities = facilities.into_iter().map(|(id, name)| Facility { id, name }).collect();
    Ok(Res { entries: page.entries, more: page.more, total: page.total, facilities })
}
