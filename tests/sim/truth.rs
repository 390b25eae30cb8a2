//! Who is gone, which charts there are and who may read and write each, as the feeds say at the end.

use crate::tables;
use crate::world::World;
use meguri_commands::host::Host;
use meguri_wire::control::{Body, DeviceKeys, RemoveReason, Role, TeamBody};
use meguri_wire::feed::{SpaceState, TeamState};
use meguri_wire::ids::device_id;
use meguri_wire::{DeviceId, FrameId, SpaceId, StaffId, TeamId};
use std::collections::{BTreeMap, BTreeSet};

pub struct Chart {
    pub space: SpaceId,
    pub state: SpaceState,
    /// Installations of member teams that were not removed.
    pub readers: Vec<usize>,
}

impl Chart {
    pub fn role(&self, team: &TeamId) -> Option<Role> {
        self.state.members.get(team).map(|member| member.role)
    }
}

#[derive(Default)]
pub struct Truth {
    pub teams: BTreeMap<TeamId, TeamState>,
    /// Installations that a relay from a backup has forgotten, and nobody is left who could tell it of them.
    pub forgotten: BTreeSet<usize>,
    /// Installations that hold a removal the relay's new store lacks, and are shown that the removed go on: they follow no
    /// further until a person has looked at it (decision 13, 4).
    pub forked: BTreeSet<usize>,
    /// Installations that an emptied relay says were removed, and cannot show it: the removal took the place of a control of
    /// the team that they hold from the lost store, and they ask for what follows that. Not mended yet.
    pub unproven: BTreeSet<usize>,
    /// Devices that know of their removal by a store that was lost, when nobody else has the record.
    pub gone_with_store: BTreeMap<DeviceId, RemoveReason>,
    /// Who waits for a key of a chart that a lost relay had and the new one has not. Not mended yet: whoever lacks a key
    /// may renew it, and then those who hold it do not know that it is still wanted.
    pub keyless: BTreeSet<(usize, SpaceId)>,
    /// By patient.
    pub charts: BTreeMap<String, Chart>,
}

impl Truth {
    /// What the devices that are unlocked know together.
    pub fn of(world: &World) -> Truth {
        let mut truth = Truth::default();
        for (person, party) in world.people.iter().zip(&world.parties) {
            let Ok(replica) = person.device().replica() else { continue };
            let Some(state) = replica.team(&party.team).unwrap() else { continue };
            let known = truth.teams.get(&party.team).map_or(0, TeamState::tip);
            if state.tip() > known {
                truth.teams.insert(party.team, state);
            }
        }
        for (who, person) in world.people.iter().enumerate() {
            let Ok(replica) = person.device().replica() else { continue };
            if truth.removal(&world.parties[who].device).is_some() {
                continue;
            }
            for row in replica.spaces().unwrap() {
                let Some(state) = replica.space(&row.space).unwrap() else { continue };
                truth.learn(row.patient.to_string(), row.space, state);
            }
        }
        if !world.kept.losses.is_empty() {
            for (person, party) in world.people.iter().zip(&world.parties) {
                let door = person.call("profile.status", serde_json::json!({})).unwrap();
                let reason = match door["removed"]["reason"].as_str() {
                    Some("lost") => RemoveReason::Lost,
                    Some("retired") => RemoveReason::Retired,
                    Some("compromised") => RemoveReason::Compromised,
                    Some(_) | None => continue,
                };
                if truth.removal(&party.device).is_none() {
                    truth.gone_with_store.insert(party.device, reason);
                }
            }
            let own_key = |person: &meguri_testkit::Person| {
                let state = person.call("sync.status", serde_json::json!({})).unwrap_or_default();
                state["params"]["what"] == "own-key"
            };
            truth.forgotten = (0..world.people.len()).filter(|who| own_key(&world.people[*who])).collect();
        }
        let in_vain = |who: &usize| {
            let state = world.people[*who].call("sync.status", serde_json::json!({})).unwrap_or_default();
            world.emptied > 0 && state["params"]["what"] == "removal"
        };
        truth.unproven = (0..world.people.len()).filter(in_vain).collect();
        truth.forked = (0..world.people.len()).filter(|who| goes_on_removed(world, *who)).collect();
        let devices = world.parties.iter().map(|party| party.device);
        let gone: BTreeSet<DeviceId> = devices.filter(|device| truth.removal(device).is_some()).collect();
        for chart in truth.charts.values_mut() {
            for (who, party) in world.parties.iter().enumerate() {
                let gone = gone.contains(&party.device);
                let keyless = !world.kept.losses.is_empty()
                    && !gone
                    && tables::waits_for_key(world.people[who].folder(), &chart.space);
                if keyless {
                    truth.keyless.insert((who, chart.space));
                    continue;
                }
                let apart = [&truth.forgotten, &truth.forked, &truth.unproven];
                let apart = apart.iter().any(|apart| apart.contains(&who));
                if !gone && !apart && chart.state.members.contains_key(&party.team) {
                    chart.readers.push(who);
                }
            }
        }
        truth
    }

