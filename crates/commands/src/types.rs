//! Types that several commands share. Field names are those of the screens.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use ts_rs::TS;

/// An instant and the offset it was written at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Instant {
    /// Milliseconds UTC since 1970.
    pub ms: i64,
    /// Offset from UTC in minutes.
    pub zone_min: i32,
}

/// A person, as their team certified them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PersonRef {
    /// Staff id, hex.
    pub staff_id: String,
    /// Name on their card; empty while no card has arrived.
    pub name: String,
    /// Profession code (vocabulary C.3).
    pub profession: String,
    /// Team id, hex.
    pub facility_id: String,
    /// The facility's name in the directory.
    pub facility: String,
    /// The person of this profile.
    pub is_me: bool,
}

/// What stands against an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum EntryStatus {
    /// Confirmed by its author.
    Confirmed,
    /// Waits for approval.
    Pending,
    /// Struck through by a manager.
    Struck,
    /// Arrived late from a removed device.
    Late,
    /// A later write tried to change it.
    Tampered,
    /// A correction replaced it.
    Amended,
    /// Withdrawn with a reason.
    Voided,
}

/// How far an entry has gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum DeliveryState {
    /// On this device alone.
    OnlyHere,
    /// At the relay.
    Sent,
    /// Some facilities have it.
    Partly,
    /// Every facility has it.
    Everyone,
}

/// How far an entry has gone, by facility.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Delivery {
    /// In a word.
    pub state: DeliveryState,
    /// Facilities that have it.
    pub have: Vec<String>,
    /// Facilities that lack it.
    pub lack: Vec<String>,
}

/// One line of the chart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TimelineEntry {
    /// Entry id.
    pub id: String,
    /// Patient id.
    pub patient_id: String,
    /// Space id, hex.
    pub space_id: String,
    /// Stored tag of the kind.
    pub kind: String,
    /// Clinical time.
    pub at: Instant,
    /// When it was written.
    pub written_at: Instant,
    /// When the relay took it.
    pub received_at: Option<i64>,
    /// Who signed it.
    pub author: PersonRef,
    /// For whom it was written.
    pub on_behalf_of: Option<PersonRef>,
    /// What stands against it.
    pub status: EntryStatus,
    /// The visit it belongs to.
    pub visit_id: Option<String>,
    /// One line.
    pub title: String,
    /// JSON of the kind; null when unknown.
    pub body: Value,
    /// The kind is newer than this app.
    pub unknown_kind: bool,
    /// Not seen by me yet.
    pub is_new: bool,
    /// How far it has gone.
    pub delivery: Delivery,
    /// The entry this one corrects or withdraws.
    pub amends: Option<String>,
    /// The entry that corrected or withdrew this one.
    pub amended_by: Option<String>,
    /// Reason of correction or withdrawal.
    pub reason: Option<String>,
    /// Who struck it through, when and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub strike: Option<Strike>,
    /// True when others could read the chart for hours with what was written after this entry, and without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub arrived_late: Option<bool>,
    /// True while a picture of the entry has not arrived; it is fetched by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub blob_missing: Option<bool>,
}

/// A manager's decision to strike an entry through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Strike {
    /// Who decided.
    pub by: Option<PersonRef>,
    /// When the relay took it.
    pub at: i64,
    /// Why.
    pub reason: Option<StrikeReason>,
}

/// Why an entry is struck through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum StrikeReason {
    /// Somebody else wrote it on its author's device.
    OtherHand,
    /// It is about another patient.
    OtherPatient,
    /// It did not happen so.
    Untrue,
    /// Another reason.
    Other,
}

impl StrikeReason {
    /// The stored word.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::OtherHand => "other-hand",
            Self::OtherPatient => "other-patient",
            Self::Untrue => "untrue",
            Self::Other => "other",
        }
    }

    /// The reason with this stored word; one of a newer app is another reason.
    #[must_use]
    pub fn of(word: &str) -> Self {
        let known = [Self::OtherHand, Self::OtherPatient, Self::Untrue];
        known.into_iter().find(|reason| reason.text() == word).unwrap_or(Self::Other)
    }
}

/// Family and given part of a name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NameParts {
    /// 姓
    pub family: String,
    /// 名
    pub given: String,
}

/// Sex as registered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Sex {
    /// 男
    Male,
    /// 女
    Female,
    /// その他
    Other,
    /// 不明
    #[default]
    Unknown,
}

/// A patient's number at a facility.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LocalId {
    /// Facility name or code.
    pub facility: String,
    /// The number there.
    pub id: String,
}

/// A patient with a similar name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SimilarPatient {
    /// Patient id.
    pub patient_id: String,
    /// Family and given name.
    pub name: String,
}

/// A patient in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PatientRow {
    /// Patient id.
    pub patient_id: String,
    /// Kanji.
    pub name: NameParts,
    /// Kana.
    pub kana: NameParts,
    /// `YYYY-MM-DD`, partial allowed.
    pub birth_date: String,
    /// Sex.
    pub sex: Sex,
    /// Numbers at facilities.
    pub local_ids: Vec<LocalId>,
    /// Patients easily confused with this one.
    pub similar: Vec<SimilarPatient>,
    /// Newest clinical time.
    pub last_entry_at: Option<i64>,
    /// Entries not seen yet.
    pub new_count: u32,
    /// Entries that have not left this device.
    pub unsent_count: u32,
    /// Fields of which two people wrote different values at once; a person chooses.
    pub conflicts: u32,
}

