//! Who stands behind a device, and what a control does, in words.

use std::collections::{BTreeMap, HashMap};

use meguri_wire::control::{Body, DirectoryBody, RemoveReason, Role, SpaceBody, TeamBody};
use meguri_wire::feed::Known;
use meguri_wire::ids::device_id;
use meguri_wire::{Control, DeviceId, FeedId, StaffId, TeamId};

use crate::report::Author;

/// Devices and names of the region.
pub(crate) struct People {
    devices: HashMap<DeviceId, Author>,
    names: BTreeMap<StaffId, String>,
    facilities: BTreeMap<TeamId, String>,
}

impl People {
    pub(crate) fn of(world: &Known, names: &[(StaffId, String)]) -> Self {
        let names: BTreeMap<StaffId, String> = names.iter().cloned().collect();
        let listed = world.directory.iter().flat_map(|directory| directory.facilities.iter());
        let facilities: BTreeMap<TeamId, String> =
            listed.map(|(team, facility)| (*team, facility.name.clone())).collect();
        let mut people = Self { devices: HashMap::new(), names, facilities };
        for (team, state) in &world.teams {
            for (device, found) in &state.devices {
                let author = Author {
                    device: *device,
                    staff: found.staff,
                    team: *team,
                    name: people.name(&found.staff),
                    facility: people.facility(team),
                };
                people.devices.insert(*device, author);
            }
        }
        people
    }

    pub(crate) fn author(&self, device: &DeviceId) -> Option<Author> {
        self.devices.get(device).cloned()
    }

    fn name(&self, staff: &StaffId) -> String {
        self.names.get(staff).cloned().unwrap_or_default()
    }

    fn facility(&self, team: &TeamId) -> String {
        self.facilities.get(team).cloned().unwrap_or_default()
    }

    fn person(&self, staff: &StaffId) -> String {
        named("person", staff, &self.name(staff))
    }

    fn device(&self, device: &DeviceId) -> String {
        let of = self.devices.get(device).map(|author| format!(" of {}", self.person(&author.staff)));
        format!("device {device}{}", of.unwrap_or_default())
    }

    fn team(&self, team: &TeamId) -> String {
        named("team", team, &self.facility(team))
    }

    /// What a control of `feed` does.
    pub(crate) fn words(&self, feed: &FeedId, control: &Control) -> String {
        match &control.body {
            Body::Directory(body) => self.directory_words(body),
            Body::Team(body) => self.team_words(feed, body),
            Body::Space(body) => self.space_words(body),
            Body::Unknown { kind, .. } => format!("control of kind {kind}, which this program does not know"),
        }
    }

    fn directory_words(&self, body: &DirectoryBody) -> String {
        match body {
            DirectoryBody::Genesis(body) => format!("begins the region \"{}\"", body.name),
            DirectoryBody::AddFacility(body) => format!("lists \"{}\" as team {}", body.name, body.team.feed()),
            DirectoryBody::SuspendFacility(body) => {
                let verb = if body.suspended { "suspends" } else { "no longer suspends" };
                format!("{verb} {}", self.team(&body.team.feed()))
            }
            DirectoryBody::RootChange(body) => {
                format!("changes the root keys: {} of {} sign", body.threshold, body.roots.len())
            }
            DirectoryBody::Relay(body) => format!("names the relay at {}", body.urls.join(" ")),
            DirectoryBody::Pack(body) => format!("sets the region's rules {}", body.hash),
            DirectoryBody::Notice(_) => "publishes a notice".to_owned(),
            DirectoryBody::MinVersion(body) => format!("asks for program version {}", body.version),
        }
    }

    fn team_words(&self, team: &TeamId, body: &TeamBody) -> String {
        match body {
            TeamBody::Genesis(body) => format!("begins {} with {}", self.team(team), self.person(&body.staff)),
            TeamBody::AddStaff(body) => format!("adds {}", self.person(&body.staff)),
            TeamBody::RemoveStaff(body) => {
                format!("removes {} ({})", self.person(&body.staff), reason(body.reason))
            }
            TeamBody::AddDevice(body) => {
                let device = device_id(team, &body.keys.signing_key, &body.keys.kem_key_hash);
                format!("adds device {device} for {}", self.person(&body.staff))
            }
            TeamBody::RemoveDevice(body) => {
                format!("removes {} ({})", self.device(&body.device), reason(body.reason))
            }
            TeamBody::Kit(_) => "lays down a recovery kit".to_owned(),
        }
    }

    fn space_words(&self, body: &SpaceBody) -> String {
        match body {
            SpaceBody::Genesis(body) => format!("begins the chart for {}", self.team(&body.team)),
            SpaceBody::AddMember(body) => format!("adds {} as {}", self.team(&body.team), role(body.role)),
            SpaceBody::SetRole(body) => format!("makes {} {}", self.team(&body.team), role(body.role)),
            SpaceBody::RemoveMember(body) => format!("removes {}", self.team(&body.team)),
            SpaceBody::Epoch(body) => {
                format!("changes the key: epoch {}, for {} teams", body.n, body.recipients.len())
            }
            SpaceBody::BreakGlass(body) => format!("breaks the glass for {}", self.team(&body.team)),
            SpaceBody::Review(body) => format!("has reviewed the broken glass of control {}", body.break_glass),
            SpaceBody::Fault(body) => format!("says that the key of epoch {} does not open", body.epoch),
            SpaceBody::Admit(body) => {
                format!("admits late items of {} up to {}", self.device(&body.device), body.upto)
            }
            SpaceBody::Repudiate(body) => {
                format!("strikes through items {} to {} of {}", body.from, body.upto, self.device(&body.device))
            }
            SpaceBody::Archive(_) => "closes the chart".to_owned(),
        }
    }
}

fn named(what: &str, id: &dyn std::fmt::Display, name: &str) -> String {
    if name.is_empty() { format!("{what} {id}") } else { format!("{what} {id} \"{name}\"") }
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Reader => "reader",
        Role::Writer => "writer",
        Role::Manager => "manager",
    }
}

fn reason(reason: RemoveReason) -> &'static str {
    match reason {
        RemoveReason::Lost => "lost",
        RemoveReason::Retired => "retired",
        RemoveReason::Compromised => "compromised",
    }
}
