//! What every device ever held to open charts with, and that it opens nothing which was not meant for it: by the ciphertext
//! itself, whatever screens, roles and relay say.

use crate::truth::Truth;
use crate::world::{Party, World};
use meguri_commands::host::Host;
use meguri_seal::{EpochKey, open_item};
use meguri_testkit::Person;
use meguri_wire::control::{Body, SpaceBody};
use meguri_wire::{DeviceId, Frame, SpaceId, TeamId};
use std::collections::{BTreeMap, BTreeSet};

/// Keys by device and chart, each once.
#[derive(Default)]
pub struct Held(BTreeMap<DeviceId, BTreeMap<SpaceId, Vec<EpochKey>>>);

impl Held {
    /// Remembers what is there now; what a device forgets later is not forgotten here.
    pub fn look(&mut self, person: &Person, party: &Party) {
        let Ok(replica) = person.device().replica() else { return };
        let device = self.0.entry(party.device).or_default();
        for row in replica.spaces().unwrap() {
            let known = device.entry(row.space).or_default();
            for key in replica.epoch_keys(&row.space).unwrap() {
                if !known.contains(&key) {
                    known.push(key);
                }
            }
        }
    }

    fn opens(&self, device: &DeviceId, space: &SpaceId, frame: &Frame) -> bool {
        let keys = self.0.get(device).and_then(|spaces| spaces.get(space)).map_or(&[][..], Vec::as_slice);
        let (Some(author), Some(item)) = (frame.author(), frame.item()) else { return false };
        // Any key, whatever number it carries.
        let named = |key: &EpochKey| EpochKey::from_parts(item.epoch, key.secret().clone());
        keys.iter().any(|key| open_item(&named(key), &author, item).is_ok())
    }
}

/// From which epoch on a device is shut out of a chart.
#[derive(Default)]
struct Shut {
    from: BTreeMap<DeviceId, u64>,
    /// Teams that were taken off and no epoch has followed.
    left: BTreeSet<TeamId>,
}

impl Shut {
    fn take(&mut self, world: &World, truth: &Truth, body: &SpaceBody) {
        let of_team = |team: &TeamId| world.parties.iter().filter(|p| p.team == *team).map(|p| p.device).collect();
        match body {
            SpaceBody::Epoch(epoch) => {
                for head in &epoch.heads {
                    let removed = truth.removed_of(&head.team.feed());
                    for (device, _) in removed.into_iter().filter(|(_, at)| *at <= head.cseq) {
                        self.from.entry(device).or_insert(epoch.n);
                    }
                }
                for team in std::mem::take(&mut self.left) {
                    let devices: Vec<DeviceId> = of_team(&team);
                    for device in devices {
                        self.from.entry(device).or_insert(epoch.n);
                    }
                }
            }
            SpaceBody::RemoveMember(gone) => drop(self.left.insert(gone.team)),
            SpaceBody::AddMember(come) => {
                // A new member gets everything; of its devices those that were removed are still shut out.
                let devices: Vec<DeviceId> = of_team(&come.team);
                self.from.retain(|device, _| !devices.contains(device) || truth.removal(device).is_some());
                self.left.remove(&come.team);
            }
            SpaceBody::Genesis(_)
            | SpaceBody::SetRole(_)
            | SpaceBody::BreakGlass(_)
            | SpaceBody::Review(_)
            | SpaceBody::Fault(_)
            | SpaceBody::Admit(_)
            | SpaceBody::Repudiate(_)
            | SpaceBody::Archive(_) => {}
        }
    }
}

impl World {
    /// Of each chart: what was written after the key was renewed opens for nobody who had gone. How many items were closed
    /// to somebody, and, so that this says something, how many open.
    pub fn shut_out(&self, truth: &Truth) -> (usize, usize) {
        let (mut closed, mut open) = (0, 0);
        for chart in truth.charts.values() {
            let Some(who) = chart.readers.first() else { continue };
            let replica = self.people[*who].device().replica().unwrap();
            let export = replica.chart_export(&chart.space, 0).unwrap().chart;
            let frames: Vec<Frame> =
                export.records.iter().map(|record| Frame::decode(&record.frame).unwrap()).collect();
            let mut shut = Shut::default();
            for body in frames.iter().filter_map(Frame::control).map(|control| &control.body) {
                if let Body::Space(body) = body {
                    shut.take(self, truth, body);
                }
            }
            for (device, from) in shut.from {
                for frame in frames.iter().filter(|frame| frame.item().is_some()) {
                    let opens = self.held.opens(&device, &chart.space, frame);
                    let after = frame.item().is_some_and(|item| item.epoch >= from);
                    assert!(
                        !(after && opens),
                        "{device}, shut out from epoch {from} of {}, opens {frame:?}",
                        chart.space
                    );
                    closed += usize::from(after);
                    open += usize::from(opens);
                }
            }
        }
        (closed, open)
    }
}