/// A personal limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ThresholdRow {
    /// State id.
    pub id: String,
    /// Measure key (vocabulary C.1).
    pub measure: String,
    /// Lower limit as entered.
    #[ts(type = "Decimal | null")]
    pub low: Option<String>,
    /// Upper limit as entered.
    #[ts(type = "Decimal | null")]
    pub high: Option<String>,
    /// Why.
    pub reason: String,
}

/// The banner of a chart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PatientHeader {
    /// The row.
    #[serde(flatten)]
    pub row: PatientRow,
    /// Address.
    pub address: String,
    /// Telephone.
    pub phone: String,
    /// Personal limits.
    pub thresholds: Vec<ThresholdRow>,
    /// Keys of state that a struck change wrote last: their previous values are offered.
    pub struck: Vec<String>,
}

/// One of the named client states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum SyncState {
    /// The chain hash equals the signed head and the outbox is empty.
    UpToDate,
    /// Entries wait to be sent.
    Sending,
    /// No contact.
    Offline,
    /// A feed or key is missing.
    Waiting,
    /// A rotation is owed.
    RotationOwed,
    /// This device was removed.
    Removed,
    /// Late items are in quarantine.
    LateItems,
    /// Frames that cannot be applied.
    Parked,
    /// A checkpoint is shown before its proof.
    HistoryBeingChecked,
    /// The relay began anew.
    RelayReset,
    /// The relay went back.
    Rollback,
    /// The relay shows two histories.
    Fork,
    /// Two installs write as one device.
    ChainConflict,
    /// A picture is missing.
    BlobMissing,
    /// The relay's quota is used.
    Quota,
    /// The app is too old.
    VersionTooOld,
    /// This device's clock is off; information only.
    ClockWrong,
}

/// The state of synchronisation, always true.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SyncStatus {
    /// The state.
    pub state: SyncState,
    /// Its parameters.
    pub params: BTreeMap<String, String>,
    /// Entries that have not left this device.
    pub unsent: u32,
    /// Entries whose picture has not arrived.
    pub pictures_missing: u32,
    /// Charts whose key this team still has to renew.
    pub rotations: u32,
    /// Decisions of an administrator that are not so yet.
    pub pending: u32,
    /// What this device sent and a manager has to let in first.
    pub quarantined: u32,
    /// Newest frame taken by the relay that is here.
    pub last_received_ms: Option<i64>,
    /// Last answer of the relay.
    pub last_contact_ms: Option<i64>,
    /// Last frame of anybody else.
    pub last_heard_from_others_ms: Option<i64>,
}

/// How strongly a finding stands in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Cannot be stored.
    Refuse,
    /// Must be answered.
    Ask,
}

/// A check's remark on a field; the screen owns the words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Finding {
    /// How strongly.
    pub severity: Severity,
    /// Stable code.
    pub code: String,
    /// The field.
    pub field: String,
    /// Words to fill in.
    pub params: BTreeMap<String, String>,
}

/// What has been written but not confirmed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Draft {
    /// Draft id.
    pub id: String,
    /// Patient id.
    pub patient_id: String,
    /// Visit id.
    pub visit_id: String,
    /// Stored tag of the kind.
    pub kind: String,
    /// JSON of the kind, possibly incomplete.
    pub body: Value,
    /// Last change.
    pub updated_at: i64,
}

/// Where an enrolment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum EnrolState {
    /// The other side has not come.
    Waiting,
    /// The digits are shown on both screens.
    Compare,
    /// Keys travel.
    Finishing,
    /// Finished.
    Done,
    /// Ten minutes are over.
    Expired,
}

/// Why a device or person leaves the team.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum RemoveReason {
    /// Lost: unsent work on it is handed in when it is found.
    Lost,
    /// No longer used.
    Retired,
    /// In a stranger's hands: not even late work is taken.
    Compromised,
}

impl From<meguri_wire::control::RemoveReason> for RemoveReason {
    fn from(reason: meguri_wire::control::RemoveReason) -> Self {
        match reason {
            meguri_wire::control::RemoveReason::Lost => Self::Lost,
            meguri_wire::control::RemoveReason::Retired => Self::Retired,
            meguri_wire::control::RemoveReason::Compromised => Self::Compromised,
        }
    }
}

impl From<RemoveReason> for meguri_wire::control::RemoveReason {
    fn from(reason: RemoveReason) -> Self {
        match reason {
            RemoveReason::Lost => Self::Lost,
            RemoveReason::Retired => Self::Retired,
            RemoveReason::Compromised => Self::Compromised,
        }
    }
}

/// What became of a decision about a team or a chart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Decided {
    /// It is so; otherwise it is kept and carried out as soon as the relay can be reached.
    pub done: bool,
    /// Why it can never be, a code.
    pub refused: Option<String>,
}

/// A role in a space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum SpaceRole {
    /// Adds and removes teams.
    Manager,
    /// Writes.
    Writer,
    /// Reads.
    Reader,
}

impl From<meguri_wire::control::Role> for SpaceRole {
    fn from(role: meguri_wire::control::Role) -> Self {
        match role {
            meguri_wire::control::Role::Manager => Self::Manager,
            meguri_wire::control::Role::Writer => Self::Writer,
            meguri_wire::control::Role::Reader => Self::Reader,
        }
    }
}

impl From<SpaceRole> for meguri_wire::control::Role {
    fn from(role: SpaceRole) -> Self {
        match role {
            SpaceRole::Manager => Self::Manager,
            SpaceRole::Writer => Self::Writer,
            SpaceRole::Reader => Self::Reader,
        }
    }
}
