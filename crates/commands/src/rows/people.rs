//! Who wrote, who shares, and what waits.

use super::storage;
use crate::host::Host;
use crate::space::members::{MemberDevice, MemberTeam};
use crate::sync::parked::Parked;
use crate::types::PersonRef;
use crate::{Code, Failure};
use meguri_replica::{PersonRow, Replica};
use meguri_wire::ids::{StaffId, TeamId};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Persons and facilities this device knows of.
pub(crate) struct People {
    me: PersonRef,
    facilities: BTreeMap<TeamId, String>,
    my_staff: StaffId,
}

impl People {
    pub(crate) fn load(host: &dyn Host, replica: &Replica) -> Result<People, Failure> {
        let status = host.profile_status()?;
        let me = status.me.ok_or(Code::NotEnrolled)?;
        let facilities = replica.facilities().map_err(storage)?.into_iter().collect();
        let (device, _) = replica.device().map_err(storage)?.ok_or(Code::NotEnrolled)?;
        Ok(People { me, facilities, my_staff: device.staff })
    }

    pub(crate) fn me(&self) -> PersonRef {
        self.me.clone()
    }

    pub(crate) fn person(&self, row: &PersonRow) -> PersonRef {
        if row.staff == self.my_staff {
            return self.me.clone();
        }
        PersonRef {
            staff_id: row.staff.to_string(),
            name: row.name.clone(),
            profession: row.profession.clone(),
            facility_id: row.team.to_string(),
            facility: self.facility(&row.team),
            is_me: false,
        }
    }

    pub(crate) fn facility(&self, team: &TeamId) -> String {
        self.facilities.get(team).cloned().unwrap_or_default()
    }

    pub(crate) fn facilities_of(&self, replica: &Replica, patient: Uuid) -> Result<Vec<(String, String)>, Failure> {
        let teams = replica.members(patient).map_err(storage)?;
        Ok(teams.into_iter().map(|m| (m.team.to_string(), self.facility(&m.team))).collect())
    }
}

pub(crate) fn members(replica: &Replica, people: &People, patient: Uuid) -> Result<Vec<MemberTeam>, Failure> {
    let rows = replica.members(patient).map_err(storage)?;
    Ok(rows
        .into_iter()
        .map(|row| MemberTeam {
            facility_id: row.team.to_string(),
            facility: people.facility(&row.team),
            role: row.role.into(),
            since: row.since_ms,
            added_by: row.by.as_ref().map(|by| people.person(by)),
            devices: row
                .devices
                .iter()
                .map(|device| MemberDevice {
                    person: people.person(&device.person),
                    last_heard_ms: device.last_heard_ms,
                    lacks: device.lacks,
                })
                .collect(),
        })
        .collect())
}

pub(crate) fn parked(replica: &Replica, people: &People) -> Result<Vec<Parked>, Failure> {
    let rows = replica.parked().map_err(storage)?;
    Ok(rows
        .into_iter()
        .map(|row| Parked {
            space: row.feed.to_string(),
            patient: row.patient.map(|p| p.to_string()),
            author: row.person.as_ref().map(|p| people.person(p)),
            reason: row.reason,
            at: row.at_ms,
        })
        .collect())
}
