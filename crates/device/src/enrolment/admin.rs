//! The side that invites: an admin's device.

use super::{Handed, OPEN_MS, Standing, get, put, unreadable};
use crate::authoring;
use crate::device::{Device, Member, Person};
use crate::pins::Pins;
use crate::profile::storage;
use crate::relay::Relay;
use meguri_commands::enrol::offer::{Req, Res};
use meguri_commands::host::Host;
use meguri_commands::types::EnrolState;
use meguri_commands::{Code, Failure};
use meguri_replica::Replica;
use meguri_seal::enrol::digits;
use meguri_seal::{DevicePublic, EnrolSecret, Offer, Outcome, Reveal, Slot};
use meguri_wire::api::{PushFrame, PushRequest, PushResult};
use meguri_wire::cbor::Cbor;
use meguri_wire::control::DeviceRole;
use meguri_wire::ids::{DeviceId, FeedId, StaffId};

/// An offer under way.
pub(crate) struct Offering {
    id: String,
    url: String,
    /// The long secret of the QR code, and the short one for the telephone; each has a mailbox of its own.
    ways: [EnrolSecret; 2],
    offer: Offer,
    staff: StaffId,
    new_staff: bool,
    role: DeviceRole,
    person: Person,
    expires_ms: i64,
    step: Step,
}

enum Step {
    /// Nobody has come.
    Open,
    /// Somebody has committed in this way; our value is in slot 2.
    Answered { way: usize, commit: Vec<u8>, nonce: [u8; 32] },
    /// People compare.
    Compare { way: usize, keys: DevicePublic, digits: String },
    /// The certificate is out; the new device has not been heard yet.
    Signed { device: DeviceId, digits: String },
    /// Heard.
    Done { digits: String },
    /// Given up, or too late.
    Over,
}

impl Device {
    /// Makes an offer, or tells where it stands.
    pub(crate) fn offer_place(&self, req: &Req) -> Result<Res, Failure> {
        let replica = self.replica()?;
        let relay = self.relay(&replica)?;
        let mut enrolment = self.enrolment.lock();
        if let Some(wanted) = &req.offer_id {
            let offering = enrolment.offering.as_mut().filter(|o| o.id == *wanted).ok_or(Code::NotFound)?;
            let standing = self.offer_stands(&replica, &relay, offering)?;
            return Ok(answer(offering, standing));
        }
        let offering = self.open_offer(&replica, &relay, req)?;
        let offering = enrolment.offering.insert(offering);
        Ok(answer(offering, Standing { state: EnrolState::Waiting, digits: None }))
    }

    fn open_offer(&self, replica: &Replica, relay: &Relay, req: &Req) -> Result<Offering, Failure> {
        let member = Self::member(replica)?;
        let team = replica.team(&member.info.team).map_err(storage)?.ok_or_else(crate::device::team_awaited)?;
        let (staff, new_staff, person) = self.who(replica, &member, req)?;
        let mut rng = self.rng();
        let offer = Offer {
            head: team.head(),
            admin: member.secrets.public().map_err(|_| Code::Bug)?,
            relay_key: crate::engine::pinned_key(replica, relay)?,
        };
        let ways = [EnrolSecret::make_scanned(&mut rng), EnrolSecret::make_spoken(&mut rng)];
        for secret in &ways {
            let sealed = secret.seal_slot(Slot::Offer, &offer.to_bytes()).map_err(|_| Code::Bug)?;
            put(relay, secret, Slot::Offer, sealed, true)?;
        }
        let [scanned, _] = &ways;
        let url = format!("{}/#{}", self.relay_url()?, scanned.to_code().as_str());
        let id = meguri_commands::host::new_id(self).to_string();
        let expires_ms = self.now_ms() + OPEN_MS;
        let role = if req.admin == Some(true) { DeviceRole::Admin } else { DeviceRole::Member };
        Ok(Offering { id, url, ways, offer, staff, new_staff, role, person, expires_ms, step: Step::Open })
    }

    /// For whom: a new person, or one more device for oneself or a colleague.
    fn who(&self, replica: &Replica, member: &Member, req: &Req) -> Result<(StaffId, bool, Person), Failure> {
        if let Some(new) = &req.new_staff {
            if new.name.trim().is_empty() {
                return Err(Code::Refused.with("field", "name").with("reason", "empty"));
            }
            let mut staff = [0; 16];
            self.outside.env.fill_random(&mut staff);
            let person = Person { name: new.name.trim().to_owned(), profession: new.profession.clone() };
            return Ok((StaffId(staff), true, person));
        }
        match &req.staff_id {
            Some(staff) if *staff != member.info.staff.to_string() => colleague(replica, member, staff),
            Some(_) | None => Ok((member.info.staff, false, Self::person(replica)?)),
        }
    }

