//! Keys that controls bring: seeds of the own team, epoch keys of spaces.

use meguri_seal::{EpochKey, EpochOpening, Generation, GenerationEnvelope};
use meguri_wire::control::{self, Body, SpaceBody, TeamBody};
use meguri_wire::feed::TeamState;
use meguri_wire::{Attachment, FeedId, Frame, Hash, TeamId};
use rusqlite::Connection;

use crate::device::{held_generation, read_device, read_epoch_key, read_generation, write_epoch_key, write_generation};
use crate::error::ReplicaError;
use crate::feeds::Feeds;

/// What the attachments beside a valid control gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Learned {
    /// Nothing was for this device.
    Nothing,
    /// A key that was not here.
    Key,
    /// Something for this device is missing, does not open, or to another key: a reason for a `Fault`, or for another
    /// generation.
    Fault,
}

/// Opens what a valid control holds for this device.
pub(crate) fn learn(
    conn: &Connection,
    feeds: &mut Feeds,
    frame: &Frame,
    attachments: &[Attachment],
) -> Result<Learned, ReplicaError> {
    let Some(control) = frame.control() else { return Ok(Learned::Nothing) };
    match &control.body {
        Body::Team(body) => learn_generation(conn, feeds, frame, body, attachments),
        Body::Space(body) => learn_epoch(conn, feeds, frame, body, attachments),
        Body::Directory(_) | Body::Unknown { .. } => Ok(Learned::Nothing),
    }
}

fn learn_generation(
    conn: &Connection,
    feeds: &Feeds,
    frame: &Frame,
    body: &TeamBody,
    attachments: &[Attachment],
) -> Result<Learned, ReplicaError> {
    let team = frame.feed();
    let Some((own, secrets)) = read_device(conn)? else { return Ok(Learned::Nothing) };
    let Some(state) = feeds.world.teams.get(&team).filter(|_| own.team == team) else { return Ok(Learned::Nothing) };
    let genesis = matches!(body, TeamBody::Genesis(_));
    let added = match body {
        TeamBody::AddDevice(body) => {
            meguri_wire::ids::device_id(&team, &body.keys.signing_key, &body.keys.kem_key_hash) == own.device
        }
        TeamBody::Genesis(_) | TeamBody::RemoveStaff(_) | TeamBody::RemoveDevice(_) => true,
        TeamBody::AddStaff(_) | TeamBody::Kit(_) => false,
    };
    let named = named_envelopes(body);
    let mine = |a: &&Attachment| state.recipient_device(&a.recipient) == Some(own.device) && named.contains(&a.hash());
    let Some((gen_no, generation)) = state.generation_at(state.tip()).filter(|_| added) else {
        return Ok(Learned::Nothing);
    };
    if held_generation(conn, state, gen_no)?.is_some() {
        return Ok(Learned::Nothing);
    }
    let Some(envelope) = attachments.iter().find(mine) else {
        // A restored relay may have lost it, a dishonest one keep it back: another generation heals both.
        let own = |recipient: &[u8; 16]| state.recipient_device(recipient) == Some(own.device);
        let lacks = matches!(body, TeamBody::AddDevice(_)) || recipients(body).any(|recipient| own(&recipient));
        return Ok(if lacks { Learned::Fault } else { Learned::Nothing });
    };
    let author = frame.author().map_or(envelope.recipient, |author| author.0);
    let bound = GenerationEnvelope {
        team: (!genesis).then_some(&team),
        gen_no,
        public_key: &generation.public_key,
        recipient: envelope.recipient,
        author,
    };
    let Ok(found) = Generation::open_envelope(secrets.kem(), &bound, &envelope.bytes) else {
        return Ok(Learned::Fault);
    };
    write_generation(conn, &team, &found)?;
    learn_previous(conn, state, found, body)?;
    Ok(Learned::Key)
}

/// Hashes of the envelopes a record names; KEM keys travel beside them.
fn named_envelopes(body: &TeamBody) -> Vec<Hash> {
    let of = |generation: &control::Generation| generation.envelopes.iter().map(|e| e.hash).collect();
    match body {
        TeamBody::Genesis(body) => of(&body.generation),
        TeamBody::RemoveDevice(body) => of(&body.generation),
        TeamBody::RemoveStaff(body) => of(&body.generation),
        TeamBody::AddDevice(body) => vec![body.envelope],
        TeamBody::Kit(_) | TeamBody::AddStaff(_) => Vec::new(),
    }
}

/// To whom the generation of a record is sealed.
fn recipients(body: &TeamBody) -> impl Iterator<Item = [u8; 16]> + '_ {
    let generation = match body {
        TeamBody::Genesis(body) => Some(&body.generation),
        TeamBody::RemoveDevice(body) => Some(&body.generation),
        TeamBody::RemoveStaff(body) => Some(&body.generation),
        TeamBody::AddDevice(_) | TeamBody::Kit(_) | TeamBody::AddStaff(_) => None,
    };
    generation.into_iter().flat_map(|generation| &generation.envelopes).map(|envelope| envelope.recipient)
}

/// The seed before, where the record carries it.
fn learn_previous(
    conn: &Connection,
    team: &TeamState,
    newest: Generation,
    body: &TeamBody,
) -> Result<(), ReplicaError> {
    let previous = match body {
        TeamBody::RemoveDevice(body) => &body.generation.previous,
        TeamBody::RemoveStaff(body) => &body.generation.previous,
        TeamBody::Genesis(_) | TeamBody::AddStaff(_) | TeamBody::AddDevice(_) | TeamBody::Kit(_) => return Ok(()),
    };
    match newest.open_previous(previous) {
        Ok(before) if held_generation(conn, team, before.gen_no)?.is_none() => {
            write_generation(conn, &team.id(), &before)
        }
        Ok(_) | Err(_) => Ok(()),
    }
}

