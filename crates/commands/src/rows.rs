//! Between the replica's rows and what screens read. No rule of a kind stands
//! here: bodies go through `meguri_clinical`'s registries.

mod administration;
mod authority;
mod bodies;
mod oversight;
mod patients;
mod people;
mod timeline;
mod writing;

pub(crate) use administration::{decide, intents, late, member_of, removable, team};
pub(crate) use authority::{may_manage, may_write};
pub(crate) use bodies::{Checked, check, chosen, conflicts, encode_body, encode_correction, encode_state, unanswered};
pub(crate) use oversight::{candidates, grants, keeps_manager, key_faults, note, noted, restore, struck_fields};
pub(crate) use patients::{curves, header, patients, similar_to, space_of, usual};
pub(crate) use people::{People, members, parked};
pub(crate) use timeline::{Page, mark_seen, news, timeline, unsent, versions, waiting};
pub(crate) use writing::{
    Writing, append, draft, draft_discard, draft_put, drafts, follow_up, found, open_entry, put_state, stored_body,
};

use crate::{Code, Failure};
use meguri_replica::ReplicaError;
use uuid::Uuid;

/// Fields of current state by key; no bytes take one away.
pub(crate) type Fields = Vec<(String, Option<Vec<u8>>)>;

/// An id of a patient, entry, draft or visit.
pub(crate) fn id(text: &str) -> Result<Uuid, Failure> {
    Uuid::parse_str(text).map_err(|_| Code::NotFound.into())
}

/// A storage error as a command's code.
pub(crate) fn storage(error: ReplicaError) -> Failure {
    match error {
        ReplicaError::BadKey => Code::WrongPassphrase,
        ReplicaError::Newer => Code::NewerProfile,
        ReplicaError::Corrupt => Code::DamagedProfile,
        ReplicaError::Full => Code::StorageFull,
        ReplicaError::NotFound => Code::NotFound,
        ReplicaError::TooLarge | ReplicaError::OtherPerson => Code::Refused,
        ReplicaError::NotReady => Code::NotEnrolled,
        ReplicaError::Exists | ReplicaError::Wire(_) | ReplicaError::Storage(_) => Code::Storage,
    }
    .into()
}

/// Standard base64 with padding; `None` when it is none.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let mut bits = 0u32;
    let mut held = 0u32;
    for byte in text.trim_end_matches('=').bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        held = (held << 6) | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push(u8::try_from((held >> bits) & 0xff).ok()?);
        }
    }
    Some(out)
}