    fn learn(&mut self, patient: String, space: SpaceId, state: SpaceState) {
        let known = self.charts.get(&patient).map_or(0, |chart| chart.state.tip());
        if state.tip() > known {
            let chart = Chart { space, state, readers: Vec::new() };
            self.charts.insert(patient, chart);
        }
    }

    /// Why a device was removed.
    pub fn removal(&self, device: &DeviceId) -> Option<RemoveReason> {
        let removed = self.teams.values().find_map(|team| team.device(device)?.removed.as_ref());
        removed.map(|removal| removal.reason).or_else(|| self.gone_with_store.get(device).copied())
    }

    /// Removed devices of a team, with the control that did it.
    pub fn removed_of(&self, team: &TeamId) -> Vec<(DeviceId, u64)> {
        let devices = self.teams.get(team).into_iter().flat_map(|team| &team.devices);
        devices.filter_map(|(id, device)| Some((*id, device.removed.as_ref()?.cseq))).collect()
    }
}

/// Whether a device shows a fork for this reason: of the team it names, it holds a removal beside the feed, and others were
/// shown a control by whoever that removed.
fn goes_on_removed(world: &World, who: usize) -> bool {
    let state = world.people[who].call("sync.status", serde_json::json!({})).unwrap_or_default();
    if world.kept.losses.is_empty() || state["state"] != "fork" {
        return false;
    }
    let team: TeamId = state["params"]["feed"].as_str().unwrap().parse().unwrap();
    let folder = |who: usize| world.people[who].folder();
    let former = tables::frames(folder(who), "former", &team);
    let shown = (0..world.people.len()).map(|other| tables::frames(folder(other), "frame", &team));
    let shown = shown.max_by_key(Vec::len).unwrap_or_default();
    let mut people: BTreeMap<DeviceId, StaffId> = BTreeMap::new();
    let (mut devices, mut staff) = (BTreeSet::new(), BTreeSet::new());
    let mut keys = |staff: StaffId, keys: &DeviceKeys| {
        people.insert(device_id(&team, &keys.signing_key, &keys.kem_key_hash), staff);
    };
    for (frame, removes) in former.iter().map(|frame| (frame, true)).chain(shown.iter().map(|frame| (frame, false))) {
        match frame.control().map(|control| &control.body) {
            Some(Body::Team(TeamBody::Genesis(body))) => keys(body.staff, &body.keys),
            Some(Body::Team(TeamBody::AddDevice(body))) => keys(body.staff, &body.keys),
            Some(Body::Team(TeamBody::RemoveDevice(body))) if removes => drop(devices.insert(body.device)),
            Some(Body::Team(TeamBody::RemoveStaff(body))) if removes => drop(staff.insert(body.staff)),
            _ => {}
        }
    }
    let removed = |device: &DeviceId| devices.contains(device) || people.get(device).is_some_and(|p| staff.contains(p));
    let here = tables::frames(folder(who), "frame", &team);
    let known: BTreeSet<FrameId> = former.iter().chain(&here).map(|frame| frame.id).collect();
    shown.iter().any(|frame| !known.contains(&frame.id) && frame.author().is_some_and(|author| removed(&author)))
}

/// Whether a device knows of a renewal that is owed.
pub fn owes(world: &World, who: usize, space: &SpaceId) -> bool {
    let replica = world.people[who].device().replica().unwrap();
    let Some(state) = replica.space(space).unwrap() else { return true };
    replica.with_world(|known| state.owed(known) && known.directory().is_some()).unwrap()
}
