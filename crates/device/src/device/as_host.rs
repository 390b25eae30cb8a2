//! `commands::Host` for a [`Device`].

use super::{Device, META_CIRCLE, META_PIN, META_RELAY};
use crate::farewell::Farewell;
use crate::pin::Pin;
use crate::profile::storage;
use meguri_commands::host::{Host, Needs};
use meguri_commands::types::{PersonRef, SyncStatus};
use meguri_commands::{Code, Failure, blob, enrol, profile};
use meguri_replica::{Founding, Replica};
use meguri_wire::control::DeviceRole;
use meguri_wire::ids::{SpaceId, TeamId};
use std::sync::Arc;
use uuid::Uuid;

impl Host for Device {
    fn now_ms(&self) -> i64 {
        self.outside.env.now_ms()
    }

    fn zone_min(&self) -> i32 {
        self.outside.env.zone_min()
    }

    fn fill_random(&self, out: &mut [u8]) {
        self.outside.env.fill_random(out);
    }

    fn gate(&self, needs: Needs) -> Result<(), Failure> {
        if needs == Needs::Nothing {
            return Ok(());
        }
        let replica = self.replica()?;
        if needs == Needs::Unlocked {
            return Ok(());
        }
        let member = Self::member(&replica)?;
        let team = replica.team(&member.info.team).map_err(storage)?;
        let Some(team) = team else {
            return if needs == Needs::Admin { Err(Code::NotAllowed.into()) } else { Ok(()) };
        };
        let device = team.device(&member.info.device);
        match device {
            Some(device) if device.removed.is_some() => Err(Code::Removed.into()),
            Some(device) if needs == Needs::Admin && device.role != DeviceRole::Admin => Err(Code::NotAllowed.into()),
            Some(_) => Ok(()),
            None if needs == Needs::Admin => Err(Code::NotAllowed.into()),
            None => Ok(()),
        }
    }

    fn replica(&self) -> Result<Arc<Replica>, Failure> {
        let mut session = self.session.lock();
        session.expire(self.now_ms());
        session.screen()
    }

    fn profile_status(&self) -> Result<profile::status::Res, Failure> {
        let now = self.now_ms();
        let (replica, locked, (pin_set, left, wait)) = {
            let mut session = self.session.lock();
            session.expire(now);
            (session.background(), session.screen_locked(), session.pin(now))
        };
        let me = match &replica {
            Some(replica) if !locked => self.me(replica)?,
            Some(_) | None => None,
        };
        Ok(profile::status::Res {
            exists: self.profile.exists(),
            unlocked: replica.is_some() && !locked,
            screen_locked: locked,
            pin_set,
            pin_misses_left: left,
            pin_wait_ms: wait,
            keystore: self.outside.keystore.present(),
            demo: self.demo().cloned(),
            me,
            removed: self.removed(replica.as_deref())?,
        })
    }

    fn profile_create(&self, passphrase: &str) -> Result<profile::create::Res, Failure> {
        let opened = self.profile.create(passphrase, self.outside.keystore.as_ref(), &mut self.rng())?;
        let strength = opened.strength;
        self.begin(opened.replica)?;
        Ok(profile::create::Res { strength })
    }

    fn unlock_passphrase(&self, passphrase: &str) -> Result<(), Failure> {
        if self.background().is_ok() {
            self.profile.check(passphrase, self.outside.keystore.as_ref())?;
            self.session.lock().unlock_screen(self.now_ms());
            return self.stays_locked();
        }
        let replica = self.profile.open(passphrase, self.outside.keystore.as_ref())?;
        self.begin(replica)
    }

    fn unlock_pin(&self, pin: &str) -> Result<(), Failure> {
        let now = self.now_ms();
        {
            let mut session = self.session.lock();
            session.expire(now);
            session.unlock_pin(pin, now)?;
        }
        self.stays_locked()
    }

    fn lock(&self, drop: bool) -> Result<(), Failure> {
        let mut session = self.session.lock();
        if drop {
            session.end();
        } else {
            session.lock_screen();
        }
        Ok(())
    }

