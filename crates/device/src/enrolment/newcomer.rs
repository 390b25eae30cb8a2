//! The side that joins: a device without a team, or one that becomes another.

use super::another::Becoming;
use super::{Handed, Standing, get, mistyped, put, unreadable};
use crate::device::{Device, META_PERSON, META_RELAY};
use crate::engine::META_RELAY_KEY;
use crate::pins::Pins;
use crate::profile::storage;
use crate::relay::Relay;
use meguri_commands::enrol::join::{Req, Res};
use meguri_commands::host::Host;
use meguri_commands::types::EnrolState;
use meguri_commands::{Code, Failure};
use meguri_replica::DeviceInfo;
use meguri_seal::enrol::{commit, digits};
use meguri_seal::{DeviceSecrets, EnrolSecret, Offer, Outcome, Reveal, Slot};
use meguri_wire::Frame;
use meguri_wire::cbor::Cbor;
use meguri_wire::control::{Body, TeamBody};
use meguri_wire::sign::Signer;
use std::sync::Arc;

/// Joining under way.
pub(crate) struct Joining {
    read: String,
    base: String,
    secret: EnrolSecret,
    pub(super) offer: Offer,
    pub(super) secrets: DeviceSecrets,
    nonce: [u8; 32],
    commit: [u8; 32],
    digits: Option<String>,
    done: bool,
}

impl Device {
    /// Joins by what was scanned or typed, or tells where it stands.
    pub(crate) fn join_team(&self, req: &Req) -> Result<Res, Failure> {
        let mut enrolment = self.enrolment.lock();
        let going_on = enrolment.joining.as_ref().is_some_and(|joining| joining.read == req.code_or_url);
        if !going_on {
            enrolment.joining = Some(self.begin_joining(req)?);
        }
        let joining = enrolment.joining.as_mut().ok_or(Code::Bug)?;
        let standing = self.joining_stands(joining)?;
        Ok(Res { digits: standing.digits, state: standing.state })
    }

    fn begin_joining(&self, req: &Req) -> Result<Joining, Failure> {
        let (base, code) = self.read_invitation(&req.code_or_url)?;
        let secret = EnrolSecret::from_code(code).map_err(mistyped)?;
        let relay = self.stranger(&base, &DeviceSecrets::make(&mut self.rng()))?;
        let sealed = get(&relay, &secret, Slot::Offer)?.ok_or(Code::EnrolExpired)?;
        let plain = secret.open_slot(Slot::Offer, &sealed).map_err(unreadable)?;
        let offer = Offer::from_bytes(&plain).map_err(unreadable)?;
        let secrets = self.keys_for(&req.passphrase, &offer)?;
        let nonce = self.nonce();
        let commit = commit(&nonce, &secrets.public().map_err(|_| Code::Bug)?);
        let sealed = secret.seal_slot(Slot::Commit, &commit).map_err(|_| Code::Bug)?;
        put(&relay, &secret, Slot::Commit, sealed, false)?;
        let read = req.code_or_url.clone();
        Ok(Joining { read, base, secret, offer, secrets, nonce, commit, digits: None, done: false })
    }

