//! The installation: profile, session and sync loop behind `commands::Host`.

mod as_host;
mod chart_export;
mod founding;
mod pictures;

pub use chart_export::ChartExported;
pub use founding::Founding;

use crate::engine::{Engine, Shared};
use crate::enrolment::Enrolment;
use crate::env::{Env, EnvRng};
use crate::farewell::Farewell;
use crate::keystore::Keystore;
use crate::log::DeviceLog;
use crate::net::Net;
use crate::pin::Pin;
use crate::profile::{Profile, storage};
use crate::session::Session;
use meguri_commands::profile::status::Demo;
use meguri_commands::{Code, Failure};
use meguri_replica::{DeviceInfo, Replica};
use meguri_seal::DeviceSecrets;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::Arc;

/// What the outside gives an installation.
#[derive(Clone)]
pub struct Outside {
    /// Clock and randomness.
    pub env: Arc<dyn Env>,
    /// Network.
    pub net: Arc<dyn Net>,
    /// OS keystore.
    pub keystore: Arc<dyn Keystore>,
}

impl std::fmt::Debug for Outside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Outside")
    }
}

/// One running installation.
#[derive(Debug)]
pub struct Device {
    pub(crate) outside: Outside,
    pub(crate) profile: Profile,
    pub(crate) log: DeviceLog,
    pub(crate) session: Mutex<Session>,
    pub(crate) engine: Mutex<Engine>,
    pub(crate) shared: Shared,
    pub(crate) enrolment: Mutex<Enrolment>,
    demo: Option<Demo>,
}

/// The person of this profile; kept in the database.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) profession: String,
}

/// A device which belongs to a team.
pub(crate) struct Member {
    pub(crate) info: DeviceInfo,
    pub(crate) secrets: DeviceSecrets,
}

/// The own team's feed is not here: it comes back to a relay that lost it.
pub(crate) fn team_awaited() -> Failure {
    Code::RelayRefused.with("reason", "waiting")
}

pub(crate) const META_PIN: &str = "pin";
pub(crate) const META_PERSON: &str = "person";
pub(crate) const META_RELAY: &str = "relay";
pub(crate) const META_CIRCLE: &str = "circle";

impl Device {
    /// Takes a profile folder. Nothing is unlocked.
    ///
    /// # Errors
    /// `busy`, storage codes.
    pub fn hold(folder: &Path, outside: Outside) -> Result<Device, Failure> {
        let profile = Profile::hold(folder)?;
        if Farewell::left_in(folder).is_some() {
            // A crash came between.
            profile.destroy()?;
        }
        let log = DeviceLog::open(folder);
        let demo = std::fs::read(folder.join("demo.json")).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Ok(Device {
            outside,
            profile,
            log,
            session: Mutex::default(),
            engine: Mutex::default(),
            shared: Shared::default(),
            enrolment: Mutex::default(),
            demo,
        })
    }

    /// Marks this profile as the demo's: its unlock screen shows these secrets.
    ///
    /// # Errors
    /// Storage codes.
    pub fn mark_demo(folder: &Path, demo: &Demo) -> Result<(), Failure> {
        let bytes = serde_json::to_vec(demo).map_err(|_| Code::Bug)?;
        crate::profile::write_whole(&folder.join("demo.json"), &bytes)
    }

    /// The demo's secrets, if this is the demo.
    #[must_use]
    pub fn demo(&self) -> Option<&Demo> {
        self.demo.as_ref()
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.outside.env.now_ms()
    }

    pub(crate) fn rng(&self) -> EnvRng {
        EnvRng(self.outside.env.clone())
    }

    /// The replica behind a locked screen too; for the sync loop.
    pub(crate) fn background(&self) -> Result<Arc<Replica>, Failure> {
        let mut session = self.session.lock();
        session.expire(self.now_ms());
        session.background().ok_or_else(|| Code::Locked.into())
    }

    pub(crate) fn member(replica: &Replica) -> Result<Member, Failure> {
        let (info, secrets) = replica.device().map_err(storage)?.ok_or(Code::NotEnrolled)?;
        Ok(Member { info, secrets })
    }

    pub(crate) fn person(replica: &Replica) -> Result<Person, Failure> {
        let bytes = replica.meta_get(META_PERSON).map_err(storage)?.ok_or(Code::NotEnrolled)?;
        serde_json::from_slice(&bytes).map_err(|_| Code::DamagedProfile.into())
    }

    fn kept_pin(replica: &Replica) -> Result<Option<Pin>, Failure> {
        let bytes = replica.meta_get(META_PIN).map_err(storage)?;
        Ok(bytes.and_then(|b| String::from_utf8(b).ok()).and_then(|pin| Pin::new(&pin).ok()))
    }

    /// Opens the session. A device that was removed stays locked and only goes on handing in.
    fn begin(&self, replica: Replica) -> Result<(), Failure> {
        let pin = Self::kept_pin(&replica)?;
        let incarnation = self.incarnation()?;
        replica.set_incarnation(incarnation).map_err(storage)?;
        self.session.lock().begin(Arc::new(replica), pin, self.now_ms());
        self.log.note(self.now_ms(), "unlocked", 1);
        self.stays_locked()
    }

    /// # Errors
    /// `removed`, and the screen is locked.
    fn stays_locked(&self) -> Result<(), Failure> {
        if self.background()?.own_removal().map_err(storage)?.is_none() {
            return Ok(());
        }
        self.session.lock().lock_screen();
        Err(Code::Removed.into())
    }

    /// Another copy of this profile writes too (`chain_conflict`). What was sealed here and not taken is sealed again
    /// behind the copy's items by the replica; from now on changes carry an incarnation that the copy has not.
    pub(crate) fn live_anew(&self, replica: &Replica) -> Result<(), Failure> {
        let mut fresh = [0u8; 8];
        self.outside.env.fill_random(&mut fresh);
        if self.profile.needs_keystore()? {
            self.outside.keystore.put(&format!("{} incarnation", self.profile.keystore_name()), &fresh)?;
        }
        self.log.note(self.now_ms(), "cloned", 1);
        replica.set_incarnation(fresh).map_err(storage)
    }

    /// Which of possibly several copies of this profile this is; kept in the OS keystore, never in the folder. A profile
    /// without a keystore takes a new one at every start: safe, if wordy.
    pub(crate) fn incarnation(&self) -> Result<[u8; 8], Failure> {
        let name = format!("{} incarnation", self.profile.keystore_name());
        let keyed = self.profile.needs_keystore()?;
        let kept = if keyed { self.outside.keystore.get(&name)? } else { None };
        if let Some(kept) = kept.and_then(|bytes| <[u8; 8]>::try_from(bytes).ok()) {
            return Ok(kept);
        }
        let mut fresh = [0u8; 8];
        self.outside.env.fill_random(&mut fresh);
        if keyed {
            self.outside.keystore.put(&name, &fresh)?;
        }
        Ok(fresh)
    }
}
