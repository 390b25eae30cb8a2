//! `home.show`

use crate::host::Host;
use crate::types::{Draft, Instant, PatientRow, PersonRef, TimelineEntry};
use crate::{Failure, rows};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
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
    /// Patients of today
    pub today: Vec<Today>,
    /// My patients, those with the most entries not seen yet first, then in kana order
    pub patients: Vec<PatientRow>,
    /// Entries of others not seen yet
    pub news: Vec<TimelineEntry>,
    /// What has not left this device
    pub unsent: Vec<Unsent>,
    /// What waits, over all patients
    pub waiting: Waiting,
    /// Whose profile it is
    pub me: PersonRef,
}

const PATIENTS_MAX: u32 = 500;
const NEWS_MAX: u32 = 50;

/// A patient of today: somebody wrote about them today, or a draft waits.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Today {
    /// The patient.
    pub patient: PatientRow,
    /// Newest entry of today.
    pub at: Option<Instant>,
    /// Written, and no draft waits.
    pub done: bool,
    /// Drafts: a visit begun and not signed.
    pub drafts: u32,
    /// Entries that have not left this device.
    pub unsent: u32,
}

/// What waits, counted over all patients, also those that the lists leave off.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Waiting {
    /// Fields of which two people wrote different values at once; a person chooses.
    pub conflicts: u32,
    /// Entries that have not left this device.
    pub unsent: u32,
    /// Drafts.
    pub drafts: u32,
    /// Entries whose picture has not arrived.
    pub pictures_missing: u32,
}

/// What of a patient has not left this device.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Unsent {
    /// The patient.
    pub patient: PatientRow,
    /// Confirmed entries.
    pub entries: Vec<TimelineEntry>,
    /// Drafts.
    pub drafts: Vec<Draft>,
}

/// Shows.
///
/// # Errors
/// Storage codes.
pub fn run(host: &dyn Host, _: Req) -> Result<Res, Failure> {
    let replica = host.replica()?;
    let people = rows::People::load(host, &replica)?;
    let mut patients = rows::patients(&replica, "", PATIENTS_MAX)?.0;
    let day = 86_400_000;
    let zone = i64::from(host.zone_min()) * 60_000;
    let start = (host.now_ms() + zone).div_euclid(day) * day - zone;
    let drafts = rows::drafts(&replica, None)?;
    let mut today = Vec::new();
    let mut unsent = Vec::new();
    for row in &patients {
        let mine: Vec<Draft> = drafts.iter().filter(|d| d.patient_id == row.patient_id).cloned().collect();
        let at = row.last_entry_at.filter(|at| *at >= start && *at < start + day);
        if at.is_some() || !mine.is_empty() {
            let at = at.map(|ms| Instant { ms, zone_min: host.zone_min() });
            today.push(Today {
                patient: row.clone(),
                done: at.is_some() && mine.is_empty(),
                drafts: u32::try_from(mine.len()).unwrap_or(u32::MAX),
                at,
                unsent: row.unsent_count,
            });
        }
        if row.unsent_count > 0 || !mine.is_empty() {
            let entries = rows::unsent(&replica, &people, &row.patient_id)?;
            unsent.push(Unsent { patient: row.clone(), entries, drafts: mine });
        }
    }
    // The sort is stable: kana order stays within equal counts.
    patients.sort_by_key(|row| Reverse(row.new_count));
    let news = rows::news(&replica, &people, NEWS_MAX)?;
    Ok(Res { today, patients, news, unsent, waiting: rows::waiting(&replica)?, me: people.me() })
}