    fn offer_stands(&self, replica: &Replica, relay: &Relay, offering: &mut Offering) -> Result<Standing, Failure> {
        if self.now_ms() > offering.expires_ms && matches!(offering.step, Step::Open | Step::Answered { .. }) {
            offering.step = Step::Over;
        }
        if matches!(offering.step, Step::Open) {
            self.answer_commit(relay, offering)?;
        }
        if matches!(offering.step, Step::Answered { .. }) {
            Self::read_reveal(replica, relay, offering)?;
        }
        if let Step::Signed { device, digits } = &offering.step
            && Self::heard(replica, relay, device)?
        {
            offering.step = Step::Done { digits: digits.clone() };
        }
        Ok(match &offering.step {
            Step::Open | Step::Answered { .. } => Standing { state: EnrolState::Waiting, digits: None },
            Step::Compare { digits, .. } => Standing { state: EnrolState::Compare, digits: Some(digits.clone()) },
            Step::Signed { digits, .. } => Standing { state: EnrolState::Finishing, digits: Some(digits.clone()) },
            Step::Done { digits } => Standing { state: EnrolState::Done, digits: Some(digits.clone()) },
            Step::Over => Standing { state: EnrolState::Expired, digits: None },
        })
    }

    /// The first of the two mailboxes in which somebody has committed gets our value.
    fn answer_commit(&self, relay: &Relay, offering: &mut Offering) -> Result<(), Failure> {
        for (way, secret) in offering.ways.iter().enumerate() {
            let Some(sealed) = get(relay, secret, Slot::Commit)? else { continue };
            let commit = secret.open_slot(Slot::Commit, &sealed).map_err(unreadable)?;
            let nonce = self.nonce();
            let sealed = secret.seal_slot(Slot::Nonce, &nonce).map_err(|_| Code::Bug)?;
            put(relay, secret, Slot::Nonce, sealed, true)?;
            offering.step = Step::Answered { way, commit, nonce };
            break;
        }
        Ok(())
    }

    fn read_reveal(replica: &Replica, relay: &Relay, offering: &mut Offering) -> Result<(), Failure> {
        let Step::Answered { way, commit, nonce } = &offering.step else { return Ok(()) };
        let secret = offering.ways.get(*way).ok_or(Code::Bug)?;
        let Some(sealed) = get(relay, secret, Slot::Reveal)? else { return Ok(()) };
        let member = Self::member(replica)?;
        let plain = secret.open_slot_with(Slot::Reveal, member.secrets.kem(), &sealed).map_err(unreadable)?;
        let reveal = Reveal::from_bytes(&plain).map_err(unreadable)?;
        reveal.check(commit).map_err(unreadable)?;
        let commit: [u8; 32] = commit.as_slice().try_into().map_err(unreadable)?;
        let digits = digits(&reveal.nonce, nonce, &commit, &offering.offer).map_err(|_| Code::Bug)?;
        offering.step = Step::Compare { way: *way, keys: reveal.keys, digits };
        Ok(())
    }

    /// What the people who compared the digits say.
    pub(crate) fn approve_place(&self, offer_id: &str, digits_match: bool) -> Result<(), Failure> {
        let replica = self.replica()?;
        let relay = self.relay(&replica)?;
        let mut enrolment = self.enrolment.lock();
        let offering = enrolment.offering.as_mut().filter(|o| o.id == offer_id).ok_or(Code::NotFound)?;
        let Step::Compare { way, keys, digits } = &offering.step else { return Err(Code::NotFound.into()) };
        if !digits_match {
            offering.step = Step::Over;
            return Err(Code::DigitsDiffer.into());
        }
        let (way, keys, digits) = (*way, keys.clone(), digits.clone());
        let (certificate, device) = self.certify(&replica, &relay, offering, &keys)?;
        let directory = replica.directory().map_err(storage)?;
        let handed = Handed { person: offering.person.clone(), pins: hex::encode(Pins::of(&replica)?.to_bytes()) };
        let outcome = Outcome {
            certificate,
            directory: directory.as_ref().and_then(|d| d.hashes.first().copied()),
            roots: directory.map(|d| d.roots).unwrap_or_default(),
            pins: None,
            policy: serde_json::to_vec(&handed).map_err(|_| Code::Bug)?,
        };
        let secret = offering.ways.get(way).ok_or(Code::Bug)?;
        let sealed = secret
            .seal_slot_to(Slot::Outcome, &keys.kem_key, &outcome.to_bytes(), &mut self.rng())
            .map_err(|_| Code::Bug)?;
        put(&relay, secret, Slot::Outcome, sealed, true)?;
        offering.step = Step::Signed { device, digits };
        self.written();
        Ok(())
    }