fn learn_epoch(
    conn: &Connection,
    feeds: &mut Feeds,
    frame: &Frame,
    body: &SpaceBody,
    attachments: &[Attachment],
) -> Result<Learned, ReplicaError> {
    let space = frame.feed();
    let Some((own, _)) = read_device(conn)? else { return Ok(Learned::Nothing) };
    let Some(author) = frame.author() else { return Ok(Learned::Nothing) };
    let envelope = attachments.iter().find(|a| a.recipient == own.team.0);
    let Some(heads) = body.heads().filter(|_| seals_to(body, &own.team)) else { return Ok(Learned::Nothing) };
    let (n, kcv) = match feeds.space(conn, &space)? {
        Some(state) => (state.newest_epoch(), state.epoch(state.newest_epoch()).map(|e| e.kcv)),
        None => return Ok(Learned::Nothing),
    };
    let Some(kcv) = kcv else { return Ok(Learned::Nothing) };
    let head = heads.iter().find(|h| h.team.feed() == own.team);
    let gen_no = head.and_then(|h| feeds.world.teams.get(&own.team)?.generation_at(h.cseq)).map(|(gen_no, _)| gen_no);
    let Some(gen_no) = gen_no else { return Ok(Learned::Nothing) };
    let held = read_epoch_key(conn, &space, n)?;
    let fits = held.as_ref().is_some_and(|key| key.check(&kcv).is_ok());
    if held.is_some() && !fits {
        crate::former::put_key_away(conn, &space, n)?;
    }
    let known = match held.filter(|_| fits) {
        Some(key) => Some(key),
        None => crate::former::former_key(conn, &space, n, &kcv)?,
    };
    let key = match known {
        Some(key) => key,
        None => {
            let Some(generation) = read_generation(conn, &own.team, gen_no)? else {
                // Sealed before this device came: the newest generation makes a new key owed. Or its seed never reached it.
                let meant = |head: &control::CitedHead| {
                    let device = feeds.world.teams.get(&own.team).and_then(|team| team.device(&own.device));
                    device.is_some_and(|device| device.added <= head.cseq)
                };
                return Ok(if head.is_some_and(meant) { Learned::Fault } else { Learned::Nothing });
            };
            // A restored relay may have lost it, a dishonest one keep it back: a new epoch heals both.
            let Some(envelope) = envelope else { return Ok(Learned::Fault) };
            let opening = EpochOpening { feed: &space, n, kcv: &kcv, team: &own.team, author: &author };
            let Ok(key) = EpochKey::open_envelope(&generation, &opening, &envelope.bytes) else {
                return Ok(Learned::Fault);
            };
            key
        }
    };
    write_epoch_key(conn, &space, &key)?;
    unwrap_older(conn, feeds, &space, key)
}

/// Whether a record carries a key for a team.
fn seals_to(body: &SpaceBody, team: &TeamId) -> bool {
    match body {
        SpaceBody::Epoch(body) => body.recipients.iter().any(|envelope| envelope.recipient == team.0),
        SpaceBody::AddMember(body) => body.team == *team,
        SpaceBody::BreakGlass(body) => body.team == *team,
        SpaceBody::Genesis(_)
        | SpaceBody::SetRole(_)
        | SpaceBody::RemoveMember(_)
        | SpaceBody::Review(_)
        | SpaceBody::Fault(_)
        | SpaceBody::Admit(_)
        | SpaceBody::Repudiate(_)
        | SpaceBody::Archive(_) => false,
    }
}

/// Follows the wraps of the epochs known here, newest first.
fn unwrap_older(
    conn: &Connection,
    feeds: &mut Feeds,
    space: &FeedId,
    newest: EpochKey,
) -> Result<Learned, ReplicaError> {
    let Some(state) = feeds.space(conn, space)?.cloned() else { return Ok(Learned::Key) };
    let mut held = vec![newest];
    let mut learned = Learned::Key;
    while let Some(key) = held.pop() {
        for wrapped in wraps(conn, space, state.epoch(key.n).map(|e| e.cseq).and_then(|cseq| state.hash_at(cseq)))? {
            if read_epoch_key(conn, space, wrapped.m)?.is_some() {
                continue;
            }
            let Some(kcv) = state.epoch(wrapped.m).map(|e| e.kcv) else { continue };
            match key.unwrap(space, wrapped.m, &wrapped.sealed) {
                Ok(older) if older.check(&kcv).is_ok() => {
                    write_epoch_key(conn, space, &older)?;
                    held.push(older);
                }
                Ok(_) | Err(_) => learned = Learned::Fault,
            }
        }
    }
    Ok(learned)
}

fn wraps(
    conn: &Connection,
    space: &FeedId,
    id: Option<&meguri_wire::FrameId>,
) -> Result<Vec<control::Wrapped>, ReplicaError> {
    let found = crate::feeds::control(conn, space, id)?;
    Ok(match found.as_ref().and_then(|(_, frame)| frame.control()).map(|c| &c.body) {
        Some(Body::Space(SpaceBody::Epoch(epoch))) => epoch.wrapped.clone(),
        Some(_) | None => Vec::new(),
    })
}
