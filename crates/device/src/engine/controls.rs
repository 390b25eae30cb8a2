//! Signing and offering controls: what a space owes, and what an administrator decided.

use super::{pinned_key, verified};
use crate::authoring::{self, Removed, Signed, Space};
use crate::device::{Device, Member};
use crate::local;
use crate::profile::storage;
use crate::relay::Relay;
use meguri_commands::{Code, Failure};
use meguri_replica::{Intent, IntentRow, Replica};
use meguri_seal::{DevicePublic, DeviceSecrets, EpochKey, Generation};
use meguri_sync::{EpochOutcome, Event};
use meguri_wire::api::{PushFrame, PushRequest, PushResult};
use meguri_wire::chain::Head;
use meguri_wire::control::{DeviceRole, RemoveMember, RemoveMemberReason, RemoveReason, Role};
use meguri_wire::feed::{SpaceState, Stop, TeamState, World};
use meguri_wire::ids::{FeedId, FrameId, SpaceId, TeamId};
use meguri_wire::sign::{Ed25519Signer, Signer};
use meguri_wire::{DeviceId, Hash};
use rand_core::CryptoRng;
use std::collections::BTreeMap;

impl Device {
    /// Publishes what a space owes: its genesis, its epoch, its members.
    pub(super) fn pay(&self, replica: &Replica, relay: &Relay, space: SpaceId) -> Result<Event, Failure> {
        let member = Self::member(replica)?;
        let signer = member.secrets.signer(&member.info.team).map_err(|_| Code::Bug)?;
        let wanted = replica.spaces().map_err(storage)?.into_iter().find(|row| row.space == space);
        let wanted = wanted.map(|row| row.members_wanted).unwrap_or_default();
        let kept = replica.space(&space).map_err(storage)?;
        let members: Vec<TeamId> =
            kept.as_ref().map_or(vec![member.info.team], |state| state.members.keys().copied().collect());
        let world = local::known(replica, members.into_iter().chain(wanted.iter().copied()))?;
        let genesis = replica.pending_genesis(&space).map_err(storage)?;
        let lost = Event::EpochDone { space, outcome: EpochOutcome::Lost, heads: Vec::new() };
        let state = match (&genesis, kept) {
            (_, Some(state)) => state,
            (Some(frame), None) => match SpaceState::begin(&world, frame) {
                Ok(state) => state,
                // It cites a state of the own team that is not here, as while that feed comes back to a new store.
                Err(_) => return Ok(lost),
            },
            (None, None) => return Err(Code::NotFound.into()),
        };
        let mut frames: Vec<Signed> =
            genesis.map(|frame| Signed { frame, attachments: Vec::new() }).into_iter().collect();
        let author = Space { state: &state, world: &world, signer: &signer };
        frames.extend(self.owed_controls(&author, replica, &world, &wanted)?);
        if frames.is_empty() {
            // Nothing is owed any more, or the key to wrap is not here: others can.
            return Ok(lost);
        }
        let (results, heads) = offer(replica, relay, frames)?;
        let refused = results.iter().find_map(|result| match result {
            PushResult::Refused(error) => Some(error.code),
            PushResult::Accepted { .. } | PushResult::Quarantined | PushResult::Skipped => None,
        });
        let outcome = match refused {
            None => EpochOutcome::Accepted,
            Some(meguri_wire::Code::Stale | meguri_wire::Code::ChainConflict) => EpochOutcome::Lost,
            Some(code) => EpochOutcome::Refused(code),
        };
        Ok(Event::EpochDone { space, outcome, heads })
    }

    fn owed_controls(
        &self,
        author: &Space<'_>,
        replica: &Replica,
        world: &dyn World,
        wanted: &[TeamId],
    ) -> Result<Vec<Signed>, Failure> {
        let mut rng = self.rng();
        let mut tip = author.tip()?;
        let mut out = Vec::new();
        let mut key = replica.epoch_key(&author.state.id()).map_err(storage)?;
        if author.state.owed(world) {
            let Some(older) = older_keys(replica, author.state, key.as_ref())? else { return Ok(Vec::new()) };
            let (signed, fresh, next) = author.epoch(tip, &older, &mut rng)?;
            out.push(signed);
            key = Some(fresh);
            tip = next;
        }
        let mut added = Vec::new();
        for team in wanted.iter().filter(|team| !author.state.members.contains_key(team)) {
            let Some(key) = &key else { break };
            if world.team(team).is_none() {
                continue;
            }
            let (signed, next) = author.add_member(tip, team, Role::Writer, &added, key, &mut rng)?;
            out.push(signed);
            added.push(*team);
            tip = next;
        }
        Ok(out)
    }

