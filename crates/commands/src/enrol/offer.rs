//! `enrol.offer`

use crate::host::Host;
use crate::{Failure, types::EnrolState};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Request.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(optional_fields)]
pub struct Req {
    /// Ask about this offer
    #[serde(default)]
    pub offer_id: Option<String>,
    /// For this person
    #[serde(default)]
    pub staff_id: Option<String>,
    /// Or for a new one
    #[serde(default)]
    pub new_staff: Option<NewStaff>,
    /// The new device may add and remove devices too
    #[serde(default)]
    pub admin: Option<bool>,
}

/// Result.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Res {
    /// Address for the QR code
    pub url: String,
    /// 26 characters for the telephone
    pub code: String,
    /// End of the ten minutes
    pub expires_ms: i64,
    /// To ask again with
    pub offer_id: String,
    /// Six digits to compare
    pub digits: Option<String>,
    /// Where it stands
    pub state: EnrolState,
}

/// A person to be added.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct NewStaff {
    /// Name.
    pub name: String,
    /// Profession code (vocabulary C.3).
    pub profession: String,
}

/// Offers.
///
/// # Errors
/// `offline`, `not_found`, `enrol_expired`, `relay_refused`, storage codes.
pub fn run(host: &dyn Host, req: Req) -> Result<Res, Failure> {
    host.enrol_offer(&req)
}
