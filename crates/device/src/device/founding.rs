//! What begins with this device: a facility's team, and charts.

use super::{Device, META_CIRCLE, META_PERSON, META_RELAY, Member, Person};
use crate::authoring::{self, Signed};
use crate::profile::storage;
use crate::relay::Relay;
use meguri_commands::host::Host;
use meguri_commands::{Code, Failure};
use meguri_replica::{DeviceInfo, Replica};
use meguri_seal::{DeviceSecrets, Generation, Secret};
use meguri_wire::api::{PushFrame, PushRequest, PushResult};
use meguri_wire::cbor::{Cbor, In, Out};
use meguri_wire::control::{SpaceKind, TeamKind};
use meguri_wire::ids::{FrameId, SpaceId, StaffId, TeamId};
use meguri_wire::sign::Signer;
use meguri_wire::{Attachment, Frame};
use std::sync::Arc;
use uuid::Uuid;
use zeroize::Zeroizing;

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
    /// Keys and genesis are stored before the relay hears of them. After a crash, or an answer that got lost, the same
    /// call goes on with the same team, whatever name it is given now; only a refusal by the relay ends a founding.
    ///
    /// # Errors
    /// `locked`, `profile_exists` when the device has a team, `bad_setup_code`, `offline`, storage codes.
    pub fn found_team(&self, founding: &Founding, sponsor: Option<&Device>) -> Result<FrameId, Failure> {
        let replica = self.replica()?;
        let beginning = match Beginning::kept(&replica)? {
            Some(beginning) => beginning,
            None if replica.device().map_err(storage)?.is_some() => return Err(Code::ProfileExists.into()),
            None => self.begin_team(&replica, founding)?,
        };
        let team: TeamId = beginning.signed.frame.id.feed();
        let pushed = match sponsor {
            Some(sponsor) => {
                let relay = sponsor.relay(&*sponsor.replica()?)?;
                push_genesis(&relay, &beginning.signed, None)
            }
            None => {
                let signer: Arc<dyn Signer + Send + Sync> =
                    Arc::new(beginning.secrets.signer(&team).map_err(|_| Code::Bug)?);
                let relay = Relay::new(self.outside.net.clone(), &[&founding.relay_url], signer);
                push_genesis(&relay, &beginning.signed, Some(&founding.setup_code))
            }
        };
        if pushed.as_ref().is_err_and(never_taken) {
            replica.meta_put(META_BEGINNING, &[]).map_err(storage)?;
        }
        pushed?;
        let device = beginning.secrets.public().map_err(|_| Code::Bug)?.id(&team);
        let incarnation = self.incarnation()?;
        let info = DeviceInfo { device, team, staff: beginning.staff, incarnation };
        replica.put_generation(&team, &beginning.generation).map_err(storage)?;
        let person = serde_json::to_vec(&beginning.person).map_err(|_| Code::Bug)?;
        replica.meta_put(META_PERSON, &person).map_err(storage)?;
        replica.meta_put(META_RELAY, founding.relay_url.as_bytes()).map_err(storage)?;
        replica.set_device(&info, &beginning.secrets).map_err(storage)?;
        replica.meta_put(META_BEGINNING, &[]).map_err(storage)?;
        self.engine.lock().forget_relay();
        Ok(beginning.signed.frame.id)
    }

    fn begin_team(&self, replica: &Replica, founding: &Founding) -> Result<Beginning, Failure> {
        let mut rng = self.rng();
        let secrets = DeviceSecrets::make(&mut rng);
        let generation = Generation::make_first(&mut rng);
        let mut staff = [0u8; 16];
        self.outside.env.fill_random(&mut staff);
        let staff = StaffId(staff);
        let signed =
            authoring::team_genesis(TeamKind::Facility, staff, &founding.name, &secrets, &generation, &mut rng)?;
        let person = Person { name: founding.name.clone(), profession: founding.profession.clone() };
        let beginning = Beginning { secrets, generation, staff, person, signed };
        replica.meta_put(META_BEGINNING, &beginning.to_bytes()?).map_err(storage)?;
        Ok(beginning)
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
        let team = replica.team(&info.team).map_err(storage)?.ok_or_else(super::team_awaited)?;
        let signer = secrets.signer(&info.team).map_err(|_| Code::Bug)?;
        let genesis = authoring::space_genesis(SpaceKind::Chart, team.head(), &signer, &mut self.rng())?;
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

/// A team that the relay may or may not have heard of: everything it takes to go on.
struct Beginning {
    secrets: DeviceSecrets,
    generation: Generation,
    staff: StaffId,
    person: Person,
    signed: Signed,
}

const META_BEGINNING: &str = "founding";

impl Beginning {
    fn to_bytes(&self) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let mut out = Out::default();
        out.array(7);
        out.bytes(&self.secrets.to_bytes());
        out.bytes(self.generation.seed().bytes());
        self.staff.put(&mut out);
        out.text(&self.person.name);
        out.text(&self.person.profession);
        out.bytes(&self.signed.frame.raw);
        out.array(self.signed.attachments.len());
        for attachment in &self.signed.attachments {
            out.array(2);
            out.bytes(&attachment.recipient);
            out.bytes(&attachment.bytes);
        }
        Ok(Zeroizing::new(out.finish()))
    }

    fn kept(replica: &Replica) -> Result<Option<Beginning>, Failure> {
        let bytes = replica.meta_get(META_BEGINNING).map_err(storage)?.map(Zeroizing::new);
        let Some(bytes) = bytes.filter(|bytes| !bytes.is_empty()) else { return Ok(None) };
        Self::read(&bytes).map(Some).ok_or_else(|| Code::DamagedProfile.into())
    }

    fn read(bytes: &[u8]) -> Option<Beginning> {
        let mut input = In::new(bytes);
        input.array_of(7).ok()?;
        let secrets = DeviceSecrets::from_bytes(input.bytes().ok()?).ok()?;
        let generation = Generation::from_parts(1, Secret::from_slice(input.bytes().ok()?).ok()?);
        let staff = StaffId::take(&mut input).ok()?;
        let person = Person { name: input.text().ok()?.to_owned(), profession: input.text().ok()?.to_owned() };
        let frame = Frame::decode(input.bytes().ok()?).ok()?;
        let mut attachments = Vec::new();
        for _ in 0..input.array().ok()? {
            input.array_of(2).ok()?;
            let recipient = input.bytes().ok()?.try_into().ok()?;
            attachments.push(Attachment { recipient, bytes: input.bytes().ok()?.to_vec() });
        }
        Some(Beginning { secrets, generation, staff, person, signed: Signed { frame, attachments } })
    }
}

/// A refusal of a team the relay does not know. Anything else may have come after it was taken.
fn never_taken(failure: &Failure) -> bool {
    let sponsor = meguri_wire::Code::NotSponsored.text();
    failure.code == Code::BadSetupCode || failure.params.get("reason").is_some_and(|reason| reason == sponsor)
}

fn push_genesis(relay: &Relay, signed: &Signed, setup_code: Option<&str>) -> Result<(), Failure> {
    let frame = PushFrame { frame: signed.frame.raw.clone(), attachments: signed.attachments.clone() };
    let request = PushRequest { frames: vec![frame] };
    let reply = relay.push(&request, setup_code)?;
    match reply.results.into_iter().next() {
        Some(PushResult::Accepted { .. }) => Ok(()),
        Some(PushResult::Refused(error)) => Err(Code::BadSetupCode.with("reason", error.code)),
        Some(PushResult::Quarantined | PushResult::Skipped) | None => Err(Code::BadSetupCode.into()),
    }
}