    /// Signs every decision on the newest state, control by control, and offers them feed by feed.
    pub(super) fn carry_out_intents(&self, replica: &Replica, relay: &Relay) -> Result<Event, Failure> {
        let member = Self::member(replica)?;
        let mut feeds: BTreeMap<FeedId, Vec<IntentRow>> = BTreeMap::new();
        for row in replica.intents().map_err(storage)?.into_iter().filter(|row| row.refused.is_none()) {
            feeds.entry(row.feed).or_default().push(row);
        }
        let (mut lost, mut heads) = (false, Vec::new());
        for (feed, rows) in feeds {
            let signed = if feed == member.info.team {
                self.sign_for_team(replica, &member, rows)?
            } else {
                self.sign_for_space(replica, &member, &feed, rows)?
            };
            if signed.is_empty() {
                continue;
            }
            let rows: Vec<(i64, FrameId)> = signed.iter().map(|(row, signed)| (*row, signed.frame.id)).collect();
            let frames = signed.into_iter().map(|(_, signed)| signed).collect();
            let (results, fresh) = offer(replica, relay, frames)?;
            heads.extend(fresh);
            let ends: Vec<bool> = (1..=rows.len())
                .map(|next| rows.get(next).map(|(row, _)| row) != rows.get(next - 1).map(|(row, _)| row))
                .collect();
            for (((row, control), result), ends) in rows.into_iter().zip(results).zip(ends) {
                // A decision of several controls is taken with its last one.
                if ends || !matches!(result, PushResult::Accepted { .. }) {
                    lost |= answered(replica, row, &control, &result)?;
                }
            }
        }
        let left = replica.open_intents().map_err(storage)?;
        Ok(Event::IntentsDone { left, lost, heads })
    }

    fn sign_for_team(
        &self,
        replica: &Replica,
        member: &Member,
        rows: Vec<IntentRow>,
    ) -> Result<Vec<(i64, Signed)>, Failure> {
        let team = member.info.team;
        let Some(state) = replica.team(&team).map_err(storage)? else { return Ok(Vec::new()) };
        let signer = member.secrets.signer(&team).map_err(|_| Code::Bug)?;
        let kem_keys = replica.kem_keys(&team).map_err(storage)?;
        let newest = state.generations.len() as u64;
        let current = replica.newest_generation(&team).map_err(storage)?;
        let held = current.as_ref().filter(|held| held.gen_no == newest);
        // One generation at a time: the next removal is signed once this one has come back with its seed.
        for row in rows {
            let (removed, reason) = match &row.intent {
                Intent::RemoveDevice(device, reason) => (Removed::Device(*device), *reason),
                Intent::RemoveStaff(staff, reason) => (Removed::Staff(*staff), *reason),
                Intent::Certify(record) => {
                    let Some(held) = held else { return Ok(Vec::new()) };
                    let signed = self.certify_again(replica, &state, held, &signer, record)?;
                    if signed.is_empty() {
                        replica.drop_intent(row.id).map_err(storage)?;
                        continue;
                    }
                    return Ok(signed.into_iter().map(|signed| (row.id, signed)).collect());
                }
                Intent::Renew(gen_no) => {
                    if *gen_no != newest || current.as_ref().is_some_and(|current| current.gen_no >= newest) {
                        replica.drop_intent(row.id).map_err(storage)?;
                        continue;
                    }
                    let (signed, next) = self.renew_generation(&state, &signer, &kem_keys)?;
                    replica.keep_generation(&team, &next).map_err(storage)?;
                    return Ok(signed.into_iter().map(|signed| (row.id, signed)).collect());
                }
                Intent::AddMember(..)
                | Intent::SetRole(_)
                | Intent::RemoveMember(_)
                | Intent::Admit(_)
                | Intent::Repudiate(_)
                | Intent::Fault(_) => {
                    replica.refuse_intent(row.id, meguri_wire::Code::WrongFeed).map_err(storage)?;
                    continue;
                }
            };
            if is_gone(&state, &removed) {
                replica.drop_intent(row.id).map_err(storage)?;
                continue;
            }
            // A newer one belongs to a feed that is still on its way back to a new store.
            if current.as_ref().is_some_and(|current| current.gen_no > newest) {
                return Ok(Vec::new());
            }
            let (signed, next) = authoring::remove(&state, held, &signer, removed, reason, &kem_keys, &mut self.rng())?;
            match state.check(&signed.frame) {
                Ok(_) => {
                    replica.keep_generation(&team, &next).map_err(storage)?;
                    return Ok(vec![(row.id, signed)]);
                }
                Err(stop) => replica.refuse_intent(row.id, stop.code()).map_err(storage)?,
            }
        }
        Ok(Vec::new())
    }