    /// Signs and pushes the person, if new, and the device. The device's frame and id.
    fn certify(
        &self,
        replica: &Replica,
        relay: &Relay,
        offering: &Offering,
        keys: &DevicePublic,
    ) -> Result<(Vec<u8>, DeviceId), Failure> {
        self.round()?;
        let member = Self::member(replica)?;
        let team = replica.team(&member.info.team).map_err(storage)?.ok_or_else(crate::device::team_awaited)?;
        let generation = replica.newest_generation(&member.info.team).map_err(storage)?.ok_or(Code::NotEnrolled)?;
        if generation.gen_no != team.generations.len() as u64 {
            return Err(Code::RelayRefused.with("reason", "waiting"));
        }
        let signer = member.secrets.signer(&member.info.team).map_err(|_| Code::Bug)?;
        let name = offering.new_staff.then_some(offering.person.name.as_str());
        let newcomer = authoring::Newcomer { staff: offering.staff, name, role: offering.role, keys };
        let signed = authoring::add_device(&team, &generation, &signer, &newcomer, &mut self.rng())?;
        let certificate = signed.last().map(|s| s.frame.raw.clone()).ok_or(Code::Bug)?;
        let frames = signed.into_iter().map(|s| PushFrame { frame: s.frame.raw, attachments: s.attachments }).collect();
        let reply = relay.push(&PushRequest { frames }, None)?;
        for result in reply.results {
            match result {
                PushResult::Accepted { .. } => {}
                PushResult::Refused(error) => return Err(Code::RelayRefused.with("reason", error.code)),
                PushResult::Quarantined | PushResult::Skipped => return Err(Code::RelayRefused.into()),
            }
        }
        Ok((certificate, keys.id(&member.info.team)))
    }
}

impl Device {
    /// Whether the new device has said that it holds the team's feed and every chart that the team shares.
    fn heard(replica: &Replica, relay: &Relay, device: &DeviceId) -> Result<bool, Failure> {
        let acks = relay.heads(&[])?.acks;
        for ack in &acks {
            replica.put_ack(&ack.device, &ack.ack.feed, ack.ack.ssn).map_err(storage)?;
        }
        let team = Self::member(replica)?.info.team;
        let mut wanted = vec![team];
        for row in replica.spaces().map_err(storage)? {
            let shared = replica.space(&row.space).map_err(storage)?.is_some_and(|s| s.members.contains_key(&team));
            if shared {
                wanted.push(row.space);
            }
        }
        let holds = |feed: &FeedId| acks.iter().any(|ack| ack.device == *device && ack.ack.feed == *feed);
        Ok(wanted.iter().all(holds))
    }
}

/// A colleague of the team who is to have one more device.
fn colleague(replica: &Replica, member: &Member, staff: &str) -> Result<(StaffId, bool, Person), Failure> {
    let staff: StaffId = staff.parse().map_err(|_| Code::NotFound)?;
    let team = replica.team(&member.info.team).map_err(storage)?.ok_or_else(crate::device::team_awaited)?;
    let sealed = team.staff.get(&staff).filter(|state| state.removed.is_none()).ok_or(Code::NotFound)?;
    let card = replica.person(&member.info.team, &staff).map_err(storage)?;
    let generation = replica.newest_generation(&member.info.team).map_err(storage)?;
    let certified = generation.and_then(|generation| generation.open_name(&staff, &sealed.name).ok());
    let name = certified.filter(|_| card.name.is_empty()).unwrap_or(card.name);
    Ok((staff, false, Person { name, profession: card.profession }))
}

fn answer(offering: &Offering, standing: Standing) -> Res {
    let [_, spoken] = &offering.ways;
    Res {
        url: offering.url.clone(),
        code: spoken.to_code().to_string(),
        expires_ms: offering.expires_ms,
        offer_id: offering.id.clone(),
        digits: standing.digits,
        state: standing.state,
    }
}
