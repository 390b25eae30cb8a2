//! A device that has a team is certified again, or becomes another one of the same person
//! (`docs/decisions/0015-becoming-another-device.md`).

use super::newcomer::Joining;
use crate::authoring;
use crate::device::Device;
use crate::profile::storage;
use meguri_commands::host::Host;
use meguri_commands::{Code, Failure};
use meguri_replica::{DeviceInfo, Replica, fault};
use meguri_seal::{DeviceSecrets, Offer};
use meguri_wire::Frame;
use meguri_wire::control::{CitedHead, SpaceKind};
use meguri_wire::ids::SpaceId;
use std::collections::BTreeMap;

/// The device as it is certified now.
pub(super) struct Becoming<'a> {
    pub(super) info: DeviceInfo,
    pub(super) joining: &'a Joining,
    pub(super) certificate: &'a Frame,
    /// Kept with it.
    pub(super) meta: Vec<(&'static str, Vec<u8>)>,
}

impl Device {
    /// The screen is open, and whoever asks knows the passphrase. A removed device hands in and leaves; it becomes nobody.
    fn may_become_another(&self, own: &DeviceInfo, passphrase: &str, offer: &Offer) -> Result<(), Failure> {
        if self.background()?.own_removal().map_err(storage)?.is_some() {
            return Err(Code::Removed.into());
        }
        self.replica()?;
        self.profile.check(passphrase, self.outside.keystore.as_ref())?;
        if offer.head.team.feed() == own.team { Ok(()) } else { Err(Code::OtherPerson.into()) }
    }

    /// The keys to be certified. A device that the relay does not know keeps its own: what it wrote into a store that was
    /// lost is valid again with its certificate. One that is known is left behind for fresh ones.
    pub(super) fn keys_again(
        &self,
        own: &DeviceInfo,
        passphrase: &str,
        offer: &Offer,
    ) -> Result<DeviceSecrets, Failure> {
        self.may_become_another(own, passphrase, offer)?;
        let replica = self.replica()?;
        match self.relay(&replica)?.heads(&[]) {
            Ok(_) => Ok(DeviceSecrets::make(&mut self.rng())),
            Err(failure) if failure.params.get("reason").is_some_and(|reason| reason == UNKNOWN) => {
                Ok(Self::member(&replica)?.secrets)
            }
            Err(failure) => Err(failure),
        }
    }

    /// Goes on under the new certificate, in one step of the replica.
    pub(super) fn certified_again(
        &self,
        replica: &Replica,
        own: &DeviceInfo,
        becoming: &Becoming<'_>,
    ) -> Result<(), Failure> {
        let Becoming { info, joining, certificate, meta } = becoming;
        if (own.team, own.staff) != (info.team, info.staff) {
            return Err(Code::OtherPerson.into());
        }
        let mut engine = self.engine.lock();
        fault::point("before becoming another");
        if own.device == info.device {
            meta.iter().try_for_each(|(name, value)| replica.meta_put(name, value)).map_err(storage)?;
        } else {
            let signer = joining.secrets.signer(&info.team).map_err(|_| Code::Bug)?;
            let cseq = certificate.control().ok_or(Code::Bug)?.cseq;
            let head = CitedHead { team: joining.offer.head.team, cseq, hash: certificate.id };
            let mut founded: BTreeMap<SpaceId, Frame> = BTreeMap::new();
            for row in replica.unfounded().map_err(storage)? {
                let genesis = authoring::space_genesis(SpaceKind::Chart, head.clone(), &signer, &mut self.rng())?;
                founded.insert(row.space, genesis);
            }
            replica.become_another(info, &joining.secrets, &founded, meta).map_err(storage)?;
        }
        fault::point("after becoming another");
        engine.forget_relay();
        self.log.note(self.now_ms(), "certified again", 1);
        Ok(())
    }
}

const UNKNOWN: &str = "unknown_author";
