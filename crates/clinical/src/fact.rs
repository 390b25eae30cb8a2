//! What a projection keeps of a body, the same shape for every kind.

use crate::decimal::Decimal;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What there is to know about an entry without knowing its kind.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// A line of the person's own words for lists, possibly empty; the screens put the kind's name before it.
    pub title: String,
    /// Text to be found by search, unfolded.
    pub search: String,
    /// Numbers and codes over time.
    pub measures: Vec<Measure>,
    /// Blobs the entry names; they are uploaded before it.
    pub blobs: Vec<BlobRef>,
    /// Ids of a picture and of the thumbnail that was made for it.
    pub thumbs: Vec<(String, String)>,
}

/// One value of one measure.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    /// Key of vocabulary C.1; the same whichever kind carries it.
    pub key: String,
    /// As entered: a number's text or a code.
    pub text: String,
    /// The number; none for a code.
    pub value: Option<Decimal>,
    /// UCUM unit.
    pub unit: &'static str,
    /// By the usual limits, not the patient's own.
    pub flag: Option<Flag>,
    /// Measured by the family.
    pub family: bool,
}

/// Beyond a usual limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    /// Below.
    Low,
    /// Above.
    High,
    /// A code that is not the usual one.
    Other,
}

/// Where a blob is and what opens it. The key is random and lives in the sealed entry alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct BlobRef {
    /// SHA-256 of the sealed bytes, 64 hex digits: its name at the relay.
    pub id: String,
    /// The 32-byte key, 64 hex digits.
    pub key: String,
    /// SHA-256 of the plain bytes, 64 hex digits.
    pub sha256: String,
    /// Plain size in bytes.
    #[ts(type = "number")]
    pub size: u64,
    /// `image/jpeg` and so on.
    pub media_type: String,
}

impl std::fmt::Debug for BlobRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BlobRef").field("id", &self.id).field("size", &self.size).finish_non_exhaustive()
    }
}

impl BlobRef {
    /// Whether ids and key are well formed.
    pub(crate) fn is_well_formed(&self) -> bool {
        let hex = |s: &str| s.len() == 64 && s.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        hex(&self.id) && hex(&self.key) && hex(&self.sha256) && self.size > 0 && self.media_type.contains('/')
    }
}