    /// Another generation of the team's key where the seed of the newest is not here and nobody need go: only a removal begins
    /// one, so it takes away again a device that is added with it, of which no key is kept (decision 17).
    fn renew_generation(
        &self,
        team: &TeamState,
        signer: &Ed25519Signer,
        kem_keys: &BTreeMap<Hash, Vec<u8>>,
    ) -> Result<(Vec<Signed>, Generation), Failure> {
        let mut rng = self.rng();
        let own = team.device(&DeviceId(signer.kid())).ok_or(Code::Bug)?;
        let keys = DeviceSecrets::make(&mut rng).public().map_err(|_| Code::Bug)?;
        let nobody = authoring::Newcomer { staff: own.staff, name: None, role: DeviceRole::Member, keys: &keys };
        let unread = Generation::make(team.generations.len() as u64, &mut rng);
        let mut signed = authoring::add_device(team, &unread, signer, &nobody, &mut rng)?;
        let mut with = team.clone();
        for added in &signed {
            let step = with.check(&added.frame).map_err(|stop| Code::RelayRefused.with("reason", stop.code()))?;
            with.apply(step);
        }
        let gone = Removed::Device(keys.id(&team.id()));
        let (removal, next) = authoring::remove(&with, None, signer, gone, RemoveReason::Retired, kem_keys, &mut rng)?;
        signed.push(removal);
        Ok((signed, next))
    }

    /// The person and the device of a certificate that is in no feed any more; nothing where the device is in the team or was
    /// removed, or the person was.
    fn certify_again(
        &self,
        replica: &Replica,
        team: &TeamState,
        generation: &Generation,
        signer: &Ed25519Signer,
        record: &FrameId,
    ) -> Result<Vec<Signed>, Failure> {
        let Some(lost) = replica.lost_certificate(record).map_err(storage)? else { return Ok(Vec::new()) };
        let keys = DevicePublic { signing_key: lost.body.keys.signing_key, kem_key: lost.kem_key };
        let staff = lost.body.staff;
        let person = team.staff.get(&staff);
        if team.device(&keys.id(&team.id())).is_some() || person.is_some_and(|person| person.removed.is_some()) {
            return Ok(Vec::new());
        }
        let card = replica.person(&team.id(), &staff).map_err(storage)?.name;
        let sealed = lost.sealed_name.filter(|_| card.is_empty());
        let name = sealed.and_then(|sealed| generation.open_name(&staff, &sealed).ok()).unwrap_or(card);
        let name = person.is_none().then_some(name.as_str());
        let newcomer = authoring::Newcomer { staff, name, role: lost.body.role, keys: &keys };
        authoring::add_device(team, generation, signer, &newcomer, &mut self.rng())
    }

    fn sign_for_space(
        &self,
        replica: &Replica,
        member: &Member,
        space: &SpaceId,
        rows: Vec<IntentRow>,
    ) -> Result<Vec<(i64, Signed)>, Failure> {
        let Some(mut state) = replica.space(space).map_err(storage)? else { return Ok(Vec::new()) };
        let newcomer = |row: &IntentRow| if let Intent::AddMember(team, _) = &row.intent { Some(*team) } else { None };
        let newcomers = rows.iter().filter_map(newcomer);
        let teams: Vec<TeamId> = state.members.keys().copied().chain(newcomers).collect();
        let world = local::known(replica, teams)?;
        let signer = member.secrets.signer(&member.info.team).map_err(|_| Code::Bug)?;
        let key = replica.epoch_key(space).map_err(storage)?;
        let mut out = Vec::new();
        for row in rows {
            if is_so(&state, &member.info.team, &row.intent) {
                replica.drop_intent(row.id).map_err(storage)?;
                continue;
            }
            let author = Space { state: &state, world: &world, signer: &signer };
            let Some(signed) = author.signed(&row.intent, key.as_ref(), &mut self.rng())? else { continue };
            match state.check(&world, &signed.frame) {
                Ok(step) => state.apply(step),
                Err(Stop::Waiting(_)) => continue,
                Err(Stop::Invalid(code)) => {
                    replica.refuse_intent(row.id, code).map_err(storage)?;
                    continue;
                }
            }
            out.push((row.id, signed));
        }
        Ok(out)
    }
}

