//! Which attachments a record names, and who is served them.

use std::collections::HashMap;

use meguri_wire::control::{Body, Generation, SpaceBody, TeamBody};
use meguri_wire::feed::TeamState;
use meguri_wire::{Attachment, Code, DeviceId, Frame, Hash, TeamId, limits};

use crate::store::AttachmentRow;

/// An attachment a record names.
struct Named {
    hash: Hash,
    audience: [u8; 16],
}

/// Picks what the record names out of what was sent beside it. `team` is the
/// state after the record, for records of a team.
///
/// # Errors
/// [`Code::MissingAttachment`] unless `lenient`, [`Code::TooLarge`].
pub(super) fn pick(
    frame: &Frame,
    team: Option<&TeamState>,
    sent: &[Attachment],
    lenient: bool,
) -> Result<Vec<AttachmentRow>, Code> {
    let Some(control) = frame.control() else {
        return Ok(Vec::new());
    };
    // A removal in a large team names hundreds: each is hashed once.
    let sent: HashMap<Hash, &Attachment> = sent.iter().rev().map(|sent| (sent.hash(), sent)).collect();
    let mut picked = Vec::new();
    for named in named(&control.body, &frame.feed(), team) {
        match sent.get(&named.hash) {
            Some(found) if found.bytes.len() > limits::ATTACHMENT_BYTES_MAX => {
                return Err(Code::TooLarge);
            }
            Some(found) => picked.push(AttachmentRow {
                recipient: found.recipient,
                audience: named.audience,
                bytes: found.bytes.clone(),
            }),
            None if lenient => {}
            None => return Err(Code::MissingAttachment),
        }
    }
    Ok(picked)
}

fn named(body: &Body, feed: &TeamId, team: Option<&TeamState>) -> Vec<Named> {
    match body {
        Body::Team(body) => of_team(body, feed, team),
        Body::Space(body) => of_space(body),
        Body::Directory(_) | Body::Unknown { .. } => Vec::new(),
    }
}

/// KEM keys are for all devices of the team; an envelope for its device, and one
/// to a Kit for the team, which keeps it for the day it is needed.
fn of_team(body: &TeamBody, feed: &TeamId, team: Option<&TeamState>) -> Vec<Named> {
    let all = |hash: Hash| Named { hash, audience: feed.0 };
    let generation = |generation: &Generation| -> Vec<Named> {
        let one = |envelope: &meguri_wire::control::Envelope| {
            let device = team.and_then(|team| team.recipient_device(&envelope.recipient));
            Named { hash: envelope.hash, audience: device.map_or(feed.0, |device| device.0) }
        };
        generation.envelopes.iter().map(one).collect()
    };
    match body {
        TeamBody::Genesis(body) => {
            let mut named = generation(&body.generation);
            named.push(all(body.keys.kem_key_hash));
            named
        }
        TeamBody::AddStaff(_) => Vec::new(),
        TeamBody::RemoveStaff(body) => generation(&body.generation),
        TeamBody::RemoveDevice(body) => generation(&body.generation),
        TeamBody::AddDevice(body) => {
            let key = &body.keys;
            let device = meguri_wire::ids::device_id(feed, &key.signing_key, &key.kem_key_hash);
            vec![envelope_for(device, body.envelope), all(key.kem_key_hash)]
        }
        TeamBody::Kit(body) => vec![all(body.envelope), all(body.kem_key_hash)],
    }
}

fn envelope_for(device: DeviceId, hash: Hash) -> Named {
    Named { hash, audience: device.0 }
}

fn of_space(body: &SpaceBody) -> Vec<Named> {
    let to = |team: &TeamId, hash: Hash| Named { hash, audience: team.0 };
    match body {
        SpaceBody::AddMember(body) => vec![to(&body.team, body.envelope)],
        SpaceBody::BreakGlass(body) => vec![to(&body.team, body.envelope)],
        SpaceBody::Epoch(body) => {
            let one = |e: &meguri_wire::control::Envelope| to(&TeamId::from(e.recipient), e.hash);
            body.recipients.iter().map(one).collect()
        }
        SpaceBody::Genesis(_)
        | SpaceBody::SetRole(_)
        | SpaceBody::RemoveMember(_)
        | SpaceBody::Review(_)
        | SpaceBody::Fault(_)
        | SpaceBody::Admit(_)
        | SpaceBody::Repudiate(_)
        | SpaceBody::Archive(_) => Vec::new(),
    }
}