    /// Address and code of `https://relay/#CODE`; a bare code needs a relay that is set already.
    fn read_invitation<'a>(&self, text: &'a str) -> Result<(String, &'a str), Failure> {
        if let Some((base, code)) = text.trim().split_once('#') {
            let base = base.trim_end_matches('/');
            let plain = base.starts_with("https://") || base.starts_with("http://");
            return if plain { Ok((base.to_owned(), code)) } else { Err(Code::BadEnrolCode.with("reason", "address")) };
        }
        let kept = match self.background() {
            Ok(replica) => replica.meta_get(META_RELAY).map_err(storage)?,
            Err(_) => None,
        };
        let base = kept.and_then(|bytes| String::from_utf8(bytes).ok());
        Ok((base.ok_or_else(|| Code::BadEnrolCode.with("reason", "relay_unknown"))?, text.trim()))
    }

    /// The keys of the new device, in a profile made now or in the one that is here.
    fn keys_for(&self, passphrase: &str, offer: &Offer) -> Result<DeviceSecrets, Failure> {
        let fresh = DeviceSecrets::make(&mut self.rng());
        if !self.profile.exists() {
            return self.profile_create(passphrase).map(|_| fresh);
        }
        if self.background().is_err() {
            self.unlock_passphrase(passphrase)?;
        }
        match self.background()?.device_info().map_err(storage)? {
            Some(own) => self.keys_again(&own, passphrase, offer),
            None => Ok(fresh),
        }
    }

    /// A relay asked by nobody it knows; mailbox slots are read and written unsigned.
    fn stranger(&self, base: &str, secrets: &DeviceSecrets) -> Result<Relay, Failure> {
        let signer: Arc<dyn Signer + Send + Sync> = Arc::new(secrets.genesis_signer().map_err(|_| Code::Bug)?);
        Ok(Relay::new(self.outside.net.clone(), &[base], signer))
    }

    fn joining_stands(&self, joining: &mut Joining) -> Result<Standing, Failure> {
        let relay = self.stranger(&joining.base, &joining.secrets)?;
        if joining.digits.is_none() {
            self.reveal(&relay, joining)?;
        }
        if joining.digits.is_some() && !joining.done {
            self.take_outcome(&relay, joining)?;
        }
        let state = match (&joining.digits, joining.done) {
            (None, _) => EnrolState::Waiting,
            (Some(_), false) => EnrolState::Compare,
            (Some(_), true) => EnrolState::Done,
        };
        Ok(Standing { state, digits: joining.digits.clone() })
    }

    fn reveal(&self, relay: &Relay, joining: &mut Joining) -> Result<(), Failure> {
        let Some(sealed) = get(relay, &joining.secret, Slot::Nonce)? else { return Ok(()) };
        let admin = joining.secret.open_slot(Slot::Nonce, &sealed).map_err(unreadable)?;
        let admin: [u8; 32] = admin.as_slice().try_into().map_err(unreadable)?;
        let keys = joining.secrets.public().map_err(|_| Code::Bug)?;
        let plain = Reveal { nonce: joining.nonce, keys }.to_bytes();
        let kem_key = &joining.offer.admin.kem_key;
        let sealed = joining.secret.seal_slot_to(Slot::Reveal, kem_key, &plain, &mut self.rng()).map_err(unreadable)?;
        put(relay, &joining.secret, Slot::Reveal, sealed, false)?;
        let digits = digits(&joining.nonce, &admin, &joining.commit, &joining.offer).map_err(|_| Code::Bug)?;
        joining.digits = Some(digits);
        Ok(())
    }

    /// The certificate must be the inviting admin's, for this team and these keys.
    fn take_outcome(&self, relay: &Relay, joining: &mut Joining) -> Result<(), Failure> {
        let Some(sealed) = get(relay, &joining.secret, Slot::Outcome)? else { return Ok(()) };
        let plain = joining.secret.open_slot_with(Slot::Outcome, joining.secrets.kem(), &sealed).map_err(unreadable)?;
        let outcome = Outcome::from_bytes(&plain).map_err(unreadable)?;
        let frame = Frame::decode(&outcome.certificate).map_err(unreadable)?;
        frame.verify(&joining.offer.admin.signing_key).map_err(unreadable)?;
        let team = joining.offer.head.team.feed();
        let keys = joining.secrets.public().map_err(|_| Code::Bug)?;
        let staff = match frame.control().map(|control| &control.body) {
            Some(Body::Team(TeamBody::AddDevice(body))) if frame.feed() == team && body.keys == keys.keys() => {
                body.staff
            }
            Some(_) | None => return Err(unreadable(())),
        };
        let handed: Handed = serde_json::from_slice(&outcome.policy).map_err(unreadable)?;
        let pins = hex::decode(&handed.pins).map_err(unreadable)?;
        let pins = Pins::from_bytes(&pins).map_err(unreadable)?;
        let replica = self.background()?;
        let mut meta = pins.kept(outcome.directory.as_ref());
        meta.push((META_RELAY, joining.base.clone().into_bytes()));
        meta.push((META_RELAY_KEY, joining.offer.relay_key.to_vec()));
        let info = DeviceInfo { device: keys.id(&team), team, staff, incarnation: self.incarnation()? };
        if let Some(own) = replica.device_info().map_err(storage)? {
            self.certified_again(&replica, &own, &Becoming { info, joining, certificate: &frame, meta })?;
        } else {
            meta.push((META_PERSON, serde_json::to_vec(&handed.person).map_err(|_| Code::Bug)?));
            meta.iter().try_for_each(|(name, value)| replica.meta_put(name, value)).map_err(storage)?;
            replica.set_device(&info, &joining.secrets).map_err(storage)?;
            self.engine.lock().forget_relay();
        }
        joining.done = true;
        self.round()
    }
}