impl Space<'_> {
    /// The control that makes it so; none while something for it is not here.
    fn signed(
        &self,
        intent: &Intent,
        key: Option<&EpochKey>,
        rng: &mut dyn CryptoRng,
    ) -> Result<Option<Signed>, Failure> {
        let tip = self.tip()?;
        let body = match intent {
            Intent::AddMember(team, role) => {
                let Some(key) = key.filter(|_| self.world.team(team).is_some()) else { return Ok(None) };
                return Ok(Some(self.add_member(tip, team, *role, &[], key, rng)?.0));
            }
            Intent::SetRole(body) => body.clone().into(),
            Intent::RemoveMember(team) => RemoveMember { team: *team, reason: RemoveMemberReason::Removed }.into(),
            Intent::Admit(body) => body.clone().into(),
            Intent::Repudiate(body) => body.clone().into(),
            Intent::Fault(body) => body.clone().into(),
            Intent::RemoveDevice(..) | Intent::RemoveStaff(..) | Intent::Certify(_) | Intent::Renew(_) => {
                return Ok(None);
            }
        };
        Ok(Some(self.plain(tip, body)?.0))
    }
}

/// The keys a new epoch wraps: the newest, and in a healing epoch all that are held. None when the newest is not here
/// and nobody has said that it cannot be had: others will.
fn older_keys(
    replica: &Replica,
    state: &SpaceState,
    newest: Option<&EpochKey>,
) -> Result<Option<Vec<EpochKey>>, Failure> {
    let n = state.newest_epoch();
    let faulted = state.faults.iter().any(|(epoch, _)| *epoch == n);
    if !faulted && let Some(newest) = newest {
        return Ok(Some(vec![newest.clone()]));
    }
    let held = replica.epoch_keys(&state.id()).map_err(storage)?;
    Ok((n == 0 || faulted).then_some(held))
}

fn is_gone(team: &TeamState, removed: &Removed) -> bool {
    match removed {
        Removed::Device(device) => team.device(device).is_none_or(|found| found.removed.is_some()),
        Removed::Staff(staff) => team.staff.get(staff).is_none_or(|found| found.removed.is_some()),
    }
}

/// Whether a space is as the decision wants it.
fn is_so(state: &SpaceState, own: &TeamId, intent: &Intent) -> bool {
    match intent {
        Intent::AddMember(team, _) => state.members.contains_key(team),
        Intent::SetRole(body) => state.members.get(&body.team).is_none_or(|member| member.role == body.role),
        Intent::RemoveMember(team) => !state.members.contains_key(team),
        Intent::Admit(body) => state.tail(&body.device).is_some_and(|tail| tail.dseq >= body.upto),
        Intent::Repudiate(body) => (body.from..=body.upto).all(|dseq| state.is_repudiated(&body.device, dseq)),
        // Who was taken off is given no key, and asks for none.
        Intent::Fault(body) => {
            let member = state.members.contains_key(own);
            !member || body.epoch < state.newest_epoch() || state.faults.contains(&(body.epoch, *own))
        }
        Intent::RemoveDevice(..) | Intent::RemoveStaff(..) | Intent::Certify(_) | Intent::Renew(_) => true,
    }
}

/// Takes the relay's answer to one decision; true if another control came first.
fn answered(replica: &Replica, row: i64, control: &FrameId, result: &PushResult) -> Result<bool, Failure> {
    use meguri_wire::Code as Wire;
    match result {
        PushResult::Accepted { .. } => replica.intent_sent(row, control).map_err(storage).map(|()| false),
        PushResult::Skipped | PushResult::Quarantined => Ok(true),
        PushResult::Refused(error) => {
            let passing =
                [Wire::Stale, Wire::Gap, Wire::BadHeads, Wire::BadPrevious, Wire::Rate, Wire::Storage, Wire::Quota];
            if passing.contains(&error.code) {
                return Ok(true);
            }
            replica.refuse_intent(row, error.code).map_err(storage).map(|()| false)
        }
    }
}

fn offer(replica: &Replica, relay: &Relay, frames: Vec<Signed>) -> Result<(Vec<PushResult>, Vec<Head>), Failure> {
    let frames = frames.into_iter().map(|s| PushFrame { frame: s.frame.raw, attachments: s.attachments }).collect();
    let reply = relay.push_into(local::store(replica)?, &PushRequest { frames })?;
    let heads = verified(&reply.heads, &pinned_key(replica, relay)?)?;
    Ok((reply.results, heads))
}
