//! What begins with this device: a facility's team, and charts.

use super::{Device, META_CIRCLE, META_PERSON, META_RELAY, Member, Person};
use crate::authoring::{self, Signed};
use crate::profile::storage;
use crate::relay::Relay;
use meguri_commands::host::Host;
use meguri_commands::{Code, Failure};
use meguri_replica::{DeviceInfo, Replica};
use meguri_seal::{DeviceSecrets, Generation};
use meguri_wire::api::{PushFrame, PushRequest, PushResult};
use meguri_wire::control::{SpaceKind, TeamKind};
use meguri_wire::ids::{FrameId, SpaceId, StaffId, TeamId};
use meguri_wire::sign::Signer;
use std::sync::Arc;
use uuid::Uuid;

/// A facility and its first person.
#[derive(Clone)]
pub struct Founding {
    /// Address of the relay.
    pub relay_url: String,
    /// The one-time code of the relay's operator.
    pub setup_code: String,
    /// The person's name.
    pub name: String,
    /// Profession code (vocabulary C.3).
    pub profession: String,
}

impl std::fmt::Debug for Founding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Founding")
    }
}

impl Device {
    /// Founds a facility's team with this device as its first. Its genesis is pushed under the setup code, or by a
    /// `sponsor`: a device of a listed facility.
    /// The whole genesis id goes to the operator, who lists the facility.
    ///
    /// # Errors
    /// `locked`, `profile_exists` when the device has a team, `bad_setup_code`, `offline`, storage codes.
    pub fn found_team(&self, founding: &Founding, sponsor: Option<&Device>) -> Result<FrameId, Failure> {
        let replica = self.replica()?;
        if replica.device().map_err(storage)?.is_some() {
            return Err(Code::ProfileExists.into());
        }
        let mut rng = self.rng();
        let secrets = DeviceSecrets::make(&mut rng);
        let generation = Generation::make_first(&mut rng);
        let mut staff = [0u8; 16];
        self.outside.env.fill_random(&mut staff);
        let staff = StaffId(staff);
        let signed =
            authoring::team_genesis(TeamKind::Facility, staff, &founding.name, &secrets, &generation, &mut rng)?;
        let team: TeamId = signed.frame.id.feed();
        let device = secrets.public().map_err(|_| Code::Bug)?.id(&team);
        let signer: Arc<dyn Signer + Send + Sync> = Arc::new(secrets.signer(&team).map_err(|_| Code::Bug)?);
        let id = signed.frame.id;
        match sponsor {
            Some(sponsor) => {
                let relay = sponsor.relay(&*sponsor.replica()?, &founding.relay_url)?;
                push_genesis(&relay, signed, None)?;
            }
            None => {
                let relay = Relay::new(self.outside.net.clone(), &founding.relay_url, signer);
                push_genesis(&relay, signed, Some(&founding.setup_code))?;
            }
        }
        let info = DeviceInfo { device, team, staff, incarnation: [0; 8] };
        replica.set_device(&info, &secrets).map_err(storage)?;
        replica.put_generation(&team, &generation).map_err(storage)?;
        let person = Person { name: founding.name.clone(), profession: founding.profession.clone() };
        let person = serde_json::to_vec(&person).map_err(|_| Code::Bug)?;
        replica.meta_put(META_PERSON, &person).map_err(storage)?;
        replica.meta_put(META_RELAY, founding.relay_url.as_bytes()).map_err(storage)?;
        self.engine.lock().forget_relay();
        Ok(id)
    }

    /// The facilities that new charts are shared with.
    ///
    /// # Errors
    /// `locked`, storage codes.
    pub fn set_circle(&self, teams: &[TeamId]) -> Result<(), Failure> {
        let bytes: Vec<u8> = teams.iter().flat_map(|team| team.0).collect();
        self.replica()?.meta_put(META_CIRCLE, &bytes).map_err(storage)
    }

    /// Signs the genesis of a chart; its first epoch and members follow when it is sent.
    pub(super) fn sign_chart(
        &self,
        replica: &Replica,
        patient: Uuid,
        members: &[TeamId],
    ) -> Result<meguri_replica::Founding, Failure> {
        let Member { info, secrets } = Self::member(replica)?;
        let team = replica.team(&info.team).map_err(storage)?.ok_or(Code::NotEnrolled)?;
        let signer = secrets.signer(&info.team).map_err(|_| Code::Bug)?;
        let genesis = authoring::space_genesis(SpaceKind::Chart, &team, &signer, &mut self.rng())?;
        let members = members.iter().copied().filter(|member| *member != info.team).collect();
        Ok(meguri_replica::Founding { patient, genesis, members })
    }

    /// This person's name card, unless the space has it.
    pub(super) fn card(&self, space: &SpaceId) -> Result<Option<(String, Vec<u8>)>, Failure> {
        let replica = self.replica()?;
        let Member { info, .. } = Self::member(&replica)?;
        let person = Self::person(&replica)?;
        let key = format!("name-card/{}/card", info.staff);
        let mut bytes = Vec::new();
        let mut out = minicbor::Encoder::new(&mut bytes);
        out.map(2)
            .and_then(|out| out.str("name")?.str(&person.name)?.str("profession")?.str(&person.profession))
            .map_err(|_| Code::Bug)?;
        let row = replica.spaces().map_err(storage)?.into_iter().find(|row| row.space == *space);
        let kept = match row {
            Some(row) => replica.state_values(row.patient, &key).map_err(storage)?,
            None => Vec::new(),
        };
        let there = kept.iter().any(|(_, values)| values.iter().any(|value| value.bytes == bytes));
        Ok((!there).then_some((key, bytes)))
    }
}

fn push_genesis(relay: &Relay, signed: Signed, setup_code: Option<&str>) -> Result<(), Failure> {
    let request = PushRequest { frames: vec![PushFrame { frame: signed.frame.raw, attachments: signed.attachments }] };
    let reply = relay.push(&request, setup_code)?;
    match reply.results.into_iter().next() {
        Some(PushResult::Accepted { .. }) => Ok(()),
        Some(PushResult::Refused(error)) => Err(Code::BadSetupCode.with("reason", error.code)),
        Some(PushResult::Quarantined | PushResult::Skipped) | None => Err(Code::BadSetupCode.into()),
    }
}