    fn set_pin(&self, pin: &str) -> Result<(), Failure> {
        let fresh = Pin::new(pin)?;
        self.replica()?.meta_put(META_PIN, pin.as_bytes()).map_err(storage)?;
        self.session.lock().set_pin(fresh);
        Ok(())
    }

    fn found_chart(&self, patient: Uuid) -> Result<Founding, Failure> {
        let replica = self.replica()?;
        let circle = replica.meta_get(META_CIRCLE).map_err(storage)?.unwrap_or_default();
        let teams: Vec<TeamId> = circle.chunks_exact(16).filter_map(|id| TeamId::from_slice(id).ok()).collect();
        self.sign_chart(&replica, patient, &teams)
    }

    fn name_card(&self, space: &SpaceId) -> Result<Option<(String, Vec<u8>)>, Failure> {
        self.card(space)
    }

    fn opened(&self, patient: Uuid) {
        self.chart_opened(patient);
    }

    fn written(&self) {
        self.tell_written();
    }

    fn blob_put(&self, bytes: &[u8], media_type: &str) -> Result<blob::put::Res, Failure> {
        self.keep_picture(bytes, media_type)
    }

    fn blob_url(&self, req: &blob::read::Req) -> Result<String, Failure> {
        let id: meguri_wire::ids::BlobId = req.blob_id.parse().map_err(|_| Code::NotFound)?;
        let entry = Uuid::parse_str(&req.entry_id).map_err(|_| Code::NotFound)?;
        if req.thumb.unwrap_or(false) {
            let thumb = self.thumb_of(&id, entry)?;
            return Ok(format!("/blob/{thumb}?entry={entry}&thumb=1"));
        }
        Ok(format!("/blob/{id}?entry={entry}"))
    }

    fn device_log(&self) -> String {
        self.log.text()
    }

    fn sync_now(&self) -> Result<SyncStatus, Failure> {
        self.round()?;
        self.status()
    }

    fn sync_status(&self) -> Result<SyncStatus, Failure> {
        self.status()
    }

    fn enrol_offer(&self, req: &enrol::offer::Req) -> Result<enrol::offer::Res, Failure> {
        self.offer_place(req)
    }

    fn enrol_join(&self, req: &enrol::join::Req) -> Result<enrol::join::Res, Failure> {
        self.join_team(req)
    }

    fn enrol_approve(&self, offer_id: &str, digits_match: bool) -> Result<(), Failure> {
        self.approve_place(offer_id, digits_match)
    }

    fn relay_url(&self) -> Result<String, Failure> {
        let bytes = self.replica()?.meta_get(META_RELAY).map_err(storage)?;
        Ok(bytes.and_then(|b| String::from_utf8(b).ok()).unwrap_or_default())
    }
}

impl Device {
    /// What is to be said of a removal at the door: of this profile, or of the one that was here.
    fn removed(&self, replica: Option<&Replica>) -> Result<Option<profile::status::Removed>, Failure> {
        let Some(replica) = replica else {
            let told = Farewell::left_in(self.profile.folder()).filter(|_| !self.profile.exists());
            return Ok(told.map(|told| profile::status::Removed {
                at_ms: told.at_ms,
                reason: told.reason,
                handed_in: u32::try_from(told.handed_in).unwrap_or(u32::MAX),
                left: 0,
            }));
        };
        let Some(removal) = replica.own_removal().map_err(storage)? else { return Ok(None) };
        let count = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
        Ok(Some(profile::status::Removed {
            at_ms: removal.at_ms,
            reason: removal.reason.into(),
            handed_in: count(replica.farewell_answered().map_err(storage)?),
            left: count(replica.farewell_left().map_err(storage)?),
        }))
    }

    fn me(&self, replica: &Replica) -> Result<Option<PersonRef>, Failure> {
        let (Ok(member), Ok(person)) = (Self::member(replica), Self::person(replica)) else { return Ok(None) };
        let facilities = replica.facilities().map_err(storage)?;
        let facility = facilities.into_iter().find(|(team, _)| *team == member.info.team);
        Ok(Some(PersonRef {
            staff_id: member.info.staff.to_string(),
            name: person.name,
            profession: person.profession,
            facility_id: member.info.team.to_string(),
            facility: facility.map(|(_, name)| name).unwrap_or_default(),
            is_me: true,
        }))
    }
}
